#include <math.h>
#include <string.h>

#include "engine/core/npy.h"
#include "engine/core/rng.h"
#include "engine/projection/pca.h"

static void
load (const char *name, KinNpy *array)
{
  g_autofree char *path = g_build_filename (g_getenv ("KIN_FIXTURES"), "eval", name, NULL);
  g_autoptr (GError) error = NULL;

  kin_npy_read (path, array, &error);
  g_assert_no_error (error);
}

static void
assert_close (const float *found, const double *expected, gsize n, double tolerance)
{
  gsize worst = 0;
  double largest = 0;

  for (gsize i = 0; i < n; i++)
    {
      double difference = fabs (found[i] - expected[i]);

      if (!(difference <= largest))
        {
          largest = difference;
          worst = i;
        }
    }
  if (!(largest <= tolerance))
    g_error ("value %" G_GSIZE_FORMAT ": %.9g, expected %.9g", worst, found[worst], expected[worst]);
}

static void
test_sklearn (void)
{
  g_auto (KinNpy) rows = { 0 };
  g_auto (KinNpy) expected = { 0 };
  g_auto (KinNpy) share = { 0 };
  g_autofree float *values = NULL, *map = NULL;
  double explained = NAN;

  load ("rows.npy", &rows);
  load ("pca.npy", &expected);
  load ("explained.npy", &share);
  values = g_new (float, rows.n);
  map = g_new (float, expected.n);
  for (gsize i = 0; i < rows.n; i++)
    values[i] = rows.values[i];
  kin_pca_2d (values, rows.shape[0], rows.shape[1], map, &explained);
  assert_close (map, expected.values, expected.n, 1e-6);
  g_assert_cmpfloat_with_epsilon (explained, share.values[0], 1e-9);
}

/* Points of a plane, spread 3 : 1, that a rotation of @D axes has moved into space. */
static void
plane (float *rows, guint n, guint D, double angle)
{
  KinRng rng;

  kin_rng_init (&rng, 5, KIN_STREAM_TEST, 0, 0, 0);
  memset (rows, 0, (gsize) n * D * sizeof *rows);
  for (guint i = 0; i < n; i++)
    {
      float *row = rows + (gsize) i * D;

      row[0] = 3 * kin_rng_normal (&rng);
      row[1] = kin_rng_normal (&rng);
      for (guint d = 0; d + 1 < D; d++)
        {
          float x = row[d], y = row[d + 1];

          row[d] = cos (angle) * x - sin (angle) * y;
          row[d + 1] = sin (angle) * x + cos (angle) * y;
        }
      row[D - 1] += 20; /* the centre plays no part */
    }
}

/* Turning the space changes the map by a sign for each axis at most, and two axes explain all of a plane. */
static void
test_rotation_invariant (void)
{
  enum
  {
    N = 300,
    D = 9,
  };
  float rows[N * D], plain[N * 2], turned[N * 2];
  double explained;

  plane (rows, N, D, 0);
  kin_pca_2d (rows, N, D, plain, &explained);
  g_assert_cmpfloat_with_epsilon (explained, 1, 1e-9);
  for (int k = 1; k < 5; k++)
    {
      double expected[N * 2];

      plane (rows, N, D, 0.7 * k);
      kin_pca_2d (rows, N, D, turned, &explained);
      /* The rows are of size 20 in float. */
      g_assert_cmpfloat_with_epsilon (explained, 1, 1e-9);
      for (int axis = 0; axis < 2; axis++)
        {
          double sign = plain[axis] * turned[axis] < 0 ? -1 : 1;

          for (int i = 0; i < N; i++)
            expected[2 * i + axis] = sign * plain[2 * i + axis];
        }
      assert_close (turned, expected, N * 2, 1e-5);
    }
}

/* Four points on the axes, spread 3 : 2 : 1 in variance 9 : 4 : 1, with the signs settled. */
static void
test_known (void)
{
  static const float rows[] = { 3, 0, 0, -3, 0, 0, 0, 2, 0, 0, -2, 0, 0, 0, 1, 0, 0, -1 };
  static const double expected[] = { 3, 0, -3, 0, 0, 2, 0, -2, 0, 0, 0, 0 };
  float map[12];
  double explained;

  kin_pca_2d (rows, 6, 3, map, &explained);
  assert_close (map, expected, 12, 1e-6);
  g_assert_cmpfloat_with_epsilon (explained, 13 / 14.0, 1e-12);
}

