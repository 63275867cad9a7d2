#pragma once

#include "engine/core/pool.h"
#include "engine/core/real.h"

G_BEGIN_DECLS

/* What the loss says besides its value. */
typedef struct
{
  double loss; /* mean over the 2N rows, nats */
  double top1; /* share of the rows whose positive is the most similar of all others, [0, 1] */
} KinNtxentResult;

/* Reals of workspace for N pairs. */
gsize kin_ntxent_workspace (guint N);

/**
 * kin_ntxent:
 * @z: (2N, D) unit rows; rows n and n + N are two views of image n
 * @tau: temperature, > 0
 * @workspace: kin_ntxent_workspace() reals
 * @log_sum: (2N) (out): ln sum_{k != i} exp (z_i · z_k / tau)
 * @dz: (2N, D) (nullable), overwritten with d loss / d z
 *
 * Normalised temperature-scaled cross entropy. Row maxima are subtracted, so tau = 0.005 stays finite. Equal rows give
 * ln (2N - 1). The same bits for any number of threads.
 *
 * Source: Chen et al. 2020 (SimCLR), arXiv:2002.05709, eq. 1.
 */
KinNtxentResult kin_ntxent (KinPool *pool, const real *z, guint N, guint D, double tau, real *workspace, real *log_sum,
                            real *dz);

/* The loss of an encoder that cannot tell the images apart: ln (2N - 1). */
double kin_ntxent_chance (guint N);

G_END_DECLS
