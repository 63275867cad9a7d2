#include <math.h>
#include <stdlib.h>

#include "engine/core/npy.h"
#include "engine/core/rng.h"
#include "engine/eval/knn.h"

typedef struct
{
  gsize n;
  guint D, n_classes;
  float *rows;
  gint16 *labels;
} Set;

/* Unit rows around one centre a class, so that votes are neither all right nor left to chance. */
static Set
set_new (gsize n, guint D, guint n_classes, guint32 item)
{
  Set set = { n, D, n_classes, g_new (float, n *D), g_new (gint16, n) };
  KinRng rng;

  kin_rng_init (&rng, 3, KIN_STREAM_TEST, 0, item, 0);
  for (gsize i = 0; i < n; i++)
    {
      set.labels[i] = kin_rng_below (&rng, n_classes);
      for (guint d = 0; d < D; d++)
        set.rows[i * D + d] = kin_rng_normal (&rng) + (d % n_classes == (guint) set.labels[i] ? 0.8f : 0);
    }
  kin_normalize_rows_f32 (set.rows, n, D);
  return set;
}

static void
set_clear (Set *set)
{
  g_free (set->rows);
  g_free (set->labels);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Set, set_clear)

typedef struct
{
  double score;
  gsize row;
} Scored;

static int
nearest_first (gconstpointer a, gconstpointer b)
{
  const Scored *p = a, *q = b;

  if (p->score != q->score)
    return p->score > q->score ? -1 : 1;
  return p->row < q->row ? -1 : 1;
}

/* All products in double, all rows sorted. */
static double
brute_force (const Set *queries, const Set *bank, gboolean is_same, guint k, double tau)
{
  g_autofree Scored *scored = g_new (Scored, bank->n);
  g_autofree double *votes = g_new (double, bank->n_classes);
  gsize n_agreed = 0;

  for (gsize i = 0; i < queries->n; i++)
    {
      gsize n = 0;
      guint winner = 0;

      for (gsize j = 0; j < bank->n; j++)
        {
          double sum = 0;

          for (guint d = 0; d < bank->D; d++)
            sum += (double) queries->rows[i * bank->D + d] * bank->rows[j * bank->D + d];
          if (!is_same || i != j)
            scored[n++] = (Scored){ sum, j };
        }
      qsort (scored, n, sizeof *scored, nearest_first);
      for (guint c = 0; c < bank->n_classes; c++)
        votes[c] = 0;
      for (gsize j = 0; j < MIN (k, n); j++)
        votes[bank->labels[scored[j].row]] += exp (scored[j].score / tau);
      for (guint c = 1; c < bank->n_classes; c++)
        if (votes[c] > votes[winner])
          winner = c;
      n_agreed += n > 0 && winner == (guint) queries->labels[i];
    }
  return (double) n_agreed / queries->n;
}

static double
agreement (KinPool *pool, const Set *queries, const Set *bank, guint k, double tau)
{
  double share = NAN;

  g_assert_true (kin_knn_agreement (pool, queries->rows, queries->labels, queries->n, bank->rows, bank->labels, bank->n,
                                    bank->D, bank->n_classes, queries == bank, k, tau, NULL, &share));
  return share;
}

/* Sizes on both sides of the blocks' edges; k over what there is. */
static void
test_brute_force (void)
{
  static const struct
  {
    gsize n;
    guint D, k;
  } cases[] = { { 2, 3, 1 }, { 17, 5, 200 }, { 127, 8, 20 }, { 129, 31, 10 }, { 383, 16, 1 },
              { 385, 33, 200 }, { 700, 33, 200 } };
  g_autoptr (KinPool) pool = kin_pool_new (2);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Set) bank = set_new (cases[i].n, cases[i].D, 5, 2 * i);
      g_auto (Set) queries = set_new (130, cases[i].D, 5, 2 * i + 1);

      g_assert_cmpfloat_with_epsilon (agreement (pool, &bank, &bank, cases[i].k, 0.1),
                                      brute_force (&bank, &bank, TRUE, cases[i].k, 0.1), 1e-12);
      g_assert_cmpfloat_with_epsilon (agreement (pool, &queries, &bank, cases[i].k, 0.1),
                                      brute_force (&queries, &bank, FALSE, cases[i].k, 0.1), 1e-12);
    }
}

