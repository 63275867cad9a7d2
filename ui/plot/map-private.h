#pragma once

#include "ui/plot/map.h"

G_BEGIN_DECLS

/* The part of the plot that the points fill, px; the legend stands right of it, the caption below. */
typedef struct
{
  double x, y, width, height;
  double clip_x;                 /* right end of what may be drawn on */
  double legend_x, legend_width; /* legend_width 0: none */
} KinMapFrame;

KinMapFrame kin_map_frame (const KinMapData *data, const KinPlotStyle *style, double width, double height);

/* What is coloured by, after falling back where the set lacks it. */
KinMapColoring kin_map_effective_coloring (const KinMapData *data);

/* The class of a row, or -1. */
int kin_map_class_of (const KinMapData *data, guint row);

/* The place of a row's factor in its range, [0, 1]; NAN when it is not a number. */
double kin_map_factor_fraction (const KinMapData *data, guint row);

double kin_map_dot_radius (const KinMapData *data, const KinPlotStyle *style);

/* Side of the framed picture of the hovered and the selected row, px. */
double kin_map_focus_px (const KinMapData *data, const KinPlotStyle *style, double thumbnail_px);

gboolean kin_map_point (const KinMapData *data, const KinMapTransform *transform, guint row, double *x, double *y);

/* Lines of the legend of classes. */
typedef struct
{
  double x, y, line_height; /* of the first line, px */
  guint n_shown;            /* classes; fewer than there are when the last line says how many more */
} KinMapLegend;

gboolean kin_map_legend (const KinMapData *data, const KinPlotStyle *style, double width, double height,
                         KinMapLegend *legend);

void kin_map_draw_legend (cairo_t *cr, const KinMapData *data, const KinPlotStyle *style, double width, double height);

G_END_DECLS
