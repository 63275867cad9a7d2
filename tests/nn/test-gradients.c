/* Every layer, and networks as they are used, against central differences with their sign: compiled with real = double,
 * so the source that trains is what is checked. */

#include "engine/config.h"
#include "engine/loss/normalize.h"
#include "engine/loss/ntxent.h"
#include "engine/method/method.h"
#include "engine/nn/encoder.h"
#include "tests/nn/net.h"

#include <math.h>
#include <string.h>

static const double STEP = 1e-6;      /* small enough that hardly a ReLU changes sides in between */
static const double TOLERANCE = 1e-6; /* relative: truncation STEP² and rounding 1e-16 / STEP are both far below */

static double
random_value (KinRng *rng)
{
  return 2 * kin_rng_unit (rng) - 1;
}

/* A scalar of the network's output whose gradient is known: sum of out · weight. */
typedef struct
{
  Net *net;
  const real *weights; /* as the last node's (N, C, H, W); NULL: @method's loss */
  const KinMethod *method;
  const KinConfig *config;
  KinBatch batch;
} Objective;

static gsize
output_size (const Net *net)
{
  const KinValue *value = &net->tape->values[net->network->output];

  return (gsize) net->N * kin_network_get (net->network, net->network->output)->C * value->H * value->W;
}

static double
evaluate (Objective *objective)
{
  Net *net = objective->net;
  double sum = 0;
  g_autofree real *out = NULL;

  if (objective->method != NULL)
    {
      KinMethodResult result;

      g_assert_true (objective->method->step (&net->pass, objective->config, &objective->batch, &result));
      return result.loss;
    }
  g_assert_true (kin_network_forward (&net->pass));
  out = net_dup_data (net, net->network->output);
  for (gsize i = 0; i < output_size (net); i++)
    sum += out[i] * objective->weights[i];
  return sum;
}

static void
find_gradient (Objective *objective)
{
  Net *net = objective->net;

  memset (net->gradients, 0, net->network->parameters->n * sizeof (real));
  evaluate (objective);
  if (objective->method != NULL)
    return; /* the method went back already */
  net_set_output_gradient (net, objective->weights);
  g_assert_true (kin_network_backward (&net->pass));
}

static void
compare (const char *what, const char *name, gsize index, double analytic, double numeric, double scale)
{
  if (!(fabs (analytic - numeric) <= TOLERANCE * (fabs (numeric) + scale)))
    g_error ("%s: d/d %s[%" G_GSIZE_FORMAT "] is %.12g, by differences %.12g", what, name, index, analytic, numeric);
}

/* A few elements of each slice (one in a network of many, which has many of each kind), then all parameters along random
 * directions. */
static void
check (const char *what, Objective *objective)
{
  Net *net = objective->net;
  const KinLayout *layout = net->network->parameters;
  g_autofree real *gradients = NULL, *direction = g_new0 (real, layout->n), *start = NULL;
  guint n_elements = layout->slices->len > 40 ? 1 : 4;
  KinRng rng;

  kin_rng_init (&rng, 3, KIN_STREAM_TEST, 0, 0, 0);
  find_gradient (objective);
  gradients = g_memdup2 (net->gradients, layout->n * sizeof (real));
  start = g_memdup2 (net->parameters, layout->n * sizeof (real));

  for (guint i = 0; i < layout->slices->len; i++)
    for (guint k = 0; k < n_elements; k++)
      {
        const KinSlice *slice = kin_layout_get (layout, i);
        gsize at = slice->offset + kin_rng_below (&rng, slice->n);
        double up, down;

        net->parameters[at] = start[at] + STEP;
        up = evaluate (objective);
        net->parameters[at] = start[at] - STEP;
        down = evaluate (objective);
        net->parameters[at] = start[at];
        compare (what, slice->name, at - slice->offset, gradients[at], (up - down) / (2 * STEP), 1e-2);
      }

  for (guint k = 0; k < 3; k++)
    {
      double along = 0, up, down;

      for (guint i = 0; i < layout->slices->len; i++)
        {
          const KinSlice *slice = kin_layout_get (layout, i);

          for (gsize j = slice->offset; j < slice->offset + slice->n; j++)
            {
              direction[j] = random_value (&rng) / sqrt (layout->n);
              along += direction[j] * gradients[j];
            }
        }
      for (gsize j = 0; j < layout->n; j++)
        net->parameters[j] = start[j] + STEP * direction[j];
      up = evaluate (objective);
      for (gsize j = 0; j < layout->n; j++)
        net->parameters[j] = start[j] - STEP * direction[j];
      down = evaluate (objective);
      memcpy (net->parameters, start, layout->n * sizeof (real));
      compare (what, "direction", k, along, (up - down) / (2 * STEP), 1e-2);
    }
}

