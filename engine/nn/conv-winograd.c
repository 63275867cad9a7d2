#include "engine/nn/conv-private.h"

#include <string.h>

/* Winograd's convolution: the algebra is in kernels/winograd.h. A lane is worked through in blocks of whole tile rows;
 * what is transformed stays in the cache until it has been used. The way back makes V again, which is cheaper than
 * keeping it, and needs each transform once for both gradients. */

enum
{
  BLOCK_BYTES = 768 * 1024, /* of V and M: most of a core's second-level cache */
  TILES_MIN = 32,           /* fewer would read U from far away too often */
  PANEL_MAX = 32,
};

/* Tiles in a block: whole tile rows. */
static guint
block_tiles (const KinWindow *window, guint K)
{
  KinWinograd one;
  gsize fitting;

  kin_winograd_init (&one, window, K, 1, PANEL_MAX);
  fitting = BLOCK_BYTES / ((one.v_size + one.m_size) * sizeof (real));
  return (MAX (fitting, TILES_MIN) + one.tiles_x - 1) / one.tiles_x * one.tiles_x;
}

static KinWinograd
make_plan (const KinWindow *window, guint K, guint panel)
{
  KinWinograd winograd;

  kin_winograd_init (&winograd, window, K, block_tiles (window, K), panel);
  return winograd;
}

static gsize
scratch (const KinWindow *window, guint K, gboolean backward)
{
  KinWinograd winograd = make_plan (window, K, PANEL_MAX);

  return winograd.v_size + winograd.m_size + (backward ? winograd.du_size : 0);
}

static gsize
packed (const KinWindow *window, guint K)
{
  return make_plan (window, K, PANEL_MAX).u_size;
}

static void
pack (const KinPass *pass, const KinWindow *window, guint K, const real *weights, gboolean backward, guint part,
      guint n_parts, real *U)
{
  KinWinograd winograd = make_plan (window, K, pass->kernels->panel);
  guint rows = backward ? K : window->C;

  pass->kernels->winograd_weights (&winograd, weights, backward, rows * part / n_parts, rows * (part + 1) / n_parts, U);
}

/* M_p = V_p · U_p */
static void
multiply_forward (const KinKernels *kernels, const KinWinograd *w, guint T, const real *V, const real *U, real *M)
{
  for (guint p = 0; p < w->n_points * w->n_points; p++)
    {
      const KinWinogradPoint *at = &w->points[p];

      kernels->multiply (T, w->K, at->depth, V + at->v_at, at->v_row, 1, U + at->u_at, at->depth * w->panel, w->panel,
                         M + at->m_at, w->m_row, FALSE);
    }
}

/* dU_p += V_pᵀ · dM_p */
static void
multiply_weights (const KinKernels *kernels, const KinWinograd *w, guint T, const real *V, const real *dM,
                  gboolean accumulate, real *dU)
{
  for (guint p = 0; p < w->n_points * w->n_points; p++)
    {
      const KinWinogradPoint *at = &w->points[p];

      kernels->multiply (at->depth, w->K, T, V + at->v_at, 1, at->v_row, dM + at->m_at, w->panel, w->m_row,
                         dU + at->du_at, w->K, accumulate);
    }
}

/* dV_p = dM_p · U_pᵀ */
static void
multiply_inputs (const KinKernels *kernels, const KinWinograd *w, guint T, const real *dM, const real *Ut, real *dV)
{
  for (guint p = 0; p < w->n_points * w->n_points; p++)
    {
      const KinWinogradPoint *at = &w->points[p];

      kernels->multiply (T, at->depth, w->K, dM + at->m_at, w->m_row, 1, Ut + at->ut_at, (gsize) w->K * w->panel,
                         w->panel, dV + at->v_at, at->v_row, FALSE);
    }
}

/* Numbers of one image. */
static gsize
input_size (const KinWindow *window)
{
  return (gsize) window->H * window->W * window->C;
}

static gsize
output_size (const KinConvLane *lane)
{
  return (gsize) lane->window->Ho * lane->window->Wo * lane->K;
}

static void
forward (const KinConvLane *lane)
{
  const KinKernels *kernels = lane->pass->kernels;
  const KinWindow *window = lane->window;
  KinWinograd w = make_plan (window, lane->K, kernels->panel);
  guint rows = lane->n * w.tiles_y, step = w.T / w.tiles_x;
  real *V = lane->scratch, *M = V + w.v_size;

  for (guint first = 0; first < rows; first += step)
    {
      guint last = MIN (first + step, rows);

      for (guint row = first; row < last; row++)
        kernels->winograd_input (&w, row % w.tiles_y, (row - first) * w.tiles_x,
                                 lane->x + row / w.tiles_y * input_size (window), lane->lazy, V);
      multiply_forward (kernels, &w, (last - first) * w.tiles_x, V, lane->packed, M);
      for (guint row = first; row < last; row++)
        kernels->winograd_output (&w, row % w.tiles_y, (row - first) * w.tiles_x, M,
                                  lane->y + row / w.tiles_y * output_size (lane));
      if (last / w.tiles_y > first / w.tiles_y)
        kin_conv_data_done (lane, first / w.tiles_y, last / w.tiles_y - first / w.tiles_y);
    }
}

static void
backward (const KinConvLane *lane)
{
  const KinKernels *kernels = lane->pass->kernels;
  const KinWindow *window = lane->window;
  KinWinograd w = make_plan (window, lane->K, kernels->panel);
  guint rows = lane->n * w.tiles_y, step = w.T / w.tiles_x;
  real *V = lane->scratch, *dM = V + w.v_size, *dU = dM + w.m_size;

  for (guint first = 0; first < rows; first += step)
    {
      guint last = MIN (first + step, rows), T = (last - first) * w.tiles_x;

      for (guint row = first; row < last; row++)
        {
          gsize at = row / w.tiles_y * output_size (lane);

          kernels->winograd_input (&w, row % w.tiles_y, (row - first) * w.tiles_x,
                                   lane->x + row / w.tiles_y * input_size (window), lane->lazy, V);
          kernels->winograd_output_gradient (&w, row % w.tiles_y, (row - first) * w.tiles_x, lane->y + at,
                                             lane->dy + at, lane->lazy_gradient, dM);
        }
      multiply_weights (kernels, &w, T, V, dM, first > 0, dU);
      if (lane->dx == NULL)
        continue;
      multiply_inputs (kernels, &w, T, dM, lane->packed, V);
      for (guint row = first; row < last; row++)
        kernels->winograd_input_gradient (&w, row % w.tiles_y, (row - first) * w.tiles_x, V, lane->adds,
                                          lane->dx + row / w.tiles_y * input_size (window));
      if (last / w.tiles_y > first / w.tiles_y)
        kin_conv_gradient_done (lane, first / w.tiles_y, last / w.tiles_y - first / w.tiles_y);
    }
  kernels->winograd_weight_gradients (&w, dU, 0, window->C, lane->partial);
}

const KinConvWay kin_conv_winograd = {
  .scratch = scratch,
  .packed = packed,
  .pack = pack,
  .forward = forward,
  .backward = backward,
};
