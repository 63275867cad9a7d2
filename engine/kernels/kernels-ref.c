/* For any machine: vectors of 16 bytes, as the compiler makes them. */

#define KIN_KERNELS kin_kernels_ref
#define KIN_KERNELS_ISA KIN_ISA_REF
#define KIN_VECTOR_BYTES 16
#define KIN_ROWS 4
#include "engine/kernels/vector.h"

static inline Vec
vec_all (real x)
{
  Vec v;

  for (int lane = 0; lane < LANES; lane++)
    v[lane] = x;
  return v;
}

static inline Vec
vec_fma (Vec a, Vec b, Vec c)
{
  return a * b + c;
}

static inline Vec
vec_where_positive (Vec test, Vec v)
{
  return (Vec) ((VecMask) v & (test > 0));
}

#include "engine/kernels/kernels-body.h"
