#include "engine/core/eigen.h"

#include <cblas.h>

/* OpenBLAS brings LAPACK without a C header. The lengths of the three texts come last, as gfortran passes them. */
void dsyevr_ (const char *jobz, const char *range, const char *uplo, const int *n, double *a, const int *lda,
              const double *vl, const double *vu, const int *il, const int *iu, const double *abstol, int *m, double *w,
              double *z, const int *ldz, int *isuppz, double *work, const int *lwork, int *iwork, const int *liwork,
              int *info, gsize jobz_length, gsize range_length, gsize uplo_length);

static void
reverse (double *values, double *vectors, guint m, guint n)
{
  for (guint i = 0, j = m - 1; i < j; i++, j--)
    {
      double swap = values[i];

      values[i] = values[j];
      values[j] = swap;
      if (vectors != NULL)
        cblas_dswap (n, vectors + (gsize) i * n, 1, vectors + (gsize) j * n, 1);
    }
}

gboolean
kin_eigen_symmetric (double *a, guint n, guint m, double *values, double *vectors)
{
  const char *jobz = vectors == NULL ? "N" : "V", *range = m == n ? "A" : "I";
  int size = n, first = n - m + 1, last = n, found = 0, info = 0;
  int query = -1, work_length, iwork_length;
  double work_size, tolerance = 0, none = 0;
  g_autofree int *support = g_new (int, 2 * (gsize) n);
  g_autofree double *work = NULL;
  g_autofree int *iwork = NULL;

  g_return_val_if_fail (m >= 1 && m <= n && n <= G_MAXINT / 64, FALSE);
  /* Our lower triangle by rows is Fortran's upper one by columns. */
  dsyevr_ (jobz, range, "U", &size, a, &size, &none, &none, &first, &last, &tolerance, &found, values, vectors, &size,
           support, &work_size, &query, &iwork_length, &query, &info, 1, 1, 1);
  if (info != 0)
    return FALSE;
  work_length = work_size;
  work = g_new (double, work_length);
  iwork = g_new (int, iwork_length);
  dsyevr_ (jobz, range, "U", &size, a, &size, &none, &none, &first, &last, &tolerance, &found, values, vectors, &size,
           support, work, &work_length, iwork, &iwork_length, &info, 1, 1, 1);
  if (info != 0 || found != (int) m)
    return FALSE;
  reverse (values, vectors, m, n);
  return TRUE;
}

void
kin_gram_add (const double *rows, gsize n, guint D, double *gram)
{
  cblas_dsyrk (CblasRowMajor, CblasLower, CblasTrans, D, n, 1, rows, D, 1, gram, D);
}
