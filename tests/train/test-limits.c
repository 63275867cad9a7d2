/* Runs at the limits of what a configuration may ask for, folders that are full, and text that means harm. */

#include "engine/core/file.h"
#include "engine/core/safetensors.h"
#include "engine/run.h"

#include <glib/gstdio.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

static char *folder;

/* @n_classes: 0 for no labels. Returns: a source */
static char *
write_images (guint n, guint side, guint n_classes)
{
  g_autofree char *images = g_build_filename (folder, "images", NULL), *labels = g_build_filename (folder, "labels", NULL);
  guint8 head[16] = { 0, 0, 8, 3, 0, 0, n >> 8, n & 255, 0, 0, 0, side, 0, 0, 0, side };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  g_byte_array_append (bytes, head, 16);
  for (guint i = 0; i < n * side * side; i++)
    {
      guint8 pixel = i * 2654435761u >> 24;

      g_byte_array_append (bytes, &pixel, 1);
    }
  g_assert_true (kin_file_write (images, bytes->data, bytes->len, NULL));
  g_byte_array_set_size (bytes, 8);
  bytes->data[3] = 1;
  for (guint i = 0; i < n; i++)
    {
      guint8 label = n_classes == 0 ? 0 : i % n_classes;

      g_byte_array_append (bytes, &label, 1);
    }
  g_assert_true (kin_file_write (labels, bytes->data, bytes->len, NULL));
  return n_classes == 0 ? g_strdup_printf ("idx:%s", images) : g_strdup_printf ("idx:%s,%s", images, labels);
}

/* @assignments: "NAME=VALUE NAME=VALUE …" */
static KinRun *
new_run (const char *source, const char *assignments)
{
  g_autoptr (KinConfig) config = kin_config_new (source);
  g_auto (GStrv) words = g_strsplit (assignments, " ", -1);
  g_autoptr (KinDataset) dataset = NULL;
  g_autoptr (GError) error = NULL;
  KinDataSpec spec;
  KinRun *run;

  kin_config_set_text (config, "head_hidden=8", NULL);
  kin_config_set_text (config, "head_dim=2", NULL);
  kin_config_set_text (config, "threads=3", NULL);
  for (guint i = 0; words[i] != NULL; i++)
    {
      kin_config_set_text (config, words[i], &error);
      g_assert_no_error (error);
    }
  spec = kin_config_data_spec (config);
  dataset = kin_dataset_open (&spec, NULL, NULL, &error);
  g_assert_no_error (error);
  run = kin_run_new (config, dataset, &error);
  g_assert_no_error (error);
  return run;
}

/* Measures, trains to the end or @most steps, measures. */
static void
assert_trains (KinRun *run, guint most, gboolean has_classes)
{
  g_autoptr (GError) error = NULL;
  KinEvaluation evaluation;

  for (guint i = 0; i <= most; i++)
    {
      KinEmbedding *embedding;
      KinSample sample;

      g_assert_true (kin_run_evaluate (run, &evaluation, &embedding, &error));
      g_assert_no_error (error);
      g_assert_true (isnan (evaluation.knn) == !has_classes && isnan (evaluation.knn_pixels) == !has_classes);
      g_assert_true (isfinite (evaluation.alignment) && isfinite (evaluation.std) && evaluation.effective_rank > 0);
      kin_embedding_lay_out (embedding, NULL);
      for (guint row = 0; row < embedding->n; row++)
        g_assert_true (isfinite (embedding->map[2 * row]) && isfinite (embedding->map[2 * row + 1]));
      kin_embedding_unref (embedding);
      if (i == most || kin_run_is_finished (run))
        break;
      g_assert_true (kin_run_step (run, &sample, &error));
      g_assert_true (isfinite (sample.loss) && sample.top1 >= 0 && sample.top1 <= 1);
    }
}

