/* Winograd's convolution, forward and both ways back, for every instruction set against the definition in double; beside
 * it the direct way, whose error it may exceed only by little. */

#include "engine/core/rng.h"
#include "engine/kernels/kernels.h"

#include <math.h>
#include <string.h>

typedef struct
{
  guint C, K, H, W, stride;
} Shape;

/* Sides that tiles fill and do not fill; one tile; one channel block and several; U by whole and by half panels. */
static const Shape shapes[] = {
  { 16, 16, 1, 1, 1 },  { 16, 16, 2, 3, 1 },   { 16, 48, 4, 4, 1 },   { 32, 16, 7, 5, 1 },   { 64, 64, 8, 8, 1 },
  { 16, 16, 1, 1, 2 },  { 16, 32, 3, 2, 2 },   { 32, 64, 8, 8, 2 },   { 48, 16, 7, 7, 2 },   { 16, 16, 14, 9, 2 },
  { 16, 16, 95, 96, 2 }, { 16, 16, 33, 96, 1 }, { 128, 256, 8, 8, 2 }, { 256, 256, 4, 4, 1 },
};

/* One image's convolution. */
typedef struct
{
  const KinKernels *kernels;
  const Shape *shape;
  KinWindow window;
  gsize n_x, n_y, n_w;
  float *x, *w, *dy;    /* (H, W, C), (K, C, 3, 3), (Ho, Wo, K) */
  double *read, *given; /* x and dy, read lazily */
  KinLazy lazy;
  KinLazyGradient lazy_gradient;
  float *rows[5]; /* of the lazies */
} Case;

static float *
random_values (gsize n, guint item, double scale)
{
  float *values = g_new (float, n);
  KinRng rng;

  kin_rng_init (&rng, 11, KIN_STREAM_TEST, 0, item, 0);
  for (gsize i = 0; i < n; i++)
    values[i] = scale * kin_rng_normal (&rng);
  return values;
}

static void
case_init (Case *c, const KinKernels *kernels, const Shape *s, gboolean is_lazy)
{
  *c = (Case){ .kernels = kernels, .shape = s };
  c->window = (KinWindow){ .C = s->C, .H = s->H, .W = s->W, .Ho = (s->H - 1) / s->stride + 1,
                           .Wo = (s->W - 1) / s->stride + 1, .kernel = 3, .stride = s->stride, .pad = 1 };
  c->n_x = (gsize) s->H * s->W * s->C;
  c->n_y = (gsize) c->window.Ho * c->window.Wo * s->K;
  c->n_w = (gsize) s->K * s->C * 9;
  c->x = random_values (c->n_x, 1, 1);
  c->w = random_values (c->n_w, 2, 1 / sqrt (9 * s->C));
  c->dy = random_values (c->n_y, 3, 1);
  for (guint i = 0; i < 5; i++)
    c->rows[i] = random_values (MAX (s->C, s->K), 4 + i, 1);
  if (is_lazy)
    {
      c->lazy = (KinLazy){ c->rows[0], c->rows[1], TRUE };
      c->lazy_gradient = (KinLazyGradient){ c->rows[0], c->rows[1], TRUE, c->rows[2], c->rows[3], c->rows[4] };
    }
  c->read = g_new (double, c->n_x);
  for (gsize i = 0; i < c->n_x; i++)
    c->read[i] = is_lazy ? fmax ((double) c->rows[0][i % s->C] * c->x[i] + c->rows[1][i % s->C], 0) : c->x[i];
  c->given = g_new (double, c->n_y);
}

/* What dy means once u is known. */
static void
read_gradient (Case *c, const float *u)
{
  for (gsize i = 0; i < c->n_y; i++)
    {
      guint k = i % c->shape->K;
      double g = c->dy[i];

      if (c->lazy_gradient.slope != NULL)
        {
          g = c->rows[0][k] * u[i] + c->rows[1][k] > 0 ? g : 0;
          g = c->rows[2][k] * g + c->rows[3][k] * (double) u[i] + c->rows[4][k];
        }
      c->given[i] = g;
    }
}

