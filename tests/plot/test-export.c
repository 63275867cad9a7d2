#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "synthetic.h"
#include "engine/error.h"
#include "ui/plot/curves.h"
#include "ui/plot/export.h"
#include "ui/plot/matrix.h"
#include "ui/plot/report-private.h"

static char *folder;

static char *
path_of (const char *file)
{
  return g_build_filename (folder, file, NULL);
}

static char *
read_file (const char *path, gsize *length)
{
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  g_file_get_contents (path, &text, length, &error);
  g_assert_no_error (error);
  return text;
}

static void
draw_map (cairo_t *cr, const KinPlotStyle *style, double width, double height, gpointer user_data)
{
  kin_plot_map_draw (cr, user_data, NULL, style, width, height);
}

/* Leaves cairo in an error state, as running out of memory does. */
static void
draw_failure (cairo_t *cr, const KinPlotStyle *style, double width, double height, gpointer user_data)
{
  cairo_restore (cr);
  cairo_restore (cr);
  cairo_restore (cr);
}

static void
test_formats (void)
{
  static const char *const files[] = { "a.png", "a.svg", "a.PDF" };
  static const char *const signatures[] = { "\x89PNG\r\n\x1a\n", "<?xml", "%PDF-" };
  g_autoptr (KinDataset) dataset = synthetic_dataset (100, 16, 3, 20);
  g_autoptr (KinEmbedding) embedding = synthetic_embedding (dataset);
  KinMapData data = KIN_MAP_DATA_INIT;
  KinPlotStyle style;

  kin_plot_style_init (&style, FALSE, 13);
  kin_map_data_from_embedding (&data, dataset, embedding);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = path_of (files[i]);
      g_autoptr (GError) error = NULL;
      g_autofree char *bytes = NULL;
      gsize length;

      g_assert_true (kin_plot_export (path, 300, 200, 2, &style, "Title & <more>", "caption", draw_map, &data, &error));
      g_assert_no_error (error);
      bytes = read_file (path, &length);
      g_assert_cmpuint (length, >, 1000);
      g_assert_cmpmem (bytes, strlen (signatures[i]), signatures[i], strlen (signatures[i]));
      if (i == 0)
        {
          cairo_surface_t *image = cairo_image_surface_create_from_png (path);

          g_assert_cmpint (cairo_surface_status (image), ==, CAIRO_STATUS_SUCCESS);
          g_assert_cmpint (cairo_image_surface_get_width (image), ==, 600);
          g_assert_cmpint (cairo_image_surface_get_height (image), ==, 400);
          g_assert_cmpint (cairo_image_surface_get_format (image), ==, CAIRO_FORMAT_RGB24);
          cairo_surface_destroy (image);
        }
      if (i == 1)
        {
          g_assert_nonnull (strstr (bytes, "width=\"300px\" height=\"200px\""));
          g_assert_nonnull (g_strrstr (bytes, "</svg>"));
          g_assert_null (strstr (bytes, "<image")); /* the dots are shapes */
        }
      if (i == 2)
        g_assert_nonnull (g_strstr_len (bytes + length - 20, 20, "%%EOF"));
    }
}

static void
expect_failure (const char *path, double width, double height, double scale, KinPlotDrawFunc draw, int code)
{
  g_autoptr (GError) error = NULL;
  KinMapData data = KIN_MAP_DATA_INIT;
  KinPlotStyle style;

  kin_plot_style_init (&style, FALSE, 13);
  g_assert_false (kin_plot_export (path, width, height, scale, &style, NULL, NULL, draw, &data, &error));
  g_assert_error (error, KIN_ERROR, code);
  g_assert_nonnull (strstr (error->message, path));
}

static void
test_failure_keeps_the_old_file (void)
{
  static const char *const files[] = { "old.png", "old.svg", "old.pdf" };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = path_of (files[i]);
      g_autofree char *after = NULL;

      g_assert_true (g_file_set_contents (path, "precious", -1, NULL));
      expect_failure (path, 300, 200, 1, draw_failure, KIN_ERROR_FILE);
      expect_failure (path, 1e9, 200, 1, draw_map, KIN_ERROR_OPTION);
      expect_failure (path, 0, 200, 1, draw_map, KIN_ERROR_OPTION);
      expect_failure (path, NAN, 200, 1, draw_map, KIN_ERROR_OPTION);
      after = read_file (path, NULL);
      g_assert_cmpstr (after, ==, "precious");
    }
}

