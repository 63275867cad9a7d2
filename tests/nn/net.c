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
  net->tape = kin_tape_new (network, mode, N, size, size, n_threads, network->output, NULL, &error);
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
      for (gsize p = 0; p < area; p++)
        kin_tape_get_image (net->tape, n)[p * C + c] = *images++;
}

/* How one number of a node is to be read, data or gradient: u is the data beneath it. */
typedef real (*Reader) (const KinValue *value, guint c, real number, real u);

static real
read_data (const KinValue *value, guint c, real number, real u)
{
  const KinLazy *lazy = &value->lazy;
  real v = lazy->scale == NULL ? number : lazy->scale[c] * number + lazy->shift[c];

  return lazy->relu && v < 0 ? 0 : v;
}

static real
read_gradient (const KinValue *value, guint c, real number, real u)
{
  const KinLazyGradient *lazy = &value->lazy_gradient;

  if (lazy->slope == NULL)
    return number;
  if (lazy->relu && !(lazy->scale[c] * u + lazy->shift[c] > 0))
    number = 0;
  return lazy->slope[c] * number + lazy->bend[c] * u + lazy->offset[c];
}

static real *
dup_values (const Net *net, guint node, const real *values, Reader reader)
{
  const KinValue *value = &net->tape->values[node];
  guint C = kin_network_get (net->network, node)->C;
  gsize area = area_of (net, node);
  real *copy = g_new (real, net->N * C * area), *to = copy;

  for (guint n = 0; n < net->N; n++)
    for (guint c = 0; c < C; c++)
      for (gsize p = 0; p < area; p++)
        {
          gsize at = (n * area + p) * C + c;
          *to++ = reader (value, c, values[at], value->data[at]);
        }
  return copy;
}

real *
net_dup_data (const Net *net, guint node)
{
  return dup_values (net, node, net->tape->values[node].data, read_data);
}

real *
net_dup_gradient (const Net *net, guint node)
{
  return dup_values (net, node, net->tape->values[node].gradient, read_gradient);
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
        to[(n * area + p) * C + c] = *gradient++;
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
