#include "ui/plot/map-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

/* In sizes of the ordinary text. */
#define MARGIN 1.2
#define CAPTION_HEIGHT 1.5
#define LEGEND_WIDTH 8.8
#define LEGEND_WIDTH_MAX 16.0
#define LEGEND_LINE 1.45
#define PLOT_WIDTH_MIN 12.0
#define DOT_RADIUS 0.23
#define REACH 0.6 /* how far from a dot the pointer still means it */
#define THUMBNAIL_MIN 1.6
#define THUMBNAIL_MAX 5.0

void
kin_map_data_from_embedding (KinMapData *data, const KinDataset *dataset, const KinEmbedding *embedding)
{
  gboolean has_map = embedding != NULL && embedding->map != NULL;

  data->dataset = dataset;
  data->n = has_map ? embedding->n : 0;
  data->xy = has_map ? embedding->map : NULL;
  data->ids = has_map ? embedding->ids : NULL;
  data->bounds = kin_map_bounds (data->xy, data->n);
}

KinMapBounds
kin_map_bounds (const float *xy, guint n)
{
  KinMapBounds bounds = { INFINITY, INFINITY, -INFINITY, -INFINITY };

  for (guint row = 0; row < n; row++)
    {
      double x = xy[2 * (gsize) row], y = xy[2 * (gsize) row + 1];

      if (!isfinite (x) || !isfinite (y))
        continue;
      bounds.min_x = MIN (bounds.min_x, x);
      bounds.max_x = MAX (bounds.max_x, x);
      bounds.min_y = MIN (bounds.min_y, y);
      bounds.max_y = MAX (bounds.max_y, y);
    }
  return bounds.min_x <= bounds.max_x ? bounds : (KinMapBounds){ -1, -1, 1, 1 };
}

KinMapColoring
kin_map_effective_coloring (const KinMapData *data)
{
  if (data->dataset == NULL || data->ids == NULL)
    return KIN_MAP_COLOR_NONE;
  if (data->coloring == KIN_MAP_COLOR_CLASS && data->dataset->labels == NULL)
    return KIN_MAP_COLOR_NONE;
  if (data->coloring == KIN_MAP_COLOR_FACTOR && data->factor >= data->dataset->n_factors)
    return KIN_MAP_COLOR_NONE;
  return data->coloring;
}

int
kin_map_class_of (const KinMapData *data, guint row)
{
  guint32 id = data->ids[row];

  return id < data->dataset->n_images ? data->dataset->labels[id] : -1;
}

double
kin_map_factor_fraction (const KinMapData *data, guint row)
{
  const KinFactor *factor = &data->dataset->factors[data->factor];
  double range = (double) factor->max - factor->min;

  if (data->ids[row] >= data->dataset->n_images)
    return NAN;
  return range > 0 ? (factor->values[data->ids[row]] - factor->min) / range : 0.5;
}

static KinMapFrame
plain_frame (const KinMapData *data, const KinPlotStyle *style, double width, double height)
{
  double em = style->font_px, margin = MIN (MARGIN * em, 0.08 * MIN (width, height));
  gboolean has_legend = kin_map_effective_coloring (data) != KIN_MAP_COLOR_NONE && height >= 8 * em
                        && width >= (PLOT_WIDTH_MIN + LEGEND_WIDTH) * em;
  double caption = data->caption != NULL && height >= 8 * em ? CAPTION_HEIGHT * em : 0;
  KinMapFrame frame = { .x = margin, .y = margin };

  if (has_legend)
    frame.legend_width = MIN (MIN (MAX (LEGEND_WIDTH * em, width * 0.16), LEGEND_WIDTH_MAX * em), width * 0.36);
  frame.width = MAX (width - 2 * margin - frame.legend_width, 1);
  frame.clip_x = has_legend ? frame.x + frame.width + em * 0.5 : width;
  frame.legend_x = frame.clip_x + em * 0.4;
  frame.height = MAX (height - 2 * margin - caption, 1);
  return frame;
}

/* Half of the map's longer extent, map units: the unit of KinMapView. */
static double
half_extent (const KinMapBounds *bounds)
{
  double half = MAX (bounds->max_x - bounds->min_x, bounds->max_y - bounds->min_y) / 2;

  return isfinite (half) && half > 0 ? half : 1;
}

/* px a map unit with the whole map in the frame. */
static double
fit_scale (const KinMapData *data, const KinMapFrame *frame)
{
  double half = half_extent (&data->bounds), tiny = half * 1e-6;
  double dx = MAX (data->bounds.max_x - data->bounds.min_x, tiny);
  double dy = MAX (data->bounds.max_y - data->bounds.min_y, tiny);

  return MIN (MIN (frame->width / dx, frame->height / dy), MIN (frame->width, frame->height) / (half * 0.2));
}

