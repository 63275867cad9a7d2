/* Every kernel for every instruction set: against a plain loop in double, and all tables against each other to the bit.
 * Sizes are odd, pointers are not aligned, and the bytes behind each output are watched. */

#include "engine/core/rng.h"
#include "engine/kernels/kernels.h"

#include <math.h>
#include <string.h>

enum
{
  GUARD = 8, /* numbers behind an output */
};

static const float MARK = 12345.5f;

static float *
random_values (gsize n, guint item)
{
  float *values = g_new (float, n + 1);
  KinRng rng;

  kin_rng_init (&rng, 9, KIN_STREAM_TEST, 0, item, 0);
  for (gsize i = 0; i < n + 1; i++)
    values[i] = kin_rng_normal (&rng);
  return values;
}

static float *
guarded (gsize n)
{
  float *values = g_new (float, n + GUARD);

  for (gsize i = 0; i < n + GUARD; i++)
    values[i] = MARK;
  return values;
}

static void
assert_guard (const float *values, gsize n)
{
  for (gsize i = n; i < n + GUARD; i++)
    g_assert_true (values[i] == MARK);
}

static void
assert_near (const char *what, const float *a, const double *b, gsize n, double tolerance)
{
  for (gsize i = 0; i < n; i++)
    if (!(fabs (a[i] - b[i]) <= tolerance * (1 + fabs (b[i]))))
      g_error ("%s: element %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " is %.9g, expected %.9g", what, i, n, a[i], b[i]);
}

typedef struct
{
  guint C, n, H, W, kernel, stride;
} Shape;

static const Shape shapes[] = {
  { 1, 1, 1, 1, 3, 1 }, { 3, 2, 7, 5, 3, 1 },   { 2, 3, 8, 8, 3, 2 },   { 2, 2, 9, 11, 3, 2 },
  { 4, 3, 6, 6, 1, 2 }, { 2, 2, 32, 32, 3, 1 }, { 3, 1, 16, 16, 3, 2 }, { 1, 2, 5, 96, 3, 1 },
  { 2, 4, 4, 4, 1, 1 }, { 5, 1, 3, 2, 3, 2 },
};

static KinWindow
window_of (const Shape *s)
{
  guint pad = s->kernel / 2;

  return (KinWindow){ .C = s->C, .H = s->H, .W = s->W, .Ho = (s->H + 2 * pad - s->kernel) / s->stride + 1,
                      .Wo = (s->W + 2 * pad - s->kernel) / s->stride + 1, .kernel = s->kernel, .stride = s->stride,
                      .pad = pad };
}

/* The lazily read pixel that a column of an output pixel holds; 0 in the padding. */
static double
oracle (const Shape *s, const KinWindow *w, const float *x, const KinLazy *lazy, guint c, guint ky, guint kx, guint row,
        guint ox)
{
  int y = (int) (row % w->Ho * s->stride + ky) - (int) w->pad, column = (int) (ox * s->stride + kx) - (int) w->pad;
  double v;

  if (y < 0 || y >= (int) s->H || column < 0 || column >= (int) s->W)
    return 0;
  v = x[(((gsize) c * s->n + row / w->Ho) * s->H + y) * s->W + column];
  if (lazy->scale != NULL)
    v = (double) lazy->scale[c] * v + lazy->shift[c];
  return lazy->relu ? MAX (v, 0) : v;
}

static void
check_im2col (const KinKernels *kernels, const Shape *s, guint first, guint last, const KinLazy *lazy)
{
  KinWindow w = window_of (s);
  gsize P = (gsize) (last - first) * w.Wo, J = (gsize) s->C * s->kernel * s->kernel;
  g_autofree float *x = random_values ((gsize) s->C * s->n * s->H * s->W, 1);
  g_autofree float *plane = guarded (kin_window_scratch (&w)), *columns = guarded (J * P);
  g_autofree double *expected = g_new (double, J *P);
  double *e = expected;

  for (guint c = 0; c < s->C; c++)
    for (guint ky = 0; ky < s->kernel; ky++)
      for (guint kx = 0; kx < s->kernel; kx++)
        for (guint row = first; row < last; row++)
          for (guint ox = 0; ox < w.Wo; ox++)
            *e++ = oracle (s, &w, x, lazy, c, ky, kx, row, ox);
  kernels->im2col (&w, s->n, first, last, x, lazy, plane, columns);
  assert_near ("im2col", columns, expected, J * P, 1e-6);
  assert_guard (columns, J * P);
  assert_guard (plane, kin_window_scratch (&w));
}

/* <im2col (x), c> = <x, col2im (c)> for every x and c: the two are each other's transpose. */
static void
check_transpose (const KinKernels *kernels, const Shape *s, guint first, guint last)
{
  KinWindow w = window_of (s);
  KinLazy plain = { 0 };
  gsize P = (gsize) (last - first) * w.Wo, J = (gsize) s->C * s->kernel * s->kernel;
  gsize n = (gsize) s->C * s->n * s->H * s->W;
  g_autofree float *x = random_values (n, 1), *c = random_values (J * P, 2);
  g_autofree float *plane = guarded (kin_window_scratch (&w)), *columns = guarded (J * P), *dx = guarded (n);
  double forward = 0, backward = 0, size = 0;

  memset (dx, 0, n * sizeof (float));
  kernels->im2col (&w, s->n, first, last, x, &plain, plane, columns);
  kernels->col2im_add (&w, s->n, first, last, c, plane, dx);
  for (gsize i = 0; i < J * P; i++)
    {
      forward += (double) columns[i] * c[i];
      size += fabs ((double) columns[i] * c[i]);
    }
  for (gsize i = 0; i < n; i++)
    backward += (double) x[i] * dx[i];
  if (!(fabs (forward - backward) <= 1e-6 * (1 + size)))
    g_error ("col2im: <im2col x, c> = %.9g, <x, col2im c> = %.9g", forward, backward);
  assert_guard (dx, n);
  assert_guard (plane, kin_window_scratch (&w));
}

static void
test_columns (gconstpointer data)
{
  const KinKernels *kernels = data;
  static const float scale[] = { 0.5f, -1.25f, 2, 0.1f, 1 }, shift[] = { 0.25f, 0.5f, -1, 0, 0.3f };
  const KinLazy lazies[] = { { NULL, NULL, FALSE }, { NULL, NULL, TRUE }, { scale, shift, FALSE }, { scale, shift, TRUE } };

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      KinWindow w = window_of (&shapes[i]);
      guint rows = shapes[i].n * w.Ho;

      for (guint first = 0; first < rows; first += 1 + rows / 3)
        for (guint last = first + 1; last <= rows; last += 1 + rows / 4)
          {
            for (guint l = 0; l < G_N_ELEMENTS (lazies); l++)
              check_im2col (kernels, &shapes[i], first, last, &lazies[l]);
            check_transpose (kernels, &shapes[i], first, last);
          }
    }
}

