#include "app/cli.h"

#include <glib/gi18n-lib.h>

#include "engine/core/file.h"
#include "engine/core/npy.h"
#include "engine/eval/knn.h"
#include "ui/plot/export.h"

static gboolean
write_labels (const char *path, const KinDataset *dataset, GError **error)
{
  g_autofree double *labels = g_new (double, dataset->n_images);
  gsize n = dataset->n_images;

  for (gsize i = 0; i < n; i++)
    labels[i] = dataset->labels == NULL ? -1 : dataset->labels[i];
  return kin_npy_write_f64 (path, labels, 1, &n, error);
}

/* The images' names are the files': any bytes may be in them. */
static void
write_quoted (KinFileWriter *writer, const char *text)
{
  g_autofree char *quoted = kin_csv_quote (text);

  kin_file_writer_printf (writer, ",%s", quoted);
}

static gboolean
write_table (const char *path, const KinDataset *dataset, GError **error)
{
  g_autoptr (KinFileWriter) writer = kin_file_writer_new (path, error);

  if (writer == NULL)
    return FALSE;
  kin_file_writer_printf (writer, "image,split,name,class");
  for (guint f = 0; f < dataset->n_factors; f++)
    write_quoted (writer, dataset->factors[f].name);
  kin_file_writer_printf (writer, "\n");
  for (guint i = 0; i < dataset->n_images; i++)
    {
      gboolean is_test = kin_dataset_is_held_out (dataset, i);
      g_autofree char *name = kin_dataset_dup_image_name (dataset, i);

      kin_file_writer_printf (writer, "%u,%s", i, is_test ? "test" : "train");
      write_quoted (writer, name);
      write_quoted (writer, dataset->labels == NULL ? "" : dataset->class_names[dataset->labels[i]]);
      for (guint f = 0; f < dataset->n_factors; f++)
        {
          char text[G_ASCII_DTOSTR_BUF_SIZE];

          kin_file_writer_printf (writer, ",%s",
                                  g_ascii_formatd (text, sizeof text, "%.9g", dataset->factors[f].values[i]));
        }
      kin_file_writer_printf (writer, "\n");
    }
  return kin_file_writer_commit (writer, error);
}

/* Where the rows go: a NumPy file, the projector's folder, or both. */
static gboolean
write_rows (KinRun *run, const KinDataset *dataset, KinSpace space, gboolean is_unit, const char *path,
            const char *projector, GError **error)
{
  gsize shape[2] = { dataset->n_images, kin_run_get_space_size (run, space) };
  g_autofree float *rows = cli_embed_all (run, dataset, space, error);

  if (rows == NULL)
    return FALSE;
  if (is_unit)
    kin_normalize_rows_f32 (rows, shape[0], shape[1]);
  return (path == NULL || kin_npy_write_f32 (path, rows, 2, shape, error))
         && (projector == NULL || cli_projector_write (projector, dataset, rows, shape[1], dataset->name, error));
}

/* One file each: a second one would quietly take the first one's place. */
static gboolean
check_distinct (const char *const *paths, guint n, GError **error)
{
  for (guint i = 0; i < n; i++)
    for (guint j = i + 1; j < n; j++)
      if (paths[i] != NULL && g_strcmp0 (paths[i], paths[j]) == 0)
        {
          g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION, "%s is named twice; --out, --labels and --table need a file each",
                       paths[i]);
          return FALSE;
        }
  return TRUE;
}

