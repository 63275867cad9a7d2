#pragma once

#include "ui/canvas.h"
#include "ui/plot/pairs.h"
#include "ui/session.h"

G_BEGIN_DECLS

/**
 * KinPairsCanvas:
 *
 * Originals with two views each and the values that were drawn for them. Before training: images of the set under the
 * policy as it is set now. While training: pairs of the batch with the similarity that the encoder gives them, renewed
 * slowly enough to be read. A changed policy shows at once in both cases.
 *
 * Property: `source-text`: what is shown, for the pane's header ("batch of step 372", "epoch 3").
 */
#define KIN_TYPE_PAIRS_CANVAS (kin_pairs_canvas_get_type ())
G_DECLARE_FINAL_TYPE (KinPairsCanvas, kin_pairs_canvas, KIN, PAIRS_CANVAS, KinCanvas)

void kin_pairs_canvas_set_session (KinPairsCanvas *self, KinSession *session);

/* Goes on to other images of the batch, or of the set. */
void kin_pairs_canvas_show_next (KinPairsCanvas *self);

/* Draws other views of the same images: those of the next epoch. */
void kin_pairs_canvas_draw_again (KinPairsCanvas *self);

void kin_pairs_canvas_draw_plain (KinPairsCanvas *self, cairo_t *cr, const KinPlotStyle *style, double width,
                                  double height);

/* (transfer none) (nullable) */
const KinPairs *kin_pairs_canvas_get_pairs (KinPairsCanvas *self);

G_END_DECLS
