#include "engine/eval/knn.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

/* A block of scores (512 kB) stays in the second-level cache between sgemm, which writes it, and the scan. */
enum
{
  QUERY_BLOCK = 256,
  BANK_BLOCK = 512,
  LANES = 16,
};

/* One worker's scratch memory and result. */
typedef struct
{
  float *scores;     /* (QUERY_BLOCK, BANK_BLOCK) */
  float *best;       /* (QUERY_BLOCK, k) descending; -INFINITY where nothing was found yet */
  guint32 *best_row; /* (QUERY_BLOCK, k) */
  double *votes;     /* (n_classes) */
  gsize n_agreed;
} Scratch;

typedef struct
{
  const float *queries, *bank;
  const gint16 *query_labels, *bank_labels;
  gsize n_queries, n_bank;
  guint D, n_classes, k;
  gboolean is_same;
  double tau;
  const gint *cancel;
  Scratch *scratch; /* one a worker */
} Search;

static gboolean
is_cancelled (const Search *search)
{
  return search->cancel != NULL && g_atomic_int_get (search->cancel) != 0;
}

/* Puts @score behind all that are as high or higher, so that the lower row wins a tie when rows come in ascending
 * order. The last one falls off. */
static void
insert (float *best, guint32 *best_row, guint k, float score, guint32 row)
{
  guint low = 0, high = k - 1;

  while (low < high)
    {
      guint middle = (low + high) / 2;

      if (best[middle] >= score)
        low = middle + 1;
      else
        high = middle;
    }
  memmove (best + low + 1, best + low, (k - 1 - low) * sizeof *best);
  memmove (best_row + low + 1, best_row + low, (k - 1 - low) * sizeof *best_row);
  best[low] = score;
  best_row[low] = row;
}

/* Nearly all scores lose against the k-th best so far, so a vector of them is thrown away by one test. */
static void
scan (const float *scores, guint n, guint32 first_row, float *best, guint32 *best_row, guint k)
{
  guint j = 0;

  for (; j + LANES <= n; j += LANES)
    {
      float bound = best[k - 1];
      int is_hit = 0;

#pragma omp simd reduction(| : is_hit)
      for (int lane = 0; lane < LANES; lane++)
        is_hit |= scores[j + lane] > bound;
      if (G_LIKELY (!is_hit))
        continue;
      for (int lane = 0; lane < LANES; lane++)
        if (scores[j + lane] > best[k - 1])
          insert (best, best_row, k, scores[j + lane], first_row + j + lane);
    }
  for (; j < n; j++)
    if (scores[j] > best[k - 1])
      insert (best, best_row, k, scores[j], first_row + j);
}

/* Returns: the class with the largest sum of exp (s / tau), the lower one in a tie; -1 when there is no neighbour. The
 * best score is subtracted first: exp stays finite at any temperature. */
static int
vote (const Search *search, Scratch *scratch, const float *best, const guint32 *best_row)
{
  int winner = -1;

  memset (scratch->votes, 0, search->n_classes * sizeof *scratch->votes);
  for (guint i = 0; i < search->k && best[i] > -INFINITY; i++)
    {
      int label = search->bank_labels[best_row[i]];

      g_assert (label >= 0 && label < (int) search->n_classes);
      scratch->votes[label] += exp (((double) best[i] - best[0]) / search->tau);
      winner = 0;
    }
  for (guint c = 1; winner >= 0 && c < search->n_classes; c++)
    if (scratch->votes[c] > scratch->votes[winner])
      winner = c;
  return winner;
}

/* The k best of all the bank for the @n queries from @first on. */
static void
find_best (const Search *search, Scratch *scratch, gsize first, guint n)
{
  guint k = search->k, D = search->D;

  for (gsize i = 0; i < (gsize) n * k; i++)
    scratch->best[i] = -INFINITY;
  for (gsize begin = 0; begin < search->n_bank && !is_cancelled (search); begin += BANK_BLOCK)
    {
      guint width = MIN (BANK_BLOCK, search->n_bank - begin);

      cblas_sgemm (CblasRowMajor, CblasNoTrans, CblasTrans, n, width, D, 1, search->queries + first * D, D,
                   search->bank + begin * D, D, 0, scratch->scores, BANK_BLOCK);
      for (guint i = 0; i < n; i++)
        {
          float *scores = scratch->scores + (gsize) i * BANK_BLOCK;

          if (search->is_same && first + i >= begin && first + i < begin + width)
            scores[first + i - begin] = -INFINITY;
          scan (scores, width, begin, scratch->best + (gsize) i * k, scratch->best_row + (gsize) i * k, k);
        }
    }
}

