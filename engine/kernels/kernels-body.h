/* The bodies of a kernel table. Included once by each kernels-ISA.c, which is compiled for that instruction set; the
 * includer defines KIN_KERNELS, the name of the table, and KIN_KERNELS_ISA. */

#include "engine/kernels/kernels.h"

#include <string.h>

enum
{
  LANES = 16, /* partial sums: the widest vector of floats */
};

static inline double
fold (const double *partial)
{
  double sum = 0;

  for (int lane = 0; lane < LANES; lane++)
    sum += partial[lane];
  return sum;
}

static void
affine (const real *x, gsize n, real scale, real shift, gboolean relu, real *y)
{
  if (relu)
    for (gsize i = 0; i < n; i++)
      {
        real v = scale * x[i] + shift;
        y[i] = v > 0 ? v : 0;
      }
  else
    for (gsize i = 0; i < n; i++)
      y[i] = scale * x[i] + shift;
}

/* --- im2col ---
 *
 * For each channel and image, the rows that are needed are brought into a padded plane, with the lazy transform done
 * once; from there each of the kernel² shifted copies is a run of whole lines. With stride 2 a line of the plane keeps
 * its even columns first and its odd ones behind, so those copies are whole lines too. */

static inline void
copy_line (real *restrict to, const real *restrict from, guint n)
{
  switch (n)
    {
    case 32:
      memcpy (to, from, 32 * sizeof (real));
      break;
    case 16:
      memcpy (to, from, 16 * sizeof (real));
      break;
    case 8:
      memcpy (to, from, 8 * sizeof (real));
      break;
    case 4:
      memcpy (to, from, 4 * sizeof (real));
      break;
    default:
      for (guint i = 0; i < n; i++)
        to[i] = from[i];
    }
}

static inline void
add_line (real *restrict to, const real *restrict from, guint n)
{
  for (guint i = 0; i < n; i++)
    to[i] += from[i];
}

/* Columns of a padded line, and how many of them are even. */
static inline guint
line_length (const KinWindow *window)
{
  return window->W + 2 * window->pad + (window->W & 1);
}

/* Where column @kx of an output line begins in a line of the plane. */
static inline guint
line_start (const KinWindow *window, guint kx)
{
  return window->stride == 1 ? kx : kx / 2 + (kx & 1) * (line_length (window) / 2);
}

/* @x: a channel of one image; @top: input row of the plane's first row, may lie above the image. */
static void
fill_plane (const KinWindow *window, const real *x, int top, guint n_rows, real scale, real shift, gboolean identity,
            gboolean relu, real *plane)
{
  guint W = window->W, length = line_length (window), half = length / 2;
  real line[KIN_WINDOW_LINE_MAX];

  for (guint r = 0; r < n_rows; r++, plane += length)
    {
      int y = top + (int) r;
      const real *source = x + (gsize) y * W;

      memset (plane, 0, length * sizeof (real));
      if (y < 0 || y >= (int) window->H)
        continue;
      if (window->stride == 1)
        {
          if (identity)
            copy_line (plane + window->pad, source, W);
          else
            affine (source, W, scale, shift, relu, plane + window->pad);
          continue;
        }
      if (!identity)
        {
          affine (source, W, scale, shift, relu, line);
          source = line;
        }
      for (guint i = 0; i < W; i++)
        {
          guint column = i + window->pad;
          plane[column / 2 + (column & 1) * half] = source[i];
        }
    }
}

static void
im2col (const KinWindow *window, guint n, guint first, guint last, const real *x, const KinLazy *lazy, real *plane,
        real *columns)
{
  guint Ho = window->Ho, Wo = window->Wo, kernel = window->kernel, length = line_length (window);
  gsize P = (gsize) (last - first) * Wo, area = (gsize) window->H * window->W;

  for (guint c = 0; c < window->C; c++)
    {
      gboolean has_affine = lazy->scale != NULL;
      real scale = has_affine ? lazy->scale[c] : 1, shift = has_affine ? lazy->shift[c] : 0;

      for (guint row = first; row < last;)
        {
          guint image = row / Ho, y0 = row % Ho, count = MIN (Ho - y0, last - row);
          int top = (int) (y0 * window->stride) - (int) window->pad;
          gsize at = (gsize) (row - first) * Wo;

          fill_plane (window, x + ((gsize) c * n + image) * area, top, (count - 1) * window->stride + kernel, scale,
                      shift, !has_affine && !lazy->relu, lazy->relu, plane);
          for (guint ky = 0; ky < kernel; ky++)
            for (guint kx = 0; kx < kernel; kx++)
              {
                real *to = columns + ((gsize) (c * kernel + ky) * kernel + kx) * P + at;
                const real *from = plane + (gsize) ky * length + line_start (window, kx);

                for (guint y = 0; y < count; y++, to += Wo, from += (gsize) window->stride * length)
                  copy_line (to, from, Wo);
              }
          row += count;
        }
    }
}

