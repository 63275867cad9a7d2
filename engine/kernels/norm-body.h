/* Batch norm's sums over pixels, and its gradient. Channels are taken a block at a time, whose sums stay in registers;
 * the pixels are walked through in their order. */

enum
{
  BLOCK = 16, /* channels */
};

KIN_INLINE void
moments_block (const real *x, gsize P, guint C, const guint width, double *sums, double *squares)
{
  double s[BLOCK] = { 0 }, q[BLOCK] = { 0 };

  for (gsize p = 0; p < P; p++)
    for (guint c = 0; c < width; c++)
      {
        double v = x[p * C + c];

        s[c] += v;
        q[c] += v * v;
      }
  for (guint c = 0; c < width; c++)
    {
      sums[c] += s[c];
      squares[c] += q[c];
    }
}

static void
moments (const real *x, gsize P, guint C, double *sums, double *squares)
{
  guint c = 0;

  for (; c + BLOCK <= C; c += BLOCK)
    moments_block (x + c, P, C, BLOCK, sums + c, squares + c);
  if (c < C)
    moments_block (x + c, P, C, C - c, sums + c, squares + c);
}

KIN_INLINE void
norm_sums_block (const real *u, const real *dy, gsize P, guint C, const guint width, const real *scale,
                 const real *shift, gboolean relu, const real *mean, double *sums, double *centred)
{
  double s[BLOCK] = { 0 }, q[BLOCK] = { 0 };

  for (gsize p = 0; p < P; p++)
    for (guint c = 0; c < width; c++)
      {
        real v = u[p * C + c];
        real g = !relu || scale[c] * v + shift[c] > 0 ? dy[p * C + c] : 0;

        s[c] += g;
        q[c] += (double) g * (v - mean[c]);
      }
  for (guint c = 0; c < width; c++)
    {
      sums[c] += s[c];
      centred[c] += q[c];
    }
}

static void
norm_sums (const real *u, const real *dy, gsize P, guint C, const KinLazyGradient *lazy, const real *mean, double *sums,
           double *centred)
{
  guint c = 0;

  for (; c + BLOCK <= C; c += BLOCK)
    norm_sums_block (u + c, dy + c, P, C, BLOCK, lazy->scale + c, lazy->shift + c, lazy->relu, mean + c, sums + c,
                     centred + c);
  if (c < C)
    norm_sums_block (u + c, dy + c, P, C, C - c, lazy->scale + c, lazy->shift + c, lazy->relu, mean + c, sums + c,
                     centred + c);
}

typedef struct
{
  Vec scale, shift, slope, bend, offset;
} LazyGradientVec;

KIN_INLINE LazyGradientVec
lazy_gradient_vec (const KinLazyGradient *lazy, guint c)
{
  return (LazyGradientVec){ vec_load (lazy->scale + c), vec_load (lazy->shift + c), vec_load (lazy->slope + c),
                            vec_load (lazy->bend + c), vec_load (lazy->offset + c) };
}

KIN_INLINE Vec
lazy_gradient_read (Vec u, Vec dy, const LazyGradientVec *lazy, gboolean relu)
{
  Vec g = relu ? vec_where_positive (lazy->scale * u + lazy->shift, dy) : dy;

  return lazy->slope * g + lazy->bend * u + lazy->offset;
}

static void
norm_gradient (const real *u, const real *dy, gsize P, guint C, const KinLazyGradient *lazy, real *du)
{
  guint c = 0;

  for (; c + LANES <= C; c += LANES)
    {
      LazyGradientVec of = lazy_gradient_vec (lazy, c);

      for (gsize at = c; at < P * C; at += C)
        vec_store (du + at, lazy_gradient_read (vec_load (u + at), vec_load (dy + at), &of, lazy->relu));
    }
  for (; c < C; c++)
    for (gsize at = c; at < P * C; at += C)
      {
        real g = !lazy->relu || lazy->scale[c] * u[at] + lazy->shift[c] > 0 ? dy[at] : 0;
        du[at] = lazy->slope[c] * g + lazy->bend[c] * u[at] + lazy->offset[c];
      }
}