static void
test_bad_paths (void)
{
  g_autofree char *gif = path_of ("a.gif"), *none = path_of ("png"), *missing = path_of ("no/such/folder/a.png");
  g_autofree char *directory = path_of ("folder.png");
  g_autoptr (GDir) dir = NULL;
  const char *name;

  expect_failure (gif, 300, 200, 1, draw_map, KIN_ERROR_OPTION);
  expect_failure (none, 300, 200, 1, draw_map, KIN_ERROR_OPTION);
  expect_failure (missing, 300, 200, 1, draw_map, KIN_ERROR_FILE);
  g_assert_cmpint (g_mkdir (directory, 0755), ==, 0);
  expect_failure (directory, 300, 200, 1, draw_map, KIN_ERROR_FILE);
  /* Nothing half-written is left beside it. */
  dir = g_dir_open (folder, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    g_assert_false (g_str_has_prefix (name, "folder.png."));
  g_rmdir (directory);
}

static void
check_quote (const char *text, const char *expected)
{
  g_autofree char *quoted = kin_csv_quote (text);

  g_assert_cmpstr (quoted, ==, expected);
}

static void
test_csv_quote (void)
{
  check_quote ("star", "star");
  check_quote ("", "");
  check_quote ("a,b", "\"a,b\"");
  check_quote ("say \"hi\"", "\"say \"\"hi\"\"\"");
  check_quote ("two\nlines", "\"two\nlines\"");
  check_quote ("=1+1", "\"'=1+1\"");
  check_quote ("@x", "\"'@x\"");
}

static guint
count_lines (const char *text)
{
  guint lines = 0;

  for (; *text != 0; text++)
    lines += *text == '\n';
  return lines;
}

static void
test_csv_of_steps (void)
{
  g_autoptr (KinHistory) history = synthetic_history (3, 10);
  g_autofree char *steps = path_of ("steps.csv"), *metrics = path_of ("metrics.csv"), *text = NULL, *rows = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) lines = NULL, fields = NULL;

  g_assert_true (kin_export_steps_csv (steps, (KinSample *) history->samples->data, history->samples->len, &error));
  g_assert_no_error (error);
  text = read_file (steps, NULL);
  lines = g_strsplit (text, "\n", -1);
  g_assert_cmpstr (lines[0], ==, "step,epoch,loss,chance,top1,learning_rate,gradient_norm");
  g_assert_cmpuint (count_lines (text), ==, 31);
  fields = g_strsplit (lines[7], ",", -1);
  g_assert_cmpuint (g_strv_length (fields), ==, 7);
  g_assert_cmpstr (fields[0], ==, "7");
  g_assert_cmpfloat_with_epsilon (g_ascii_strtod (fields[2], NULL),
                                  g_array_index (history->samples, KinSample, 6).loss, 1e-8);

  g_assert_true (kin_export_evaluations_csv (metrics, (KinEvaluation *) history->evaluations->data,
                                             history->evaluations->len, &error));
  rows = read_file (metrics, NULL);
  g_assert_cmpuint (count_lines (rows), ==, 5);
  g_assert_nonnull (strstr (rows, "\n0,0,,")); /* no loss before the first step: an empty field, not "nan" */
  g_assert_null (strstr (rows, "nan"));
}

