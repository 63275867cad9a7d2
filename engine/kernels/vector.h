#pragma once

/* Vectors of KIN_VECTOR_BYTES, which the includer defines, with what the bodies of the kernels do to them. Each
 * kernels-ISA.c adds vec_all(), vec_fma() and vec_where_positive() in its instructions. */

#include "engine/core/real.h"

#define KIN_INLINE static inline __attribute__ ((always_inline))

typedef real Vec __attribute__ ((vector_size (KIN_VECTOR_BYTES)));
typedef real VecInMemory __attribute__ ((vector_size (KIN_VECTOR_BYTES), aligned (sizeof (real)), may_alias));
#ifdef KIN_REAL_DOUBLE
typedef gint64 VecMask __attribute__ ((vector_size (KIN_VECTOR_BYTES)));
#else
typedef gint32 VecMask __attribute__ ((vector_size (KIN_VECTOR_BYTES)));
#endif

enum
{
  LANES = KIN_VECTOR_BYTES / sizeof (real),
};

KIN_INLINE Vec
vec_load (const real *from)
{
  return (Vec) * (const VecInMemory *) from;
}

KIN_INLINE void
vec_store (real *to, Vec v)
{
  *(VecInMemory *) to = (VecInMemory) v;
}
