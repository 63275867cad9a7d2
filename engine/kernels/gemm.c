#include "engine/kernels/gemm.h"

#include <cblas.h>

void
kin_gemm_init (void)
{
  static gsize done = 0;

  if (g_once_init_enter (&done))
    {
      openblas_set_num_threads (1);
      g_once_init_leave (&done, 1);
    }
}

static CBLAS_TRANSPOSE
transpose (KinTransposed transposed)
{
  return transposed == KIN_TRANSPOSED ? CblasTrans : CblasNoTrans;
}

void
kin_gemm (KinTransposed a_transposed, KinTransposed b_transposed, gsize M, gsize N, gsize K, real alpha, const real *A,
          gsize lda, const real *B, gsize ldb, real beta, real *C, gsize ldc)
{
  if (M == 0 || N == 0)
    return;
#ifdef KIN_REAL_DOUBLE
  cblas_dgemm
#else
  cblas_sgemm
#endif
      (CblasRowMajor, transpose (a_transposed), transpose (b_transposed), (blasint) M, (blasint) N, (blasint) K, alpha,
       A, (blasint) lda, B, (blasint) ldb, beta, C, (blasint) ldc);
}