static void
test_csv_of_matrix (void)
{
  g_autoptr (KinSimilarity) similarity = synthetic_similarity (5, 20);
  g_autofree char *path = path_of ("similarity.csv"), *text = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) lines = NULL;
  guint positives = 0;

  g_assert_true (kin_export_matrix_csv (path, similarity, &error));
  text = read_file (path, NULL);
  g_assert_cmpuint (count_lines (text), ==, 1 + 10 * 9 / 2);
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 1; lines[i] != NULL && lines[i][0] != 0; i++)
    {
      g_auto (GStrv) fields = g_strsplit (lines[i], ",", -1);
      guint row = g_ascii_strtoull (fields[0], NULL, 10), column = g_ascii_strtoull (fields[1], NULL, 10);
      KinCell cell = kin_similarity_cell (similarity, row, column);

      g_assert_cmpuint (g_strv_length (fields), ==, 9);
      g_assert_cmpfloat_with_epsilon (g_ascii_strtod (fields[6], NULL), cell.cosine, 1e-7);
      g_assert_cmpfloat_with_epsilon (g_ascii_strtod (fields[7], NULL), cell.probability, 1e-7);
      positives += g_str_equal (fields[8], "1");
    }
  g_assert_cmpuint (positives, ==, 5);
}

static void
test_csv_of_map (void)
{
  g_autoptr (KinDataset) dataset = synthetic_dataset (12, 16, 3, 3);
  g_autoptr (KinEmbedding) embedding = synthetic_embedding (dataset);
  g_autofree char *path = path_of ("map.csv"), *text = NULL;
  KinMapData data = KIN_MAP_DATA_INIT;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) lines = NULL;

  dataset->names = g_new0 (char *, 13);
  for (guint i = 0; i < 12; i++)
    dataset->names[i] = g_strdup_printf ("a,%u.png", i);
  kin_map_data_from_embedding (&data, dataset, embedding);
  g_assert_true (kin_export_map_csv (path, &data, &error));
  text = read_file (path, NULL);
  lines = g_strsplit (text, "\n", -1);
  g_assert_cmpstr (lines[0], ==, "image,x,y,split,name,class,size,hue");
  g_assert_true (g_str_has_prefix (lines[1], "0,"));
  g_assert_nonnull (strstr (lines[1], ",train,\"a,0.png\",class 0,"));
  g_assert_nonnull (strstr (lines[12], ",held-out,\"a,11.png\",class 2,"));
  g_assert_cmpuint (count_lines (text), ==, 13);
}

static const char *const report_files[] = {
  "curves.png", "curves.svg", "similarity.png", "similarity.svg", "map.png",     "map.svg",    "pairs.png",
  "pairs.svg",  "steps.csv",  "metrics.csv",    "similarity.csv", "map.csv",     "config.txt", "policy.txt",
  "index.html",
};

/* What index.html refers to must be there, and nothing from elsewhere. */
static void
check_links (const char *report, const char *page)
{
  static const char *const attributes[] = { "src=\"", "href=\"" };

  for (guint a = 0; a < G_N_ELEMENTS (attributes); a++)
    for (const char *at = strstr (page, attributes[a]); at != NULL; at = strstr (at + 1, attributes[a]))
      {
        const char *start = at + strlen (attributes[a]);
        g_autofree char *file = g_strndup (start, strcspn (start, "\""));
        g_autofree char *path = g_build_filename (report, file, NULL);

        g_test_message ("refers to %s", file);
        g_assert_null (strchr (file, ':'));
        g_assert_true (g_file_test (path, G_FILE_TEST_IS_REGULAR));
      }
  g_assert_null (strstr (page, "<script"));
  g_assert_null (strstr (page, "http"));
}

static void
remove_report (const char *report)
{
  for (guint i = 0; i < G_N_ELEMENTS (report_files); i++)
    {
      g_autofree char *path = g_build_filename (report, report_files[i], NULL);

      g_unlink (path);
    }
  g_assert_cmpint (g_rmdir (report), ==, 0);
}

