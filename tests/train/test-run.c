/* A run as a whole: it learns, it is reproducible to the bit, and it survives what happens to it. */

#include "engine/core/cpu.h"
#include "engine/core/safetensors.h"
#include "engine/data/augment.h"
#include "engine/run-private.h"

#include <glib/gstdio.h>
#include <malloc.h>
#include <math.h>
#include <string.h>

static KinConfig *
small_config (guint threads)
{
  KinConfig *config = kin_config_new ("shapes");
  const char *const assignments[] = { "limit=96", "size=16", "batch=16", "epochs=4", "head_hidden=32", "head_dim=16" };

  for (guint i = 0; i < G_N_ELEMENTS (assignments); i++)
    g_assert_true (kin_config_set_text (config, assignments[i], NULL));
  kin_config_set (config, "threads", threads, NULL);
  return config;
}

static KinDataset *
open_dataset (const KinConfig *config)
{
  KinDataSpec spec = kin_config_data_spec (config);
  g_autoptr (GError) error = NULL;
  KinDataset *dataset = kin_dataset_open (&spec, NULL, NULL, &error);

  g_assert_no_error (error);
  return dataset;
}

static KinRun *
new_run (const KinConfig *config)
{
  g_autoptr (KinDataset) dataset = open_dataset (config);
  g_autoptr (GError) error = NULL;
  KinRun *run = kin_run_new (config, dataset, &error);

  g_assert_no_error (error);
  return run;
}

static void
do_steps (KinRun *run, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GError) error = NULL;
      KinSample sample;

      g_assert_true (kin_run_step (run, &sample, &error));
      g_assert_no_error (error);
      g_assert_true (isfinite (sample.loss) && sample.gradient_norm > 0);
    }
}

/* Four steps of @encoder on the kernels of @isa. */
static guint64
fingerprint_on (const char *isa, const char *encoder, guint threads, double *loss)
{
  g_autoptr (KinConfig) config = small_config (threads);
  g_autoptr (KinRun) run = NULL;
  g_autoptr (GError) error = NULL;
  KinSample sample;

  g_free (config->encoder);
  config->encoder = g_strdup (encoder);
  g_setenv ("KIN_ISA", isa, TRUE);
  run = new_run (config);
  do_steps (run, 3);
  g_assert_true (kin_run_step (run, &sample, &error));
  *loss = sample.loss;
  return kin_run_get_fingerprint (run);
}

/* For each instruction set, at any number of threads; and both vector units, which multiply and add in one rounding, agree.
 * The reference rounds twice: its loss is the same to a few roundings, no more. */
static void
test_same_bits (gconstpointer encoder)
{
  static const char *const names[] = { "ref", "avx2", "avx512" };
  g_autofree char *before = g_strdup (g_getenv ("KIN_ISA"));
  guint64 fingerprints[G_N_ELEMENTS (names)];
  double losses[G_N_ELEMENTS (names)];

  for (KinIsa isa = KIN_ISA_REF; isa <= KIN_ISA_AVX512; isa++)
    {
      if (!kin_cpu_has_isa (isa))
        {
          fingerprints[isa] = fingerprints[isa - 1];
          losses[isa] = losses[isa - 1];
          continue;
        }
      fingerprints[isa] = fingerprint_on (names[isa], encoder, 1, &losses[isa]);
      for (guint threads = 2; threads <= 3; threads++)
        g_assert_cmphex (fingerprint_on (names[isa], encoder, threads, &losses[isa]), ==, fingerprints[isa]);
      g_assert_cmpfloat_with_epsilon (losses[isa], losses[0], 1e-3 * losses[0]);
    }
  if (kin_cpu_has_isa (KIN_ISA_AVX512))
    g_assert_cmphex (fingerprints[KIN_ISA_AVX2], ==, fingerprints[KIN_ISA_AVX512]);
  if (before == NULL)
    g_unsetenv ("KIN_ISA");
  else
    g_setenv ("KIN_ISA", before, TRUE);
}

