#include "ui/plot/pairs.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "ui/plot/axis.h"

/* In sizes of the ordinary text. */
#define MARGIN 0.9
#define HEADER_HEIGHT 1.5
#define SIDE_MIN 2.6
#define SIDE_MAX 9.0
#define SIDE_COMFORTABLE 4.2 /* its text stands beside it */
#define TEXT_WIDTH_MIN 6.0
#define TEXT_WIDTH_COMFORTABLE 13.0
#define TEXT_WIDTH_MAX 26.0
#define ROW_GAP 0.6
#define LINE_HEIGHT 1.1 /* of small text */

KinPairs *
kin_pairs_new (const KinDataset *dataset, const KinPolicy *policy, guint64 seed, guint32 epoch, const guint32 *ids,
               guint n, const double *similarities)
{
  KinPairs *pairs = g_new0 (KinPairs, 1);
  g_autofree guint8 *pixels = g_malloc ((gsize) dataset->size * dataset->size * dataset->channels);

  pairs->n = n;
  pairs->pairs = g_new0 (KinPair, n);
  for (guint i = 0; i < n; i++)
    {
      KinPair *pair = &pairs->pairs[i];

      pair->image = ids[i];
      pair->similarity = similarities == NULL ? NAN : similarities[i];
      pair->original
          = kin_plot_image_surface (kin_dataset_get_pixels (dataset, ids[i]), dataset->size, dataset->channels);
      for (guint view = 0; view < 2; view++)
        {
          KinViewKey key = { .seed = seed, .epoch = epoch, .image = ids[i], .view = view };
          KinTrace trace;

          kin_preview_view (dataset, policy, &key, pixels, &trace);
          pair->views[view] = kin_plot_image_surface (pixels, dataset->size, dataset->channels);
          pair->traces[view] = kin_trace_to_text (&trace);
        }
    }
  return pairs;
}

void
kin_pairs_free (KinPairs *pairs)
{
  for (guint i = 0; i < pairs->n; i++)
    {
      cairo_surface_destroy (pairs->pairs[i].original);
      for (guint view = 0; view < 2; view++)
        {
          cairo_surface_destroy (pairs->pairs[i].views[view]);
          g_free (pairs->pairs[i].traces[view]);
        }
    }
  g_free (pairs->pairs);
  g_free (pairs);
}

/* The largest picture of which @rows fit, within what can be read. */
static double
side_for_rows (guint rows, double em, double height)
{
  return CLAMP (height / MAX (rows, 1) - ROW_GAP * em, SIDE_MIN * em, SIDE_MAX * em);
}

void
kin_pairs_layout (KinPairsLayout *layout, guint n, const KinPlotStyle *style, double width, double height)
{
  double em = style->font_px, header = height > 8 * em ? HEADER_HEIGHT * em : 0;
  double margin = MIN (MARGIN * em, 0.04 * MIN (width, height));
  double inner_width = MAX (width - 2 * margin, 1), inner_height = MAX (height - margin - header - 0.3 * em, 1);
  double column_min = (3 * SIDE_COMFORTABLE + TEXT_WIDTH_COMFORTABLE + 3) * em;
  guint most_rows = MAX (1, (guint) (inner_height / ((SIDE_COMFORTABLE + ROW_GAP) * em)));
  guint most_columns = MAX (1, (guint) (inner_width / column_min)), rows;

  layout->columns = n == 0 ? most_columns : CLAMP ((n + most_rows - 1) / most_rows, 1, most_columns);
  rows = n == 0 ? most_rows : MIN (most_rows, (n + layout->columns - 1) / layout->columns);
  layout->gap = em * 0.6;
  layout->column_width = inner_width / layout->columns;
  layout->side = side_for_rows (rows, em, inner_height);
  /* Pictures leave room for their text, or take the width for themselves where it is too narrow for both. */
  layout->side = MIN (layout->side, MAX ((layout->column_width - TEXT_WIDTH_COMFORTABLE * em) / 3 - layout->gap,
                                         MIN (SIDE_COMFORTABLE * em, (layout->column_width - 2 * layout->gap) / 3)));
  layout->side = floor (MIN (layout->side, MAX (inner_height - ROW_GAP * em, 1)));
  layout->row_height = layout->side + ROW_GAP * em;
  layout->rows = MAX (1, (guint) (inner_height / layout->row_height + 1e-9));
  if (n > 0)
    layout->rows = MIN (layout->rows, (n + layout->columns - 1) / layout->columns);
  layout->text_width = layout->column_width - 3 * (layout->side + layout->gap) - (layout->columns > 1 ? 1.2 * em : 0);
  layout->text_width = layout->text_width < TEXT_WIDTH_MIN * em || layout->side < 2.2 * em
                           ? 0
                           : MIN (layout->text_width, TEXT_WIDTH_MAX * em);
  layout->x = margin;
  layout->y = margin * 0.3 + header;
}

