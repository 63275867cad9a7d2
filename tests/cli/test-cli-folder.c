/* What is done with the folder of a run, whole or damaged. */

#include "tests/cli/cli.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "engine/core/npy.h"
#include "engine/data/image.h"
#include "engine/core/safetensors.h"
#include "engine/run.h"

static char *run_folder; /* made once, never changed */

static CliResult
on_run (const char *command, const char *more)
{
  g_autofree char *words = g_strdup_printf ("%s %s%s%s", command, run_folder, *more == '\0' ? "" : " ", more);

  return cli_run_words (words);
}

static void
test_evaluate (void)
{
  g_auto (CliResult) result = on_run ("evaluate", "--json"), text = on_run ("evaluate", "");
  g_autoptr (GPtrArray) lines = cli_parse_lines (&result);
  g_autofree char *metrics_path = g_build_filename (run_folder, "metrics.csv", NULL);
  g_autofree char *metrics = NULL, *knn = NULL;
  g_auto (GStrv) rows = NULL, cells = NULL;

  cli_assert_success (&result);
  cli_assert_success (&text);
  g_assert_nonnull (strstr (text.out, "effective rank"));
  g_assert_cmpstr (cli_text (cli_last (lines), "event"), ==, "evaluation");

  /* The same as at the end of training. */
  g_assert_true (g_file_get_contents (metrics_path, &metrics, NULL, NULL));
  rows = g_strsplit (g_strchomp (metrics), "\n", -1);
  cells = g_strsplit (rows[g_strv_length (rows) - 1], ",", -1);
  g_assert_cmpfloat_with_epsilon (cli_number (cli_last (lines), "knn"), g_ascii_strtod (cells[4], NULL), 1e-9);
}

/* (80, D) in @path. */
static void
read_rows (const char *path, gsize D, KinNpy *array)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (kin_npy_read (path, array, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (array->rank, ==, 2);
  g_assert_cmpuint (array->shape[0], ==, 80);
  g_assert_cmpuint (array->shape[1], ==, D);
}

static double
row_norm (const KinNpy *array, gsize row)
{
  double sum = 0;

  for (gsize d = 0; d < array->shape[1]; d++)
    sum += pow (array->values[row * array->shape[1] + d], 2);
  return sqrt (sum);
}

static void
test_embed (void)
{
  static const struct
  {
    const char *space;
    gsize D;
  } cases[] = { { "h", 256 }, { "z", 16 }, { "pixels", 16 * 16 * 3 } };
  g_autofree char *path = cli_path ("rows.npy"), *unit_path = cli_path ("unit.npy");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *more = g_strdup_printf ("--space %s --out %s", cases[i].space, path);
      g_autofree char *unit_more = g_strdup_printf ("--space %s --unit --out %s", cases[i].space, unit_path);
      g_auto (CliResult) result = on_run ("embed", more), unit_result = on_run ("embed", unit_more);
      g_auto (KinNpy) rows = { 0 }, unit = { 0 };

      cli_assert_success (&result);
      cli_assert_success (&unit_result);
      read_rows (path, cases[i].D, &rows);
      read_rows (unit_path, cases[i].D, &unit);
      for (gsize row = 0; row < 80; row++)
        {
          double norm = row_norm (&rows, row);

          g_assert_true (norm > 0 && fabs (row_norm (&unit, row) - 1) <= 1e-5);
          for (gsize d = 0; d < cases[i].D; d++)
            g_assert_cmpfloat_with_epsilon (unit.values[row * cases[i].D + d], rows.values[row * cases[i].D + d] / norm, 1e-5);
        }
      if (strcmp (cases[i].space, "pixels") == 0)
        for (gsize j = 0; j < rows.n; j++)
          g_assert_true (rows.values[j] >= 0 && rows.values[j] <= 1);
    }
}

