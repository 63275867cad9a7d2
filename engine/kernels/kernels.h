#pragma once

#include "engine/core/cpu.h"
#include "engine/core/real.h"

G_BEGIN_DECLS

/* How a layer's output is meant to be read: max (scale_c · x + shift_c, 0), or part of it. Batch norm leaves its result
 * in this form, so that it is never written: whoever reads the convolution's output applies it on the way. */
typedef struct
{
  const real *scale; /* (C), NULL for 1 */
  const real *shift; /* (C), NULL exactly when scale is */
  gboolean relu;
} KinLazy;

/* Longest line of an image, px: KIN_SIZE_MAX with room. */
#define KIN_WINDOW_LINE_MAX 128

/* The geometry of a square convolution of one lane of images: (C, n, H, W) to (K, n, Ho, Wo). */
typedef struct
{
  guint C, H, W;
  guint Ho, Wo;
  guint kernel, stride, pad; /* stride 1 or 2 */
} KinWindow;

/**
 * KinKernels:
 *
 * The loops in which the time goes, gemm apart. One table for each instruction set, all compiled from kernels-body.h:
 * sums run over 16 explicit partial sums, so every table gives the same bits.
 */
typedef struct
{
  KinIsa isa;

  /* Columns of a convolution for output rows [first, last) of the lane, a row being one line of Wo pixels of one image:
   * x (C, n, H, W), columns (C·kernel², (last - first)·Wo). @plane: kin_window_scratch() reals. */
  void (*im2col) (const KinWindow *window, guint n, guint first, guint last, const real *x, const KinLazy *lazy,
                  real *plane, real *columns);

  /* The transpose of im2col, added to dx (C, n, H, W). */
  void (*col2im_add) (const KinWindow *window, guint n, guint first, guint last, const real *columns, real *plane,
                      real *dx);

  /* sum and sum of squares of x (n), in double. */
  void (*moments) (const real *x, gsize n, double *sum, double *sum_squares);

  /* g = dy where relu is off or scale·u + shift > 0, else 0; written over dy. Sums of g and of g·(u - mean). */
  void (*norm_sums) (const real *u, real *dy, gsize n, real scale, real shift, gboolean relu, real mean, double *sum,
                     double *sum_centred);

  /* dy = c_g·dy + c_u·(u - mean) + c. */
  void (*norm_apply) (const real *u, real *dy, gsize n, real mean, real c_g, real c_u, real c);

  /* y = max (scale·x + shift, 0) or without max. x may be y. */
  void (*affine) (const real *x, gsize n, real scale, real shift, gboolean relu, real *y);

  /* y = max (y + scale·x + shift, 0). */
  void (*join) (const real *x, gsize n, real scale, real shift, real *y);

  /* dy = 0 where y <= 0. */
  void (*mask) (const real *y, gsize n, real *dy);

  /* y += x. */
  void (*add) (const real *x, gsize n, real *y);
} KinKernels;

/**
 * kin_kernels_get:
 *
 * Returns: (transfer none): the table of kin_cpu_best_isa()
 */
const KinKernels *kin_kernels_get (void);

/* Returns: (transfer none) (nullable): the table of @isa, NULL when it is not built in or the machine lacks it */
const KinKernels *kin_kernels_get_for (KinIsa isa);

/* Reals that im2col and col2im_add need for one padded plane of one image. */
gsize kin_window_scratch (const KinWindow *window);

#if defined(__x86_64__) && !defined(KIN_REAL_DOUBLE)
#define KIN_HAVE_X86_KERNELS 1
#endif

extern const KinKernels kin_kernels_ref;
#ifdef KIN_HAVE_X86_KERNELS
extern const KinKernels kin_kernels_avx2;
extern const KinKernels kin_kernels_avx512;
#endif

G_END_DECLS
