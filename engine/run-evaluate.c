#include "engine/core/rng.h"
#include "engine/eval/knn.h"
#include "engine/eval/metrics.h"
#include "engine/kernels/gemm.h"
#include "engine/loss/ntxent.h"
#include "engine/run-private.h"

#include <math.h>
#include <string.h>

/* --- What is measured --- */

static int
by_value (gconstpointer a, gconstpointer b)
{
  guint32 x = *(const guint32 *) a, y = *(const guint32 *) b;

  return x < y ? -1 : x > y;
}

/* Returns: (transfer full): @n of @ids, drawn without repetition, ascending */
static guint32 *
draw (const guint32 *ids, guint n_ids, guint n, guint64 seed, guint32 item)
{
  guint32 *all = g_memdup2 (ids, n_ids * sizeof *ids);
  KinRng rng;

  kin_rng_init (&rng, seed, KIN_STREAM_SAMPLE, 0, item, 0);
  if (n < n_ids)
    {
      kin_rng_shuffle (&rng, all, n_ids);
      qsort (all, n, sizeof *all, by_value);
    }
  return all;
}

void
kin_evaluation_set_init (KinEvaluationSet *set, const KinDataset *dataset, guint most, guint64 seed)
{
  guint n_train = MIN (dataset->n_train, most);
  guint n_test = MIN (dataset->n_test, MAX (most / 4, 100));
  g_autofree guint32 *train = draw (dataset->train_ids, dataset->n_train, n_train, seed, 0);
  g_autofree guint32 *test = draw (dataset->test_ids, dataset->n_test, n_test, seed, 1);

  set->n_train = n_train;
  set->n = n_train + n_test;
  set->ids = g_new (guint32, set->n);
  set->is_test = g_new (gboolean, set->n);
  for (guint i = 0, a = 0, b = 0; i < set->n; i++)
    {
      set->is_test[i] = a == n_train || (b < n_test && test[b] < train[a]);
      set->ids[i] = set->is_test[i] ? test[b++] : train[a++];
    }
  set->n_probe = MIN (n_train, KIN_PROBE_IMAGES);
  set->probe = draw (train, n_train, set->n_probe, seed, 2);
}

void
kin_evaluation_set_clear (KinEvaluationSet *set)
{
  g_free (set->ids);
  g_free (set->is_test);
  g_free (set->probe);
}

/* --- Passes without learning --- */

/* The network's numbers that are measured: those of now, or the untrained ones. */
typedef struct
{
  const real *parameters, *statistics;
} Weights;

static gboolean
infer (KinRun *run, const Weights *weights, guint N)
{
  KinPass pass = { .network = run->network, .tape = run->infer, .pool = run->pool, .kernels = run->kernels, .N = N,
                   .parameters = weights->parameters, .statistics = weights->statistics, .cancel = run->cancel };

  return kin_network_forward (&pass);
}

/* Rows of h (or z) of @n images of @pixels. */
static gboolean
embed (KinRun *run, const Weights *weights, const guint8 *pixels, const guint32 *ids, guint n, guint node, float *rows)
{
  guint D = kin_network_get (run->network, node)->C;
  gsize image = (gsize) run->dataset->size * run->dataset->size * run->dataset->channels;

  for (guint first = 0; first < n; first += KIN_INFER_IMAGES)
    {
      guint count = MIN (KIN_INFER_IMAGES, n - first);

      kin_loader_fill_images (run->loader, run->pool, run->infer, ids == NULL ? pixels + first * image : pixels,
                              ids == NULL ? NULL : ids + first, count);
      if (!infer (run, weights, count))
        return FALSE;
      memcpy (rows + (gsize) first * D, kin_tape_get_rows (run->infer, node), (gsize) count * D * sizeof (float));
    }
  return TRUE;
}

/* Unit z of two views of each probe image, the same draws every time: (n, D) in @a and @b. */
static gboolean
embed_probe (KinRun *run, const Weights *weights, float *a, float *b)
{
  guint D = run->batch.D, most = KIN_INFER_IMAGES / 2;

  for (guint first = 0; first < run->measured.n_probe; first += most)
    {
      guint count = MIN (most, run->measured.n_probe - first);
      const real *z;

      kin_loader_fill_views (run->loader, run->pool, run->infer, run->dataset, run->config->policy, KIN_STREAM_PROBE,
                             run->seed, 0, run->measured.probe + first, count, 2);
      if (!infer (run, weights, 2 * count))
        return FALSE;
      z = kin_tape_get_rows (run->infer, run->network->output);
      memcpy (a + (gsize) first * D, z, (gsize) count * D * sizeof (float));
      memcpy (b + (gsize) first * D, z + (gsize) count * D, (gsize) count * D * sizeof (float));
    }
  kin_normalize_rows_f32 (a, run->measured.n_probe, D);
  kin_normalize_rows_f32 (b, run->measured.n_probe, D);
  return TRUE;
}

