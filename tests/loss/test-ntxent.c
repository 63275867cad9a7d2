#include "engine/loss/normalize.h"
#include "engine/loss/ntxent.h"
#include "tests/nn/net.h"

#include <math.h>
#include <string.h>

typedef struct
{
  guint N, D;
  float *z, *log_sum, *workspace, *dz;
  KinPool *pool;
} Case;

static void
case_init (Case *c, guint N, guint D, guint n_threads)
{
  KinRng rng;

  *c = (Case){ .N = N, .D = D, .pool = kin_pool_new (n_threads) };
  c->z = g_new (float, 2 * N * D);
  c->dz = g_new (float, 2 * N * D);
  c->log_sum = g_new (float, 2 * N);
  c->workspace = g_new (float, kin_ntxent_workspace (N));
  kin_rng_init (&rng, 2, KIN_STREAM_TEST, 0, 0, 0);
  for (guint i = 0; i < 2 * N * D; i++)
    c->z[i] = kin_rng_normal (&rng);
  kin_normalize_rows (c->z, 2 * N, D, c->z, c->log_sum);
}

static void
case_clear (Case *c)
{
  g_free (c->z);
  g_free (c->dz);
  g_free (c->log_sum);
  g_free (c->workspace);
  kin_pool_free (c->pool);
}

static KinNtxentResult
run (Case *c, double tau)
{
  return kin_ntxent (c->pool, c->z, c->N, c->D, tau, c->workspace, c->log_sum, c->dz);
}

static void
test_equal_rows (void)
{
  static const guint sizes[] = { 1, 2, 7, 64 };

  for (guint k = 0; k < G_N_ELEMENTS (sizes); k++)
    {
      Case c;

      case_init (&c, sizes[k], 5, 2);
      for (guint i = 1; i < 2 * c.N; i++)
        memcpy (c.z + i * c.D, c.z, c.D * sizeof (float));
      g_assert_cmpfloat_with_epsilon (run (&c, 0.3).loss, log (2.0 * c.N - 1), 1e-6);
      g_assert_cmpfloat_with_epsilon (kin_ntxent_chance (c.N), log (2.0 * c.N - 1), 1e-12);
      case_clear (&c);
    }
}

/* Which view is called A does not matter: loss equal, gradient rows swapped. */
static void
test_view_swap (void)
{
  Case c;
  g_autofree float *dz = NULL, *half = NULL;
  gsize n;
  double loss;

  case_init (&c, 9, 6, 2);
  n = 9 * 6;
  loss = run (&c, 0.2).loss;
  dz = g_memdup2 (c.dz, 2 * n * sizeof (float));
  half = g_memdup2 (c.z, n * sizeof (float));
  memcpy (c.z, c.z + n, n * sizeof (float));
  memcpy (c.z + n, half, n * sizeof (float));
  g_assert_cmpfloat_with_epsilon (run (&c, 0.2).loss, loss, 1e-6);
  net_assert_close ("A", c.dz, dz + n, n, 1e-6);
  net_assert_close ("B", c.dz + n, dz, n, 1e-6);
  case_clear (&c);
}

/* The gradient follows from P: d loss / d s_ij = (P_ij - [j is i's positive]) / (2N tau). */
static void
test_gradient_from_probabilities (void)
{
  enum { N = 5, D = 4, ROWS = 2 * N };
  const double tau = 0.4;
  float expected[ROWS * D] = { 0 };
  Case c;

  case_init (&c, N, D, 1);
  run (&c, tau);
  for (guint i = 0; i < ROWS; i++)
    {
      double total = 0;

      for (guint j = 0; j < ROWS; j++)
        {
          double s = 0, P, weight;

          if (i == j)
            continue;
          for (guint d = 0; d < D; d++)
            s += (double) c.z[i * D + d] * c.z[j * D + d];
          P = exp (s / tau - c.log_sum[i]);
          total += P;
          weight = (P - (j == (i + N) % ROWS)) / (ROWS * tau);
          for (guint d = 0; d < D; d++)
            {
              expected[i * D + d] += weight * c.z[j * D + d];
              expected[j * D + d] += weight * c.z[i * D + d];
            }
        }
      g_assert_cmpfloat_with_epsilon (total, 1, 1e-5);
    }
  net_assert_close ("dz", c.dz, expected, ROWS * D, 1e-6);
  case_clear (&c);
}

