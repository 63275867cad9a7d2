#include "engine/nn/layer.h"

#include <math.h>
#include <string.h>

/* Batch norm over (n, H, W), with u the convolution's output, M = n·H·W numbers a channel:
 *
 *     y = relu (scale·u + shift),   scale = gamma / sqrt (var + eps),   shift = beta - scale·mean
 *
 * Forward only finds scale and shift, from sums that are taken as the convolution's output appears; what is not a number
 * in it is none in the mean either, and from there in dgamma, so such a step does not count, though ReLU makes it 0.
 * Backward, with g = dy behind the ReLU and v = 1 / sqrt (var + eps):
 *
 *     dbeta = sum g,   dgamma = v · sum g (u - mean)
 *     du = scale · (g - dbeta / M - (u - mean) · v² · sum g (u - mean) / M)
 *
 * of which backward finds the coefficients of g, u and 1; the convolution applies them as it reads its gradient.
 *
 * Source: Ioffe & Szegedy 2015, arXiv:1502.03167, section 3. */

static const double EPS = 1e-5;      /* as torch.nn.BatchNorm2d */
static const double MOMENTUM = 0.1;

typedef struct
{
  const KinPass *pass;
  guint node;
  const KinNode *self;
  KinValue *value;
  gsize area;      /* H · W */
  double n;        /* N · H · W */
  const real *gamma, *beta;
} Job;

static Job
get_job (const KinPass *pass, guint node)
{
  const KinNode *self = kin_network_get (pass->network, node);
  KinValue *value = kin_pass_value (pass, node);
  const KinLayout *parameters = pass->network->parameters;
  gsize area = (gsize) value->H * value->W;

  return (Job){ .pass = pass, .node = node, .self = self, .value = value, .area = area,
                .n = (double) area * pass->N,
                .gamma = pass->parameters + kin_layout_get (parameters, self->parameter)->offset,
                .beta = pass->parameters + kin_layout_get (parameters, self->parameter + 1)->offset };
}

static void
init (const KinNetwork *network, const KinNode *node, guint64 seed, real *parameters, real *statistics)
{
  const KinSlice *gamma = kin_layout_get (network->parameters, node->parameter);
  const KinSlice *beta = kin_layout_get (network->parameters, node->parameter + 1);
  const KinSlice *mean = kin_layout_get (network->statistics, node->statistic);
  const KinSlice *variance = kin_layout_get (network->statistics, node->statistic + 1);

  for (guint c = 0; c < node->C; c++)
    {
      parameters[gamma->offset + c] = 1;
      parameters[beta->offset + c] = 0;
      statistics[mean->offset + c] = 0;
      statistics[variance->offset + c] = 1;
    }
}

/* Where the partial sums of a lane begin: C sums, then C of the other kind. */
static double *
lane_sums (const Job *job, guint lane)
{
  return job->value->sums + (gsize) lane * 2 * job->self->C;
}

static void
add_lanes (const Job *job, guint c, double *first, double *second)
{
  *first = *second = 0;
  for (guint lane = 0; lane < kin_lanes (job->pass->N); lane++)
    {
      *first += lane_sums (job, lane)[c];
      *second += lane_sums (job, lane)[job->self->C + c];
    }
}

/* Where the images [first, ...) of a lane begin. */
static gsize
image_at (const Job *job, guint lane, guint first)
{
  return (gsize) (kin_lane_first (job->pass->N, lane) + first) * job->area * job->self->C;
}

/* The sums of a lane, zero before its first image. */
static double *
begin_sums (const Job *job, guint lane, guint first)
{
  double *sums = lane_sums (job, lane);

  if (first == 0)
    memset (sums, 0, 2 * job->self->C * sizeof *sums);
  return sums;
}

static void
see_input (const KinPass *pass, guint node, guint lane, guint first, guint n)
{
  Job job = get_job (pass, node);
  double *sums = begin_sums (&job, lane, first);

  pass->kernels->moments (job.value->data + image_at (&job, lane, first), n * job.area, job.self->C, sums,
                          sums + job.self->C);
}

