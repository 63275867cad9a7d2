/* C = A · B, a tile of KIN_ROWS × 2 vectors at a time, whose sums stay in registers: each step in depth reads two
 * vectors of B and KIN_ROWS numbers of A. Nothing is copied: A is read where it lies, at any two strides, and B by
 * panels, which whoever makes it writes as it is wanted here. Enough independent sums hide the latency of the multiply-add. */

KIN_INLINE void
multiply_tile (const guint n_rows, const guint n_vectors, gsize K, const real *A, gsize a_row, gsize a_depth,
               const real *B, gsize b_row, real *C, gsize c_row, gboolean accumulate)
{
  Vec sums[KIN_ROWS][2];

#pragma GCC unroll 8
  for (guint r = 0; r < n_rows; r++)
#pragma GCC unroll 2
    for (guint v = 0; v < n_vectors; v++)
      sums[r][v] = (Vec){ 0 };
  for (gsize k = 0; k < K; k++, A += a_depth, B += b_row)
    {
      Vec b[2];

#pragma GCC unroll 2
      for (guint v = 0; v < n_vectors; v++)
        b[v] = vec_load (B + v * LANES);
#pragma GCC unroll 8
      for (guint r = 0; r < n_rows; r++)
        {
          Vec a = vec_all (A[r * a_row]);

#pragma GCC unroll 2
          for (guint v = 0; v < n_vectors; v++)
            sums[r][v] = vec_fma (a, b[v], sums[r][v]);
        }
    }
#pragma GCC unroll 8
  for (guint r = 0; r < n_rows; r++)
#pragma GCC unroll 2
    for (guint v = 0; v < n_vectors; v++)
      {
        real *to = C + r * c_row + v * LANES;

        vec_store (to, accumulate ? vec_load (to) + sums[r][v] : sums[r][v]);
      }
}

/* All rows of one panel of B. */
KIN_INLINE void
multiply_panel (const guint n_vectors, gsize M, gsize K, const real *A, gsize a_row, gsize a_depth, const real *B,
                gsize b_row, real *C, gsize c_row, gboolean accumulate)
{
  gsize m = 0;

  for (; m + KIN_ROWS <= M; m += KIN_ROWS)
    multiply_tile (KIN_ROWS, n_vectors, K, A + m * a_row, a_row, a_depth, B, b_row, C + m * c_row, c_row, accumulate);
  for (guint rows = KIN_ROWS / 2; m < M; rows /= 2)
    if (m + rows <= M)
      {
        const real *a = A + m * a_row;
        real *c = C + m * c_row;

        if (rows == 4)
          multiply_tile (4, n_vectors, K, a, a_row, a_depth, B, b_row, c, c_row, accumulate);
        else if (rows == 2)
          multiply_tile (2, n_vectors, K, a, a_row, a_depth, B, b_row, c, c_row, accumulate);
        else
          multiply_tile (1, n_vectors, K, a, a_row, a_depth, B, b_row, c, c_row, accumulate);
        m += rows;
      }
}

/* The last columns, which fill no vector. A lane at a time, so that they round as all others do, whatever the vector. */
static void
multiply_columns (gsize M, gsize N, gsize K, const real *A, gsize a_row, gsize a_depth, const real *B, gsize b_row,
                  real *C, gsize c_row, gboolean accumulate)
{
  for (gsize m = 0; m < M; m++)
    for (gsize n = 0; n < N; n++)
      {
        Vec sum = { 0 };

        for (gsize k = 0; k < K; k++)
          sum = vec_fma (vec_all (A[m * a_row + k * a_depth]), vec_all (B[k * b_row + n]), sum);
        C[m * c_row + n] = accumulate ? C[m * c_row + n] + sum[0] : sum[0];
      }
}

static void
multiply (gsize M, gsize N, gsize K, const real *A, gsize a_row, gsize a_depth, const real *B, gsize b_panel,
          gsize b_row, real *C, gsize c_row, gboolean accumulate)
{
  gsize n = 0;

  for (; n + 2 * LANES <= N; n += 2 * LANES, B += b_panel)
    multiply_panel (2, M, K, A, a_row, a_depth, B, b_row, C + n, c_row, accumulate);
  if (n + LANES <= N)
    {
      multiply_panel (1, M, K, A, a_row, a_depth, B, b_row, C + n, c_row, accumulate);
      n += LANES;
      B += LANES;
    }
  if (n < N)
    multiply_columns (M, N - n, K, A, a_row, a_depth, B, b_row, C + n, c_row, accumulate);
}