static void
test_embed_tables (void)
{
  g_autofree char *path = cli_path ("other.npy"), *labels = cli_path ("labels.npy"), *table = cli_path ("images.csv");
  g_autofree char *more = g_strdup_printf ("--dataset shapes-cluttered --limit 40 --out %s --labels %s --table %s", path,
                                           labels, table);
  g_auto (CliResult) result = on_run ("embed", more);
  g_auto (KinNpy) classes = { 0 };
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  cli_assert_success (&result);
  g_assert_true (kin_npy_read (labels, &classes, NULL));
  g_assert_cmpuint (classes.rank, ==, 1);
  for (gsize i = 0; i < classes.n; i++)
    g_assert_true (classes.values[i] >= 0 && classes.values[i] < 8);
  g_assert_true (g_file_get_contents (table, &text, NULL, NULL));
  lines = g_strsplit (g_strchomp (text), "\n", -1);
  g_assert_true (g_str_has_prefix (lines[0], "image,split,name,class,hue,"));
  g_assert_cmpuint (g_strv_length (lines), ==, 1 + classes.n);
}

/* The pictures of the run's set, nine by nine of 16 px, pixel by pixel. */
static void
check_sprite (const char *path)
{
  g_autoptr (KinRun) run = kin_run_load (run_folder, NULL, NULL, NULL, NULL);
  const KinDataset *dataset = kin_run_get_dataset (run);
  guint columns = (guint) ceil (sqrt (dataset->n_images)), size = dataset->size;
  g_auto (KinImage) sheet = { 0 };

  g_assert_true (kin_image_read (path, &sheet, NULL));
  g_assert_cmpuint (sheet.width, ==, columns * size);
  g_assert_cmpuint (sheet.height, ==, columns * size);
  g_assert_cmpuint (sheet.channels, ==, 3);
  for (guint i = 0; i < dataset->n_images; i++)
    for (guint y = 0; y < size; y++)
      g_assert_cmpmem (
          sheet.pixels + (((gsize) (i / columns) * size + y) * sheet.width + i % columns * size) * 3, size * 3,
          kin_dataset_get_pixels (dataset, i) + (gsize) y * size * 3, size * 3);
}

/* As many rows everywhere; the sprite has a place for each picture, and shows the very pixels. */
static void
test_embed_projector (void)
{
  g_autofree char *folder = cli_path ("projector"), *more = g_strdup_printf ("--projector %s", folder);
  static const char *const names[] = { "tensors.tsv", "metadata.tsv", "projector_config.json" };
  g_autofree char *sprite = g_build_filename (folder, "sprite.png", NULL);
  g_auto (CliResult) result = on_run ("embed", more);
  g_auto (GStrv) numbers = NULL;
  char *texts[G_N_ELEMENTS (names)];
  guint n_lines[2];

  cli_assert_success (&result);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);

      g_assert_true (g_file_get_contents (path, &texts[i], NULL, NULL));
    }
  for (guint i = 0; i < 2; i++)
    {
      g_auto (GStrv) lines = g_strsplit (g_strchomp (texts[i]), "\n", -1);

      n_lines[i] = g_strv_length (lines);
      if (i == 0)
        numbers = g_strsplit (lines[0], "\t", -1);
      else
        g_assert_true (g_str_has_prefix (lines[0], "image\tname\tclass\tsplit\thue"));
    }
  g_assert_cmpuint (n_lines[1], ==, n_lines[0] + 1);
  g_assert_cmpuint (g_strv_length (numbers), ==, 256);
  g_assert_nonnull (strstr (texts[2], "\"sprite.png\""));
  g_assert_nonnull (strstr (texts[2], "\"tensors.tsv\""));
  check_sprite (sprite);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_free (texts[i]);
}

/* A set of another number of channels is refused, by name. */
static void
test_embed_channels (void)
{
  g_autofree char *images = cli_path ("gray.idx"), *more = g_strdup_printf ("--dataset idx:%s --out x.npy", images);
  guint8 bytes[16 + 8 * 16 * 16] = { 0, 0, 8, 3, 0, 0, 0, 8, 0, 0, 0, 16, 0, 0, 0, 16 };

  g_assert_true (g_file_set_contents (images, (const char *) bytes, sizeof bytes, NULL));
  {
    g_auto (CliResult) result = on_run ("embed", more);
    cli_assert_failure (&result, 2, "channels");
  }
}

