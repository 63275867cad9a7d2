#include "engine/loss/normalize.h"

#include <math.h>

static const double EPS = 1e-24; /* keeps a row of zeros at zero, and its gradient finite */

static double
dot (const real *a, const real *b, guint D)
{
  double sum = 0;

  for (guint d = 0; d < D; d++)
    sum += (double) a[d] * b[d];
  return sum;
}

void
kin_normalize_rows (const real *x, gsize n, guint D, real *y, real *norms)
{
  for (gsize i = 0; i < n; i++, x += D, y += D)
    {
      double norm = sqrt (dot (x, x, D) + EPS);

      norms[i] = norm;
      for (guint d = 0; d < D; d++)
        y[d] = x[d] / norm;
    }
}

void
kin_normalize_rows_backward (const real *y, const real *norms, const real *dy, gsize n, guint D, real *dx)
{
  for (gsize i = 0; i < n; i++, y += D, dy += D, dx += D)
    {
      double along = dot (y, dy, D);

      for (guint d = 0; d < D; d++)
        dx[d] = (dy[d] - y[d] * along) / norms[i];
    }
}
