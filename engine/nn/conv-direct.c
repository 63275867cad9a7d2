#include "engine/nn/conv-private.h"

#include <string.h>

/* A lane's output (n, Ho, Wo, K) is one matrix (P, K), P pixels. It is made a block of whole pixel rows at a time: im2col
 * into a buffer that fits the cache, then one product,
 *
 *     Y (P, K)   = columns (P, J) · W (J, K),       J = kernel²·C, in the order (ky, kx, c)
 *     dW (J, K)  = columnsᵀ · dY (P, K)             summed over blocks
 *     dcolumns   = dY · Wᵀ (K, J)                   then col2im adds them to dX */

enum
{
  BLOCK_BYTES = 192 * 1024, /* of columns and of output: a part of a core's second-level cache */
};

static gsize
column_length (const KinWindow *window)
{
  return (gsize) window->C * window->kernel * window->kernel;
}

/* Pixel rows in a block. */
static guint
block_rows (const KinWindow *window, guint K)
{
  gsize fitting = BLOCK_BYTES / ((column_length (window) + K) * window->Wo * sizeof (real));

  return MAX (fitting, 1);
}

static gsize
aligned (gsize n)
{
  return (n + 15) / 16 * 16;
}

/* Where each buffer lies in a worker's scratch memory. */
typedef struct
{
  gsize line, dy, dcolumns, size; /* columns come first */
} Plan;

static Plan
plan (const KinWindow *window, guint K)
{
  gsize P = (gsize) block_rows (window, K) * window->Wo, columns = aligned (P * column_length (window));
  Plan plan;

  plan.line = columns;
  plan.dy = plan.line + aligned (kin_window_scratch (window));
  plan.dcolumns = plan.dy + aligned (P * K);
  plan.size = plan.dcolumns + columns;
  return plan;
}

static gsize
scratch (const KinWindow *window, guint K, gboolean backward)
{
  return backward ? plan (window, K).size : plan (window, K).dy;
}

static gsize
shared (const KinWindow *window, guint K, guint N, gboolean backward)
{
  return column_length (window) * K;
}

static gsize
partial (const KinWindow *window, guint K)
{
  return column_length (window) * K;
}

/* W (J, K) for the way forward, Wᵀ (K, J) for the way back: small wherever this way is taken. */
static void
pack (const KinConv *conv, gboolean backward, real *to)
{
  gsize C = conv->window->C, K = conv->K, n_taps = (gsize) conv->window->kernel * conv->window->kernel, J = C * n_taps;

  for (gsize k = 0; k < K; k++)
    for (gsize c = 0; c < C; c++)
      for (gsize tap = 0; tap < n_taps; tap++)
        {
          gsize j = tap * C + c;
          to[backward ? k * J + j : j * K + k] = conv->weights[(k * C + c) * n_taps + tap];
        }
}

/* Rows of W (or Wᵀ) lie whole, one behind the other: its panels are a panel's width apart. */
static void
multiply (const KinKernels *kernels, gsize M, gsize N, gsize depth, const real *A, gsize a_row, gsize a_depth,
          const real *B, real *C, gboolean accumulate)
{
  kernels->multiply (M, N, depth, A, a_row, a_depth, B, kernels->panel, N, C, N, accumulate);
}

static void
forward_lane (gpointer data, guint item, guint worker)
{
  const KinConv *conv = data;
  const KinKernels *kernels = conv->pass->kernels;
  const KinWindow *window = conv->window;
  KinConvLane lane = kin_conv_get_lane (conv, item, worker);
  Plan at = plan (window, conv->K);
  guint rows = lane.n * window->Ho, step = block_rows (window, conv->K);
  gsize J = column_length (window);

  for (guint first = 0; first < rows; first += step)
    {
      guint last = MIN (first + step, rows);
      gsize P = (gsize) (last - first) * window->Wo;

      kernels->im2col (window, first, last, lane.x, lane.lazy, lane.scratch + at.line, lane.scratch);
      multiply (kernels, P, conv->K, J, lane.scratch, J, 1, conv->pass->tape->shared,
                lane.y + (gsize) first * window->Wo * conv->K, FALSE);
      kin_conv_rows_done (&lane, window->Ho, first, last, kin_conv_data_done);
    }
}

static void
forward (const KinConv *conv)
{
  pack (conv, FALSE, conv->pass->tape->shared);
  kin_pool_run (conv->pass->pool, kin_lanes (conv->pass->N), forward_lane, (gpointer) conv);
}

static void
backward_lane (gpointer data, guint item, guint worker)
{
  const KinConv *conv = data;
  const KinKernels *kernels = conv->pass->kernels;
  const KinWindow *window = conv->window;
  KinConvLane lane = kin_conv_get_lane (conv, item, worker);
  Plan at = plan (window, conv->K);
  guint rows = lane.n * window->Ho, step = block_rows (window, conv->K);
  gsize J = column_length (window);
  real *columns = lane.scratch;

  if (lane.dx != NULL && !lane.adds)
    memset (lane.dx, 0, (gsize) lane.n * window->C * window->H * window->W * sizeof (real));
  for (guint first = 0; first < rows; first += step)
    {
      guint last = MIN (first + step, rows);
      gsize P = (gsize) (last - first) * window->Wo, from = (gsize) first * window->Wo * conv->K;
      const real *dy = lane.dy + from;

      if (lane.lazy_gradient->slope != NULL)
        {
          kernels->norm_gradient (lane.y + from, dy, P, conv->K, lane.lazy_gradient, lane.scratch + at.dy);
          dy = lane.scratch + at.dy;
        }
      kernels->im2col (window, first, last, lane.x, lane.lazy, lane.scratch + at.line, columns);
      multiply (kernels, J, conv->K, P, columns, 1, J, dy, lane.partial, first > 0);
      if (lane.dx == NULL)
        continue;
      multiply (kernels, P, J, conv->K, dy, conv->K, 1, conv->pass->tape->shared, lane.scratch + at.dcolumns, FALSE);
      kernels->col2im_add (window, first, last, lane.scratch + at.dcolumns, lane.dx);
      kin_conv_rows_done (&lane, window->Ho, first, last, kin_conv_gradient_done);
    }
}

static void
backward (const KinConv *conv)
{
  const KinTape *tape = conv->pass->tape;

  if (conv->wants_dx)
    pack (conv, TRUE, tape->shared);
  kin_pool_run (conv->pass->pool, kin_lanes (conv->pass->N), backward_lane, (gpointer) conv);
  kin_conv_add_gradients (conv, tape->partials, kin_lanes (conv->pass->N), tape->partial_size);
}

const KinConvWay kin_conv_direct = {
  .scratch = scratch,
  .shared = shared,
  .partial = partial,
  .forward = forward,
  .backward = backward,
};
