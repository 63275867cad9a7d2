#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * kin_pca_2d:
 * @rows: (n, D)
 * @map: (n, 2) (out): coordinates of the centred rows on the two axes of largest variance
 * @explained: (out) (optional): the two axes' share of the variance, [0, 1]; 0 when all rows are equal
 *
 * Axes are eigenvectors of the covariance (double precision, LAPACK dsyevr); the sign is chosen so that each axis's
 * component of largest magnitude is positive, so equal input gives equal output.
 */
void kin_pca_2d (const float *rows, gsize n, guint D, float *map, double *explained);

/**
 * kin_procrustes_2d:
 * @map: (n, 2) (inout): rotated or reflected, scaled not, about its centre of gravity, onto @target
 * @target: (n, 2)
 *
 * The orthogonal 2×2 matrix that brings @map nearest to @target in the least squares sense, both centred; then moves it
 * to @target's centre. A map that carries no information about the rotation (all points equal) is left as it is.
 *
 * Source: Schönemann 1966, "A generalized solution of the orthogonal Procrustes problem".
 */
void kin_procrustes_2d (float *map, const float *target, gsize n);

G_END_DECLS
