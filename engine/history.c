#include "engine/history.h"

#include "engine/core/file.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

/* One column of a file: a member of a row. */
typedef struct
{
  const char *name;
  gsize offset;
  gboolean is_step; /* guint64, else double */
} Column;

#define NUMBER(type, member) { #member, offsetof (type, member), FALSE }
#define STEP(type, member) { #member, offsetof (type, member), TRUE }

static const Column sample_columns[] = {
  STEP (KinSample, step),          NUMBER (KinSample, epoch), NUMBER (KinSample, loss),
  NUMBER (KinSample, chance),      NUMBER (KinSample, top1),  NUMBER (KinSample, learning_rate),
  NUMBER (KinSample, gradient_norm),
};

static const Column evaluation_columns[] = {
  STEP (KinEvaluation, step),
  NUMBER (KinEvaluation, epoch),
  NUMBER (KinEvaluation, loss),
  NUMBER (KinEvaluation, chance),
  NUMBER (KinEvaluation, knn),
  NUMBER (KinEvaluation, knn_test),
  NUMBER (KinEvaluation, knn_pixels),
  NUMBER (KinEvaluation, knn_random),
  NUMBER (KinEvaluation, chance_label),
  NUMBER (KinEvaluation, alignment),
  NUMBER (KinEvaluation, uniformity),
  NUMBER (KinEvaluation, effective_rank),
  NUMBER (KinEvaluation, std),
  NUMBER (KinEvaluation, std_full),
  NUMBER (KinEvaluation, gradient_norm),
  NUMBER (KinEvaluation, top1),
  NUMBER (KinEvaluation, pairs_per_s),
  NUMBER (KinEvaluation, train_seconds),
};

/* One file of the history. */
typedef struct
{
  const char *name;
  const Column *columns;
  guint n_columns;
  gsize row_size;
  gsize member; /* of KinHistory: the array of rows */
} Table;

static const Table tables[] = {
  { "steps.csv", sample_columns, G_N_ELEMENTS (sample_columns), sizeof (KinSample), offsetof (KinHistory, samples) },
  { "metrics.csv", evaluation_columns, G_N_ELEMENTS (evaluation_columns), sizeof (KinEvaluation),
    offsetof (KinHistory, evaluations) },
};

static GArray *
rows_of (const KinHistory *history, const Table *table)
{
  return G_STRUCT_MEMBER (GArray *, history, table->member);
}

KinHistory *
kin_history_new (void)
{
  KinHistory *history = g_new0 (KinHistory, 1);

  history->samples = g_array_new (FALSE, TRUE, sizeof (KinSample));
  history->evaluations = g_array_new (FALSE, TRUE, sizeof (KinEvaluation));
  return history;
}

void
kin_history_free (KinHistory *history)
{
  if (history == NULL)
    return;
  g_array_unref (history->samples);
  g_array_unref (history->evaluations);
  g_free (history);
}

void
kin_history_clear (KinHistory *history)
{
  g_array_set_size (history->samples, 0);
  g_array_set_size (history->evaluations, 0);
}

void
kin_history_add_evaluation (GArray *rows, const KinEvaluation *evaluation)
{
  guint at = rows->len;

  while (at > 0 && g_array_index (rows, KinEvaluation, at - 1).step >= evaluation->step)
    at--;
  if (at < rows->len && g_array_index (rows, KinEvaluation, at).step == evaluation->step)
    g_array_index (rows, KinEvaluation, at) = *evaluation;
  else
    g_array_insert_val (rows, at, *evaluation);
}

void
kin_history_truncate (KinHistory *history, guint64 step)
{
  while (history->samples->len > 0
         && g_array_index (history->samples, KinSample, history->samples->len - 1).step > step)
    g_array_set_size (history->samples, history->samples->len - 1);
  while (history->evaluations->len > 0
         && g_array_index (history->evaluations, KinEvaluation, history->evaluations->len - 1).step > step)
    g_array_set_size (history->evaluations, history->evaluations->len - 1);
}

static void
write_value (KinFileWriter *writer, const Column *column, const char *row)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (column->is_step)
    kin_file_writer_printf (writer, "%" G_GUINT64_FORMAT, G_STRUCT_MEMBER (guint64, row, column->offset));
  else
    kin_file_writer_printf (writer, "%s",
                            g_ascii_formatd (text, sizeof text, "%.9g",
                                             G_STRUCT_MEMBER (double, row, column->offset)));
}

/* The first line of a file. */
static char *
dup_header (const Table *table)
{
  GString *header = g_string_new (NULL);

  for (guint c = 0; c < table->n_columns; c++)
    g_string_append_printf (header, "%s%s", c == 0 ? "" : ",", table->columns[c].name);
  return g_string_free (header, FALSE);
}

