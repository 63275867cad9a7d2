#include "engine/run.h"

#include "engine/core/rng.h"
#include "engine/kernels/gemm.h"
#include "engine/run-private.h"
#include "engine/train/schedule.h"

#include <math.h>
#include <string.h>

static double
get (const KinRun *run, const char *id)
{
  return kin_config_get (run->config, id);
}

/* All numbers that live as long as the run: one piece of memory. */
static void
plan_memory (KinRun *run, guint N)
{
  gsize parameters = run->network->parameters->n * sizeof (real);
  guint D = kin_network_get (run->network, run->network->output)->C, rows = run->method->n_views * N;
  guint pieces[8];

  run->arena = kin_arena_new ();
  pieces[0] = kin_arena_reserve_always (run->arena, parameters);
  pieces[1] = kin_arena_reserve_always (run->arena, parameters);
  pieces[2] = kin_arena_reserve_always (run->arena, parameters * kin_optimizer_n_slots (get (run, "optimizer")));
  pieces[3] = kin_arena_reserve_always (run->arena, run->network->statistics->n * sizeof (real));
  pieces[4] = kin_arena_reserve_always (run->arena, (gsize) rows * D * sizeof (real));
  pieces[5] = kin_arena_reserve_always (run->arena, rows * sizeof (real));
  pieces[6] = kin_arena_reserve_always (run->arena, rows * sizeof (real));
  pieces[7] = kin_arena_reserve_always (run->arena, run->method->workspace (N, D) * sizeof (real));
  kin_arena_commit (run->arena);
  run->parameters = kin_arena_get (run->arena, pieces[0]);
  run->gradients = kin_arena_get (run->arena, pieces[1]);
  run->slots = kin_arena_get (run->arena, pieces[2]);
  run->statistics = kin_arena_get (run->arena, pieces[3]);
  run->batch = (KinBatch){ .N = N, .D = D };
  run->batch.z = kin_arena_get (run->arena, pieces[4]);
  run->batch.norms = kin_arena_get (run->arena, pieces[5]);
  run->batch.log_sum = kin_arena_get (run->arena, pieces[6]);
  run->batch.workspace = kin_arena_get (run->arena, pieces[7]);
}

KinRun *
kin_run_new (const KinConfig *config, KinDataset *dataset, GError **error)
{
  g_autoptr (KinRun) run = NULL;
  guint N, n_threads;

  if (!kin_config_check (config, dataset, error))
    return NULL;
  kin_gemm_init ();
  run = g_new0 (KinRun, 1);
  run->config = kin_config_copy (config);
  run->begun = kin_config_copy (config);
  run->dataset = kin_dataset_ref (dataset);
  run->seed = get (run, "seed");
  run->log = g_string_new (NULL);
  run->method = kin_method_find (config->method);
  run->network = kin_encoder_build (config->encoder, dataset->channels);
  run->method->build (run->network, config);
  run->kernels = kin_kernels_get ();
  run->pool = kin_pool_new (get (run, "threads"));

  N = get (run, "batch");
  n_threads = kin_pool_get_n_threads (run->pool);
  run->tape = kin_tape_new (run->network, KIN_TAPE_TRAIN, run->method->n_views * N, dataset->size, dataset->size,
                            n_threads, run->network->output, NULL, error);
  if (run->tape == NULL)
    return NULL;
  run->infer = kin_tape_new (run->network, KIN_TAPE_INFER, KIN_INFER_IMAGES, dataset->size, dataset->size, n_threads,
                             run->network->output, run->tape, error);
  if (run->infer == NULL)
    return NULL;
  run->loader = kin_loader_new (dataset->size, dataset->channels, n_threads);
  plan_memory (run, N);
  kin_network_init (run->network, run->seed, run->parameters, run->statistics);

  run->steps_per_epoch = dataset->n_train / N;
  run->order = g_new (guint32, dataset->n_train);
  run->order_epoch = G_MAXUINT64;
  run->batch_ids = g_new0 (guint32, N);
  kin_evaluation_set_init (&run->measured, dataset, get (run, "eval_images"), run->seed);
  return g_steal_pointer (&run);
}

