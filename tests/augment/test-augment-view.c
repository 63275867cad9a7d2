#include "engine/data/augment.h"

#include <math.h>
#include <string.h>

/* Every operation, often. */
#define EVERYTHING                                                                                                     \
  "crop p=0.7; hflip p=0.5; vflip p=0.5; rotate p=0.5 fill=background; translate p=0.5 share=0.3 fill=black;"          \
  "jitter p=0.8 brightness=1 contrast=1 saturation=1 hue=0.5; grayscale p=0.3; solarize p=0.3;"                        \
  "blur p=0.5 kernel=31 sigma_max=5; noise p=0.5 std=0.3; cutout p=0.5; crop p=0.5; jitter p=0.5; noise p=0.5"

enum
{
  GUARD = 64, /* floats before and after a buffer that must not change */
};

static const guint sizes[] = { 16, 17, 20, 28, 31, 32, 48, 64, 95, 96 };

/* An image, and a view of it between guards. */
typedef struct
{
  guint size, channels;
  gsize n;
  guint8 *pixels;
  float *planes, *scratch; /* inside their guards */
} Bench;

static float *
guarded (gsize n)
{
  float *all = g_new (float, n + 2 * GUARD);

  for (gsize i = 0; i < n + 2 * GUARD; i++)
    all[i] = -7;
  return all + GUARD;
}

static void
check_guard (float *inside, gsize n)
{
  for (gsize i = 0; i < GUARD; i++)
    if (inside[-1 - (gssize) i] != -7 || inside[n + i] != -7)
      g_error ("written %zu floats outside", i + 1);
}

static Bench
bench_new (guint size, guint channels)
{
  Bench b = { .size = size, .channels = channels, .n = (gsize) channels * size * size };
  KinRng rng;

  kin_rng_init (&rng, 9, KIN_STREAM_TEST, 0, size, channels);
  b.pixels = g_new (guint8, b.n);
  for (gsize i = 0; i < b.n; i++)
    b.pixels[i] = kin_rng_below (&rng, 3) == 0 ? 255 : kin_rng_below (&rng, 256);
  b.planes = guarded (b.n);
  b.scratch = guarded (kin_augment_scratch (size, channels));
  return b;
}

static void
bench_clear (Bench *b)
{
  check_guard (b->planes, b->n);
  check_guard (b->scratch, kin_augment_scratch (b->size, b->channels));
  g_free (b->planes - GUARD);
  g_free (b->scratch - GUARD);
  g_free (b->pixels);
}

static void
augment (Bench *b, const KinPolicy *policy, guint image, guint view, KinTrace *trace)
{
  KinViewKey key = { .seed = 1, .epoch = 4, .image = image, .view = view };

  kin_augment (policy, KIN_STREAM_AUGMENT, &key, b->pixels, b->size, b->channels, b->planes, b->scratch, trace);
}

static void
load (Bench *b)
{
  gsize n = (gsize) b->size * b->size;

  for (gsize i = 0; i < n; i++)
    for (guint c = 0; c < b->channels; c++)
      b->planes[c * n + i] = b->pixels[b->channels * i + c] / 255.0f;
}

static void
for_all_shapes (void (*check) (Bench *b))
{
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (guint channels = 1; channels <= 3; channels += 2)
      {
        Bench b = bench_new (sizes[i], channels);

        check (&b);
        bench_clear (&b);
      }
}

static KinPolicy *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  KinPolicy *policy = kin_policy_from_text (text, &error);

  g_assert_no_error (error);
  return policy;
}

/* What changes nothing gives the bytes / 255, to the bit. */
static void
check_identity (Bench *b)
{
  const char *const texts[] = {
    "",
    "off crop; off rotate; off noise; off cutout; off solarize; off hflip",
    "crop p=0; hflip p=0; vflip p=0; rotate p=0; translate p=0; jitter p=0; grayscale p=0; solarize p=0; blur p=0;"
    "noise p=0; cutout p=0",
    "crop area_min=1 aspect=1; rotate degrees=0; translate share=0; noise std=0; blur kernel=1;"
    "jitter brightness=0 contrast=0 saturation=0 hue=0",
  };
  g_autofree float *expected = NULL;

  load (b);
  expected = g_memdup2 (b->planes, b->n * sizeof (float));
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (KinPolicy) policy = parse (texts[i]);

      memset (b->planes, 0xff, b->n * sizeof (float));
      augment (b, policy, 3, 0, NULL);
      for (gsize j = 0; j < b->n; j++)
        if (!(b->planes[j] == expected[j]))
          g_error ("%s: %zu is %.9g, not %.9g", texts[i], j, b->planes[j], expected[j]);
    }
}

static void
test_identity (void)
{
  for_all_shapes (check_identity);
}