static void
test_pca_edges (void)
{
  static const float line[] = { 1, 2, 6 };
  static const double centred[] = { -2, 0, -1, 0, 3, 0 }, zero[8] = { 0 };
  float equal[4 * 3], map[8], bad[] = { 1, 2, NAN, 4 };
  double explained = 7;

  kin_pca_2d (line, 3, 1, map, &explained);
  assert_close (map, centred, 6, 1e-6);
  g_assert_cmpfloat (explained, ==, 1);

  for (int i = 0; i < 12; i++)
    equal[i] = 0.1f * (i % 3 + 1);
  kin_pca_2d (equal, 4, 3, map, &explained);
  assert_close (map, zero, 8, 0);
  g_assert_cmpfloat (explained, ==, 0);

  kin_pca_2d (bad, 2, 2, map, &explained);
  assert_close (map, zero, 4, 0);
  g_assert_cmpfloat (explained, ==, 0);
  kin_pca_2d (equal, 1, 3, map, NULL);
  assert_close (map, zero, 2, 0);
}

static void
turn (const float *map, gsize n, double angle, gboolean is_reflected, double dx, double dy, float *turned)
{
  for (gsize i = 0; i < n; i++)
    {
      double x = map[2 * i], y = is_reflected ? -map[2 * i + 1] : map[2 * i + 1];

      turned[2 * i] = cos (angle) * x - sin (angle) * y + dx;
      turned[2 * i + 1] = sin (angle) * x + cos (angle) * y + dy;
    }
}

static void
test_procrustes_recovers (void)
{
  enum
  {
    N = 40,
  };
  float target[2 * N], map[2 * N];
  double expected[2 * N];
  KinRng rng;

  kin_rng_init (&rng, 6, KIN_STREAM_TEST, 0, 0, 0);
  for (int i = 0; i < N; i++)
    {
      target[2 * i] = 2 * kin_rng_normal (&rng) + 1;
      target[2 * i + 1] = kin_rng_normal (&rng) - 3;
    }
  for (int i = 0; i < 2 * N; i++)
    expected[i] = target[i];
  for (int k = 0; k < 24; k++)
    {
      turn (target, N, k * G_PI / 6, k >= 12, 5, -7, map);
      kin_procrustes_2d (map, target, N);
      assert_close (map, expected, 2 * N, 1e-5);
    }
}

/* Distances within the map stay: it is turned, not scaled. No other angle, turned or flipped, comes nearer. */
static void
test_procrustes_is_best (void)
{
  enum
  {
    N = 12,
  };
  float target[2 * N], map[2 * N], moved[2 * N], other[2 * N];
  double best = 0, square = 0, square_moved = 0;
  KinRng rng;

  kin_rng_init (&rng, 7, KIN_STREAM_TEST, 0, 0, 0);
  for (int i = 0; i < N; i++)
    for (int d = 0; d < 2; d++)
      {
        target[2 * i + d] = kin_rng_normal (&rng);
        map[2 * i + d] = kin_rng_normal (&rng);
      }
  memcpy (moved, map, sizeof map);
  kin_procrustes_2d (moved, target, N);
  for (int i = 0; i < 2 * N; i++)
    best += pow (moved[i] - target[i], 2);
  for (int i = 0; i < N - 1; i++)
    for (int d = 0; d < 2; d++)
      {
        square += pow (map[2 * i + d] - map[2 * i + 2 + d], 2);
        square_moved += pow (moved[2 * i + d] - moved[2 * i + 2 + d], 2);
      }
  g_assert_cmpfloat_with_epsilon (square, square_moved, 1e-4);
  for (int k = 0; k < 720; k++)
    {
      double mean[2] = { 0 }, distance = 0;

      turn (map, N, k * G_PI / 180, k >= 360, 0, 0, other);
      for (int i = 0; i < 2 * N; i++)
        mean[i % 2] += (other[i] - target[i]) / N;
      for (int i = 0; i < 2 * N; i++)
        distance += pow (other[i] - mean[i % 2] - target[i], 2);
      g_assert_true (best <= distance + 1e-5);
    }
}

static void
test_procrustes_degenerate (void)
{
  static const float target[] = { 1, 2, 3, 4, -5, 6 };
  const double expected[] = { 0.1f, 0.7f, 0.1f, 0.7f, 0.1f, 0.7f };
  float equal[] = { 0.1f, 0.7f, 0.1f, 0.7f, 0.1f, 0.7f }, zero[6] = { 0 };
  static const double zeros[6];

  kin_procrustes_2d (equal, target, 3);
  assert_close (equal, expected, 6, 0);
  kin_procrustes_2d (zero, target, 3);
  assert_close (zero, zeros, 6, 0);
  kin_procrustes_2d (equal, target, 1);
  assert_close (equal, expected, 6, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pca/sklearn", test_sklearn);
  g_test_add_func ("/pca/rotation-invariant", test_rotation_invariant);
  g_test_add_func ("/pca/known", test_known);
  g_test_add_func ("/pca/edges", test_pca_edges);
  g_test_add_func ("/procrustes/recovers", test_procrustes_recovers);
  g_test_add_func ("/procrustes/is-best", test_procrustes_is_best);
  g_test_add_func ("/procrustes/degenerate", test_procrustes_degenerate);
  return g_test_run ();
}