static void
test_extremes (void)
{
  static const double taus[] = { 0.005, 0.01, 2 };

  for (guint t = 0; t < G_N_ELEMENTS (taus); t++)
    {
      Case c;
      KinNtxentResult result;

      case_init (&c, 16, 8, 2);
      result = run (&c, taus[t]);
      g_assert_true (isfinite (result.loss) && result.loss >= 0);
      for (guint i = 0; i < 2 * c.N * c.D; i++)
        g_assert_true (isfinite (c.dz[i]));
      case_clear (&c);
    }
}

static void
test_top1 (void)
{
  enum { N = 4, D = 4 };
  Case c;

  case_init (&c, N, D, 1);
  memset (c.z, 0, 2 * N * D * sizeof (float));
  for (guint i = 0; i < 2 * N; i++)
    c.z[i * D + i % N] = 1; /* each pair on an axis of its own */
  g_assert_cmpfloat (run (&c, 0.1).top1, ==, 1);
  for (guint i = 0; i < 2 * N; i++)
    memcpy (c.z + i * D, (float[]){ 1, 0, 0, 0 }, D * sizeof (float));
  g_assert_cmpfloat (run (&c, 0.1).top1, ==, 0); /* a tie is not a hit */
  case_clear (&c);
}

static void
test_non_finite (void)
{
  Case c;

  case_init (&c, 4, 4, 2);
  c.z[5] = NAN;
  g_assert_false (isfinite (run (&c, 0.2).loss));
  case_clear (&c);
}

static void
test_threads (void)
{
  Case one, three;

  case_init (&one, 33, 17, 1);
  case_init (&three, 33, 17, 3);
  g_assert_true (run (&one, 0.2).loss == run (&three, 0.2).loss);
  g_assert_cmpmem (one.dz, 2 * 33 * 17 * sizeof (float), three.dz, 2 * 33 * 17 * sizeof (float));
  case_clear (&one);
  case_clear (&three);
}

/* PyTorch's loss and gradient with respect to rows that are not normalised. */
static void
test_pytorch (gconstpointer tau)
{
  enum { N = 5, D = 6 };
  g_autofree char *prefix = g_strdup_printf ("ntxent%s", (const char *) tau);
  g_autofree char *z_name = g_strconcat (prefix, "-z", NULL), *loss_name = g_strconcat (prefix, "-loss", NULL);
  g_autofree char *dz_name = g_strconcat (prefix, "-dz", NULL);
  g_autofree float *x = net_load ("nn", z_name, NULL), *loss = net_load ("nn", loss_name, NULL);
  g_autofree float *expected = net_load ("nn", dz_name, NULL);
  float norms[2 * N], dx[2 * N * D];
  Case c;

  case_init (&c, N, D, 2);
  kin_normalize_rows (x, 2 * N, D, c.z, norms);
  g_assert_cmpfloat_with_epsilon (run (&c, g_ascii_strtod (tau, NULL)).loss, loss[0], 2e-6 * (1 + loss[0]));
  kin_normalize_rows_backward (c.z, norms, c.dz, 2 * N, D, dx);
  net_assert_close (dz_name, dx, expected, 2 * N * D, 1e-5);
  case_clear (&c);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ntxent/equal-rows-are-chance", test_equal_rows);
  g_test_add_func ("/ntxent/view-swap", test_view_swap);
  g_test_add_func ("/ntxent/gradient-from-probabilities", test_gradient_from_probabilities);
  g_test_add_func ("/ntxent/extremes-stay-finite", test_extremes);
  g_test_add_func ("/ntxent/top1", test_top1);
  g_test_add_func ("/ntxent/nan-shows", test_non_finite);
  g_test_add_func ("/ntxent/threads", test_threads);
  g_test_add_data_func ("/ntxent/pytorch/0.05", "0.05", test_pytorch);
  g_test_add_data_func ("/ntxent/pytorch/0.5", "0.5", test_pytorch);
  return g_test_run ();
}
