#include "engine/nn/layer.h"

/* Global average: each row of the output is the mean over the image, channel by channel. */

typedef struct
{
  const KinPass *pass;
  guint node;
} Job;

static void
forward_lane (gpointer data, guint lane, guint worker)
{
  const Job *job = data;
  const KinPass *pass = job->pass;
  guint input = kin_network_get (pass->network, job->node)->inputs[0];
  const KinValue *value = kin_pass_value (pass, input);
  guint C = kin_network_get (pass->network, job->node)->C, first = kin_lane_first (pass->N, lane);
  gsize area = (gsize) value->H * value->W;

  for (guint i = first; i < first + kin_lane_count (pass->N, lane); i++)
    pass->kernels->lazy_mean (value->data + i * area * C, area, C, &value->lazy,
                              kin_pass_value (pass, job->node)->data + (gsize) i * C);
}

static void
forward (const KinPass *pass, guint node)
{
  Job job = { pass, node };

  kin_pool_run (pass->pool, kin_lanes (pass->N), forward_lane, &job);
}

static void
backward_lane (gpointer data, guint lane, guint worker)
{
  const Job *job = data;
  const KinPass *pass = job->pass;
  guint input = kin_network_get (pass->network, job->node)->inputs[0];
  const KinValue *value = kin_pass_value (pass, input);
  guint C = kin_network_get (pass->network, job->node)->C, first = kin_lane_first (pass->N, lane);
  gsize area = (gsize) value->H * value->W;
  const real *dout = kin_pass_value (pass, job->node)->gradient + (gsize) first * C;
  real *dx = value->gradient + first * area * C;
  gboolean overwrite = value->first_reader == job->node;

  for (guint i = 0; i < kin_lane_count (pass->N, lane); i++, dout += C)
    {
      for (gsize p = 0; p < area; p++, dx += C)
        for (guint c = 0; c < C; c++)
          dx[c] = dout[c] / area + (overwrite ? 0 : dx[c]);
      kin_pass_gradient_done (pass, job->node, input, lane, i, 1);
    }
}

static void
backward (const KinPass *pass, guint node)
{
  Job job = { pass, node };

  if (kin_pass_value (pass, kin_network_get (pass->network, node)->inputs[0])->needs_gradient)
    kin_pool_run (pass->pool, kin_lanes (pass->N), backward_lane, &job);
}

const KinLayer kin_layer_pool = {
  .name = "pool",
  .forward = forward,
  .backward = backward,
};
