#include "ui/plot/matrix.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "ui/plot/axis.h"
#include "ui/plot/matrix-private.h"

/* In sizes of the ordinary text. */
#define MARGIN 0.75
#define LABEL_HEIGHT 1.5    /* of "view A", "view B" */
#define BAR_WIDTH 0.9
#define BAR_SPACE 4.6       /* the bar, its gap and its numbers */
#define BAR_WIDTH_MIN 16.0  /* of the plot, for a bar to be drawn */
#define FRAMED_CELL_PX 6.0  /* positives of larger cells are framed one by one */

static guint
n_rows (const KinSimilarity *similarity)
{
  return similarity == NULL ? 0 : 2 * similarity->N;
}

void
kin_matrix_layout (KinMatrixLayout *layout, const KinSimilarity *similarity, const KinPlotStyle *style, double width,
                   double height)
{
  double em = style->font_px, margin = MIN (MARGIN * em, MIN (width, height) * 0.05);
  gboolean has_bar = width >= BAR_WIDTH_MIN * em && height >= 8 * em;
  gboolean has_labels = height >= 12 * em && width >= 12 * em;
  double edge = has_labels ? LABEL_HEIGHT * em : 0, bar = has_bar ? BAR_SPACE * em : 0;
  double side = MAX (MIN (width - 2 * margin - edge - bar, height - 2 * margin - edge), 1);
  guint rows = MAX (n_rows (similarity), 1);

  /* Whole cells are even and sharp; below two pixels a cell the loss of size would be felt more than the unevenness. */
  if (side / rows >= 2)
    side = floor (side / rows) * rows;
  layout->side = side;
  layout->cell = side / rows;
  layout->x = round (margin + edge + (width - 2 * margin - edge - bar - side) / 2);
  layout->y = round (margin + edge + (height - 2 * margin - edge - side) / 2);
  layout->bar_width = has_bar ? BAR_WIDTH * em : 0;
  layout->bar_x = round (layout->x + side + em);
}

guint
kin_matrix_row_at (const KinSimilarity *similarity, const guint32 *order, guint place)
{
  guint N = similarity->N;

  return order == NULL ? place : order[place % N] + place / N * N;
}

guint
kin_matrix_place_of (const KinSimilarity *similarity, const guint32 *order, guint row)
{
  guint N = similarity->N;

  for (guint place = 0; order != NULL && place < N; place++)
    if (order[place] == row % N)
      return place + row / N * N;
  return row;
}

gboolean
kin_matrix_hit (const KinMatrixData *data, const KinPlotStyle *style, double width, double height, double x, double y,
                guint *row, guint *column)
{
  KinMatrixLayout layout;
  guint rows = n_rows (data->similarity);

  if (rows == 0 || data->encoding == KIN_MATRIX_HISTOGRAM)
    return FALSE;
  kin_matrix_layout (&layout, data->similarity, style, width, height);
  x = (x - layout.x) / layout.cell;
  y = (y - layout.y) / layout.cell;
  if (!(x >= 0 && x < rows && y >= 0 && y < rows))
    return FALSE;
  *row = kin_matrix_row_at (data->similarity, data->order, (guint) y);
  *column = kin_matrix_row_at (data->similarity, data->order, (guint) x);
  return TRUE;
}

void
kin_matrix_cell_rect (const KinMatrixData *data, const KinPlotStyle *style, double width, double height, guint row,
                      guint column, double *x, double *y, double *side)
{
  KinMatrixLayout layout;

  kin_matrix_layout (&layout, data->similarity, style, width, height);
  *x = layout.x + kin_matrix_place_of (data->similarity, data->order, column) * layout.cell;
  *y = layout.y + kin_matrix_place_of (data->similarity, data->order, row) * layout.cell;
  *side = layout.cell;
}

/*
 * The colours of the positives must be seen, so nothing is drawn over them: large cells get a frame, small ones a line
 * along either side of their diagonal.
 */
static void
mark_positives (cairo_t *cr, const KinPlotStyle *style, const KinMatrixLayout *layout, guint N)
{
  double half = layout->side / 2, aside = MAX (layout->cell, 2);

  cairo_save (cr);
  cairo_rectangle (cr, layout->x, layout->y, layout->side, layout->side);
  cairo_clip (cr);
  kin_plot_set_color (cr, kin_color_with_alpha (style->foreground, layout->cell >= FRAMED_CELL_PX ? 0.85 : 0.6));
  cairo_set_line_width (cr, layout->cell >= FRAMED_CELL_PX ? 1 : 0.75);
  for (guint quarter = 0; quarter < 2; quarter++)
    {
      double x = layout->x + (quarter == 0 ? half : 0), y = layout->y + (quarter == 0 ? 0 : half);

      if (layout->cell >= FRAMED_CELL_PX)
        for (guint n = 0; n < N; n++)
          cairo_rectangle (cr, x + n * layout->cell + 0.5, y + n * layout->cell + 0.5, layout->cell - 1,
                           layout->cell - 1);
      else
        for (int sign = -1; sign <= 1; sign += 2)
          {
            cairo_move_to (cr, x + MAX (sign, 0) * aside, y + MAX (-sign, 0) * aside);
            cairo_line_to (cr, x + half + MIN (sign, 0) * aside, y + half - MAX (sign, 0) * aside);
          }
    }
  cairo_stroke (cr);
  cairo_restore (cr);
}

