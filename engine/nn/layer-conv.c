#include "engine/nn/conv-private.h"

/* A convolution is done in one of three ways, chosen by its shape and the size of the batch; what they share is here.
 * All tell the norms around them of each image that is complete while its numbers are still near: batch norm then needs
 * no passes of its own. */

enum
{
  /* With fewer tiles in a lane, Winograd's weights, in far memory where they are large, are not read and written often
   * enough for what that costs. */
  LANE_TILES_MIN = 200,
  NEAR_WEIGHTS = 128 * 128, /* C · K: these stay in the cache */
};

/* @N: most images of a pass: not the images of this one, so that all passes of a tape go one way */
static const KinConvWay *
way_of (const KinWindow *window, guint K, guint N)
{
  guint tiles = (window->Ho + 1) / KIN_WINOGRAD_SIDE * ((window->Wo + 1) / KIN_WINOGRAD_SIDE);

  if (!kin_winograd_suits (window, K))
    return &kin_conv_direct;
  if (window->C * K > NEAR_WEIGHTS && tiles * N < LANE_TILES_MIN * kin_lanes (N))
    return &kin_conv_winograd_wide;
  return &kin_conv_winograd;
}

static gsize
scratch (const KinNode *node, const KinWindow *window, guint N, gboolean backward)
{
  return way_of (window, node->C, N)->scratch (window, node->C, backward);
}

static gsize
shared (const KinNode *node, const KinWindow *window, guint N, gboolean backward)
{
  return way_of (window, node->C, N)->shared (window, node->C, N, backward);
}

static gsize
partial (const KinNode *node, const KinWindow *window, guint N)
{
  return way_of (window, node->C, N)->partial (window, node->C);
}

static void
init (const KinNetwork *network, const KinNode *node, guint64 seed, real *parameters, real *statistics)
{
  const KinSlice *weight = kin_layout_get (network->parameters, node->parameter);

  kin_init_uniform (seed, node->parameter, weight->n / weight->shape[0], parameters + weight->offset, weight->n);
}

static KinConv
get_conv (const KinPass *pass, guint index, gboolean backward)
{
  const KinNode *node = kin_network_get (pass->network, index);
  const KinValue *input = kin_pass_value (pass, node->inputs[0]), *output = kin_pass_value (pass, index);
  gsize offset = kin_layout_get (pass->network->parameters, node->parameter)->offset;

  return (KinConv){ .pass = pass, .node = index, .input = input, .output = output, .window = &output->window,
                    .K = node->C, .weights = pass->parameters + offset,
                    .gradients = backward ? pass->gradients + offset : NULL,
                    .wants_dx = backward && input->needs_gradient };
}

static void
forward (const KinPass *pass, guint node)
{
  KinConv conv = get_conv (pass, node, FALSE);

  way_of (conv.window, conv.K, pass->tape->N)->forward (&conv);
}

static void
backward (const KinPass *pass, guint node)
{
  KinConv conv = get_conv (pass, node, TRUE);

  way_of (conv.window, conv.K, pass->tape->N)->backward (&conv);
}

KinConvLane
kin_conv_get_lane (const KinConv *conv, guint lane, guint worker)
{
  const KinPass *pass = conv->pass;
  const KinWindow *window = conv->window;
  gsize first = kin_lane_first (pass->N, lane);
  gsize x_at = first * window->H * window->W * window->C, y_at = first * window->Ho * window->Wo * conv->K;
  gboolean backward = conv->gradients != NULL;

  return (KinConvLane){
    .conv = conv,
    .lane = lane,
    .n = kin_lane_count (pass->N, lane),
    .x = conv->input->data + x_at,
    .lazy = &conv->input->lazy,
    .y = conv->output->data + y_at,
    .dy = backward ? conv->output->gradient + y_at : NULL,
    .lazy_gradient = &conv->output->lazy_gradient,
    .dx = conv->wants_dx ? conv->input->gradient + x_at : NULL,
    .adds = conv->input->first_reader != conv->node,
    .scratch = kin_pass_scratch (pass, worker),
    .partial = backward ? kin_pass_partial (pass, lane) : NULL,
  };
}

void
kin_conv_data_done (const KinConvLane *lane, guint first, guint n)
{
  kin_pass_data_done (lane->conv->pass, lane->conv->node, lane->lane, first, n);
}

void
kin_conv_gradient_done (const KinConvLane *lane, guint first, guint n)
{
  const KinConv *conv = lane->conv;

  kin_pass_gradient_done (conv->pass, conv->node, kin_network_get (conv->pass->network, conv->node)->inputs[0],
                          lane->lane, first, n);
}

void
kin_conv_rows_done (const KinConvLane *lane, guint per_image, guint first, guint last,
                    void (*done) (const KinConvLane *lane, guint first, guint n))
{
  if (last / per_image > first / per_image)
    done (lane, first / per_image, last / per_image - first / per_image);
}

typedef struct
{
  const KinConv *conv;
  real *partials;
  guint n_partials;
  gsize apart;
} AddGradients;

/* (tap, C, K) to (K, C, tap), for some channels of C. */
static void
add_gradients_part (gpointer data, guint item, guint worker)
{
  const AddGradients *job = data;
  gsize K = job->conv->K, C = job->conv->window->C, n_taps = job->conv->window->kernel * job->conv->window->kernel;

  for (gsize c = C * item / KIN_LANES; c < C * (item + 1) / KIN_LANES; c++)
    for (gsize tap = 0; tap < n_taps; tap++)
      {
        real *sum = job->partials + (tap * C + c) * K;

        for (guint i = 1; i < job->n_partials; i++)
          job->conv->pass->kernels->add (sum + i * job->apart, K, sum);
        for (gsize k = 0; k < K; k++)
          job->conv->gradients[(k * C + c) * n_taps + tap] += sum[k];
      }
}

void
kin_conv_add_gradients (const KinConv *conv, real *partials, guint n_partials, gsize apart)
{
  AddGradients job = { conv, partials, n_partials, apart };

  kin_pool_run (conv->pass->pool, KIN_LANES, add_gradients_part, &job);
}

const KinLayer kin_layer_conv = {
  .name = "conv",
  .backward_reads_input = TRUE,
  .backward_reads_output = TRUE, /* through its norm's lazy gradient */
  .scratch = scratch,
  .shared = shared,
  .partial = partial,
  .init = init,
  .forward = forward,
  .backward = backward,
};