/* Pictures are as large as the mean distance of points allows, so they come with the zoom. */
static double
thumbnail_px (const KinMapData *data, const KinMapFrame *frame, double em, double zoom)
{
  double scale = fit_scale (data, frame);
  double dx = (data->bounds.max_x - data->bounds.min_x) * scale, dy = (data->bounds.max_y - data->bounds.min_y) * scale;
  double spacing = sqrt (MAX (dx, em) * MAX (dy, em) / MAX (data->n, 1)) * zoom;

  if (data->dataset == NULL || data->ids == NULL || data->mode == KIN_MAP_DOTS
      || (data->mode == KIN_MAP_AUTO && spacing < THUMBNAIL_MIN * em))
    return 0;
  return round (CLAMP (spacing, THUMBNAIL_MIN * em, THUMBNAIL_MAX * em));
}

/* Where the whole map is seen in pictures, those at its edge are seen whole. The same for every zoom. */
KinMapFrame
kin_map_frame (const KinMapData *data, const KinPlotStyle *style, double width, double height)
{
  KinMapFrame frame = plain_frame (data, style, width, height);
  double room = thumbnail_px (data, &frame, style->font_px, 1) / 2 - frame.x;

  if (room <= 0 || frame.width <= 4 * room || frame.height <= 4 * room)
    return frame;
  frame.x += room;
  frame.y += room;
  frame.width -= 2 * room;
  frame.height -= 2 * room;
  return frame;
}

KinMapTransform
kin_map_transform (const KinMapData *data, const KinPlotStyle *style, double width, double height)
{
  KinMapFrame frame = kin_map_frame (data, style, width, height);
  double half = half_extent (&data->bounds);
  double center_x = (data->bounds.min_x + data->bounds.max_x) / 2 + data->view.x * half;
  double center_y = (data->bounds.min_y + data->bounds.max_y) / 2 + data->view.y * half;
  KinMapTransform transform;

  transform.scale = fit_scale (data, &frame) * data->view.zoom;
  transform.x = frame.x + frame.width / 2 - transform.scale * center_x;
  transform.y = frame.y + frame.height / 2 + transform.scale * center_y;
  return transform;
}

void
kin_map_pan (KinMapData *data, const KinPlotStyle *style, double width, double height, double dx, double dy)
{
  KinMapTransform transform = kin_map_transform (data, style, width, height);
  double unit = transform.scale * half_extent (&data->bounds);

  data->view.x = CLAMP (data->view.x - dx / unit, -1.5, 1.5);
  data->view.y = CLAMP (data->view.y + dy / unit, -1.5, 1.5);
}

void
kin_map_zoom_at (KinMapData *data, const KinPlotStyle *style, double width, double height, double x, double y,
                 double factor)
{
  KinMapTransform before = kin_map_transform (data, style, width, height), after;
  double map_x = (x - before.x) / before.scale, map_y = (before.y - y) / before.scale;

  data->view.zoom = CLAMP (data->view.zoom * factor, 0.5, KIN_MAP_ZOOM_MAX);
  after = kin_map_transform (data, style, width, height);
  kin_map_pan (data, style, width, height, x - (after.x + after.scale * map_x), y - (after.y - after.scale * map_y));
}

gboolean
kin_map_point (const KinMapData *data, const KinMapTransform *transform, guint row, double *x, double *y)
{
  *x = transform->x + transform->scale * data->xy[2 * (gsize) row];
  *y = transform->y - transform->scale * data->xy[2 * (gsize) row + 1];
  return isfinite (*x) && isfinite (*y);
}

double
kin_map_dot_radius (const KinMapData *data, const KinPlotStyle *style)
{
  double crowd = CLAMP (pow (2000.0 / MAX (data->n, 1), 0.25), 0.6, 1.4);

  return style->font_px * DOT_RADIUS * crowd * CLAMP (pow (data->view.zoom, 0.25), 1, 1.6);
}

double
kin_map_focus_px (const KinMapData *data, const KinPlotStyle *style, double thumbnail_px)
{
  return MAX (2.6 * style->font_px, thumbnail_px * 1.25);
}

double
kin_map_thumbnail_px (const KinMapData *data, const KinPlotStyle *style, double width, double height)
{
  KinMapFrame frame = kin_map_frame (data, style, width, height);

  return thumbnail_px (data, &frame, style->font_px, data->view.zoom);
}

