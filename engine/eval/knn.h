#pragma once

#include "engine/core/pool.h"
#include "engine/error.h"

G_BEGIN_DECLS

/**
 * kin_knn_agreement:
 * @queries: (n_queries, D) unit rows, n_queries > 0
 * @query_labels: (n_queries), in [0, n_classes)
 * @bank: (n_bank, D) unit rows, n_bank > 0; may be the same memory as @queries
 * @bank_labels: (n_bank)
 * @is_same: the queries are the bank: each row's own entry is left out
 * @k: neighbours, > 0, clipped to what there is; a query without any agrees with nothing
 * @tau: temperature of the votes' weights, exp (s / tau)
 * @cancel: (nullable): polled between blocks
 * @agreement: (out): share of the queries whose weighted vote is their label, [0, 1]; the lower class wins a tie
 *
 * Blocks of queries times bank by sgemm, the k best of each row kept; workspace of a few MB whatever the sizes. The
 * result does not depend on the number of threads.
 *
 * Source: Wu et al. 2018, arXiv:1805.01978, section 3.4.
 *
 * Returns: FALSE when cancelled
 */
gboolean kin_knn_agreement (KinPool *pool, const float *queries, const gint16 *query_labels, gsize n_queries,
                            const float *bank, const gint16 *bank_labels, gsize n_bank, guint D, guint n_classes,
                            gboolean is_same, guint k, double tau, const gint *cancel, double *agreement);

/**
 * kin_normalize_rows_f32:
 *
 * Divides each of the @n rows by its Euclidean norm (summed in double); a row of zeros stays zero.
 */
void kin_normalize_rows_f32 (float *rows, gsize n, guint D);

G_END_DECLS