static CliExit
run (const CliCommand *command, char **arguments)
{
  char *folder = NULL, *source = NULL, *space_name = (char *) "h", *out = NULL, *labels = NULL, *table = NULL;
  char *projector = NULL;
  CliNumber limit = { 0 };
  gboolean is_unit = FALSE;
  const CliOption options[] = {
    { CLI_POSITIONAL, "DIR", 0, NULL, &folder, N_("The folder of a run.") },
    { CLI_TEXT, "dataset", 0, "SOURCE", &source,
      N_("The images to embed, brought to the run's size; sources as for train. Default: the run's own set.") },
    { CLI_NUMBER, "limit", 0, "N", &limit, NULL, kin_config_find_spec ("limit") },
    { CLI_TEXT, "space", 0, "h|z|pixels", &space_name,
      N_("h: what the encoder gives, and what is used afterwards. z: its projection, which the loss sees, before it is "
         "normalised. pixels: the image itself, in [0, 1]. Default: h.") },
    { CLI_FLAG, "unit", 0, NULL, &is_unit, N_("Divide each row by its length.") },
    { CLI_TEXT, "out", 0, "FILE", &out, N_("The NumPy file to write: float32, (images, D), row i is image i. This or --projector is needed.") },
    { CLI_TEXT, "labels", 0, "FILE", &labels,
      N_("Write the classes too, as a NumPy file: float64, (images), -1 where there are no labels.") },
    { CLI_TEXT, "table", 0, "FILE", &table,
      N_("Write what is known of each image as CSV: image, split, name, class, and a column a factor.") },
    { CLI_TEXT, "projector", 0, "FOLDER", &projector,
      N_("Write what TensorBoard's Embedding Projector loads: tensors.tsv, metadata.tsv, sprite.png, and "
         "projector_config.json, which names them.") },
    CLI_OPTION_JSON,
    { 0 },
  };
  g_autoptr (KinRun) loaded = NULL;
  g_autoptr (KinDataset) dataset = NULL;
  GError *error = NULL;
  KinSpace space;
  CliExit exit;

  if (!cli_parse (command, options, arguments, &exit))
    return exit;
  if ((projector == NULL && !cli_check_given (command, "--out FILE", out, &error)) || !kin_space_parse (space_name, &space, &error)
      || !check_distinct ((const char *[]){ out, labels, table }, 3, &error))
    return cli_fail (error);
  loaded = cli_open_run (folder, &error);
  dataset = loaded == NULL ? NULL : cli_open_images (loaded, source, &limit, &error);
  if (dataset == NULL)
    return cli_fail (error);
  cli_warn_skipped (dataset);
  if (!write_rows (loaded, dataset, space, is_unit, out, projector, &error)
      || (labels != NULL && !write_labels (labels, dataset, &error))
      || (table != NULL && !write_table (table, dataset, &error)))
    return cli_fail (error);
  if (cli_is_json ())
    {
      json_object *object = json_object_new_object ();

      cli_json_add_text (object, "event", "done");
      cli_json_add_text (object, "out", out);
      cli_json_add_text (object, "projector", projector);
      cli_json_add_text (object, "space", space_name);
      cli_json_add_integer (object, "rows", dataset->n_images);
      cli_json_add_integer (object, "dimensions", kin_run_get_space_size (loaded, space));
      cli_print_json (object);
    }
  else
    cli_print (_("%u rows of %u numbers: %s\n"), dataset->n_images, kin_run_get_space_size (loaded, space),
               out != NULL ? out : projector);
  return CLI_DONE;
}

const CliCommand cli_command_embed = {
  .name = "embed",
  .summary = N_("write the embedding of a set as a NumPy file, or for a projector"),
  .synopsis = "DIR [--dataset SOURCE] [--limit N] [--space h|z|pixels] [--unit] [--out FILE] [--projector FOLDER] "
              "[--labels FILE] [--table FILE] [--json]",
  .description
  = N_("Passes every image of a set, training and held-out part, through the frozen encoder of a run, without "
       "augmentation, and writes the rows in the order of the images' ids."),
  .examples = "kindred-cli embed runs/shapes --space h --out h.npy --table images.csv\n"
              "kindred-cli embed runs/shapes --projector projector\n"
              "kindred-cli embed runs/mine --dataset ~/Other --space z --unit --out z.npy",
  .run = run,
};
