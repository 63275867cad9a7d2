#pragma once

/* Vectors of KIN_VECTOR_BYTES, which the includer defines, with what the bodies of the kernels do to them. Each
 * kernels-ISA.c adds in its instructions vec_all(), vec_fma(), and vec_where_positive (test, v): v where test > 0, else
 * 0, also where test is not a number. */

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

/* --- Sums in double, a lane for itself --- */

typedef double VecWide __attribute__ ((vector_size (KIN_VECTOR_BYTES)));

enum
{
  WIDE_LANES = KIN_VECTOR_BYTES / sizeof (double),
  N_WIDE = LANES / WIDE_LANES, /* wide vectors that a vector's numbers fill */
};

typedef struct
{
  VecWide part[N_WIDE];
} VecSum;

#ifdef KIN_REAL_DOUBLE

KIN_INLINE VecSum
vec_widen (Vec v)
{
  return (VecSum){ { v } };
}

#else

typedef float VecHalf __attribute__ ((vector_size (KIN_VECTOR_BYTES / 2)));

KIN_INLINE VecSum
vec_widen (Vec v)
{
  union
  {
    Vec whole;
    VecHalf half[2];
  } u = { v };

  return (VecSum){ { __builtin_convertvector (u.half[0], VecWide), __builtin_convertvector (u.half[1], VecWide) } };
}

#endif

KIN_INLINE void
vec_sum_add (VecSum *sum, Vec v)
{
  VecSum wide = vec_widen (v);

  for (int i = 0; i < N_WIDE; i++)
    sum->part[i] += wide.part[i];
}

KIN_INLINE void
vec_sum_add_product (VecSum *sum, Vec a, Vec b)
{
  VecSum wide_a = vec_widen (a), wide_b = vec_widen (b);

  for (int i = 0; i < N_WIDE; i++)
    sum->part[i] += wide_a.part[i] * wide_b.part[i];
}

KIN_INLINE double
vec_sum_lane (const VecSum *sum, guint lane)
{
  return sum->part[lane / WIDE_LANES][lane % WIDE_LANES];
}
