#include "engine/nn/conv-private.h"

/* What both of Winograd's ways are made of. */

typedef struct
{
  const KinConv *conv;
  const KinWinograd *w;
  gboolean backward;
  real *U;
} Pack;

static void
pack_part (gpointer data, guint item, guint worker)
{
  const Pack *job = data;
  guint rows = job->backward ? job->w->K : job->w->window.C;

  job->conv->pass->kernels->winograd_weights (job->w, job->conv->weights, job->backward, rows * item / KIN_LANES,
                                              rows * (item + 1) / KIN_LANES, job->U);
}

void
kin_winograd_pack (const KinConv *conv, const KinWinograd *winograd, gboolean backward, real *U)
{
  Pack job = { conv, winograd, backward, U };

  kin_pool_run (conv->pass->pool, KIN_LANES, pack_part, &job);
}

void
kin_winograd_multiply (const KinKernels *kernels, const KinWinograd *w, guint p, guint T, const real *V,
                       const real *U, real *M)
{
  const KinWinogradPoint *at = &w->points[p];

  kernels->multiply (T, w->K, at->depth, V + at->v_at, at->v_row, 1, U + at->u_at, at->depth * w->panel, w->panel,
                     M + at->m_at, w->m_row, FALSE);
}

void
kin_winograd_multiply_weights (const KinKernels *kernels, const KinWinograd *w, guint p, guint T, const real *V,
                               const real *dM, gboolean accumulate, real *dU)
{
  const KinWinogradPoint *at = &w->points[p];

  kernels->multiply (at->depth, w->K, T, V + at->v_at, 1, at->v_row, dM + at->m_at, w->panel, w->m_row,
                     dU + at->du_at, w->K, accumulate);
}

void
kin_winograd_multiply_inputs (const KinKernels *kernels, const KinWinograd *w, guint p, guint T, const real *dM,
                              const real *Ut, real *dV)
{
  const KinWinogradPoint *at = &w->points[p];

  kernels->multiply (T, at->depth, w->K, dM + at->m_at, w->m_row, 1, Ut + at->u_at, (gsize) w->K * w->panel, w->panel,
                     dV + at->v_at, at->v_row, FALSE);
}

/* Where the image of a tile row begins. */
static gsize
input_at (const KinWinograd *w, guint row)
{
  return (gsize) (row / w->tiles_y) * w->window.H * w->window.W * w->window.C;
}

static gsize
output_at (const KinWinograd *w, guint row)
{
  return (gsize) (row / w->tiles_y) * w->window.Ho * w->window.Wo * w->K;
}

void
kin_winograd_read_inputs (const KinConvLane *lane, const KinWinograd *w, guint first, guint last, guint tile, real *V)
{
  for (guint row = first; row < last; row++, tile += w->tiles_x)
    lane->conv->pass->kernels->winograd_input (w, row % w->tiles_y, tile, lane->x + input_at (w, row), lane->lazy, V);
}

void
kin_winograd_read_gradients (const KinConvLane *lane, const KinWinograd *w, guint first, guint last, guint tile,
                             real *dM)
{
  for (guint row = first; row < last; row++, tile += w->tiles_x)
    lane->conv->pass->kernels->winograd_output_gradient (w, row % w->tiles_y, tile, lane->y + output_at (w, row),
                                                         lane->dy + output_at (w, row), lane->lazy_gradient, dM);
}

void
kin_winograd_write_outputs (const KinConvLane *lane, const KinWinograd *w, guint first, guint last, guint tile,
                            const real *M)
{
  for (guint row = first; row < last; row++, tile += w->tiles_x)
    lane->conv->pass->kernels->winograd_output (w, row % w->tiles_y, tile, M, lane->y + output_at (w, row));
}

void
kin_winograd_write_gradients (const KinConvLane *lane, const KinWinograd *w, guint first, guint last, guint tile,
                              const real *dV)
{
  for (guint row = first; row < last; row++, tile += w->tiles_x)
    lane->conv->pass->kernels->winograd_input_gradient (w, row % w->tiles_y, tile, dV, lane->adds,
                                                        lane->dx + input_at (w, row));
}
