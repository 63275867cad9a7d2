/* In which order the pairs of the matrix stand. */

#include <math.h>

#include "ui/plot/matrix.h"

typedef struct
{
  double key;
  guint32 pair;
} Keyed;

static int
compare_keyed (gconstpointer a, gconstpointer b)
{
  const Keyed *first = a, *second = b;

  if (first->key != second->key)
    return first->key < second->key ? -1 : 1;
  return first->pair < second->pair ? -1 : 1;
}

static guint32 *
sort_by_key (Keyed *pairs, guint N)
{
  guint32 *order = g_new (guint32, N);

  qsort (pairs, N, sizeof *pairs, compare_keyed);
  for (guint n = 0; n < N; n++)
    order[n] = pairs[n].pair;
  return order;
}

static guint32 *
order_by_class (const KinSimilarity *similarity, const KinDataset *dataset)
{
  g_autofree Keyed *pairs = g_new (Keyed, similarity->N);

  for (guint n = 0; n < similarity->N; n++)
    pairs[n] = (Keyed){ similarity->ids[n] < dataset->n_images ? dataset->labels[similarity->ids[n]] : -1, n };
  return sort_by_key (pairs, similarity->N);
}

/* Both views of a pair are anchors: their terms together. What is no number comes first, to be seen. */
static guint32 *
order_by_loss (const KinSimilarity *similarity)
{
  guint N = similarity->N;
  g_autofree Keyed *pairs = g_new (Keyed, N);

  for (guint n = 0; n < N; n++)
    {
      double loss = kin_similarity_cell (similarity, n, n + N).loss + kin_similarity_cell (similarity, n + N, n).loss;

      pairs[n] = (Keyed){ isnan (loss) ? -INFINITY : -loss, n };
    }
  return sort_by_key (pairs, N);
}

/* Mean cosine of the views of two pairs. */
static double
likeness (const KinSimilarity *similarity, guint a, guint b)
{
  guint N = similarity->N;
  gsize rows = 2 * (gsize) N;
  const float *s = similarity->cosine;

  return s[a * rows + b] + s[a * rows + b + N] + s[(a + N) * rows + b] + s[(a + N) * rows + b + N];
}

static guint32 *
order_by_likeness (const KinSimilarity *similarity)
{
  guint N = similarity->N;
  guint32 *order = g_new (guint32, N);

  for (guint n = 0; n < N; n++)
    order[n] = n;
  for (guint n = 1; n < N; n++)
    {
      guint best = n, next;

      for (guint i = n + 1; i < N; i++)
        if (likeness (similarity, order[n - 1], order[i]) > likeness (similarity, order[n - 1], order[best]))
          best = i;
      next = order[best];
      order[best] = order[n];
      order[n] = next;
    }
  return order;
}

guint32 *
kin_matrix_order_new (const KinSimilarity *similarity, const KinDataset *dataset, KinMatrixSort sort)
{
  switch (sort)
    {
    case KIN_MATRIX_AS_DRAWN:
      return NULL;
    case KIN_MATRIX_BY_CLASS:
      return dataset == NULL || dataset->labels == NULL ? NULL : order_by_class (similarity, dataset);
    case KIN_MATRIX_BY_LOSS:
      return order_by_loss (similarity);
    case KIN_MATRIX_BY_LIKENESS:
      return order_by_likeness (similarity);
    case KIN_N_MATRIX_SORTS:
      break;
    }
  g_assert_not_reached ();
}
