#include "ui/plot/map-sheet.h"

#include <glib/gi18n-lib.h>
#include <math.h>

static gboolean
is_faded (const KinMapData *data, KinMapColoring coloring, guint row)
{
  return coloring == KIN_MAP_COLOR_CLASS && data->highlighted_class >= 0
         && kin_map_class_of (data, row) != data->highlighted_class;
}

/* Who is drawn on what: a page of shapes that stay sharp at any size (its cost is paid once), or the sheet. */
typedef struct
{
  cairo_t *page; /* NULL: the sheet of the cache */
  KinMapCache *cache;
  const KinMapData *data;
  const KinPlotStyle *style;
  KinMapTransform transform;
  KinMapColoring coloring;
  double width, height;
} Canvas;

static void
draw_dots (const Canvas *canvas)
{
  const KinMapData *data = canvas->data;
  double radius = kin_map_dot_radius (data, canvas->style);
  guint n_looks = kin_map_n_looks (data);

  for (guint pass = 0; pass < 2; pass++) /* the faded ones first, below */
    for (guint row = 0; row < data->n; row++)
      {
        gboolean faded = is_faded (data, canvas->coloring, row);
        double x, y;

        if (faded != (pass == 0) || !kin_map_point (data, &canvas->transform, row, &x, &y))
          continue;
        if (canvas->page == NULL)
          kin_map_sheet_dot (canvas->cache, data, row, faded, x, y);
        else if (x > -radius && x < canvas->width + radius && y > -radius && y < canvas->height + radius)
          kin_map_paint_look (canvas->page, data, canvas->style,
                              kin_map_look_of (data, canvas->coloring, n_looks, row), n_looks, faded, x, y, radius);
      }
}

/* A picture with a frame, drawn by itself: on a page, or over everything else. */
static void
draw_picture (cairo_t *cr, const KinDataset *dataset, guint32 id, double x, double y, double side, KinColor frame,
              double frame_px)
{
  cairo_surface_t *image
      = kin_plot_image_surface (kin_dataset_get_pixels (dataset, id), dataset->size, dataset->channels);

  x = round (x - side / 2);
  y = round (y - side / 2);
  kin_plot_set_color (cr, frame);
  cairo_rectangle (cr, x - frame_px, y - frame_px, side + 2 * frame_px, side + 2 * frame_px);
  cairo_fill (cr);
  kin_plot_paint_image (cr, image, x, y, side);
  cairo_surface_destroy (image);
}

/* The class is told by the colour of the frame; a line at most, so that pictures keep their own look. */
static void
draw_thumbnails (const Canvas *canvas, double side)
{
  const KinMapData *data = canvas->data;
  g_autoptr (GArray) rows = kin_map_visible_thumbnails (data, canvas->style, canvas->width, canvas->height);
  double frame_px = side >= 28 ? 1.5 : 1;

  for (guint i = 0; i < rows->len; i++)
    {
      guint32 row = g_array_index (rows, guint32, i);
      int c = canvas->coloring == KIN_MAP_COLOR_CLASS ? kin_map_class_of (data, row) : -1;
      KinColor frame = c >= 0 ? kin_plot_class_color (canvas->style, c) : canvas->style->grid;
      double x, y;

      if (is_faded (data, canvas->coloring, row) || !kin_map_point (data, &canvas->transform, row, &x, &y))
        continue;
      if (canvas->page == NULL)
        kin_map_sheet_thumbnail (canvas->cache, data->dataset, data->ids[row], x, y, side - 2, frame, frame_px);
      else
        draw_picture (canvas->page, data->dataset, data->ids[row], x, y, side - 2, frame, frame_px);
    }
}

