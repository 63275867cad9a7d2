#include "tests/nn/net.h"

#include "engine/kernels/gemm.h"

#include <math.h>

void
net_init (Net *net, KinNetwork *network, KinTapeMode mode, guint N, guint size, guint n_threads)
{
  g_autoptr (GError) error = NULL;

  kin_gemm_init ();
  *net = (Net){ .network = network, .N = N, .size = size };
  net->pool = kin_pool_new (n_threads);
  net->tape = kin_tape_new (network, mode, N, size, size, n_threads, network->output, &error);
  g_assert_no_error (error);
  net->parameters = g_new0 (real, network->parameters->n);
  net->gradients = g_new0 (real, network->parameters->n);
  net->statistics = g_new0 (real, network->statistics->n);
  kin_network_init (network, 5, net->parameters, net->statistics);
  net->pass = (KinPass){ .network = network, .tape = net->tape, .pool = net->pool, .kernels = kin_kernels_get (),
                         .N = N, .parameters = net->parameters, .statistics = net->statistics,
                         .gradients = net->gradients };
}

void
net_clear (Net *net)
{
  g_free (net->parameters);
  g_free (net->gradients);
  g_free (net->statistics);
  kin_tape_free (net->tape);
  kin_pool_free (net->pool);
  kin_network_free (net->network);
}

void
net_wave (real *values, gsize n, double phase, double scale)
{
  for (gsize i = 0; i < n; i++)
    values[i] = scale * sin (0.7 * i + 0.001 * (double) i * i + phase);
}

/* Where pixel 0 of channel c of image n of @node lies in its lane. */
static gsize
place (const Net *net, guint node, guint n, guint c)
{
  const KinValue *value = &net->tape->values[node];
  guint C = kin_network_get (net->network, node)->C, lane = 0;
  gsize area = (gsize) value->H * value->W;

  if (kin_network_get (net->network, node)->is_rows)
    return (gsize) n * C + c;
  while (kin_lane_first (net->N, lane + 1) <= n)
    lane++;
  return (kin_lane_first (net->N, lane) * (gsize) C + (gsize) c * kin_lane_count (net->N, lane)
          + (n - kin_lane_first (net->N, lane)))
         * area;
}

static gsize
area_of (const Net *net, guint node)
{
  return (gsize) net->tape->values[node].H * net->tape->values[node].W;
}

void
net_set_images (Net *net, const real *images)
{
  guint C = kin_network_get (net->network, 0)->C;
  gsize area = area_of (net, 0);

  for (guint n = 0; n < net->N; n++)
    for (guint c = 0; c < C; c++)
      {
        gsize stride;
        real *to = kin_tape_get_image (net->tape, net->N, n, &stride) + c * stride;

        for (gsize p = 0; p < area; p++)
          to[p] = *images++;
      }
}

static real *
dup_values (const Net *net, guint node, const real *values, const KinLazy *lazy)
{
  guint C = kin_network_get (net->network, node)->C;
  gsize area = area_of (net, node);
  real *copy = g_new (real, net->N * C * area), *to = copy;

  for (guint n = 0; n < net->N; n++)
    for (guint c = 0; c < C; c++)
      for (gsize p = 0; p < area; p++)
        {
          real v = values[place (net, node, n, c) + p];

          if (lazy->scale != NULL)
            v = lazy->scale[c] * v + lazy->shift[c];
          *to++ = lazy->relu && v < 0 ? 0 : v;
        }
  return copy;
}

real *
net_dup_data (const Net *net, guint node)
{
  return dup_values (net, node, net->tape->values[node].data, &net->tape->values[node].lazy);
}

real *
net_dup_gradient (const Net *net, guint node)
{
  KinLazy plain = { 0 };

  return dup_values (net, node, net->tape->values[node].gradient, &plain);
}

void
net_set_output_gradient (Net *net, const real *gradient)
{
  guint node = net->network->output, C = kin_network_get (net->network, node)->C;
  gsize area = area_of (net, node);
  real *to = kin_tape_get_output_gradient (net->tape);

  for (guint n = 0; n < net->N; n++)
    for (guint c = 0; c < C; c++)
      for (gsize p = 0; p < area; p++)
        to[place (net, node, n, c) + p] = *gradient++;
}

real *
net_load (const char *folder, const char *name, gsize *n)
{
  g_autofree char *file = g_strconcat (name, ".npy", NULL);
  g_autofree char *path = g_build_filename (g_getenv ("KIN_FIXTURES"), folder, file, NULL);
  g_auto (KinNpy) array = { 0 };
  g_autoptr (GError) error = NULL;
  real *values;

  kin_npy_read (path, &array, &error);
  g_assert_no_error (error);
  values = g_new (real, array.n);
  for (gsize i = 0; i < array.n; i++)
    values[i] = array.values[i];
  if (n != NULL)
    *n = array.n;
  return values;
}

void
net_assert_close (const char *what, const real *a, const real *b, gsize n, double tolerance)
{
  gsize worst = 0;
  double most = -1;

  for (gsize i = 0; i < n; i++)
    {
      double difference = fabs ((double) a[i] - b[i]) / (1 + fabs (b[i]));

      if (!(difference <= most))
        most = difference, worst = i;
    }
  if (!(most <= tolerance))
    g_error ("%s: element %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " is %.9g, expected %.9g (tolerance %g)", what, worst,
             n, a[worst], b[worst], tolerance);
}