static void
assert_same_evaluation (const KinEvaluation *a, const KinEvaluation *b)
{
  g_assert_cmpfloat (a->loss, ==, b->loss);
  g_assert_cmpfloat (a->top1, ==, b->top1);
  g_assert_cmpfloat (a->gradient_norm, ==, b->gradient_norm);
  g_assert_cmpfloat (a->std, ==, b->std);
  g_assert_cmpfloat (a->chance_label, ==, b->chance_label);
  g_assert_cmpuint (a->step, ==, b->step);
  g_assert_cmpfloat (a->knn, ==, b->knn);
  g_assert_cmpfloat (a->knn_test, ==, b->knn_test);
  g_assert_cmpfloat (a->knn_pixels, ==, b->knn_pixels);
  g_assert_cmpfloat (a->effective_rank, ==, b->effective_rank);
  g_assert_cmpfloat (a->alignment, ==, b->alignment);
  g_assert_cmpfloat (a->uniformity, ==, b->uniformity);
}

/* So many images that embedding them, and the search for their neighbours, take several pieces. */
static KinConfig *
long_config (void)
{
  KinConfig *config = small_config (1);

  g_assert_true (kin_config_set_text (config, "limit=900", NULL));
  g_assert_true (kin_config_set_text (config, "epochs=50", NULL));
  return config;
}

/* Piece by piece between steps, and cut short now and then: what is measured is the encoder of when it began, to the
 * bit, and what is learned is what would have been learned without. */
static void
test_measuring_between_steps (void)
{
  g_autoptr (KinConfig) config = long_config ();
  g_autoptr (KinRun) run = new_run (config), other = new_run (config);
  g_autoptr (KinMeasurement) measurement = NULL;
  g_autoptr (KinEmbedding) whole = NULL, pieces = NULL;
  KinEvaluation expected, evaluation;
  gint cancel = 0;

  do_steps (run, 4);
  do_steps (other, 4);
  g_assert_true (kin_run_evaluate (other, &expected, &whole, NULL));
  measurement = kin_measurement_new (run, FALSE);
  for (guint i = 0;; i++)
    {
      gboolean is_cut = i % 3 == 1 || i % 7 == 2;

      kin_run_set_cancel (run, &cancel);
      cancel = is_cut;
      if (!kin_measurement_advance (measurement))
        break;
      cancel = 0;
      if (i % 2 == 0 && !kin_run_is_finished (run))
        do_steps (run, 1);
    }
  pieces = kin_measurement_finish (measurement, &evaluation);
  assert_same_evaluation (&evaluation, &expected);
  g_assert_cmpmem (pieces->features, (gsize) pieces->n * pieces->D * sizeof (float), whole->features,
                   (gsize) whole->n * whole->D * sizeof (float));
  cancel = 0;
  do_steps (other, kin_run_get_step (run) - 4);
  g_assert_cmphex (kin_run_get_fingerprint (run), ==, kin_run_get_fingerprint (other));
  /* The means of the steps since then are of those alone. */
  g_assert_true (kin_run_evaluate (run, &evaluation, NULL, NULL) && kin_run_evaluate (other, &expected, NULL, NULL));
  g_assert_cmpfloat_with_epsilon (evaluation.loss, expected.loss, 1e-9);
}

/* A run saved while it is measured has all that a run saved before had. */
static void
test_saved_while_measuring (void)
{
  g_autoptr (KinConfig) config = small_config (2);
  g_autoptr (KinRun) run = new_run (config), loaded = NULL;
  g_autofree char *folder = g_dir_make_tmp ("kindred-XXXXXX", NULL);
  g_autoptr (KinMeasurement) measurement = NULL;
  KinEvaluation expected, evaluation;

  do_steps (run, 4);
  measurement = kin_measurement_new (run, FALSE);
  g_assert_true (kin_measurement_advance (measurement));
  g_assert_true (kin_run_save (run, folder, NULL));
  while (kin_measurement_advance (measurement))
    continue;
  kin_embedding_unref (kin_measurement_finish (measurement, &expected));
  loaded = kin_run_load (folder, kin_run_get_dataset (run), NULL, NULL, NULL);
  g_assert_nonnull (loaded);
  g_assert_true (kin_run_evaluate (loaded, &evaluation, NULL, NULL));
  g_assert_true (isfinite (expected.loss));
  assert_same_evaluation (&evaluation, &expected);
}

/* One number that is none, in any weight: the step that it spoils does not count, although ReLU makes it 0. */
static void
test_not_a_number (gconstpointer encoder)
{
  g_autoptr (KinConfig) config = small_config (2);
  g_autoptr (KinRun) run = NULL;
  const KinLayout *layout;

  g_free (config->encoder);
  config->encoder = g_strdup (encoder);
  run = new_run (config);
  layout = run->network->parameters;
  for (guint i = 0; i < layout->slices->len; i++)
    {
      real *values = run->parameters + kin_layout_get (layout, i)->offset;
      real before = values[0];
      g_autoptr (GError) error = NULL;
      KinSample sample;

      if (kin_layout_get (layout, i)->rank < 2)
        continue;
      values[0] = NAN;
      g_assert_false (kin_run_step (run, &sample, &error));
      g_assert_error (error, KIN_ERROR, KIN_ERROR_DIVERGED);
      values[0] = before;
    }
  do_steps (run, 1);
}

