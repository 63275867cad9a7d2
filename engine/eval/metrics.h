#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * kin_alignment:
 * @a: (n, D) unit rows
 * @b: (n, D) unit rows; row i is another view of what row i of @a shows
 *
 * Returns: the mean of |a_i - b_i|^2, in [0, 4]
 *
 * Source: Wang & Isola 2020, arXiv:2005.10242, eq. 3 with alpha = 2.
 */
double kin_alignment (const float *a, const float *b, gsize n, guint D);

/**
 * kin_uniformity:
 * @rows: (n, D) unit rows, n >= 2
 *
 * Returns: ln of the mean over all pairs i < j of exp (-2 |r_i - r_j|^2); in [-8, 0]
 *
 * Source: Wang & Isola 2020, arXiv:2005.10242, eq. 4 with t = 2.
 */
double kin_uniformity (const float *rows, gsize n, guint D);

/**
 * kin_effective_rank:
 * @rows: (n, D)
 *
 * Returns: exp (-sum p ln p), p = singular values / their sum: in [1, min (n, D)]; 0 when all rows are zero. From the
 *   eigenvalues of the Gram matrix in double precision.
 *
 * Source: Garrido et al. 2023 (RankMe), arXiv:2210.02885, eq. 1.
 */
double kin_effective_rank (const float *rows, gsize n, guint D);

/**
 * kin_mean_std:
 *
 * Returns: the mean over the @D dimensions of the standard deviation (of the population) over the @n rows
 */
double kin_mean_std (const float *rows, gsize n, guint D);

G_END_DECLS
