#include <immintrin.h>

#define KIN_KERNELS kin_kernels_avx512
#define KIN_KERNELS_ISA KIN_ISA_AVX512
#define KIN_VECTOR_BYTES 64
#define KIN_ROWS 8
#include "engine/kernels/vector.h"

static inline Vec
vec_all (float x)
{
  return (Vec) _mm512_set1_ps (x);
}

static inline Vec
vec_fma (Vec a, Vec b, Vec c)
{
  return (Vec) _mm512_fmadd_ps ((__m512) a, (__m512) b, (__m512) c);
}

static inline Vec
vec_where_positive (Vec test, Vec v)
{
  return (Vec) _mm512_maskz_mov_ps (_mm512_cmp_ps_mask ((__m512) test, _mm512_setzero_ps (), _CMP_GT_OQ), (__m512) v);
}

#include "engine/kernels/kernels-body.h"
