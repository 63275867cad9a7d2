#include <math.h>

#include "engine/core/npy.h"
#include "engine/core/rng.h"
#include "engine/eval/knn.h"
#include "engine/eval/metrics.h"

static float *
random_rows (gsize n, guint D, guint32 item)
{
  float *rows = g_new (float, n *D);
  KinRng rng;

  kin_rng_init (&rng, 4, KIN_STREAM_TEST, 0, item, 0);
  for (gsize i = 0; i < n * D; i++)
    rows[i] = kin_rng_normal (&rng);
  kin_normalize_rows_f32 (rows, n, D);
  return rows;
}

static float *
load (const char *name, gsize *n, guint *D)
{
  g_autofree char *path = g_build_filename (g_getenv ("KIN_FIXTURES"), "eval", name, NULL);
  g_auto (KinNpy) array = { 0 };
  g_autoptr (GError) error = NULL;
  float *rows;

  kin_npy_read (path, &array, &error);
  g_assert_no_error (error);
  rows = g_new (float, array.n);
  for (gsize i = 0; i < array.n; i++)
    rows[i] = array.values[i];
  *n = array.shape[0];
  if (D != NULL)
    *D = array.shape[1];
  return rows;
}

static void
test_numpy (void)
{
  gsize n, n_expected;
  guint D;
  g_autofree float *rows = load ("rows.npy", &n, &D);
  g_autofree float *views = load ("views.npy", &n, &D);
  g_autofree float *expected = load ("expected.npy", &n_expected, NULL);

  g_assert_cmpuint (n_expected, ==, 8);
  /* The answers pass through float here: 1e-6 of their size. */
  g_assert_cmpfloat_with_epsilon (kin_alignment (rows, views, n, D), expected[4], 1e-7);
  g_assert_cmpfloat_with_epsilon (kin_uniformity (rows, n, D), expected[5], 4e-6);
  g_assert_cmpfloat_with_epsilon (kin_effective_rank (rows, n, D), expected[6], 2e-5);
  g_assert_cmpfloat_with_epsilon (kin_mean_std (rows, n, D), expected[7], 1e-6);
}

static void
test_alignment (void)
{
  static const float a[] = { 1, 0, 0, 1 }, opposite[] = { -1, 0, 0, -1 }, mixed[] = { 1, 0, 1, 0 };

  g_assert_cmpfloat (kin_alignment (a, a, 2, 2), ==, 0);
  g_assert_cmpfloat (kin_alignment (a, opposite, 2, 2), ==, 4);
  g_assert_cmpfloat (kin_alignment (a, mixed, 2, 2), ==, 1);
}

static void
test_uniformity_known (void)
{
  static const float antipodal[] = { 1, 0, -1, 0 }, orthogonal[] = { 1, 0, 0, 1 };
  float equal[30 * 3];

  for (int i = 0; i < 30; i++)
    {
      equal[3 * i] = 2 / 3.0f;
      equal[3 * i + 1] = -1 / 3.0f;
      equal[3 * i + 2] = 2 / 3.0f;
    }
  g_assert_cmpfloat_with_epsilon (kin_uniformity (antipodal, 2, 2), -8, 1e-9);
  g_assert_cmpfloat_with_epsilon (kin_uniformity (orthogonal, 2, 2), -4, 1e-9);
  g_assert_cmpfloat_with_epsilon (kin_uniformity (equal, 30, 3), 0, 1e-6);
  g_assert_true (kin_uniformity (equal, 30, 3) <= 0);
}

/* Blocks against the plain double loop, on both sides of a block's edge. */
static void
test_uniformity_blocks (void)
{
  static const gsize sizes[] = { 2, 3, 255, 256, 257, 600 };

  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      enum
      {
        D = 7,
      };
      gsize n = sizes[s];
      g_autofree float *rows = random_rows (n, D, s);
      double sum = 0;

      for (gsize i = 0; i < n; i++)
        for (gsize j = 0; j < i; j++)
          {
            double square = 0;

            for (int d = 0; d < D; d++)
              square += pow ((double) rows[i * D + d] - rows[j * D + d], 2);
            sum += exp (-2 * square);
          }
      /* A product of unit rows in float is off by some 1e-7, four of which come into the exponent. */
      g_assert_cmpfloat_with_epsilon (kin_uniformity (rows, n, D), log (sum / (0.5 * n * (n - 1))), 2e-6);
    }
}