static void
test_small_batches (void)
{
  static const struct
  {
    const char *assignments;
    guint n, side, n_classes;
  } cases[] = {
    { "batch=2 holdout=0 epochs=1", 4, 16, 2 },              /* least of all: 4 images, 2 pairs */
    { "batch=4 holdout=0 epochs=3", 4, 16, 0 },              /* a batch is the set; no labels */
    { "batch=3 holdout=0.5 epochs=2", 9, 17, 1 },            /* odd sizes; one class */
    { "batch=7 holdout=0.1 epochs=1 knn_k=200", 23, 16, 5 }, /* more neighbours asked for than there are */
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *source = write_images (cases[i].n, cases[i].side, cases[i].n_classes);
      g_autoptr (KinRun) run = new_run (source, cases[i].assignments);

      assert_trains (run, 10, cases[i].n_classes > 1);
      g_assert_true (kin_run_is_finished (run));
    }
}

static void
test_large_side (void)
{
  g_autofree char *gray = write_images (130, 16, 3);
  g_autoptr (KinRun) large = new_run ("shapes", "limit=6 size=96 batch=3 holdout=0 epochs=1");
  g_autoptr (KinRun) sampled = new_run (gray, "size=96 batch=2 eval_images=100 holdout=0.1");

  assert_trains (large, 2, TRUE);
  assert_trains (sampled, 1, TRUE);
}

