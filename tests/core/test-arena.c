#include "engine/core/arena.h"
#include "engine/core/rng.h"

#include <string.h>

typedef struct
{
  guint handle, first, last;
  gsize bytes;
} Plan;

static void
test_alignment_and_zeros (void)
{
  g_autoptr (KinArena) arena = kin_arena_new ();
  static const gsize sizes[] = { 1, 63, 64, 65, 0, 1000 };
  guint handles[G_N_ELEMENTS (sizes)];

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    handles[i] = kin_arena_reserve_always (arena, sizes[i]);
  kin_arena_commit (arena);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      const char *piece = kin_arena_get (arena, handles[i]);

      g_assert_cmpuint ((guintptr) piece % 64, ==, 0);
      for (gsize byte = 0; byte < sizes[i]; byte++)
        g_assert_cmpint (piece[byte], ==, 0);
    }
}

static void
test_empty (void)
{
  g_autoptr (KinArena) arena = kin_arena_new ();
  guint piece = kin_arena_reserve (arena, 0, 3, 4);

  kin_arena_commit (arena);
  g_assert_nonnull (kin_arena_get (arena, piece));
}

/* Pieces that live one after the other take the room of the largest. */
static void
test_reuse (void)
{
  g_autoptr (KinArena) arena = kin_arena_new ();

  for (guint i = 0; i < 10; i++)
    kin_arena_reserve (arena, 64 * (i + 1), i, i);
  kin_arena_commit (arena);
  g_assert_cmpuint (kin_arena_get_size (arena), ==, 640);
}

static gboolean
live_together (const Plan *a, const Plan *b)
{
  return a->first <= b->last && b->first <= a->last;
}

/* In another's memory where that is large enough, in its own where not; the lender's memory outlives the borrower. */
static void
test_borrowed (void)
{
  g_autoptr (KinArena) lender = kin_arena_new ();
  char *lent;

  kin_arena_reserve_always (lender, 1000);
  kin_arena_commit (lender);
  lent = kin_arena_get (lender, 0);
  for (guint bytes = 500; bytes <= 2000; bytes += 1500)
    {
      g_autoptr (KinArena) arena = kin_arena_new ();
      char *own;

      kin_arena_reserve_always (arena, bytes);
      kin_arena_commit_in (arena, lender);
      own = kin_arena_get (arena, 0);
      g_assert_true ((own == lent) == (bytes == 500));
      memset (own, 1, bytes);
    }
  memset (lent, 2, 1000);
}

static void
check_plan (KinArena *arena, const Plan *plans, guint n)
{
  const char *base = NULL;

  for (guint i = 0; i < n; i++)
    {
      const char *a = kin_arena_get (arena, plans[i].handle);

      base = base == NULL || a < base ? a : base;
      g_assert_cmpuint ((guintptr) a % 64, ==, 0);
      for (guint j = 0; j < i; j++)
        {
          const char *b = kin_arena_get (arena, plans[j].handle);

          if (live_together (&plans[i], &plans[j]) && plans[i].bytes > 0 && plans[j].bytes > 0)
            g_assert_true (a + plans[i].bytes <= b || b + plans[j].bytes <= a);
        }
    }
  for (guint i = 0; i < n; i++)
    g_assert_true ((const char *) kin_arena_get (arena, plans[i].handle) + plans[i].bytes
                   <= base + kin_arena_get_size (arena));
}

static void
test_random_plans (void)
{
  enum
  {
    ROUNDS = 200,
    PIECES_MAX = 40,
  };

  for (guint round = 0; round < ROUNDS; round++)
    {
      g_autoptr (KinArena) arena = kin_arena_new ();
      Plan plans[PIECES_MAX];
      KinRng rng;
      guint n;

      kin_rng_init (&rng, 1, KIN_STREAM_TEST, round, 0, 0);
      n = 1 + kin_rng_below (&rng, PIECES_MAX);
      for (guint i = 0; i < n; i++)
        {
          guint a = kin_rng_below (&rng, 20), b = kin_rng_below (&rng, 20);

          plans[i] = (Plan){ .first = MIN (a, b), .last = MAX (a, b), .bytes = kin_rng_below (&rng, 700) };
          if (kin_rng_below (&rng, 5) == 0)
            {
              plans[i].first = 0;
              plans[i].last = G_MAXUINT;
              plans[i].handle = kin_arena_reserve_always (arena, plans[i].bytes);
            }
          else
            plans[i].handle = kin_arena_reserve (arena, plans[i].bytes, plans[i].first, plans[i].last);
        }
      kin_arena_commit (arena);
      check_plan (arena, plans, n);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/arena/alignment-and-zeros", test_alignment_and_zeros);
  g_test_add_func ("/arena/empty", test_empty);
  g_test_add_func ("/arena/reuse", test_reuse);
  g_test_add_func ("/arena/borrowed", test_borrowed);
  g_test_add_func ("/arena/random-plans", test_random_plans);
  return g_test_run ();
}
