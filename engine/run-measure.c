#include "engine/core/rng.h"
#include "engine/eval/knn.h"
#include "engine/eval/metrics.h"
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

/* --- A measurement under way --- */

typedef enum
{
  STAGE_EMBED,
  STAGE_RANK,
  STAGE_KNN,
  STAGE_KNN_TEST,
  STAGE_VIEWS,
  STAGE_PIXELS,
  STAGE_DONE,
} Stage;

/* The training rows of what is measured, or its held-out rows: which they are, and their labels. */
typedef struct
{
  guint n;
  guint32 *rows;  /* (n) of the embedding */
  gint16 *labels; /* (n); NULL without labels */
} Part;

struct _KinMeasurement
{
  KinRun *run;
  gboolean is_initial;
  real *parameters, *statistics; /* of when it began */
  KinPolicy *policy;
  guint k; /* and the votes */
  double tau;

  Stage stage;
  guint at; /* images of the stage that are done */
  KinKnn *knn;
  KinEmbedding *embedding;
  Part train, test;
  float *a, *b; /* (n_probe, D) unit z of two views of each probe image */

  KinEvaluation numbers;
  double loss_sum, top1_sum, seconds_since; /* of the run when it began: it begins anew without them when this is done */
  guint64 n_since;
};

static gboolean
has_labels (const KinRun *run)
{
  return run->dataset->labels != NULL && run->dataset->n_classes > 1;
}

static void
part_init (Part *part, const KinRun *run, gboolean is_test)
{
  const KinEvaluationSet *set = &run->measured;
  guint n = is_test ? set->n - set->n_train : set->n_train;

  part->rows = g_new (guint32, n);
  part->labels = has_labels (run) ? g_new (gint16, n) : NULL;
  for (guint i = 0; i < set->n; i++)
    if (set->is_test[i] == is_test)
      {
        if (part->labels != NULL)
          part->labels[part->n] = run->dataset->labels[set->ids[i]];
        part->rows[part->n++] = i;
      }
}

static void
part_clear (Part *part)
{
  g_free (part->rows);
  g_free (part->labels);
}

/* What guessing the most frequent class reaches. */
static double
chance_label (const KinRun *run, const Part *train)
{
  g_autofree guint *counts = NULL;
  guint most = 0;

  if (!has_labels (run))
    return NAN;
  counts = g_new0 (guint, run->dataset->n_classes);
  for (guint i = 0; i < train->n; i++)
    {
      guint *count = &counts[train->labels[i]];

      *count += 1;
      most = MAX (most, *count);
    }
  return (double) most / train->n;
}

KinMeasurement *
kin_measurement_new (KinRun *run, gboolean is_initial)
{
  KinMeasurement *m = g_new0 (KinMeasurement, 1);
  gsize n_parameters = run->network->parameters->n, n_statistics = run->network->statistics->n;
  guint64 step = is_initial ? 0 : run->step;
  gsize n_z = (gsize) run->measured.n_probe * run->batch.D;

  m->run = run;
  m->is_initial = is_initial || run->step == 0;
  m->parameters = g_new0 (real, n_parameters);
  m->statistics = g_new0 (real, n_statistics);
  if (m->is_initial)
    kin_network_init (run->network, run->seed, m->parameters, m->statistics);
  else
    {
      memcpy (m->parameters, run->parameters, n_parameters * sizeof (real));
      memcpy (m->statistics, run->statistics, n_statistics * sizeof (real));
    }
  m->policy = kin_policy_ref (run->config->policy);
  m->k = kin_config_get (run->config, "knn_k");
  m->tau = kin_config_get (run->config, "knn_tau");
  part_init (&m->train, run, FALSE);
  part_init (&m->test, run, TRUE);
  m->a = g_new (float, n_z);
  m->b = g_new (float, n_z);
  m->embedding = kin_embedding_new (run->measured.n, kin_run_get_feature_size (run));
  m->embedding->step = step;
  m->embedding->epoch = (double) step / run->steps_per_epoch;
  m->numbers = (KinEvaluation){ .step = step, .epoch = m->embedding->epoch, .loss = NAN, .top1 = NAN, .knn = NAN,
                                .knn_test = NAN, .knn_pixels = NAN,
                                .knn_random = run->has_random ? run->knn_random : NAN, .gradient_norm = NAN,
                                .chance = kin_run_get_chance (run), .chance_label = chance_label (run, &m->train) };
  if (m->is_initial)
    return m;

  m->numbers.gradient_norm = run->gradient_norm;
  m->numbers.train_seconds = run->seconds_total;
  if (run->n_since > 0)
    {
      m->numbers.loss = run->loss_sum / run->n_since;
      m->numbers.top1 = run->top1_sum / run->n_since;
      m->numbers.pairs_per_s = run->n_since * run->batch.N / MAX (run->seconds_since, 1e-9);
    }
  m->loss_sum = run->loss_sum;
  m->top1_sum = run->top1_sum;
  m->seconds_since = run->seconds_since;
  m->n_since = run->n_since;
  return m;
}

