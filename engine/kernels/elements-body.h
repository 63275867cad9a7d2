/* Number by number. */

static void
rectify (const real *x, gsize n, real *y)
{
  for (gsize i = 0; i < n; i++)
    y[i] = x[i] > 0 ? x[i] : 0;
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

/* --- Lazily read --- */

typedef struct
{
  Vec scale, shift;
} LazyVec;

KIN_INLINE LazyVec
lazy_vec (const KinLazy *lazy, guint c)
{
  if (lazy->scale == NULL)
    return (LazyVec){ vec_all (1), vec_all (0) };
  return (LazyVec){ vec_load (lazy->scale + c), vec_load (lazy->shift + c) };
}

KIN_INLINE Vec
lazy_read (Vec x, LazyVec lazy, gboolean relu)
{
  Vec v = lazy.scale * x + lazy.shift;

  return relu ? vec_where_positive (v, v) : v;
}

KIN_INLINE real
lazy_number (real x, const KinLazy *lazy, guint c)
{
  real v = lazy->scale == NULL ? x : lazy->scale[c] * x + lazy->shift[c];

  return lazy->relu && !(v > 0) ? 0 : v;
}

static void
join (const real *a, const KinLazy *lazy_a, const real *b, const KinLazy *lazy_b, gsize P, guint C, real *y)
{
  guint c = 0;

  for (; c + LANES <= C; c += LANES)
    {
      LazyVec of_a = lazy_vec (lazy_a, c), of_b = lazy_vec (lazy_b, c);

      for (gsize at = c; at < P * C; at += C)
        {
          Vec sum = lazy_read (vec_load (a + at), of_a, lazy_a->relu) + lazy_read (vec_load (b + at), of_b, lazy_b->relu);
          vec_store (y + at, vec_where_positive (sum, sum));
        }
    }
  for (; c < C; c++)
    for (gsize at = c; at < P * C; at += C)
      {
        real sum = lazy_number (a[at], lazy_a, c) + lazy_number (b[at], lazy_b, c);
        y[at] = sum > 0 ? sum : 0;
      }
}

static void
lazy_mean (const real *x, gsize P, guint C, const KinLazy *lazy, real *mean)
{
  guint c = 0;

  for (; c + LANES <= C; c += LANES)
    {
      LazyVec of = lazy_vec (lazy, c);
      VecSum sum = { 0 };

      for (gsize at = c; at < P * C; at += C)
        vec_sum_add (&sum, lazy_read (vec_load (x + at), of, lazy->relu));
      for (guint lane = 0; lane < LANES; lane++)
        mean[c + lane] = vec_sum_lane (&sum, lane) / P;
    }
  for (; c < C; c++)
    {
      double sum = 0;

      for (gsize at = c; at < P * C; at += C)
        sum += lazy_number (x[at], lazy, c);
      mean[c] = sum / P;
    }
}