static void
test_seed_matters (void)
{
  g_autoptr (KinConfig) a = small_config (1), b = small_config (1);
  g_autoptr (KinRun) run_a = new_run (a), run_b = NULL;

  kin_config_set (b, "seed", 2, NULL);
  run_b = new_run (b);
  g_assert_cmpuint (kin_run_get_fingerprint (run_a), !=, kin_run_get_fingerprint (run_b));
}

/* Looking (measuring, taking the similarity, embedding) leaves what is learned alone. */
static void
test_looking_changes_nothing (void)
{
  g_autoptr (KinConfig) config = small_config (2);
  g_autoptr (KinRun) plain = new_run (config), watched = new_run (config);
  guint D = kin_run_get_feature_size (watched);
  g_autofree float *rows = g_new (float, 5 * D);

  for (guint i = 0; i < 8; i++)
    {
      KinEvaluation evaluation;
      KinSimilarity *similarity;

      g_assert_true (kin_run_evaluate (watched, &evaluation, NULL, NULL));
      g_assert_true (kin_run_evaluate_initial (watched, &evaluation, NULL, NULL));
      do_steps (watched, 1);
      similarity = kin_run_get_similarity (watched, 1000);
      g_assert_cmpuint (similarity->N, ==, 16);
      kin_similarity_unref (similarity);
      similarity = kin_run_probe_similarity (watched, 1000, NULL);
      g_assert_cmpuint (similarity->N, ==, 16);
      kin_similarity_unref (similarity);
      g_assert_true (kin_run_embed (watched, kin_run_get_dataset (watched)->pixels, 5, KIN_SPACE_H, rows, NULL));
      do_steps (plain, 1);
    }
  g_assert_cmpuint (kin_run_get_fingerprint (plain), ==, kin_run_get_fingerprint (watched));
}

static char *
temporary_folder (void)
{
  char *folder = g_dir_make_tmp ("kindred-test-XXXXXX", NULL);

  g_assert_nonnull (folder);
  return folder;
}

static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_remove (path);
    }
  g_rmdir (folder);
}

