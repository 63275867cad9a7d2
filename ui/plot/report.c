#include "ui/plot/report-private.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "engine/error.h"
#include "ui/plot/curves.h"
#include "ui/plot/export-private.h"
#include "ui/plot/map.h"
#include "ui/plot/matrix.h"
#include "ui/plot/pairs.h"

#define SHEET_SCALE 2
#define SHEET_FONT_PX 14
#define SHEET_PAIRS 12

static void
draw_curves (cairo_t *cr, const KinPlotStyle *style, double width, double height, gpointer user_data)
{
  KinCurvesView view = KIN_CURVES_VIEW_INIT;

  view.panels = KIN_PANELS_ALL;
  kin_plot_curves_draw (cr, user_data, &view, style, width, height);
}

static void
draw_matrix (cairo_t *cr, const KinPlotStyle *style, double width, double height, gpointer user_data)
{
  kin_plot_matrix_draw (cr, user_data, style, width, height);
}

static void
draw_map (cairo_t *cr, const KinPlotStyle *style, double width, double height, gpointer user_data)
{
  kin_plot_map_draw (cr, user_data, NULL, style, width, height);
}

static void
draw_pairs (cairo_t *cr, const KinPlotStyle *style, double width, double height, gpointer user_data)
{
  kin_plot_pairs_draw (cr, user_data, style, width, height);
}

/* One view as NAME.png and NAME.svg. */
static gboolean
write_sheets (const char *folder, const char *name, double width, double height, const char *title, const char *caption,
              KinPlotDrawFunc draw, gpointer user_data, GError **error)
{
  static const char *const extensions[] = { "png", "svg" };
  KinPlotStyle style;

  kin_plot_style_init (&style, FALSE, SHEET_FONT_PX);
  for (guint i = 0; i < G_N_ELEMENTS (extensions); i++)
    {
      g_autofree char *file = g_strconcat (name, ".", extensions[i], NULL);
      g_autofree char *path = g_build_filename (folder, file, NULL);

      if (!kin_plot_export (path, width, height, SHEET_SCALE, &style, title, caption, draw, user_data, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
write_curves (const char *folder, const KinReport *report, GError **error)
{
  const GArray *samples = report->history->samples, *evaluations = report->history->evaluations;
  g_autofree char *steps = g_build_filename (folder, "steps.csv", NULL);
  g_autofree char *metrics = g_build_filename (folder, "metrics.csv", NULL);
  KinCurvesData data;

  kin_curves_data_from_history (&data, (const KinSample *) samples->data, samples->len,
                                (const KinEvaluation *) evaluations->data, evaluations->len,
                                kin_config_get (report->config, "epochs"));
  return kin_export_steps_csv (steps, (const KinSample *) samples->data, samples->len, error)
         && kin_export_evaluations_csv (metrics, (const KinEvaluation *) evaluations->data, evaluations->len, error)
         && write_sheets (folder, "curves", 960, 640, _("Curves"), NULL, draw_curves, &data, error);
}

/* A table of an earlier report must not stand beside a page that has none. */
static void
remove_file (const char *path)
{
  g_unlink (path);
}

static gboolean
write_similarity (const char *folder, const KinReport *report, GError **error)
{
  g_autofree char *csv = g_build_filename (folder, "similarity.csv", NULL);
  KinMatrixData data = KIN_MATRIX_DATA_INIT;
  g_autofree char *caption = NULL;
  g_autofree guint32 *order = NULL;

  if (report->similarity != NULL)
    {
      caption = kin_matrix_dup_caption (report->similarity);
      order = kin_matrix_order_new (report->similarity, report->dataset, KIN_MATRIX_BY_CLASS);
      if (!kin_export_matrix_csv (csv, report->similarity, error))
        return FALSE;
    }
  else
    remove_file (csv);
  data.similarity = report->similarity;
  data.order = order;
  return write_sheets (folder, "similarity", 720, 640, _("Similarity"), caption, draw_matrix, &data, error);
}

static gboolean
write_map (const char *folder, const KinReport *report, GError **error)
{
  g_autofree char *csv = g_build_filename (folder, "map.csv", NULL);
  KinMapData data = KIN_MAP_DATA_INIT;
  g_autofree char *caption = NULL;

  kin_map_data_from_embedding (&data, report->dataset, report->embedding);
  data.mode = KIN_MAP_DOTS;
  if (report->dataset->labels == NULL)
    data.coloring = KIN_MAP_COLOR_FACTOR;
  if (data.n > 0)
    {
      caption = kin_map_dup_caption (report->embedding);
      if (!kin_export_map_csv (csv, &data, error))
        return FALSE;
    }
  else
    remove_file (csv);
  return write_sheets (folder, "map", 960, 640, _("Map"), caption, draw_map, &data, error);
}

/* The batch that the matrix shows, with its similarities; before the first batch, images of the training part. */
static KinPairs *
pairs_new (const KinReport *report)
{
  const KinSimilarity *similarity = report->similarity;
  double cosines[SHEET_PAIRS];
  guint n;

  if (similarity == NULL)
    return kin_pairs_new (report->dataset, report->config->policy, (guint64) kin_config_get (report->config, "seed"), 0,
                          report->dataset->train_ids, MIN (SHEET_PAIRS, report->dataset->n_train), NULL);
  n = MIN (SHEET_PAIRS, similarity->N);
  for (guint i = 0; i < n; i++)
    cosines[i] = kin_similarity_cell (similarity, i, i + similarity->N).cosine;
  return kin_pairs_new (report->dataset, similarity->policy != NULL ? similarity->policy : report->config->policy,
                        similarity->seed, similarity->epoch, similarity->ids, n, cosines);
}

static gboolean
write_pairs (const char *folder, const KinReport *report, GError **error)
{
  g_autoptr (KinPairs) pairs = pairs_new (report);
  KinPairsData data = KIN_PAIRS_DATA_INIT;

  data.pairs = pairs;
  return write_sheets (folder, "pairs", 960, 640, _("Views"), NULL, draw_pairs, &data, error);
}

static gboolean
write_text (const char *folder, const char *file, const char *text, GError **error)
{
  g_autofree char *path = g_build_filename (folder, file, NULL);

  return kin_export_write (path, text, strlen (text), error);
}

gboolean
kin_report_write (const char *folder, const KinDataset *dataset, const KinConfig *config, const KinHistory *history,
                  const KinSimilarity *similarity, const KinEmbedding *embedding, GError **error)
{
  const KinReport report = { dataset, config, history, similarity, embedding };
  g_autofree char *config_text = kin_config_to_text (config);
  g_autofree char *policy_text = kin_policy_to_text (config->policy);
  g_autofree char *page = kin_report_page (&report);

  if (g_mkdir_with_parents (folder, 0777) != 0)
    {
      int reason = errno;

      g_set_error (error, KIN_ERROR, KIN_ERROR_FILE, "The folder %s cannot be made: %s", folder, g_strerror (reason));
      return FALSE;
    }
  return write_curves (folder, &report, error) && write_similarity (folder, &report, error)
         && write_map (folder, &report, error) && write_pairs (folder, &report, error)
         && write_text (folder, "config.txt", config_text, error)
         && write_text (folder, "policy.txt", policy_text, error) && write_text (folder, "index.html", page, error);
}