void
kin_measurement_free (KinMeasurement *m)
{
  if (m == NULL)
    return;
  kin_knn_free (m->knn);
  g_clear_pointer (&m->embedding, kin_embedding_unref);
  part_clear (&m->train);
  part_clear (&m->test);
  kin_policy_unref (m->policy);
  g_free (m->a);
  g_free (m->b);
  g_free (m->parameters);
  g_free (m->statistics);
  g_free (m);
}

/* --- Its stages: each does a piece and returns whether it is done with; cancelled, does nothing --- */

static gboolean
infer (KinMeasurement *m, guint N)
{
  KinWeights weights = { m->parameters, m->statistics };

  return kin_run_infer (m->run, &weights, N);
}

static gboolean
embed (KinMeasurement *m)
{
  KinRun *run = m->run;
  guint D = m->embedding->D, count = MIN (KIN_INFER_IMAGES, run->measured.n - m->at);

  kin_loader_fill_images (run->loader, run->pool, run->infer, run->dataset->pixels, run->measured.ids + m->at, count);
  if (!infer (m, count))
    return FALSE;
  memcpy (m->embedding->features + (gsize) m->at * D, kin_tape_get_rows (run->infer, run->network->feature),
          (gsize) count * D * sizeof (float));
  m->at += count;
  return m->at == run->measured.n;
}

static gboolean
find_rank (KinMeasurement *m)
{
  const KinEvaluationSet *set = &m->run->measured;

  memcpy (m->embedding->ids, set->ids, set->n * sizeof *set->ids);
  m->numbers.effective_rank = kin_effective_rank (m->embedding->features, set->n, m->embedding->D);
  kin_normalize_rows_f32 (m->embedding->features, set->n, m->embedding->D);
  return TRUE;
}

/* Unit z of two views of some probe images, the same draws every time. */
static gboolean
compare_views (KinMeasurement *m)
{
  KinRun *run = m->run;
  guint n = run->measured.n_probe, D = run->batch.D, count = MIN (KIN_INFER_IMAGES / 2, n - m->at);
  const real *z;

  kin_loader_fill_views (run->loader, run->pool, run->infer, run->dataset, m->policy, KIN_STREAM_PROBE,
                         run->seed, 0, run->measured.probe + m->at, count, 2);
  if (!infer (m, 2 * count))
    return FALSE;
  z = kin_tape_get_rows (run->infer, run->network->output);
  memcpy (m->a + (gsize) m->at * D, z, (gsize) count * D * sizeof (float));
  memcpy (m->b + (gsize) m->at * D, z + (gsize) count * D, (gsize) count * D * sizeof (float));
  m->at += count;
  if (m->at < n)
    return FALSE;

  kin_normalize_rows_f32 (m->a, n, D);
  kin_normalize_rows_f32 (m->b, n, D);
  m->numbers.alignment = kin_alignment (m->a, m->b, n, D);
  m->numbers.uniformity = kin_uniformity (m->a, n, D);
  m->numbers.std = kin_mean_std (m->a, n, D);
  m->numbers.std_full = 1 / sqrt (D);
  return TRUE;
}

static void
get_train_features (gconstpointer data, gsize row, float *out)
{
  const KinMeasurement *m = data;

  memcpy (out, m->embedding->features + (gsize) m->train.rows[row] * m->embedding->D, m->embedding->D * sizeof (float));
}