static void
fill_random (real *values, gsize n, guint item)
{
  KinRng rng;

  kin_rng_init (&rng, 4, KIN_STREAM_TEST, 0, item, 0);
  for (gsize i = 0; i < n; i++)
    values[i] = random_value (&rng);
}

static void
check_network (const char *what, KinNetwork *network, guint N, guint size)
{
  guint C = kin_network_get (network, 0)->C;
  g_autofree real *images = g_new (real, (gsize) N * C * size * size), *weights = NULL;
  Net net;
  Objective objective = { .net = &net };

  net_init (&net, network, KIN_TAPE_TRAIN, N, size, 2);
  fill_random (images, (gsize) N * C * size * size, 1);
  net_set_images (&net, images);
  weights = g_new (real, output_size (&net));
  fill_random (weights, output_size (&net), 2);
  objective.weights = weights;
  check (what, &objective);
  net_clear (&net);
}

/* Sizes are odd where they may be, and batches do not fill the lanes evenly. */
static void
test_conv (void)
{
  for (guint stride = 1; stride <= 2; stride++)
    for (guint kernel = 1; kernel <= 3; kernel += 2)
      {
        KinNetwork *network = kin_network_new (2);
        guint node = kin_network_conv (network, 0, "a", 3, 3, 1);

        kin_network_conv (network, node, "b", 4, kernel, stride);
        check_network ("conv", network, 11, 7);
      }
}

/* Whole vectors of channels: Winograd's way, at sides that tiles do not fill, blocks and lanes that end inside an image,
 * and a value that two convolutions add their gradients to. With many channels over few pixels, point by point. */
static void
test_winograd (void)
{
  for (guint stride = 1; stride <= 2; stride++)
    for (guint size = 7; size <= 9; size += 2)
      {
        KinNetwork *network = kin_network_new (2);
        guint stem = kin_network_norm (network, kin_network_conv (network, 0, "s", 32, 3, 1), "sn", TRUE);
        guint a = kin_network_norm (network, kin_network_conv (network, stem, "a", 16, 3, stride), "an", TRUE);
        guint b = kin_network_norm (network, kin_network_conv (network, stem, "b", 16, 3, stride), "bn", FALSE);

        kin_network_join (network, b, a);
        check_network ("Winograd", network, 19, size);
      }
}

static void
test_winograd_wide (void)
{
  KinNetwork *network = kin_network_new (2);
  guint node = kin_network_norm (network, kin_network_conv (network, 0, "s", 144, 1, 1), "sn", TRUE);

  node = kin_network_norm (network, kin_network_conv (network, node, "a", 128, 3, 2), "an", TRUE);
  kin_network_conv (network, node, "b", 160, 3, 1);
  check_network ("wide", network, 11, 5);
}

static void
test_norm (void)
{
  for (int relu = 0; relu < 2; relu++)
    {
      KinNetwork *network = kin_network_new (2);
      guint node = kin_network_norm (network, kin_network_conv (network, 0, "a", 3, 3, 2), "b", relu);

      kin_network_conv (network, node, "c", 2, 3, 1);
      check_network ("norm", network, 5, 9);
    }
}

static void
test_head (void)
{
  KinNetwork *network = kin_network_new (3);
  guint node = kin_network_norm (network, kin_network_conv (network, 0, "a", 5, 3, 1), "b", TRUE);

  network->feature = kin_network_pool (network, node);
  kin_encoder_add_head (network, 7, 4);
  check_network ("pool and head", network, 9, 6);
}

