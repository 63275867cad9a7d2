#pragma once

#include "engine/core/pool.h"
#include "engine/error.h"

G_BEGIN_DECLS

/* Rows that are made when they are wanted: features that lie among others, or pixels. */
typedef struct
{
  void (*get) (gconstpointer data, gsize row, float *out); /* writes D numbers, a unit row */
  gconstpointer data;
  const gint16 *labels; /* (n), in [0, n_classes) */
  gsize n;
} KinRows;

/**
 * KinKnn:
 *
 * Agreement of the labels of nearest neighbours with one's own, piece by piece: whoever has something else to do does it
 * in between. Blocks of queries times bank, the k best of each row kept; workspace of some 2,000 rows a thread, whatever
 * their number. The result does not depend on the number of threads.
 *
 * Source: Wu et al. 2018, arXiv:1805.01978, section 3.4.
 */
typedef struct _KinKnn KinKnn;

/**
 * kin_knn_new:
 * @queries: n > 0; get() is called by all threads
 * @bank: n > 0; may be @queries
 * @is_same: the queries are the bank: each row's own entry is left out
 * @k: neighbours, > 0, clipped to what there is; a query without any agrees with nothing
 * @tau: temperature of the votes' weights, exp (s / tau)
 */
KinKnn *kin_knn_new (KinPool *pool, const KinRows *queries, const KinRows *bank, guint D, guint n_classes,
                     gboolean is_same, guint k, double tau);
void kin_knn_free (KinKnn *search);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KinKnn, kin_knn_free)

/**
 * kin_knn_advance:
 * @cancel: (nullable): polled between blocks of the bank; must not fall back to zero while this runs
 *
 * Does one block of queries for each thread, some 100 ms at most; cancelled, leaves it to be done again.
 *
 * Returns: whether there is more to do
 */
gboolean kin_knn_advance (KinKnn *search, const gint *cancel);

/* Returns: share of the queries whose weighted vote is their label, [0, 1]; the lower class wins a tie */
double kin_knn_get_agreement (const KinKnn *search);

/**
 * kin_knn_agreement:
 * @queries: (n_queries, D) unit rows
 * @bank: (n_bank, D) unit rows; may be the same memory as @queries
 *
 * All of it at once, of rows that lie one behind the other.
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