static void
test_neighbours (void)
{
  g_auto (CliResult) result = on_run ("neighbours", "--image 3 -k 5 --json"), text = on_run ("neighbours", "--image 3");
  g_auto (CliResult) all = on_run ("neighbours", "--image 3 -k 1000 --space pixels --json");
  g_auto (CliResult) missing = on_run ("neighbours", "--image 80");
  g_autoptr (GPtrArray) lines = cli_parse_lines (&result), all_lines = cli_parse_lines (&all);
  double before = 1 + 1e-6;

  cli_assert_success (&result);
  cli_assert_success (&text);
  cli_assert_failure (&missing, 2, "0 to 79");
  g_assert_cmpuint (lines->len, ==, 5);
  g_assert_cmpuint (all_lines->len, ==, 79);
  for (guint i = 0; i < lines->len; i++)
    {
      json_object *line = g_ptr_array_index (lines, i);
      double similarity = cli_number (line, "similarity");

      g_assert_cmpfloat (cli_number (line, "rank"), ==, i + 1);
      g_assert_cmpfloat (cli_number (line, "image"), !=, 3);
      g_assert_true (similarity <= before && similarity >= -1);
      before = similarity;
    }
}

/* A file of the picture of image 3 itself: its nearest neighbour is image 3, at similarity 1. */
static void
test_neighbours_of_file (void)
{
  g_autofree char *embedded = cli_path ("pixels.npy"), *more = g_strdup_printf ("--space pixels --out %s", embedded);
  g_autofree char *picture = cli_path ("three.ppm"), *ask = g_strdup_printf ("--image %s -k 1 --json", picture);
  g_auto (CliResult) rows = on_run ("embed", more);
  g_auto (KinNpy) pixels = { 0 };
  g_autoptr (GString) ppm = g_string_new ("P6 16 16 255\n");

  cli_assert_success (&rows);
  read_rows (embedded, 768, &pixels);
  for (gsize i = 0; i < 768; i++)
    g_string_append_c (ppm, (char) lround (255 * pixels.values[3 * 768 + i]));
  g_assert_true (g_file_set_contents (picture, ppm->str, ppm->len, NULL));
  {
    g_auto (CliResult) result = on_run ("neighbours", ask);
    g_autoptr (GPtrArray) lines = cli_parse_lines (&result);

    cli_assert_success (&result);
    g_assert_cmpfloat (cli_number (cli_last (lines), "image"), ==, 3);
    g_assert_true (fabs (cli_number (cli_last (lines), "similarity") - 1) <= 1e-5);
  }
}

static void
test_export (void)
{
  static const struct
  {
    const char *name;
    guint rank;
  } tensors[] = { { ".running_var", 1 }, { ".num_batches_tracked", 0 } };
  g_autofree char *path = cli_path ("weights.safetensors"), *more = g_strdup_printf ("--out %s", path);
  g_auto (CliResult) result = on_run ("export", more);
  g_autoptr (KinSafetensors) file = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *bytes = NULL;
  const KinTensor *first;

  cli_assert_success (&result);
  file = kin_safetensors_read (path, &error);
  g_assert_no_error (error);
  first = kin_safetensors_find (file, "enc.0.conv.weight");
  if (first == NULL)
    first = kin_safetensors_find (file, "enc.0.weight");
  g_assert_nonnull (first);
  g_assert_cmpuint (first->rank, ==, 4);
  g_assert_cmpuint (first->shape[0], ==, 32);
  g_assert_cmpuint (first->shape[1], ==, 3);
  g_assert_true (g_file_get_contents (path, &bytes, NULL, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (tensors); i++)
    g_assert_nonnull (strstr (bytes + 8, tensors[i].name));
  g_assert_cmpstr (kin_safetensors_get_text (file, "encoder"), ==, "conv4");
  g_assert_nonnull (kin_safetensors_get_text (file, "input"));
}

/* The name that comes first to mind, and to the shell: its run must live on. */
static void
test_export_spares_checkpoint (void)
{
  g_autofree char *more = g_strdup_printf ("--out %s/checkpoint.safetensors", run_folder);
  g_auto (CliResult) result = on_run ("export", more), after = { 0 };

  cli_assert_failure (&result, 2, "checkpoint.safetensors");
  after = on_run ("evaluate", "");
  cli_assert_success (&after);
}

static void
test_report (void)
{
  g_autofree char *a = cli_path ("report-a"), *b = cli_path ("report-b");
  g_autofree char *more_a = g_strdup_printf ("--out %s", a), *more_b = g_strdup_printf ("--out %s --json", b);
  g_auto (CliResult) first = on_run ("report", more_a), second = on_run ("report", more_b);
  static const char *const files[] = { "similarity.csv", "map.csv", "metrics.csv", "steps.csv", "similarity.png",
                                       "pairs.svg", "index.html" };

  cli_assert_success (&first);
  cli_assert_success (&second);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path_a = g_build_filename (a, files[i], NULL), *path_b = g_build_filename (b, files[i], NULL);
      g_autofree char *text_a = NULL, *text_b = NULL;
      gsize n_a, n_b;

      g_assert_true (g_file_get_contents (path_a, &text_a, &n_a, NULL));
      g_assert_true (g_file_get_contents (path_b, &text_b, &n_b, NULL));
      g_assert_cmpmem (text_a, n_a, text_b, n_b);
    }
}