/* Remembers the cells that are taken: open addressing, a power of two of slots. */
typedef struct
{
  gsize mask;
  guint64 *cells; /* cell + 1; 0: free */
} CellSet;

static gboolean
cell_set_add (CellSet *set, gint64 column, gint64 row)
{
  guint64 cell = ((guint64) (guint32) column << 32 | (guint32) row) + 1;
  gsize slot = (cell * 0x9e3779b97f4a7c15u >> 20) & set->mask;

  for (; set->cells[slot] != 0; slot = (slot + 1) & set->mask)
    if (set->cells[slot] == cell)
      return FALSE;
  set->cells[slot] = cell;
  return TRUE;
}

GArray *
kin_map_visible_thumbnails (const KinMapData *data, const KinPlotStyle *style, double width, double height)
{
  GArray *rows = g_array_new (FALSE, FALSE, sizeof (guint32));
  double side = kin_map_thumbnail_px (data, style, width, height);
  KinMapTransform transform = kin_map_transform (data, style, width, height);
  KinMapFrame frame = kin_map_frame (data, style, width, height);
  CellSet taken = { .mask = 63 };

  if (!(side > 0))
    return rows;
  while (taken.mask < 2 * (gsize) data->n)
    taken.mask = 2 * taken.mask + 1;
  taken.cells = g_new0 (guint64, taken.mask + 1);
  for (guint row = 0; row < data->n; row++)
    {
      double x, y;

      if (!kin_map_point (data, &transform, row, &x, &y) || data->ids[row] >= data->dataset->n_images)
        continue;
      if (x < -side / 2 || x > frame.clip_x + side / 2 || y < -side / 2 || y > height + side / 2)
        continue;
      /* Counted from the map's origin, not from the corner of the view: the choice moves with the map. */
      if (cell_set_add (&taken, (gint64) floor ((x - transform.x) / side), (gint64) floor ((y - transform.y) / side)))
        g_array_append_val (rows, row);
    }
  g_free (taken.cells);
  return rows;
}

struct _KinMapIndex
{
  const float *xy;
  KinMapBounds bounds;
  guint side;        /* cells along each side */
  guint32 *first;    /* (side² + 1) place in rows of each cell's first */
  guint32 *rows;     /* finite points by cell, ascending */
};

static guint
index_cell (double value, double min, double max, guint side)
{
  double cell = max > min ? (value - min) / (max - min) * side : 0;

  return (guint) CLAMP (cell, 0, side - 1);
}

static guint
cell_of (const KinMapIndex *index, guint row)
{
  const float *p = index->xy + 2 * (gsize) row;

  return index_cell (p[1], index->bounds.min_y, index->bounds.max_y, index->side) * index->side
         + index_cell (p[0], index->bounds.min_x, index->bounds.max_x, index->side);
}

static gboolean
is_finite_point (const float *xy, guint row)
{
  return isfinite (xy[2 * (gsize) row]) && isfinite (xy[2 * (gsize) row + 1]);
}

KinMapIndex *
kin_map_index_new (const float *xy, guint n)
{
  KinMapIndex *index = g_new0 (KinMapIndex, 1);
  guint n_finite = 0;
  gsize cells;

  index->xy = xy;
  index->bounds = kin_map_bounds (xy, n);
  index->side = CLAMP ((guint) sqrt (n / 2.0), 1, 512);
  cells = (gsize) index->side * index->side;
  index->first = g_new0 (guint32, cells + 1);
  index->rows = g_new (guint32, MAX (n, 1));
  for (guint row = 0; row < n; row++)
    if (is_finite_point (xy, row))
      {
        index->first[cell_of (index, row) + 1]++;
        n_finite++;
      }
  for (gsize cell = 0; cell < cells; cell++)
    index->first[cell + 1] += index->first[cell];
  /* Filled from the end, the end of each cell walks back to its first place; then they move down by one. */
  for (guint row = n; row > 0; row--)
    if (is_finite_point (xy, row - 1))
      index->rows[--index->first[cell_of (index, row - 1) + 1]] = row - 1;
  for (gsize cell = 0; cell < cells; cell++)
    index->first[cell] = index->first[cell + 1];
  index->first[cells] = n_finite;
  return index;
}

void
kin_map_index_free (KinMapIndex *index)
{
  g_free (index->first);
  g_free (index->rows);
  g_free (index);
}

static void
take_nearer (const float *xy, guint row, double x, double y, double *nearest, int *found)
{
  double dx = xy[2 * (gsize) row] - x, dy = xy[2 * (gsize) row + 1] - y, distance = dx * dx + dy * dy;

  if (distance <= *nearest && (distance < *nearest || *found < 0))
    {
      *nearest = distance;
      *found = row;
    }
}