static void
case_clear (Case *c)
{
  for (guint i = 0; i < 5; i++)
    g_free (c->rows[i]);
  g_free (c->x);
  g_free (c->w);
  g_free (c->dy);
  g_free (c->read);
  g_free (c->given);
}

/* The definition: y, or dw (3, 3, C, K), or dx, whichever is not NULL. */
static void
define (const Case *c, double *y, double *dw, double *dx)
{
  const KinWindow *w = &c->window;
  guint C = w->C, K = c->shape->K;

  for (guint oy = 0; oy < w->Ho; oy++)
    for (guint ox = 0; ox < w->Wo; ox++)
      for (guint tap = 0; tap < 9; tap++)
        {
          int iy = (int) (oy * w->stride + tap / 3) - 1, ix = (int) (ox * w->stride + tap % 3) - 1;
          gsize at = ((gsize) iy * w->W + ix) * C, to = ((gsize) oy * w->Wo + ox) * K;

          if (iy < 0 || iy >= (int) w->H || ix < 0 || ix >= (int) w->W)
            continue;
          for (guint in = 0; in < C; in++)
            for (guint k = 0; k < K; k++)
              {
                double weight = c->w[((gsize) k * C + in) * 9 + tap];

                if (y != NULL)
                  y[to + k] += c->read[at + in] * weight;
                if (dw != NULL)
                  dw[((gsize) tap * C + in) * K + k] += c->read[at + in] * c->given[to + k];
                if (dx != NULL)
                  dx[at + in] += c->given[to + k] * weight;
              }
        }
}

/* Root mean square of the error over that of the numbers. */
static double
relative_error (const float *a, const double *b, gsize n)
{
  double error = 0, size = 0;

  for (gsize i = 0; i < n; i++)
    {
      error += (a[i] - b[i]) * (a[i] - b[i]);
      size += b[i] * b[i];
    }
  return sqrt (error / size);
}

/* A sum of n products whose roundings are independent is off by some sqrt (n) · 2⁻²⁴ of its terms, as large as the sum
 * itself here. Winograd's transforms add up at most 3 × 3 inputs, which makes terms up to three times as large and rounds
 * four times more: 8 · 2⁻²⁴ · sqrt (n) is never reached, and a wrong sign or place is off by about 1. */
static void
assert_error (const char *what, const Case *c, const float *a, const double *b, gsize n, gsize terms)
{
  double bound = 8 * ldexp (1, -24) * sqrt (terms) + ldexp (1, -22), error = relative_error (a, b, n);

  if (!(error <= bound))
    g_error ("%s of %u×%u×%u to %u, stride %u: relative error %.3g, at most %.3g", what, c->shape->H, c->shape->W,
             c->shape->C, c->shape->K, c->shape->stride, error, bound);
}

static void
multiply_points (const Case *c, const KinWinograd *w, guint T, const float *V, const float *U, float *M)
{
  for (guint p = 0; p < w->n_points * w->n_points; p++)
    {
      const KinWinogradPoint *at = &w->points[p];

      c->kernels->multiply (T, w->K, at->depth, V + at->v_at, at->v_row, 1, U + at->u_at, at->depth * w->panel,
                            w->panel, M + at->m_at, w->m_row, FALSE);
    }
}

static void
check_forward (Case *c, const KinWinograd *w, guint T, float *V, float *U, float *M, float *y)
{
  g_autofree double *expected = g_new0 (double, c->n_y);

  c->kernels->winograd_weights (w, c->w, FALSE, 0, w->window.C, U);
  for (guint strip = 0; strip < w->tiles_y; strip++)
    c->kernels->winograd_input (w, strip, strip * w->tiles_x, c->x, &c->lazy, V);
  multiply_points (c, w, T, V, U, M);
  for (guint strip = 0; strip < w->tiles_y; strip++)
    c->kernels->winograd_output (w, strip, strip * w->tiles_x, M, y);
  define (c, expected, NULL, NULL);
  assert_error ("output", c, y, expected, c->n_y, 9 * w->window.C);
}