static void
test_augment (void)
{
  g_autofree char *sheet = cli_path ("sheet.png");
  g_autofree char *words
    = g_strdup_printf ("augment --limit 64 --size 16 --image 7 --count 3 --epoch 2 --seed 5 --json --out %s", sheet);
  g_auto (CliResult) result = cli_run_words (words), again = cli_run_words (words);
  g_auto (CliResult) none = cli_run_words ("augment --limit 64 --size 16 --image 7 --policy none --count 1");
  g_autoptr (GPtrArray) lines = cli_parse_lines (&result);
  json_object *ops, *crop, *drawn;
  g_autofree char *png = NULL;

  cli_assert_success (&result);
  g_assert_cmpstr (result.out, ==, again.out);
  g_assert_cmpuint (lines->len, ==, 4);
  g_assert_true (json_object_object_get_ex (g_ptr_array_index (lines, 1), "ops", &ops));
  g_assert_cmpfloat (cli_number (g_ptr_array_index (lines, 1), "view"), ==, 1);
  crop = json_object_array_get_idx (ops, 0);
  g_assert_cmpstr (cli_text (crop, "op"), ==, "crop");
  g_assert_true (json_object_object_get_ex (crop, "drawn", &drawn));
  g_assert_true (cli_number (drawn, "area") >= 0.4 && cli_number (drawn, "area") <= 1);
  g_assert_true (g_file_get_contents (sheet, &png, NULL, NULL));
  g_assert_cmpmem (png, 8, "\x89PNG\r\n\x1a\n", 8);
  cli_assert_success (&none);
  g_assert_cmpstr (none.out, ==, "view 0: unchanged\n");
}

/* --- Damage --- */

/* A copy of the run's folder that may be broken. Returns: (transfer full): path of its checkpoint */
static char *
copy_run (const char *name, char **folder)
{
  static const char *const files[] = { "checkpoint.safetensors", "config.ini", "commands.log", "metrics.csv", "steps.csv" };

  *folder = cli_path (name);
  g_mkdir (*folder, 0777);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *from = g_build_filename (run_folder, files[i], NULL), *to = g_build_filename (*folder, files[i], NULL);
      g_autofree char *text = NULL;
      gsize n;

      g_assert_true (g_file_get_contents (from, &text, &n, NULL));
      g_assert_true (g_file_set_contents (to, text, n, NULL));
    }
  return g_build_filename (*folder, files[0], NULL);
}

