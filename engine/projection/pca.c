#include "engine/projection/pca.h"

#include <math.h>
#include <string.h>

#include "engine/core/eigen.h"

enum
{
  BLOCK = 256, /* rows that are centred at a time */
};

static double *
mean_new (const float *rows, gsize n, guint D)
{
  double *mean = g_new0 (double, D);

  for (gsize i = 0; i < n; i++)
    for (guint d = 0; d < D; d++)
      mean[d] += rows[i * D + d];
  for (guint d = 0; d < D; d++)
    mean[d] /= n;
  return mean;
}

/* Lower triangle of the sum of the centred rows' outer products: the covariance but for a factor. */
static double *
scatter_new (const float *rows, gsize n, guint D, const double *mean)
{
  double *scatter = g_new0 (double, (gsize) D * D);
  g_autofree double *block = g_new (double, (gsize) BLOCK * D);

  for (gsize begin = 0; begin < n; begin += BLOCK)
    {
      gsize count = MIN (BLOCK, n - begin);

      for (gsize i = 0; i < count; i++)
        for (guint d = 0; d < D; d++)
          block[i * D + d] = rows[(begin + i) * D + d] - mean[d];
      kin_gram_add (block, count, D, scatter);
    }
  return scatter;
}

static void
settle_sign (double *axis, guint D)
{
  guint largest = 0;

  for (guint d = 1; d < D; d++)
    if (fabs (axis[d]) > fabs (axis[largest]))
      largest = d;
  if (axis[largest] < 0)
    for (guint d = 0; d < D; d++)
      axis[d] = -axis[d];
}

static void
project (const float *rows, gsize n, guint D, const double *mean, const double *axis, float *map)
{
  for (gsize i = 0; i < n; i++)
    {
      double sum = 0;

      for (guint d = 0; d < D; d++)
        sum += (rows[i * D + d] - mean[d]) * axis[d];
      map[2 * i] = sum;
    }
}

/* The rounding of the mean leaves something of equal rows; real differences of floats are far above it. */
static gboolean
is_spread (double trace, const double *mean, gsize n, guint D)
{
  double square = 0;

  for (guint d = 0; d < D; d++)
    square += mean[d] * mean[d];
  return isfinite (trace) && trace > 1e-26 * n * square;
}

void
kin_pca_2d (const float *rows, gsize n, guint D, float *map, double *explained)
{
  g_autofree double *mean = NULL, *scatter = NULL, *values = NULL, *axes = NULL;
  guint n_axes = MIN (2, D);
  double trace = 0, kept = 0;

  if (explained != NULL)
    *explained = 0;
  memset (map, 0, 2 * n * sizeof *map);
  if (n == 0 || D == 0)
    return;
  mean = mean_new (rows, n, D);
  scatter = scatter_new (rows, n, D, mean);
  values = g_new (double, D);
  axes = g_new (double, (gsize) n_axes * D);
  for (guint d = 0; d < D; d++)
    trace += scatter[(gsize) d * D + d];
  if (!is_spread (trace, mean, n, D) || !kin_eigen_symmetric (scatter, D, n_axes, values, axes))
    return;
  for (guint k = 0; k < n_axes; k++)
    {
      settle_sign (axes + (gsize) k * D, D);
      project (rows, n, D, mean, axes + (gsize) k * D, map + k);
      kept += values[k];
    }
  if (explained != NULL)
    *explained = CLAMP (kept / trace, 0, 1);
}

static void
centre_of (const float *map, gsize n, double centre[2])
{
  centre[0] = centre[1] = 0;
  for (gsize i = 0; i < n; i++)
    for (int d = 0; d < 2; d++)
      centre[d] += map[2 * i + d] / (double) n;
}

/*
 * With the centred maps A, B as rows and M = AᵀB, the orthogonal R that makes |AR - B| least makes tr (RᵀM) largest.
 *
 *   a rotation    R = ( c  s; -s  c):  tr (RᵀM) = c (m00 + m11) + s (m01 - m10), at most the length of that pair
 *   a reflection  R = ( c  s;  s -c):  tr (RᵀM) = c (m00 - m11) + s (m01 + m10), likewise
 *
 * and the better of the two is the answer, with (c, s) the direction of its pair.
 */
void
kin_procrustes_2d (float *map, const float *target, gsize n)
{
  double from[2], to[2], m[2][2] = { { 0 } }, square_map = 0, square_target = 0;
  double turn[2], flip[2], turn_length, flip_length, c, s, sign;

  centre_of (map, n, from);
  centre_of (target, n, to);
  for (gsize i = 0; i < n; i++)
    for (int d = 0; d < 2; d++)
      {
        square_map += (double) map[2 * i + d] * map[2 * i + d];
        square_target += (double) target[2 * i + d] * target[2 * i + d];
        for (int e = 0; e < 2; e++)
          m[d][e] += (map[2 * i + d] - from[d]) * (target[2 * i + e] - to[e]);
      }
  turn[0] = m[0][0] + m[1][1];
  turn[1] = m[0][1] - m[1][0];
  flip[0] = m[0][0] - m[1][1];
  flip[1] = m[0][1] + m[1][0];
  turn_length = hypot (turn[0], turn[1]);
  flip_length = hypot (flip[0], flip[1]);
  /* No information, or what rounding makes of none. Also false when a number is not finite. */
  if (!(MAX (turn_length, flip_length) > 1e-20 * sqrt (square_map * square_target)))
    return;

  sign = turn_length >= flip_length ? 1 : -1;
  c = sign > 0 ? turn[0] / turn_length : flip[0] / flip_length;
  s = sign > 0 ? turn[1] / turn_length : flip[1] / flip_length;
  for (gsize i = 0; i < n; i++)
    {
      double x = map[2 * i] - from[0], y = map[2 * i + 1] - from[1];

      map[2 * i] = to[0] + c * x - sign * s * y;
      map[2 * i + 1] = to[1] + s * x + sign * c * y;
    }
}
