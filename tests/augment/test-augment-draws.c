#include "engine/data/augment.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The draws are made from fixed seeds: a bound of five standard errors holds for ever once it holds, and a wrong
 * distribution misses it by far. */
#define SIGMAS 5.0

enum
{
  N_DRAWS = 20000,
  SIZE = 32,
  CHANNELS = 3,
};

static guint8 pixels[KIN_SIZE_MAX * KIN_SIZE_MAX * 3];
static float planes[KIN_SIZE_MAX * KIN_SIZE_MAX * 3];
static float *scratch;

static KinTrace
draw (const KinPolicy *policy, guint image, guint view)
{
  KinViewKey key = { .seed = 11, .epoch = 2, .image = image, .view = view };
  KinTrace trace;

  kin_augment (policy, KIN_STREAM_AUGMENT, &key, pixels, SIZE, CHANNELS, planes, scratch, &trace);
  return trace;
}

typedef struct
{
  double n, sum, squares, min, max;
} Moments;

static void
add (Moments *m, double x)
{
  m->min = m->n > 0 ? MIN (m->min, x) : x;
  m->max = m->n > 0 ? MAX (m->max, x) : x;
  m->n++;
  m->sum += x;
  m->squares += x * x;
}

static double
mean (const Moments *m)
{
  return m->sum / m->n;
}

static double
variance (const Moments *m)
{
  return m->squares / m->n - mean (m) * mean (m);
}

static void
assert_near (const char *what, double value, double expected, double error)
{
  if (!(fabs (value - expected) <= SIGMAS * error))
    {
      g_test_message ("%s: %g, expected %g ± %g", what, value, expected, SIGMAS * error);
      g_test_fail ();
    }
}

/* Values from [low, high], evenly. */
static void
assert_uniform (const char *what, const Moments *m, double low, double high)
{
  double width = high - low, v = width * width / 12;

  g_assert_cmpfloat (m->min, >=, (float) low);
  g_assert_cmpfloat (m->max, <=, (float) high);
  g_assert_cmpfloat (m->max - m->min, >, 0.99 * width);
  assert_near (what, mean (m), (low + high) / 2, sqrt (v / m->n));
  assert_near (what, variance (m), v, v * sqrt (0.8 / m->n)); /* kurtosis 1.8 */
}

/* One line of augment-draws.txt: see make-augment.py. */
typedef struct
{
  guint size;
  double area_min, area_max, aspect, draws;
  double moments[5][2];
} CropReference;

static void
compare_crop (const CropReference *reference)
{
  static const char *const names[] = { "top", "left", "height", "width", "log aspect" };
  g_autoptr (KinPolicy) policy = kin_policy_new ();
  KinOp *op = kin_policy_add (policy, KIN_OP_CROP, 1);
  Moments m[5] = { 0 };

  op->value[0] = reference->area_min;
  op->value[1] = reference->area_max;
  op->value[2] = reference->aspect;
  for (guint i = 0; i < N_DRAWS; i++)
    {
      KinViewKey key = { .seed = 3, .image = i };
      KinTrace trace;
      const float *drawn = trace.steps[0].drawn;

      kin_augment (policy, KIN_STREAM_AUGMENT, &key, pixels, reference->size, 1, planes, scratch, &trace);
      for (guint j = 0; j < 4; j++)
        add (&m[j], drawn[j]);
      add (&m[4], log (drawn[3] / drawn[2]));
      g_assert_cmpfloat (drawn[0] + drawn[2], <=, reference->size);
      g_assert_cmpfloat (drawn[1] + drawn[3], <=, reference->size);
      g_assert_cmpfloat (drawn[4], ==, drawn[2] * drawn[3] / (float) (reference->size * reference->size));
    }
  for (guint j = 0; j < 5; j++)
    {
      double v = reference->moments[j][1];
      double per_draw = 1.0 / N_DRAWS + 1.0 / reference->draws;

      assert_near (names[j], mean (&m[j]), reference->moments[j][0], sqrt (v * per_draw));
      assert_near (names[j], variance (&m[j]), v, v * sqrt (5 * per_draw)); /* top and left: kurtosis up to 6 */
    }
}

