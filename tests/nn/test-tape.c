/* The memory plan of a tape: pieces that share memory are never live together. A pass in planned memory gives the very
 * bits of a pass whose pieces each have memory of their own. */

#include "engine/nn/encoder.h"
#include "tests/nn/net.h"

#include <math.h>
#include <string.h>

/* Gives every piece memory of its own, full of NAN: what is read before it is written shows too. Returns: the memory */
static GPtrArray *
part (KinTape *tape)
{
  GPtrArray *memory = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i <= tape->last; i++)
    tape->values[i].gradient = NULL;
  for (guint i = tape->last + 1; i-- > 0;)
    {
      const KinNode *node = kin_network_get (tape->network, i);
      KinValue *value = &tape->values[i];
      gsize n = (gsize) tape->N * node->C * value->H * value->W;
      real **pieces[] = { &value->data, &value->gradient };

      for (guint p = 0; p < (tape->mode == KIN_TAPE_TRAIN ? 2 : 1); p++)
        if (p == 0 || *pieces[p] == NULL) /* a reader that works in place has given its own */
          {
            *pieces[p] = g_new (real, n);
            for (gsize j = 0; j < n; j++)
              (*pieces[p])[j] = NAN;
            g_ptr_array_add (memory, *pieces[p]);
          }
      if (node->layer->gradient_in_place)
        tape->values[node->inputs[0]].gradient = value->gradient;
    }
  for (guint i = 0; i <= tape->last; i++)
    if (kin_network_get (tape->network, i)->layer->is_lazy)
      tape->values[i].data = tape->values[kin_network_get (tape->network, i)->inputs[0]].data;
  return memory;
}

static KinNetwork *
build (const char *encoder, guint channels)
{
  KinNetwork *network = kin_encoder_build (encoder, channels);

  kin_encoder_add_head (network, 24, 10);
  return network;
}

static void
pass (Net *net, double phase, real *statistics)
{
  const KinNetwork *network = net->network;
  guint D = kin_network_get (network, network->output)->C;
  gsize n = (gsize) net->N * kin_network_get (network, 0)->C * net->size * net->size;
  g_autofree real *images = g_new (real, n), *dz = g_new (real, (gsize) net->N * D);

  net_wave (images, n, phase, 1);
  net_wave (dz, (gsize) net->N * D, phase + 1, 0.3);
  net_set_images (net, images);
  memset (net->gradients, 0, network->parameters->n * sizeof (real));
  g_assert_true (kin_network_forward (&net->pass));
  if (net->tape->mode == KIN_TAPE_INFER)
    return;
  net_set_output_gradient (net, dz);
  g_assert_true (kin_network_backward (&net->pass));
  kin_network_update_statistics (&net->pass, statistics);
}

static void
assert_same_rows (const char *what, const Net *a, const Net *b, guint node)
{
  gsize n = (gsize) a->N * kin_network_get (a->network, node)->C;

  net_assert_close (what, kin_tape_get_rows (a->tape, node), kin_tape_get_rows (b->tape, node), n, 0);
}

static void
compare (const char *encoder, KinTapeMode mode, guint channels, guint N, guint size)
{
  g_autofree char *what = g_strdup_printf ("%s, %u images of %u px, %u channels", encoder, N, size, channels);
  g_autoptr (GPtrArray) memory = NULL;
  Net planned, apart;

  /* Planned for more images than the pass has, as the last batch of a measurement is. */
  net_init (&planned, build (encoder, channels), mode, N + 2, size, 2);
  net_init (&apart, build (encoder, channels), mode, N + 2, size, 1);
  memory = part (apart.tape);
  planned.N = planned.pass.N = apart.N = apart.pass.N = N;

  /* A first pass of other images leaves its numbers everywhere. */
  pass (&planned, 2, planned.statistics);
  memcpy (planned.statistics, apart.statistics, apart.network->statistics->n * sizeof (real));
  pass (&planned, 0, planned.statistics);
  pass (&apart, 0, apart.statistics);
  assert_same_rows (what, &planned, &apart, planned.network->feature);
  assert_same_rows (what, &planned, &apart, planned.network->output);
  net_assert_close (what, planned.gradients, apart.gradients, apart.network->parameters->n, 0);
  net_assert_close (what, planned.statistics, apart.statistics, apart.network->statistics->n, 0);
  net_clear (&planned);
  net_clear (&apart);
}

static void
compare_all (gconstpointer data)
{
  KinTapeMode mode = GPOINTER_TO_UINT (data);
  guint n;
  const KinEncoderInfo *encoders = kin_encoders (&n);

  for (guint i = 0; i < n; i++)
    for (guint size = 16; size <= 33; size++)
      {
        gboolean is_large = g_str_equal (encoders[i].id, "resnet18");

        if (is_large && size != 16 && size < 31)
          continue; /* 30 times the work */
        compare (encoders[i].id, mode, size % 2 == 0 ? 1 : 3, is_large ? 3 : 1 + size % 11, size);
      }
}

/* The smallest and the largest side, and more threads than images. */
static void
test_limits (void)
{
  compare ("conv4", KIN_TAPE_TRAIN, 3, 2, 96);
  compare ("resnet8", KIN_TAPE_TRAIN, 1, 1, 95);
  compare ("conv4", KIN_TAPE_INFER, 1, 1, 96);
}

/* More than the machine has is an error, before any of it is taken. */
static void
test_too_large (void)
{
  g_autoptr (KinNetwork) network = build ("resnet18", 3);
  g_autoptr (GError) error = NULL;

  g_assert_null (kin_tape_new (network, KIN_TAPE_TRAIN, 8192, 96, 96, 64, network->output, NULL, &error));
  g_assert_error (error, KIN_ERROR, KIN_ERROR_TOO_LARGE);
  g_assert_nonnull (strstr (error->message, "8192"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/tape/plan/train", GUINT_TO_POINTER (KIN_TAPE_TRAIN), compare_all);
  g_test_add_data_func ("/tape/plan/infer", GUINT_TO_POINTER (KIN_TAPE_INFER), compare_all);
  g_test_add_func ("/tape/limits", test_limits);
  g_test_add_func ("/tape/too-large", test_too_large);
  return g_test_run ();
}
