#pragma once

#include "engine/core/real.h"

G_BEGIN_DECLS

/**
 * kin_normalize_rows:
 * @x: (n, D)
 * @y: (n, D) (out): rows of length 1; may be @x
 * @norms: (n) (out): sqrt (|x|^2 + eps), eps = 1e-24, which the way back divides by too
 */
void kin_normalize_rows (const real *x, gsize n, guint D, real *y, real *norms);

/**
 * kin_normalize_rows_backward:
 * @y, @norms: from kin_normalize_rows()
 * @dy: (n, D)
 * @dx: (n, D), overwritten: (dy - y (y · dy)) / norm; may be @dy
 */
void kin_normalize_rows_backward (const real *y, const real *norms, const real *dy, gsize n, guint D, real *dx);

G_END_DECLS
