#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * kin_eigen_symmetric:
 * @a: (n, n) symmetric, finite; the lower triangle (row >= column) is read; overwritten
 * @m: how many of the largest eigenvalues are wanted, in [1, n]
 * @values: (n) (out): the first @m are the eigenvalues, largest first; the others are workspace
 * @vectors: (m, n) (out) (nullable): unit eigenvectors, one a row, in the order of the values; the sign is arbitrary
 *
 * Returns: FALSE when the iteration did not converge (LAPACK's dsyevr: never seen with finite input)
 */
gboolean kin_eigen_symmetric (double *a, guint n, guint m, double *values, double *vectors);

/**
 * kin_gram_add:
 * @rows: (n, D), in double precision
 * @gram: (D, D) (inout): rowsᵀ · rows is added to the lower triangle
 */
void kin_gram_add (const double *rows, gsize n, guint D, double *gram);

G_END_DECLS