int
kin_map_index_nearest (const KinMapIndex *index, double x, double y, double reach)
{
  const KinMapBounds *b = &index->bounds;
  guint left = index_cell (x - reach, b->min_x, b->max_x, index->side);
  guint right = index_cell (x + reach, b->min_x, b->max_x, index->side);
  guint bottom = index_cell (y - reach, b->min_y, b->max_y, index->side);
  guint top = index_cell (y + reach, b->min_y, b->max_y, index->side);
  double nearest = reach * reach;
  int found = -1;

  for (guint row = bottom; row <= top; row++)
    for (guint column = left; column <= right; column++)
      {
        gsize cell = (gsize) row * index->side + column;

        for (guint32 i = index->first[cell]; i < index->first[cell + 1]; i++)
          take_nearer (index->xy, index->rows[i], x, y, &nearest, &found);
      }
  return found;
}

static gboolean
is_within (const KinMapData *data, const KinMapTransform *transform, guint row, double side, double x, double y)
{
  double center_x, center_y;

  return kin_map_point (data, transform, row, &center_x, &center_y) && fabs (x - center_x) <= side / 2
         && fabs (y - center_y) <= side / 2;
}

/* The topmost picture at a place: the hovered one is drawn last, over all others. */
static int
hit_thumbnail (const KinMapData *data, const KinPlotStyle *style, const KinMapTransform *transform, double width,
               double height, double x, double y)
{
  double side = kin_map_thumbnail_px (data, style, width, height);
  g_autoptr (GArray) rows = NULL;

  if (!(side > 0))
    return -1;
  rows = kin_map_visible_thumbnails (data, style, width, height);
  if (data->hovered >= 0 && data->hovered < (int) data->n
      && is_within (data, transform, data->hovered, side, x, y))
    return data->hovered;
  for (guint i = rows->len; i > 0; i--)
    if (is_within (data, transform, g_array_index (rows, guint32, i - 1), side, x, y))
      return g_array_index (rows, guint32, i - 1);
  return -1;
}

int
kin_map_hit (const KinMapData *data, const KinMapIndex *index, const KinPlotStyle *style, double width, double height,
             double x, double y)
{
  KinMapTransform transform = kin_map_transform (data, style, width, height);
  KinMapFrame frame = kin_map_frame (data, style, width, height);
  double map_x = (x - transform.x) / transform.scale, map_y = (transform.y - y) / transform.scale;
  double reach = (REACH * style->font_px) / transform.scale, nearest = reach * reach;
  int found;

  if (data->n == 0 || x < 0 || x > width || y < 0 || y > height || x > frame.clip_x)
    return -1;
  found = hit_thumbnail (data, style, &transform, width, height, x, y);
  if (found >= 0)
    return found;
  if (index != NULL)
    return kin_map_index_nearest (index, map_x, map_y, reach);
  for (guint row = 0; row < data->n; row++)
    if (is_finite_point (data->xy, row))
      take_nearer (data->xy, row, map_x, map_y, &nearest, &found);
  return found;
}

gboolean
kin_map_legend (const KinMapData *data, const KinPlotStyle *style, double width, double height, KinMapLegend *legend)
{
  KinMapFrame frame = kin_map_frame (data, style, width, height);
  guint n, lines;

  if (kin_map_effective_coloring (data) != KIN_MAP_COLOR_CLASS || !(frame.legend_width > 0) || data->n == 0)
    return FALSE;
  n = data->dataset->n_classes;
  legend->x = frame.legend_x;
  legend->y = frame.y;
  legend->line_height = LEGEND_LINE * style->font_px;
  lines = MAX ((guint) (frame.height / legend->line_height), 1);
  legend->n_shown = n <= lines ? n : lines - 1;
  return TRUE;
}

int
kin_map_legend_hit (const KinMapData *data, const KinPlotStyle *style, double width, double height, double x, double y)
{
  KinMapLegend legend;

  if (!kin_map_legend (data, style, width, height, &legend) || x < legend.x || x > width || y < legend.y
      || y >= legend.y + legend.n_shown * legend.line_height)
    return -1;
  return (int) ((y - legend.y) / legend.line_height);
}

char *
kin_map_dup_caption (const KinEmbedding *embedding)
{
  if (isfinite (embedding->explained) && embedding->explained > 0)
    return g_strdup_printf (_("PCA of h · %.0f %% of the variance · epoch %.3g"), embedding->explained * 100,
                            embedding->epoch);
  return g_strdup_printf (_("PCA of h · epoch %.3g"), embedding->epoch);
}