/* The trace, and nothing else, makes the view again. */
static void
check_replay (Bench *b)
{
  g_autoptr (KinPolicy) policy = parse (EVERYTHING);

  for (guint image = 0; image < 12; image++)
    {
      g_autofree float *expected = NULL;
      KinTrace trace;

      augment (b, policy, image, 1, &trace);
      expected = g_memdup2 (b->planes, b->n * sizeof (float));
      g_assert_cmpuint (trace.n_steps, ==, policy->n_ops);
      load (b);
      for (guint i = 0; i < trace.n_steps; i++)
        if (trace.steps[i].is_applied)
          kin_op_apply (trace.steps[i].kind, trace.steps[i].drawn, b->planes, b->size, b->channels, b->scratch);
      g_assert_cmpmem (b->planes, b->n * sizeof (float), expected, b->n * sizeof (float));
    }
}

static void
test_replay (void)
{
  for_all_shapes (check_replay);
}

static void
check_range (Bench *b)
{
  g_autoptr (KinPolicy) policy = parse (EVERYTHING);

  for (guint image = 0; image < 30; image++)
    {
      augment (b, policy, image, 0, NULL);
      for (gsize i = 0; i < b->n; i++)
        if (!(b->planes[i] >= 0 && b->planes[i] <= 1))
          g_error ("image %u: %zu is %.9g", image, i, b->planes[i]);
    }
}

static void
test_range (void)
{
  for_all_shapes (check_range);
}

/* The most that every strength allows, on one operation at a time. */
static void
check_extremes (Bench *b)
{
  const char *const texts[] = {
    "crop area_min=0.02 area_max=0.02 aspect=3",
    "crop area_min=1 aspect=3",
    "rotate fill=black",
    "translate share=0.5",
    "jitter brightness=2 contrast=2 saturation=2 hue=0.5",
    "blur kernel=31 sigma_min=10 sigma_max=10",
    "blur kernel=31 sigma_min=0.01 sigma_max=0.01",
    "blur kernel=9 sigma_min=0.5 sigma_max=3",
    "noise std=1",
    "cutout share=1",
    "cutout share=0.02",
    "solarize threshold=0",
    "solarize threshold=1",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (KinPolicy) policy = parse (texts[i]);

      for (guint image = 0; image < 20; image++)
        {
          augment (b, policy, image, 0, NULL);
          for (gsize j = 0; j < b->n; j++)
            if (!(b->planes[j] >= 0 && b->planes[j] <= 1))
              g_error ("%s: image %u: %zu is %.9g", texts[i], image, j, b->planes[j]);
        }
    }
}

static void
test_extremes (void)
{
  for_all_shapes (check_extremes);
}

/* Sums of weights that are one only nearly must not make white whiter. */
static void
check_white (Bench *b)
{
  memset (b->pixels, 255, b->n);
  check_extremes (b);
}

static void
test_white (void)
{
  for_all_shapes (check_white);
}

/* The same key gives the same bits, whatever was made in between and in whatever state the buffers are. */
static void
check_determinism (Bench *b)
{
  g_autoptr (KinPolicy) policy = parse (EVERYTHING);
  g_autofree float *first = NULL;
  KinTrace a, again;

  augment (b, policy, 8, 0, &a);
  first = g_memdup2 (b->planes, b->n * sizeof (float));
  augment (b, policy, 8, 1, NULL);
  g_assert_cmpint (memcmp (b->planes, first, b->n * sizeof (float)), !=, 0);
  memset (b->scratch, 0xff, kin_augment_scratch (b->size, b->channels) * sizeof (float));
  augment (b, policy, 8, 0, &again);
  g_assert_cmpmem (b->planes, b->n * sizeof (float), first, b->n * sizeof (float));
  g_assert_cmpuint (a.n_steps, ==, again.n_steps);
  g_assert_cmpmem (a.steps, a.n_steps * sizeof *a.steps, again.steps, again.n_steps * sizeof *again.steps);
}

static void
test_determinism (void)
{
  for_all_shapes (check_determinism);
}

/* Colour is drawn for one channel as for three, and noted as what was done: nothing. */
static void
test_one_channel (void)
{
  g_autoptr (KinPolicy) policy = parse ("jitter hue=0.5 saturation=1; grayscale p=1");
  Bench gray = bench_new (32, 1), colour = bench_new (32, 3);

  for (guint image = 0; image < 50; image++)
    {
      KinTrace one, three;
      g_autofree char *text = NULL;

      augment (&gray, policy, image, 0, &one);
      augment (&colour, policy, image, 0, &three);
      g_assert_cmpmem (one.steps[0].drawn, 3 * sizeof (float), three.steps[0].drawn, 3 * sizeof (float));
      g_assert_cmpfloat (one.steps[0].drawn[3], ==, 1);
      g_assert_cmpfloat (one.steps[0].drawn[4], ==, 0);
      g_assert_false (one.steps[1].is_applied);
      g_assert_true (three.steps[1].is_applied);
      text = kin_trace_to_text (&one);
      g_assert_null (strstr (text, "hue"));
      g_assert_null (strstr (text, "gray"));
    }
  bench_clear (&gray);
  bench_clear (&colour);
}

