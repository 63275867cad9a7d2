#pragma once

#include "ui/canvas.h"
#include "ui/session.h"

G_BEGIN_DECLS

/**
 * KinCurvesCanvas:
 *
 * Loss and what the encoder can do, over the epochs of the run. Pointing reads the values.
 *
 * Properties: `log`: logarithmic axes where the values allow it; `smooth`: the loss averaged over recent steps.
 */
#define KIN_TYPE_CURVES_CANVAS (kin_curves_canvas_get_type ())
G_DECLARE_FINAL_TYPE (KinCurvesCanvas, kin_curves_canvas, KIN, CURVES_CANVAS, KinCanvas)

void kin_curves_canvas_set_session (KinCurvesCanvas *self, KinSession *session);
void kin_curves_canvas_draw_plain (KinCurvesCanvas *self, cairo_t *cr, const KinPlotStyle *style, double width,
                                   double height);

G_END_DECLS
