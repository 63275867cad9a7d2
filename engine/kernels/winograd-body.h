/* The transforms around Winograd's convolution; winograd.h has the algebra. Each is done in one dimension, then in the
 * other, on vectors of channels. @stride is a constant wherever these are expanded. */

enum
{
  INPUTS_MAX = KIN_WINOGRAD_PARTS_MAX, /* inputs of a tile in one dimension: as many as parts */
  POINTS_MAX = KIN_WINOGRAD_POINTS_MAX,
  COLUMNS_MAX = KIN_WINDOW_LINE_MAX + 8,
};

KIN_INLINE guint
parts_for (const guint stride)
{
  return stride == 1 ? 4 : 5;
}

KIN_INLINE guint
points_for (const guint stride)
{
  return stride == 1 ? 4 : 3;
}

/* Inputs that a tile shares with the one before it. */
KIN_INLINE guint
overlap_for (const guint stride)
{
  return parts_for (stride) - KIN_WINOGRAD_SIDE * stride;
}

/* --- In one dimension --- */

KIN_INLINE void
inputs_to_parts (const guint stride, const Vec *d, Vec *p)
{
  if (stride == 1)
    {
      p[0] = d[0] - d[2];
      p[1] = d[1] + d[2];
      p[2] = d[2] - d[1];
      p[3] = d[1] - d[3];
    }
  else
    {
      p[0] = d[0] - d[2];
      p[1] = d[1];
      p[2] = d[2];
      p[3] = d[4] - d[2];
      p[4] = d[3];
    }
}

KIN_INLINE void
parts_to_inputs (const guint stride, const Vec *p, Vec *d)
{
  if (stride == 1)
    {
      d[0] = p[0];
      d[1] = p[1] - p[2] + p[3];
      d[2] = p[1] + p[2] - p[0];
      d[3] = -p[3];
    }
  else
    {
      d[0] = p[0];
      d[1] = p[1];
      d[2] = p[2] - p[0] - p[3];
      d[3] = p[4];
      d[4] = p[3];
    }
}

KIN_INLINE void
points_to_outputs (const guint stride, const Vec *m, Vec *y)
{
  if (stride == 1)
    {
      y[0] = m[0] + m[1] + m[2];
      y[1] = m[1] - m[2] - m[3];
    }
  else
    {
      y[0] = m[0] + m[1];
      y[1] = m[1] + m[2];
    }
}

KIN_INLINE void
outputs_to_points (const guint stride, const Vec *y, Vec *m)
{
  m[0] = y[0];
  m[1] = y[0] + y[1];
  if (stride == 1)
    {
      m[2] = y[0] - y[1];
      m[3] = -y[1];
    }
  else
    m[2] = y[1];
}

KIN_INLINE void
weights_to_parts (const guint stride, const Vec *g, Vec *u)
{
  if (stride == 1)
    {
      Vec half = vec_all (0.5f), outer = half * (g[0] + g[2]), inner = half * g[1];

      u[0] = g[0];
      u[1] = outer + inner;
      u[2] = outer - inner;
      u[3] = g[2];
    }
  else
    {
      u[0] = g[0];
      u[1] = g[1];
      u[2] = g[0] + g[2];
      u[3] = g[2];
      u[4] = g[1];
    }
}

KIN_INLINE void
parts_to_weights (const guint stride, const Vec *u, Vec *g)
{
  if (stride == 1)
    {
      Vec half = vec_all (0.5f), both = half * (u[1] + u[2]);

      g[0] = u[0] + both;
      g[1] = half * (u[1] - u[2]);
      g[2] = both + u[3];
    }
  else
    {
      g[0] = u[0] + u[2];
      g[1] = u[1] + u[4];
      g[2] = u[2] + u[3];
    }
}

/* --- Inputs --- */

/* Where channel @c of each part of tile @tile begins. */
KIN_INLINE void
locate_parts (const guint stride, const KinWinograd *w, guint tile, guint c, gsize *at, gsize *row)
{
  for (guint part = 0; part < parts_for (stride) * parts_for (stride); part++)
    {
      const KinWinogradPoint *point = &w->points[w->part_point[part]];

      at[part] = point->v_at + tile * point->v_row + w->part_slot[part] + c;
      row[part] = point->v_row;
    }
}