static void
draw_cell_mark (cairo_t *cr, const KinMatrixData *data, const KinPlotStyle *style, const KinMatrixLayout *layout,
                guint row, guint column, double band_alpha)
{
  double x = layout->x + kin_matrix_place_of (data->similarity, data->order, column) * layout->cell;
  double y = layout->y + kin_matrix_place_of (data->similarity, data->order, row) * layout->cell;
  double cell = layout->cell, grown = MAX (cell, 5), shift = (grown - cell) / 2;

  /* The row and the column as a cross that stops short of the cell itself. */
  cairo_save (cr);
  kin_plot_set_color (cr, kin_color_with_alpha (style->foreground, band_alpha));
  cairo_rectangle (cr, layout->x, y, x - shift - layout->x, cell);
  cairo_rectangle (cr, x + cell + shift, y, layout->x + layout->side - x - cell - shift, cell);
  cairo_rectangle (cr, x, layout->y, cell, y - shift - layout->y);
  cairo_rectangle (cr, x, y + cell + shift, cell, layout->y + layout->side - y - cell - shift);
  cairo_clip (cr);
  cairo_paint (cr);
  cairo_restore (cr);

  kin_plot_set_color (cr, style->card);
  cairo_set_line_width (cr, 3);
  cairo_rectangle (cr, x - shift - 1, y - shift - 1, grown + 2, grown + 2);
  cairo_stroke_preserve (cr);
  kin_plot_set_color (cr, style->foreground);
  cairo_set_line_width (cr, 1.5);
  cairo_stroke (cr);
}

static void
draw_view_names (cairo_t *cr, const KinPlotStyle *style, const KinMatrixLayout *layout)
{
  const char *names[2] = { _("view A"), _("view B") };

  if (layout->y < LABEL_HEIGHT * style->font_px || layout->side < 10 * style->font_px)
    return;
  for (guint view = 0; view < 2; view++)
    {
      double along = layout->side * (0.25 + 0.5 * view);

      kin_plot_text (cr, style, KIN_TEXT_SMALL, style->muted, layout->x + along, layout->y - style->font_px * 0.3, 0.5,
                     1, layout->side / 2, names[view]);
      cairo_save (cr);
      cairo_translate (cr, layout->x - style->font_px * 0.3, layout->y + along);
      cairo_rotate (cr, -G_PI / 2);
      kin_plot_text (cr, style, KIN_TEXT_SMALL, style->muted, 0, 0, 0.5, 1, layout->side / 2, names[view]);
      cairo_restore (cr);
    }
}

void
kin_plot_matrix_draw (cairo_t *cr, const KinMatrixData *data, const KinPlotStyle *style, double width, double height)
{
  guint rows = n_rows (data->similarity);
  cairo_surface_t *surface;
  KinMatrixLayout layout;

  if (rows == 0)
    {
      kin_plot_message (cr, style, width, height, _("No batch yet"),
                        _("Press Play: how similar the views of a batch are to each other is drawn here."));
      return;
    }
  if (data->encoding == KIN_MATRIX_HISTOGRAM)
    {
      kin_matrix_draw_histogram (cr, data, style, width, height);
      return;
    }
  kin_matrix_layout (&layout, data->similarity, style, width, height);
  surface = data->surface != NULL ? cairo_surface_reference (data->surface)
                                  : kin_matrix_surface_new (data, style);
  kin_plot_paint_image (cr, surface, layout.x, layout.y, layout.side);
  cairo_surface_destroy (surface);
  mark_positives (cr, style, &layout, data->similarity->N);
  draw_view_names (cr, style, &layout);
  if (layout.bar_width > 0)
    kin_matrix_draw_key (cr, data, style, &layout);
  if (data->pinned_row >= 0 && data->pinned_column >= 0 && data->pinned_row < (int) rows
      && data->pinned_column < (int) rows)
    draw_cell_mark (cr, data, style, &layout, data->pinned_row, data->pinned_column, 0.35);
  if (data->hover_row >= 0 && data->hover_column >= 0 && data->hover_row < (int) rows
      && data->hover_column < (int) rows)
    draw_cell_mark (cr, data, style, &layout, data->hover_row, data->hover_column, 0.2);
}

char *
kin_matrix_dup_caption (const KinSimilarity *similarity)
{
  g_autofree char *tau = kin_axis_format (similarity->tau, 0);

  if (similarity->N < similarity->N_batch)
    return g_strdup_printf (_("step %" G_GUINT64_FORMAT " · %u of %u pairs · τ %s"), similarity->step, similarity->N,
                            similarity->N_batch, tau);
  return g_strdup_printf (_("step %" G_GUINT64_FORMAT " · %u pairs · τ %s"), similarity->step, similarity->N, tau);
}

char *
kin_matrix_describe (const KinSimilarity *similarity)
{
  guint rows = n_rows (similarity);
  double positives = 0, negatives = 0;

  if (rows < 4)
    return g_strdup (_("No similarities yet."));
  for (guint i = 0; i < rows; i++)
    for (guint j = 0; j < rows; j++)
      {
        double s = similarity->cosine[(gsize) i * rows + j];

        if (j == (i + similarity->N) % rows)
          positives += s;
        else if (j != i)
          negatives += s;
      }
  return g_strdup_printf (_("%u pairs: positives have a mean similarity of %.2f, negatives of %.2f."), similarity->N,
                          positives / rows, negatives / ((double) rows * (rows - 2)));
}
