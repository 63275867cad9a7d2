#include "engine/nn/layer.h"

#include <string.h>

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
  const KinNode *node = kin_network_get (pass->network, job->node);
  const KinValue *a = kin_pass_value (pass, node->inputs[0]), *b = kin_pass_value (pass, node->inputs[1]);
  const KinValue *out = kin_pass_value (pass, job->node);
  gsize P = (gsize) kin_lane_count (pass->N, lane) * out->H * out->W;
  gsize at = kin_lane_first (pass->N, lane) * kin_value_size (pass, job->node);

  pass->kernels->join (a->data + at, &a->lazy, b->data + at, &b->lazy, P, node->C, out->data + at);
}

static void
forward (const KinPass *pass, guint node)
{
  Job job = { pass, node };

  kin_pool_run (pass->pool, kin_lanes (pass->N), forward_lane, &job);
}

/* An image at a time, so that whoever looks at the gradients finds them in the cache. */
static void
backward_lane (gpointer data, guint lane, guint worker)
{
  const Job *job = data;
  const KinPass *pass = job->pass;
  const KinNode *node = kin_network_get (pass->network, job->node);
  const KinValue *out = kin_pass_value (pass, job->node), *b = kin_pass_value (pass, node->inputs[1]);
  gsize size = kin_value_size (pass, job->node), at = kin_lane_first (pass->N, lane) * size;

  for (guint i = 0; i < kin_lane_count (pass->N, lane); i++, at += size)
    {
      /* The first branch's gradient is this memory. */
      pass->kernels->mask (out->data + at, size, out->gradient + at);
      kin_pass_gradient_done (pass, job->node, node->inputs[0], lane, i, 1);
      if (!b->needs_gradient)
        continue;
      if (b->first_reader == job->node)
        memcpy (b->gradient + at, out->gradient + at, size * sizeof (real));
      else
        pass->kernels->add (out->gradient + at, size, b->gradient + at);
      kin_pass_gradient_done (pass, job->node, node->inputs[1], lane, i, 1);
    }
}

static void
backward (const KinPass *pass, guint node)
{
  Job job = { pass, node };

  kin_pool_run (pass->pool, kin_lanes (pass->N), backward_lane, &job);
}

const KinLayer kin_layer_join = {
  .name = "join",
  .backward_reads_output = TRUE,
  .gradient_in_place = TRUE,
  .forward = forward,
  .backward = backward,
};
