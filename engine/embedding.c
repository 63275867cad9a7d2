#include "engine/embedding.h"

#include <string.h>

#include "engine/core/ids.h"
#include "engine/projection/pca.h"

static void
embedding_clear (gpointer data)
{
  KinEmbedding *embedding = data;

  g_free (embedding->ids);
  g_free (embedding->features);
  g_free (embedding->map);
}

KinEmbedding *
kin_embedding_new (guint n, guint D)
{
  KinEmbedding *embedding = g_atomic_rc_box_new0 (KinEmbedding);

  embedding->n = n;
  embedding->D = D;
  embedding->ids = g_new0 (guint32, n);
  embedding->features = g_new0 (float, (gsize) n * D);
  return embedding;
}

KinEmbedding *
kin_embedding_ref (KinEmbedding *embedding)
{
  return g_atomic_rc_box_acquire (embedding);
}

void
kin_embedding_unref (KinEmbedding *embedding)
{
  g_atomic_rc_box_release_full (embedding, embedding_clear);
}

int
kin_embedding_find_row (const KinEmbedding *embedding, guint id)
{
  return kin_ids_find (embedding->ids, embedding->n, id);
}

/* Turns the map to lie on @previous, when that one shows the same images. A run measures the same ones each time;
 * another sample begins a map of its own. */
static void
align (KinEmbedding *embedding, const KinEmbedding *previous)
{
  g_autofree float *target = g_new (float, 2 * (gsize) embedding->n);

  for (guint row = 0; row < embedding->n; row++)
    {
      int other = kin_embedding_find_row (previous, embedding->ids[row]);

      if (other < 0)
        return;
      memcpy (target + 2 * row, previous->map + 2 * other, 2 * sizeof (float));
    }
  kin_procrustes_2d (embedding->map, target, embedding->n);
}

void
kin_embedding_lay_out (KinEmbedding *embedding, const KinEmbedding *previous)
{
  g_free (embedding->map);
  embedding->map = g_new (float, 2 * (gsize) embedding->n);
  kin_pca_2d (embedding->features, embedding->n, embedding->D, embedding->map, &embedding->explained);
  if (previous != NULL && previous->map != NULL)
    align (embedding, previous);
}

/* Keeps @found sorted, nearest first. A tie stays behind what is there, so the lower row wins. */
static guint
insert (KinNeighbour *found, guint n, guint k, guint32 id, float similarity)
{
  guint at = n;

  if (n == k && !(similarity > found[k - 1].similarity))
    return n;
  if (n < k)
    n++;
  else
    at = k - 1;
  for (; at > 0 && found[at - 1].similarity < similarity; at--)
    found[at] = found[at - 1];
  found[at] = (KinNeighbour){ id, similarity };
  return n;
}

/* Sixteen partial sums: wide enough for any vector unit, and the same order, so the same bits, for all of them. */
static float
dot (const float *a, const float *b, guint D)
{
  float partial[16] = { 0 }, sum = 0;
  guint d = 0;

  for (; d + 16 <= D; d += 16)
    for (guint lane = 0; lane < 16; lane++)
      partial[lane] += a[d + lane] * b[d + lane];
  for (; d < D; d++)
    partial[0] += a[d] * b[d];
  for (guint width = 8; width > 0; width /= 2)
    for (guint lane = 0; lane < width; lane++)
      partial[lane] += partial[lane + width];
  sum = partial[0];
  return sum;
}

guint
kin_neighbours_of_row (const float *rows, const guint32 *ids, guint n, guint D, const float *query, int skip, guint k,
                       KinNeighbour *found)
{
  guint n_found = 0;

  if (k == 0)
    return 0;
  for (guint row = 0; row < n; row++)
    if ((int) row != skip)
      n_found = insert (found, n_found, k, ids == NULL ? row : ids[row], dot (rows + (gsize) row * D, query, D));
  return n_found;
}