/* Vertically, for each column of the strip; then horizontally, for each tile. */
KIN_INLINE void
input_channels (const guint stride, const KinWinograd *w, guint strip, guint tile, const real *x, const KinLazy *lazy,
                guint c, real *V)
{
  const guint n = parts_for (stride), step = KIN_WINOGRAD_SIDE * stride;
  const KinWindow *window = &w->window;
  guint width = w->tiles_x * step + overlap_for (stride);
  LazyVec of = lazy_vec (lazy, c);
  gsize line = (gsize) window->W * window->C;
  /* What the next strip reads first; behind the last one there may be nothing, which a prefetch does not mind. */
  guintptr next = (guintptr) x + ((strip * step + n - window->pad) * line + c) * sizeof (real);
  const real *rows[INPUTS_MAX];
  gsize at[INPUTS_MAX * INPUTS_MAX], row[INPUTS_MAX * INPUTS_MAX];
  Vec lines[INPUTS_MAX][COLUMNS_MAX];

  for (guint i = 0; i < n; i++)
    {
      int y = (int) (strip * step + i) - (int) window->pad;

      rows[i] = y < 0 || y >= (int) window->H ? NULL : x + (gsize) y * window->W * window->C + c;
    }
  for (guint column = 0; column < width; column++)
    {
      gboolean is_inside = column >= window->pad && column - window->pad < window->W;
      gsize from = is_inside ? (gsize) (column - window->pad) * window->C : 0;
      Vec d[INPUTS_MAX], p[INPUTS_MAX];

#pragma GCC unroll 5
      for (guint i = 0; i < n; i++)
        d[i] = is_inside && rows[i] != NULL ? lazy_read (vec_load (rows[i] + from), of, lazy->relu) : (Vec){ 0 };
      inputs_to_parts (stride, d, p);
#pragma GCC unroll 5
      for (guint i = 0; i < n; i++)
        lines[i][column] = p[i];
      if (is_inside)
        for (guint i = 0; i < step; i++)
          __builtin_prefetch ((const void *) (next + (from + i * line) * sizeof (real)), 0, 2);
    }
  locate_parts (stride, w, tile, c, at, row);
  for (guint t = 0; t < w->tiles_x; t++)
#pragma GCC unroll 5
    for (guint i = 0; i < n; i++)
      {
        Vec p[INPUTS_MAX];

        inputs_to_parts (stride, &lines[i][t * step], p);
#pragma GCC unroll 5
        for (guint j = 0; j < n; j++)
          vec_store (V + at[i * n + j] + t * row[i * n + j], p[j]);
      }
}

static void
winograd_input (const KinWinograd *winograd, guint strip, guint tile, const real *x, const KinLazy *lazy, real *V)
{
  for (guint c = 0; c < winograd->window.C; c += LANES)
    if (winograd->window.stride == 1)
      input_channels (1, winograd, strip, tile, x, lazy, c, V);
    else
      input_channels (2, winograd, strip, tile, x, lazy, c, V);
}

/* Neighbouring tiles add where they overlap: tiles of a strip within a line, strips in the image. */
KIN_INLINE void
input_gradient_channels (const guint stride, const KinWinograd *w, guint strip, guint tile, const real *dV, guint c,
                         gboolean accumulate, real *dx)
{
  const guint n = parts_for (stride), step = KIN_WINOGRAD_SIDE * stride, overlap = overlap_for (stride);
  const KinWindow *window = &w->window;
  real *rows[INPUTS_MAX];
  gsize at[INPUTS_MAX * INPUTS_MAX], row[INPUTS_MAX * INPUTS_MAX];
  Vec lines[INPUTS_MAX][COLUMNS_MAX];

  for (guint i = 0; i < n; i++)
    for (guint j = 0; j < overlap; j++)
      lines[i][j] = (Vec){ 0 };
  locate_parts (stride, w, tile, c, at, row);
  for (guint t = 0; t < w->tiles_x; t++)
#pragma GCC unroll 5
    for (guint i = 0; i < n; i++)
      {
        Vec p[INPUTS_MAX], d[INPUTS_MAX];

#pragma GCC unroll 5
        for (guint j = 0; j < n; j++)
          p[j] = vec_load (dV + at[i * n + j] + t * row[i * n + j]);
        parts_to_inputs (stride, p, d);
#pragma GCC unroll 5
        for (guint j = 0; j < n; j++)
          lines[i][t * step + j] = j < overlap ? lines[i][t * step + j] + d[j] : d[j];
      }
  for (guint i = 0; i < n; i++)
    {
      int y = (int) (strip * step + i) - (int) window->pad;

      rows[i] = y < 0 || y >= (int) window->H ? NULL : dx + (gsize) y * window->W * window->C + c;
    }
  for (guint column = window->pad; column < window->W + window->pad; column++)
    {
      gsize to = (gsize) (column - window->pad) * window->C;
      Vec p[INPUTS_MAX], d[INPUTS_MAX];

#pragma GCC unroll 5
      for (guint i = 0; i < n; i++)
        p[i] = lines[i][column];
      parts_to_inputs (stride, p, d);
#pragma GCC unroll 5
      for (guint i = 0; i < n; i++)
        if (rows[i] != NULL)
          vec_store (rows[i] + to, accumulate || (strip > 0 && i < overlap) ? vec_load (rows[i] + to) + d[i] : d[i]);
    }
}