/* The left upper corner of the pair at @slot of the sheet. */
static void
slot_origin (const KinPairsLayout *layout, guint slot, double *x, double *y)
{
  *x = round (layout->x + slot / layout->rows * layout->column_width);
  *y = round (layout->y + slot % layout->rows * layout->row_height);
}

static guint
n_shown (const KinPairsData *data)
{
  return data->pairs == NULL || data->first >= data->pairs->n ? 0 : data->pairs->n - data->first;
}

int
kin_pairs_hit (const KinPairsData *data, const KinPlotStyle *style, double width, double height, double x, double y,
               KinPairPart *part)
{
  KinPairsLayout layout;
  guint shown = n_shown (data);

  kin_pairs_layout (&layout, shown, style, width, height);
  for (guint slot = 0; slot < MIN (shown, layout.columns * layout.rows); slot++)
    {
      double left, top, step = layout.side + layout.gap;
      double row_width = layout.text_width > 0 ? 3 * step + layout.text_width : 3 * step - layout.gap;

      slot_origin (&layout, slot, &left, &top);
      if (x < left || x >= left + row_width || y < top || y >= top + layout.side)
        continue;
      if (part != NULL)
        *part = (KinPairPart) MIN ((guint) ((x - left) / step), KIN_PAIR_TEXT);
      return data->first + slot;
    }
  return -1;
}

static void
rounded_bar (cairo_t *cr, double x, double y, double width, double height)
{
  double radius = height / 2;

  width = MAX (width, height);
  cairo_new_path (cr);
  cairo_arc (cr, x + width - radius, y + radius, radius, -G_PI / 2, G_PI / 2);
  cairo_arc (cr, x + radius, y + radius, radius, G_PI / 2, 3 * G_PI / 2);
  cairo_close_path (cr);
  cairo_fill (cr);
}

/* From the left, as a share of [0, 1]; below 0 in the warning tone. The number is written beside it. */
static void
draw_similarity (cairo_t *cr, const KinPlotStyle *style, double similarity, double x, double y, double width)
{
  double em = style->font_px, bar_height = em * 0.4, text_width, text_height;
  double s = CLAMP (similarity, -1, 1);
  g_autofree char *number = kin_axis_format (similarity, 0.01);
  g_autofree char *text = g_strdup_printf (_("similarity %s"), number);
  g_autofree char *widest = g_strdup_printf (_("similarity %s"), "−0.00");

  kin_plot_text_size (cr, style, KIN_TEXT_SMALL, widest, &text_width, &text_height);
  if (width - text_width < 3 * em)
    {
      kin_plot_text (cr, style, KIN_TEXT_SMALL, style->foreground, x, y, 0, 0.5, width, text);
      return;
    }
  width -= text_width + em * 0.6;
  kin_plot_set_color (cr, style->grid);
  rounded_bar (cr, x, y - bar_height / 2, width, bar_height);
  kin_plot_set_color (cr, kin_plot_class_color (style, s < 0 ? 3 : 0));
  if (fabs (s) > 0.005)
    rounded_bar (cr, x, y - bar_height / 2, width * fabs (s), bar_height);
  kin_plot_text (cr, style, KIN_TEXT_SMALL, style->foreground, x + width + em * 0.6, y, 0, 0.5, 0, text);
}

