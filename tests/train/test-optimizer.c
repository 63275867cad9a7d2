#include "engine/train/optimizer.h"
#include "engine/train/schedule.h"
#include "tests/nn/net.h"

#include <math.h>
#include <string.h>

/* Four steps from the same weights with the same gradients, beside torch.optim (LARS: its paper's formula). The decay is
 * for the matrix alone. */
static void
check (const char *name, KinUpdate update)
{
  static const gsize matrix[] = { 3, 4 }, vector[] = { 5 };
  g_autofree char *w_name = g_strdup_printf ("optimizer-%s-w", name), *b_name = g_strdup_printf ("optimizer-%s-b", name);
  g_autofree float *w0 = net_load ("nn", "optimizer-w0", NULL), *b0 = net_load ("nn", "optimizer-b0", NULL);
  g_autofree float *dw = net_load ("nn", "optimizer-dw", NULL), *db = net_load ("nn", "optimizer-db", NULL);
  g_autofree float *w = net_load ("nn", w_name, NULL), *b = net_load ("nn", b_name, NULL);
  KinLayout *layout = kin_layout_new ();
  g_autoptr (KinPool) pool = kin_pool_new (2);
  gsize at_w, at_b;
  g_autofree float *parameters = NULL, *gradients = NULL, *slots = NULL;

  kin_layout_add (layout, g_strdup ("w"), 2, matrix, FALSE);
  kin_layout_add (layout, g_strdup ("b"), 1, vector, TRUE);
  at_w = kin_layout_get (layout, 0)->offset;
  at_b = kin_layout_get (layout, 1)->offset;
  parameters = g_new0 (float, layout->n);
  gradients = g_new0 (float, layout->n);
  slots = g_new0 (float, 2 * layout->n);
  memcpy (parameters + at_w, w0, 12 * sizeof (float));
  memcpy (parameters + at_b, b0, 5 * sizeof (float));
  for (update.step = 1; update.step <= 4; update.step++)
    {
      memcpy (gradients + at_w, dw + 12 * (update.step - 1), 12 * sizeof (float));
      memcpy (gradients + at_b, db + 5 * (update.step - 1), 5 * sizeof (float));
      kin_optimizer_update (&update, layout, pool, parameters, gradients, slots);
    }
  net_assert_close (w_name, parameters + at_w, w, 12, 2e-6);
  net_assert_close (b_name, parameters + at_b, b, 5, 2e-6);
  kin_layout_free (layout);
}

static void
test_pytorch (void)
{
  check ("adamw", (KinUpdate){ .kind = KIN_OPTIMIZER_ADAMW, .learning_rate = 0.01, .weight_decay = 0.05 });
  check ("sgd", (KinUpdate){ .kind = KIN_OPTIMIZER_SGD, .learning_rate = 0.1, .momentum = 0.9, .weight_decay = 0.05 });
  check ("nesterov", (KinUpdate){ .kind = KIN_OPTIMIZER_SGD, .learning_rate = 0.1, .momentum = 0.9, .nesterov = TRUE,
                                  .weight_decay = 0.05 });
  check ("lars", (KinUpdate){ .kind = KIN_OPTIMIZER_LARS, .learning_rate = 10, .momentum = 0.9, .weight_decay = 0.05 });
}

static void
test_schedule (void)
{
  g_assert_cmpfloat (kin_schedule_rate (KIN_SCHEDULE_CONSTANT, 0.3, 77, 100, 0), ==, 0.3);
  g_assert_cmpfloat_with_epsilon (kin_schedule_rate (KIN_SCHEDULE_COSINE, 1, 5, 100, 10), 0.5, 1e-12);
  g_assert_cmpfloat_with_epsilon (kin_schedule_rate (KIN_SCHEDULE_COSINE, 1, 10, 100, 10), 1, 1e-12);
  g_assert_cmpfloat_with_epsilon (kin_schedule_rate (KIN_SCHEDULE_COSINE, 1, 11, 100, 10), 1, 1e-12);
  g_assert_cmpfloat_with_epsilon (kin_schedule_rate (KIN_SCHEDULE_COSINE, 1, 56, 100, 10), 0.5, 1e-12);
  g_assert_cmpfloat (kin_schedule_rate (KIN_SCHEDULE_COSINE, 1, 100, 100, 10), <, 1e-3);
  g_assert_cmpfloat (kin_schedule_rate (KIN_SCHEDULE_COSINE, 1, 100, 100, 10), >, 0);
  for (guint step = 2; step <= 100; step++)
    g_assert_cmpfloat (kin_schedule_rate (KIN_SCHEDULE_COSINE, 1, step, 100, 0), <,
                       kin_schedule_rate (KIN_SCHEDULE_COSINE, 1, step - 1, 100, 0));
  /* A warm-up that is longer than the run never divides by nothing. */
  g_assert_cmpfloat_with_epsilon (kin_schedule_rate (KIN_SCHEDULE_COSINE, 1, 5, 5, 10), 0.5, 1e-12);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/optimizer/pytorch", test_pytorch);
  g_test_add_func ("/schedule/values", test_schedule);
  return g_test_run ();
}
