/* Layers, and a whole step of conv4, against PyTorch's numbers (fixtures/make-nn.py). float32 on both sides: sums of a few
 * hundred products agree to about 1e-5 of their size. */

#include "engine/loss/normalize.h"
#include "engine/loss/ntxent.h"
#include "engine/nn/encoder.h"
#include "engine/train/optimizer.h"
#include "tests/nn/net.h"

#include <math.h>
#include <string.h>

static const double TOLERANCE = 1e-5;

static void
assert_fixture (const char *name, const real *values, gsize n, double tolerance)
{
  gsize n_expected;
  g_autofree real *expected = net_load ("nn", name, &n_expected);

  g_assert_cmpuint (n, ==, n_expected);
  net_assert_close (name, values, expected, n, tolerance);
}

static void
set_parameter (Net *net, guint slice, const char *fixture)
{
  gsize n;
  g_autofree real *values = net_load ("nn", fixture, &n);
  const KinSlice *at = kin_layout_get (net->network->parameters, slice);

  g_assert_cmpuint (n, ==, at->n);
  memcpy (net->parameters + at->offset, values, n * sizeof (real));
}

static void
assert_gradient (const Net *net, guint slice, const char *fixture)
{
  const KinSlice *at = kin_layout_get (net->network->parameters, slice);

  assert_fixture (fixture, net->gradients + at->offset, at->n, TOLERANCE);
}

/* A convolution behind one that copies its input, so that dx exists to be looked at. */
static void
test_conv (gconstpointer data)
{
  guint kernel = GPOINTER_TO_UINT (data) / 10, stride = GPOINTER_TO_UINT (data) % 10;
  KinNetwork *network = kin_network_new (2);
  guint copy = kin_network_conv (network, 0, "copy", 2, 1, 1);
  guint node = kin_network_conv (network, copy, "conv", 4, kernel, stride);
  g_autofree char *prefix = g_strdup_printf ("conv%us%u", kernel, stride);
  const char *const parts[] = { "x", "w", "y", "dy", "dx", "dw" };
  char *names[G_N_ELEMENTS (parts)];
  g_autofree real *x = NULL, *y = NULL, *dy = NULL, *dx = NULL;
  gsize n;
  Net net;

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    names[i] = g_strdup_printf ("%s-%s", prefix, parts[i]);
  net_init (&net, network, KIN_TAPE_TRAIN, 3, 9, 2);
  memcpy (net.parameters + kin_layout_get (network->parameters, 0)->offset, (real[]){ 1, 0, 0, 1 }, 4 * sizeof (real));
  set_parameter (&net, 1, names[1]);
  x = net_load ("nn", names[0], NULL);
  dy = net_load ("nn", names[3], NULL);
  net_set_images (&net, x);
  g_assert_true (kin_network_forward (&net.pass));
  y = net_dup_data (&net, node);
  net_set_output_gradient (&net, dy);
  /* The last layer alone: its input's gradient is looked at before the copy's way back uses its memory. */
  kin_network_get (network, node)->layer->backward (&net.pass, node);
  dx = net_dup_gradient (&net, copy);
  g_free (net_load ("nn", names[2], &n));
  assert_fixture (names[2], y, n, TOLERANCE);
  assert_fixture (names[4], dx, 3 * 2 * 81, TOLERANCE);
  assert_gradient (&net, 1, names[5]);
  net_clear (&net);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    g_free (names[i]);
}

static KinNetwork *
norm_network (guint *node)
{
  KinNetwork *network = kin_network_new (4);
  guint copy = kin_network_conv (network, 0, "copy", 4, 1, 1);

  *node = kin_network_norm (network, copy, "norm", TRUE);
  return network;
}

static void
set_norm (Net *net, const real *u)
{
  real *copy = net->parameters + kin_layout_get (net->network->parameters, 0)->offset;

  memset (copy, 0, 16 * sizeof (real));
  for (guint c = 0; c < 4; c++)
    copy[5 * c] = 1;
  set_parameter (net, 1, "norm-gamma");
  set_parameter (net, 2, "norm-beta");
  net_set_images (net, u);
}

