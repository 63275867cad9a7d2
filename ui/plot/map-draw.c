#include "ui/plot/map-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define FACTOR_SHADES 64
#define THUMBNAIL_BYTES (32u << 20)
#define THUMBNAIL_SLOTS 8192u
#define FADED 0.15

/* One look of a dot, in the sheet's own format, to be copied wherever such a dot stands. */
typedef struct
{
  cairo_surface_t *surface; /* NULL: not drawn yet */
  const guint32 *pixels;
  int side, stride; /* device px, pixels */
} Sprite;

typedef struct
{
  guint32 id;
  cairo_surface_t *surface;
} Thumbnail;

struct _KinMapCache
{
  cairo_surface_t *sheet;

  Sprite *sprites; /* (2 n_looks): as they are, then faded */
  guint n_looks;
  KinMapColoring coloring;
  gboolean is_circular;
  double radius;
  KinPlotStyle style;

  /* A picture stays until another one that shares its slot is needed. Keeps the set alive: an address may come again. */
  KinDataset *dataset;
  Thumbnail *thumbnails; /* (n_slots) */
  guint n_slots;
};

KinMapCache *
kin_map_cache_new (void)
{
  return g_new0 (KinMapCache, 1);
}

static void
drop_sprites (KinMapCache *cache)
{
  for (guint i = 0; i < 2 * cache->n_looks; i++)
    g_clear_pointer (&cache->sprites[i].surface, cairo_surface_destroy);
  g_clear_pointer (&cache->sprites, g_free);
  cache->n_looks = 0;
}

static void
drop_thumbnails (KinMapCache *cache)
{
  for (guint i = 0; i < cache->n_slots; i++)
    g_clear_pointer (&cache->thumbnails[i].surface, cairo_surface_destroy);
  g_clear_pointer (&cache->thumbnails, g_free);
  g_clear_pointer (&cache->dataset, kin_dataset_unref);
  cache->n_slots = 0;
}

void
kin_map_cache_free (KinMapCache *cache)
{
  g_clear_pointer (&cache->sheet, cairo_surface_destroy);
  drop_sprites (cache);
  drop_thumbnails (cache);
  g_free (cache);
}

static guint
count_looks (const KinMapData *data)
{
  switch (kin_map_effective_coloring (data))
    {
    case KIN_MAP_COLOR_NONE:
      return 1;
    case KIN_MAP_COLOR_CLASS:
      return MIN (data->dataset->n_classes, KIN_N_CLASS_COLORS * KIN_N_MARKERS) + 1;
    case KIN_MAP_COLOR_FACTOR:
      return FACTOR_SHADES + 1;
    }
  return 1;
}

/* The look of a row; the last one is for rows whose class or factor is not known. */
static guint
look_of (const KinMapData *data, KinMapColoring coloring, guint n_looks, guint row)
{
  if (coloring == KIN_MAP_COLOR_CLASS)
    {
      int c = kin_map_class_of (data, row);

      return c < 0 ? n_looks - 1 : (guint) c % (n_looks - 1);
    }
  if (coloring == KIN_MAP_COLOR_FACTOR)
    {
      double fraction = kin_map_factor_fraction (data, row);

      return isnan (fraction) ? n_looks - 1 : (guint) lround (CLAMP (fraction, 0, 1) * (FACTOR_SHADES - 1));
    }
  return 0;
}

static void
paint_look (cairo_t *cr, const KinMapData *data, const KinPlotStyle *style, guint look, guint n_looks, double alpha,
            double x, double y, double radius)
{
  KinMapColoring coloring = kin_map_effective_coloring (data);
  KinMarker marker = KIN_MARKER_DISC;
  KinColor color = style->muted;

  if (coloring == KIN_MAP_COLOR_NONE)
    color = kin_plot_class_color (style, 0);
  else if (coloring == KIN_MAP_COLOR_CLASS && look + 1 < n_looks)
    {
      color = kin_plot_class_color (style, look);
      marker = kin_plot_class_marker (look);
    }
  else if (coloring == KIN_MAP_COLOR_FACTOR && look + 1 < n_looks)
    {
      double fraction = look / (FACTOR_SHADES - 1.0);

      color = data->dataset->factors[data->factor].is_circular ? kin_plot_circular_color (fraction)
                                                               : kin_plot_sequential_color (fraction);
    }
  /* A rim of the card's colour keeps dots that lie on each other apart. */
  if (marker == KIN_MARKER_DISC)
    kin_plot_paint_marker (cr, marker, kin_color_with_alpha (style->card, alpha * 0.7), x, y, radius * 1.18);
  kin_plot_paint_marker (cr, marker, kin_color_with_alpha (color, alpha), x, y, radius);
}