/* In the middle of an epoch, for every optimizer; live changes before the save are kept. */
static void
test_resume (void)
{
  for (guint optimizer = 0; optimizer < 3; optimizer++)
    {
      g_autofree char *folder = temporary_folder ();
      g_autoptr (KinConfig) config = small_config (2);
      g_autoptr (KinRun) whole = NULL, first = NULL, second = NULL;
      g_autoptr (KinDataset) dataset = open_dataset (config);
      g_autoptr (GError) error = NULL;
      KinEvaluation a, b;

      kin_config_set (config, "optimizer", optimizer, NULL);
      whole = new_run (config);
      first = new_run (config);
      do_steps (whole, 3);
      do_steps (first, 3);
      g_assert_true (kin_run_set (whole, "tau", 0.31, &error));
      g_assert_true (kin_run_set (first, "tau", 0.31, &error));
      do_steps (whole, 9);
      do_steps (first, 5);
      g_assert_true (kin_run_save (first, folder, &error));
      g_assert_no_error (error);
      second = kin_run_load (folder, optimizer == 0 ? dataset : NULL, NULL, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (kin_run_get_step (second), ==, 8);
      g_assert_cmpuint (kin_run_get_fingerprint (second), ==, kin_run_get_fingerprint (first));
      g_assert_cmpstr (kin_run_get_log (second), ==, "3 set tau 0.31\n");
      do_steps (second, 4);
      g_assert_cmpuint (kin_run_get_fingerprint (second), ==, kin_run_get_fingerprint (whole));
      g_assert_true (kin_run_evaluate (whole, &a, NULL, NULL) && kin_run_evaluate (second, &b, NULL, NULL));
      g_assert_true (a.knn == b.knn && a.loss == b.loss && a.alignment == b.alignment);
      remove_folder (folder);
    }
}

static void
test_replay (void)
{
  g_autoptr (KinConfig) config = small_config (2);
  g_autoptr (KinRun) live = new_run (config), replayed = new_run (config);
  g_autoptr (KinPolicy) policy = kin_policy_from_name ("simclr", NULL);
  g_autoptr (GError) error = NULL;

  do_steps (live, 2);
  g_assert_true (kin_run_set (live, "lr", 0.0123, &error));
  do_steps (live, 3);
  g_assert_true (kin_run_set_policy (live, policy, &error));
  g_assert_true (kin_run_set (live, "tau", 0.1, &error));
  do_steps (live, 4);

  g_assert_true (kin_run_replay (replayed, kin_run_get_log (live), &error));
  do_steps (replayed, 9);
  g_assert_no_error (error);
  g_assert_cmpuint (kin_run_get_fingerprint (live), ==, kin_run_get_fingerprint (replayed));
  g_assert_cmpstr (kin_run_get_log (live), ==, kin_run_get_log (replayed));

  g_assert_false (kin_run_replay (replayed, "5 set tau 0.1\n3 set tau 0.2\n", &error));
  g_assert_error (error, KIN_ERROR, KIN_ERROR_FORMAT);
}

/* A replayed run that is stopped half-way has the rest of the log in its checkpoint; config.ini says how it began. */
static void
test_replay_resumed (void)
{
  static const char log[] = "2 set lr 0.001\n6 set tau 0.3\n7 policy crop p=1\n";
  g_autofree char *folder = temporary_folder (), *path = g_build_filename (folder, "config.ini", NULL), *text = NULL;
  g_autoptr (KinConfig) config = small_config (1);
  g_autofree char *begun = kin_config_to_text (config);
  g_autoptr (KinRun) whole = new_run (config), first = new_run (config), second = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (kin_run_replay (whole, log, &error) && kin_run_replay (first, log, &error));
  do_steps (whole, 9);
  do_steps (first, 4);
  g_assert_true (kin_run_save (first, folder, &error));
  second = kin_run_load (folder, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (kin_run_save (second, folder, &error));
  do_steps (second, 5);
  g_assert_cmpuint (kin_run_get_fingerprint (second), ==, kin_run_get_fingerprint (whole));
  g_assert_cmpstr (kin_run_get_log (second), ==, kin_run_get_log (whole));
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, begun);
  remove_folder (folder);
}

static void
test_not_live (void)
{
  g_autoptr (KinConfig) config = small_config (1);
  g_autoptr (KinRun) run = new_run (config);
  g_autoptr (GError) error = NULL;

  g_assert_false (kin_run_set (run, "batch", 32, &error));
  g_assert_error (error, KIN_ERROR, KIN_ERROR_OPTION);
  g_clear_error (&error);
  g_assert_false (kin_run_set (run, "tau", 7, &error));
  g_assert_error (error, KIN_ERROR, KIN_ERROR_OPTION);
  g_clear_error (&error);
  g_assert_false (kin_run_set (run, "nonsense", 7, &error));
  g_assert_error (error, KIN_ERROR, KIN_ERROR_OPTION);
}

/* A learning rate that blows up: the step that finds out changes nothing and names itself. */
static void
test_divergence (void)
{
  g_autoptr (KinConfig) config = small_config (2);
  g_autoptr (KinRun) run = NULL;
  g_autoptr (GError) error = NULL;
  guint64 fingerprint = 0, step = 0;
  KinSample sample;

  kin_config_set_text (config, "optimizer=sgd", NULL);
  kin_config_set_text (config, "weight_decay=0.5", NULL);
  kin_config_set_text (config, "epochs=10000", NULL);
  kin_config_set_text (config, "warmup=0", NULL);
  kin_config_set_text (config, "lr=10", NULL);
  run = new_run (config);
  for (guint i = 0; i < 3000 && error == NULL; i++)
    {
      fingerprint = kin_run_get_fingerprint (run);
      step = kin_run_get_step (run);
      kin_run_step (run, &sample, &error);
    }
  g_assert_error (error, KIN_ERROR, KIN_ERROR_DIVERGED);
  g_assert_cmpuint (kin_run_get_step (run), ==, step);
  g_assert_cmpuint (kin_run_get_fingerprint (run), ==, fingerprint);
  g_assert_nonnull (strstr (error->message, "learning rate "));
}

static void
test_cancelled_step (void)
{
  g_autoptr (KinConfig) config = small_config (2);
  g_autoptr (KinRun) run = new_run (config), other = new_run (config);
  g_autoptr (GError) error = NULL;
  KinSample sample;
  KinEvaluation evaluation;
  gint cancel = 1;

  do_steps (run, 2);
  kin_run_set_cancel (run, &cancel);
  g_assert_false (kin_run_step (run, &sample, &error));
  g_assert_error (error, KIN_ERROR, KIN_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_false (kin_run_evaluate (run, &evaluation, NULL, &error));
  g_assert_error (error, KIN_ERROR, KIN_ERROR_CANCELLED);
  cancel = 0;
  do_steps (run, 2);
  do_steps (other, 4);
  g_assert_cmpuint (kin_run_get_fingerprint (run), ==, kin_run_get_fingerprint (other));
}

/* A step that is cut short has overwritten the batch of the one before: it must not be shown as that one's. */
static void
test_similarity_of_cancelled_step (void)
{
  g_autoptr (KinConfig) config = small_config (2);
  g_autoptr (KinRun) run = new_run (config);
  KinSimilarity *similarity;
  KinSample sample;
  gint cancel = 1;

  do_steps (run, 2);
  kin_run_set_cancel (run, &cancel);
  g_assert_false (kin_run_step (run, &sample, NULL));
  g_assert_null (kin_run_get_similarity (run, 16));
  cancel = 0;
  do_steps (run, 1);
  similarity = kin_run_get_similarity (run, 16);
  g_assert_cmpuint (similarity->step, ==, 3);
  kin_similarity_unref (similarity);
}

/* All k-NN numbers of a measurement are counted with the same k. With k = 1 and 200 they differ on these images. */
static void
test_baselines_follow_k (void)
{
  g_autoptr (KinConfig) config = small_config (2);
  g_autoptr (KinRun) changed = new_run (config), fresh = NULL;
  KinEvaluation a, b, before;

  g_assert_true (kin_run_evaluate (changed, &before, NULL, NULL));
  do_steps (changed, 1);
  g_assert_true (kin_run_set (changed, "knn_k", 1, NULL));
  g_assert_true (kin_run_evaluate (changed, &a, NULL, NULL));
  kin_config_set (config, "knn_k", 1, NULL);
  fresh = new_run (config);
  do_steps (fresh, 1);
  g_assert_true (kin_run_evaluate (fresh, &b, NULL, NULL));
  g_assert_cmpfloat (a.knn, ==, b.knn);
  g_assert_cmpfloat (a.knn_pixels, ==, b.knn_pixels);
  g_assert_cmpfloat (a.knn_random, ==, b.knn_random);
  g_assert_cmpfloat (before.knn_pixels, !=, b.knn_pixels);
}

/* The same images with another held-out part are another set: a run must not go on learning from what it held out. */
static void
test_resume_keeps_split (void)
{
  g_autofree char *folder = temporary_folder ();
  g_autoptr (KinConfig) config = small_config (1);
  g_autoptr (KinRun) run = NULL, back = NULL;
  g_autoptr (KinDataset) saved = NULL, other = NULL;
  g_autoptr (GError) error = NULL;
  guint last;

  kin_config_set (config, "holdout", 0.25, NULL);
  saved = open_dataset (config);
  other = open_dataset (config);
  g_assert_cmpuint (other->n_test, >, 0);
  last = other->train_ids[other->n_train - 1];
  other->train_ids[other->n_train - 1] = other->test_ids[other->n_test - 1];
  other->test_ids[other->n_test - 1] = last;
  run = kin_run_new (config, saved, &error);
  g_assert_true (kin_run_save (run, folder, &error));
  back = kin_run_load (folder, other, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (kin_run_get_dataset (back) != other);
  g_assert_cmpmem (kin_run_get_dataset (back)->train_ids, 4 * saved->n_train, saved->train_ids, 4 * saved->n_train);
  remove_folder (folder);
}

#ifndef __SANITIZE_ADDRESS__
/* Nothing is taken from the heap between step 2 and step 20. */
static void
test_no_allocation (void)
{
  g_autoptr (KinConfig) config = small_config (1);
  g_autoptr (KinRun) run = NULL;
  struct mallinfo2 before, after;
  KinSample sample;

  kin_config_set (config, "epochs", 10, NULL);
  run = new_run (config);
  for (guint i = 0; i < 2; i++)
    g_assert_true (kin_run_step (run, &sample, NULL));
  before = mallinfo2 ();
  for (guint i = 2; i < 20; i++)
    if (!kin_run_step (run, &sample, NULL))
      g_assert_not_reached ();
  after = mallinfo2 ();
  g_assert_cmpuint (before.uordblks, ==, after.uordblks);
  g_assert_cmpuint (before.hblkhd, ==, after.hblkhd);
}
#endif

static void
test_bad_config (void)
{
  g_autoptr (KinConfig) config = small_config (1);
  g_autoptr (KinDataset) dataset = open_dataset (config);
  g_autoptr (GError) error = NULL;

  kin_config_set (config, "batch", 97, NULL);
  g_assert_null (kin_run_new (config, dataset, &error));
  g_assert_error (error, KIN_ERROR, KIN_ERROR_OPTION);
  g_assert_nonnull (strstr (error->message, "97"));
  g_assert_nonnull (strstr (error->message, "96"));
  g_clear_error (&error);
  kin_config_set (config, "batch", 16, NULL);
  g_free (config->encoder);
  config->encoder = g_strdup ("vgg");
  g_assert_null (kin_run_new (config, dataset, &error));
  g_assert_error (error, KIN_ERROR, KIN_ERROR_OPTION);
}

static void
test_config_text (void)
{
  g_autoptr (KinConfig) config = small_config (2), back = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL, *again = NULL;

  kin_config_set (config, "lr", 1.0 / 3, NULL);
  text = kin_config_to_text (config);
  back = kin_config_from_text (text, &error);
  g_assert_no_error (error);
  again = kin_config_to_text (back);
  g_assert_cmpstr (text, ==, again);
  g_assert_true (kin_config_get (back, "lr") == 1.0 / 3);
  g_assert_true (kin_policy_equal (config->policy, back->policy));

  g_assert_null (kin_config_from_text ("[run]\ndataset=shapes\nmethod=simclr\nencoder=conv4\n[x]\ntau=9\n", &error));
  g_assert_error (error, KIN_ERROR, KIN_ERROR_OPTION);
  g_clear_error (&error);
  g_assert_null (kin_config_from_text ("hello", &error));
  g_assert_error (error, KIN_ERROR, KIN_ERROR_FORMAT);
}

static void
test_similarity (void)
{
  g_autoptr (KinConfig) config = small_config (2);
  g_autoptr (KinRun) run = new_run (config);
  KinSimilarity *similarity;
  double mean = 0;

  g_assert_null (kin_run_get_similarity (run, 16));
  do_steps (run, 3);
  similarity = kin_run_get_similarity (run, 16);
  for (guint i = 0; i < 32; i++)
    {
      double total = 0;

      for (guint j = 0; j < 32; j++)
        if (i != j)
          total += kin_similarity_cell (similarity, i, j).probability;
      g_assert_cmpfloat_with_epsilon (total, 1, 1e-4);
      g_assert_cmpfloat_with_epsilon (kin_similarity_cell (similarity, i, i).cosine, 1, 1e-5);
      g_assert_true (kin_similarity_cell (similarity, i, (i + 16) % 32).is_positive);
      mean += kin_similarity_cell (similarity, i, 0).loss / 32;
    }
  g_assert_cmpfloat_with_epsilon (mean, similarity->loss, 1e-4);
  kin_similarity_unref (similarity);
}

/* Rows of z of the two views of @id, as pictures of 8 bits, through the frozen encoder. */
static double
pictured_cosine (KinRun *run, const KinSimilarity *similarity, guint32 id)
{
  KinDataset *dataset = kin_run_get_dataset (run);
  gsize bytes = dataset->size * dataset->size * dataset->channels;
  guint D = kin_run_get_projection_size (run);
  g_autofree guint8 *pixels = g_malloc (2 * bytes);
  g_autofree float *z = g_new (float, 2 * D);
  double dot = 0, a = 0, b = 0;

  for (guint view = 0; view < 2; view++)
    {
      KinViewKey key = { similarity->seed, similarity->epoch, id, view };
      kin_preview_view (dataset, similarity->policy, &key, pixels + view * bytes, NULL);
    }
  g_assert_true (kin_run_embed (run, pixels, 2, KIN_SPACE_Z, z, NULL));
  for (guint d = 0; d < D; d++)
    {
      dot += z[d] * z[D + d];
      a += z[d] * z[d];
      b += z[D + d] * z[D + d];
    }
  return dot / sqrt (a * b);
}

/* The batch is larger than one pass of measuring, so that its views come in pieces. */
static void
test_probe_similarity (void)
{
  g_autofree char *folder = temporary_folder ();
  g_autoptr (KinConfig) config = small_config (2);
  g_autoptr (KinRun) run = NULL, loaded = NULL;
  KinSimilarity *trained, *whole, *part, *again;
  guint N = 80;
  double mean = 0;

  kin_config_set (config, "batch", N, NULL);
  run = new_run (config);
  part = kin_run_probe_similarity (run, 4, NULL); /* before the first step too */
  g_assert_cmpuint (part->N, ==, 4);
  kin_similarity_unref (part);

  do_steps (run, 3);
  trained = kin_run_get_similarity (run, N);
  whole = kin_run_probe_similarity (run, N, NULL);
  part = kin_run_probe_similarity (run, 10, NULL);
  g_assert_true (kin_run_save (run, folder, NULL));
  loaded = kin_run_load (folder, NULL, NULL, NULL, NULL);
  g_assert_null (kin_run_get_similarity (loaded, N));
  again = kin_run_probe_similarity (loaded, N, NULL);
  remove_folder (folder);

  g_assert_cmpmem (whole->ids, N * sizeof *whole->ids, trained->ids, N * sizeof *trained->ids);
  g_assert_cmpuint (whole->epoch, ==, trained->epoch);
  g_assert_cmpmem (whole->cosine, 4 * N * N * sizeof (float), again->cosine, 4 * N * N * sizeof (float));
  for (guint i = 0; i < 2 * N; i++)
    {
      double total = 0;

      for (guint j = 0; j < 2 * N; j++)
        if (i != j)
          total += kin_similarity_cell (whole, i, j).probability;
      g_assert_cmpfloat_with_epsilon (total, 1, 1e-4);
      mean += kin_similarity_cell (whole, i, 0).loss / (2 * N);
    }
  g_assert_cmpfloat_with_epsilon (mean, whole->loss, 1e-4);
  g_assert_true (part->N_batch == N && part->loss == whole->loss);
  for (guint i = 0; i < 20; i++)
    {
      guint row = i % 10 + i / 10 * N;

      g_assert_cmpfloat (part->log_sum[i], ==, whole->log_sum[row]);
      g_assert_cmpfloat_with_epsilon (part->cosine[i * 20], whole->cosine[row * 2 * N], 1e-6);
      g_assert_cmpfloat_with_epsilon (part->cosine[i * 20 + 10], whole->cosine[row * 2 * N + N], 1e-6);
    }
  for (guint i = 0; i < N; i += 13)
    g_assert_cmpfloat_with_epsilon (pictured_cosine (run, whole, whole->ids[i]),
                                    kin_similarity_cell (whole, i, i + N).cosine, 5e-3);
  kin_similarity_unref (trained);
  kin_similarity_unref (whole);
  kin_similarity_unref (part);
  kin_similarity_unref (again);
}

/* The exported file is the run's numbers under PyTorch's names; the step fixture shows that these give PyTorch's h. */
static void
test_export (void)
{
  g_autofree char *folder = temporary_folder (), *path = g_build_filename (folder, "w.safetensors", NULL);
  g_autoptr (KinConfig) config = small_config (1);
  g_autoptr (KinRun) run = new_run (config);
  g_autoptr (KinSafetensors) file = NULL;
  g_autoptr (GError) error = NULL;
  const KinTensor *tensor;

  do_steps (run, 1);
  g_assert_true (kin_run_export (run, path, &error));
  file = kin_safetensors_read (path, &error);
  g_assert_no_error (error);
  tensor = kin_safetensors_find (file, "enc.1.conv.weight");
  g_assert_nonnull (tensor);
  g_assert_cmpuint (tensor->rank, ==, 4);
  g_assert_cmpuint (tensor->shape[0], ==, 64);
  g_assert_cmpuint (tensor->shape[1], ==, 32);
  tensor = kin_safetensors_find (file, "enc.3.norm.num_batches_tracked");
  g_assert_nonnull (tensor);
  g_assert_cmpint (*(const gint64 *) tensor->data, ==, 1);
  g_assert_nonnull (kin_safetensors_find (file, "enc.3.norm.running_var"));
  g_assert_nonnull (kin_safetensors_find (file, "head.2.bias"));
  remove_folder (folder);
}

static void
test_damaged_folder (void)
{
  g_autofree char *folder = temporary_folder (), *path = g_build_filename (folder, "checkpoint.safetensors", NULL);
  g_autoptr (KinConfig) config = small_config (1);
  g_autoptr (KinRun) run = new_run (config);
  g_autoptr (KinDataset) dataset = open_dataset (config);
  g_autofree char *bytes = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  g_assert_null (kin_run_load (folder, NULL, NULL, NULL, &error));
  g_assert_error (error, KIN_ERROR, KIN_ERROR_FILE);
  g_clear_error (&error);
  g_assert_true (kin_run_save (run, folder, NULL));
  g_assert_true (g_file_get_contents (path, &bytes, &length, NULL));
  for (gsize cut = 0; cut < length; cut += 1 + length / 37)
    {
      g_assert_true (g_file_set_contents (path, bytes, cut, NULL));
      g_assert_null (kin_run_load (folder, dataset, NULL, NULL, &error));
      g_assert_nonnull (error);
      g_assert_true (error->domain == KIN_ERROR);
      g_clear_error (&error);
    }
  /* One bit of the numbers, which nothing else would notice. */
  bytes[length - 5] ^= 1;
  g_assert_true (g_file_set_contents (path, bytes, length, NULL));
  g_assert_null (kin_run_load (folder, dataset, NULL, NULL, &error));
  g_assert_error (error, KIN_ERROR, KIN_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "checksum"));
  remove_folder (folder);
}

/* The first lesson, in small: with the right augmentations the neighbours agree on the shape, far above chance, and
 * better than before learning. */
static void
test_learns (void)
{
  g_autoptr (KinConfig) config = kin_config_new ("shapes");
  g_autoptr (KinRun) run = NULL;
  KinEvaluation before, after;

  kin_config_set (config, "limit", 800, NULL);
  kin_config_set (config, "size", 24, NULL);
  kin_config_set (config, "batch", 32, NULL);
  kin_config_set (config, "epochs", 12, NULL);
  run = new_run (config);
  g_assert_true (kin_run_evaluate (run, &before, NULL, NULL));
  do_steps (run, kin_run_get_steps_total (run));
  g_assert_true (kin_run_is_finished (run));
  g_assert_true (kin_run_evaluate (run, &after, NULL, NULL));
  g_test_message ("knn %.3f -> %.3f, loss %.3f of %.3f", before.knn, after.knn, after.loss, after.chance);
  g_assert_cmpfloat (after.loss, <, 0.9 * after.chance);
  g_assert_cmpfloat (after.knn, >, before.knn + 0.1);
  g_assert_cmpfloat (after.knn, >, 4 * after.chance_label);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/run/same-bits/conv4", "conv4", test_same_bits);
  g_test_add_data_func ("/run/same-bits/resnet8", "resnet8", test_same_bits);
  g_test_add_func ("/run/measuring-between-steps", test_measuring_between_steps);
  g_test_add_func ("/run/saved-while-measuring", test_saved_while_measuring);
  g_test_add_data_func ("/run/not-a-number/conv4", "conv4", test_not_a_number);
  g_test_add_data_func ("/run/not-a-number/resnet8", "resnet8", test_not_a_number);
  g_test_add_func ("/run/seed-matters", test_seed_matters);
  g_test_add_func ("/run/looking-changes-nothing", test_looking_changes_nothing);
  g_test_add_func ("/run/resume-is-uninterrupted", test_resume);
  g_test_add_func ("/run/replay", test_replay);
  g_test_add_func ("/run/replay-resumed", test_replay_resumed);
  g_test_add_func ("/run/not-live", test_not_live);
  g_test_add_func ("/run/divergence", test_divergence);
  g_test_add_func ("/run/cancelled-step", test_cancelled_step);
  g_test_add_func ("/run/similarity-of-cancelled-step", test_similarity_of_cancelled_step);
  g_test_add_func ("/run/baselines-follow-k", test_baselines_follow_k);
  g_test_add_func ("/run/resume-keeps-split", test_resume_keeps_split);
#ifndef __SANITIZE_ADDRESS__
  /* The sanitizer's own heap does not keep these counts. */
  g_test_add_func ("/run/no-allocation", test_no_allocation);
#endif
  g_test_add_func ("/run/bad-config", test_bad_config);
  g_test_add_func ("/run/config-text", test_config_text);
  g_test_add_func ("/run/similarity", test_similarity);
  g_test_add_func ("/run/probe-similarity", test_probe_similarity);
  g_test_add_func ("/run/export", test_export);
  g_test_add_func ("/run/damaged-folder", test_damaged_folder);
  g_test_add_func ("/run/learns-shapes", test_learns);
  return g_test_run ();
}
