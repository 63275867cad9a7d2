#include "engine/snapshot.h"

#include <math.h>
#include <string.h>

static void
similarity_clear (gpointer data)
{
  KinSimilarity *similarity = data;

  g_free (similarity->ids);
  g_free (similarity->cosine);
  g_free (similarity->log_sum);
  g_clear_pointer (&similarity->policy, kin_policy_unref);
}

KinSimilarity *
kin_similarity_new (guint N)
{
  KinSimilarity *similarity = g_atomic_rc_box_new0 (KinSimilarity);
  gsize rows = 2 * (gsize) N;

  similarity->N = N;
  similarity->ids = g_new0 (guint32, N);
  similarity->cosine = g_new0 (float, rows * rows);
  similarity->log_sum = g_new0 (float, rows);
  return similarity;
}

KinSimilarity *
kin_similarity_ref (KinSimilarity *similarity)
{
  return g_atomic_rc_box_acquire (similarity);
}

void
kin_similarity_unref (KinSimilarity *similarity)
{
  g_atomic_rc_box_release_full (similarity, similarity_clear);
}

/* Below it log_sum, a float, no longer tells what negatives take. */
#define LEAST_PUSH 1e-3

KinCell
kin_similarity_cell (const KinSimilarity *similarity, guint row, guint column)
{
  gsize rows = 2 * (gsize) similarity->N;
  guint partner = (row + similarity->N) % rows;
  double pushed; /* the probability that negatives take from the positive */
  KinCell cell;

  g_assert (row < rows && column < rows);
  cell.is_self = row == column;
  cell.is_positive = column == partner;
  cell.cosine = similarity->cosine[row * rows + column];
  cell.probability = cell.is_self ? NAN : exp (cell.cosine / similarity->tau - similarity->log_sum[row]);
  cell.loss = similarity->log_sum[row] - similarity->cosine[row * rows + partner] / similarity->tau;
  pushed = -expm1 (-cell.loss);
  cell.gradient = (cell.probability - (cell.is_positive ? 1 : 0)) / similarity->tau;
  cell.share = cell.is_self || cell.is_positive || pushed < LEAST_PUSH ? NAN : cell.probability / pushed;
  return cell;
}

/* ln sum_{k != i} exp (s_ik / tau), the highest taken out first. */
static double
log_sum_of_row (const float *cosine, gsize rows, gsize row, double tau)
{
  double highest = -INFINITY, sum = 0;

  for (gsize k = 0; k < rows; k++)
    if (k != row)
      highest = fmax (highest, cosine[k]);
  for (gsize k = 0; k < rows; k++)
    if (k != row)
      sum += exp ((cosine[k] - highest) / tau);
  return highest / tau + log (sum);
}

KinSimilarity *
kin_similarity_new_at (const KinSimilarity *similarity, double tau)
{
  gsize rows = 2 * (gsize) similarity->N;
  KinSimilarity *at = kin_similarity_new (similarity->N);

  g_return_val_if_fail (tau > 0, at);
  at->N_batch = similarity->N;
  at->step = similarity->step;
  at->epoch = similarity->epoch;
  at->seed = similarity->seed;
  at->tau = tau;
  at->policy = similarity->policy == NULL ? NULL : kin_policy_ref (similarity->policy);
  memcpy (at->ids, similarity->ids, similarity->N * sizeof *at->ids);
  memcpy (at->cosine, similarity->cosine, rows * rows * sizeof *at->cosine);
  for (gsize row = 0; row < rows; row++)
    {
      const float *cosine = at->cosine + row * rows;

      at->log_sum[row] = log_sum_of_row (cosine, rows, row, tau);
      at->loss += (at->log_sum[row] - cosine[(row + at->N) % rows] / tau) / rows;
    }
  return at;
}

KinSnapshot *
kin_snapshot_new (void)
{
  KinSnapshot *snapshot = g_atomic_rc_box_new0 (KinSnapshot);

  snapshot->seconds_left = -1;
  snapshot->samples = g_array_new (FALSE, FALSE, sizeof (KinSample));
  snapshot->evaluations = g_array_new (FALSE, FALSE, sizeof (KinEvaluation));
  snapshot->events = g_ptr_array_new_with_free_func ((GDestroyNotify) kin_event_free);
  return snapshot;
}

static void
snapshot_clear (gpointer data)
{
  KinSnapshot *snapshot = data;

  g_free (snapshot->message);
  g_clear_error (&snapshot->error);
  g_clear_pointer (&snapshot->dataset, kin_dataset_unref);
  g_clear_pointer (&snapshot->config, kin_config_free);
  g_array_unref (snapshot->samples);
  g_array_unref (snapshot->evaluations);
  g_ptr_array_unref (snapshot->events);
  g_clear_pointer (&snapshot->similarity, kin_similarity_unref);
  g_clear_pointer (&snapshot->embedding, kin_embedding_unref);
}

void
kin_snapshot_unref (KinSnapshot *snapshot)
{
  g_atomic_rc_box_release_full (snapshot, snapshot_clear);
}