void
kin_run_free (KinRun *run)
{
  if (run == NULL)
    return;
  kin_evaluation_set_clear (&run->measured);
  g_free (run->batch_ids);
  g_free (run->order);
  g_clear_pointer (&run->arena, kin_arena_free);
  kin_loader_free (run->loader);
  kin_tape_free (run->infer);
  kin_tape_free (run->tape);
  kin_pool_free (run->pool);
  kin_network_free (run->network);
  g_clear_pointer (&run->batch_policy, kin_policy_unref);
  g_clear_pointer (&run->replay, g_ptr_array_unref);
  g_string_free (run->log, TRUE);
  kin_dataset_unref (run->dataset);
  kin_config_free (run->begun);
  kin_config_free (run->config);
  g_free (run);
}

const KinConfig *
kin_run_get_config (const KinRun *run)
{
  return run->config;
}

KinDataset *
kin_run_get_dataset (const KinRun *run)
{
  return run->dataset;
}

guint64
kin_run_get_step (const KinRun *run)
{
  return run->step;
}

guint
kin_run_get_steps_per_epoch (const KinRun *run)
{
  return run->steps_per_epoch;
}

guint64
kin_run_get_steps_total (const KinRun *run)
{
  return (guint64) get (run, "epochs") * run->steps_per_epoch;
}

gboolean
kin_run_is_finished (const KinRun *run)
{
  return run->step >= kin_run_get_steps_total (run);
}

guint
kin_run_get_n_parameters (const KinRun *run)
{
  return kin_layout_count (run->network->parameters);
}

guint
kin_run_get_feature_size (const KinRun *run)
{
  return kin_network_get (run->network, run->network->feature)->C;
}

guint
kin_run_get_projection_size (const KinRun *run)
{
  return run->batch.D;
}

double
kin_run_get_chance (const KinRun *run)
{
  return run->method->chance (run->batch.N);
}

void
kin_run_set_cancel (KinRun *run, const gint *flag)
{
  run->cancel = flag;
}

void
kin_run_set_cancelled_error (GError **error)
{
  g_set_error_literal (error, KIN_ERROR, KIN_ERROR_CANCELLED, "Stopped on request");
}

/* --- A step --- */

/* A batch never spans epochs; the last images that do not fill one wait for the next order. */
const guint32 *
kin_run_get_batch_ids (KinRun *run, guint64 step)
{
  guint64 epoch = step / run->steps_per_epoch;
  guint32 n = run->dataset->n_train;

  if (run->order_epoch != epoch)
    {
      KinRng rng;

      memcpy (run->order, run->dataset->train_ids, n * sizeof *run->order);
      kin_rng_init (&rng, run->seed, KIN_STREAM_SHUFFLE, epoch, 0, 0);
      kin_rng_shuffle (&rng, run->order, n);
      run->order_epoch = epoch;
    }
  return run->order + step % run->steps_per_epoch * run->batch.N;
}

enum
{
  NORM_PARTS = 8, /* of the gradients, whatever the number of threads */
};

typedef struct
{
  const KinRun *run;
  double sums[NORM_PARTS];
} GradientNorm;

/* The gaps between slices hold zeros. */
static void
add_squares (gpointer data, guint part, guint worker)
{
  GradientNorm *job = data;
  gsize n = job->run->network->parameters->n;
  const real *g = job->run->gradients;
  double sum = 0;

#pragma omp simd reduction(+ : sum)
  for (gsize i = n * part / NORM_PARTS; i < n * (part + 1) / NORM_PARTS; i++)
    sum += (double) g[i] * g[i];
  job->sums[part] = sum;
}

static double
gradient_norm (const KinRun *run)
{
  GradientNorm job = { .run = run };
  double sum = 0;

  kin_pool_run (run->pool, NORM_PARTS, add_squares, &job);
  for (guint part = 0; part < NORM_PARTS; part++)
    sum += job.sums[part];
  return sqrt (sum);
}

static double
learning_rate (const KinRun *run, guint64 step)
{
  return kin_schedule_rate (get (run, "schedule"), get (run, "lr"), step, kin_run_get_steps_total (run),
                            (guint64) (get (run, "warmup") * run->steps_per_epoch));
}

static void
remember_batch (KinRun *run, const guint32 *ids, const KinMethodResult *result)
{
  memcpy (run->batch_ids, ids, run->batch.N * sizeof *ids);
  run->batch_epoch = run->step / run->steps_per_epoch;
  run->batch_tau = get (run, "tau");
  run->batch_loss = result->loss;
  run->batch_policy = kin_policy_ref (run->config->policy);
}

/* Longer gradients are as good as infinite: their squares would overflow what the optimizer keeps of them. */
static const double GRADIENT_LIMIT = 1e15;