static void
winograd_input_gradient (const KinWinograd *winograd, guint strip, guint tile, const real *dV, gboolean accumulate,
                         real *dx)
{
  for (guint c = 0; c < winograd->window.C; c += LANES)
    if (winograd->window.stride == 1)
      input_gradient_channels (1, winograd, strip, tile, dV, c, accumulate, dx);
    else
      input_gradient_channels (2, winograd, strip, tile, dV, c, accumulate, dx);
}

/* --- Outputs --- */

KIN_INLINE void
output_channels (const guint stride, const KinWinograd *w, guint strip, guint tile, const real *M, guint k, real *y)
{
  const guint n = points_for (stride), side = KIN_WINOGRAD_SIDE;
  const KinWindow *window = &w->window;
  guint n_rows = MIN (side, window->Ho - strip * side);

  y += (gsize) strip * side * window->Wo * w->K + k;
  M += tile * w->m_row + k;
  for (guint t = 0; t < w->tiles_x; t++, M += w->m_row, y += side * w->K)
    {
      guint n_columns = MIN (side, window->Wo - t * side);
      Vec columns[POINTS_MAX][KIN_WINOGRAD_SIDE]; /* of a column of points, its outputs */

#pragma GCC unroll 4
      for (guint j = 0; j < n; j++)
        {
          Vec m[POINTS_MAX];

#pragma GCC unroll 4
          for (guint i = 0; i < n; i++)
            m[i] = vec_load (M + w->points[i * n + j].m_at);
          points_to_outputs (stride, m, columns[j]);
        }
#pragma GCC unroll 2
      for (guint i = 0; i < side; i++)
        {
          Vec m[POINTS_MAX], out[KIN_WINOGRAD_SIDE];

#pragma GCC unroll 4
          for (guint j = 0; j < n; j++)
            m[j] = columns[j][i];
          points_to_outputs (stride, m, out);
          if (i < n_rows)
            {
              vec_store (y + (gsize) i * window->Wo * w->K, out[0]);
              if (n_columns == side)
                vec_store (y + ((gsize) i * window->Wo + 1) * w->K, out[1]);
            }
        }
    }
}

static void
winograd_output (const KinWinograd *winograd, guint strip, guint tile, const real *M, real *y)
{
  for (guint k = 0; k < winograd->K; k += LANES)
    if (winograd->window.stride == 1)
      output_channels (1, winograd, strip, tile, M, k, y);
    else
      output_channels (2, winograd, strip, tile, M, k, y);
}

/* One pixel's gradient, read as @lazy says. */
KIN_INLINE Vec
read_gradient (const real *u, const real *dy, gsize at, const KinLazyGradient *lazy, const LazyGradientVec *of)
{
  Vec d = vec_load (dy + at);

  return lazy->slope == NULL ? d : lazy_gradient_read (vec_load (u + at), d, of, lazy->relu);
}

KIN_INLINE void
output_gradient_channels (const guint stride, const KinWinograd *w, guint strip, guint tile, const real *u,
                          const real *dy, const KinLazyGradient *lazy, guint k, real *dM)
{
  const guint n = points_for (stride), side = KIN_WINOGRAD_SIDE;
  const KinWindow *window = &w->window;
  guint n_rows = MIN (side, window->Ho - strip * side);
  gsize at = (gsize) strip * side * window->Wo * w->K + k;
  LazyGradientVec of = { 0 };

  if (lazy->slope != NULL)
    of = lazy_gradient_vec (lazy, k);
  dM += tile * w->m_row + k;
  for (guint t = 0; t < w->tiles_x; t++, dM += w->m_row, at += side * w->K)
    {
      guint n_columns = MIN (side, window->Wo - t * side);
      Vec rows[KIN_WINOGRAD_SIDE][POINTS_MAX]; /* of a row of outputs, its points */

#pragma GCC unroll 2
      for (guint i = 0; i < side; i++)
        {
          gsize line = at + (gsize) i * window->Wo * w->K;
          Vec out[KIN_WINOGRAD_SIDE];

          out[0] = i < n_rows ? read_gradient (u, dy, line, lazy, &of) : (Vec){ 0 };
          out[1] = i < n_rows && n_columns == side ? read_gradient (u, dy, line + w->K, lazy, &of) : (Vec){ 0 };
          outputs_to_points (stride, out, rows[i]);
        }
#pragma GCC unroll 4
      for (guint j = 0; j < n; j++)
        {
          Vec column[KIN_WINOGRAD_SIDE] = { rows[0][j], rows[1][j] }, m[POINTS_MAX];

          outputs_to_points (stride, column, m);
#pragma GCC unroll 4
          for (guint i = 0; i < n; i++)
            vec_store (dM + w->points[i * n + j].m_at, m[i]);
        }
    }
}