static const Sprite *
ensure_sprite (KinMapCache *cache, const KinMapData *data, const KinPlotStyle *style, guint look, gboolean is_faded)
{
  Sprite *sprite = &cache->sprites[look + (is_faded ? cache->n_looks : 0)];
  double scale = style->device_scale;

  if (sprite->surface == NULL)
    {
      cairo_t *cr;

      sprite->side = 2 * (int) ceil (cache->radius * 1.4 * scale) + 3;
      sprite->surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, sprite->side, sprite->side);
      cr = cairo_create (sprite->surface);
      cairo_translate (cr, sprite->side / 2.0, sprite->side / 2.0);
      cairo_scale (cr, scale, scale);
      paint_look (cr, data, style, look, cache->n_looks, is_faded ? FADED : 0.92, 0, 0, cache->radius);
      cairo_destroy (cr);
      cairo_surface_flush (sprite->surface);
      sprite->pixels = (const guint32 *) cairo_image_surface_get_data (sprite->surface);
      sprite->stride = cairo_image_surface_get_stride (sprite->surface) / 4;
    }
  return sprite;
}

static gboolean
same_color (KinColor a, KinColor b)
{
  return a.r == b.r && a.g == b.g && a.b == b.b && a.a == b.a;
}

static void
prepare_sprites (KinMapCache *cache, const KinMapData *data, const KinPlotStyle *style)
{
  KinMapColoring coloring = kin_map_effective_coloring (data);
  gboolean is_circular
      = coloring == KIN_MAP_COLOR_FACTOR && data->dataset->factors[data->factor].is_circular;
  double radius = kin_map_dot_radius (data, style);
  guint n_looks = count_looks (data);

  if (cache->n_looks == n_looks && cache->coloring == coloring && cache->is_circular == is_circular
      && cache->radius == radius && cache->style.is_dark == style->is_dark
      && cache->style.device_scale == style->device_scale && same_color (cache->style.card, style->card)
      && same_color (cache->style.muted, style->muted))
    return;
  drop_sprites (cache);
  cache->sprites = g_new0 (Sprite, 2 * n_looks);
  cache->n_looks = n_looks;
  cache->coloring = coloring;
  cache->is_circular = is_circular;
  cache->radius = radius;
  cache->style = *style;
}

/* Premultiplied "over" of both channel pairs at once: each product stays within its 16 bits. */
static inline guint32
over (guint32 source, guint32 below)
{
  guint32 keep = 256 - (source >> 24);
  guint32 even = (below & 0x00ff00ff) * keep >> 8 & 0x00ff00ff;
  guint32 odd = (below >> 8 & 0x00ff00ff) * keep & 0xff00ff00;

  return source + (even | odd);
}

static void
splat (guint32 *sheet, int width, int height, int stride, const Sprite *sprite, double x, double y)
{
  int left = (int) lround (x - sprite->side / 2.0), top = (int) lround (y - sprite->side / 2.0);
  int first_x = MAX (0, -left), end_x = MIN (sprite->side, width - left);
  int first_y = MAX (0, -top), end_y = MIN (sprite->side, height - top);

  for (int row = first_y; row < end_y; row++)
    {
      const guint32 *source = sprite->pixels + (gsize) row * sprite->stride;
      guint32 *target = sheet + (gsize) (top + row) * stride + left;

      for (int column = first_x; column < end_x; column++)
        if (source[column] != 0)
          target[column] = over (source[column], target[column]);
    }
}

static gboolean
is_faded (const KinMapData *data, KinMapColoring coloring, guint row)
{
  return coloring == KIN_MAP_COLOR_CLASS && data->highlighted_class >= 0
         && kin_map_class_of (data, row) != data->highlighted_class;
}

static guint32 *
clear_sheet (KinMapCache *cache, int width, int height)
{
  guint8 *pixels;

  if (cache->sheet == NULL || cairo_image_surface_get_width (cache->sheet) != width
      || cairo_image_surface_get_height (cache->sheet) != height)
    {
      g_clear_pointer (&cache->sheet, cairo_surface_destroy);
      cache->sheet = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width, height);
    }
  cairo_surface_flush (cache->sheet);
  pixels = cairo_image_surface_get_data (cache->sheet);
  if (pixels != NULL)
    memset (pixels, 0, (gsize) cairo_image_surface_get_stride (cache->sheet) * height);
  return (guint32 *) pixels;
}