static void
test_report (void)
{
  g_autoptr (KinDataset) dataset = synthetic_dataset (60, 16, 3, 3);
  g_autoptr (KinEmbedding) embedding = synthetic_embedding (dataset);
  g_autoptr (KinSimilarity) similarity = synthetic_similarity (10, 60);
  g_autoptr (KinHistory) history = synthetic_history (3, 10), none = kin_history_new ();
  g_autoptr (KinConfig) config = kin_config_new ("shapes");
  g_autofree char *report = path_of ("report"), *index = g_build_filename (report, "index.html", NULL);
  g_autofree char *table = g_build_filename (report, "similarity.csv", NULL), *page = NULL, *empty_page = NULL;
  g_autoptr (GError) error = NULL;

  g_free (dataset->name);
  dataset->name = g_strdup ("<b>me & \"you\"</b>");
  dataset->n_skipped = 1;
  dataset->skipped = g_new0 (KinSkippedFile, 1);
  dataset->skipped[0] = (KinSkippedFile){ g_strdup ("<img src=x>\xff.png"), g_strdup ("is not an image") };
  g_assert_true (kin_config_set (config, "tau", 0.07, &error));
  g_assert_true (kin_report_write (report, dataset, config, history, similarity, embedding, &error));
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (report_files); i++)
    {
      g_autofree char *path = g_build_filename (report, report_files[i], NULL);

      g_assert_true (g_file_test (path, G_FILE_TEST_IS_REGULAR));
    }
  page = read_file (index, NULL);
  g_assert_true (g_utf8_validate (page, -1, NULL));
  check_links (report, page);
  g_assert_nonnull (strstr (page, "&lt;b&gt;me &amp; &quot;you&quot;&lt;/b&gt;"));
  g_assert_null (strstr (page, "<b>"));
  g_assert_null (strstr (page, "<img src=x>"));
  g_assert_nonnull (strstr (page, "--set tau=0.07"));
  g_assert_nonnull (strstr (page, "4.84"));

  /* Again, of a run that has not begun: no table of the run before is left. */
  g_assert_true (kin_report_write (report, dataset, config, none, NULL, NULL, &error));
  g_assert_no_error (error);
  empty_page = read_file (index, NULL);
  check_links (report, empty_page);
  g_assert_false (g_file_test (table, G_FILE_TEST_EXISTS));
  g_assert_nonnull (strstr (empty_page, "There is no batch yet"));
  remove_report (report);
}

/* The command must be one that a shell takes apart into the words that were meant. */
static void
test_report_command (void)
{
  g_autoptr (KinConfig) config = kin_config_new ("it's/a folder; $(x)");
  g_autofree char *command = kin_report_command (config);
  g_auto (GStrv) words = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_shell_parse_argv (command, NULL, &words, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (words[0], ==, "kindred-cli");
  g_assert_cmpstr (words[1], ==, "train");
  g_assert_cmpstr (words[3], ==, "it's/a folder; $(x)");
  g_assert_null (strchr (command, '\n'));
}

static void
test_report_where_none_can_be (void)
{
  g_autoptr (KinDataset) dataset = synthetic_dataset (8, 16, 3, 2);
  g_autoptr (KinHistory) none = kin_history_new ();
  g_autoptr (KinConfig) config = kin_config_new ("shapes");
  g_autofree char *file = path_of ("file"), *below = path_of ("file/report");
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (file, "a file", -1, NULL));
  g_assert_false (kin_report_write (below, dataset, config, none, NULL, NULL, &error));
  g_assert_error (error, KIN_ERROR, KIN_ERROR_FILE);
  g_assert_nonnull (strstr (error->message, below));
}

static void
remove_folder (void)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = path_of (name);

      g_unlink (path);
    }
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("kindred-plot-XXXXXX", NULL);
  g_assert_nonnull (folder);
  g_test_add_func ("/plot/export/formats", test_formats);
  g_test_add_func ("/plot/export/failure-keeps-the-old-file", test_failure_keeps_the_old_file);
  g_test_add_func ("/plot/export/bad-paths", test_bad_paths);
  g_test_add_func ("/plot/export/csv-quote", test_csv_quote);
  g_test_add_func ("/plot/export/csv-of-steps", test_csv_of_steps);
  g_test_add_func ("/plot/export/csv-of-matrix", test_csv_of_matrix);
  g_test_add_func ("/plot/export/csv-of-map", test_csv_of_map);
  g_test_add_func ("/plot/report/whole-and-empty", test_report);
  g_test_add_func ("/plot/report/command", test_report_command);
  g_test_add_func ("/plot/report/where-none-can-be", test_report_where_none_can_be);
  result = g_test_run ();
  remove_folder ();
  g_free (folder);
  return result;
}
