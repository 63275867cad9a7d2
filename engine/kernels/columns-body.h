/* Images to the columns of a convolution and back. A pixel's C numbers lie together, so the pixels beneath one line of
 * the window are one run. */

/* Short runs are copied often: a copy of known length is a few instructions. */
KIN_INLINE void
copy_run (real *restrict to, const real *restrict from, gsize n)
{
  switch (n)
    {
    case 3:
      memcpy (to, from, 3 * sizeof (real));
      break;
    case 9:
      memcpy (to, from, 9 * sizeof (real));
      break;
    default:
      memcpy (to, from, n * sizeof (real));
    }
}

/* One line of an image, read lazily, between its padding. @x: NULL above and below the image. */
static void
pad_line (const KinWindow *window, const real *x, const KinLazy *lazy, real *line)
{
  gsize n = (gsize) window->W * window->C, edge = (gsize) window->pad * window->C;

  if (x == NULL)
    {
      memset (line, 0, (n + 2 * edge) * sizeof (real));
      return;
    }
  memset (line, 0, edge * sizeof (real));
  memset (line + edge + n, 0, edge * sizeof (real));
  line += edge;
  if (lazy->scale == NULL && !lazy->relu)
    memcpy (line, x, n * sizeof (real));
  else
    for (gsize at = 0; at < n; at += window->C)
      for (guint c = 0; c < window->C; c++)
        {
          real v = lazy->scale == NULL ? x[at + c] : lazy->scale[c] * x[at + c] + lazy->shift[c];
          line[at + c] = lazy->relu && !(v > 0) ? 0 : v;
        }
}

static void
im2col (const KinWindow *window, guint first, guint last, const real *x, const KinLazy *lazy, real *line, real *columns)
{
  guint Ho = window->Ho, Wo = window->Wo, C = window->C, kernel = window->kernel;
  gsize run = (gsize) kernel * C, J = kernel * run, image = (gsize) window->H * window->W * C;

  for (guint row = first; row < last; row++, columns += Wo * J)
    for (guint ky = 0; ky < kernel; ky++)
      {
        int y = (int) (row % Ho * window->stride + ky) - (int) window->pad;
        gboolean is_inside = y >= 0 && y < (int) window->H;

        pad_line (window, is_inside ? x + row / Ho * image + (gsize) y * window->W * C : NULL, lazy, line);
        for (guint ox = 0; ox < Wo; ox++)
          copy_run (columns + ox * J + ky * run, line + (gsize) ox * window->stride * C, run);
      }
}

static void
col2im_add (const KinWindow *window, guint first, guint last, const real *columns, real *dx)
{
  guint Ho = window->Ho, Wo = window->Wo, C = window->C, kernel = window->kernel, pad = window->pad;
  gsize image = (gsize) window->H * window->W * C;

  for (guint row = first; row < last; row++)
    for (guint ox = 0; ox < Wo; ox++)
      for (guint ky = 0; ky < kernel; ky++)
        for (guint kx = 0; kx < kernel; kx++, columns += C)
          {
            int y = (int) (row % Ho * window->stride + ky) - (int) pad;
            int column = (int) (ox * window->stride + kx) - (int) pad;
            real *to;

            if (y < 0 || y >= (int) window->H || column < 0 || column >= (int) window->W)
              continue;
            to = dx + row / Ho * image + ((gsize) y * window->W + column) * C;
            for (guint c = 0; c < C; c++)
              to[c] += columns[c];
          }
}
