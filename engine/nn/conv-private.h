#pragma once

#include "engine/nn/layer.h"

G_BEGIN_DECLS

/* One lane of a convolution under way. */
typedef struct
{
  const KinPass *pass;
  guint node, lane;
  const KinWindow *window;
  guint K, n;       /* images */
  const real *x;    /* (n, H, W, C), to be read as @lazy says */
  const KinLazy *lazy;
  real *y;          /* (n, Ho, Wo, K) */
  const real *dy;   /* as y, to be read as @lazy_gradient says */
  const KinLazyGradient *lazy_gradient;
  real *dx;         /* as x; NULL where it is not wanted */
  gboolean adds;    /* to what another reader has left in dx */
  const real *packed; /* the weights, as pack() left them */
  real *scratch;      /* a worker's own */
  real *partial;      /* (kernel, kernel, C, K) gradients of the weights; overwritten */
} KinConvLane;

/* A way of doing it. Sizes are in reals. */
typedef struct
{
  gsize (*scratch) (const KinWindow *window, guint K, gboolean backward);
  gsize (*packed) (const KinWindow *window, guint K);

  /* Turns weights (K, C, kernel, kernel) into what forward (or backward) wants; part @part of @n_parts. */
  void (*pack) (const KinPass *pass, const KinWindow *window, guint K, const real *weights, gboolean backward,
                guint part, guint n_parts, real *packed);
  void (*forward) (const KinConvLane *lane);
  void (*backward) (const KinConvLane *lane);
} KinConvWay;

extern const KinConvWay kin_conv_direct, kin_conv_winograd;

/* To be called when images [first, first + n) of the lane have their output (or their input its gradient). */
void kin_conv_data_done (const KinConvLane *lane, guint first, guint n);
void kin_conv_gradient_done (const KinConvLane *lane, guint first, guint n);

G_END_DECLS
