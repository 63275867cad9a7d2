#pragma once

#include "engine/dataset.h"
#include "engine/embedding.h"
#include "ui/plot/style.h"

G_BEGIN_DECLS

typedef enum
{
  KIN_MAP_COLOR_NONE,
  KIN_MAP_COLOR_CLASS,
  KIN_MAP_COLOR_FACTOR,
} KinMapColoring;

typedef enum
{
  KIN_MAP_AUTO,       /* dots, and thumbnails where there is room for them */
  KIN_MAP_DOTS,
  KIN_MAP_THUMBNAILS,
} KinMapMode;

/* Extent of the finite points, in map units. */
typedef struct
{
  double min_x, min_y, max_x, max_y;
} KinMapBounds;

/* Where one looks, relative to the whole map in view: survives a new layout and a new size. */
typedef struct
{
  double zoom; /* 1: the whole map */
  double x, y; /* centre of the view, in halves of the map's longer extent; (0, 0) its middle, y upwards */
} KinMapView;

#define KIN_MAP_VIEW_INIT { .zoom = 1 }
#define KIN_MAP_ZOOM_MAX 200.0

typedef struct
{
  const KinDataset *dataset; /* (nullable): dots without colours or pictures */
  guint n;                   /* 0: the empty state */
  const float *xy;           /* (n, 2) map units; points that are not finite are left out */
  const guint32 *ids;        /* (n) image of each row */
  KinMapBounds bounds;       /* kin_map_bounds() of xy, or any other that is to fill the view */
  KinMapView view;
  KinMapMode mode;
  KinMapColoring coloring; /* falls back to NONE where the set lacks labels or the factor */
  guint factor;            /* for KIN_MAP_COLOR_FACTOR */
  int highlighted_class;   /* the others are faded; -1 for none */
  int hovered, selected;   /* rows, or -1 */
  const guint32 *neighbours; /* (n_neighbours) rows, lines are drawn to them from selected */
  guint n_neighbours;
  const char *caption; /* (nullable) */
} KinMapData;

#define KIN_MAP_DATA_INIT                                                                                              \
  { .view = KIN_MAP_VIEW_INIT, .coloring = KIN_MAP_COLOR_CLASS, .highlighted_class = -1, .hovered = -1, .selected = -1 }

/**
 * kin_map_data_from_embedding:
 *
 * Sets dataset, points, ids and bounds; leaves view, mode, colouring and selection as they are. An embedding without a
 * map (or NULL) gives the empty state.
 */
void kin_map_data_from_embedding (KinMapData *data, const KinDataset *dataset, const KinEmbedding *embedding);

KinMapBounds kin_map_bounds (const float *xy, guint n);

/* px = x + scale · map_x;  py = y − scale · map_y */
typedef struct
{
  double scale; /* px a map unit */
  double x, y;  /* px of the map's origin */
} KinMapTransform;

KinMapTransform kin_map_transform (const KinMapData *data, const KinPlotStyle *style, double width, double height);

/* Keeps what is under (@x, @y) px where it is. */
void kin_map_zoom_at (KinMapData *data, const KinPlotStyle *style, double width, double height, double x, double y,
                      double factor);
void kin_map_pan (KinMapData *data, const KinPlotStyle *style, double width, double height, double dx, double dy);

/**
 * kin_map_thumbnail_px:
 *
 * Returns: side of the thumbnails in this view, or 0 while dots are drawn
 */
double kin_map_thumbnail_px (const KinMapData *data, const KinPlotStyle *style, double width, double height);

/**
 * kin_map_visible_thumbnails:
 *
 * Returns: (transfer full) (element-type guint32): rows whose pictures are drawn, in drawing order: one for each cell
 *   of a grid that moves with the map, so that panning changes none
 */
GArray *kin_map_visible_thumbnails (const KinMapData *data, const KinPlotStyle *style, double width, double height);

/**
 * KinMapIndex:
 *
 * A uniform grid over the points: finds the nearest in constant time. Made once for a layout; borrows xy.
 */
typedef struct _KinMapIndex KinMapIndex;
KinMapIndex *kin_map_index_new (const float *xy, guint n);
void kin_map_index_free (KinMapIndex *index);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KinMapIndex, kin_map_index_free)

/**
 * kin_map_index_nearest:
 * @reach: map units
 *
 * Returns: the row nearest to (@x, @y), or -1 when none is within @reach
 */
int kin_map_index_nearest (const KinMapIndex *index, double x, double y, double reach);

/**
 * kin_map_hit:
 * @index: (nullable): of data->xy; without it every point is looked at
 *
 * Returns: the row under the pointer (the topmost thumbnail, or the nearest dot within reach), or -1
 */
int kin_map_hit (const KinMapData *data, const KinMapIndex *index, const KinPlotStyle *style, double width,
                 double height, double x, double y);

/**
 * kin_map_legend_hit:
 *
 * Returns: the class whose line of the legend is under the pointer, or -1
 */
int kin_map_legend_hit (const KinMapData *data, const KinPlotStyle *style, double width, double height, double x,
                        double y);

/**
 * KinMapCache:
 *
 * Pictures that are worth keeping between frames: sprites of the dots, the sheet that they are splatted on, recent
 * thumbnails (32 MiB at most). Holds nothing that changes what is drawn.
 */
typedef struct _KinMapCache KinMapCache;
KinMapCache *kin_map_cache_new (void);
void kin_map_cache_free (KinMapCache *cache);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KinMapCache, kin_map_cache_free)

/**
 * kin_plot_map_draw:
 * @cache: (nullable): of the caller, used for one set at a time (it starts anew when data->dataset changes)
 *
 * On SVG and PDF the dots are shapes; elsewhere they are copied from sprites.
 */
void kin_plot_map_draw (cairo_t *cr, const KinMapData *data, KinMapCache *cache, const KinPlotStyle *style,
                        double width, double height);

/**
 * kin_map_dup_caption:
 *
 * Returns: (transfer full): "PCA of h · 41 % of the variance · epoch 3"
 */
char *kin_map_dup_caption (const KinEmbedding *embedding);

G_END_DECLS
