/* How the similarities of a batch are spread: positives, negatives, and the negatives that show the same class. */

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "ui/plot/axis.h"
#include "ui/plot/matrix-private.h"

void
kin_matrix_spread (const KinSimilarity *similarity, const KinDataset *dataset, KinSpread spreads[KIN_N_SPREADS])
{
  guint N = similarity->N;
  gsize rows = 2 * (gsize) N;
  gboolean has_labels = dataset != NULL && dataset->labels != NULL;

  memset (spreads, 0, KIN_N_SPREADS * sizeof *spreads);
  for (guint i = 0; i < rows; i++)
    for (guint j = 0; j < rows; j++)
      {
        double s = similarity->cosine[i * rows + j];
        guint a = similarity->ids[i % N], b = similarity->ids[j % N];
        KinSpread *spread = &spreads[KIN_SPREAD_NEGATIVES];

        if (i == j || isnan (s))
          continue;
        if (j == (i + N) % rows)
          spread = &spreads[KIN_SPREAD_POSITIVES];
        else if (has_labels && a < dataset->n_images && b < dataset->n_images
                 && dataset->labels[a] == dataset->labels[b])
          spread = &spreads[KIN_SPREAD_SAME_CLASS];
        spread->n++;
        spread->mean += s;
        spread->bins[(guint) CLAMP ((s + 1) / 2 * KIN_SPREAD_BINS, 0, KIN_SPREAD_BINS - 1)]++;
      }
  for (guint k = 0; k < KIN_N_SPREADS; k++)
    if (spreads[k].n > 0)
      {
        spreads[k].mean /= spreads[k].n;
        for (guint b = 0; b < KIN_SPREAD_BINS; b++)
          spreads[k].bins[b] /= spreads[k].n;
      }
}

static KinColor
spread_color (const KinPlotStyle *style, guint kind)
{
  switch (kind)
    {
    case KIN_SPREAD_POSITIVES:
      return kin_plot_diverging_color (style, -0.9);
    case KIN_SPREAD_SAME_CLASS:
      return kin_plot_class_color (style, 1);
    default:
      return style->muted;
    }
}

static void
draw_axis (cairo_t *cr, const KinPlotStyle *style, const KinAxis *x, double bottom)
{
  static const double ticks[] = { -1, -0.5, 0, 0.5, 1 };

  kin_plot_set_color (cr, style->grid);
  cairo_set_line_width (cr, 1);
  cairo_move_to (cr, x->start_px, bottom + 0.5);
  cairo_line_to (cr, x->end_px, bottom + 0.5);
  cairo_stroke (cr);
  for (guint i = 0; i < G_N_ELEMENTS (ticks); i++)
    {
      g_autofree char *text = kin_axis_format (ticks[i], ticks[i] == rint (ticks[i]) ? 1 : 0.1);

      kin_plot_text (cr, style, KIN_TEXT_SMALL, style->muted, kin_axis_to_px (x, ticks[i]), bottom + style->font_px * 0.3,
                     0.5, 0, 0, text);
    }
  kin_plot_text (cr, style, KIN_TEXT_SMALL, style->muted, (x->start_px + x->end_px) / 2, bottom + style->font_px * 1.5,
                 0.5, 0, 0, _("similarity s"));
}

/* Steps, filled lightly, and the mean as a dashed line. */
static void
draw_spread (cairo_t *cr, const KinSpread *spread, KinColor color, const KinAxis *x, const KinAxis *y)
{
  double mean = round (kin_axis_to_px (x, spread->mean)) + 0.5;

  cairo_move_to (cr, x->start_px, y->start_px);
  for (guint b = 0; b < KIN_SPREAD_BINS; b++)
    {
      double top = kin_axis_to_px (y, spread->bins[b]);

      cairo_line_to (cr, kin_axis_to_px (x, 2.0 * b / KIN_SPREAD_BINS - 1), top);
      cairo_line_to (cr, kin_axis_to_px (x, 2.0 * (b + 1) / KIN_SPREAD_BINS - 1), top);
    }
  cairo_line_to (cr, x->end_px, y->start_px);
  kin_plot_set_color (cr, kin_color_with_alpha (color, 0.18));
  cairo_fill_preserve (cr);
  kin_plot_set_color (cr, color);
  cairo_set_line_width (cr, 1.5);
  cairo_stroke (cr);
  cairo_save (cr);
  cairo_set_dash (cr, (const double[]){ 4, 3 }, 2, 0);
  cairo_set_line_width (cr, 1);
  cairo_move_to (cr, mean, y->start_px);
  cairo_line_to (cr, mean, y->end_px);
  cairo_stroke (cr);
  cairo_restore (cr);
}

/* Names, means and shapes: lines are told apart by more than colour. */
static void
draw_legend (cairo_t *cr, const KinSpread *spreads, const KinPlotStyle *style, double left, double top)
{
  const char *const names[] = { _("positives"), _("negatives"), _("negatives, same class") };
  double em = style->font_px;

  for (guint k = 0; k < KIN_N_SPREADS; k++)
    if (spreads[k].n > 0)
      {
        g_autofree char *mean = kin_axis_format (spreads[k].mean, 0.01);
        g_autofree char *text = g_strdup_printf (_("%s: mean %s"), names[k], mean);

        kin_plot_paint_marker (cr, (KinMarker) k, spread_color (style, k), left + em * 0.4, top + em * 0.65, em * 0.35);
        kin_plot_text (cr, style, KIN_TEXT_SMALL, style->foreground, left + em * 1.1, top + em * 0.65, 0, 0.5, 0, text);
        top += em * 1.4;
      }
}

void
kin_matrix_draw_histogram (cairo_t *cr, const KinMatrixData *data, const KinPlotStyle *style, double width,
                           double height)
{
  double em = style->font_px, most = 0;
  KinAxis x = { -1, 1, 1.5 * em, MAX (width - 1.5 * em, 2 * em), FALSE };
  KinAxis y = { 0, 1, MAX (height - 3.4 * em, em), 5.4 * em, FALSE };
  KinSpread spreads[KIN_N_SPREADS];

  kin_matrix_spread (data->similarity, data->dataset, spreads);
  for (guint k = 0; k < KIN_N_SPREADS; k++)
    for (guint b = 0; b < KIN_SPREAD_BINS; b++)
      most = MAX (most, spreads[k].bins[b]);
  y.max = most > 0 ? most : 1;
  if (y.start_px - y.end_px < 2 * em)
    y.end_px = em; /* no room for a legend */
  else
    draw_legend (cr, spreads, style, x.start_px, 0.4 * em);
  draw_axis (cr, style, &x, y.start_px);
  for (guint k = KIN_N_SPREADS; k-- > 0;)
    if (spreads[k].n > 0)
      draw_spread (cr, &spreads[k], spread_color (style, k), &x, &y);
}