static void
test_norm (void)
{
  guint node;
  KinNetwork *network = norm_network (&node);
  g_autofree real *u = net_load ("nn", "norm-u", NULL), *dy = net_load ("nn", "norm-dy", NULL);
  g_autofree real *y = NULL, *du = NULL, *evaluated = NULL, *statistics = NULL;
  Net net, infer;

  net_init (&net, network, KIN_TAPE_TRAIN, 3, 5, 2);
  set_norm (&net, u);
  g_assert_true (kin_network_forward (&net.pass));
  y = net_dup_data (&net, node);
  assert_fixture ("norm-y", y, 300, TOLERANCE);
  kin_network_update_statistics (&net.pass, net.statistics);
  assert_fixture ("norm-mean", net.statistics + kin_layout_get (network->statistics, 0)->offset, 4, TOLERANCE);
  assert_fixture ("norm-var", net.statistics + kin_layout_get (network->statistics, 1)->offset, 4, TOLERANCE);
  net_set_output_gradient (&net, dy);
  kin_network_get (network, node)->layer->backward (&net.pass, node);
  du = net_dup_gradient (&net, 1);
  assert_fixture ("norm-du", du, 300, TOLERANCE);
  assert_gradient (&net, 1, "norm-dgamma");
  assert_gradient (&net, 2, "norm-dbeta");

  net_init (&infer, norm_network (&node), KIN_TAPE_INFER, 3, 5, 2);
  set_norm (&infer, u);
  memcpy (infer.statistics, net.statistics, network->statistics->n * sizeof (real));
  g_assert_true (kin_network_forward (&infer.pass));
  evaluated = net_dup_data (&infer, node);
  assert_fixture ("norm-eval", evaluated, 300, TOLERANCE);
  net_clear (&infer);
  net_clear (&net);
}

/* A linear layer behind pool: images of one pixel are rows. */
static void
test_linear (void)
{
  KinNetwork *network = kin_network_new (7);
  guint pool = kin_network_pool (network, kin_network_conv (network, 0, "copy", 7, 1, 1));
  guint node = kin_network_linear (network, pool, "linear", 3);
  g_autofree real *x = net_load ("nn", "linear-x", NULL), *dy = net_load ("nn", "linear-dy", NULL);
  g_autofree real *y = NULL, *dx = NULL;
  real *copy;
  Net net;

  net_init (&net, network, KIN_TAPE_TRAIN, 5, 1, 2);
  copy = net.parameters + kin_layout_get (network->parameters, 0)->offset;
  memset (copy, 0, 49 * sizeof (real));
  for (guint c = 0; c < 7; c++)
    copy[8 * c] = 1;
  set_parameter (&net, 1, "linear-w");
  set_parameter (&net, 2, "linear-b");
  net_set_images (&net, x);
  g_assert_true (kin_network_forward (&net.pass));
  y = net_dup_data (&net, node);
  assert_fixture ("linear-y", y, 15, TOLERANCE);
  net_set_output_gradient (&net, dy);
  kin_network_get (network, node)->layer->backward (&net.pass, node);
  dx = net_dup_gradient (&net, pool);
  assert_fixture ("linear-dx", dx, 35, TOLERANCE);
  assert_gradient (&net, 1, "linear-dw");
  assert_gradient (&net, 2, "linear-db");
  net_clear (&net);
}

/* The same weights as make-nn.py's, made here. */
static void
set_step_weights (Net *net)
{
  const KinLayout *layout = net->network->parameters;

  for (guint i = 0; i < layout->slices->len; i++)
    {
      const KinSlice *slice = kin_layout_get (layout, i);
      real *values = net->parameters + slice->offset;
      gboolean is_gamma = slice->rank == 1 && g_str_has_suffix (slice->name, "norm.weight");

      net_wave (values, slice->n, i, slice->rank > 1 ? 1 / sqrt (slice->n / slice->shape[0]) : 0.1);
      for (gsize j = 0; is_gamma && j < slice->n; j++)
        values[j] += 1;
    }
}

static KinNetwork *
step_network (void)
{
  KinNetwork *network = kin_encoder_build ("conv4", 3);

  kin_encoder_add_head (network, 256, 64);
  return network;
}