/* The same row twice, once in a vector of columns and once behind the last one: both get the same score, and the lower one
 * wins. */
static void
test_tie_over_blocks (void)
{
  g_autoptr (KinPool) pool = kin_pool_new (1);

  for (gsize n = 129; n < 145; n++)
    {
      g_auto (Set) bank = set_new (n, 37, 2, 40);
      Set query = bank;
      double share;

      memcpy (bank.rows + (n - 1) * bank.D, bank.rows + 3 * bank.D, bank.D * sizeof (float));
      bank.labels[3] = 1;
      bank.labels[n - 1] = 0;
      query.rows = bank.rows + 3 * bank.D;
      query.labels = bank.labels + 3;
      query.n = 1;
      g_assert_true (kin_knn_agreement (pool, query.rows, query.labels, 1, bank.rows, bank.labels, n, bank.D, 2, FALSE, 1,
                                        0.1, NULL, &share));
      g_assert_cmpfloat (share, ==, 1);
    }
}

static void
load (const char *name, KinNpy *array)
{
  g_autofree char *path = g_build_filename (g_getenv ("KIN_FIXTURES"), "eval", name, NULL);
  g_autoptr (GError) error = NULL;

  kin_npy_read (path, array, &error);
  g_assert_no_error (error);
}

static void
test_sklearn (void)
{
  g_auto (KinNpy) rows = { 0 };
  g_auto (KinNpy) labels = { 0 };
  g_auto (KinNpy) expected = { 0 };
  g_autoptr (KinPool) pool = kin_pool_new (2);
  Set all, head, tail;

  load ("rows.npy", &rows);
  load ("labels.npy", &labels);
  load ("expected.npy", &expected);
  all = (Set){ rows.shape[0], rows.shape[1], 4, g_new (float, rows.n), g_new (gint16, labels.n) };
  for (gsize i = 0; i < rows.n; i++)
    all.rows[i] = rows.values[i];
  for (gsize i = 0; i < labels.n; i++)
    all.labels[i] = labels.values[i];
  head = tail = all;
  head.n = 300;
  tail.n -= 300;
  tail.rows += 300 * all.D;
  tail.labels += 300;

  g_assert_cmpfloat_with_epsilon (agreement (pool, &all, &all, 20, 0.1), expected.values[0], 1e-12);
  g_assert_cmpfloat_with_epsilon (agreement (pool, &all, &all, 5, 0.07), expected.values[1], 1e-12);
  g_assert_cmpfloat_with_epsilon (agreement (pool, &all, &all, 200, 0.1), expected.values[2], 1e-12);
  g_assert_cmpfloat_with_epsilon (agreement (pool, &tail, &head, 20, 0.1), expected.values[3], 1e-12);
  set_clear (&all);
}

static void
test_threads_do_not_matter (void)
{
  g_auto (Set) set = set_new (1500, 20, 3, 50);
  double expected = NAN;

  for (guint n_threads = 1; n_threads <= 4; n_threads++)
    {
      g_autoptr (KinPool) pool = kin_pool_new (n_threads);
      double share = agreement (pool, &set, &set, 15, 0.07);

      if (n_threads == 1)
        expected = share;
      g_assert_cmpfloat (share, ==, expected);
    }
}

/* Two rows stand at the same distance on either side of the query: the lower row is the one neighbour. */
static void
test_ties (void)
{
  static const float bank[] = { 0.6f, -0.8f, 0.6f, 0.8f, -1, 0 }, query[] = { 1, 0 };
  static const gint16 lower[] = { 1, 0, 0 }, two_each[] = { 1, 0, 0 }, one[] = { 1 }, zero[] = { 0 };
  g_autoptr (KinPool) pool = kin_pool_new (1);
  double share;

  g_assert_true (kin_knn_agreement (pool, query, one, 1, bank, lower, 3, 2, 2, FALSE, 1, 0.1, NULL, &share));
  g_assert_cmpfloat (share, ==, 1);
  /* With both, each class has one vote of the same weight: the lower class. */
  g_assert_true (kin_knn_agreement (pool, query, zero, 1, bank, two_each, 3, 2, 2, FALSE, 2, 0.1, NULL, &share));
  g_assert_cmpfloat (share, ==, 1);
}

