/* Every kernel for every instruction set: against a plain loop in double, and all tables against each other to the bit
 * (but for products, which round as the machine multiplies and adds). Sizes are odd, and the bytes behind each output are
 * watched. Winograd's transforms are in test-winograd.c. */

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

static double
read_lazily (double v, const KinLazy *lazy, guint c)
{
  if (lazy->scale != NULL)
    v = (double) lazy->scale[c] * v + lazy->shift[c];
  return lazy->relu ? MAX (v, 0) : v;
}

/* The lazily read pixel that a column of an output pixel holds; 0 in the padding. */
static double
oracle (const Shape *s, const KinWindow *w, const float *x, const KinLazy *lazy, guint c, guint ky, guint kx, guint row,
        guint ox)
{
  int y = (int) (row % w->Ho * s->stride + ky) - (int) w->pad, column = (int) (ox * s->stride + kx) - (int) w->pad;

  if (y < 0 || y >= (int) s->H || column < 0 || column >= (int) s->W)
    return 0;
  return read_lazily (x[(((gsize) (row / w->Ho) * s->H + y) * s->W + column) * s->C + c], lazy, c);
}

static void
check_im2col (const KinKernels *kernels, const Shape *s, guint first, guint last, const KinLazy *lazy)
{
  KinWindow w = window_of (s);
  gsize P = (gsize) (last - first) * w.Wo, J = (gsize) s->C * s->kernel * s->kernel;
  g_autofree float *x = random_values ((gsize) s->C * s->n * s->H * s->W, 1);
  g_autofree float *line = guarded (kin_window_scratch (&w)), *columns = guarded (J * P);
  g_autofree double *expected = g_new (double, J *P);
  double *e = expected;

  for (guint row = first; row < last; row++)
    for (guint ox = 0; ox < w.Wo; ox++)
      for (guint ky = 0; ky < s->kernel; ky++)
        for (guint kx = 0; kx < s->kernel; kx++)
          for (guint c = 0; c < s->C; c++)
            *e++ = oracle (s, &w, x, lazy, c, ky, kx, row, ox);
  kernels->im2col (&w, first, last, x, lazy, line, columns);
  assert_near ("im2col", columns, expected, J * P, 1e-6);
  assert_guard (columns, J * P);
  assert_guard (line, kin_window_scratch (&w));
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
  g_autofree float *line = guarded (kin_window_scratch (&w)), *columns = guarded (J * P), *dx = guarded (n);
  double forward = 0, backward = 0, size = 0;

  memset (dx, 0, n * sizeof (float));
  kernels->im2col (&w, first, last, x, &plain, line, columns);
  kernels->col2im_add (&w, first, last, c, dx);
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
}

static const float scales[] = { 0.5f, -1.25f, 2, 0.1f, 1 }, shifts[] = { 0.25f, 0.5f, -1, 0, 0.3f };
static const KinLazy lazies[] = { { NULL, NULL, FALSE }, { NULL, NULL, TRUE }, { scales, shifts, FALSE },
                                  { scales, shifts, TRUE } };

