#include "ui/plot/map-sheet.h"

#include <math.h>
#include <string.h>

#define FACTOR_SHADES 64
#define THUMBNAIL_BYTES (32u << 20)
#define THUMBNAIL_SLOTS 8192u
#define ALPHA 0.92
#define ALPHA_FADED 0.15

/* One look of a dot, in the sheet's own format, to be copied wherever such a dot stands. */
typedef struct
{
  cairo_surface_t *surface; /* NULL: not drawn yet */
  const guint32 *pixels;
  int side, stride; /* device px, pixels */
} Sprite;

/* A picture at the size it is shown in. */
typedef struct
{
  guint32 id;
  guint32 *pixels; /* (side, side); NULL: free */
} Thumbnail;

struct _KinMapCache
{
  cairo_surface_t *surface;
  guint32 *pixels; /* of the surface; NULL when there is no memory for it */
  int width, height, stride;
  double scale; /* device px a px */

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
  int thumbnail_side; /* device px */
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
    g_free (cache->thumbnails[i].pixels);
  g_clear_pointer (&cache->thumbnails, g_free);
  g_clear_pointer (&cache->dataset, kin_dataset_unref);
  cache->n_slots = 0;
}

void
kin_map_cache_free (KinMapCache *cache)
{
  g_clear_pointer (&cache->surface, cairo_surface_destroy);
  drop_sprites (cache);
  drop_thumbnails (cache);
  g_free (cache);
}

guint
kin_map_n_looks (const KinMapData *data)
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

/* The last look is for rows whose class or factor is not known. */
guint
kin_map_look_of (const KinMapData *data, KinMapColoring coloring, guint n_looks, guint row)
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

void
kin_map_paint_look (cairo_t *cr, const KinMapData *data, const KinPlotStyle *style, guint look, guint n_looks,
                    gboolean is_faded, double x, double y, double radius)
{
  KinMapColoring coloring = kin_map_effective_coloring (data);
  double alpha = is_faded ? ALPHA_FADED : ALPHA;
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
    kin_plot_paint_marker (cr, marker, kin_color_with_alpha (style->card, alpha * 0.6), x, y, radius * 1.15);
  kin_plot_paint_marker (cr, marker, kin_color_with_alpha (color, alpha), x, y, radius);
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
  gboolean is_circular = coloring == KIN_MAP_COLOR_FACTOR && data->dataset->factors[data->factor].is_circular;
  double radius = kin_map_dot_radius (data, style);
  guint n_looks = kin_map_n_looks (data);

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

static const Sprite *
ensure_sprite (KinMapCache *cache, const KinMapData *data, guint look, gboolean is_faded)
{
  Sprite *sprite = &cache->sprites[look + (is_faded ? cache->n_looks : 0)];
  cairo_t *cr;

  if (sprite->surface != NULL)
    return sprite;
  sprite->side = 2 * (int) ceil (cache->radius * 1.4 * cache->scale) + 3;
  sprite->surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, sprite->side, sprite->side);
  cr = cairo_create (sprite->surface);
  cairo_translate (cr, sprite->side / 2.0, sprite->side / 2.0);
  cairo_scale (cr, cache->scale, cache->scale);
  kin_map_paint_look (cr, data, &cache->style, look, cache->n_looks, is_faded, 0, 0, cache->radius);
  cairo_destroy (cr);
  cairo_surface_flush (sprite->surface);
  sprite->pixels = (const guint32 *) cairo_image_surface_get_data (sprite->surface);
  sprite->stride = cairo_image_surface_get_stride (sprite->surface) / 4;
  return sprite;
}

void
kin_map_sheet_begin (KinMapCache *cache, const KinMapData *data, const KinPlotStyle *style, double width, double height)
{
  cache->scale = style->device_scale;
  cache->width = (int) ceil (width * cache->scale);
  cache->height = (int) ceil (height * cache->scale);
  if (cache->surface == NULL || cairo_image_surface_get_width (cache->surface) != cache->width
      || cairo_image_surface_get_height (cache->surface) != cache->height)
    {
      g_clear_pointer (&cache->surface, cairo_surface_destroy);
      cache->surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, cache->width, cache->height);
    }
  cairo_surface_flush (cache->surface);
  cache->pixels = (guint32 *) cairo_image_surface_get_data (cache->surface);
  cache->stride = cairo_image_surface_get_stride (cache->surface) / 4;
  if (cache->pixels != NULL)
    memset (cache->pixels, 0, (gsize) cache->stride * 4 * cache->height);
  prepare_sprites (cache, data, style);
}

void
kin_map_sheet_end (KinMapCache *cache, cairo_t *cr)
{
  if (cache->pixels == NULL)
    return;
  cairo_surface_mark_dirty (cache->surface);
  cairo_save (cr);
  cairo_scale (cr, 1 / cache->scale, 1 / cache->scale);
  cairo_set_source_surface (cr, cache->surface, 0, 0);
  cairo_paint (cr);
  cairo_restore (cr);
}

/* The part of a square at (@left, @top) that lies on the sheet; FALSE when none does. */
static gboolean
clip_square (const KinMapCache *cache, int left, int top, int side, int *x0, int *y0, int *x1, int *y1)
{
  *x0 = MAX (0, left);
  *y0 = MAX (0, top);
  *x1 = MIN (cache->width, left + side);
  *y1 = MIN (cache->height, top + side);
  return cache->pixels != NULL && *x0 < *x1 && *y0 < *y1;
}