static void
search_block (gpointer data, guint item, guint worker)
{
  const Search *search = data;
  Scratch *scratch = &search->scratch[worker];
  gsize first = (gsize) item * QUERY_BLOCK;
  guint n = MIN (QUERY_BLOCK, search->n_queries - first);

  find_best (search, scratch, first, n);
  for (guint i = 0; i < n && !is_cancelled (search); i++)
    {
      gsize offset = (gsize) i * search->k;

      if (vote (search, scratch, scratch->best + offset, scratch->best_row + offset) == search->query_labels[first + i])
        scratch->n_agreed++;
    }
}

static Scratch *
scratch_new (const Search *search, guint n_workers)
{
  Scratch *scratch = g_new0 (Scratch, n_workers);

  for (guint i = 0; i < n_workers; i++)
    {
      scratch[i].scores = g_new (float, QUERY_BLOCK * BANK_BLOCK);
      scratch[i].best = g_new (float, (gsize) QUERY_BLOCK * search->k);
      scratch[i].best_row = g_new (guint32, (gsize) QUERY_BLOCK * search->k);
      scratch[i].votes = g_new (double, search->n_classes);
    }
  return scratch;
}

static void
scratch_free (Scratch *scratch, guint n_workers)
{
  for (guint i = 0; i < n_workers; i++)
    {
      g_free (scratch[i].scores);
      g_free (scratch[i].best);
      g_free (scratch[i].best_row);
      g_free (scratch[i].votes);
    }
  g_free (scratch);
}

gboolean
kin_knn_agreement (KinPool *pool, const float *queries, const gint16 *query_labels, gsize n_queries, const float *bank,
                   const gint16 *bank_labels, gsize n_bank, guint D, guint n_classes, gboolean is_same, guint k,
                   double tau, const gint *cancel, double *agreement)
{
  guint n_workers = kin_pool_get_n_threads (pool);
  Search search = {
    .queries = queries,
    .bank = bank,
    .query_labels = query_labels,
    .bank_labels = bank_labels,
    .n_queries = n_queries,
    .n_bank = n_bank,
    .D = D,
    .n_classes = n_classes,
    .k = MIN (k, n_bank),
    .is_same = is_same,
    .tau = tau,
    .cancel = cancel,
  };
  gsize n_agreed = 0;

  g_return_val_if_fail (n_queries > 0 && n_bank > 0 && n_bank <= G_MAXUINT32, FALSE);
  g_return_val_if_fail (k > 0 && D > 0 && n_classes > 0 && tau > 0, FALSE);
  g_return_val_if_fail (!is_same || n_queries == n_bank, FALSE);

  search.scratch = scratch_new (&search, n_workers);
  kin_pool_run (pool, (n_queries + QUERY_BLOCK - 1) / QUERY_BLOCK, search_block, &search);
  for (guint i = 0; i < n_workers; i++)
    n_agreed += search.scratch[i].n_agreed;
  scratch_free (search.scratch, n_workers);
  if (is_cancelled (&search))
    return FALSE;
  *agreement = (double) n_agreed / n_queries;
  return TRUE;
}

void
kin_normalize_rows_f32 (float *rows, gsize n, guint D)
{
  for (gsize i = 0; i < n; i++)
    {
      float *row = rows + i * D;
      double sum = 0, scale;

      for (guint d = 0; d < D; d++)
        sum += (double) row[d] * row[d];
      if (sum == 0)
        continue;
      scale = 1 / sqrt (sum);
      for (guint d = 0; d < D; d++)
        row[d] *= scale;
    }
}
