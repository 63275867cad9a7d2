#include "engine/loss/ntxent.h"

#include "engine/kernels/gemm.h"

#include <math.h>

/* With s_ij = z_i · z_j / tau, P_ij = exp s_ij / sum_{k != i} exp s_ik (and P_ii = 0), p(i) the row of i's positive:
 *
 *     loss = 1/(2N) sum_i (ln sum_{k != i} exp s_ik - s_i,p(i))
 *
 *     d loss / d s_ij = (P_ij - [j = p(i)]) / (2N)  =: A_ij
 *
 * Every z_i stands in its own row of s and in a column of all others, hence
 *
 *     d loss / d z = (A + Aᵀ) z / tau. */

enum
{
  BLOCKS = 8, /* of rows: the unit of work, whatever the number of threads */
};

typedef struct
{
  const real *z;
  gsize rows;
  guint N, D;
  double tau;
  real *logits; /* (rows, rows): s, then A · 2N */
  real *log_sum, *dz;
  double loss[BLOCKS];
  guint hits[BLOCKS];
} Job;

static gsize
block_first (const Job *job, guint block)
{
  return job->rows * block / BLOCKS;
}

/* Turns line i of s into line i of A · 2N. */
static void
softmax_row (Job *job, gsize i, guint block)
{
  real *s = job->logits + i * job->rows;
  gsize positive = (i + job->N) % job->rows;
  real own = s[positive], highest = -G_MAXFLOAT;
  gboolean is_hit = TRUE;
  double sum = 0;

  for (gsize k = 0; k < job->rows; k++)
    if (k != i)
      {
        highest = MAX (highest, s[k]);
        is_hit &= k == positive || s[k] < own;
      }
  s[i] = 0;
  for (gsize k = 0; k < job->rows; k++)
    if (k != i)
      {
#ifdef KIN_REAL_DOUBLE
        s[k] = exp (s[k] - highest);
#else
        s[k] = expf (s[k] - highest);
#endif
        sum += s[k];
      }
  job->log_sum[i] = highest + log (sum);
  job->loss[block] += highest + log (sum) - own;
  job->hits[block] += is_hit;
  if (job->dz == NULL)
    return;
  for (gsize k = 0; k < job->rows; k++)
    s[k] /= sum;
  s[positive] -= 1;
}

static void
softmax_block (gpointer data, guint block, guint worker)
{
  Job *job = data;
  gsize first = block_first (job, block), n = block_first (job, block + 1) - first;

  job->loss[block] = 0;
  job->hits[block] = 0;
  kin_gemm (KIN_PLAIN, KIN_TRANSPOSED, n, job->rows, job->D, 1 / job->tau, job->z + first * job->D, job->D, job->z,
            job->D, 0, job->logits + first * job->rows, job->rows);
  for (gsize i = first; i < first + n; i++)
    softmax_row (job, i, block);
}

static void
gradient_block (gpointer data, guint block, guint worker)
{
  Job *job = data;
  gsize first = block_first (job, block), n = block_first (job, block + 1) - first;
  real scale = 1 / (job->rows * job->tau);
  real *dz = job->dz + first * job->D;

  kin_gemm (KIN_PLAIN, KIN_PLAIN, n, job->D, job->rows, scale, job->logits + first * job->rows, job->rows, job->z,
            job->D, 0, dz, job->D);
  kin_gemm (KIN_TRANSPOSED, KIN_PLAIN, n, job->D, job->rows, scale, job->logits + first, job->rows, job->z, job->D, 1,
            dz, job->D);
}

gsize
kin_ntxent_workspace (guint N)
{
  return 4 * (gsize) N * N;
}

KinNtxentResult
kin_ntxent (KinPool *pool, const real *z, guint N, guint D, double tau, real *workspace, real *log_sum, real *dz)
{
  Job job = { .z = z, .rows = 2 * (gsize) N, .N = N, .D = D, .tau = tau, .logits = workspace, .log_sum = log_sum,
              .dz = dz };
  KinNtxentResult result = { 0 };

  kin_pool_run (pool, BLOCKS, softmax_block, &job);
  if (dz != NULL)
    kin_pool_run (pool, BLOCKS, gradient_block, &job);
  for (guint block = 0; block < BLOCKS; block++)
    {
      result.loss += job.loss[block];
      result.top1 += job.hits[block];
    }
  result.loss /= job.rows;
  result.top1 /= job.rows;
  return result;
}

double
kin_ntxent_chance (guint N)
{
  return log (2.0 * N - 1);
}
