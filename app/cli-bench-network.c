#include "app/cli-bench-network.h"

#include <string.h>

#include "engine/core/rng.h"
#include "engine/loss/normalize.h"
#include "engine/loss/ntxent.h"
#include "engine/nn/encoder.h"
#include "engine/nn/layer.h"
#include "engine/train/optimizer.h"

enum
{
  HEAD_HIDDEN = 256,
  D = 64, /* of z */
};

struct _CliBenchNetwork
{
  KinNetwork *network;
  KinTape *tape;
  KinPass pass;
  guint N; /* images of a pass: twice the batch */
  float *parameters, *gradients, *statistics, *slots;
  float *z, *norms, *log_sum, *dz, *workspace;
  guint64 step;
  GArray *layers; /* of guint: the nodes that are convolutions */
};

/* Noise of the pixels' size: what is in it does not change the time. */
static void
fill_tape (CliBenchNetwork *self, gsize n)
{
  KinRng rng;

  kin_rng_init (&rng, 1, KIN_STREAM_TEST, 0, 3, 0);
  for (guint i = 0; i < self->N; i++)
    for (gsize p = 0; p < n; p++)
      kin_tape_get_image (self->tape, i)[p] = kin_rng_normal (&rng);
}

CliBenchNetwork *
cli_bench_network_new (const KinConfig *config, const KinDataset *dataset, KinPool *pool, GError **error)
{
  CliBenchNetwork *self = g_new0 (CliBenchNetwork, 1);
  guint N = self->N = 2 * kin_config_get (config, "batch");

  self->network = kin_encoder_build (config->encoder, dataset->channels);
  kin_encoder_add_head (self->network, HEAD_HIDDEN, D);
  self->tape = kin_tape_new (self->network, KIN_TAPE_TRAIN, N, dataset->size, dataset->size,
                             kin_pool_get_n_threads (pool), self->network->output, NULL, error);
  if (self->tape == NULL)
    {
      cli_bench_network_free (self);
      return NULL;
    }
  self->parameters = g_new0 (float, self->network->parameters->n);
  self->gradients = g_new0 (float, self->network->parameters->n);
  self->slots = g_new0 (float, 2 * self->network->parameters->n);
  self->statistics = g_new0 (float, self->network->statistics->n);
  kin_network_init (self->network, 1, self->parameters, self->statistics);
  self->z = g_new (float, (gsize) N * D);
  self->dz = g_new (float, (gsize) N * D);
  self->norms = g_new (float, N);
  self->log_sum = g_new (float, N);
  self->workspace = g_new (float, kin_ntxent_workspace (N / 2));
  fill_tape (self, (gsize) dataset->size * dataset->size * dataset->channels);
  self->pass = (KinPass){ .network = self->network, .tape = self->tape, .pool = pool, .kernels = kin_kernels_get (),
                          .N = N, .parameters = self->parameters, .statistics = self->statistics,
                          .gradients = self->gradients };
  self->layers = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint node = 0; node < self->network->nodes->len; node++)
    if (kin_network_get (self->network, node)->layer == &kin_layer_conv)
      g_array_append_val (self->layers, node);
  return self;
}

void
cli_bench_network_free (CliBenchNetwork *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->layers, g_array_unref);
  g_free (self->parameters);
  g_free (self->gradients);
  g_free (self->slots);
  g_free (self->statistics);
  g_free (self->z);
  g_free (self->dz);
  g_free (self->norms);
  g_free (self->log_sum);
  g_free (self->workspace);
  kin_tape_free (self->tape);
  kin_network_free (self->network);
  g_free (self);
}

guint
cli_bench_network_get_pairs (const CliBenchNetwork *self)
{
  return self->N / 2;
}

void
cli_bench_network_forward (CliBenchNetwork *self)
{
  kin_network_forward (&self->pass);
}

/* Any gradient will do. */
static void
set_output_gradient (CliBenchNetwork *self)
{
  memcpy (kin_tape_get_output_gradient (self->tape), kin_tape_get_rows (self->tape, self->network->output),
          (gsize) self->N * D * sizeof (float));
}

void
cli_bench_network_forward_backward (CliBenchNetwork *self)
{
  kin_network_forward (&self->pass);
  set_output_gradient (self);
  kin_network_backward (&self->pass);
}

void
cli_bench_network_learn (CliBenchNetwork *self)
{
  KinUpdate update = { .kind = KIN_OPTIMIZER_ADAMW, .step = ++self->step, .learning_rate = 1e-3 };

  memset (self->gradients, 0, self->network->parameters->n * sizeof (float));
  kin_network_forward (&self->pass);
  kin_normalize_rows (kin_tape_get_rows (self->tape, self->network->output), self->N, D, self->z, self->norms);
  kin_ntxent (self->pass.pool, self->z, self->N / 2, D, 0.5, self->workspace, self->log_sum, self->dz);
  kin_normalize_rows_backward (self->z, self->norms, self->dz, self->N, D, kin_tape_get_output_gradient (self->tape));
  kin_network_backward (&self->pass);
  kin_optimizer_update (&update, self->network->parameters, self->pass.pool, self->parameters, self->gradients,
                        self->slots);
  kin_network_update_statistics (&self->pass, self->statistics);
}

guint
cli_bench_network_get_n_layers (const CliBenchNetwork *self)
{
  return self->layers->len;
}

static guint
layer_node (const CliBenchNetwork *self, guint layer)
{
  return g_array_index (self->layers, guint, layer);
}

char *
cli_bench_network_dup_layer_name (const CliBenchNetwork *self, guint layer)
{
  guint parameter = kin_network_get (self->network, layer_node (self, layer))->parameter;
  const char *name = kin_layout_get (self->network->parameters, parameter)->name;

  return g_strndup (name, strlen (name) - strlen (".weight"));
}

/* Of one product of all images with all weights. */
static double
layer_gflop (const CliBenchNetwork *self, guint node)
{
  const KinValue *value = kin_pass_value (&self->pass, node);
  const KinSlice *weight = kin_layout_get (self->network->parameters, kin_network_get (self->network, node)->parameter);

  return 2e-9 * weight->n * value->H * value->W * self->N;
}

static double
time_layer (void (*work) (const KinPass *pass, guint node), const KinPass *pass, guint node)
{
  gint64 start = g_get_monotonic_time ();

  work (pass, node);
  return (g_get_monotonic_time () - start) / 1e6;
}

void
cli_bench_network_time_layers (CliBenchNetwork *self, double *forward, double *backward)
{
  guint last = self->network->nodes->len - 1;
  g_autofree double *seconds = g_new (double, 2 * (last + 1));

  for (guint node = 0; node <= last; node++)
    seconds[node] = time_layer (kin_network_get (self->network, node)->layer->forward, &self->pass, node);
  set_output_gradient (self);
  for (guint node = last; node > 0; node--)
    seconds[last + 1 + node]
        = time_layer (kin_network_get (self->network, node)->layer->backward, &self->pass, node);
  for (guint i = 0; i < self->layers->len; i++)
    {
      guint node = layer_node (self, i);
      gboolean has_dx = kin_pass_value (&self->pass, kin_network_get (self->network, node)->inputs[0])->needs_gradient;

      forward[i] = layer_gflop (self, node) / seconds[node];
      backward[i] = (has_dx ? 2 : 1) * layer_gflop (self, node) / seconds[last + 1 + node];
    }
}