/* --- Agreement with the labels --- */

/* The training rows of what is measured (or its held-out rows), one behind the other. */
static float *
gather (const KinEvaluationSet *set, const float *rows, guint D, gboolean is_test)
{
  float *part = g_new (float, (gsize) (is_test ? set->n - set->n_train : set->n_train) * D), *to = part;

  for (guint i = 0; i < set->n; i++)
    if (set->is_test[i] == is_test)
      {
        memcpy (to, rows + (gsize) i * D, D * sizeof (float));
        to += D;
      }
  return part;
}

static gint16 *
gather_labels (const KinRun *run, gboolean is_test)
{
  const KinEvaluationSet *set = &run->measured;
  gint16 *labels = g_new (gint16, is_test ? set->n - set->n_train : set->n_train), *to = labels;

  for (guint i = 0; i < set->n; i++)
    if (set->is_test[i] == is_test)
      *to++ = run->dataset->labels[set->ids[i]];
  return labels;
}

static gboolean
has_labels (const KinRun *run)
{
  return run->dataset->labels != NULL && run->dataset->n_classes > 1;
}

/* @train: (n_train, D) unit rows. @test: (nullable): (n_test, D). Without labels both are NAN. */
static gboolean
measure_knn (KinRun *run, const float *train, const float *test, guint D, double *knn, double *knn_test)
{
  g_autofree gint16 *train_labels = NULL, *test_labels = NULL;
  guint n_train = run->measured.n_train, n_test = run->measured.n - n_train;
  guint k = kin_config_get (run->config, "knn_k");
  double tau = kin_config_get (run->config, "knn_tau");

  *knn = NAN;
  if (knn_test != NULL)
    *knn_test = NAN;
  if (!has_labels (run))
    return TRUE;
  train_labels = gather_labels (run, FALSE);
  if (!kin_knn_agreement (run->pool, train, train_labels, n_train, train, train_labels, n_train, D,
                          run->dataset->n_classes, TRUE, k, tau, run->cancel, knn))
    return FALSE;
  if (knn_test == NULL || n_test == 0)
    return TRUE;
  test_labels = gather_labels (run, TRUE);
  return kin_knn_agreement (run->pool, test, test_labels, n_test, train, train_labels, n_train, D,
                            run->dataset->n_classes, FALSE, k, tau, run->cancel, knn_test);
}

/* The training images' own numbers, as the network sees them. */
static gboolean
measure_pixels (KinRun *run)
{
  guint D = kin_run_get_space_size (run, KIN_SPACE_PIXELS), n = run->measured.n_train;
  g_autofree float *rows = NULL;
  float *to;

  if (run->has_pixels)
    return TRUE;
  run->knn_pixels = NAN;
  if (has_labels (run))
    {
      to = rows = g_new (float, (gsize) n * D);
      for (guint i = 0; i < run->measured.n; i++)
        if (!run->measured.is_test[i])
          {
            const guint8 *pixels = kin_dataset_get_pixels (run->dataset, run->measured.ids[i]);

            for (guint d = 0; d < D; d++)
              *to++ = (pixels[d] * (1 / 255.0f) - KIN_PIXEL_MEAN) / KIN_PIXEL_STD;
          }
      kin_normalize_rows_f32 (rows, n, D);
      if (!measure_knn (run, rows, NULL, D, &run->knn_pixels, NULL))
        return FALSE;
    }
  run->has_pixels = TRUE;
  return TRUE;
}

/* What guessing the most frequent class reaches. */
static double
chance_label (const KinRun *run)
{
  g_autofree guint *counts = NULL;
  guint most = 0;

  if (!has_labels (run))
    return NAN;
  counts = g_new0 (guint, run->dataset->n_classes);
  for (guint i = 0; i < run->measured.n; i++)
    if (!run->measured.is_test[i])
      {
        guint *count = &counts[run->dataset->labels[run->measured.ids[i]]];

        *count += 1;
        most = MAX (most, *count);
      }
  return (double) most / run->measured.n_train;
}

/* --- The whole measurement --- */

static gboolean
measure_features (KinRun *run, const Weights *weights, KinEvaluation *evaluation, KinEmbedding *embedding)
{
  const KinEvaluationSet *set = &run->measured;
  guint D = embedding->D;
  g_autofree float *train = NULL, *test = NULL;

  if (!embed (run, weights, run->dataset->pixels, set->ids, set->n, run->network->feature, embedding->features))
    return FALSE;
  memcpy (embedding->ids, set->ids, set->n * sizeof *set->ids);
  evaluation->effective_rank = kin_effective_rank (embedding->features, set->n, D);
  kin_normalize_rows_f32 (embedding->features, set->n, D);
  train = gather (set, embedding->features, D, FALSE);
  test = gather (set, embedding->features, D, TRUE);
  return measure_knn (run, train, test, D, &evaluation->knn, &evaluation->knn_test);
}

