#pragma once

#include "engine/core/real.h"

G_BEGIN_DECLS

typedef enum
{
  KIN_PLAIN,
  KIN_TRANSPOSED,
} KinTransposed;

/**
 * kin_gemm:
 *
 * C (M, N) = alpha · op(A) (M, K) · op(B) (K, N) + beta · C, row-major, with the lines of each matrix @lda, @ldb, @ldc
 * apart as it lies in memory. beta == 0 overwrites without reading. On the calling thread; any number of threads may
 * call at once. The same call gives the same bits, whoever makes it.
 */
void kin_gemm (KinTransposed a_transposed, KinTransposed b_transposed, gsize M, gsize N, gsize K, real alpha,
               const real *A, gsize lda, const real *B, gsize ldb, real beta, real *C, gsize ldc);

/**
 * kin_gemm_init:
 *
 * Holds OpenBLAS at one thread: the workers are ours. Call before the first kin_gemm(); again is harmless.
 */
void kin_gemm_init (void);

G_END_DECLS