static void
winograd_output_gradient (const KinWinograd *winograd, guint strip, guint tile, const real *u, const real *dy,
                          const KinLazyGradient *lazy, real *dM)
{
  for (guint k = 0; k < winograd->K; k += LANES)
    if (winograd->window.stride == 1)
      output_gradient_channels (1, winograd, strip, tile, u, dy, lazy, k, dM);
    else
      output_gradient_channels (2, winograd, strip, tile, u, dy, lazy, k, dM);
}

/* --- Weights --- */

/* Weights of one vector of columns of U (or Uᵀ), @apart numbers from one to the next, to row @row of it. */
KIN_INLINE void
weight_columns (const guint stride, const KinWinograd *w, const real *weights, gsize apart, gboolean transposed,
                gsize row, gsize column, real *U)
{
  const guint n = parts_for (stride);
  Vec g[3][3], rows[INPUTS_MAX][3];

  for (guint tap = 0; tap < 9; tap++)
    {
      real taps[LANES];

      for (guint lane = 0; lane < LANES; lane++)
        taps[lane] = weights[lane * apart + tap];
      g[tap / 3][tap % 3] = vec_load (taps);
    }
  for (guint x = 0; x < 3; x++)
    {
      Vec line[3] = { g[0][x], g[1][x], g[2][x] }, u[INPUTS_MAX];

      weights_to_parts (stride, line, u);
      for (guint i = 0; i < n; i++)
        rows[i][x] = u[i];
    }
  for (guint i = 0; i < n; i++)
    {
      Vec u[INPUTS_MAX];

      weights_to_parts (stride, rows[i], u);
      for (guint j = 0; j < n; j++)
        {
          const KinWinogradPoint *point = &w->points[w->part_point[i * n + j]];
          gsize slot = w->part_slot[i * n + j];
          gsize n_rows = transposed ? w->K : point->depth;
          gsize r = transposed ? row : slot + row, c = transposed ? slot + column : column;

          vec_store (U + point->u_at + c / w->panel * n_rows * w->panel + r * w->panel
                         + c % w->panel,
                     u[j]);
        }
    }
}

static void
winograd_weights (const KinWinograd *winograd, const real *weights, gboolean transposed, guint first, guint last,
                  real *U)
{
  gsize of_k = (gsize) winograd->window.C * 9, of_c = 9;
  gsize by_row = transposed ? of_k : of_c, by_column = transposed ? of_c : of_k;
  guint n_columns = transposed ? winograd->window.C : winograd->K;

  for (guint row = first; row < last; row++)
    for (guint column = 0; column < n_columns; column += LANES)
      {
        const real *from = weights + row * by_row + column * by_column;

        if (winograd->window.stride == 1)
          weight_columns (1, winograd, from, by_column, transposed, row, column, U);
        else
          weight_columns (2, winograd, from, by_column, transposed, row, column, U);
      }
}

KIN_INLINE void
weight_gradient_columns (const guint stride, const KinWinograd *w, const real *dU, gsize c, gsize k, real *gradients)
{
  const guint n = parts_for (stride);
  Vec rows[INPUTS_MAX][3];

  for (guint i = 0; i < n; i++)
    {
      Vec u[INPUTS_MAX];

      for (guint j = 0; j < n; j++)
        u[j] = vec_load (dU + w->points[w->part_point[i * n + j]].du_at + (w->part_slot[i * n + j] + c) * w->K + k);
      parts_to_weights (stride, u, rows[i]);
    }
  for (guint x = 0; x < 3; x++)
    {
      Vec line[INPUTS_MAX], g[3];

      for (guint i = 0; i < n; i++)
        line[i] = rows[i][x];
      parts_to_weights (stride, line, g);
      for (guint y = 0; y < 3; y++)
        vec_store (gradients + ((y * 3 + x) * (gsize) w->window.C + c) * w->K + k, g[y]);
    }
}

static void
winograd_weight_gradients (const KinWinograd *winograd, const real *dU, guint first, guint last, real *gradients)
{
  for (guint c = first; c < last; c++)
    for (guint k = 0; k < winograd->K; k += LANES)
      if (winograd->window.stride == 1)
        weight_gradient_columns (1, winograd, dU, c, k, gradients);
      else
        weight_gradient_columns (2, winograd, dU, c, k, gradients);
}