static void
test_crop_as_torchvision (void)
{
  g_autofree char *path
      = g_build_filename (g_getenv ("KIN_FIXTURES") ? g_getenv ("KIN_FIXTURES") : ".", "augment-draws.txt", NULL);
  FILE *file = fopen (path, "r");
  CropReference r;
  guint n = 0;

  if (file == NULL)
    g_error ("%s is missing", path);
  while (fscanf (file, "%u %lf %lf %lf %lf", &r.size, &r.area_min, &r.area_max, &r.aspect, &r.draws) == 5)
    {
      for (guint i = 0; i < 10; i++)
        g_assert_cmpint (fscanf (file, "%lf", &r.moments[i / 2][i % 2]), ==, 1);
      compare_crop (&r);
      n++;
    }
  fclose (file);
  g_assert_cmpuint (n, ==, 3);
}

static void
test_probability (void)
{
  const double probabilities[] = { 0, 0.05, 0.2, 0.5, 0.8, 1 };

  for (guint kind = 0; kind < KIN_N_OPS; kind++)
    for (guint i = 0; i < G_N_ELEMENTS (probabilities); i++)
      {
        g_autoptr (KinPolicy) policy = kin_policy_new ();
        double p = probabilities[i];
        guint n = 2000, applied = 0;

        kin_policy_add (policy, kind, p);
        for (guint image = 0; image < n; image++)
          applied += draw (policy, image, 0).steps[0].is_applied;
        if (p == 0 || p == 1)
          g_assert_cmpfloat (applied, ==, p * n);
        else
          assert_near (kin_op_info (kind)->id, applied, p * n, sqrt (n * p * (1 - p)));
      }
}

/* Draws value @at of the only line of @policy over many images. */
static Moments
sample (const KinPolicy *policy, guint at)
{
  Moments m = { 0 };

  for (guint i = 0; i < N_DRAWS; i++)
    add (&m, draw (policy, i, 0).steps[0].drawn[at]);
  return m;
}

static void
test_jitter (void)
{
  g_autoptr (KinPolicy) policy = kin_policy_new ();
  KinOp *op = kin_policy_add (policy, KIN_OP_JITTER, 1);
  guint counts[24] = { 0 };
  double chi2 = 0;
  Moments m;

  op->value[0] = 0.4;
  op->value[1] = 1.5; /* factors below zero do not exist */
  op->value[2] = 0;
  op->value[3] = 0.5;
  m = sample (policy, 1);
  assert_uniform ("brightness", &m, 0.6, 1.4);
  m = sample (policy, 2);
  assert_uniform ("contrast", &m, 0, 2.5);
  m = sample (policy, 3);
  g_assert_cmpfloat (m.min, ==, 1);
  g_assert_cmpfloat (m.max, ==, 1);
  m = sample (policy, 4);
  assert_uniform ("hue", &m, -0.5, 0.5);

  for (guint i = 0; i < N_DRAWS; i++)
    counts[(guint) draw (policy, i, 0).steps[0].drawn[0]]++;
  for (guint i = 0; i < 24; i++)
    chi2 += (counts[i] - N_DRAWS / 24.0) * (counts[i] - N_DRAWS / 24.0) / (N_DRAWS / 24.0);
  assert_near ("chi-square of the order", chi2, 23, sqrt (2 * 23.0));
}

static void
test_places (void)
{
  g_autoptr (KinPolicy) rotate = kin_policy_new ();
  g_autoptr (KinPolicy) translate = kin_policy_new ();
  g_autoptr (KinPolicy) cutout = kin_policy_new ();
  g_autoptr (KinPolicy) blur = kin_policy_new ();
  KinOp *op;
  Moments m;

  kin_policy_add (rotate, KIN_OP_ROTATE, 1)->value[0] = 20;
  m = sample (rotate, 0);
  assert_uniform ("angle", &m, -20, 20);

  op = kin_policy_add (blur, KIN_OP_BLUR, 1);
  op->value[0] = 7;
  op->value[2] = 1.5;
  m = sample (blur, 0);
  g_assert_cmpfloat (m.min, ==, 7);
  g_assert_cmpfloat (m.max, ==, 7);
  m = sample (blur, 1);
  assert_uniform ("sigma", &m, 0.1, 1.5);

  kin_policy_add (translate, KIN_OP_TRANSLATE, 1)->value[0] = 0.25;
  for (guint at = 0; at < 2; at++)
    {
      /* round (uniform (−8, 8)): variance 16²/12 + 1/12 but for the half bins at both ends */
      m = sample (translate, at);
      g_assert_cmpfloat (m.min, ==, -8);
      g_assert_cmpfloat (m.max, ==, 8);
      assert_near ("shift", mean (&m), 0, sqrt (256.0 / 12 / m.n));
      assert_near ("shift", variance (&m), 256.0 / 12 + 1.0 / 6, 256.0 / 12 * sqrt (0.8 / m.n));
    }

  kin_policy_add (cutout, KIN_OP_CUTOUT, 1)->value[0] = 0.5;
  for (guint at = 0; at < 2; at++)
    {
      m = sample (cutout, at); /* one of the 17 places 0 … 16 */
      g_assert_cmpfloat (m.min, ==, 0);
      g_assert_cmpfloat (m.max, ==, 16);
      assert_near ("place", mean (&m), 8, sqrt (24 / m.n));
    }
}