/* Unbegun, in the middle of an epoch, finished: what is loaded is what was saved, and goes on (or does not). */
static void
test_resume_in_every_state (void)
{
  g_autofree char *source = write_images (10, 16, 2);
  g_autoptr (KinRun) run = new_run (source, "batch=4 holdout=0 epochs=2");
  g_autoptr (GError) error = NULL;
  KinSample sample;

  for (guint step = 0; step <= 4; step++)
    {
      g_autofree char *where = g_build_filename (folder, "run", NULL);
      g_autoptr (KinRun) back = NULL;

      g_assert_true (kin_run_save (run, where, &error));
      back = kin_run_load (where, NULL, NULL, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (kin_run_get_step (back), ==, step);
      g_assert_cmpuint (kin_run_get_fingerprint (back), ==, kin_run_get_fingerprint (run));
      g_assert_true (kin_run_is_finished (back) == (step == 4));
      if (step == 4)
        break;
      g_assert_true (kin_run_step (run, &sample, &error) && kin_run_step (back, &sample, &error));
      g_assert_cmpuint (kin_run_get_fingerprint (back), ==, kin_run_get_fingerprint (run));
    }
}

/* No file may grow past a few bytes, as on a full disk: the folder holds the run before, whole. */
static void
test_full_disk (void)
{
  g_autofree char *source = write_images (8, 16, 2), *where = g_build_filename (folder, "full", NULL);
  g_autoptr (KinRun) run = new_run (source, "batch=4 holdout=0 epochs=4"), back = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = NULL;
  struct rlimit before, small;
  const char *name;
  guint64 saved;
  KinSample sample;

  signal (SIGXFSZ, SIG_IGN);
  g_assert_true (kin_run_save (run, where, &error));
  saved = kin_run_get_fingerprint (run);
  g_assert_true (kin_run_step (run, &sample, &error));
  getrlimit (RLIMIT_FSIZE, &before);
  for (guint64 room = 0; room < 200000; room = 2 * room + 1000)
    {
      small = (struct rlimit){ room, before.rlim_max };
      g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &small), ==, 0);
      kin_run_save (run, where, &error);
      setrlimit (RLIMIT_FSIZE, &before);
      g_assert_error (error, KIN_ERROR, KIN_ERROR_FILE);
      g_clear_error (&error);
    }
  back = kin_run_load (where, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (kin_run_get_fingerprint (back), ==, saved);
  dir = g_dir_open (where, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    g_assert_false (g_str_has_suffix (name, ".tmp"));
}

/* A checkpoint with another configuration in it. */
static void
assert_not_loaded (KinRun *run, const char *from, const char *to)
{
  g_autofree char *where = g_build_filename (folder, "hostile", NULL);
  g_autofree char *path = g_build_filename (where, "checkpoint.safetensors", NULL);
  g_autoptr (KinSafetensors) file = NULL;
  g_autoptr (KinRun) back = NULL;
  g_autoptr (GString) text = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (kin_run_save (run, where, &error));
  file = kin_safetensors_read (path, &error);
  g_assert_no_error (error);
  text = g_string_new (kin_safetensors_get_text (file, "config"));
  g_assert_cmpuint (g_string_replace (text, from, to, 0), ==, 1);
  kin_safetensors_set_text (file, "config", text->str);
  g_assert_true (kin_safetensors_write (file, path, &error));
  back = kin_run_load (where, kin_run_get_dataset (run), NULL, NULL, &error);
  if (back != NULL || error == NULL || error->domain != KIN_ERROR)
    g_error ("\"%s\" instead of \"%s\": %s", to, from, error == NULL ? "was loaded" : error->message);
}

static void
test_hostile_checkpoint (void)
{
  g_autofree char *source = write_images (8, 16, 2);
  g_autoptr (KinRun) run = new_run (source, "batch=4 holdout=0 epochs=4");

  assert_not_loaded (run, "head_hidden=8\n", "head_hidden=1000000000\n");
  assert_not_loaded (run, "head_hidden=8\n", "head_hidden=4096\n");
  assert_not_loaded (run, "batch=4\n", "batch=4096\n");
  assert_not_loaded (run, "batch=4\n", "batch=1e300\n");
  assert_not_loaded (run, "batch=4\n", "batch=nan\n");
  assert_not_loaded (run, "batch=4\n", "batch=-4\n");
  assert_not_loaded (run, "epochs=4\n", "epochs=0\n");
  assert_not_loaded (run, "encoder=conv4\n", "encoder=resnet18\n");
  assert_not_loaded (run, "encoder=conv4\n", "encoder=\n");
  assert_not_loaded (run, "method=simclr\n", "method=../simclr\n");
  assert_not_loaded (run, "optimizer=adamw\n", "optimizer=7\n");
  assert_not_loaded (run, "version=1\n", "version=2\n");
}

static void
test_hostile_config (void)
{
#define NAMES "[run]\nversion=1\ndataset=shapes\nmethod=simclr\nencoder=conv4\n"
  static const char *const texts[] = {
    "",
    "\xff\xfe",
    "[run",
    "[run]\n",
    "[run]\ndataset=shapes\n",
    "[run]\ndataset=\xff\nmethod=simclr\nencoder=conv4\n",
    "[run]\ndataset_escaped=\nmethod=simclr\nencoder=conv4\n",
    "[run]\ndataset_escaped=%\nmethod=simclr\nencoder=conv4\n",
    NAMES "[training]\nbatch\n",
    NAMES "[training]\nbatch=\n",
    NAMES "[training]\nbatch=0x40\n",
    NAMES "[training]\nbatch=64.5\n",
    NAMES "[training]\nlr=inf\n",
    NAMES "[training]\n=3\n",
    NAMES "[data]\nsize=15\n",
    NAMES "[policy]\nline01=explode p=1\n",
    "[run]\nversion=2\ndataset=shapes\nmethod=simclr\nencoder=conv4\n",
    "[run]\nversion=one\ndataset=shapes\nmethod=simclr\nencoder=conv4\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (KinConfig) config = kin_config_from_text (texts[i], &error);

      if (config != NULL || error == NULL || error->domain != KIN_ERROR)
        g_error ("text %u: %s", i, error == NULL ? "was read" : error->message);
    }
}

/* A folder may have any bytes for a name. */
static void
test_any_path (void)
{
  static const char *const paths[] = { "/tmp/a=b;c #d\\e", " /tmp/ends in a blank ", "/tmp/line\nbreak", "/tmp/gr\xfcn" };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (KinConfig) config = kin_config_new (paths[i]), back = NULL;
      g_autofree char *text = kin_config_to_text (config);
      g_autoptr (GError) error = NULL;

      g_assert_true (g_utf8_validate (text, -1, NULL));
      back = kin_config_from_text (text, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (back->dataset, ==, paths[i]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("kindred-limits-XXXXXX", NULL);
  g_test_add_func ("/limits/small-batches", test_small_batches);
  g_test_add_func ("/limits/large-side", test_large_side);
  g_test_add_func ("/limits/resume-in-every-state", test_resume_in_every_state);
  g_test_add_func ("/limits/full-disk", test_full_disk);
  g_test_add_func ("/limits/hostile-checkpoint", test_hostile_checkpoint);
  g_test_add_func ("/limits/hostile-config", test_hostile_config);
  g_test_add_func ("/limits/any-path", test_any_path);
  return g_test_run ();
}