static const gsize lengths[] = { 0, 1, 7, 15, 16, 17, 31, 64, 100, 1023, 5000 };

static void
test_sums (gconstpointer data)
{
  const KinKernels *kernels = data;

  for (guint k = 0; k < G_N_ELEMENTS (lengths); k++)
    {
      gsize n = lengths[k];
      g_autofree float *x = random_values (n, 1), *dy = random_values (n, 2), *g = guarded (n);
      double sum, squares, s = 0, q = 0;

      kernels->moments (x + 1, n == 0 ? 0 : n - 1, &sum, &squares);
      for (gsize i = 1; i < n; i++)
        s += x[i], q += (double) x[i] * x[i];
      g_assert_true (fabs (sum - s) <= 1e-12 * (n + 1) && fabs (squares - q) <= 1e-12 * (n + 1));
      for (int relu = 0; relu < 2; relu++)
        {
          memcpy (g, dy, n * sizeof (float));
          kernels->norm_sums (x, g, n, 0.7f, -0.1f, relu, 0.3f, &sum, &squares);
          s = q = 0;
          for (gsize i = 0; i < n; i++)
            {
              float kept = !relu || 0.7f * x[i] + -0.1f > 0 ? dy[i] : 0;

              g_assert_true (g[i] == kept);
              s += kept;
              q += kept * ((double) x[i] - 0.3f);
            }
          if (!(fabs (sum - s) <= 1e-10 * (n + 1) && fabs (squares - q) <= 1e-6 * (n + 1)))
            g_error ("norm_sums of %" G_GSIZE_FORMAT ": %.9g and %.9g, expected %.9g and %.9g", n, sum, squares, s, q);
          assert_guard (g, n);
        }
    }
}

