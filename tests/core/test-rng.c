#include <math.h>

#include "engine/core/rng.h"

/* Random123's kat_vectors, philox4x32, 10 rounds. */
static void
test_known_answers (void)
{
  static const struct
  {
    guint32 counter[4], key[2], expected[4];
  } vectors[] = {
    { { 0, 0, 0, 0 }, { 0, 0 }, { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 } },
    { { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff },
      { 0xffffffff, 0xffffffff },
      { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd } },
    { { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 },
      { 0xa4093822, 0x299f31d0 },
      { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (vectors); i++)
    {
      guint32 out[4];

      kin_philox (vectors[i].counter, vectors[i].key, out);
      for (int word = 0; word < 4; word++)
        g_assert_cmphex (out[word], ==, vectors[i].expected[word]);
    }
}

/* Each part of a stream's name matters, and a stream can be drawn again. */
static void
test_streams_differ (void)
{
  enum
  {
    STREAMS = 6,
  };
  KinRng rngs[STREAMS], again;

  kin_rng_init (&rngs[0], 1, KIN_STREAM_TEST, 2, 3, 4);
  kin_rng_init (&rngs[1], (guint64) 1 << 32 | 1, KIN_STREAM_TEST, 2, 3, 4);
  kin_rng_init (&rngs[2], 1, KIN_STREAM_PROBE, 2, 3, 4);
  kin_rng_init (&rngs[3], 1, KIN_STREAM_TEST, 3, 3, 4);
  kin_rng_init (&rngs[4], 1, KIN_STREAM_TEST, 2, 4, 4);
  kin_rng_init (&rngs[5], 1, KIN_STREAM_TEST, 2, 3, 5);
  kin_rng_init (&again, 1, KIN_STREAM_TEST, 2, 3, 4);
  for (int draw = 0; draw < 9; draw++)
    {
      guint32 words[STREAMS];

      for (int i = 0; i < STREAMS; i++)
        words[i] = kin_rng_u32 (&rngs[i]);
      g_assert_cmphex (words[0], ==, kin_rng_u32 (&again));
      for (int i = 0; i < STREAMS; i++)
        for (int j = 0; j < i; j++)
          g_assert_cmphex (words[i], !=, words[j]);
    }
}

/* The stream is fixed, so the bounds hold always or never; they are 6 standard errors wide. */
static void
test_unit_is_uniform (void)
{
  enum
  {
    N = 100000,
    BINS = 16,
  };
  KinRng rng;
  double sum = 0, square = 0;
  int counts[BINS] = { 0 };

  kin_rng_init (&rng, 7, KIN_STREAM_TEST, 0, 0, 0);
  for (int i = 0; i < N; i++)
    {
      float u = kin_rng_unit (&rng);

      g_assert_true (u >= 0 && u < 1);
      sum += u;
      square += u * u;
      counts[(int) (u * BINS)]++;
    }
  g_assert_cmpfloat_with_epsilon (sum / N, 0.5, 6 * sqrt (1 / 12.0 / N));
  g_assert_cmpfloat_with_epsilon (square / N, 1 / 3.0, 6 * sqrt (4 / 45.0 / N));
  for (int bin = 0; bin < BINS; bin++)
    g_assert_cmpfloat_with_epsilon (counts[bin], N / (double) BINS, 6 * sqrt (N / (double) BINS));
}

static void
test_range (void)
{
  KinRng rng;
  float low = 1e9f, high = -1e9f;

  kin_rng_init (&rng, 8, KIN_STREAM_TEST, 0, 0, 0);
  for (int i = 0; i < 10000; i++)
    {
      float u = kin_rng_range (&rng, -3, 5);

      low = MIN (low, u);
      high = MAX (high, u);
    }
  g_assert_true (low >= -3 && low < -2.99f && high <= 5 && high > 4.99f);
}

/* n = 3 · 2^30 would show a bias of a third if the uneven products were kept. */
static void
test_below_has_no_bias (void)
{
  enum
  {
    N = 60000,
  };
  const guint32 n = 3u << 30;
  KinRng rng;
  int counts[3] = { 0 }, small[6] = { 0 };

  kin_rng_init (&rng, 9, KIN_STREAM_TEST, 0, 0, 0);
  for (int i = 0; i < N; i++)
    {
      guint32 value = kin_rng_below (&rng, n);

      g_assert_cmpuint (value, <, n);
      /* Without rejection, every third value would come twice as often. */
      counts[value % 3]++;
      small[kin_rng_below (&rng, 6)]++;
      g_assert_cmpuint (kin_rng_below (&rng, 1), ==, 0);
    }
  for (int i = 0; i < 3; i++)
    g_assert_cmpfloat_with_epsilon (counts[i], N / 3.0, 6 * sqrt (N / 3.0));
  for (int i = 0; i < 6; i++)
    g_assert_cmpfloat_with_epsilon (small[i], N / 6.0, 6 * sqrt (N / 6.0));
}

static void
test_normal (void)
{
  enum
  {
    N = 100000,
  };
  KinRng rng;
  double sum = 0, square = 0, fourth = 0;

  kin_rng_init (&rng, 10, KIN_STREAM_TEST, 0, 0, 0);
  for (int i = 0; i < N; i++)
    {
      double x = kin_rng_normal (&rng);

      sum += x;
      square += x * x;
      fourth += x * x * x * x;
    }
  g_assert_cmpfloat_with_epsilon (sum / N, 0, 6 / sqrt (N));
  g_assert_cmpfloat_with_epsilon (square / N, 1, 6 * sqrt (2.0 / N));
  g_assert_cmpfloat_with_epsilon (fourth / N, 3, 6 * sqrt (96.0 / N));
}

/* A permutation, and each value comes to each place equally often. */
static void
test_shuffle (void)
{
  enum
  {
    N = 5,
    ROUNDS = 20000,
  };
  int counts[N][N] = { { 0 } };

  for (guint round = 0; round < ROUNDS; round++)
    {
      guint32 values[N] = { 0, 1, 2, 3, 4 };
      guint seen = 0;
      KinRng rng;

      kin_rng_init (&rng, 11, KIN_STREAM_TEST, round, 0, 0);
      kin_rng_shuffle (&rng, values, N);
      for (int i = 0; i < N; i++)
        {
          seen |= 1u << values[i];
          counts[i][values[i]]++;
        }
      g_assert_cmphex (seen, ==, 0x1f);
    }
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++)
      g_assert_cmpfloat_with_epsilon (counts[i][j], ROUNDS / (double) N, 6 * sqrt (ROUNDS / (double) N));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rng/known-answers", test_known_answers);
  g_test_add_func ("/rng/streams-differ", test_streams_differ);
  g_test_add_func ("/rng/unit-is-uniform", test_unit_is_uniform);
  g_test_add_func ("/rng/range", test_range);
  g_test_add_func ("/rng/below-has-no-bias", test_below_has_no_bias);
  g_test_add_func ("/rng/normal", test_normal);
  g_test_add_func ("/rng/shuffle", test_shuffle);
  return g_test_run ();
}
