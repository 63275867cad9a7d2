#include "engine/eval/knn.h"
#include "engine/kernels/gemm.h"
#include "engine/loss/ntxent.h"
#include "engine/run-private.h"

#include <math.h>
#include <string.h>

/* What the frozen encoder makes of images, and the measurement of all of it at once; piece by piece: run-measure.c. */

gboolean
kin_run_infer (KinRun *run, const KinWeights *weights, guint N)
{
  KinPass pass = { .network = run->network, .tape = run->infer, .pool = run->pool, .kernels = run->kernels, .N = N,
                   .parameters = weights->parameters, .statistics = weights->statistics, .cancel = run->cancel };

  return kin_network_forward (&pass);
}

static gboolean
is_cancelled (const KinRun *run)
{
  return run->cancel != NULL && g_atomic_int_get (run->cancel);
}

static gboolean
measure (KinRun *run, gboolean is_initial, KinEvaluation *evaluation, KinEmbedding **embedding, GError **error)
{
  g_autoptr (KinMeasurement) measurement = kin_measurement_new (run, is_initial);
  g_autoptr (KinEmbedding) measured = NULL;

  while (kin_measurement_advance (measurement))
    if (is_cancelled (run))
      {
        kin_run_set_cancelled_error (error);
        return FALSE;
      }
  measured = kin_measurement_finish (measurement, evaluation);
  if (embedding != NULL)
    *embedding = g_steal_pointer (&measured);
  return TRUE;
}

gboolean
kin_run_evaluate_initial (KinRun *run, KinEvaluation *evaluation, KinEmbedding **embedding, GError **error)
{
  return measure (run, TRUE, evaluation, embedding, error);
}

gboolean
kin_run_evaluate (KinRun *run, KinEvaluation *evaluation, KinEmbedding **embedding, GError **error)
{
  KinEvaluation initial;

  if (run->step > 0 && !run->has_random && !measure (run, TRUE, &initial, NULL, error))
    return FALSE;
  return measure (run, FALSE, evaluation, embedding, error);
}

gboolean
kin_run_has_random (const KinRun *run)
{
  return run->has_random;
}

gboolean
kin_run_is_evaluation_due (const KinRun *run)
{
  guint64 every = MAX (llround (kin_config_get (run->config, "eval_every") * run->steps_per_epoch), 1);

  return run->step % every == 0 || kin_run_is_finished (run);
}

/* --- For others --- */

/* Unit z of the views of @ids as training makes them in @epoch: (2N, D), view v of image n in row v·N + n. */
static gboolean
embed_views (KinRun *run, const guint32 *ids, guint N, guint32 epoch, float *z)
{
  KinWeights weights = { run->parameters, run->statistics };
  guint D = run->batch.D, most = KIN_INFER_IMAGES / 2;

  for (guint first = 0; first < N; first += most)
    {
      guint count = MIN (most, N - first);
      const real *rows;

      kin_loader_fill_views (run->loader, run->pool, run->infer, run->dataset, run->config->policy, KIN_STREAM_AUGMENT,
                             run->seed, epoch, ids + first, count, 2);
      if (!kin_run_infer (run, &weights, 2 * count))
        return FALSE;
      rows = kin_tape_get_rows (run->infer, run->network->output);
      for (guint view = 0; view < 2; view++)
        memcpy (z + ((gsize) view * N + first) * D, rows + (gsize) view * count * D, (gsize) count * D * sizeof (float));
    }
  kin_normalize_rows_f32 (z, 2 * (gsize) N, D);
  return TRUE;
}

KinSimilarity *
kin_run_probe_similarity (KinRun *run, guint n_pairs, GError **error)
{
  guint64 step = run->step == 0 ? 0 : run->step - 1;
  guint N_batch = run->batch.N, N = MIN (n_pairs, N_batch), D = run->batch.D;
  g_autofree float *z = g_new (float, 2 * (gsize) N_batch * D), *log_sum = g_new (float, 2 * (gsize) N_batch);
  g_autofree float *workspace = g_new (float, kin_ntxent_workspace (N_batch));
  const guint32 *ids = kin_run_get_batch_ids (run, step);
  KinSimilarity *similarity;

  g_return_val_if_fail (N > 0, NULL);
  if (!embed_views (run, ids, N_batch, step / run->steps_per_epoch, z))
    {
      kin_run_set_cancelled_error (error);
      return NULL;
    }
  similarity = kin_similarity_new (N);
  similarity->N_batch = N_batch;
  similarity->step = run->step;
  similarity->epoch = step / run->steps_per_epoch;
  similarity->seed = run->seed;
  similarity->tau = kin_config_get (run->config, "tau");
  similarity->policy = kin_policy_ref (run->config->policy);
  similarity->loss = kin_ntxent (run->pool, z, N_batch, D, similarity->tau, workspace, log_sum, NULL).loss;
  memcpy (similarity->ids, ids, N * sizeof *ids);
  for (guint view = 0; view < 2; view++)
    {
      memmove (z + (gsize) view * N * D, z + (gsize) view * N_batch * D, (gsize) N * D * sizeof (float));
      memcpy (similarity->log_sum + view * N, log_sum + view * N_batch, N * sizeof (float));
    }
  kin_gemm (KIN_PLAIN, KIN_TRANSPOSED, 2 * N, 2 * N, D, 1, z, D, z, D, 0, similarity->cosine, 2 * N);
  return similarity;
}

gboolean
kin_space_parse (const char *text, KinSpace *space, GError **error)
{
  static const char *const names[] = { "h", "z", "pixels" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (text, names[i]) == 0)
      {
        *space = i;
        return TRUE;
      }
  g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION, "There is no space \"%s\"; known: h, z, pixels", text);
  return FALSE;
}

guint
kin_run_get_space_size (const KinRun *run, KinSpace space)
{
  switch (space)
    {
    case KIN_SPACE_H:
      return kin_run_get_feature_size (run);
    case KIN_SPACE_Z:
      return kin_run_get_projection_size (run);
    case KIN_SPACE_PIXELS:
      return run->dataset->size * run->dataset->size * run->dataset->channels;
    }
  g_assert_not_reached ();
}

gboolean
kin_run_embed (KinRun *run, const guint8 *pixels, guint n, KinSpace space, float *rows, GError **error)
{
  KinWeights weights = { run->parameters, run->statistics };
  guint node = space == KIN_SPACE_Z ? run->network->output : run->network->feature;

  if (space == KIN_SPACE_PIXELS)
    {
      gsize count = (gsize) n * kin_run_get_space_size (run, space);

      for (gsize i = 0; i < count; i++)
        rows[i] = pixels[i] * (1 / 255.0f);
      return TRUE;
    }
  for (guint first = 0; first < n; first += KIN_INFER_IMAGES)
    {
      guint count = MIN (KIN_INFER_IMAGES, n - first), D = kin_run_get_space_size (run, space);

      kin_loader_fill_images (run->loader, run->pool, run->infer,
                              pixels + (gsize) first * kin_run_get_space_size (run, KIN_SPACE_PIXELS), NULL, count);
      if (!kin_run_infer (run, &weights, count))
        {
          kin_run_set_cancelled_error (error);
          return FALSE;
        }
      memcpy (rows + (gsize) first * D, kin_tape_get_rows (run->infer, node), (gsize) count * D * sizeof (float));
    }
  return TRUE;
}