static void
splat_dots (cairo_t *cr, const KinMapData *data, KinMapCache *cache, const KinPlotStyle *style,
            const KinMapTransform *transform, double width, double height)
{
  double scale = style->device_scale;
  int sheet_width = (int) ceil (width * scale), sheet_height = (int) ceil (height * scale), stride;
  guint32 *pixels = clear_sheet (cache, sheet_width, sheet_height);

  if (pixels == NULL)
    return;
  prepare_sprites (cache, data, style);
  stride = cairo_image_surface_get_stride (cache->sheet) / 4;
  for (guint pass = 0; pass < 2; pass++) /* the faded ones first, below */
    for (guint row = 0; row < data->n; row++)
      {
        gboolean faded = is_faded (data, cache->coloring, row);
        double x, y;

        if (faded != (pass == 0) || !kin_map_point (data, transform, row, &x, &y))
          continue;
        if (x < -width || x > 2 * width || y < -height || y > 2 * height)
          continue;
        splat (pixels, sheet_width, sheet_height, stride,
               ensure_sprite (cache, data, style, look_of (data, cache->coloring, cache->n_looks, row), faded),
               x * scale, y * scale);
      }
  cairo_surface_mark_dirty (cache->sheet);
  cairo_save (cr);
  cairo_scale (cr, 1 / scale, 1 / scale);
  cairo_set_source_surface (cr, cache->sheet, 0, 0);
  cairo_paint (cr);
  cairo_restore (cr);
}

/* On a page every dot is a shape: it stays sharp at any size. Drawn once, so its cost does not matter. */
static void
draw_dots_as_shapes (cairo_t *cr, const KinMapData *data, const KinPlotStyle *style, const KinMapTransform *transform,
                     double width, double height)
{
  KinMapColoring coloring = kin_map_effective_coloring (data);
  guint n_looks = count_looks (data);
  double radius = kin_map_dot_radius (data, style);

  for (guint pass = 0; pass < 2; pass++)
    for (guint row = 0; row < data->n; row++)
      {
        gboolean faded = is_faded (data, coloring, row);
        double x, y;

        if (faded != (pass == 0) || !kin_map_point (data, transform, row, &x, &y))
          continue;
        if (x > -radius && x < width + radius && y > -radius && y < height + radius)
          paint_look (cr, data, style, look_of (data, coloring, n_looks, row), n_looks, faded ? FADED : 0.92, x, y,
                      radius);
      }
}

static gboolean
is_page (cairo_t *cr)
{
  cairo_surface_type_t type = cairo_surface_get_type (cairo_get_group_target (cr));

  return type == CAIRO_SURFACE_TYPE_SVG || type == CAIRO_SURFACE_TYPE_PDF || type == CAIRO_SURFACE_TYPE_PS;
}

static cairo_surface_t *
lookup_thumbnail (KinMapCache *cache, const KinDataset *dataset, guint32 id)
{
  Thumbnail *slot;

  if (cache->dataset != dataset)
    {
      drop_thumbnails (cache);
      cache->dataset = kin_dataset_ref ((KinDataset *) dataset);
      cache->n_slots = MIN (THUMBNAIL_SLOTS, THUMBNAIL_BYTES / (dataset->size * dataset->size * 4));
      cache->thumbnails = g_new0 (Thumbnail, cache->n_slots);
    }
  slot = &cache->thumbnails[id % cache->n_slots];
  if (slot->surface == NULL || slot->id != id)
    {
      g_clear_pointer (&slot->surface, cairo_surface_destroy);
      slot->surface = kin_plot_image_surface (kin_dataset_get_pixels (dataset, id), dataset->size, dataset->channels);
      slot->id = id;
    }
  return slot->surface;
}

static void
draw_thumbnail (cairo_t *cr, const KinMapData *data, KinMapCache *cache, const KinMapTransform *transform, guint row,
                double side, KinColor frame, double frame_px)
{
  double x, y;

  if (data->dataset == NULL || data->ids == NULL || data->ids[row] >= data->dataset->n_images
      || !kin_map_point (data, transform, row, &x, &y))
    return;
  x = round (x - side / 2);
  y = round (y - side / 2);
  kin_plot_set_color (cr, frame);
  cairo_rectangle (cr, x - frame_px, y - frame_px, side + 2 * frame_px, side + 2 * frame_px);
  cairo_fill (cr);
  kin_plot_paint_image (cr, lookup_thumbnail (cache, data->dataset, data->ids[row]), x, y, side);
}

