#include "engine/core/pool.h"

typedef struct
{
  gint *counts; /* (n) */
  guint n, n_threads;
  gint foreign; /* items or workers out of range */
} Tally;

static void
count_item (gpointer data, guint item, guint worker)
{
  Tally *tally = data;

  if (item >= tally->n || worker >= tally->n_threads)
    g_atomic_int_inc (&tally->foreign);
  else
    g_atomic_int_inc (&tally->counts[item]);
}

static void
test_every_item_once (void)
{
  static const guint sizes[] = { 0, 1, 2, 3, 7, 64, 1000 };

  for (guint n_threads = 1; n_threads <= 5; n_threads++)
    {
      g_autoptr (KinPool) pool = kin_pool_new (n_threads);

      g_assert_cmpuint (kin_pool_get_n_threads (pool), ==, n_threads);
      for (guint generation = 0; generation < 700; generation++)
        {
          guint n = sizes[generation % G_N_ELEMENTS (sizes)];
          g_autofree gint *counts = g_new0 (gint, n);
          Tally tally = { counts, n, n_threads, 0 };

          kin_pool_run (pool, n, count_item, &tally);
          g_assert_cmpint (tally.foreign, ==, 0);
          for (guint i = 0; i < n; i++)
            g_assert_cmpint (counts[i], ==, 1);
        }
    }
}

/* Work that comes after the workers fell asleep is done too. */
static void
test_after_a_pause (void)
{
  g_autoptr (KinPool) pool = kin_pool_new (3);
  gint counts[50];

  for (int round = 0; round < 5; round++)
    {
      Tally tally = { counts, G_N_ELEMENTS (counts), 3, 0 };

      for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
        counts[i] = 0;
      g_usleep (20000);
      kin_pool_run (pool, G_N_ELEMENTS (counts), count_item, &tally);
      g_assert_cmpint (tally.foreign, ==, 0);
      for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
        g_assert_cmpint (counts[i], ==, 1);
    }
}

static void
test_never_used (void)
{
  for (int round = 0; round < 50; round++)
    kin_pool_free (kin_pool_new (4));
}

static void
test_one_a_core (void)
{
  g_autoptr (KinPool) pool = kin_pool_new (0);

  g_assert_cmpuint (kin_pool_get_n_threads (pool), ==, MIN (g_get_num_processors (), KIN_THREADS_MAX));
}

/* Plain memory written by the workers is the caller's to read once the loop is over, and the other way round. */
static void
square (gpointer data, guint item, guint worker)
{
  guint64 *values = data;

  values[item] *= values[item];
}

static void
test_results_are_visible (void)
{
  g_autoptr (KinPool) pool = kin_pool_new (4);
  guint64 values[200];

  for (guint round = 0; round < 300; round++)
    {
      for (guint i = 0; i < G_N_ELEMENTS (values); i++)
        values[i] = i + round;
      kin_pool_run (pool, G_N_ELEMENTS (values), square, values);
      for (guint i = 0; i < G_N_ELEMENTS (values); i++)
        g_assert_cmpuint (values[i], ==, (guint64) (i + round) * (i + round));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pool/every-item-once", test_every_item_once);
  g_test_add_func ("/pool/after-a-pause", test_after_a_pause);
  g_test_add_func ("/pool/never-used", test_never_used);
  g_test_add_func ("/pool/one-a-core", test_one_a_core);
  g_test_add_func ("/pool/results-are-visible", test_results_are_visible);
  return g_test_run ();
}