static void
test_rank_known (void)
{
  enum
  {
    D = 6,
    TALL = 600,
    WIDE = 300,
  };
  float orthonormal[TALL * D] = { 0 }, equal[TALL * D], zero[TALL * D] = { 0 }, two[D * 2] = { 0 };
  g_autofree float *wide = g_new0 (float, D *WIDE);

  for (int i = 0; i < TALL; i++)
    {
      orthonormal[i * D + i % D] = i % 2 == 0 ? 1 : -1;
      for (int d = 0; d < D; d++)
        equal[i * D + d] = 0.1f * (d + 1);
    }
  for (int i = 0; i < D; i++)
    wide[i * WIDE + 40 * i] = 3;
  two[0] = 3; /* singular values 3 and 1: p = 3/4, 1/4 */
  two[3] = 1;
  g_assert_cmpfloat_with_epsilon (kin_effective_rank (orthonormal, TALL, D), D, 1e-9);
  g_assert_cmpfloat_with_epsilon (kin_effective_rank (orthonormal, D, D), D, 1e-9);
  g_assert_cmpfloat_with_epsilon (kin_effective_rank (wide, D, WIDE), D, 1e-9);
  g_assert_cmpfloat_with_epsilon (kin_effective_rank (equal, TALL, D), 1, 1e-9);
  g_assert_cmpfloat_with_epsilon (kin_effective_rank (equal, 3, D), 1, 1e-9);
  g_assert_cmpfloat (kin_effective_rank (zero, TALL, D), ==, 0);
  g_assert_cmpfloat_with_epsilon (kin_effective_rank (two, 2, 2), exp (-0.75 * log (0.75) - 0.25 * log (0.25)), 1e-9);
}

/* The same numbers as rows or as columns have the same singular values. */
static void
test_rank_of_the_transposed (void)
{
  enum
  {
    N = 300,
    D = 20,
  };
  g_autofree float *rows = random_rows (N, D, 100);
  g_autofree float *transposed = g_new (float, N *D);

  for (int i = 0; i < N; i++)
    for (int d = 0; d < D; d++)
      transposed[d * N + i] = rows[i * D + d];
  g_assert_cmpfloat_with_epsilon (kin_effective_rank (rows, N, D), kin_effective_rank (transposed, D, N), 1e-9);
}

static void
test_std (void)
{
  /* Columns 1, 3 and 5, 5: deviations 1 and 0. */
  static const float rows[] = { 1, 5, 3, 5 };

  g_assert_cmpfloat_with_epsilon (kin_mean_std (rows, 2, 2), 0.5, 1e-12);
  g_assert_cmpfloat (kin_mean_std (rows, 1, 4), ==, 0);
}

/* A number that is not one shows in every answer. */
static void
test_nan_goes_through (void)
{
  g_autofree float *rows = random_rows (300, 5, 101);
  g_autofree float *good = random_rows (300, 5, 101);

  rows[299 * 5 + 2] = NAN;
  g_assert_true (isnan (kin_alignment (rows, good, 300, 5)));
  g_assert_true (isnan (kin_uniformity (rows, 300, 5)));
  g_assert_true (isnan (kin_effective_rank (rows, 300, 5)));
  g_assert_true (isnan (kin_mean_std (rows, 300, 5)));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/metrics/numpy", test_numpy);
  g_test_add_func ("/metrics/alignment", test_alignment);
  g_test_add_func ("/metrics/uniformity-known", test_uniformity_known);
  g_test_add_func ("/metrics/uniformity-blocks", test_uniformity_blocks);
  g_test_add_func ("/metrics/rank-known", test_rank_known);
  g_test_add_func ("/metrics/rank-of-the-transposed", test_rank_of_the_transposed);
  g_test_add_func ("/metrics/std", test_std);
  g_test_add_func ("/metrics/nan-goes-through", test_nan_goes_through);
  return g_test_run ();
}