/* Far outside, so that a coordinate fits an int. */
static gboolean
is_near (const KinMapCache *cache, double x, double y)
{
  return x > -cache->width && x < 2.0 * cache->width && y > -cache->height && y < 2.0 * cache->height;
}

/* Premultiplied "over", two channels at once: each product stays within its 16 bits. */
static inline guint32
over (guint32 source, guint32 below)
{
  guint32 keep = 256 - (source >> 24);
  guint32 even = (below & 0x00ff00ff) * keep >> 8 & 0x00ff00ff;
  guint32 odd = (below >> 8 & 0x00ff00ff) * keep & 0xff00ff00;

  return source + (even | odd);
}

void
kin_map_sheet_dot (KinMapCache *cache, const KinMapData *data, guint row, gboolean is_faded, double x, double y)
{
  const Sprite *sprite;
  int left, top, x0, y0, x1, y1;

  x *= cache->scale;
  y *= cache->scale;
  if (!is_near (cache, x, y))
    return;
  sprite = ensure_sprite (cache, data, kin_map_look_of (data, cache->coloring, cache->n_looks, row), is_faded);
  left = (int) lround (x - sprite->side / 2.0);
  top = (int) lround (y - sprite->side / 2.0);
  if (!clip_square (cache, left, top, sprite->side, &x0, &y0, &x1, &y1))
    return;
  for (int v = y0; v < y1; v++)
    {
      const guint32 *source = sprite->pixels + (gsize) (v - top) * sprite->stride - left;
      guint32 *target = cache->pixels + (gsize) v * cache->stride;

      for (int u = x0; u < x1; u++)
        if (source[u] != 0)
          target[u] = over (source[u], target[u]);
    }
}

/* The mean of the pixels that fall on one, or the nearest one when enlarged. */
static guint32
sample (const guint8 *pixels, guint size, guint channels, guint x0, guint x1, guint y0, guint y1)
{
  guint sum[3] = { 0 }, n = (x1 - x0) * (y1 - y0);

  for (guint y = y0; y < y1; y++)
    for (guint x = x0; x < x1; x++)
      for (guint c = 0; c < channels; c++)
        sum[c] += pixels[((gsize) y * size + x) * channels + c];
  if (channels == 1)
    sum[1] = sum[2] = sum[0];
  return 0xff000000u | (sum[0] + n / 2) / n << 16 | (sum[1] + n / 2) / n << 8 | (sum[2] + n / 2) / n;
}

static guint32 *
scale_picture (const KinDataset *dataset, guint32 id, guint side)
{
  guint32 *scaled = g_new (guint32, (gsize) side * side);
  const guint8 *pixels = kin_dataset_get_pixels (dataset, id);
  guint size = dataset->size;

  for (guint y = 0; y < side; y++)
    for (guint x = 0; x < side; x++)
      {
        guint x0 = x * size / side, y0 = y * size / side;

        scaled[y * side + x] = sample (pixels, size, dataset->channels, x0, MAX ((x + 1) * size / side, x0 + 1), y0,
                                       MAX ((y + 1) * size / side, y0 + 1));
      }
  return scaled;
}

static const guint32 *
ensure_thumbnail (KinMapCache *cache, const KinDataset *dataset, guint32 id, int side)
{
  Thumbnail *slot;

  if (cache->dataset != dataset || cache->thumbnail_side != side)
    {
      drop_thumbnails (cache);
      cache->dataset = kin_dataset_ref ((KinDataset *) dataset);
      cache->thumbnail_side = side;
      cache->n_slots = CLAMP (THUMBNAIL_BYTES / ((guint) side * side * 4), 1, THUMBNAIL_SLOTS);
      cache->thumbnails = g_new0 (Thumbnail, cache->n_slots);
    }
  slot = &cache->thumbnails[id % cache->n_slots];
  if (slot->pixels == NULL || slot->id != id)
    {
      g_free (slot->pixels);
      slot->pixels = scale_picture (dataset, id, side);
      slot->id = id;
    }
  return slot->pixels;
}

static void
fill_square (KinMapCache *cache, int left, int top, int side, KinColor color)
{
  guint32 pixel = 0xff000000u | (guint32) lround (color.r * 255) << 16 | (guint32) lround (color.g * 255) << 8
                  | (guint32) lround (color.b * 255);
  int x0, y0, x1, y1;

  if (!clip_square (cache, left, top, side, &x0, &y0, &x1, &y1))
    return;
  for (int y = y0; y < y1; y++)
    for (int x = x0; x < x1; x++)
      cache->pixels[(gsize) y * cache->stride + x] = pixel;
}

void
kin_map_sheet_thumbnail (KinMapCache *cache, const KinDataset *dataset, guint32 id, double x, double y, double side,
                         KinColor frame, double frame_px)
{
  int side_px = MAX ((int) lround (side * cache->scale), 1), border = MAX ((int) lround (frame_px * cache->scale), 1);
  int left, top, x0, y0, x1, y1;
  const guint32 *picture;

  x *= cache->scale;
  y *= cache->scale;
  if (!is_near (cache, x, y))
    return;
  left = (int) lround (x - side_px / 2.0);
  top = (int) lround (y - side_px / 2.0);
  fill_square (cache, left - border, top - border, side_px + 2 * border, frame);
  if (!clip_square (cache, left, top, side_px, &x0, &y0, &x1, &y1))
    return;
  picture = ensure_thumbnail (cache, dataset, id, side_px);
  for (int v = y0; v < y1; v++)
    memcpy (cache->pixels + (gsize) v * cache->stride + x0, picture + (gsize) (v - top) * side_px + (x0 - left),
            (gsize) (x1 - x0) * 4);
}