static gboolean
measure_views (KinRun *run, const Weights *weights, KinEvaluation *evaluation)
{
  guint n = run->measured.n_probe, D = run->batch.D;
  g_autofree float *a = g_new (float, (gsize) n * D), *b = g_new (float, (gsize) n * D);

  if (!embed_probe (run, weights, a, b))
    return FALSE;
  evaluation->alignment = kin_alignment (a, b, n, D);
  evaluation->uniformity = kin_uniformity (a, n, D);
  evaluation->std = kin_mean_std (a, n, D);
  evaluation->std_full = 1 / sqrt (D);
  return TRUE;
}

static KinEmbedding *
measure (KinRun *run, const Weights *weights, guint64 step, KinEvaluation *evaluation)
{
  g_autoptr (KinEmbedding) embedding = kin_embedding_new (run->measured.n, kin_run_get_feature_size (run));

  embedding->step = step;
  embedding->epoch = (double) step / run->steps_per_epoch;
  *evaluation = (KinEvaluation){ .step = step, .epoch = embedding->epoch, .loss = NAN, .top1 = NAN,
                                 .gradient_norm = NAN, .chance = kin_run_get_chance (run),
                                 .chance_label = chance_label (run) };
  if (!measure_features (run, weights, evaluation, embedding) || !measure_views (run, weights, evaluation)
      || !measure_pixels (run))
    return NULL;
  evaluation->knn_pixels = run->knn_pixels;
  return g_steal_pointer (&embedding);
}

static gboolean
give (const KinEvaluation *numbers, KinEmbedding *measured, KinEvaluation *evaluation, KinEmbedding **embedding,
      GError **error)
{
  if (measured == NULL)
    {
      kin_run_set_cancelled_error (error);
      return FALSE;
    }
  *evaluation = *numbers;
  if (embedding != NULL)
    *embedding = measured;
  else
    kin_embedding_unref (measured);
  return TRUE;
}

gboolean
kin_run_evaluate_initial (KinRun *run, KinEvaluation *evaluation, KinEmbedding **embedding, GError **error)
{
  g_autofree real *parameters = g_new0 (real, run->network->parameters->n);
  g_autofree real *statistics = g_new0 (real, run->network->statistics->n);
  Weights weights = { parameters, statistics };
  KinEvaluation numbers;
  KinEmbedding *measured;

  kin_network_init (run->network, run->seed, parameters, statistics);
  measured = measure (run, &weights, 0, &numbers);
  if (measured != NULL)
    {
      run->knn_random = numbers.knn_random = numbers.knn;
      run->has_random = TRUE;
    }
  return give (&numbers, measured, evaluation, embedding, error);
}

gboolean
kin_run_evaluate (KinRun *run, KinEvaluation *evaluation, KinEmbedding **embedding, GError **error)
{
  Weights weights = { run->parameters, run->statistics };
  KinEvaluation initial, numbers;
  KinEmbedding *measured;

  if (run->step == 0)
    return kin_run_evaluate_initial (run, evaluation, embedding, error);
  if (!run->has_random && !kin_run_evaluate_initial (run, &initial, NULL, error))
    return FALSE;
  measured = measure (run, &weights, run->step, &numbers);
  if (measured != NULL)
    {
      numbers.knn_random = run->knn_random;
      numbers.gradient_norm = run->gradient_norm;
      numbers.train_seconds = run->seconds_total;
      if (run->n_since > 0)
        {
          numbers.loss = run->loss_sum / run->n_since;
          numbers.top1 = run->top1_sum / run->n_since;
          numbers.pairs_per_s = run->n_since * run->batch.N / MAX (run->seconds_since, 1e-9);
        }
      run->loss_sum = run->top1_sum = run->seconds_since = 0;
      run->n_since = 0;
    }
  return give (&numbers, measured, evaluation, embedding, error);
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
  Weights weights = { run->parameters, run->statistics };
  guint D = run->batch.D, most = KIN_INFER_IMAGES / 2;

  for (guint first = 0; first < N; first += most)
    {
      guint count = MIN (most, N - first);
      const real *rows;

      kin_loader_fill_views (run->loader, run->pool, run->infer, run->dataset, run->config->policy, KIN_STREAM_AUGMENT,
                             run->seed, epoch, ids + first, count, 2);
      if (!infer (run, &weights, 2 * count))
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
  Weights weights = { run->parameters, run->statistics };
  guint node = space == KIN_SPACE_Z ? run->network->output : run->network->feature;

  if (space == KIN_SPACE_PIXELS)
    {
      gsize count = (gsize) n * kin_run_get_space_size (run, space);

      for (gsize i = 0; i < count; i++)
        rows[i] = pixels[i] * (1 / 255.0f);
      return TRUE;
    }
  if (embed (run, &weights, pixels, NULL, n, node, rows))
    return TRUE;
  kin_run_set_cancelled_error (error);
  return FALSE;
}