static void
test_truncated (void)
{
  g_autofree char *folder = NULL, *checkpoint = copy_run ("truncated", &folder), *bytes = NULL;
  g_autofree char *words = g_strdup_printf ("evaluate %s", folder);
  gsize n;

  g_assert_true (g_file_get_contents (checkpoint, &bytes, &n, NULL));
  for (guint i = 0; i < 24; i++)
    {
      gsize length = i < 10 ? i : i < 23 ? n / 13 * (i - 10) + i : n - 1;
      g_auto (CliResult) result = { 0 };

      g_assert_true (g_file_set_contents (checkpoint, bytes, length, NULL));
      result = cli_run_words (words);
      g_test_message ("%zu of %zu bytes", length, n);
      cli_assert_failure (&result, 1, "checkpoint.safetensors");
    }
}

/* Any flipped bit of the header is noticed or harmless, never a crash; in the numbers it cannot be noticed. */
static void
test_flipped (void)
{
  g_autofree char *folder = NULL, *checkpoint = copy_run ("flipped", &folder), *bytes = NULL;
  g_autofree char *out = cli_path ("flipped.safetensors"), *words = g_strdup_printf ("export %s --out %s", folder, out);
  guint64 header;
  gsize n;

  g_assert_true (g_file_get_contents (checkpoint, &bytes, &n, NULL));
  memcpy (&header, bytes, 8);
  for (guint i = 0; i < 32; i++)
    {
      gsize at = i < 8 ? i : 8 + header / 24 * (i - 8);
      g_auto (CliResult) result = { 0 };

      bytes[at] ^= 1 << i % 8;
      g_assert_true (g_file_set_contents (checkpoint, bytes, n, NULL));
      bytes[at] ^= 1 << i % 8;
      result = cli_run_words (words);
      g_test_message ("byte %zu of %zu", at, n);
      if (result.exit != 0)
        cli_assert_failure (&result, 1, "kindred-cli: ");
    }
}

/* The set of a run that has changed is noticed, and said. */
static void
test_other_files (void)
{
  g_autofree char *folder = NULL, *checkpoint = copy_run ("histories", &folder), *metrics = NULL, *config = NULL;
  g_autofree char *resume = g_strdup_printf ("resume %s", folder);
  g_auto (CliResult) without = { 0 }, damaged = { 0 }, missing = { 0 };

  metrics = g_build_filename (folder, "metrics.csv", NULL);
  config = g_build_filename (folder, "config.ini", NULL);
  g_assert_cmpint (g_remove (config), ==, 0); /* the checkpoint holds it too */
  without = cli_run_words (resume);
  cli_assert_success (&without);
  g_assert_true (g_file_set_contents (metrics, "step,epoch\n1,x\n", -1, NULL));
  damaged = cli_run_words (resume);
  cli_assert_failure (&damaged, 1, "metrics.csv, line 1");
  g_assert_cmpint (g_remove (checkpoint), ==, 0);
  missing = cli_run_words (resume);
  cli_assert_failure (&missing, 1, "checkpoint");
}

/* The disk fills while a checkpoint is written: one clear line, and the files from before are whole. */
static void
test_full_disk (void)
{
  g_autofree char *fresh = cli_path ("full"), *words = g_strdup_printf ("train " CLI_SMALL " --out %s", fresh);
  g_autofree char *weights = cli_path ("full.safetensors"), *more = g_strdup_printf ("export %s --out %s", run_folder, weights);
  g_auto (CliResult) begun = cli_run_limited (words, 100000), exported = cli_run_limited (more, 100000);
  g_autoptr (GDir) dir = g_dir_open (fresh, 0, NULL);

  cli_assert_failure (&begun, 1, "checkpoint.safetensors");
  g_assert_nonnull (dir);
  g_assert_null (g_dir_read_name (dir)); /* no half-written file stays behind */
  cli_assert_failure (&exported, 1, "full.safetensors");
  g_assert_false (g_file_test (weights, G_FILE_TEST_EXISTS));
}

