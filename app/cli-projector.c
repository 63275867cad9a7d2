/* The form that TensorBoard's Embedding Projector loads: numbers, what is known of each image, and their pictures. */

#include "app/cli.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "engine/core/file.h"
#include "ui/plot/export.h"

/* A name in a column of its own: what would end it becomes a blank. */
static void
write_cell (KinFileWriter *writer, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  g_strdelimit (valid, "\t\r\n", ' ');
  kin_file_writer_write (writer, valid, strlen (valid));
}

static gboolean
write_tensors (const char *path, const float *rows, guint n, guint D, GError **error)
{
  g_autoptr (KinFileWriter) writer = kin_file_writer_new (path, error);

  if (writer == NULL)
    return FALSE;
  for (guint i = 0; i < n; i++)
    for (guint d = 0; d < D; d++)
      {
        char text[G_ASCII_DTOSTR_BUF_SIZE];

        g_ascii_formatd (text, sizeof text, "%.7g", rows[(gsize) i * D + d]);
        kin_file_writer_printf (writer, "%s%c", text, d + 1 < D ? '\t' : '\n');
      }
  return kin_file_writer_commit (writer, error);
}

static gboolean
write_metadata (const char *path, const KinDataset *dataset, GError **error)
{
  g_autoptr (KinFileWriter) writer = kin_file_writer_new (path, error);

  if (writer == NULL)
    return FALSE;
  kin_file_writer_printf (writer, "image\tname\tclass\tsplit");
  for (guint f = 0; f < dataset->n_factors; f++)
    {
      kin_file_writer_printf (writer, "\t");
      write_cell (writer, dataset->factors[f].name);
    }
  kin_file_writer_printf (writer, "\n");
  for (guint i = 0; i < dataset->n_images; i++)
    {
      g_autofree char *name = kin_dataset_dup_image_name (dataset, i);

      kin_file_writer_printf (writer, "%u\t", i);
      write_cell (writer, name);
      kin_file_writer_printf (writer, "\t");
      write_cell (writer, dataset->labels == NULL ? "" : dataset->class_names[dataset->labels[i]]);
      kin_file_writer_printf (writer, "\t%s", kin_dataset_is_held_out (dataset, i) ? "test" : "train");
      for (guint f = 0; f < dataset->n_factors; f++)
        {
          char text[G_ASCII_DTOSTR_BUF_SIZE];

          kin_file_writer_printf (writer, "\t%s",
                                  g_ascii_formatd (text, sizeof text, "%.6g", dataset->factors[f].values[i]));
        }
      kin_file_writer_printf (writer, "\n");
    }
  return kin_file_writer_commit (writer, error);
}

static gboolean
write_config (const char *path, const char *title, guint n, guint D, guint side, GError **error)
{
  json_object *config = json_object_new_object (), *embeddings = json_object_new_array ();
  json_object *embedding = json_object_new_object (), *shape = json_object_new_array ();
  json_object *sprite = json_object_new_object (), *dimensions = json_object_new_array ();
  const char *text;
  gboolean is_good;

  json_object_array_add (shape, json_object_new_int64 (n));
  json_object_array_add (shape, json_object_new_int64 (D));
  json_object_array_add (dimensions, json_object_new_int64 (side));
  json_object_array_add (dimensions, json_object_new_int64 (side));
  json_object_object_add (sprite, "imagePath", json_object_new_string ("sprite.png"));
  json_object_object_add (sprite, "singleImageDim", dimensions);
  cli_json_add_text (embedding, "tensorName", title);
  json_object_object_add (embedding, "tensorShape", shape);
  json_object_object_add (embedding, "tensorPath", json_object_new_string ("tensors.tsv"));
  json_object_object_add (embedding, "metadataPath", json_object_new_string ("metadata.tsv"));
  json_object_object_add (embedding, "sprite", sprite);
  json_object_array_add (embeddings, embedding);
  json_object_object_add (config, "embeddings", embeddings);
  text = json_object_to_json_string_ext (config, JSON_C_TO_STRING_PRETTY);
  is_good = kin_file_write (path, text, strlen (text), error);
  json_object_put (config);
  return is_good;
}

gboolean
cli_projector_write (const char *folder, const KinDataset *dataset, const float *rows, guint D, const char *title,
                     GError **error)
{
  g_autofree char *tensors = g_build_filename (folder, "tensors.tsv", NULL);
  g_autofree char *metadata = g_build_filename (folder, "metadata.tsv", NULL);
  g_autofree char *sprite = g_build_filename (folder, "sprite.png", NULL);
  g_autofree char *config = g_build_filename (folder, "projector_config.json", NULL);
  guint side;

  if (g_mkdir_with_parents (folder, 0777) != 0)
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_FILE, "The folder “%s” cannot be made: %s", folder, g_strerror (errno));
      return FALSE;
    }
  return write_tensors (tensors, rows, dataset->n_images, D, error) && write_metadata (metadata, dataset, error)
         && kin_export_sprite (sprite, dataset, &side, error)
         && write_config (config, title, dataset->n_images, D, side, error);
}