static gboolean
check_finite (const KinRun *run, const KinMethodResult *result, double norm, double rate, GError **error)
{
  if (isfinite (result->loss) && norm <= GRADIENT_LIMIT)
    return TRUE;
  g_set_error (error, KIN_ERROR, KIN_ERROR_DIVERGED,
               "The %s is no longer a finite number at step %" G_GUINT64_FORMAT " (learning rate %g, temperature %g). "
               "The state of step %" G_GUINT64_FORMAT " is kept; a lower learning rate helps most often",
               isfinite (result->loss) ? "gradient" : "loss", run->step + 1, rate, get (run, "tau"), run->step);
  return FALSE;
}

gboolean
kin_run_step (KinRun *run, KinSample *sample, GError **error)
{
  gint64 start = g_get_monotonic_time ();
  KinMethodResult result;
  KinUpdate update;
  double norm, seconds;
  const guint32 *ids;
  KinPass pass;

  g_return_val_if_fail (!kin_run_is_finished (run), FALSE);
  if (!kin_run_apply_replay (run, error))
    return FALSE;

  pass = (KinPass){ .network = run->network, .tape = run->tape, .pool = run->pool, .kernels = run->kernels,
                    .N = run->method->n_views * run->batch.N, .parameters = run->parameters,
                    .statistics = run->statistics, .gradients = run->gradients, .cancel = run->cancel };
  ids = kin_run_get_batch_ids (run, run->step);
  kin_loader_fill_views (run->loader, run->pool, run->tape, run->dataset, run->config->policy, KIN_STREAM_AUGMENT,
                         run->seed, run->step / run->steps_per_epoch, ids, run->batch.N, run->method->n_views);
  memset (run->gradients, 0, run->network->parameters->n * sizeof (real));
  g_clear_pointer (&run->batch_policy, kin_policy_unref); /* its rows are overwritten from here on */
  if (!run->method->step (&pass, run->config, &run->batch, &result))
    {
      kin_run_set_cancelled_error (error);
      return FALSE;
    }

  update = (KinUpdate){ .kind = get (run, "optimizer"), .step = run->step + 1,
                        .learning_rate = learning_rate (run, run->step + 1), .momentum = get (run, "momentum"),
                        .nesterov = get (run, "nesterov"), .weight_decay = get (run, "weight_decay") };
  norm = gradient_norm (run);
  if (!check_finite (run, &result, norm, update.learning_rate, error))
    return FALSE;
  remember_batch (run, ids, &result);
  kin_optimizer_update (&update, run->network->parameters, run->pool, run->parameters, run->gradients, run->slots);
  kin_network_update_statistics (&pass, run->statistics);
  run->step++;

  seconds = (g_get_monotonic_time () - start) / 1e6;
  run->seconds_since += seconds;
  run->seconds_total += seconds;
  run->loss_sum += result.loss;
  run->top1_sum += result.top1;
  run->n_since++;
  run->gradient_norm = norm;
  *sample = (KinSample){ .step = run->step, .epoch = (double) run->step / run->steps_per_epoch, .loss = result.loss,
                         .chance = kin_run_get_chance (run), .top1 = result.top1,
                         .learning_rate = update.learning_rate, .gradient_norm = norm };
  return TRUE;
}

KinSimilarity *
kin_run_get_similarity (KinRun *run, guint n_pairs)
{
  guint N = MIN (n_pairs, run->batch.N), D = run->batch.D, rows = 2 * N;
  g_autofree float *z = NULL;
  KinSimilarity *similarity;

  if (run->batch_policy == NULL || N == 0)
    return NULL;
  similarity = kin_similarity_new (N);
  similarity->N_batch = run->batch.N;
  similarity->step = run->step;
  similarity->epoch = run->batch_epoch;
  similarity->seed = run->seed;
  similarity->tau = run->batch_tau;
  similarity->loss = run->batch_loss;
  similarity->policy = kin_policy_ref (run->batch_policy);
  memcpy (similarity->ids, run->batch_ids, N * sizeof *similarity->ids);

  z = g_new (float, (gsize) rows * D);
  for (guint half = 0; half < 2; half++)
    {
      gsize from = (gsize) half * run->batch.N, to = (gsize) half * N;

      memcpy (z + to * D, run->batch.z + from * D, (gsize) N * D * sizeof (float));
      memcpy (similarity->log_sum + to, run->batch.log_sum + from, N * sizeof (float));
    }
  kin_gemm (KIN_PLAIN, KIN_TRANSPOSED, rows, rows, D, 1, z, D, z, D, 0, similarity->cosine, rows);
  return similarity;
}
