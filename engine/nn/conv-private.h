#pragma once

#include "engine/nn/layer.h"

G_BEGIN_DECLS

/* One convolution of a pass. */
typedef struct
{
  const KinPass *pass;
  guint node;
  const KinValue *input, *output;
  const KinWindow *window;
  guint K;
  const real *weights;  /* (K, C, kernel, kernel) */
  real *gradients;      /* of them; NULL on the way forward */
  gboolean wants_dx;
} KinConv;

/* A lane's images of it. */
typedef struct
{
  const KinConv *conv;
  guint lane, n;    /* images */
  const real *x;    /* (n, H, W, C), to be read as @lazy says */
  const KinLazy *lazy;
  real *y;          /* (n, Ho, Wo, K) */
  const real *dy;   /* as y, to be read as @lazy_gradient says */
  const KinLazyGradient *lazy_gradient;
  real *dx;         /* as x; NULL where it is not wanted */
  gboolean adds;    /* to what another reader has left in dx */
  real *scratch;    /* the worker's own */
  real *partial;    /* (kernel, kernel, C, K) gradients of the weights */
} KinConvLane;

/* A way of doing it. Sizes are in reals, @N is the most images of a pass. */
typedef struct
{
  gsize (*scratch) (const KinWindow *window, guint K, gboolean backward);          /* of one worker */
  gsize (*shared) (const KinWindow *window, guint K, guint N, gboolean backward);  /* of all */
  gsize (*partial) (const KinWindow *window, guint K);                             /* of one lane */
  void (*forward) (const KinConv *conv);
  void (*backward) (const KinConv *conv);
} KinConvWay;

extern const KinConvWay kin_conv_direct, kin_conv_winograd, kin_conv_winograd_wide;

KinConvLane kin_conv_get_lane (const KinConv *conv, guint lane, guint worker);

/* To be called when images [first, first + n) of the lane have their output (or their input its gradient). */
void kin_conv_data_done (const KinConvLane *lane, guint first, guint n);
void kin_conv_gradient_done (const KinConvLane *lane, guint first, guint n);

/* Calls one of them for the images that rows [first, last) of the lane, @per_image of them each, have completed. */
void kin_conv_rows_done (const KinConvLane *lane, guint per_image, guint first, guint last,
                         void (*done) (const KinConvLane *lane, guint first, guint n));

/* Adds @n_partials arrays (kernel, kernel, C, K), @apart numbers from one to the next, in their order, to the gradients
 * of the weights. The first is overwritten. */
void kin_conv_add_gradients (const KinConv *conv, real *partials, guint n_partials, gsize apart);

/* --- What both of Winograd's ways need --- */

/* Fills U, or Uᵀ for the way back. */
void kin_winograd_pack (const KinConv *conv, const KinWinograd *winograd, gboolean backward, real *U);

/* M_p = V_p · U_p;   dU_p (+)= V_pᵀ · dM_p;   dV_p = dM_p · U_pᵀ: of point @p and the first @T tiles. */
void kin_winograd_multiply (const KinKernels *kernels, const KinWinograd *w, guint p, guint T, const real *V,
                            const real *U, real *M);
void kin_winograd_multiply_weights (const KinKernels *kernels, const KinWinograd *w, guint p, guint T, const real *V,
                                    const real *dM, gboolean accumulate, real *dU);
void kin_winograd_multiply_inputs (const KinKernels *kernels, const KinWinograd *w, guint p, guint T, const real *dM,
                                   const real *Ut, real *dV);

/* Tile rows [first, last) of a lane, counted over its images, to (or from) tiles @tile onwards of a block. */
void kin_winograd_read_inputs (const KinConvLane *lane, const KinWinograd *w, guint first, guint last, guint tile,
                               real *V);
void kin_winograd_read_gradients (const KinConvLane *lane, const KinWinograd *w, guint first, guint last, guint tile,
                                  real *dM);
void kin_winograd_write_outputs (const KinConvLane *lane, const KinWinograd *w, guint first, guint last, guint tile,
                                 const real *M);
void kin_winograd_write_gradients (const KinConvLane *lane, const KinWinograd *w, guint first, guint last, guint tile,
                                   const real *dV);

G_END_DECLS