static void
test_full_disk_later (void)
{
  g_autofree char *out = cli_path ("filling");
  g_autofree char *train = g_strdup_printf ("train " CLI_SMALL " --epochs 12 --set eval_every=1000 --json --out %s", out);
  g_autofree char *checkpoint = g_build_filename (out, "checkpoint.safetensors", NULL), *before = NULL, *after = NULL;
  g_autofree char *resume = g_strdup_printf ("resume %s --json", out);
  g_auto (CliResult) stopped = cli_run_signalled (train, 2, 20), full = { 0 }, done = { 0 };
  gsize n_before, n_after;

  g_assert_cmpint (stopped.exit, ==, 130);
  g_assert_true (g_file_get_contents (checkpoint, &before, &n_before, NULL));
  full = cli_run_limited (resume, 100000);
  cli_assert_failure (&full, 1, "checkpoint.safetensors");
  g_assert_true (g_file_get_contents (checkpoint, &after, &n_after, NULL));
  g_assert_cmpmem (before, n_before, after, n_after);
  done = cli_run_words (resume);
  cli_assert_success (&done);
}

static void
test_read_only (void)
{
  g_autofree char *parent = cli_path ("read-only"), *words = g_strdup_printf ("train " CLI_SMALL " --out %s/run", parent);
  g_autofree char *inside = g_strdup_printf ("train " CLI_SMALL " --out %s", parent);
  g_auto (CliResult) result = { 0 }, result_inside = { 0 };

  g_assert_cmpint (g_mkdir (parent, 0555), ==, 0);
  result = cli_run_words (words);
  cli_assert_failure (&result, 1, "read-only");
  result_inside = cli_run_words (inside);
  cli_assert_failure (&result_inside, 1, "read-only");
}

/* --- The rest --- */

static char *
fixture (const char *name)
{
  g_assert_nonnull (g_getenv ("KIN_FIXTURES"));
  return g_build_filename (g_getenv ("KIN_FIXTURES"), "nn", name, NULL);
}

/* PyTorch's numbers, in double, for the same rows. */
static void
test_loss (void)
{
  static const char *const taus[] = { "0.05", "0.5" };
  g_autofree char *grad = cli_path ("grad.npy");

  for (guint i = 0; i < G_N_ELEMENTS (taus); i++)
    {
      g_autofree char *z_name = g_strdup_printf ("ntxent%s-z.npy", taus[i]), *z = fixture (z_name);
      g_autofree char *loss_name = g_strdup_printf ("ntxent%s-loss.npy", taus[i]), *loss = fixture (loss_name);
      g_autofree char *dz_name = g_strdup_printf ("ntxent%s-dz.npy", taus[i]), *dz = fixture (dz_name);
      g_autofree char *words = g_strdup_printf ("loss simclr --z %s --set tau=%s --grad %s --json", z, taus[i], grad);
      g_auto (CliResult) result = cli_run_words (words);
      g_autoptr (GPtrArray) lines = cli_parse_lines (&result);
      g_auto (KinNpy) expected = { 0 }, expected_dz = { 0 }, found_dz = { 0 };
      double largest = 0, found;

      cli_assert_success (&result);
      g_assert_true (kin_npy_read (loss, &expected, NULL) && kin_npy_read (dz, &expected_dz, NULL)
                     && kin_npy_read (grad, &found_dz, NULL));
      found = cli_number (cli_last (lines), "loss");
      g_test_message ("tau %s: loss %.9g, PyTorch %.9g", taus[i], found, expected.values[0]);
      g_assert_true (fabs (found - expected.values[0]) <= 2e-6 * (1 + fabs (expected.values[0])));
      g_assert_true (fabs (cli_number (cli_last (lines), "chance") - log (9)) <= 1e-12);
      g_assert_cmpuint (found_dz.n, ==, expected_dz.n);
      for (gsize j = 0; j < expected_dz.n; j++)
        largest = MAX (largest, fabs (expected_dz.values[j]));
      for (gsize j = 0; j < expected_dz.n; j++)
        {
          double difference = fabs (found_dz.values[j] - expected_dz.values[j]);

          if (!(difference <= 1e-5 * largest))
            g_test_message ("element %zu: %.9g, PyTorch %.9g", j, found_dz.values[j], expected_dz.values[j]);
          g_assert_true (difference <= 1e-5 * largest);
        }
    }
}