/* Adds the inside of the plane to a channel of one image. */
static void
drain_plane (const KinWindow *window, const real *plane, int top, guint n_rows, real *dx)
{
  guint W = window->W, length = line_length (window), half = length / 2;

  for (guint r = 0; r < n_rows; r++, plane += length)
    {
      int y = top + (int) r;
      real *line = dx + (gsize) y * W;

      if (y < 0 || y >= (int) window->H)
        continue;
      if (window->stride == 1)
        add_line (line, plane + window->pad, W);
      else
        for (guint i = 0; i < W; i++)
          {
            guint column = i + window->pad;
            line[i] += plane[column / 2 + (column & 1) * half];
          }
    }
}

static void
col2im_add (const KinWindow *window, guint n, guint first, guint last, const real *columns, real *plane, real *dx)
{
  guint Ho = window->Ho, Wo = window->Wo, kernel = window->kernel, length = line_length (window);
  gsize P = (gsize) (last - first) * Wo, area = (gsize) window->H * window->W;

  for (guint c = 0; c < window->C; c++)
    for (guint row = first; row < last;)
      {
        guint image = row / Ho, y0 = row % Ho, count = MIN (Ho - y0, last - row);
        guint n_rows = (count - 1) * window->stride + kernel;
        gsize at = (gsize) (row - first) * Wo;

        memset (plane, 0, (gsize) n_rows * length * sizeof (real));
        for (guint ky = 0; ky < kernel; ky++)
          for (guint kx = 0; kx < kernel; kx++)
            {
              const real *from = columns + ((gsize) (c * kernel + ky) * kernel + kx) * P + at;
              real *to = plane + (gsize) ky * length + line_start (window, kx);

              for (guint y = 0; y < count; y++, from += Wo, to += (gsize) window->stride * length)
                add_line (to, from, Wo);
            }
        drain_plane (window, plane, (int) (y0 * window->stride) - (int) window->pad, n_rows,
                     dx + ((gsize) c * n + image) * area);
        row += count;
      }
}

/* --- Batch norm --- */

static void
moments (const real *x, gsize n, double *sum, double *sum_squares)
{
  double s[LANES] = { 0 }, q[LANES] = { 0 };
  gsize i = 0;

  for (; i + LANES <= n; i += LANES)
    for (int lane = 0; lane < LANES; lane++)
      {
        double v = x[i + lane];
        s[lane] += v;
        q[lane] += v * v;
      }
  for (; i < n; i++)
    {
      double v = x[i];
      s[0] += v;
      q[0] += v * v;
    }
  *sum = fold (s);
  *sum_squares = fold (q);
}

static void
norm_sums (const real *u, real *dy, gsize n, real scale, real shift, gboolean relu, real mean, double *sum,
           double *sum_centred)
{
  double s[LANES] = { 0 }, q[LANES] = { 0 };
  gsize i = 0;

  if (relu)
    for (gsize j = 0; j < n; j++)
      dy[j] = scale * u[j] + shift > 0 ? dy[j] : 0;
  for (; i + LANES <= n; i += LANES)
    for (int lane = 0; lane < LANES; lane++)
      {
        double g = dy[i + lane];
        s[lane] += g;
        q[lane] += g * (u[i + lane] - mean);
      }
  for (; i < n; i++)
    {
      double g = dy[i];
      s[0] += g;
      q[0] += g * (u[i] - mean);
    }
  *sum = fold (s);
  *sum_centred = fold (q);
}

static void
norm_apply (const real *u, real *dy, gsize n, real mean, real c_g, real c_u, real c)
{
  for (gsize i = 0; i < n; i++)
    dy[i] = c_g * dy[i] + c_u * (u[i] - mean) + c;
}

/* --- Element by element --- */

static void
join (const real *x, gsize n, real scale, real shift, real *y)
{
  for (gsize i = 0; i < n; i++)
    {
      real v = y[i] + scale * x[i] + shift;
      y[i] = v > 0 ? v : 0;
    }
}

static void
mask (const real *y, gsize n, real *dy)
{
  for (gsize i = 0; i < n; i++)
    dy[i] = y[i] > 0 ? dy[i] : 0;
}

static void
add (const real *x, gsize n, real *y)
{
  for (gsize i = 0; i < n; i++)
    y[i] += x[i];
}

const KinKernels KIN_KERNELS = {
  .isa = KIN_KERNELS_ISA,
  .im2col = im2col,
  .col2im_add = col2im_add,
  .moments = moments,
  .norm_sums = norm_sums,
  .norm_apply = norm_apply,
  .affine = affine,
  .join = join,
  .mask = mask,
  .add = add,
};
