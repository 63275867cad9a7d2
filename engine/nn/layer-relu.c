#include "engine/nn/layer.h"

/* max (x, 0) of rows, a few thousand numbers: not worth a worker's waking. */

static void
forward (const KinPass *pass, guint node)
{
  guint input = kin_network_get (pass->network, node)->inputs[0];

  pass->kernels->rectify (kin_pass_value (pass, input)->data, pass->N * kin_value_size (pass, node),
                          kin_pass_value (pass, node)->data);
}

static void
backward (const KinPass *pass, guint node)
{
  const KinValue *value = kin_pass_value (pass, node);

  pass->kernels->mask (value->data, pass->N * kin_value_size (pass, node), value->gradient);
}

const KinLayer kin_layer_relu = {
  .name = "relu",
  .backward_reads_output = TRUE,
  .gradient_in_place = TRUE,
  .forward = forward,
  .backward = backward,
};