/* The class is told by the colour of the frame; a line at most, so that pictures keep their own look. */
static void
draw_thumbnails (cairo_t *cr, const KinMapData *data, KinMapCache *cache, const KinPlotStyle *style,
                 const KinMapTransform *transform, double width, double height, double side)
{
  g_autoptr (GArray) rows = kin_map_visible_thumbnails (data, style, width, height);
  gboolean has_classes = kin_map_effective_coloring (data) == KIN_MAP_COLOR_CLASS;

  for (guint i = 0; i < rows->len; i++)
    {
      guint32 row = g_array_index (rows, guint32, i);
      int c = has_classes ? kin_map_class_of (data, row) : -1;

      if (!is_faded (data, has_classes ? KIN_MAP_COLOR_CLASS : KIN_MAP_COLOR_NONE, row))
        draw_thumbnail (cr, data, cache, transform, row, side - 2,
                        c >= 0 ? kin_plot_class_color (style, c) : style->grid, side >= 28 ? 1.5 : 1);
    }
}

static void
draw_neighbours (cairo_t *cr, const KinMapData *data, const KinPlotStyle *style, const KinMapTransform *transform)
{
  double from_x, from_y, x, y;

  if (data->selected < 0 || data->selected >= (int) data->n
      || !kin_map_point (data, transform, data->selected, &from_x, &from_y))
    return;
  kin_plot_set_color (cr, kin_color_with_alpha (style->accent, 0.7));
  cairo_set_line_width (cr, style->font_px * 0.1);
  for (guint i = 0; i < data->n_neighbours; i++)
    if (data->neighbours[i] < data->n && kin_map_point (data, transform, data->neighbours[i], &x, &y))
      {
        cairo_move_to (cr, from_x, from_y);
        cairo_line_to (cr, x, y);
        cairo_stroke (cr);
        cairo_arc (cr, x, y, kin_map_dot_radius (data, style) + 2, 0, 2 * G_PI);
        cairo_stroke (cr);
      }
}

static void
draw_focus (cairo_t *cr, const KinMapData *data, KinMapCache *cache, const KinPlotStyle *style,
            const KinMapTransform *transform, int row, double side, KinColor color)
{
  double x, y;

  if (row < 0 || row >= (int) data->n || !kin_map_point (data, transform, row, &x, &y))
    return;
  if (data->dataset != NULL && data->ids != NULL)
    {
      draw_thumbnail (cr, data, cache, transform, row, side, color, 2);
      return;
    }
  kin_plot_set_color (cr, color);
  cairo_set_line_width (cr, 2);
  cairo_arc (cr, x, y, kin_map_dot_radius (data, style) + 3, 0, 2 * G_PI);
  cairo_stroke (cr);
}

static void
draw_points (cairo_t *cr, const KinMapData *data, KinMapCache *cache, const KinPlotStyle *style, double width,
             double height)
{
  KinMapTransform transform = kin_map_transform (data, style, width, height);
  double side = kin_map_thumbnail_px (data, style, width, height), focus = kin_map_focus_px (data, style, side);
  KinMapFrame frame = kin_map_frame (data, style, width, height);

  cairo_save (cr);
  cairo_rectangle (cr, 0, 0, frame.legend_width > 0 ? frame.legend_x - style->font_px * 0.4 : width, height);
  cairo_clip (cr);
  if (is_page (cr))
    draw_dots_as_shapes (cr, data, style, &transform, width, height);
  else
    splat_dots (cr, data, cache, style, &transform, width, height);
  if (side > 0)
    draw_thumbnails (cr, data, cache, style, &transform, width, height, side);
  draw_neighbours (cr, data, style, &transform);
  draw_focus (cr, data, cache, style, &transform, data->selected, focus, style->accent);
  if (data->hovered != data->selected)
    draw_focus (cr, data, cache, style, &transform, data->hovered, focus, style->foreground);
  cairo_restore (cr);
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
    kin_plot_text (cr, style, KIN_TEXT_SMALL, style->muted, style->font_px * 0.75, height - style->font_px * 0.4, 0, 1,
                   width - style->font_px * 1.5, data->caption);
}
