#pragma once

#include "ui/canvas.h"
#include "ui/plot/matrix.h"
#include "ui/session.h"
#include "ui/tip.h"

G_BEGIN_DECLS

/**
 * KinMatrixCanvas:
 *
 * The similarity matrix of the batch. Pointing at a cell shows both views and what the loss makes of them; a click pins
 * the cell and selects its image.
 *
 * Properties: `encoding` (KinMatrixEncoding): what the colours tell; `sort` (KinMatrixSort): how the pairs stand; `tau`:
 * the temperature at which the loss is looked at, whatever it is trained at; 0 for the batch's own.
 */
#define KIN_TYPE_MATRIX_CANVAS (kin_matrix_canvas_get_type ())
G_DECLARE_FINAL_TYPE (KinMatrixCanvas, kin_matrix_canvas, KIN, MATRIX_CANVAS, KinCanvas)

void kin_matrix_canvas_set_session (KinMatrixCanvas *self, KinSession *session);
/* Draws it without pointer and pin, in any style: for exports. */
void kin_matrix_canvas_draw_plain (KinMatrixCanvas *self, cairo_t *cr, const KinPlotStyle *style, double width,
                                   double height);

/* The similarity that is drawn: of the session, or at another temperature. */
const KinSimilarity *kin_matrix_canvas_get_similarity (KinMatrixCanvas *self);

/* (transfer none): what is drawn now. */
const KinMatrixData *kin_matrix_canvas_get_data (KinMatrixCanvas *self);

/**
 * kin_matrix_canvas_get_tip:
 * @tip: (out caller-allocates): lends its pictures from the canvas
 *
 * Returns: FALSE when no cell is spoken about
 */
gboolean kin_matrix_canvas_get_tip (KinMatrixCanvas *self, KinTip *tip);

G_END_DECLS