static gboolean
save_table (const Table *table, const GArray *rows, const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, table->name, NULL);
  g_autofree char *header = dup_header (table);
  g_autoptr (KinFileWriter) writer = kin_file_writer_new (path, error);

  if (writer == NULL)
    return FALSE;
  kin_file_writer_printf (writer, "%s\n", header);
  for (guint i = 0; i < rows->len; i++)
    {
      for (guint c = 0; c < table->n_columns; c++)
        {
          if (c > 0)
            kin_file_writer_write (writer, ",", 1);
          write_value (writer, &table->columns[c], rows->data + i * table->row_size);
        }
      kin_file_writer_write (writer, "\n", 1);
    }
  return kin_file_writer_commit (writer, error);
}

gboolean
kin_history_save (const KinHistory *history, const char *folder, GError **error)
{
  for (guint t = 0; t < G_N_ELEMENTS (tables); t++)
    if (!save_table (&tables[t], rows_of (history, &tables[t]), folder, error))
      return FALSE;
  return TRUE;
}

/* @line: cells in the order of the table's columns. */
static gboolean
read_row (const Table *table, const char *line, char *row)
{
  for (guint c = 0; c < table->n_columns; c++)
    {
      const Column *column = &table->columns[c];
      char *end = NULL;

      if (column->is_step && !g_ascii_isdigit (*line)) /* strtoull would take "-1" for a very late step */
        return FALSE;
      if (column->is_step)
        G_STRUCT_MEMBER (guint64, row, column->offset) = g_ascii_strtoull (line, &end, 10);
      else
        G_STRUCT_MEMBER (double, row, column->offset) = g_ascii_strtod (line, &end);
      if (end == line || *end != (c + 1 < table->n_columns ? ',' : '\0'))
        return FALSE;
      line = end + 1;
    }
  return TRUE;
}

enum
{
  FILE_LIMIT = 1 << 30, /* bytes: ten million steps */
  ROW_LIMIT = 256,      /* bytes of a row in memory */
};

static gboolean
damaged (const char *path, guint line, const char *what, GError **error)
{
  g_set_error (error, KIN_ERROR, KIN_ERROR_FORMAT, "%s, line %u: %s", path, line, what);
  return FALSE;
}

/* @text: all of a file, ended by a line break. */
static gboolean
read_rows (const Table *table, char *text, GArray *rows, const char *path, GError **error)
{
  g_autofree char *header = dup_header (table);
  char row[ROW_LIMIT] __attribute__ ((aligned (8)));
  guint64 before = 0;
  guint number = 1;

  G_STATIC_ASSERT (sizeof (KinEvaluation) <= ROW_LIMIT && sizeof (KinSample) <= ROW_LIMIT);
  for (char *line = text, *end; *line != '\0'; line = end + 1, number++)
    {
      guint64 step;

      end = strchr (line, '\n');
      *end = '\0';
      if (number == 1)
        {
          if (strcmp (line, header) != 0)
            return damaged (path, number, "not the names of the columns that Kindred writes", error);
          continue;
        }
      if (!read_row (table, line, row))
        {
          g_autofree char *shown = kin_error_excerpt (line);
          g_autofree char *what = g_strdup_printf ("not a step and %u numbers between commas: \"%s\"",
                                                   table->n_columns - 1, shown);

          return damaged (path, number, what, error);
        }
      step = G_STRUCT_MEMBER (guint64, row, table->columns[0].offset);
      if (rows->len > 0 && step <= before)
        return damaged (path, number, "its step is not after the one of the line before", error);
      before = step;
      g_array_append_vals (rows, row, 1);
    }
  return TRUE;
}

static gboolean
load_table (const Table *table, GArray *rows, const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, table->name, NULL);
  g_autofree char *text = NULL;
  gsize length;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  text = kin_file_read (path, FILE_LIMIT, &length, error);
  if (text == NULL)
    return FALSE;
  if (length == 0 || strlen (text) != length || text[length - 1] != '\n')
    {
      guint lines = 1;

      for (const char *at = text; *at != '\0'; at++)
        lines += *at == '\n';
      return damaged (path, lines, "the file is cut off, or holds a zero byte", error);
    }
  return read_rows (table, text, rows, path, error);
}

KinHistory *
kin_history_load (const char *folder, GError **error)
{
  g_autoptr (KinHistory) history = kin_history_new ();

  for (guint t = 0; t < G_N_ELEMENTS (tables); t++)
    if (!load_table (&tables[t], rows_of (history, &tables[t]), folder, error))
      return NULL;
  return g_steal_pointer (&history);
}
