#include <math.h>

#include "engine/core/rng.h"
#include "engine/embedding.h"

enum
{
  N = 200,
  D = 37,
};

static void
fill (float *rows)
{
  KinRng rng;

  kin_rng_init (&rng, 8, KIN_STREAM_TEST, 0, 0, 0);
  for (int i = 0; i < N * D; i++)
    rows[i] = kin_rng_range (&rng, -0.3f, 0.3f);
}

static double
dot (const float *a, const float *b)
{
  double sum = 0;

  for (int d = 0; d < D; d++)
    sum += (double) a[d] * b[d];
  return sum;
}

/* No row that was left out is nearer than one that was found, and each similarity is that of its row. */
static void
test_nearest (void)
{
  static const guint ks[] = { 1, 2, 10, N - 1, N, N + 50 };
  float rows[N * D];

  fill (rows);
  for (guint c = 0; c < G_N_ELEMENTS (ks); c++)
    for (int query = 0; query < N; query += 33)
      {
        KinNeighbour found[N + 50];
        gboolean is_found[N] = { FALSE };
        guint n = kin_neighbours_of_row (rows, NULL, N, D, rows + query * D, query, ks[c], found);

        g_assert_cmpuint (n, ==, MIN (ks[c], N - 1));
        for (guint i = 0; i < n; i++)
          {
            g_assert_cmpuint (found[i].id, !=, query);
            g_assert_false (is_found[found[i].id]);
            is_found[found[i].id] = TRUE;
            g_assert_cmpfloat_with_epsilon (found[i].similarity, dot (rows + found[i].id * D, rows + query * D), 1e-5);
            g_assert_true (i == 0 || found[i].similarity <= found[i - 1].similarity);
          }
        for (int row = 0; row < N; row++)
          g_assert_true (row == query || is_found[row]
                         || dot (rows + row * D, rows + query * D) <= found[n - 1].similarity + 1e-5);
      }
}

/* With @skip -1 the row itself comes first. */
static void
test_itself (void)
{
  float rows[N * D];
  KinNeighbour found[1];

  fill (rows);
  for (int d = 0; d < D; d++)
    rows[50 * D + d] *= 3;
  g_assert_cmpuint (kin_neighbours_of_row (rows, NULL, N, D, rows + 50 * D, -1, 1, found), ==, 1);
  g_assert_cmpuint (found[0].id, ==, 50);
}

static void
test_ties_and_ids (void)
{
  static const float rows[] = { 0, 1, 1, 0, 1, 0, -1, 0, 1, 0 }, query[] = { 1, 0 };
  static const guint32 ids[] = { 7, 9, 12, 40, 41 };
  KinNeighbour found[5];

  g_assert_cmpuint (kin_neighbours_of_row (rows, ids, 5, 2, query, -1, 2, found), ==, 2);
  g_assert_cmpuint (found[0].id, ==, 9);
  g_assert_cmpuint (found[1].id, ==, 12);
  g_assert_cmpuint (kin_neighbours_of_row (rows, ids, 5, 2, query, 1, 5, found), ==, 4);
  g_assert_cmpuint (found[0].id, ==, 12);
  g_assert_cmpuint (found[1].id, ==, 41);
  g_assert_cmpuint (found[2].id, ==, 7);
  g_assert_cmpuint (found[3].id, ==, 40);
  g_assert_cmpfloat (found[3].similarity, ==, -1);
  g_assert_cmpuint (kin_neighbours_of_row (rows, ids, 5, 2, query, -1, 0, found), ==, 0);
  g_assert_cmpuint (kin_neighbours_of_row (rows, ids, 1, 2, query, 0, 3, found), ==, 0);
}

static void
test_find_row (void)
{
  g_autoptr (KinEmbedding) embedding = kin_embedding_new (3, 2);
  g_autoptr (KinEmbedding) empty = kin_embedding_new (0, 2);

  embedding->ids[0] = 2;
  embedding->ids[1] = 5;
  embedding->ids[2] = 4000000000u;
  g_assert_cmpint (kin_embedding_find_row (embedding, 2), ==, 0);
  g_assert_cmpint (kin_embedding_find_row (embedding, 5), ==, 1);
  g_assert_cmpint (kin_embedding_find_row (embedding, 4000000000u), ==, 2);
  g_assert_cmpint (kin_embedding_find_row (embedding, 0), ==, -1);
  g_assert_cmpint (kin_embedding_find_row (embedding, 3), ==, -1);
  g_assert_cmpint (kin_embedding_find_row (embedding, G_MAXUINT32), ==, -1);
  g_assert_cmpint (kin_embedding_find_row (empty, 0), ==, -1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/neighbours/nearest", test_nearest);
  g_test_add_func ("/neighbours/itself", test_itself);
  g_test_add_func ("/neighbours/ties-and-ids", test_ties_and_ids);
  g_test_add_func ("/neighbours/find-row", test_find_row);
  return g_test_run ();
}