static void
test_elements (gconstpointer data)
{
  const KinKernels *kernels = data;

  for (guint k = 0; k < G_N_ELEMENTS (lengths); k++)
    {
      gsize n = lengths[k];
      g_autofree float *x = random_values (n, 1), *y = random_values (n, 2), *out = guarded (n);
      g_autofree double *expected = g_new (double, n + 1);

      for (int relu = 0; relu < 2; relu++)
        {
          kernels->affine (x, n, 1.5f, -0.2f, relu, out);
          for (gsize i = 0; i < n; i++)
            expected[i] = relu ? MAX (1.5 * x[i] - (double) 0.2f, 0) : 1.5 * x[i] - (double) 0.2f;
          assert_near ("affine", out, expected, n, 1e-6);
        }
      memcpy (out, y, n * sizeof (float));
      kernels->join (x, n, 1.5f, -0.2f, out);
      for (gsize i = 0; i < n; i++)
        expected[i] = MAX (y[i] + 1.5 * x[i] - (double) 0.2f, 0);
      assert_near ("join", out, expected, n, 1e-6);
      memcpy (out, y, n * sizeof (float));
      kernels->mask (x, n, out);
      for (gsize i = 0; i < n; i++)
        expected[i] = x[i] > 0 ? y[i] : 0;
      assert_near ("mask", out, expected, n, 0);
      memcpy (out, y, n * sizeof (float));
      kernels->add (x, n, out);
      for (gsize i = 0; i < n; i++)
        expected[i] = (double) x[i] + y[i];
      assert_near ("add", out, expected, n, 1e-6);
      memcpy (out, y, n * sizeof (float));
      kernels->norm_apply (x, out, n, 0.3f, 1.1f, -0.4f, 0.05f);
      for (gsize i = 0; i < n; i++)
        expected[i] = 1.1f * (double) y[i] + -0.4f * ((double) x[i] - 0.3f) + 0.05f;
      assert_near ("norm_apply", out, expected, n, 2e-6);
      assert_guard (out, n);
    }
}

/* The tables must agree to the last bit: a run does not depend on the machine's vector unit, gemm apart. */
static void
test_same_bits (gconstpointer data)
{
  const KinKernels *kernels = data, *ref = &kin_kernels_ref;
  enum { n = 4099 };
  g_autofree float *x = random_values (n, 1), *y = random_values (n, 2);
  g_autofree float *a = g_memdup2 (y, n * sizeof (float)), *b = g_memdup2 (y, n * sizeof (float));
  double s[2], q[2];

  kernels->moments (x, n, &s[0], &q[0]);
  ref->moments (x, n, &s[1], &q[1]);
  g_assert_true (s[0] == s[1] && q[0] == q[1]);
  kernels->norm_sums (x, a, n, 0.7f, -0.1f, TRUE, 0.3f, &s[0], &q[0]);
  ref->norm_sums (x, b, n, 0.7f, -0.1f, TRUE, 0.3f, &s[1], &q[1]);
  g_assert_true (s[0] == s[1] && q[0] == q[1]);
  kernels->norm_apply (x, a, n, 0.3f, 1.1f, -0.4f, 0.05f);
  ref->norm_apply (x, b, n, 0.3f, 1.1f, -0.4f, 0.05f);
  kernels->join (x, n, 1.5f, -0.2f, a);
  ref->join (x, n, 1.5f, -0.2f, b);
  kernels->affine (a, n, 0.3f, 0.9f, FALSE, a);
  ref->affine (b, n, 0.3f, 0.9f, FALSE, b);
  g_assert_cmpmem (a, n * sizeof (float), b, n * sizeof (float));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (KinIsa isa = KIN_ISA_REF; isa <= KIN_ISA_AVX512; isa++)
    {
      const KinKernels *kernels = kin_kernels_get_for (isa);
      static const struct
      {
        const char *name;
        GTestDataFunc func;
      } tests[] = { { "columns", test_columns },
                    { "sums", test_sums },
                    { "elements", test_elements },
                    { "same-bits", test_same_bits } };

      for (guint i = 0; kernels != NULL && i < G_N_ELEMENTS (tests); i++)
        {
          g_autofree char *path = g_strdup_printf ("/kernels/%s/%s", kin_isa_name (isa), tests[i].name);
          g_test_add_data_func (path, kernels, tests[i].func);
        }
    }
  return g_test_run ();
}
