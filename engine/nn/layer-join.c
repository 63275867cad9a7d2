#include "engine/nn/layer.h"

#include <string.h>

typedef struct
{
  const KinPass *pass;
  guint node;
} Job;

/* One channel of a lane, read through what is lazy about it. */
static void
channel_lazy (const KinValue *value, guint c, real *scale, real *shift)
{
  *scale = value->lazy.scale == NULL ? 1 : value->lazy.scale[c];
  *shift = value->lazy.scale == NULL ? 0 : value->lazy.shift[c];
}

static void
forward_lane (gpointer data, guint lane, guint worker)
{
  const Job *job = data;
  const KinPass *pass = job->pass;
  const KinNode *node = kin_network_get (pass->network, job->node);
  const KinValue *a = kin_pass_value (pass, node->inputs[0]), *b = kin_pass_value (pass, node->inputs[1]);
  const KinValue *out = kin_pass_value (pass, job->node);
  gsize n = (gsize) kin_lane_count (pass->N, lane) * out->H * out->W;
  gsize at = kin_lane_first (pass->N, lane) * kin_value_size (pass, job->node);

  for (guint c = 0; c < node->C; c++, at += n)
    {
      real scale, shift;

      channel_lazy (a, c, &scale, &shift);
      pass->kernels->affine (a->data + at, n, scale, shift, a->lazy.relu, out->data + at);
      channel_lazy (b, c, &scale, &shift);
      if (b->lazy.relu)
        {
          /* An identity shortcut around the first block reads a norm with ReLU: nothing below may be added. */
          for (gsize i = 0; i < n; i++)
            out->data[at + i] += MAX (scale * b->data[at + i] + shift, 0);
          pass->kernels->affine (out->data + at, n, 1, 0, TRUE, out->data + at);
        }
      else
        pass->kernels->join (b->data + at, n, scale, shift, out->data + at);
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
  const KinValue *out = kin_pass_value (pass, job->node), *b = kin_pass_value (pass, node->inputs[1]);
  gsize size = kin_value_size (pass, job->node);
  gsize n = kin_lane_count (pass->N, lane) * size, at = kin_lane_first (pass->N, lane) * size;

  /* The first branch's gradient is this memory. */
  pass->kernels->mask (out->data + at, n, out->gradient + at);
  if (!b->needs_gradient)
    return;
  if (b->first_reader == job->node)
    memcpy (b->gradient + at, out->gradient + at, n * sizeof (real));
  else
    pass->kernels->add (out->gradient + at, n, b->gradient + at);
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