/* Independent normal numbers, on gray, where nothing is clipped. */
static void
test_noise (void)
{
  gsize n = 64 * 64 * 3;
  float drawn[KIN_OP_DRAWN_MAX] = { 0.05f, 12345 };
  double sum = 0, squares = 0, fourth = 0, neighbours = 0;
  g_autofree float *other = g_new (float, n);

  for (gsize i = 0; i < n; i++)
    planes[i] = other[i] = 0.5f;
  kin_op_apply (KIN_OP_NOISE, drawn, planes, 64, 3, scratch);
  drawn[1]++;
  kin_op_apply (KIN_OP_NOISE, drawn, other, 64, 3, scratch);
  for (gsize i = 0; i < n; i++)
    {
      double x = (planes[i] - 0.5) / 0.05;

      sum += x;
      squares += x * x;
      fourth += x * x * x * x;
      if (i > 0)
        neighbours += x * (planes[i - 1] - 0.5) / 0.05;
    }
  assert_near ("mean", sum / n, 0, sqrt (1.0 / n));
  assert_near ("variance", squares / n, 1, sqrt (2.0 / n));
  assert_near ("fourth moment", fourth / n, 3, sqrt (96.0 / n));
  assert_near ("covariance of neighbours", neighbours / n, 0, sqrt (1.0 / n));
  g_assert_cmpint (memcmp (planes, other, n * sizeof (float)), !=, 0);
}

static void
test_noise_clips (void)
{
  float drawn[KIN_OP_DRAWN_MAX] = { 1, 1 };

  for (guint i = 0; i < 16 * 16; i++)
    planes[i] = i % 2;
  kin_op_apply (KIN_OP_NOISE, drawn, planes, 16, 1, scratch);
  for (guint i = 0; i < 16 * 16; i++)
    g_assert_true (planes[i] >= 0 && planes[i] <= 1);
}

static const KinTraceStep *
find_step (const KinTrace *trace, KinOpKind kind)
{
  for (guint i = 0; i < trace->n_steps; i++)
    if (trace->steps[i].kind == kind)
      return &trace->steps[i];
  return NULL;
}

/* Tuning, switching off, removing or moving a line leaves what the other lines draw. */
static void
test_lines_are_independent (void)
{
  g_autoptr (KinPolicy) policy = kin_policy_from_name ("simclr", NULL);
  g_autoptr (KinPolicy) tuned = kin_policy_copy (policy);
  g_autoptr (KinPolicy) off = kin_policy_copy (policy);
  g_autoptr (KinPolicy) moved = kin_policy_copy (policy);

  tuned->ops[0].value[0] = 0.9;
  tuned->ops[1].probability = 0;
  off->ops[0].is_on = FALSE;
  moved->ops[0] = policy->ops[3];
  moved->ops[3] = policy->ops[0];
  for (guint image = 0; image < 50; image++)
    {
      KinTrace expected = draw (policy, image, 0);
      KinTrace traces[] = { draw (tuned, image, 0), draw (off, image, 0), draw (moved, image, 0) };

      g_assert_cmpuint (traces[1].n_steps, ==, 3);
      for (guint i = 0; i < G_N_ELEMENTS (traces); i++)
        {
          const KinTraceStep *a = find_step (&expected, KIN_OP_JITTER), *b = find_step (&traces[i], KIN_OP_JITTER);

          g_assert_cmpmem (a, sizeof *a, b, sizeof *b);
          g_assert_true (find_step (&expected, KIN_OP_GRAYSCALE)->is_applied
                         == find_step (&traces[i], KIN_OP_GRAYSCALE)->is_applied);
        }
    }
}

