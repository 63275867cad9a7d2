#include "engine/eval/metrics.h"

#include <cblas.h>
#include <float.h>
#include <math.h>

#include "engine/core/eigen.h"

enum
{
  BLOCK = 256, /* rows, in either direction */
};

double
kin_alignment (const float *a, const float *b, gsize n, guint D)
{
  double sum = 0;

  for (gsize i = 0; i < n * D; i++)
    {
      double difference = (double) a[i] - b[i];

      sum += difference * difference;
    }
  return sum / n;
}

/* The sum over the pairs i < j of one block of products. */
static double
sum_pairs (const float *products, const double *squares, gsize first_i, guint n_i, gsize first_j, guint n_j)
{
  double sum = 0;

  for (guint i = 0; i < n_i; i++)
    {
      guint j = first_i == first_j ? i + 1 : 0;

      for (; j < n_j; j++)
        {
          double distance = squares[first_i + i] + squares[first_j + j] - 2.0 * products[i * BLOCK + j];

          /* Written so that NaN goes through: MAX (0, distance) would hide it. */
          sum += distance < 0 ? 1 : exp (-2 * distance);
        }
    }
  return sum;
}

double
kin_uniformity (const float *rows, gsize n, guint D)
{
  g_autofree float *products = g_new (float, BLOCK * BLOCK);
  g_autofree double *squares = g_new0 (double, n);
  double sum = 0;

  g_return_val_if_fail (n >= 2, NAN);
  for (gsize i = 0; i < n; i++)
    for (guint d = 0; d < D; d++)
      squares[i] += (double) rows[i * D + d] * rows[i * D + d];
  for (gsize i = 0; i < n; i += BLOCK)
    for (gsize j = i; j < n; j += BLOCK)
      {
        guint n_i = MIN (BLOCK, n - i), n_j = MIN (BLOCK, n - j);

        cblas_sgemm (CblasRowMajor, CblasNoTrans, CblasTrans, n_i, n_j, D, 1, rows + i * D, D, rows + j * D, D, 0,
                     products, BLOCK);
        sum += sum_pairs (products, squares, i, n_i, j, n_j);
      }
  return log (sum / (0.5 * n * (n - 1)));
}

/* rowsᵀ · rows for the D × D matrix, or rows · rowsᵀ for the n × n one: whichever is smaller, as both have the same
 * eigenvalues but for zeros. Returns the lower triangle. */
static double *
gram_new (const float *rows, gsize n, guint D)
{
  guint m = MIN (n, D);
  double *gram = g_new0 (double, (gsize) m * m);
  gsize step = n >= D ? BLOCK : D; /* columns of the transposed are rows of ours, all at once */
  g_autofree double *block = g_new (double, MIN (step, MAX (n, D)) * m);

  for (gsize begin = 0; begin < MAX (n, D); begin += step)
    {
      gsize count = MIN (step, MAX (n, D) - begin);

      for (gsize i = 0; i < count; i++)
        for (guint j = 0; j < m; j++)
          block[i * m + j] = n >= D ? rows[(begin + i) * D + j] : rows[(gsize) j * D + begin + i];
      kin_gram_add (block, count, m, gram);
    }
  return gram;
}

/* Eigenvalues below what rounding makes of zero are zero: hundreds of them would add to the entropy. */
static double
entropy_of_roots (const double *eigenvalues, guint m, gsize terms)
{
  double floor = eigenvalues[0] * DBL_EPSILON * MAX (m, terms), total = 0, entropy = 0;

  for (guint i = 0; i < m && eigenvalues[i] > floor; i++)
    total += sqrt (eigenvalues[i]);
  for (guint i = 0; i < m && eigenvalues[i] > floor; i++)
    {
      double p = sqrt (eigenvalues[i]) / total;

      entropy -= p * log (p);
    }
  return entropy;
}

double
kin_effective_rank (const float *rows, gsize n, guint D)
{
  guint m = MIN (n, D);
  g_autofree double *gram = NULL;
  g_autofree double *eigenvalues = NULL;
  double trace = 0;

  if (m == 0)
    return 0;
  gram = gram_new (rows, n, D);
  for (guint i = 0; i < m; i++)
    trace += gram[(gsize) i * m + i];
  if (!isfinite (trace))
    return NAN;
  if (trace == 0)
    return 0;
  eigenvalues = g_new (double, m);
  if (!kin_eigen_symmetric (gram, m, m, eigenvalues, NULL))
    return NAN;
  return exp (entropy_of_roots (eigenvalues, m, MAX (n, D)));
}

double
kin_mean_std (const float *rows, gsize n, guint D)
{
  g_autofree double *mean = g_new0 (double, D);
  g_autofree double *variance = g_new0 (double, D);
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    for (guint d = 0; d < D; d++)
      mean[d] += rows[i * D + d];
  for (guint d = 0; d < D; d++)
    mean[d] /= n;
  for (gsize i = 0; i < n; i++)
    for (guint d = 0; d < D; d++)
      {
        double deviation = rows[i * D + d] - mean[d];

        variance[d] += deviation * deviation / n;
      }
  for (guint d = 0; d < D; d++)
    sum += sqrt (variance[d]);
  return sum / D;
}
