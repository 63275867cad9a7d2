#include "engine/nn/conv-private.h"

/* Winograd's convolution, a lane at a time: the algebra is in kernels/winograd.h. A lane is worked through in blocks of
 * whole tile rows; what is transformed stays in the cache until it has been used. The way back makes V again, which is
 * cheaper than keeping it, and needs each transform once for both gradients. */

enum
{
  BLOCK_BYTES = 768 * 1024, /* of V and M: most of a core's second-level cache */
  TILES_MIN = 32,           /* fewer would read U from far away too often */
};

static KinWinograd
make_plan (const KinWindow *window, guint K, guint panel)
{
  KinWinograd winograd;
  gsize fitting;

  kin_winograd_init (&winograd, window, K, 1, panel);
  fitting = MAX (BLOCK_BYTES / ((winograd.v_size + winograd.m_size) * sizeof (real)), TILES_MIN);
  kin_winograd_init (&winograd, window, K, (fitting + winograd.tiles_x - 1) / winograd.tiles_x * winograd.tiles_x,
                     panel);
  return winograd;
}

static gsize
scratch (const KinWindow *window, guint K, gboolean backward)
{
  KinWinograd winograd = make_plan (window, K, KIN_PANEL_MAX);

  return winograd.v_size + winograd.m_size + (backward ? winograd.du_size : 0);
}

static gsize
shared (const KinWindow *window, guint K, guint N, gboolean backward)
{
  return make_plan (window, K, KIN_PANEL_MAX).u_size;
}

static gsize
partial (const KinWindow *window, guint K)
{
  return (gsize) 9 * window->C * K;
}

static void
forward_lane (gpointer data, guint item, guint worker)
{
  const KinConv *conv = data;
  const KinKernels *kernels = conv->pass->kernels;
  KinConvLane lane = kin_conv_get_lane (conv, item, worker);
  KinWinograd w = make_plan (conv->window, conv->K, kernels->panel);
  guint rows = lane.n * w.tiles_y, step = w.T / w.tiles_x;
  real *V = lane.scratch, *M = V + w.v_size;

  for (guint first = 0; first < rows; first += step)
    {
      guint last = MIN (first + step, rows);

      kin_winograd_read_inputs (&lane, &w, first, last, 0, V);
      for (guint p = 0; p < w.n_points * w.n_points; p++)
        kin_winograd_multiply (kernels, &w, p, (last - first) * w.tiles_x, V, conv->pass->tape->shared, M);
      kin_winograd_write_outputs (&lane, &w, first, last, 0, M);
      kin_conv_rows_done (&lane, w.tiles_y, first, last, kin_conv_data_done);
    }
}

static void
forward (const KinConv *conv)
{
  KinWinograd w = make_plan (conv->window, conv->K, conv->pass->kernels->panel);

  kin_winograd_pack (conv, &w, FALSE, conv->pass->tape->shared);
  kin_pool_run (conv->pass->pool, kin_lanes (conv->pass->N), forward_lane, (gpointer) conv);
}

static void
backward_lane (gpointer data, guint item, guint worker)
{
  const KinConv *conv = data;
  const KinKernels *kernels = conv->pass->kernels;
  KinConvLane lane = kin_conv_get_lane (conv, item, worker);
  KinWinograd w = make_plan (conv->window, conv->K, kernels->panel);
  guint rows = lane.n * w.tiles_y, step = w.T / w.tiles_x, n_points = w.n_points * w.n_points;
  real *V = lane.scratch, *dM = V + w.v_size, *dU = dM + w.m_size;

  for (guint first = 0; first < rows; first += step)
    {
      guint last = MIN (first + step, rows), T = (last - first) * w.tiles_x;

      kin_winograd_read_inputs (&lane, &w, first, last, 0, V);
      kin_winograd_read_gradients (&lane, &w, first, last, 0, dM);
      for (guint p = 0; p < n_points; p++)
        kin_winograd_multiply_weights (kernels, &w, p, T, V, dM, first > 0, dU);
      if (lane.dx == NULL)
        continue;
      for (guint p = 0; p < n_points; p++)
        kin_winograd_multiply_inputs (kernels, &w, p, T, dM, conv->pass->tape->shared, V);
      kin_winograd_write_gradients (&lane, &w, first, last, 0, V);
      kin_conv_rows_done (&lane, w.tiles_y, first, last, kin_conv_gradient_done);
    }
  kernels->winograd_weight_gradients (&w, dU, 0, w.window.C, lane.partial);
}

static void
backward (const KinConv *conv)
{
  const KinTape *tape = conv->pass->tape;
  KinWinograd w = make_plan (conv->window, conv->K, conv->pass->kernels->panel);

  if (conv->wants_dx)
    kin_winograd_pack (conv, &w, TRUE, tape->shared);
  kin_pool_run (conv->pass->pool, kin_lanes (conv->pass->N), backward_lane, (gpointer) conv);
  kin_conv_add_gradients (conv, tape->partials, kin_lanes (conv->pass->N), tape->partial_size);
}

const KinConvWay kin_conv_winograd = {
  .scratch = scratch,
  .shared = shared,
  .partial = partial,
  .forward = forward,
  .backward = backward,
};
