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
packed (const KinWindow *window, guint K)
{
  return column_length (window) * K;
}

/* W (J, K) for the way forward, Wᵀ (K, J) for the way back. */
static void
pack (const KinPass *pass, const KinWindow *window, guint K, const real *weights, gboolean backward, guint part,
      guint n_parts, real *to)
{
  gsize C = window->C, n_taps = (gsize) window->kernel * window->kernel, J = C * n_taps;

  for (gsize k = K * part / n_parts; k < K * (part + 1) / n_parts; k++)
    for (gsize c = 0; c < C; c++)
      for (gsize tap = 0; tap < n_taps; tap++)
        {
          gsize j = tap * C + c;
          to[backward ? k * J + j : j * K + k] = weights[(k * C + c) * n_taps + tap];
        }
}

/* Rows of W (or Wᵀ) lie whole, one behind the other: its panels are a panel's width apart. */
static void
multiply (const KinConvLane *lane, gsize M, gsize N, gsize depth, const real *A, gsize a_row, gsize a_depth,
          const real *B, real *C, gboolean accumulate)
{
  const KinKernels *kernels = lane->pass->kernels;

  kernels->multiply (M, N, depth, A, a_row, a_depth, B, kernels->panel, N, C, N, accumulate);
}

/* Calls one for the images that rows [first, last) have completed. */
static void
tell (const KinConvLane *lane, guint first, guint last, void (*done) (const KinConvLane *lane, guint first, guint n))
{
  guint Ho = lane->window->Ho;

  if (last / Ho > first / Ho)
    done (lane, first / Ho, last / Ho - first / Ho);
}

static void
forward (const KinConvLane *lane)
{
  const KinWindow *window = lane->window;
  Plan at = plan (window, lane->K);
  guint rows = lane->n * window->Ho, step = block_rows (window, lane->K);
  gsize J = column_length (window);

  for (guint first = 0; first < rows; first += step)
    {
      guint last = MIN (first + step, rows);
      gsize P = (gsize) (last - first) * window->Wo;

      lane->pass->kernels->im2col (window, first, last, lane->x, lane->lazy, lane->scratch + at.line, lane->scratch);
      multiply (lane, P, lane->K, J, lane->scratch, J, 1, lane->packed,
                lane->y + (gsize) first * window->Wo * lane->K, FALSE);
      tell (lane, first, last, kin_conv_data_done);
    }
}

static void
backward (const KinConvLane *lane)
{
  const KinWindow *window = lane->window;
  const KinKernels *kernels = lane->pass->kernels;
  Plan at = plan (window, lane->K);
  guint rows = lane->n * window->Ho, step = block_rows (window, lane->K);
  gsize J = column_length (window);
  real *columns = lane->scratch;

  if (lane->dx != NULL && !lane->adds)
    memset (lane->dx, 0, (gsize) lane->n * window->C * window->H * window->W * sizeof (real));
  for (guint first = 0; first < rows; first += step)
    {
      guint last = MIN (first + step, rows);
      gsize P = (gsize) (last - first) * window->Wo, from = (gsize) first * window->Wo * lane->K;
      const real *dy = lane->dy + from;

      if (lane->lazy_gradient->slope != NULL)
        {
          kernels->norm_gradient (lane->y + from, dy, P, lane->K, lane->lazy_gradient, lane->scratch + at.dy);
          dy = lane->scratch + at.dy;
        }
      kernels->im2col (window, first, last, lane->x, lane->lazy, lane->scratch + at.line, columns);
      multiply (lane, J, lane->K, P, columns, 1, J, dy, lane->partial, first > 0);
      if (lane->dx == NULL)
        continue;
      multiply (lane, P, J, lane->K, dy, lane->K, 1, lane->packed, lane->scratch + at.dcolumns, FALSE);
      kernels->col2im_add (window, first, last, lane->scratch + at.dcolumns, lane->dx);
    }
  /* Blocks overlap by a line, so an image is complete only when the next one has begun. */
  if (lane->dx != NULL)
    kin_conv_gradient_done (lane, 0, lane->n);
}

const KinConvWay kin_conv_direct = {
  .scratch = scratch,
  .packed = packed,
  .pack = pack,
  .forward = forward,
  .backward = backward,
};
