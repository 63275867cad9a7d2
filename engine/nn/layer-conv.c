#include "engine/kernels/gemm.h"
#include "engine/nn/layer.h"

#include <string.h>

/* A lane's output (K, n, Ho, Wo) is one matrix: K lines of n·Ho·Wo pixels. It is made a tile of whole pixel rows at a
 * time: im2col into a buffer that fits the cache, then one gemm,
 *
 *     Y (K, P)   = W (K, C·k²) · columns (C·k², P)
 *     dW         = dY (K, P) · columnsᵀ                 summed over tiles, then over lanes
 *     dcolumns   = Wᵀ · dY                              then col2im adds them to dX
 *
 * so nothing is ever transposed in memory. */

enum
{
  TILE_BYTES = 512 * 1024, /* of columns: half of a core's second-level cache */
  TILE_PIXELS_MIN = 64,    /* below it gemm no longer runs at its speed */
};

static gsize
column_length (const KinWindow *window)
{
  return (gsize) window->C * window->kernel * window->kernel;
}

/* Pixel rows in a tile. */
static guint
tile_rows (const KinWindow *window)
{
  gsize fitting = TILE_BYTES / (column_length (window) * window->Wo * sizeof (real));
  gsize least = (TILE_PIXELS_MIN + window->Wo - 1) / window->Wo;

  return MAX (fitting, least);
}

static gsize
tile_size (const KinWindow *window)
{
  return (column_length (window) * tile_rows (window) * window->Wo + 15) / 16 * 16;
}

static gsize
scratch (const KinNode *node, const KinWindow *window, gboolean backward)
{
  return tile_size (window) * (backward ? 2 : 1) + kin_window_scratch (window);
}

static void
init (const KinNetwork *network, const KinNode *node, guint64 seed, real *parameters, real *statistics)
{
  const KinSlice *weight = kin_layout_get (network->parameters, node->parameter);

  kin_init_uniform (seed, node->parameter, weight->n / weight->shape[0], parameters + weight->offset, weight->n);
}

typedef struct
{
  const KinPass *pass;
  guint node;
} Job;

/* What the two directions have in common: a lane's matrices. */
typedef struct
{
  const KinNode *node;
  const KinValue *input, *output;
  const KinWindow *window;
  const real *weight;
  gsize x_at, y_at; /* where the lane's images begin */
  guint n;          /* images */
  gsize pixels;     /* n · Ho · Wo */
  real *columns, *dcolumns, *plane;
} Lane;

static Lane
get_lane (const KinPass *pass, guint index, guint lane, guint worker)
{
  const KinNode *node = kin_network_get (pass->network, index);
  const KinValue *output = kin_pass_value (pass, index);
  guint first = kin_lane_first (pass->N, lane);
  real *memory = kin_pass_scratch (pass, worker);
  gsize tile = tile_size (&output->window);

  return (Lane){
    .node = node,
    .input = kin_pass_value (pass, node->inputs[0]),
    .output = output,
    .window = &output->window,
    .weight = pass->parameters + kin_layout_get (pass->network->parameters, node->parameter)->offset,
    .x_at = first * kin_value_size (pass, node->inputs[0]),
    .y_at = first * kin_value_size (pass, index),
    .n = kin_lane_count (pass->N, lane),
    .pixels = (gsize) kin_lane_count (pass->N, lane) * output->H * output->W,
    .columns = memory,
    .plane = memory + tile,
    .dcolumns = memory + tile + kin_window_scratch (&output->window),
  };
}

static void
forward_lane (gpointer data, guint item, guint worker)
{
  const Job *job = data;
  Lane lane = get_lane (job->pass, job->node, item, worker);
  const KinWindow *window = lane.window;
  guint rows = lane.n * window->Ho, step = tile_rows (window);
  gsize K = lane.node->C, J = column_length (window);

  for (guint first = 0; first < rows; first += step)
    {
      guint last = MIN (first + step, rows);
      gsize P = (gsize) (last - first) * window->Wo;

      job->pass->kernels->im2col (window, lane.n, first, last, lane.input->data + lane.x_at, &lane.input->lazy,
                                  lane.plane, lane.columns);
      kin_gemm (KIN_PLAIN, KIN_PLAIN, K, P, J, 1, lane.weight, J, lane.columns, P, 0,
                lane.output->data + lane.y_at + (gsize) first * window->Wo, lane.pixels);
    }
}

static void
forward (const KinPass *pass, guint node)
{
  Job job = { pass, node };

  kin_pool_run (pass->pool, kin_lanes (pass->N), forward_lane, &job);
}

static void
backward_lane (gpointer data, guint item, guint worker)
{
  const Job *job = data;
  const KinKernels *kernels = job->pass->kernels;
  Lane lane = get_lane (job->pass, job->node, item, worker);
  const KinWindow *window = lane.window;
  guint rows = lane.n * window->Ho, step = tile_rows (window);
  gsize K = lane.node->C, J = column_length (window);
  real *dx = lane.input->needs_gradient ? lane.input->gradient + lane.x_at : NULL;

  if (dx != NULL && lane.input->first_reader == job->node)
    memset (dx, 0, (gsize) lane.n * window->C * window->H * window->W * sizeof (real));

  for (guint first = 0; first < rows; first += step)
    {
      guint last = MIN (first + step, rows);
      gsize P = (gsize) (last - first) * window->Wo;
      const real *dy = lane.output->gradient + lane.y_at + (gsize) first * window->Wo;

      kernels->im2col (window, lane.n, first, last, lane.input->data + lane.x_at, &lane.input->lazy, lane.plane,
                       lane.columns);
      kin_gemm (KIN_PLAIN, KIN_TRANSPOSED, K, J, P, 1, dy, lane.pixels, lane.columns, P, first == 0 ? 0 : 1,
                kin_pass_partial (job->pass, item), J);
      if (dx != NULL)
        {
          kin_gemm (KIN_TRANSPOSED, KIN_PLAIN, J, P, K, 1, lane.weight, J, dy, lane.pixels, 0, lane.dcolumns, P);
          kernels->col2im_add (window, lane.n, first, last, lane.dcolumns, lane.plane, dx);
        }
    }
}

static void
backward (const KinPass *pass, guint index)
{
  const KinNode *node = kin_network_get (pass->network, index);
  const KinSlice *weight = kin_layout_get (pass->network->parameters, node->parameter);
  Job job = { pass, index };

  kin_pool_run (pass->pool, kin_lanes (pass->N), backward_lane, &job);
  kin_pass_add_partials (pass, 0, weight->n, pass->gradients + weight->offset);
}

const KinLayer kin_layer_conv = {
  .name = "conv",
  .backward_reads_input = TRUE,
  .scratch = scratch,
  .init = init,
  .forward = forward,
  .backward = backward,
};
