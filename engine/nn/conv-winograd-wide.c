#include "engine/nn/conv-private.h"

/* Winograd's convolution, a point at a time, of all lanes together: for many channels and few tiles. The weights of a
 * point are then read once, and their gradient is written once; a worker takes whole points between the transforms, in
 * which it takes whole lanes. */

/* Where the blocks that all workers share begin. */
typedef struct
{
  KinWinograd w;
  const KinConv *conv;
  guint T; /* tiles of this pass */
  real *U, *V, *M, *dU, *dw;
} Wide;

static gsize
no_scratch (const KinWindow *window, guint K, gboolean backward)
{
  return 0;
}

static KinWinograd
make_plan (const KinWindow *window, guint K, guint N, guint panel)
{
  KinWinograd winograd;

  kin_winograd_init (&winograd, window, K, 1, panel);
  kin_winograd_init (&winograd, window, K, N * winograd.tiles_x * winograd.tiles_y, panel);
  return winograd;
}

static gsize
shared (const KinWindow *window, guint K, guint N, gboolean backward)
{
  KinWinograd w = make_plan (window, K, N, KIN_PANEL_MAX);

  return w.u_size + w.v_size + w.m_size + (backward ? w.du_size + 9 * (gsize) window->C * K : 0);
}

/* Nothing is summed over lanes. */
static gsize
no_partial (const KinWindow *window, guint K)
{
  return 0;
}

static Wide
get_wide (const KinConv *conv)
{
  const KinTape *tape = conv->pass->tape;
  Wide wide = { .w = make_plan (conv->window, conv->K, tape->N, conv->pass->kernels->panel), .conv = conv };

  wide.T = conv->pass->N * wide.w.tiles_x * wide.w.tiles_y;
  wide.U = tape->shared;
  wide.V = wide.U + wide.w.u_size;
  wide.M = wide.V + wide.w.v_size;
  wide.dU = wide.M + wide.w.m_size;
  wide.dw = wide.dU + wide.w.du_size;
  return wide;
}

/* The lane's first tile. */
static guint
lane_tile (const Wide *wide, guint lane)
{
  return kin_lane_first (wide->conv->pass->N, lane) * wide->w.tiles_x * wide->w.tiles_y;
}

static void
read_inputs (gpointer data, guint item, guint worker)
{
  const Wide *wide = data;
  KinConvLane lane = kin_conv_get_lane (wide->conv, item, worker);

  kin_winograd_read_inputs (&lane, &wide->w, 0, lane.n * wide->w.tiles_y, lane_tile (wide, item), wide->V);
}

static void
multiply (gpointer data, guint p, guint worker)
{
  const Wide *wide = data;

  kin_winograd_multiply (wide->conv->pass->kernels, &wide->w, p, wide->T, wide->V, wide->U, wide->M);
}

static void
write_outputs (gpointer data, guint item, guint worker)
{
  const Wide *wide = data;
  KinConvLane lane = kin_conv_get_lane (wide->conv, item, worker);

  kin_winograd_write_outputs (&lane, &wide->w, 0, lane.n * wide->w.tiles_y, lane_tile (wide, item), wide->M);
  kin_conv_data_done (&lane, 0, lane.n);
}

static void
forward (const KinConv *conv)
{
  Wide wide = get_wide (conv);
  KinPool *pool = conv->pass->pool;
  guint n_lanes = kin_lanes (conv->pass->N);

  kin_winograd_pack (conv, &wide.w, FALSE, wide.U);
  kin_pool_run (pool, n_lanes, read_inputs, &wide);
  kin_pool_run (pool, wide.w.n_points * wide.w.n_points, multiply, &wide);
  kin_pool_run (pool, n_lanes, write_outputs, &wide);
}

static void
read_both (gpointer data, guint item, guint worker)
{
  const Wide *wide = data;
  KinConvLane lane = kin_conv_get_lane (wide->conv, item, worker);
  guint rows = lane.n * wide->w.tiles_y, tile = lane_tile (wide, item);

  kin_winograd_read_inputs (&lane, &wide->w, 0, rows, tile, wide->V);
  kin_winograd_read_gradients (&lane, &wide->w, 0, rows, tile, wide->M);
}

/* V's gradient takes the place of V. */
static void
multiply_back (gpointer data, guint p, guint worker)
{
  const Wide *wide = data;
  const KinKernels *kernels = wide->conv->pass->kernels;

  kin_winograd_multiply_weights (kernels, &wide->w, p, wide->T, wide->V, wide->M, FALSE, wide->dU);
  if (wide->conv->wants_dx)
    kin_winograd_multiply_inputs (kernels, &wide->w, p, wide->T, wide->M, wide->U, wide->V);
}

static void
write_gradients (gpointer data, guint item, guint worker)
{
  const Wide *wide = data;
  KinConvLane lane = kin_conv_get_lane (wide->conv, item, worker);

  kin_winograd_write_gradients (&lane, &wide->w, 0, lane.n * wide->w.tiles_y, lane_tile (wide, item), wide->V);
  kin_conv_gradient_done (&lane, 0, lane.n);
}

static void
fold_weights (gpointer data, guint item, guint worker)
{
  const Wide *wide = data;
  guint C = wide->w.window.C;

  wide->conv->pass->kernels->winograd_weight_gradients (&wide->w, wide->dU, C * item / KIN_LANES,
                                                        C * (item + 1) / KIN_LANES, wide->dw);
}

static void
backward (const KinConv *conv)
{
  Wide wide = get_wide (conv);
  KinPool *pool = conv->pass->pool;
  guint n_lanes = kin_lanes (conv->pass->N);

  if (conv->wants_dx)
    kin_winograd_pack (conv, &wide.w, TRUE, wide.U);
  kin_pool_run (pool, n_lanes, read_both, &wide);
  kin_pool_run (pool, wide.w.n_points * wide.w.n_points, multiply_back, &wide);
  if (conv->wants_dx)
    kin_pool_run (pool, n_lanes, write_gradients, &wide);
  kin_pool_run (pool, KIN_LANES, fold_weights, &wide);
  kin_conv_add_gradients (conv, wide.dw, 1, 0);
}

const KinConvWay kin_conv_winograd_wide = {
  .scratch = no_scratch,
  .shared = shared,
  .partial = no_partial,
  .forward = forward,
  .backward = backward,
};