static void
test_loss_input (void)
{
  static const struct
  {
    gsize shape[3];
    guint rank;
    double first;
  } cases[] = {
    { { 5, 2 }, 2, 1 }, { { 2, 2 }, 2, 1 }, { { 0, 2 }, 2, 1 }, { { 4, 0 }, 2, 1 }, { { 4 }, 1, 1 },
    { { 4, 2, 2 }, 3, 1 }, { { 4, 2 }, 2, NAN }, { { 4, 2 }, 2, INFINITY }, { { 4, 2 }, 2, 1e200 }, { { 8194, 1 }, 2, 1 },
  };
  g_autofree char *path = cli_path ("z.npy"), *words = g_strdup_printf ("loss simclr --z %s --json", path);
  g_autofree double *values = g_new (double, 8194);

  for (guint i = 0; i < 8194; i++)
    values[i] = i + 1;
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (CliResult) result = { 0 };

      values[0] = cases[i].first;
      g_assert_true (kin_npy_write_f64 (path, values, cases[i].rank, cases[i].shape, NULL));
      result = cli_run_words (words);
      g_test_message ("case %u", i);
      cli_assert_failure (&result, 1, "z.npy");
    }

  /* Equal rows cannot be told apart: chance. */
  for (guint i = 0; i < 12; i++)
    values[i] = 0.25;
  g_assert_true (kin_npy_write_f64 (path, values, 2, (gsize[]){ 6, 2 }, NULL));
  {
    g_auto (CliResult) result = cli_run_words (words);
    g_autoptr (GPtrArray) lines = cli_parse_lines (&result);

    cli_assert_success (&result);
    g_assert_true (fabs (cli_number (cli_last (lines), "loss") - log (5)) <= 1e-6);
  }
}

static void
test_bench (void)
{
  g_auto (CliResult) result = cli_run_words ("bench --limit 64 --size 16 --batch 16 --rounds 1 --threads 1 --json");
  g_autoptr (GPtrArray) lines = cli_parse_lines (&result);

  cli_assert_success (&result);
  g_assert_cmpuint (lines->len, >, 20);
  for (guint i = 0; i + 1 < lines->len; i++)
    {
      json_object *line = g_ptr_array_index (lines, i);

      g_assert_cmpstr (cli_text (line, "unit"), !=, "");
      g_assert_true (cli_number (line, "median") > 0 && isfinite (cli_number (line, "median")));
    }
  g_assert_cmpstr (cli_text (cli_last (lines), "machine"), !=, "");
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  run_folder = cli_path ("run");
  {
    g_autofree char *words = g_strdup_printf ("train " CLI_SMALL " --epochs 2 --json --out %s", run_folder);
    g_auto (CliResult) made = cli_run_words (words);

    cli_assert_success (&made);
  }
  g_test_add_func ("/cli/folder/evaluate", test_evaluate);
  g_test_add_func ("/cli/folder/embed", test_embed);
  g_test_add_func ("/cli/folder/embed-tables", test_embed_tables);
  g_test_add_func ("/cli/folder/embed-projector", test_embed_projector);
  g_test_add_func ("/cli/folder/embed-channels", test_embed_channels);
  g_test_add_func ("/cli/folder/neighbours", test_neighbours);
  g_test_add_func ("/cli/folder/neighbours-of-file", test_neighbours_of_file);
  g_test_add_func ("/cli/folder/export", test_export);
  g_test_add_func ("/cli/folder/export-spares-checkpoint", test_export_spares_checkpoint);
  g_test_add_func ("/cli/folder/report", test_report);
  g_test_add_func ("/cli/folder/truncated", test_truncated);
  g_test_add_func ("/cli/folder/flipped", test_flipped);
  g_test_add_func ("/cli/folder/other-files", test_other_files);
  g_test_add_func ("/cli/folder/full-disk", test_full_disk);
  g_test_add_func ("/cli/folder/full-disk-later", test_full_disk_later);
  g_test_add_func ("/cli/folder/read-only", test_read_only);
  g_test_add_func ("/cli/augment", test_augment);
  g_test_add_func ("/cli/loss", test_loss);
  g_test_add_func ("/cli/loss-input", test_loss_input);
  g_test_add_func ("/cli/bench", test_bench);
  result = g_test_run ();
  g_free (run_folder);
  return result;
}
