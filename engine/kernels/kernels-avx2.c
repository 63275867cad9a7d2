#include <immintrin.h>

#define KIN_KERNELS kin_kernels_avx2
#define KIN_KERNELS_ISA KIN_ISA_AVX2
#define KIN_VECTOR_BYTES 32
#define KIN_ROWS 4
#include "engine/kernels/vector.h"

static inline Vec
vec_all (float x)
{
  return (Vec) _mm256_set1_ps (x);
}

static inline Vec
vec_fma (Vec a, Vec b, Vec c)
{
  return (Vec) _mm256_fmadd_ps ((__m256) a, (__m256) b, (__m256) c);
}

static inline Vec
vec_where_positive (Vec test, Vec v)
{
  return (Vec) _mm256_and_ps (_mm256_cmp_ps ((__m256) test, _mm256_setzero_ps (), _CMP_GT_OQ), (__m256) v);
}

#include "engine/kernels/kernels-body.h"