/* A thing on a plain background, moved: every pixel far from the thing is background still, to the bit of a byte. */
static void
test_background (void)
{
  g_autoptr (KinPolicy) policy = parse ("rotate fill=background; translate share=0.3 fill=background");
  const float background[] = { 230 / 255.0f, 120 / 255.0f, 17 / 255.0f };
  Bench b = bench_new (32, 3);

  for (gsize i = 0; i < 32 * 32; i++)
    for (guint c = 0; c < 3; c++)
      b.pixels[3 * i + c] = (guint8) lrintf (255 * background[c]);
  for (guint image = 0; image < 50; image++)
    {
      augment (&b, policy, image, 0, NULL);
      for (gsize i = 0; i < b.n; i++)
        if (!(fabsf (b.planes[i] - background[i / (32 * 32)]) <= 1e-6f))
          g_error ("image %u: %zu is %.9g", image, i, b.planes[i]);
    }
  bench_clear (&b);
}

/* A positive angle turns counter-clockwise: what was on the right is on top. */
static void
test_rotation_sense (void)
{
  Bench b = bench_new (16, 1);
  float drawn[KIN_OP_DRAWN_MAX] = { 90, 0 };

  memset (b.planes, 0, b.n * sizeof (float));
  b.planes[8 * 16 + 15] = 1;
  kin_op_apply (KIN_OP_ROTATE, drawn, b.planes, 16, 1, b.scratch);
  for (guint i = 0; i < 16 * 16; i++)
    g_assert_cmpfloat_with_epsilon (b.planes[i], i == 8 ? 1 : 0, 1e-5);
  bench_clear (&b);
}

/* A picture of a view is what training sees, rounded. */
static void
test_preview (void)
{
  for (guint channels = 1; channels <= 3; channels += 2)
    {
      g_autoptr (KinPolicy) policy = parse (EVERYTHING);
      Bench b = bench_new (24, channels);
      KinDataset set = { .n_images = 1, .size = 24, .channels = channels, .pixels = b.pixels };
      g_autofree guint8 *rgb = g_new (guint8, b.n);

      for (guint view = 0; view < 20; view++)
        {
          KinViewKey key = { .seed = 1, .epoch = 4, .image = 0, .view = view };
          KinTrace trained, shown;

          augment (&b, policy, 0, view, &trained);
          kin_preview_view (&set, policy, &key, rgb, &shown);
          g_assert_cmpmem (trained.steps, trained.n_steps * sizeof *trained.steps, shown.steps,
                           shown.n_steps * sizeof *shown.steps);
          for (gsize i = 0; i < b.n; i++)
            {
              float value = b.planes[i % channels * 24 * 24 + i / channels];

              if (rgb[i] != (guint8) floor (255.0f * value + 0.5f))
                g_error ("view %u: byte %zu is %u for %.9g", view, i, rgb[i], value);
            }
        }
      bench_clear (&b);
    }
}

static void
test_preview_identity (void)
{
  g_autoptr (KinPolicy) none = kin_policy_new ();
  Bench b = bench_new (32, 3);
  KinDataset set = { .n_images = 1, .size = 32, .channels = 3, .pixels = b.pixels };
  KinViewKey key = { .seed = 1 };
  g_autofree guint8 *rgb = g_new (guint8, b.n);

  kin_preview_view (&set, none, &key, rgb, NULL);
  g_assert_cmpmem (rgb, b.n, b.pixels, b.n);
  bench_clear (&b);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/augment/view/identity", test_identity);
  g_test_add_func ("/augment/view/replay", test_replay);
  g_test_add_func ("/augment/view/range", test_range);
  g_test_add_func ("/augment/view/extremes", test_extremes);
  g_test_add_func ("/augment/view/white", test_white);
  g_test_add_func ("/augment/view/determinism", test_determinism);
  g_test_add_func ("/augment/view/one-channel", test_one_channel);
  g_test_add_func ("/augment/view/background", test_background);
  g_test_add_func ("/augment/view/rotation-sense", test_rotation_sense);
  g_test_add_func ("/augment/view/preview", test_preview);
  g_test_add_func ("/augment/view/preview-identity", test_preview_identity);
  return g_test_run ();
}