static void
draw_neighbours (cairo_t *cr, const Canvas *canvas)
{
  const KinMapData *data = canvas->data;
  double from_x, from_y, x, y, ring = kin_map_dot_radius (data, canvas->style) + 2;

  if (data->selected < 0 || data->selected >= (int) data->n
      || !kin_map_point (data, &canvas->transform, data->selected, &from_x, &from_y))
    return;
  kin_plot_set_color (cr, kin_color_with_alpha (canvas->style->accent, 0.75));
  cairo_set_line_width (cr, canvas->style->font_px * 0.1);
  for (guint i = 0; i < data->n_neighbours; i++)
    if (data->neighbours[i] < data->n && kin_map_point (data, &canvas->transform, data->neighbours[i], &x, &y))
      {
        cairo_move_to (cr, from_x, from_y);
        cairo_line_to (cr, x, y);
        cairo_stroke (cr);
        cairo_arc (cr, x, y, ring, 0, 2 * G_PI);
        cairo_stroke (cr);
      }
}

static void
draw_focus (cairo_t *cr, const Canvas *canvas, int row, double side, KinColor color)
{
  const KinMapData *data = canvas->data;
  double x, y;

  if (row < 0 || row >= (int) data->n || !kin_map_point (data, &canvas->transform, row, &x, &y))
    return;
  if (data->dataset != NULL && data->ids != NULL && data->ids[row] < data->dataset->n_images)
    {
      draw_picture (cr, data->dataset, data->ids[row], x, y, side, color, 2);
      return;
    }
  kin_plot_set_color (cr, color);
  cairo_set_line_width (cr, 2);
  cairo_arc (cr, x, y, kin_map_dot_radius (data, canvas->style) + 3, 0, 2 * G_PI);
  cairo_stroke (cr);
}

static void
draw_points (cairo_t *cr, const KinMapData *data, KinMapCache *cache, const KinPlotStyle *style, double width,
             double height)
{
  KinMapFrame frame = kin_map_frame (data, style, width, height);
  double side = kin_map_thumbnail_px (data, style, width, height), focus = kin_map_focus_px (data, style, side);
  Canvas canvas = {
    .page = kin_plot_is_page (cr) ? cr : NULL,
    .cache = cache,
    .data = data,
    .style = style,
    .transform = kin_map_transform (data, style, width, height),
    .coloring = kin_map_effective_coloring (data),
    .width = width,
    .height = height,
  };

  cairo_save (cr);
  cairo_rectangle (cr, 0, 0, frame.clip_x, height);
  cairo_clip (cr);
  if (canvas.page == NULL)
    kin_map_sheet_begin (cache, data, style, width, height);
  draw_dots (&canvas);
  if (side > 0)
    draw_thumbnails (&canvas, side);
  if (canvas.page == NULL)
    kin_map_sheet_end (cache, cr);
  draw_neighbours (cr, &canvas);
  draw_focus (cr, &canvas, data->selected, focus, style->accent);
  if (data->hovered != data->selected)
    draw_focus (cr, &canvas, data->hovered, focus, style->foreground);
  cairo_restore (cr);
}

static void
draw_caption (cairo_t *cr, const char *caption, const KinPlotStyle *style, double width, double height)
{
  double em = style->font_px, text_width, text_height, x = em * 0.75, y = height - em * 0.4;

  kin_plot_text_size (cr, style, KIN_TEXT_SMALL, caption, &text_width, &text_height);
  kin_plot_set_color (cr, kin_color_with_alpha (style->card, 0.85));
  cairo_rectangle (cr, x - 4, y - text_height - 1, MIN (text_width, width - 2 * x) + 8, text_height + 2);
  cairo_fill (cr);
  kin_plot_text (cr, style, KIN_TEXT_SMALL, style->muted, x, y, 0, 1, width - 2 * x, caption);
}

void
kin_plot_map_draw (cairo_t *cr, const KinMapData *data, KinMapCache *cache, const KinPlotStyle *style, double width,
                   double height)
{
  g_autoptr (KinMapCache) own_cache = NULL;

  if (data->n == 0)
    {
      kin_plot_message (cr, style, width, height, _("No map yet"),
                        _("Press Play: every image is a point here, near those that the encoder finds alike."));
      return;
    }
  if (cache == NULL)
    cache = own_cache = kin_map_cache_new ();
  draw_points (cr, data, cache, style, width, height);
  kin_map_draw_legend (cr, data, style, width, height);
  if (data->caption != NULL && height >= 8 * style->font_px)
    draw_caption (cr, data->caption, style, width, height);
}
