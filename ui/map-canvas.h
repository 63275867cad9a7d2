#pragma once

#include "ui/canvas.h"
#include "ui/plot/map.h"
#include "ui/session.h"

G_BEGIN_DECLS

/**
 * KinMapCanvas:
 *
 * The set as the encoder sees it: one dot (or picture) an image. Drag to pan, scroll to zoom about the pointer, point
 * to see an image, click to select it. A new map is moved to over 200 ms.
 */
#define KIN_TYPE_MAP_CANVAS (kin_map_canvas_get_type ())
G_DECLARE_FINAL_TYPE (KinMapCanvas, kin_map_canvas, KIN, MAP_CANVAS, KinCanvas)

void kin_map_canvas_set_session (KinMapCanvas *self, KinSession *session);

/* About the middle; @factor 0 shows the whole map again. */
void kin_map_canvas_zoom (KinMapCanvas *self, double factor);

/* @factor: of the set, for KIN_MAP_COLOR_FACTOR */
void kin_map_canvas_set_coloring (KinMapCanvas *self, KinMapColoring coloring, guint factor);
void kin_map_canvas_set_mode (KinMapCanvas *self, KinMapMode mode);

/* (transfer none): what is drawn now. */
const KinMapData *kin_map_canvas_get_data (KinMapCanvas *self);

G_END_DECLS
