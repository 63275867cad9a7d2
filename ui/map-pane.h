#pragma once

#include "ui/view-pane.h"

G_BEGIN_DECLS

/* The map of the set. */
#define KIN_TYPE_MAP_PANE (kin_map_pane_get_type ())
G_DECLARE_FINAL_TYPE (KinMapPane, kin_map_pane, KIN, MAP_PANE, KinViewPane)

/* About the middle; @factor 0 shows the whole map again. */
void kin_map_pane_zoom (KinMapPane *self, double factor);

G_END_DECLS
