#include "engine/nn/layer.h"

/* Global average: each row of the output is the mean over the image, channel by channel. */

typedef struct
{
  const KinPass *pass;
  guint node;
} Job;

/* Sum of the lazily read @x (n), in double. */
static double
lazy_sum (const real *x, gsize n, real scale, real shift, gboolean relu)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    {
      real v = scale * x[i] + shift;
      sum += relu && v < 0 ? 0 : v;
    }
  return sum;
}

static void
forward_lane (gpointer data, guint lane, guint worker)
{
  const Job *job = data;
  const KinPass *pass = job->pass;
  const KinNode *node = kin_network_get (pass->network, job->node);
  const KinValue *input = kin_pass_value (pass, node->inputs[0]);
  guint C = node->C, n = kin_lane_count (pass->N, lane), first = kin_lane_first (pass->N, lane);
  gsize area = (gsize) input->H * input->W;
  const real *x = input->data + first * area * C;
  real *out = kin_pass_value (pass, job->node)->data + (gsize) first * C;

  for (guint c = 0; c < C; c++)
    {
      real scale = input->lazy.scale == NULL ? 1 : input->lazy.scale[c];
      real shift = input->lazy.scale == NULL ? 0 : input->lazy.shift[c];

      for (guint i = 0; i < n; i++)
        out[(gsize) i * C + c] = lazy_sum (x + ((gsize) c * n + i) * area, area, scale, shift, input->lazy.relu) / area;
    }
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
  const KinNode *node = kin_network_get (pass->network, job->node);
  const KinValue *input = kin_pass_value (pass, node->inputs[0]);
  guint C = node->C, n = kin_lane_count (pass->N, lane), first = kin_lane_first (pass->N, lane);
  gsize area = (gsize) input->H * input->W;
  const real *dout = kin_pass_value (pass, job->node)->gradient + (gsize) first * C;
  real *dx = input->gradient + first * area * C;
  gboolean overwrite = input->first_reader == job->node;

  for (guint c = 0; c < C; c++)
    for (guint i = 0; i < n; i++, dx += area)
      {
        real g = dout[(gsize) i * C + c] / area;

        for (gsize p = 0; p < area; p++)
          dx[p] = overwrite ? g : dx[p] + g;
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