/* Whether one kind is applied says nothing about another. */
static void
test_kinds_are_independent (void)
{
  for (guint a = 0; a < KIN_N_OPS; a++)
    for (guint b = a + 1; b < KIN_N_OPS; b++)
      {
        g_autoptr (KinPolicy) policy = kin_policy_new ();
        guint n = 1000, agree = 0;

        kin_policy_add (policy, a, 0.5);
        kin_policy_add (policy, b, 0.5);
        for (guint image = 0; image < n; image++)
          {
            KinTrace trace = draw (policy, image, 0);

            agree += trace.steps[0].is_applied == trace.steps[1].is_applied;
          }
        assert_near (kin_op_info (b)->id, agree, n / 2.0, sqrt (n / 4.0));
      }
}

/* Two lines of one kind draw different values, and the second keeps its own when the first is switched off. */
static void
test_repeated_lines (void)
{
  g_autoptr (KinPolicy) policy = kin_policy_from_text ("rotate degrees=10; rotate degrees=10", NULL);
  g_autoptr (KinPolicy) off = kin_policy_from_text ("off rotate; rotate degrees=10", NULL);
  guint same = 0;

  for (guint image = 0; image < 100; image++)
    {
      KinTrace both = draw (policy, image, 0), second = draw (off, image, 0);

      same += both.steps[0].drawn[0] == both.steps[1].drawn[0];
      g_assert_cmpuint (second.n_steps, ==, 1);
      g_assert_cmpfloat (both.steps[1].drawn[0], ==, second.steps[0].drawn[0]);
    }
  g_assert_cmpuint (same, <=, 1);
}

/* Angles of two streams that differ in one part of their name. */
static void
assert_uncorrelated (const char *what, const KinPolicy *policy, KinViewKey *b, KinStream purpose_b)
{
  double products = 0;
  guint same = 0;

  for (guint i = 0; i < N_DRAWS; i++)
    {
      KinViewKey a = { .seed = 5, .epoch = 1, .image = i, .view = 0 };
      KinViewKey key = *b;
      KinTrace traces[2];

      key.image += i;
      kin_augment (policy, KIN_STREAM_AUGMENT, &a, pixels, 16, 1, planes, scratch, &traces[0]);
      kin_augment (policy, purpose_b, &key, pixels, 16, 1, planes, scratch, &traces[1]);
      products += traces[0].steps[0].drawn[0] * traces[1].steps[0].drawn[0];
      same += traces[0].steps[0].drawn[0] == traces[1].steps[0].drawn[0];
    }
  assert_near (what, products / N_DRAWS, 0, 1.0 / 3 / sqrt (N_DRAWS)); /* angles of ±1°: variance 1/3 */
  g_assert_cmpuint (same, <=, 10);
}

static void
test_keys_are_independent (void)
{
  g_autoptr (KinPolicy) policy = kin_policy_from_text ("rotate degrees=1", NULL);
  KinViewKey view = { 5, 1, 0, 1 }, epoch = { 5, 2, 0, 0 }, image = { 5, 1, 1, 0 }, seed = { 6, 1, 0, 0 };
  KinViewKey high_seed = { 5 + (G_GUINT64_CONSTANT (1) << 32), 1, 0, 0 }, purpose = { 5, 1, 0, 0 };

  assert_uncorrelated ("view", policy, &view, KIN_STREAM_AUGMENT);
  assert_uncorrelated ("epoch", policy, &epoch, KIN_STREAM_AUGMENT);
  assert_uncorrelated ("image", policy, &image, KIN_STREAM_AUGMENT);
  assert_uncorrelated ("seed", policy, &seed, KIN_STREAM_AUGMENT);
  assert_uncorrelated ("upper half of the seed", policy, &high_seed, KIN_STREAM_AUGMENT);
  assert_uncorrelated ("purpose", policy, &purpose, KIN_STREAM_PROBE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  scratch = g_new (float, kin_augment_scratch (KIN_SIZE_MAX, 3));
  g_test_add_func ("/augment/draws/crop-as-torchvision", test_crop_as_torchvision);
  g_test_add_func ("/augment/draws/probability", test_probability);
  g_test_add_func ("/augment/draws/jitter", test_jitter);
  g_test_add_func ("/augment/draws/places", test_places);
  g_test_add_func ("/augment/draws/noise", test_noise);
  g_test_add_func ("/augment/draws/noise-clips", test_noise_clips);
  g_test_add_func ("/augment/draws/lines-are-independent", test_lines_are_independent);
  g_test_add_func ("/augment/draws/kinds-are-independent", test_kinds_are_independent);
  g_test_add_func ("/augment/draws/repeated-lines", test_repeated_lines);
  g_test_add_func ("/augment/draws/keys-are-independent", test_keys_are_independent);
  return g_test_run ();
}
