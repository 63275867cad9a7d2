#pragma once

#include "ui/plot/matrix.h"

G_BEGIN_DECLS

/* The bar (or the swatches) beside the matrix that says what its colours tell. */
void kin_matrix_draw_key (cairo_t *cr, const KinMatrixData *data, const KinPlotStyle *style,
                          const KinMatrixLayout *layout);

void kin_matrix_draw_histogram (cairo_t *cr, const KinMatrixData *data, const KinPlotStyle *style, double width,
                                double height);

G_END_DECLS
