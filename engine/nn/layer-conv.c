#include "engine/nn/conv-private.h"

#include <string.h>

/* A convolution is done in one of two ways, chosen by its shape alone; what they share is here. Both work on a lane in
 * blocks that fit the cache, and tell the norms around them of each image that is complete while its numbers are still
 * near: batch norm then needs no passes of its own. */

static const KinConvWay *
way_of (const KinWindow *window, guint K)
{
  return kin_winograd_suits (window, K) ? &kin_conv_winograd : &kin_conv_direct;
}

static gsize
scratch (const KinNode *node, const KinWindow *window, gboolean backward)
{
  return way_of (window, node->C)->scratch (window, node->C, backward);
}

static gsize
packed (const KinNode *node, const KinWindow *window)
{
  return way_of (window, node->C)->packed (window, node->C);
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
  guint index;
  const KinNode *node;
  const KinValue *input, *output;
  const KinSlice *weight;
  const KinConvWay *way;
  gboolean backward;
} Job;

static Job
get_job (const KinPass *pass, guint index, gboolean backward)
{
  const KinNode *node = kin_network_get (pass->network, index);
  const KinValue *output = kin_pass_value (pass, index);

  return (Job){ .pass = pass, .index = index, .node = node, .input = kin_pass_value (pass, node->inputs[0]),
                .output = output, .weight = kin_layout_get (pass->network->parameters, node->parameter),
                .way = way_of (&output->window, node->C), .backward = backward };
}

static void
pack_part (gpointer data, guint item, guint worker)
{
  const Job *job = data;

  job->way->pack (job->pass, &job->output->window, job->node->C, job->pass->parameters + job->weight->offset,
                  job->backward, item, KIN_LANES, job->pass->tape->packed);
}

static KinConvLane
get_lane (const Job *job, guint index, guint worker)
{
  const KinPass *pass = job->pass;
  gsize first = kin_lane_first (pass->N, index);
  gsize x_at = first * kin_value_size (pass, job->node->inputs[0]), y_at = first * kin_value_size (pass, job->index);
  gboolean wants_dx = job->backward && job->input->needs_gradient;

  return (KinConvLane){
    .pass = pass,
    .node = job->index,
    .lane = index,
    .window = &job->output->window,
    .K = job->node->C,
    .n = kin_lane_count (pass->N, index),
    .x = job->input->data + x_at,
    .lazy = &job->input->lazy,
    .y = job->output->data + y_at,
    .dy = job->backward ? job->output->gradient + y_at : NULL,
    .lazy_gradient = &job->output->lazy_gradient,
    .dx = wants_dx ? job->input->gradient + x_at : NULL,
    .adds = job->input->first_reader != job->index,
    .packed = pass->tape->packed,
    .scratch = kin_pass_scratch (pass, worker),
    .partial = job->backward ? kin_pass_partial (pass, index) : NULL,
  };
}

static void
forward_lane (gpointer data, guint item, guint worker)
{
  const Job *job = data;
  KinConvLane lane = get_lane (job, item, worker);

  job->way->forward (&lane);
}

static void
backward_lane (gpointer data, guint item, guint worker)
{
  const Job *job = data;
  KinConvLane lane = get_lane (job, item, worker);

  job->way->backward (&lane);
}

static void
forward (const KinPass *pass, guint node)
{
  Job job = get_job (pass, node, FALSE);

  kin_pool_run (pass->pool, KIN_LANES, pack_part, &job);
  kin_pool_run (pass->pool, kin_lanes (pass->N), forward_lane, &job);
}

/* Adds the lanes' partial gradients (tap, C, K), in lane order, to the gradients (K, C, tap) of some channels of C. */
static void
add_gradients_part (gpointer data, guint item, guint worker)
{
  const Job *job = data;
  const KinPass *pass = job->pass;
  gsize K = job->weight->shape[0], C = job->weight->shape[1], n_taps = job->weight->n / (K * C);
  real *gradients = pass->gradients + job->weight->offset;

  for (gsize c = C * item / KIN_LANES; c < C * (item + 1) / KIN_LANES; c++)
    for (gsize tap = 0; tap < n_taps; tap++)
      {
        gsize at = (tap * C + c) * K;
        real *sum = kin_pass_partial (pass, 0) + at;

        for (guint lane = 1; lane < kin_lanes (pass->N); lane++)
          pass->kernels->add (kin_pass_partial (pass, lane) + at, K, sum);
        for (gsize k = 0; k < K; k++)
          gradients[(k * C + c) * n_taps + tap] += sum[k];
      }
}

static void
backward (const KinPass *pass, guint node)
{
  Job job = get_job (pass, node, TRUE);

  if (job.input->needs_gradient)
    kin_pool_run (pass->pool, KIN_LANES, pack_part, &job);
  kin_pool_run (pass->pool, kin_lanes (pass->N), backward_lane, &job);
  kin_pool_run (pass->pool, KIN_LANES, add_gradients_part, &job);
}

void
kin_conv_data_done (const KinConvLane *lane, guint first, guint n)
{
  kin_pass_data_done (lane->pass, lane->node, lane->lane, first, n);
}

void
kin_conv_gradient_done (const KinConvLane *lane, guint first, guint n)
{
  kin_pass_gradient_done (lane->pass, lane->node, kin_network_get (lane->pass->network, lane->node)->inputs[0],
                          lane->lane, first, n);
}

const KinLayer kin_layer_conv = {
  .name = "conv",
  .backward_reads_input = TRUE,
  .backward_reads_output = TRUE, /* through its norm's lazy gradient */
  .scratch = scratch,
  .packed = packed,
  .init = init,
  .forward = forward,
  .backward = backward,
};