/* Lines end behind a dot only: "hue +.05" stays whole, also between its point and its digits. */
static char *
keep_values (const char *trace)
{
  GString *text = g_string_new (trace);

  g_string_replace (text, " ", "\u00a0", 0);
  g_string_replace (text, "\u00a0·\u00a0", "\u00a0· ", 0);
  g_string_replace (text, ".", ".\u2060", 0);
  return g_string_free (text, FALSE);
}

/* What was drawn for each view, in as many lines as there is height for, and how alike the two are. */
static void
draw_text (cairo_t *cr, const KinPlotStyle *style, const KinPair *pair, double x, double y, double width, double side)
{
  double em = style->font_px, line = em * LINE_HEIGHT, bar = isfinite (pair->similarity) ? em : 0;
  guint most_lines = MAX ((guint) ((side - bar) / (2 * line) + 0.1), 1);
  const char *names[2] = { "A", "B" };

  for (guint view = 0; view < 2; view++)
    {
      g_autofree char *trace = keep_values (pair->traces[view]);
      double height;

      kin_plot_text (cr, style, KIN_TEXT_SMALL_BOLD, style->foreground, x, y, 0, 0, 0, names[view]);
      height = kin_plot_lines (cr, style, KIN_TEXT_SMALL, style->muted, x + em * 1.1, y, width - em * 1.1, most_lines,
                               trace);
      y += MAX (height, line);
    }
  if (bar > 0)
    draw_similarity (cr, style, pair->similarity, x, y + em * 0.6, width);
}

static void
draw_pair (cairo_t *cr, const KinPlotStyle *style, const KinPairsLayout *layout, const KinPair *pair, double x, double y,
           gboolean is_hovered, gboolean is_selected)
{
  cairo_surface_t *pictures[3] = { pair->original, pair->views[0], pair->views[1] };
  double step = layout->side + layout->gap;

  if (is_hovered || is_selected)
    {
      double pad = style->font_px * 0.25, row = 3 * step + layout->text_width;

      kin_plot_set_color (cr, kin_color_with_alpha (style->accent, is_selected ? 0.18 : 0.08));
      cairo_rectangle (cr, x - pad, y - pad, row + pad, layout->side + 2 * pad);
      cairo_fill (cr);
    }
  for (guint i = 0; i < 3; i++)
    kin_plot_paint_image (cr, pictures[i], x + i * step, y, layout->side);
  if (layout->text_width > 0)
    draw_text (cr, style, pair, x + 3 * step, y, layout->text_width, layout->side);
}

static void
draw_header (cairo_t *cr, const KinPlotStyle *style, const KinPairsLayout *layout, guint columns)
{
  const char *names[3] = { _("image"), _("view A"), _("view B") };

  if (layout->y < style->font_px)
    return;
  for (guint column = 0; column < columns; column++)
    for (guint i = 0; i < 3; i++)
      kin_plot_text (cr, style, KIN_TEXT_SMALL, style->muted,
                     layout->x + column * layout->column_width + i * (layout->side + layout->gap) + layout->side / 2,
                     layout->y - style->font_px * 0.2, 0.5, 1, layout->side + layout->gap, names[i]);
}

void
kin_plot_pairs_draw (cairo_t *cr, const KinPairsData *data, const KinPlotStyle *style, double width, double height)
{
  KinPairsLayout layout;
  guint shown = n_shown (data);

  if (shown == 0)
    {
      kin_plot_message (cr, style, width, height, _("No pairs yet"),
                        _("Open a set of images: each is shown with the two views that it is learned from."));
      return;
    }
  kin_pairs_layout (&layout, shown, style, width, height);
  shown = MIN (shown, layout.columns * layout.rows);
  draw_header (cr, style, &layout, (shown + layout.rows - 1) / layout.rows);
  for (guint slot = 0; slot < shown; slot++)
    {
      int pair = data->first + slot;
      double x, y;

      slot_origin (&layout, slot, &x, &y);
      draw_pair (cr, style, &layout, &data->pairs->pairs[pair], x, y, pair == data->hovered, pair == data->selected);
    }
}