static void
get_test_features (gconstpointer data, gsize row, float *out)
{
  const KinMeasurement *m = data;

  memcpy (out, m->embedding->features + (gsize) m->test.rows[row] * m->embedding->D, m->embedding->D * sizeof (float));
}

/* A training image's own numbers, as the network sees them. */
static void
get_train_pixels (gconstpointer data, gsize row, float *out)
{
  const KinMeasurement *m = data;
  const KinRun *run = m->run;
  guint D = kin_run_get_space_size (run, KIN_SPACE_PIXELS);
  const guint8 *pixels = kin_dataset_get_pixels (run->dataset, run->measured.ids[m->train.rows[row]]);

  for (guint d = 0; d < D; d++)
    out[d] = (pixels[d] * (1 / 255.0f) - KIN_PIXEL_MEAN) / KIN_PIXEL_STD;
  kin_normalize_rows_f32 (out, 1, D);
}

/* Agreement of the rows that @get_queries gives with the training rows that @get_bank gives. */
static gboolean
vote (KinMeasurement *m, const Part *part, void (*get_queries) (gconstpointer, gsize, float *),
      void (*get_bank) (gconstpointer, gsize, float *), guint D, double *agreement)
{
  KinRows queries = { get_queries, m, part->labels, part->n }, bank = { get_bank, m, m->train.labels, m->train.n };

  if (part->labels == NULL || part->n == 0)
    return TRUE;
  if (m->knn == NULL)
    m->knn = kin_knn_new (m->run->pool, &queries, &bank, D, m->run->dataset->n_classes, part == &m->train, m->k, m->tau);
  if (kin_knn_advance (m->knn, m->run->cancel))
    return FALSE;
  *agreement = kin_knn_get_agreement (m->knn);
  g_clear_pointer (&m->knn, kin_knn_free);
  return TRUE;
}

/* Whether the run's votes are those that are counted here still: then its reference lines can be these. */
static gboolean
has_same_votes (const KinMeasurement *m)
{
  return m->k == kin_config_get (m->run->config, "knn_k") && m->tau == kin_config_get (m->run->config, "knn_tau");
}

static gboolean
compare_pixels (KinMeasurement *m)
{
  KinRun *run = m->run;

  if (run->has_pixels && m->knn == NULL)
    m->numbers.knn_pixels = run->knn_pixels;
  else if (!vote (m, &m->train, get_train_pixels, get_train_pixels, kin_run_get_space_size (run, KIN_SPACE_PIXELS),
                  &m->numbers.knn_pixels))
    return FALSE;
  if (has_same_votes (m))
    {
      run->knn_pixels = m->numbers.knn_pixels;
      run->has_pixels = TRUE;
    }
  return TRUE;
}

static gboolean
do_stage (KinMeasurement *m)
{
  switch (m->stage)
    {
    case STAGE_EMBED:
      return embed (m);
    case STAGE_RANK:
      return find_rank (m);
    case STAGE_KNN:
      return vote (m, &m->train, get_train_features, get_train_features, m->embedding->D, &m->numbers.knn);
    case STAGE_KNN_TEST:
      return vote (m, &m->test, get_test_features, get_train_features, m->embedding->D, &m->numbers.knn_test);
    case STAGE_VIEWS:
      return compare_views (m);
    case STAGE_PIXELS:
      return compare_pixels (m);
    case STAGE_DONE:
      return FALSE;
    }
  g_assert_not_reached ();
}

gboolean
kin_measurement_advance (KinMeasurement *m)
{
  if (do_stage (m))
    {
      m->stage++;
      m->at = 0;
    }
  return m->stage != STAGE_DONE;
}

KinEmbedding *
kin_measurement_finish (KinMeasurement *m, KinEvaluation *evaluation)
{
  KinRun *run = m->run;

  g_return_val_if_fail (m->stage == STAGE_DONE, NULL);
  if (m->is_initial && has_same_votes (m))
    {
      run->knn_random = m->numbers.knn;
      run->has_random = TRUE;
    }
  if (m->is_initial)
    m->numbers.knn_random = m->numbers.knn;
  run->loss_sum -= m->loss_sum;
  run->top1_sum -= m->top1_sum;
  run->seconds_since -= m->seconds_since;
  run->n_since -= m->n_since;
  *evaluation = m->numbers;
  return g_steal_pointer (&m->embedding);
}
