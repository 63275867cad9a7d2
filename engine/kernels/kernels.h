#pragma once

#include "engine/core/cpu.h"
#include "engine/core/real.h"
#include "engine/kernels/winograd.h"

G_BEGIN_DECLS

/* How a layer's output is meant to be read: max (scale_c · x + shift_c, 0), or part of it. Batch norm leaves its result
 * in this form, so that it is never written: whoever reads the convolution's output applies it on the way. */
typedef struct
{
  const real *scale; /* (C), NULL for 1 */
  const real *shift; /* (C), NULL exactly when scale is */
  gboolean relu;
} KinLazy;

/* The same for the way back: the gradient of a convolution's output u behind batch norm, from the gradient dy behind the
 * norm and its ReLU,
 *
 *     du = slope_c · g + bend_c · u + offset_c,   g = dy where not relu or scale_c · u + shift_c > 0, else 0 */
typedef struct
{
  const real *scale, *shift; /* (C) as in KinLazy */
  gboolean relu;
  const real *slope, *bend, *offset; /* (C) each; slope is NULL where du = dy */
} KinLazyGradient;

/* Largest KinKernels.panel of any table: a power of two, as all are, so what is reserved for it holds the others too. */
#define KIN_PANEL_MAX 32

/**
 * KinKernels:
 *
 * The loops in which the time goes. One table for each instruction set, all compiled from the same bodies. Maps are
 * (P, C): pixels of images one behind the other, C numbers each.
 *
 * Sums over pixels run in the order of the pixels, in double, a channel for itself; so but for multiply(), which rounds
 * as the machine's fused multiply-add does where there is one, every table gives the same bits.
 */
typedef struct
{
  KinIsa isa;
  guint panel; /* columns that multiply() works on at a time: what B is packed by */

  /* C (M, N) = A (M, K) · B (K, N), or C += with @accumulate. A's element (m, k) is at m·a_row + k·a_depth; B's (k, n) at
   * n / panel · b_panel + k·b_row + n % panel; C's at m·c_row + n. */
  void (*multiply) (gsize M, gsize N, gsize K, const real *A, gsize a_row, gsize a_depth, const real *B, gsize b_panel,
                    gsize b_row, real *C, gsize c_row, gboolean accumulate);

  /* --- Direct convolution --- */

  /* Columns of a convolution for output rows [first, last) of images x (n, H, W, C), a row being a line of Wo pixels of
   * one image: columns ((last - first)·Wo, kernel²·C), a pixel's numbers in the order (ky, kx, c). @line:
   * kin_window_scratch() reals. */
  void (*im2col) (const KinWindow *window, guint first, guint last, const real *x, const KinLazy *lazy, real *line,
                  real *columns);

  /* The transpose of im2col, added to dx (n, H, W, C). */
  void (*col2im_add) (const KinWindow *window, guint first, guint last, const real *columns, real *dx);

  /* --- Winograd's convolution: see winograd.h --- */

  /* Weights (K, C, 3, 3) to U, or with @transposed to Uᵀ. Channels [first, last) of C, or with @transposed of K. */
  void (*winograd_weights) (const KinWinograd *winograd, const real *weights, gboolean transposed, guint first,
                            guint last, real *U);

  /* dU to gradients (3, 3, C, K), which are overwritten. Channels [first, last) of C. */
  void (*winograd_weight_gradients) (const KinWinograd *winograd, const real *dU, guint first, guint last,
                                     real *gradients);

  /* The others work on tile row @strip of one image, whose first tile is tile @tile of the block.
   *
   * x (H, W, C) to V; V's gradient to dx, which is overwritten, or added to with @accumulate. Strips from 0 on. */
  void (*winograd_input) (const KinWinograd *winograd, guint strip, guint tile, const real *x, const KinLazy *lazy,
                          real *V);
  void (*winograd_input_gradient) (const KinWinograd *winograd, guint strip, guint tile, const real *dV,
                                   gboolean accumulate, real *dx);

  /* M to y (Ho, Wo, K); dy to M's gradient, u being y. */
  void (*winograd_output) (const KinWinograd *winograd, guint strip, guint tile, const real *M, real *y);
  void (*winograd_output_gradient) (const KinWinograd *winograd, guint strip, guint tile, const real *u,
                                    const real *dy, const KinLazyGradient *lazy, real *dM);

  /* --- Batch norm, of x or u (P, C) --- */

  /* Adds sum and sum of squares of each channel. */
  void (*moments) (const real *x, gsize P, guint C, double *sums, double *squares);

  /* Adds the sums of g and of g·(u - mean), g as in KinLazyGradient. */
  void (*norm_sums) (const real *u, const real *dy, gsize P, guint C, const KinLazyGradient *lazy, const real *mean,
                     double *sums, double *centred);

  /* What @lazy says of dy. du may be dy. */
  void (*norm_gradient) (const real *u, const real *dy, gsize P, guint C, const KinLazyGradient *lazy, real *du);

  /* --- Others --- */

  /* y = max (a + b, 0), both read lazily. */
  void (*join) (const real *a, const KinLazy *lazy_a, const real *b, const KinLazy *lazy_b, gsize P, guint C, real *y);

  /* The mean of each channel of the lazily read x (P, C). */
  void (*lazy_mean) (const real *x, gsize P, guint C, const KinLazy *lazy, real *mean);

  /* y = max (x, 0). */
  void (*rectify) (const real *x, gsize n, real *y);

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

#if defined(__x86_64__) && !defined(KIN_REAL_DOUBLE)
#define KIN_HAVE_X86_KERNELS 1
#endif

extern const KinKernels kin_kernels_ref;
#ifdef KIN_HAVE_X86_KERNELS
extern const KinKernels kin_kernels_avx2;
extern const KinKernels kin_kernels_avx512;
#endif

G_END_DECLS
