#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Most threads that a pool may have. */
#define KIN_THREADS_MAX 64

/**
 * KinPool:
 *
 * Workers for loops over independent items. Which thread does which item is left to chance; what an item computes, and
 * the order in which partial results are added afterwards, must not depend on it.
 */
typedef struct _KinPool KinPool;

/**
 * KinPoolFunc:
 * @item: in [0, n_items)
 * @worker: in [0, threads): for scratch memory of one's own
 */
typedef void (*KinPoolFunc) (gpointer data, guint item, guint worker);

/**
 * kin_pool_new:
 * @n_threads: in [1, KIN_THREADS_MAX], the caller's thread included; 0 for one a core
 */
KinPool *kin_pool_new (guint n_threads);
void kin_pool_free (KinPool *pool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KinPool, kin_pool_free)

guint kin_pool_get_n_threads (const KinPool *pool);

/**
 * kin_pool_run:
 *
 * Calls @func for every item and returns when all are done. The calling thread works too. Not re-entrant.
 */
void kin_pool_run (KinPool *pool, guint n_items, KinPoolFunc func, gpointer data);

G_END_DECLS
