#include "engine/kernels/gemm.h"
#include "engine/nn/layer.h"

#include <string.h>

/* Y (n, K) = X (n, C) · Wᵀ + b, W (K, C) as torch.nn.Linear keeps it. */

typedef struct
{
  const KinPass *pass;
  guint node;
} Job;

static void
init (const KinNetwork *network, const KinNode *node, guint64 seed, real *parameters, real *statistics)
{
  const KinSlice *weight = kin_layout_get (network->parameters, node->parameter);
  const KinSlice *bias = kin_layout_get (network->parameters, node->parameter + 1);

  kin_init_uniform (seed, node->parameter, weight->shape[1], parameters + weight->offset, weight->n);
  kin_init_uniform (seed, node->parameter + 1, weight->shape[1], parameters + bias->offset, bias->n);
}

static void
forward_lane (gpointer data, guint lane, guint worker)
{
  const Job *job = data;
  const KinPass *pass = job->pass;
  const KinNode *node = kin_network_get (pass->network, job->node);
  const KinSlice *weight = kin_layout_get (pass->network->parameters, node->parameter);
  const KinSlice *bias = kin_layout_get (pass->network->parameters, node->parameter + 1);
  gsize C = weight->shape[1], K = weight->shape[0], n = kin_lane_count (pass->N, lane);
  gsize first = kin_lane_first (pass->N, lane);
  const real *x = kin_pass_value (pass, node->inputs[0])->data + first * C;
  real *y = kin_pass_value (pass, job->node)->data + first * K;

  for (gsize i = 0; i < n; i++)
    memcpy (y + i * K, pass->parameters + bias->offset, K * sizeof (real));
  kin_gemm (KIN_PLAIN, KIN_TRANSPOSED, n, K, C, 1, x, C, pass->parameters + weight->offset, C, 1, y, K);
}

static void
forward (const KinPass *pass, guint node)
{
  Job job = { pass, node };

  kin_pool_run (pass->pool, kin_lanes (pass->N), forward_lane, &job);
}

/* Where the bias's partial gradient begins behind the weight's. */
static gsize
bias_at (const KinSlice *weight)
{
  return (weight->n + 15) / 16 * 16;
}

static void
backward_lane (gpointer data, guint lane, guint worker)
{
  const Job *job = data;
  const KinPass *pass = job->pass;
  const KinNode *node = kin_network_get (pass->network, job->node);
  const KinSlice *weight = kin_layout_get (pass->network->parameters, node->parameter);
  const KinValue *input = kin_pass_value (pass, node->inputs[0]);
  gsize C = weight->shape[1], K = weight->shape[0], n = kin_lane_count (pass->N, lane);
  gsize first = kin_lane_first (pass->N, lane);
  const real *dy = kin_pass_value (pass, job->node)->gradient + first * K;
  real *dweight = kin_pass_partial (pass, lane), *dbias = dweight + bias_at (weight);

  kin_gemm (KIN_TRANSPOSED, KIN_PLAIN, K, C, n, 1, dy, K, input->data + first * C, C, 0, dweight, C);
  memset (dbias, 0, K * sizeof (real));
  for (gsize i = 0; i < n; i++)
    pass->kernels->add (dy + i * K, K, dbias);
  if (input->needs_gradient)
    kin_gemm (KIN_PLAIN, KIN_PLAIN, n, C, K, 1, dy, K, pass->parameters + weight->offset, C,
              input->first_reader == job->node ? 0 : 1, input->gradient + first * C, C);
}

static void
backward (const KinPass *pass, guint index)
{
  const KinNode *node = kin_network_get (pass->network, index);
  const KinSlice *weight = kin_layout_get (pass->network->parameters, node->parameter);
  const KinSlice *bias = kin_layout_get (pass->network->parameters, node->parameter + 1);
  Job job = { pass, index };

  kin_pool_run (pass->pool, kin_lanes (pass->N), backward_lane, &job);
  kin_pass_add_partials (pass, 0, weight->n, pass->gradients + weight->offset);
  kin_pass_add_partials (pass, bias_at (weight), bias->n, pass->gradients + bias->offset);
}

const KinLayer kin_layer_linear = {
  .name = "linear",
  .backward_reads_input = TRUE,
  .init = init,
  .forward = forward,
  .backward = backward,
};