/* Three equal rows fill k = 3, then a nearer one comes: the last of the three falls off, not the first. */
static void
test_ties_that_fall_off (void)
{
  static const float bank[] = { 0.6f, 0.8f, 0.6f, 0.8f, 0.6f, 0.8f, 0.8f, 0.6f }, query[] = { 1, 0 };
  static const gint16 labels[] = { 1, 0, 0, 1 }, one[] = { 1 };
  g_autoptr (KinPool) pool = kin_pool_new (1);
  double share;

  g_assert_true (kin_knn_agreement (pool, query, one, 1, bank, labels, 4, 2, 2, FALSE, 3, 100, NULL, &share));
  g_assert_cmpfloat (share, ==, 1);
}

/* The only row is its own neighbour, or has none. A tiny temperature does not overflow: the nearest one decides. */
static void
test_edges (void)
{
  static const float bank[] = { 1, 0, 0.8f, 0.6f, 0.8f, -0.6f }, query[] = { 1, 0 };
  static const gint16 labels[] = { 1, 0, 0 }, one[] = { 1 };
  g_autoptr (KinPool) pool = kin_pool_new (2);
  double share;

  g_assert_true (kin_knn_agreement (pool, query, one, 1, query, one, 1, 2, 2, TRUE, 5, 0.1, NULL, &share));
  g_assert_cmpfloat (share, ==, 0);
  g_assert_true (kin_knn_agreement (pool, query, one, 1, query, one, 1, 2, 2, FALSE, 5, 0.1, NULL, &share));
  g_assert_cmpfloat (share, ==, 1);
  g_assert_true (kin_knn_agreement (pool, query, one, 1, bank, labels, 3, 2, 2, FALSE, 3, 1e-4, NULL, &share));
  g_assert_cmpfloat (share, ==, 1);
  g_assert_true (kin_knn_agreement (pool, query, one, 1, bank, labels, 3, 2, 2, FALSE, 3, 100, NULL, &share));
  g_assert_cmpfloat (share, ==, 0);
}

static void
test_cancel (void)
{
  g_auto (Set) set = set_new (50, 4, 2, 60);
  g_autoptr (KinPool) pool = kin_pool_new (2);
  const gint cancel = 1;
  double share = 7;

  g_assert_false (kin_knn_agreement (pool, set.rows, set.labels, set.n, set.rows, set.labels, set.n, set.D, 2, TRUE, 5,
                                     0.1, &cancel, &share));
  g_assert_cmpfloat (share, ==, 7);
}

static void
test_normalize (void)
{
  float rows[] = { 3, 4, 0, 0, 1e-30f, 0, 3e30f, -4e30f };
  static const float expected[] = { 0.6f, 0.8f, 0, 0, 1, 0, 0.6f, -0.8f };

  kin_normalize_rows_f32 (rows, 4, 2);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpfloat_with_epsilon (rows[i], expected[i], 1e-7);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/knn/brute-force", test_brute_force);
  g_test_add_func ("/knn/tie-over-blocks", test_tie_over_blocks);
  g_test_add_func ("/knn/sklearn", test_sklearn);
  g_test_add_func ("/knn/threads-do-not-matter", test_threads_do_not_matter);
  g_test_add_func ("/knn/ties", test_ties);
  g_test_add_func ("/knn/ties-that-fall-off", test_ties_that_fall_off);
  g_test_add_func ("/knn/edges", test_edges);
  g_test_add_func ("/knn/cancel", test_cancel);
  g_test_add_func ("/knn/normalize", test_normalize);
  return g_test_run ();
}
