/* A picture and views of it on one sheet. */

#include "app/cli.h"

#include <math.h>

#include "ui/plot/export.h"

enum
{
  SIDE = 176,     /* of a picture, px */
  GAP = 16,       /* between cells, px */
  TEXT_HEIGHT = 76, /* below a picture, px: a title and three lines */
  TEXT_LINES = 3,
  FONT_PX = 13,
  SCALE = 2, /* device pixels a px */
  FRAME_WIDTH = 48, FRAME_HEIGHT = 80, /* what the exported sheet adds around, px */
};

typedef struct
{
  const CliSheetView *views;
  guint n, columns;
  guint size, channels;
} Sheet;

static void
draw_view (cairo_t *cr, const Sheet *sheet, const CliSheetView *view, const KinPlotStyle *style, double x, double y)
{
  cairo_surface_t *surface = kin_plot_image_surface (view->pixels, sheet->size, sheet->channels);

  kin_plot_paint_image (cr, surface, x, y, SIDE);
  cairo_surface_destroy (surface);
  kin_plot_text (cr, style, KIN_TEXT_SMALL_BOLD, style->foreground, x, y + SIDE + 4, 0, 0, SIDE, view->title);
  if (view->trace != NULL)
    kin_plot_lines (cr, style, KIN_TEXT_SMALL, style->muted, x, y + SIDE + 20, SIDE, TEXT_LINES, view->trace);
}

static void
draw_sheet (cairo_t *cr, const KinPlotStyle *style, double width, double height, gpointer user_data)
{
  const Sheet *sheet = user_data;
  double left = (width - (sheet->columns * (SIDE + GAP) - GAP)) / 2;

  for (guint i = 0; i < sheet->n; i++)
    draw_view (cr, sheet, &sheet->views[i], style, left + i % sheet->columns * (SIDE + GAP),
               i / sheet->columns * (SIDE + TEXT_HEIGHT) + GAP / 2.0);
}

gboolean
cli_sheet_write (const char *path, const CliSheetView *views, guint n, guint size, guint channels, const char *title,
                 GError **error)
{
  guint columns = ceil (sqrt (n)), rows = (n + columns - 1) / columns;
  Sheet sheet = { views, n, columns, size, channels };
  KinPlotStyle style;

  kin_plot_style_init (&style, FALSE, FONT_PX);
  return kin_plot_export (path, columns * (SIDE + GAP) + FRAME_WIDTH, rows * (SIDE + TEXT_HEIGHT) + FRAME_HEIGHT, SCALE,
                          &style, title, NULL, draw_sheet, &sheet, error);
}