static void
check_step_gradients (const Net *net)
{
  const KinLayout *layout = net->network->parameters;
  g_autofree real *expected = net_load ("nn", "step-gradients", NULL);

  for (guint i = 0; i < layout->slices->len; i++)
    {
      const KinSlice *slice = kin_layout_get (layout, i);
      g_autofree real *wave = g_new (real, slice->n);
      double norm = 0, product = 0;

      net_wave (wave, slice->n, 2, 1);
      for (gsize j = 0; j < slice->n; j++)
        {
          double g = net->gradients[slice->offset + j];
          norm += g * g;
          product += g * wave[j];
        }
      norm = sqrt (norm);
      if (!(fabs (norm - expected[2 * i]) <= 1e-4 * (1e-3 + norm))
          || !(fabs (product - expected[2 * i + 1]) <= 1e-3 * (1e-3 + norm)))
        g_error ("%s: gradient's norm %.8g and product %.8g, expected %.8g and %.8g", slice->name, norm, product,
                 expected[2 * i], expected[2 * i + 1]);
    }
}

static void
test_step (void)
{
  enum { N = 6, D = 64 };
  KinNetwork *network = step_network ();
  const KinLayout *layout = network->parameters;
  g_autofree real *x = g_new (real, 12 * 3 * 256), *h = NULL, *norms = g_new (real, 2 * N);
  g_autofree real *z = g_new (real, 2 * N * D), *dz = g_new (real, 2 * N * D), *log_sum = g_new (real, 2 * N);
  g_autofree real *workspace = g_new (real, kin_ntxent_workspace (N)), *slots = g_new0 (real, 2 * layout->n);
  g_autofree real *updated = g_new (real, 8 * layout->slices->len);
  KinUpdate update = { .kind = KIN_OPTIMIZER_ADAMW, .step = 1, .learning_rate = 1e-3, .weight_decay = 1e-2 };
  KinNtxentResult result;
  real loss;
  Net net, infer;

  net_init (&net, network, KIN_TAPE_TRAIN, 2 * N, 16, 2);
  set_step_weights (&net);
  net_wave (x, 12 * 3 * 256, 0.5, 2);
  net_set_images (&net, x);
  g_assert_true (kin_network_forward (&net.pass));
  h = net_dup_data (&net, network->feature);
  assert_fixture ("step-h", h, 12 * 256, 1e-4);
  kin_normalize_rows (kin_tape_get_rows (net.tape, network->output), 2 * N, D, z, norms);
  result = kin_ntxent (net.pool, z, N, D, 0.2, workspace, log_sum, dz);
  loss = result.loss;
  assert_fixture ("step-loss", &loss, 1, 1e-5);
  kin_normalize_rows_backward (z, norms, dz, 2 * N, D, kin_tape_get_output_gradient (net.tape));
  g_assert_true (kin_network_backward (&net.pass));
  check_step_gradients (&net);

  kin_network_update_statistics (&net.pass, net.statistics);
  net_init (&infer, step_network (), KIN_TAPE_INFER, 12, 16, 1);
  memcpy (infer.parameters, net.parameters, layout->n * sizeof (real));
  memcpy (infer.statistics, net.statistics, network->statistics->n * sizeof (real));
  net_set_images (&infer, x);
  g_assert_true (kin_network_forward (&infer.pass));
  g_free (h);
  h = net_dup_data (&infer, network->feature);
  assert_fixture ("step-h-eval", h, 12 * 256, 1e-4);
  net_clear (&infer);

  kin_optimizer_update (&update, layout, net.pool, net.parameters, net.gradients, slots);
  for (guint i = 0; i < layout->slices->len; i++)
    memcpy (updated + 8 * i, net.parameters + kin_layout_get (layout, i)->offset, 8 * sizeof (real));
  /* Adam's first step is lr · sign (g) where |g| >> eps; 1e-5 there is a hundredth of the step. */
  assert_fixture ("step-updated", updated, 8 * layout->slices->len, 1e-5);
  net_clear (&net);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/parity/conv/3x3", GUINT_TO_POINTER (31), test_conv);
  g_test_add_data_func ("/parity/conv/3x3-stride-2", GUINT_TO_POINTER (32), test_conv);
  g_test_add_data_func ("/parity/conv/1x1-stride-2", GUINT_TO_POINTER (12), test_conv);
  g_test_add_func ("/parity/norm", test_norm);
  g_test_add_func ("/parity/linear", test_linear);
  g_test_add_func ("/parity/step", test_step);
  return g_test_run ();
}