static void
see_gradient (const KinPass *pass, guint node, guint lane, guint first, guint n)
{
  Job job = get_job (pass, node);
  const KinLazyGradient *lazy = &kin_pass_value (pass, job.self->inputs[0])->lazy_gradient;
  double *sums = begin_sums (&job, lane, first);
  gsize at = image_at (&job, lane, first);

  pass->kernels->norm_sums (job.value->data + at, job.value->gradient + at, n * job.area, job.self->C, lazy,
                            job.value->mean, sums, sums + job.self->C);
}

static void
set_lazy (const Job *job, guint c, double mean, double variance)
{
  double scale = job->gamma[c] / sqrt (variance + EPS);

  job->value->mean[c] = mean;
  job->value->variance[c] = variance;
  job->value->scale[c] = scale;
  job->value->shift[c] = job->beta[c] - scale * mean;
}

static void
forward (const KinPass *pass, guint node)
{
  Job job = get_job (pass, node);
  const KinLayout *layout = pass->network->statistics;

  if (pass->tape->mode == KIN_TAPE_INFER)
    {
      const real *mean = pass->statistics + kin_layout_get (layout, job.self->statistic)->offset;
      const real *variance = pass->statistics + kin_layout_get (layout, job.self->statistic + 1)->offset;

      for (guint c = 0; c < job.self->C; c++)
        set_lazy (&job, c, mean[c], variance[c]);
      return;
    }
  for (guint c = 0; c < job.self->C; c++)
    {
      double sum, squares, mean;

      add_lanes (&job, c, &sum, &squares);
      mean = sum / job.n;
      set_lazy (&job, c, mean, MAX (squares / job.n - mean * mean, 0));
    }
}

/* Where nothing reads it, its gradient came from the loss. */
static void
see_lane (gpointer data, guint lane, guint worker)
{
  const Job *job = data;

  see_gradient (job->pass, job->node, lane, 0, kin_lane_count (job->pass->N, lane));
}

static void
backward (const KinPass *pass, guint node)
{
  Job job = get_job (pass, node);
  const KinLayout *layout = pass->network->parameters;
  real *dgamma = pass->gradients + kin_layout_get (layout, job.self->parameter)->offset;
  real *dbeta = pass->gradients + kin_layout_get (layout, job.self->parameter + 1)->offset;

  if (job.value->last_reader == 0)
    kin_pool_run (pass->pool, kin_lanes (pass->N), see_lane, &job);
  for (guint c = 0; c < job.self->C; c++)
    {
      double scale = job.value->scale[c], sum, centred, bend;

      add_lanes (&job, c, &sum, &centred);
      dbeta[c] += sum;
      dgamma[c] += centred / sqrt (job.value->variance[c] + EPS);
      bend = -scale * centred / (job.n * (job.value->variance[c] + EPS));
      job.value->slope[c] = scale;
      job.value->bend[c] = bend;
      job.value->offset[c] = -scale * sum / job.n - bend * job.value->mean[c];
    }
}

void
kin_network_update_statistics (const KinPass *pass, real *statistics)
{
  for (guint i = 0; i <= pass->tape->last; i++)
    if (kin_network_get (pass->network, i)->layer == &kin_layer_norm)
      {
        Job job = get_job (pass, i);
        real *mean = statistics + kin_layout_get (pass->network->statistics, job.self->statistic)->offset;
        real *variance = statistics + kin_layout_get (pass->network->statistics, job.self->statistic + 1)->offset;
        double unbiased = job.n / MAX (job.n - 1, 1);

        for (guint c = 0; c < job.self->C; c++)
          {
            mean[c] += MOMENTUM * (job.value->mean[c] - mean[c]);
            variance[c] += MOMENTUM * (job.value->variance[c] * unbiased - variance[c]);
          }
      }
}

const KinLayer kin_layer_norm = {
  .name = "norm",
  .is_lazy = TRUE,
  .gradient_in_place = TRUE,
  .init = init,
  .forward = forward,
  .backward = backward,
  .see_input = see_input,
  .see_gradient = see_gradient,
};
