#include "ui/plot/export-private.h"

#include <math.h>
#include <string.h>

/* A number as any program reads it, whatever the locale; nothing where there is none. */
static void
append_number (GString *csv, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (isfinite (value))
    g_string_append (csv, g_ascii_formatd (text, sizeof text, "%.9g", value));
}

static void
append_field (GString *csv, double value)
{
  g_string_append_c (csv, ',');
  append_number (csv, value);
}

static void
append_text (GString *csv, const char *text)
{
  g_autofree char *field = kin_csv_quote (text);

  g_string_append_printf (csv, ",%s", field);
}

char *
kin_csv_quote (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  gboolean is_formula = valid[0] != 0 && strchr ("=+-@\t\r", valid[0]) != NULL;
  GString *field;

  if (!is_formula && strpbrk (valid, ",\"\r\n") == NULL)
    return g_steal_pointer (&valid);
  field = g_string_new (is_formula ? "\"'" : "\"");
  for (const char *c = valid; *c != 0; c++)
    {
      if (*c == '"')
        g_string_append_c (field, '"');
      g_string_append_c (field, *c);
    }
  return g_string_free (g_string_append_c (field, '"'), FALSE);
}

static gboolean
write_csv (const char *path, const GString *csv, GError **error)
{
  return kin_export_write (path, csv->str, csv->len, error);
}

/* A column of an array of structs of doubles. */
typedef struct
{
  const char *name;
  gsize offset;
} Column;

/* Every row begins with its step, a guint64 at @step_offset. */
static void
append_table (GString *csv, const void *rows, guint n, gsize stride, gsize step_offset, const Column *columns,
              guint n_columns)
{
  g_string_append (csv, "step");
  for (guint c = 0; c < n_columns; c++)
    g_string_append_printf (csv, ",%s", columns[c].name);
  g_string_append_c (csv, '\n');
  for (guint i = 0; i < n; i++)
    {
      const guint8 *row = (const guint8 *) rows + i * stride;
      guint64 step;

      memcpy (&step, row + step_offset, sizeof step);
      g_string_append_printf (csv, "%" G_GUINT64_FORMAT, step);
      for (guint c = 0; c < n_columns; c++)
        {
          double value;

          memcpy (&value, row + columns[c].offset, sizeof value);
          append_field (csv, value);
        }
      g_string_append_c (csv, '\n');
    }
}

#define SAMPLE(member) { #member, G_STRUCT_OFFSET (KinSample, member) }
#define EVALUATION(member) { #member, G_STRUCT_OFFSET (KinEvaluation, member) }

gboolean
kin_export_steps_csv (const char *path, const KinSample *samples, guint n, GError **error)
{
  static const Column columns[] = {
    SAMPLE (epoch), SAMPLE (loss),          SAMPLE (chance),
    SAMPLE (top1),  SAMPLE (learning_rate), SAMPLE (gradient_norm),
  };
  g_autoptr (GString) csv = g_string_new (NULL);

  append_table (csv, samples, n, sizeof *samples, G_STRUCT_OFFSET (KinSample, step), columns, G_N_ELEMENTS (columns));
  return write_csv (path, csv, error);
}

gboolean
kin_export_evaluations_csv (const char *path, const KinEvaluation *evaluations, guint n, GError **error)
{
  static const Column columns[] = {
    EVALUATION (epoch),         EVALUATION (loss),         EVALUATION (chance),      EVALUATION (knn),
    EVALUATION (knn_test),      EVALUATION (knn_pixels),   EVALUATION (knn_random),  EVALUATION (chance_label),
    EVALUATION (alignment),     EVALUATION (uniformity),   EVALUATION (effective_rank), EVALUATION (std),
    EVALUATION (std_full),      EVALUATION (gradient_norm), EVALUATION (top1),       EVALUATION (pairs_per_s),
    EVALUATION (train_seconds),
  };
  g_autoptr (GString) csv = g_string_new (NULL);

  append_table (csv, evaluations, n, sizeof *evaluations, G_STRUCT_OFFSET (KinEvaluation, step), columns,
                G_N_ELEMENTS (columns));
  return write_csv (path, csv, error);
}

gboolean
kin_export_matrix_csv (const char *path, const KinSimilarity *similarity, GError **error)
{
  g_autoptr (GString) csv = g_string_new ("row,column,image_a,view_a,image_b,view_b,cosine,probability,positive\n");
  guint N = similarity->N;

  for (guint row = 0; row < 2 * N; row++)
    for (guint column = row + 1; column < 2 * N; column++)
      {
        KinCell cell = kin_similarity_cell (similarity, row, column);

        g_string_append_printf (csv, "%u,%u,%u,%s,%u,%s", row, column, similarity->ids[row % N], row < N ? "A" : "B",
                                similarity->ids[column % N], column < N ? "A" : "B");
        append_field (csv, cell.cosine);
        append_field (csv, cell.probability);
        g_string_append_printf (csv, ",%d\n", cell.is_positive);
      }
  return write_csv (path, csv, error);
}

static void
append_image (GString *csv, const KinDataset *dataset, guint32 id)
{
  const char *name = dataset->names != NULL ? dataset->names[id] : NULL;

  g_string_append (csv, kin_dataset_is_held_out (dataset, id) ? ",held-out" : ",train");
  append_text (csv, name != NULL ? name : "");
  append_text (csv, dataset->labels != NULL && dataset->labels[id] >= 0 ? dataset->class_names[dataset->labels[id]] : "");
  for (guint f = 0; f < dataset->n_factors; f++)
    append_field (csv, dataset->factors[f].values[id]);
}

gboolean
kin_export_map_csv (const char *path, const KinMapData *data, GError **error)
{
  g_autoptr (GString) csv = g_string_new ("image,x,y");
  const KinDataset *dataset = data->dataset;

  if (dataset != NULL)
    g_string_append (csv, ",split,name,class");
  for (guint f = 0; dataset != NULL && f < dataset->n_factors; f++)
    append_text (csv, dataset->factors[f].name);
  g_string_append_c (csv, '\n');
  for (guint row = 0; row < data->n; row++)
    {
      g_string_append_printf (csv, "%u", data->ids[row]);
      append_field (csv, data->xy[2 * (gsize) row]);
      append_field (csv, data->xy[2 * (gsize) row + 1]);
      if (dataset != NULL && data->ids[row] < dataset->n_images)
        append_image (csv, dataset, data->ids[row]);
      g_string_append_c (csv, '\n');
    }
  return write_csv (path, csv, error);
}
