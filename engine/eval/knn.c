#include "engine/eval/knn.h"

#include "engine/kernels/kernels.h"

#include <math.h>
#include <string.h>

/* A block of queries against a block of the bank at a time: the bank's rows are packed as multiply() reads them, and the
 * scores stay in the second-level cache between multiply(), which writes them, and the scan. Packing is one copy for each
 * QUERY_BLOCK products. */
enum
{
  QUERY_BLOCK = 384, /* most */
  BANK_BLOCK = 128,
  LANES = 16,
};

/* Products that a worker does between two chances for something else: some 100 ms. */
#define PIECE_PRODUCTS 6e9

/* One worker's scratch memory. */
typedef struct
{
  float *queries;    /* (QUERY_BLOCK, D) */
  float *rows;       /* (panel, D) */
  float *packed;     /* (BANK_BLOCK / panel, D, panel) */
  float *scores;     /* (QUERY_BLOCK, BANK_BLOCK) */
  float *best;       /* (QUERY_BLOCK, k) descending; -INFINITY where nothing was found yet */
  guint32 *best_row; /* (QUERY_BLOCK, k) */
  double *votes;     /* (n_classes) */
} Scratch;

struct _KinKnn
{
  KinPool *pool;
  const KinKernels *kernels;
  KinRows queries, bank;
  guint D, n_classes, k;
  gboolean is_same;
  double tau;
  const gint *cancel;
  Scratch *scratch; /* one a worker */
  guint query_block;
  guint n_blocks, next; /* of queries */
  guint *agreed;        /* (n_blocks) */
};

static gboolean
is_cancelled (const KinKnn *search)
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
vote (const KinKnn *search, Scratch *scratch, const float *best, const guint32 *best_row)
{
  int winner = -1;

  memset (scratch->votes, 0, search->n_classes * sizeof *scratch->votes);
  for (guint i = 0; i < search->k && best[i] > -INFINITY; i++)
    {
      int label = search->bank.labels[best_row[i]];

      g_assert (label >= 0 && label < (int) search->n_classes);
      scratch->votes[label] += exp (((double) best[i] - best[0]) / search->tau);
      winner = 0;
    }
  for (guint c = 1; winner >= 0 && c < search->n_classes; c++)
    if (scratch->votes[c] > scratch->votes[winner])
      winner = c;
  return winner;
}

/* The rows of the bank from @begin on, in panels: see KinKernels.multiply. */
static void
pack_bank (const KinKnn *search, Scratch *scratch, gsize begin, guint width)
{
  guint D = search->D, panel = search->kernels->panel;

  for (guint first = 0; first < width; first += panel)
    {
      guint n = MIN (panel, width - first);

      for (guint j = 0; j < n; j++)
        search->bank.get (search->bank.data, begin + first + j, scratch->rows + (gsize) j * D);
      /* A few columns at a time, so that the lines that are written stay near. */
      for (guint from = 0; from < D; from += LANES)
        for (guint j = 0; j < n; j++)
          for (guint d = from; d < MIN (from + LANES, D); d++)
            scratch->packed[((gsize) first * D) + (gsize) d * panel + j] = scratch->rows[(gsize) j * D + d];
    }
}

