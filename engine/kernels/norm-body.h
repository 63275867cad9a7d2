/* Batch norm's sums over pixels, and its gradient. The sums of a vector of channels stay in registers while the pixels
 * are walked through in their order; channels that fill no vector are summed one by one. */

static void
moments (const real *x, gsize P, guint C, double *sums, double *squares)
{
  guint c = 0;

  for (; c + LANES <= C; c += LANES)
    {
      VecSum s = { 0 }, q = { 0 };

      for (gsize at = c; at < P * C; at += C)
        {
          Vec v = vec_load (x + at);

          vec_sum_add (&s, v);
          vec_sum_add_product (&q, v, v);
        }
      for (guint lane = 0; lane < LANES; lane++)
        {
          sums[c + lane] += vec_sum_lane (&s, lane);
          squares[c + lane] += vec_sum_lane (&q, lane);
        }
    }
  for (; c < C; c++)
    {
      double s = 0, q = 0;

      for (gsize at = c; at < P * C; at += C)
        {
          s += x[at];
          q += (double) x[at] * x[at];
        }
      sums[c] += s;
      squares[c] += q;
    }
}

static void
norm_sums (const real *u, const real *dy, gsize P, guint C, const KinLazyGradient *lazy, const real *mean, double *sums,
           double *centred)
{
  guint c = 0;

  for (; c + LANES <= C; c += LANES)
    {
      Vec scale = vec_load (lazy->scale + c), shift = vec_load (lazy->shift + c), centre = vec_load (mean + c);
      VecSum s = { 0 }, q = { 0 };

      for (gsize at = c; at < P * C; at += C)
        {
          Vec v = vec_load (u + at), g = vec_load (dy + at);

          if (lazy->relu)
            g = vec_where_positive (scale * v + shift, g);
          vec_sum_add (&s, g);
          vec_sum_add_product (&q, g, v - centre);
        }
      for (guint lane = 0; lane < LANES; lane++)
        {
          sums[c + lane] += vec_sum_lane (&s, lane);
          centred[c + lane] += vec_sum_lane (&q, lane);
        }
    }
  for (; c < C; c++)
    {
      double s = 0, q = 0;

      for (gsize at = c; at < P * C; at += C)
        {
          real g = !lazy->relu || lazy->scale[c] * u[at] + lazy->shift[c] > 0 ? dy[at] : 0;

          s += g;
          q += (double) g * (u[at] - mean[c]);
        }
      sums[c] += s;
      centred[c] += q;
    }
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

/* Pixel by pixel: this one comes from far memory, in whole lines. */
static void
norm_gradient (const real *u, const real *dy, gsize P, guint C, const KinLazyGradient *lazy, real *du)
{
  for (gsize at = 0; at < P * C; at += C)
    {
      guint c = 0;

      for (; c + LANES <= C; c += LANES)
        {
          LazyGradientVec of = lazy_gradient_vec (lazy, c);

          vec_store (du + at + c, lazy_gradient_read (vec_load (u + at + c), vec_load (dy + at + c), &of, lazy->relu));
        }
      for (; c < C; c++)
        {
          real v = u[at + c];
          real g = !lazy->relu || lazy->scale[c] * v + lazy->shift[c] > 0 ? dy[at + c] : 0;

          du[at + c] = lazy->slope[c] * g + lazy->bend[c] * v + lazy->offset[c];
        }
    }
}