static void
check_backward (Case *c, const KinWinograd *w, guint T, float *V, float *U, float *dM, const float *u)
{
  g_autofree float *dU = g_new (float, w->du_size), *dw = g_new (float, c->n_w), *dx = g_new (float, c->n_x);
  g_autofree double *expected_w = g_new0 (double, c->n_w), *expected_x = g_new0 (double, c->n_x);

  read_gradient (c, u);
  define (c, NULL, expected_w, expected_x);
  c->kernels->winograd_weights (w, c->w, TRUE, 0, w->K, U);
  for (guint strip = 0; strip < w->tiles_y; strip++)
    c->kernels->winograd_output_gradient (w, strip, strip * w->tiles_x, u, c->dy, &c->lazy_gradient, dM);
  for (guint p = 0; p < w->n_points * w->n_points; p++)
    {
      const KinWinogradPoint *at = &w->points[p];

      c->kernels->multiply (at->depth, w->K, T, V + at->v_at, 1, at->v_row, dM + at->m_at, w->panel, w->m_row,
                            dU + at->du_at, w->K, FALSE);
      c->kernels->multiply (T, at->depth, w->K, dM + at->m_at, w->m_row, 1, U + at->u_at, (gsize) w->K * w->panel,
                            w->panel, V + at->v_at, at->v_row, FALSE);
    }
  c->kernels->winograd_weight_gradients (w, dU, 0, w->window.C, dw);
  assert_error ("weights' gradient", c, dw, expected_w, c->n_w, c->window.Ho * c->window.Wo);
  for (guint strip = 0; strip < w->tiles_y; strip++)
    c->kernels->winograd_input_gradient (w, strip, strip * w->tiles_x, V, FALSE, dx);
  assert_error ("input's gradient", c, dx, expected_x, c->n_x, 9 * w->K);
  /* Once more on top of it. */
  for (guint strip = 0; strip < w->tiles_y; strip++)
    c->kernels->winograd_input_gradient (w, strip, strip * w->tiles_x, V, TRUE, dx);
  for (gsize i = 0; i < c->n_x; i++)
    expected_x[i] *= 2;
  assert_error ("input's gradient, added", c, dx, expected_x, c->n_x, 9 * w->K);
}

static void
check (const KinKernels *kernels, const Shape *shape, gboolean is_lazy)
{
  g_autofree float *V = NULL, *U = NULL, *M = NULL, *y = NULL;
  KinWinograd w;
  Case c;
  guint T;

  case_init (&c, kernels, shape, is_lazy);
  kin_winograd_init (&w, &c.window, shape->K, 1, kernels->panel);
  T = w.tiles_x * w.tiles_y;
  kin_winograd_init (&w, &c.window, shape->K, T, kernels->panel);
  V = g_new0 (float, w.v_size);
  U = g_new0 (float, w.u_size);
  M = g_new0 (float, w.m_size);
  y = g_new0 (float, c.n_y);
  check_forward (&c, &w, T, V, U, M, y);
  check_backward (&c, &w, T, V, U, M, y);
  case_clear (&c);
}

static void
test_shapes (gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    for (guint is_lazy = 0; is_lazy < 2; is_lazy++)
      check (data, &shapes[i], is_lazy);
}

/* Channels that fill no vector are left to the direct way. */
static void
test_suits (void)
{
  KinWindow window = { .C = 16, .kernel = 3, .stride = 1 };

  g_assert_true (kin_winograd_suits (&window, 32));
  g_assert_false (kin_winograd_suits (&window, 24));
  window.C = 3;
  g_assert_false (kin_winograd_suits (&window, 32));
  window = (KinWindow){ .C = 16, .kernel = 1, .stride = 2 };
  g_assert_false (kin_winograd_suits (&window, 32));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/winograd/suits", test_suits);
  for (KinIsa isa = KIN_ISA_REF; isa <= KIN_ISA_AVX512; isa++)
    {
      const KinKernels *kernels = kin_kernels_get_for (isa);
      g_autofree char *path = g_strdup_printf ("/winograd/%s", kin_isa_name (isa));

      if (kernels != NULL)
        g_test_add_data_func (path, kernels, test_shapes);
    }
  return g_test_run ();
}