static void
test_columns (gconstpointer data)
{
  const KinKernels *kernels = data;

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

/* A and B at every order of strides that the layers use; B whole rows, or by panels. */
static void
check_multiply (const KinKernels *kernels, guint M, guint N, guint K, gboolean transposed, gboolean by_panels,
                gboolean accumulate)
{
  guint panel = kernels->panel, n_panels = (N + panel - 1) / panel;
  gsize a_row = transposed ? 1 : K + 3, a_depth = transposed ? M + 5 : 1, c_row = N + 2;
  gsize b_row = by_panels ? panel : N + 1, b_panel = by_panels ? (gsize) K * panel : panel;
  gsize n_c = (M - 1) * c_row + N;
  g_autofree float *A = random_values ((gsize) (M + 5) * (K + 3), 1);
  g_autofree float *B = random_values ((gsize) K * (n_panels * panel + 1), 2), *C = guarded (n_c);
  g_autofree double *expected = g_new (double, n_c);

  for (gsize i = 0; i < n_c; i++)
    C[i] = expected[i] = 0.25 * (i % 7);
  for (guint m = 0; m < M; m++)
    for (guint n = 0; n < N; n++)
      {
        double sum = accumulate ? expected[m * c_row + n] : 0;

        for (guint k = 0; k < K; k++)
          sum += (double) A[m * a_row + k * a_depth] * B[n / panel * b_panel + k * b_row + n % panel];
        expected[m * c_row + n] = sum;
      }
  kernels->multiply (M, N, K, A, a_row, a_depth, B, b_panel, b_row, C, c_row, accumulate);
  /* K roundings of numbers of about sqrt K. */
  assert_near ("multiply", C, expected, n_c, 1e-7 * K + 1e-6);
  assert_guard (C, n_c);
}

static void
test_multiply (gconstpointer data)
{
  static const guint sizes[] = { 1, 2, 7, 8, 13, 16, 27, 31, 48, 65 };

  for (guint m = 0; m < G_N_ELEMENTS (sizes); m++)
    for (guint n = 0; n < G_N_ELEMENTS (sizes); n++)
      for (guint way = 0; way < 8; way++)
        check_multiply (data, sizes[m], sizes[n], sizes[(m + n) % 10], way & 1, way & 2, way & 4);
}

/* Pixels and channels. */
static const guint maps[][2] = { { 0, 3 }, { 1, 1 }, { 7, 5 }, { 16, 16 }, { 100, 17 }, { 61, 64 }, { 1000, 33 } };

typedef struct
{
  gsize P, n;
  guint C;
  float *u, *dy, *out;
  float *scale, *shift, *slope, *bend, *offset, *mean; /* (C) */
} Map;

static void
map_init (Map *map, const guint shape[2])
{
  float **rows[] = { &map->scale, &map->shift, &map->slope, &map->bend, &map->offset, &map->mean };

  *map = (Map){ .P = shape[0], .C = shape[1], .n = (gsize) shape[0] * shape[1] };
  map->u = random_values (map->n, 1);
  map->dy = random_values (map->n, 2);
  map->out = guarded (map->n);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    *rows[i] = random_values (map->C, 3 + i);
}

static void
map_clear (Map *map)
{
  float *all[] = { map->u, map->dy, map->out, map->scale, map->shift, map->slope, map->bend, map->offset, map->mean };

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    g_free (all[i]);
}

static float
kept (const Map *map, gsize i, gboolean relu)
{
  guint c = i % map->C;

  return !relu || map->scale[c] * map->u[i] + map->shift[c] > 0 ? map->dy[i] : 0;
}

static void
check_norm (const KinKernels *kernels, const Map *map, gboolean relu)
{
  KinLazyGradient lazy = { map->scale, map->shift, relu, map->slope, map->bend, map->offset };
  g_autofree double *sums = g_new0 (double, map->C), *others = g_new0 (double, map->C);
  g_autofree double *expected = g_new0 (double, map->n + 1);

  /* Both add to what is there. */
  kernels->norm_sums (map->u, map->dy, map->P, map->C, &lazy, map->mean, sums, others);
  kernels->norm_sums (map->u, map->dy, map->P, map->C, &lazy, map->mean, sums, others);
  for (gsize i = 0; i < map->n; i++)
    {
      sums[i % map->C] -= 2 * (double) kept (map, i, relu);
      others[i % map->C] -= 2 * kept (map, i, relu) * ((double) map->u[i] - map->mean[i % map->C]);
    }
  for (guint c = 0; c < map->C; c++)
    if (!(fabs (sums[c]) <= 1e-10 * (map->P + 1) && fabs (others[c]) <= 1e-6 * (map->P + 1)))
      g_error ("norm_sums of %" G_GSIZE_FORMAT ": off by %.9g and %.9g", map->P, sums[c], others[c]);

  kernels->norm_gradient (map->u, map->dy, map->P, map->C, &lazy, map->out);
  for (gsize i = 0; i < map->n; i++)
    {
      guint c = i % map->C;
      expected[i] = map->slope[c] * (double) kept (map, i, relu) + map->bend[c] * (double) map->u[i] + map->offset[c];
    }
  assert_near ("norm_gradient", map->out, expected, map->n, 2e-6);
  assert_guard (map->out, map->n);
}

static void
test_norm (gconstpointer data)
{
  const KinKernels *kernels = data;

  for (guint k = 0; k < G_N_ELEMENTS (maps); k++)
    {
      Map map;
      g_autofree double *sums = NULL, *squares = NULL;

      map_init (&map, maps[k]);
      sums = g_new0 (double, map.C);
      squares = g_new0 (double, map.C);
      kernels->moments (map.u, map.P, map.C, sums, squares);
      for (gsize i = 0; i < map.n; i++)
        {
          sums[i % map.C] -= map.u[i];
          squares[i % map.C] -= (double) map.u[i] * map.u[i];
        }
      for (guint c = 0; c < map.C; c++)
        g_assert_true (fabs (sums[c]) <= 1e-12 * (map.P + 1) && fabs (squares[c]) <= 1e-12 * (map.P + 1));
      check_norm (kernels, &map, FALSE);
      check_norm (kernels, &map, TRUE);
      map_clear (&map);
    }
}

static void
check_lazy (const KinKernels *kernels, const Map *map, gboolean has_scale, gboolean relu)
{
  KinLazy a = { has_scale ? map->scale : NULL, has_scale ? map->shift : NULL, relu };
  KinLazy b = { !has_scale ? map->slope : NULL, !has_scale ? map->bend : NULL, FALSE };
  g_autofree double *expected = g_new0 (double, map->n + 1), *means = g_new0 (double, map->C);
  g_autofree float *mean = guarded (map->C);

  kernels->join (map->u, &a, map->dy, &b, map->P, map->C, map->out);
  for (gsize i = 0; i < map->n; i++)
    {
      guint c = i % map->C;
      double left = read_lazily (map->u[i], &a, c);

      expected[i] = MAX (left + read_lazily (map->dy[i], &b, c), 0);
      means[c] += left / map->P;
    }
  assert_near ("join", map->out, expected, map->n, 1e-6);
  assert_guard (map->out, map->n);
  if (map->P == 0)
    return;
  kernels->lazy_mean (map->u, map->P, map->C, &a, mean);
  assert_near ("lazy_mean", mean, means, map->C, 1e-6);
  assert_guard (mean, map->C);
}

static void
test_lazy (gconstpointer data)
{
  for (guint k = 0; k < G_N_ELEMENTS (maps); k++)
    for (guint way = 0; way < 4; way++)
      {
        Map map;

        map_init (&map, maps[k]);
        check_lazy (data, &map, way & 1, way & 2);
        map_clear (&map);
      }
}

static const gsize lengths[] = { 0, 1, 7, 15, 16, 17, 31, 64, 100, 1023, 5000 };

static void
test_elements (gconstpointer data)
{
  const KinKernels *kernels = data;

  for (guint k = 0; k < G_N_ELEMENTS (lengths); k++)
    {
      gsize n = lengths[k];
      g_autofree float *x = random_values (n, 1), *y = random_values (n, 2), *out = guarded (n);
      g_autofree double *expected = g_new (double, n + 1);

      kernels->rectify (x, n, out);
      for (gsize i = 0; i < n; i++)
        expected[i] = MAX (x[i], 0);
      assert_near ("rectify", out, expected, n, 0);
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
      assert_guard (out, n);
    }
}

/* Both vector units fuse every product into its sum, in the columns that fill no vector too. */
static void
test_multiply_same_bits (void)
{
  const KinKernels *kernels[2] = { kin_kernels_get_for (KIN_ISA_AVX2), kin_kernels_get_for (KIN_ISA_AVX512) };

  if (kernels[0] == NULL || kernels[1] == NULL)
    {
      g_test_message ("this machine has not both");
      return;
    }
  for (guint N = 1; N <= 40; N++)
    {
      enum { M = 9, K = 50 };
      g_autofree float *A = random_values (M * K, 1), *B = random_values (K * 64, 2);
      float C[2][M * 40];

      for (guint i = 0; i < 2; i++)
        kernels[i]->multiply (M, N, K, A, K, 1, B, kernels[i]->panel, 64, C[i], N, FALSE);
      g_assert_cmpmem (C[0], M * N * sizeof (float), C[1], M * N * sizeof (float));
    }
}

/* The tables must agree to the last bit: but for products, a run does not depend on the machine's vector unit. */
static void
test_same_bits (gconstpointer data)
{
  const KinKernels *kernels[2] = { data, &kin_kernels_ref };
  Map map;
  float *outs[2];
  double *sums[2];
  gsize C;

  map_init (&map, maps[G_N_ELEMENTS (maps) - 1]);
  C = map.C;
  for (guint i = 0; i < 2; i++)
    {
      KinLazyGradient lazy = { map.scale, map.shift, TRUE, map.slope, map.bend, map.offset };
      KinLazy a = { map.scale, map.shift, TRUE }, b = { map.slope, map.bend, FALSE };

      outs[i] = g_new0 (float, 2 * map.n + C);
      sums[i] = g_new0 (double, 4 * C);
      kernels[i]->moments (map.u, map.P, C, sums[i], sums[i] + C);
      kernels[i]->norm_sums (map.u, map.dy, map.P, C, &lazy, map.mean, sums[i] + 2 * C, sums[i] + 3 * C);
      kernels[i]->norm_gradient (map.u, map.dy, map.P, C, &lazy, outs[i]);
      kernels[i]->join (map.u, &a, map.dy, &b, map.P, C, outs[i] + map.n);
      kernels[i]->lazy_mean (map.u, map.P, C, &a, outs[i] + 2 * map.n);
    }
  g_assert_cmpmem (outs[0], (2 * map.n + C) * sizeof (float), outs[1], (2 * map.n + C) * sizeof (float));
  g_assert_cmpmem (sums[0], 4 * C * sizeof (double), sums[1], 4 * C * sizeof (double));
  for (guint i = 0; i < 2; i++)
    {
      g_free (outs[i]);
      g_free (sums[i]);
    }
  map_clear (&map);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kernels/multiply-same-bits", test_multiply_same_bits);
  for (KinIsa isa = KIN_ISA_REF; isa <= KIN_ISA_AVX512; isa++)
    {
      const KinKernels *kernels = kin_kernels_get_for (isa);
      static const struct
      {
        const char *name;
        GTestDataFunc func;
      } tests[] = { { "columns", test_columns },
                    { "multiply", test_multiply },
                    { "norm", test_norm },
                    { "lazy", test_lazy },
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
