#pragma once

#include "engine/error.h"

G_BEGIN_DECLS

/**
 * KinEmbedding:
 *
 * What the encoder makes of a set at one moment: unit feature rows, and a 2-D map of them. Immutable after
 * publication, reference counted.
 */
typedef struct
{
  guint n;    /* rows */
  guint D;    /* feature dimensions */
  guint64 step;
  double epoch;
  guint32 *ids;     /* (n) image of each row, ascending */
  float *features;  /* (n, D), unit rows: backbone output h / |h| */
  float *map;       /* (n, 2) PCA of the features, aligned with the embedding before it; NULL when not computed */
  double explained; /* share of the variance on the two axes of the map */
} KinEmbedding;

KinEmbedding *kin_embedding_new (guint n, guint D);
KinEmbedding *kin_embedding_ref (KinEmbedding *embedding);
void kin_embedding_unref (KinEmbedding *embedding);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KinEmbedding, kin_embedding_unref)

/**
 * kin_embedding_find_row:
 *
 * Returns: the row of image @id, or -1
 */
int kin_embedding_find_row (const KinEmbedding *embedding, guint id);

/**
 * kin_embedding_lay_out:
 * @previous: (nullable): an embedding with a map
 *
 * Fills map and explained by PCA. Where @previous shows the same images, the map is turned (or reflected), never
 * stretched, to lie as near as it can to it (Procrustes), so that it does not jump. Before publication only.
 */
void kin_embedding_lay_out (KinEmbedding *embedding, const KinEmbedding *previous);

typedef struct
{
  guint32 id;
  float similarity; /* cosine, [-1, 1] */
} KinNeighbour;

/**
 * kin_neighbours_of_row:
 * @rows: (n, D) unit rows
 * @query: (D) unit row
 * @skip: row to leave out (the query itself), or -1
 * @found: (k) (out): nearest first; ties go to the lower row. The id is the row's index here, unless @ids is given
 *
 * Exact search by cosine. Any thread. Returns: how many were found, min (k, n or n - 1)
 */
guint kin_neighbours_of_row (const float *rows, const guint32 *ids, guint n, guint D, const float *query, int skip,
                             guint k, KinNeighbour *found);

G_END_DECLS
