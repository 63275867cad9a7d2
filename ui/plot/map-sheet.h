#pragma once

#include "ui/plot/map-private.h"

G_BEGIN_DECLS

/* The sheet that dots and thumbnails are copied on, device px; lives in a KinMapCache. */
void kin_map_sheet_begin (KinMapCache *cache, const KinMapData *data, const KinPlotStyle *style, double width,
                          double height);
void kin_map_sheet_dot (KinMapCache *cache, const KinMapData *data, guint row, gboolean is_faded, double x, double y);

/* A picture centred on (@x, @y), @side px, with a frame around it. */
void kin_map_sheet_thumbnail (KinMapCache *cache, const KinDataset *dataset, guint32 id, double x, double y,
                              double side, KinColor frame, double frame_px);
void kin_map_sheet_end (KinMapCache *cache, cairo_t *cr);

/* How one dot looks; shared with what is drawn on a page. */
guint kin_map_n_looks (const KinMapData *data);
guint kin_map_look_of (const KinMapData *data, KinMapColoring coloring, guint n_looks, guint row);
void kin_map_paint_look (cairo_t *cr, const KinMapData *data, const KinPlotStyle *style, guint look, guint n_looks,
                         gboolean is_faded, double x, double y, double radius);

G_END_DECLS