/* A shortcut past a block, one with a convolution of its own, and a value that three nodes read. */
static void
test_join (void)
{
  KinNetwork *network = kin_network_new (2);
  guint stem = kin_network_norm (network, kin_network_conv (network, 0, "s", 3, 3, 1), "sn", TRUE);
  guint a = kin_network_norm (network, kin_network_conv (network, stem, "a", 3, 3, 1), "an", FALSE);
  guint block = kin_network_join (network, a, stem);
  guint b = kin_network_norm (network, kin_network_conv (network, block, "b", 4, 3, 2), "bn", FALSE);
  guint c = kin_network_norm (network, kin_network_conv (network, block, "c", 4, 1, 2), "cn", FALSE);
  guint second = kin_network_join (network, b, c);

  kin_network_pool (network, second);
  check_network ("join", network, 6, 7);
}

static void
test_encoder (gconstpointer id)
{
  KinNetwork *network = kin_encoder_build (id, 3);

  kin_encoder_add_head (network, 12, 8);
  check_network (id, network, 6, 16);
}

static void
test_simclr (void)
{
  enum { N = 5, D = 8 };
  g_autoptr (KinConfig) config = kin_config_new ("shapes");
  const KinMethod *method = kin_method_find ("simclr");
  KinNetwork *network = kin_encoder_build ("conv4", 1);
  g_autofree real *images = g_new (real, 2 * N * 256), *z = g_new (real, 2 * N * D), *norms = g_new (real, 2 * N);
  g_autofree real *log_sum = g_new (real, 2 * N), *workspace = g_new (real, method->workspace (N, D));
  Net net;
  Objective objective = { .net = &net, .method = method, .config = config,
                          .batch = { N, D, z, norms, log_sum, workspace } };

  kin_config_set (config, "head_hidden", 16, NULL);
  kin_config_set (config, "head_dim", D, NULL);
  method->build (network, config);
  net_init (&net, network, KIN_TAPE_TRAIN, 2 * N, 16, 2);
  fill_random (images, 2 * N * 256, 1);
  net_set_images (&net, images);
  check ("simclr", &objective);
  net_clear (&net);
}

/* The loss alone, with respect to unnormalised z, for all elements. */
static void
test_ntxent (void)
{
  static const double taus[] = { 0.05, 0.2, 1 };
  enum { N = 6, D = 5, ROWS = 2 * N };
  g_autoptr (KinPool) pool = kin_pool_new (2);
  real x[ROWS * D], z[ROWS * D], dz[ROWS * D], dx[ROWS * D], norms[ROWS], log_sum[ROWS];
  g_autofree real *workspace = g_new (real, kin_ntxent_workspace (N));

  fill_random (x, ROWS * D, 3);
  for (guint t = 0; t < G_N_ELEMENTS (taus); t++)
    {
      kin_normalize_rows (x, ROWS, D, z, norms);
      kin_ntxent (pool, z, N, D, taus[t], workspace, log_sum, dz);
      kin_normalize_rows_backward (z, norms, dz, ROWS, D, dx);
      for (guint i = 0; i < ROWS * D; i++)
        {
          double start = x[i], up, down;

          x[i] = start + STEP;
          kin_normalize_rows (x, ROWS, D, z, norms);
          up = kin_ntxent (pool, z, N, D, taus[t], workspace, log_sum, NULL).loss;
          x[i] = start - STEP;
          kin_normalize_rows (x, ROWS, D, z, norms);
          down = kin_ntxent (pool, z, N, D, taus[t], workspace, log_sum, NULL).loss;
          x[i] = start;
          compare ("NT-Xent", "z", i, dx[i], (up - down) / (2 * STEP), 1e-2);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpuint (sizeof (real), ==, sizeof (double));
  g_test_add_func ("/grad/conv", test_conv);
  g_test_add_func ("/grad/winograd", test_winograd);
  g_test_add_func ("/grad/winograd-wide", test_winograd_wide);
  g_test_add_func ("/grad/norm", test_norm);
  g_test_add_func ("/grad/head", test_head);
  g_test_add_func ("/grad/join", test_join);
  g_test_add_data_func ("/grad/conv4", "conv4", test_encoder);
  g_test_add_data_func ("/grad/resnet8", "resnet8", test_encoder);
  g_test_add_data_func ("/grad/resnet18", "resnet18", test_encoder);
  g_test_add_func ("/grad/simclr", test_simclr);
  g_test_add_func ("/grad/ntxent", test_ntxent);
  return g_test_run ();
}