/* The k best of all the bank for the @n queries from @first on. */
static void
find_best (const KinKnn *search, Scratch *scratch, gsize first, guint n)
{
  guint k = search->k, D = search->D, panel = search->kernels->panel;

  for (guint i = 0; i < n; i++)
    search->queries.get (search->queries.data, first + i, scratch->queries + (gsize) i * D);
  for (gsize i = 0; i < (gsize) n * k; i++)
    scratch->best[i] = -INFINITY;
  for (gsize begin = 0; begin < search->bank.n && !is_cancelled (search); begin += BANK_BLOCK)
    {
      guint width = MIN (BANK_BLOCK, search->bank.n - begin);

      pack_bank (search, scratch, begin, width);
      search->kernels->multiply (n, width, D, scratch->queries, D, 1, scratch->packed, (gsize) D * panel, panel,
                                 scratch->scores, BANK_BLOCK, FALSE);
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
  const KinKnn *search = data;
  Scratch *scratch = &search->scratch[worker];
  gsize first = (gsize) (search->next + item) * search->query_block;
  guint n = MIN (search->query_block, search->queries.n - first), agreed = 0;

  find_best (search, scratch, first, n);
  for (guint i = 0; i < n; i++)
    {
      gsize offset = (gsize) i * search->k;

      if (vote (search, scratch, scratch->best + offset, scratch->best_row + offset) == search->queries.labels[first + i])
        agreed++;
    }
  search->agreed[search->next + item] = agreed;
}

KinKnn *
kin_knn_new (KinPool *pool, const KinRows *queries, const KinRows *bank, guint D, guint n_classes, gboolean is_same,
             guint k, double tau)
{
  KinKnn *search;

  g_return_val_if_fail (queries->n > 0 && bank->n > 0 && bank->n <= G_MAXUINT32, NULL);
  g_return_val_if_fail (k > 0 && D > 0 && n_classes > 0 && tau > 0, NULL);
  g_return_val_if_fail (!is_same || queries->n == bank->n, NULL);

  search = g_new0 (KinKnn, 1);
  *search = (KinKnn){ .pool = pool, .kernels = kin_kernels_get (), .queries = *queries, .bank = *bank, .D = D,
                      .n_classes = n_classes, .k = MIN (k, bank->n), .is_same = is_same, .tau = tau };
  search->query_block = CLAMP (PIECE_PRODUCTS / ((double) bank->n * D), 16, QUERY_BLOCK);
  search->n_blocks = (queries->n + search->query_block - 1) / search->query_block;
  search->agreed = g_new0 (guint, search->n_blocks);
  search->scratch = g_new0 (Scratch, kin_pool_get_n_threads (pool));
  for (guint i = 0; i < kin_pool_get_n_threads (pool); i++)
    {
      Scratch *scratch = &search->scratch[i];

      scratch->queries = g_new (float, (gsize) QUERY_BLOCK * D);
      scratch->rows = g_new (float, (gsize) search->kernels->panel * D);
      scratch->packed = g_new0 (float, (gsize) BANK_BLOCK * D);
      scratch->scores = g_new (float, QUERY_BLOCK * BANK_BLOCK);
      scratch->best = g_new (float, (gsize) QUERY_BLOCK * search->k);
      scratch->best_row = g_new (guint32, (gsize) QUERY_BLOCK * search->k);
      scratch->votes = g_new (double, n_classes);
    }
  return search;
}

void
kin_knn_free (KinKnn *search)
{
  if (search == NULL)
    return;
  for (guint i = 0; i < kin_pool_get_n_threads (search->pool); i++)
    {
      g_free (search->scratch[i].queries);
      g_free (search->scratch[i].rows);
      g_free (search->scratch[i].packed);
      g_free (search->scratch[i].scores);
      g_free (search->scratch[i].best);
      g_free (search->scratch[i].best_row);
      g_free (search->scratch[i].votes);
    }
  g_free (search->scratch);
  g_free (search->agreed);
  g_free (search);
}

gboolean
kin_knn_advance (KinKnn *search, const gint *cancel)
{
  guint n = MIN (kin_pool_get_n_threads (search->pool), search->n_blocks - search->next);

  search->cancel = cancel;
  kin_pool_run (search->pool, n, search_block, search);
  if (!is_cancelled (search))
    search->next += n;
  return search->next < search->n_blocks;
}

double
kin_knn_get_agreement (const KinKnn *search)
{
  gsize n_agreed = 0;

  for (guint i = 0; i < search->n_blocks; i++)
    n_agreed += search->agreed[i];
  return (double) n_agreed / search->queries.n;
}

typedef struct
{
  const float *rows;
  guint D;
} Matrix;

static void
get_matrix_row (gconstpointer data, gsize row, float *out)
{
  const Matrix *matrix = data;

  memcpy (out, matrix->rows + row * matrix->D, matrix->D * sizeof (float));
}

gboolean
kin_knn_agreement (KinPool *pool, const float *queries, const gint16 *query_labels, gsize n_queries, const float *bank,
                   const gint16 *bank_labels, gsize n_bank, guint D, guint n_classes, gboolean is_same, guint k,
                   double tau, const gint *cancel, double *agreement)
{
  Matrix query_matrix = { queries, D }, bank_matrix = { bank, D };
  KinRows query_rows = { get_matrix_row, &query_matrix, query_labels, n_queries };
  KinRows bank_rows = { get_matrix_row, &bank_matrix, bank_labels, n_bank };
  g_autoptr (KinKnn) search = kin_knn_new (pool, &query_rows, &bank_rows, D, n_classes, is_same, k, tau);

  g_return_val_if_fail (search != NULL, FALSE);
  while (kin_knn_advance (search, cancel))
    if (is_cancelled (search))
      return FALSE;
  *agreement = kin_knn_get_agreement (search);
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
