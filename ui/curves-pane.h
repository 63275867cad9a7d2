#pragma once

#include "ui/view-pane.h"

G_BEGIN_DECLS

/* Loss and measurements over the run. */
#define KIN_TYPE_CURVES_PANE (kin_curves_pane_get_type ())
G_DECLARE_FINAL_TYPE (KinCurvesPane, kin_curves_pane, KIN, CURVES_PANE, KinViewPane)

G_END_DECLS
