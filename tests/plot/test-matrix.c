#include <math.h>

#include "synthetic.h"
#include "ui/plot/matrix.h"

static guint32 *
reversed_order (guint N)
{
  guint32 *order = g_new (guint32, N);

  for (guint n = 0; n < N; n++)
    order[n] = N - 1 - n;
  return order;
}

static void
test_cells_show_their_cosine (void)
{
  static const guint sizes[] = { 3, 12, 64 };

  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
    for (int dark = 0; dark < 2; dark++)
      {
        guint N = sizes[s];
        g_autoptr (KinSimilarity) similarity = synthetic_similarity (N, 100);
        g_autofree guint32 *order = reversed_order (N);
        KinMatrixData data = KIN_MATRIX_DATA_INIT;
        Sheet sheet = sheet_new (1024, 700, dark);

        data.similarity = similarity;
        data.order = order;
        kin_plot_matrix_draw (sheet.cr, &data, &sheet.style, 1024, 700);
        sheet_check (&sheet);
        for (guint row = 0; row < 2 * N; row++)
          {
            guint partner = (row + N) % (2 * N);
            double x, y, side, s_ij = similarity->cosine[(gsize) row * 2 * N + partner];
            guint32 pixel;

            kin_matrix_cell_rect (&data, &sheet.style, 1024, 700, row, partner, &x, &y, &side);
            pixel = sheet_pixel (&sheet, x + side / 2, y + side / 2);
            g_test_message ("N %u, row %u: cosine %g, pixel %06x", N, row, s_ij, pixel);
            /* 511 shades: a colour is off by a three-hundredth at the most. */
            g_assert_cmpint (color_distance (pixel, kin_plot_diverging_color (&sheet.style, s_ij)), <=, 2);
          }
        sheet_clear (&sheet);
      }
}

static void
test_hit_is_inverse (void)
{
  g_autoptr (KinSimilarity) similarity = synthetic_similarity (20, 100);
  g_autofree guint32 *order = reversed_order (20);
  KinMatrixData data = KIN_MATRIX_DATA_INIT;
  KinMatrixLayout layout;
  KinPlotStyle style;
  guint hit_row, hit_column;

  kin_plot_style_init (&style, FALSE, 13);
  data.similarity = similarity;
  data.order = order;
  for (guint row = 0; row < 40; row++)
    for (guint column = 0; column < 40; column++)
      {
        double x, y, side;

        kin_matrix_cell_rect (&data, &style, 430, 340, row, column, &x, &y, &side);
        g_assert_true (kin_matrix_hit (&data, &style, 430, 340, x + 0.01, y + side - 0.01, &hit_row, &hit_column));
        g_assert_cmpuint (hit_row, ==, row);
        g_assert_cmpuint (hit_column, ==, column);
      }
  kin_matrix_layout (&layout, similarity, &style, 430, 340);
  g_assert_false (kin_matrix_hit (&data, &style, 430, 340, layout.x - 1, layout.y + 5, &hit_row, &hit_column));
  g_assert_false (kin_matrix_hit (&data, &style, 430, 340, layout.x + layout.side, layout.y, &hit_row, &hit_column));
  g_assert_false (kin_matrix_hit (&data, &style, 430, 340, NAN, 5, &hit_row, &hit_column));
}

static void
test_order_by_class (void)
{
  g_autoptr (KinDataset) dataset = synthetic_dataset (40, 16, 3, 4);
  g_autoptr (KinDataset) unlabelled = synthetic_dataset (40, 16, 3, 0);
  g_autoptr (KinSimilarity) similarity = synthetic_similarity (15, 40);
  g_autofree guint32 *order = kin_matrix_order_new (similarity, dataset, KIN_MATRIX_BY_CLASS);
  gboolean seen[15] = { FALSE };

  g_assert_null (kin_matrix_order_new (similarity, unlabelled, KIN_MATRIX_BY_CLASS));
  for (guint place = 0; place < 15; place++)
    {
      seen[order[place]] = TRUE;
      if (place > 0)
        g_assert_cmpint (dataset->labels[similarity->ids[order[place]]], >=,
                         dataset->labels[similarity->ids[order[place - 1]]]);
    }
  for (guint n = 0; n < 15; n++)
    g_assert_true (seen[n]);
  for (guint row = 0; row < 30; row++)
    g_assert_cmpuint (kin_matrix_row_at (similarity, order, kin_matrix_place_of (similarity, order, row)), ==, row);
}

/* Every order is a permutation. By loss the terms fall; by likeness nothing left resembles a pair more than the next one. */
static void
test_orders (void)
{
  enum { N = 17 };
  g_autoptr (KinDataset) dataset = synthetic_dataset (40, 16, 3, 4);
  g_autoptr (KinSimilarity) similarity = synthetic_similarity (N, 40);
  g_autoptr (KinSimilarity) at = kin_similarity_new_at (similarity, 0.1);

  g_assert_null (kin_matrix_order_new (at, dataset, KIN_MATRIX_AS_DRAWN));
  for (KinMatrixSort sort = KIN_MATRIX_BY_CLASS; sort < KIN_N_MATRIX_SORTS; sort++)
    {
      g_autofree guint32 *order = kin_matrix_order_new (at, dataset, sort);
      gboolean seen[N] = { FALSE };
      double before = INFINITY;

      for (guint place = 0; place < N; place++)
        {
          guint32 n = order[place];
          double loss = kin_similarity_cell (at, n, n + N).loss + kin_similarity_cell (at, n + N, n).loss;

          g_assert_false (seen[n]);
          seen[n] = TRUE;
          if (sort == KIN_MATRIX_BY_LOSS)
            g_assert_cmpfloat (loss, <=, before);
          before = loss;
        }
      if (sort == KIN_MATRIX_BY_LIKENESS)
        g_assert_cmpuint (order[0], ==, 0);
    }
}

/* In each encoding a drawn cell has the colour that kin_matrix_cell_color() tells of it. */
static void
test_encodings (void)
{
  g_autoptr (KinDataset) dataset = synthetic_dataset (100, 16, 3, 4);
  g_autoptr (KinSimilarity) drawn = synthetic_similarity (9, 100);
  g_autoptr (KinSimilarity) similarity = kin_similarity_new_at (drawn, 0.2);
  g_autofree guint32 *order = reversed_order (9);

  for (KinMatrixEncoding encoding = 0; encoding < KIN_MATRIX_HISTOGRAM; encoding++)
    for (int dark = 0; dark < 2; dark++)
      {
        KinMatrixData data = KIN_MATRIX_DATA_INIT;
        Sheet sheet = sheet_new (1024, 700, dark);

        data.similarity = similarity;
        data.order = order;
        data.encoding = encoding;
        data.dataset = dataset;
        g_assert_nonnull (kin_matrix_encoding_help (encoding));
        kin_plot_matrix_draw (sheet.cr, &data, &sheet.style, 1024, 700);
        sheet_check (&sheet);
        for (guint row = 0; row < 18; row++)
          for (guint column = 0; column < 18; column += 5)
            {
              KinColor expected = kin_matrix_cell_color (&data, &sheet.style, row, column);
              double x, y, side;

              kin_matrix_cell_rect (&data, &sheet.style, 1024, 700, row, column, &x, &y, &side);
              g_assert_cmpint (color_distance (sheet_pixel (&sheet, x + side / 2, y + side / 2), expected), <=, 2);
            }
        sheet_clear (&sheet);
      }
}

/* What a softmax must be, at any temperature: rows of P add up to 1, those of the gradient to 0, pushes to 1; and the
 * gradient is the loss's difference. */
static void
test_histogram (void)
{
  static const int sizes[][2] = { { 1024, 700 }, { 330, 240 }, { 120, 80 }, { 6, 6 } };
  g_autoptr (KinDataset) dataset = synthetic_dataset (100, 16, 3, 4);
  g_autoptr (KinSimilarity) similarity = synthetic_similarity (30, 100);
  KinMatrixData data = KIN_MATRIX_DATA_INIT;
  KinSpread spreads[KIN_N_SPREADS], unlabelled[KIN_N_SPREADS];
  guint row, column, n = 0;

  kin_matrix_spread (similarity, dataset, spreads);
  kin_matrix_spread (similarity, NULL, unlabelled);
  g_assert_cmpuint (spreads[KIN_SPREAD_POSITIVES].n, ==, 60);
  g_assert_cmpuint (spreads[KIN_SPREAD_NEGATIVES].n + spreads[KIN_SPREAD_SAME_CLASS].n, ==, 60 * 58);
  g_assert_cmpuint (unlabelled[KIN_SPREAD_SAME_CLASS].n, ==, 0);
  g_assert_cmpfloat (spreads[KIN_SPREAD_POSITIVES].mean, >, spreads[KIN_SPREAD_NEGATIVES].mean);
  for (guint k = 0; k < KIN_N_SPREADS; k++)
    {
      double sum = 0;

      for (guint b = 0; b < KIN_SPREAD_BINS; b++)
        sum += spreads[k].bins[b];
      g_assert_cmpfloat_with_epsilon (sum, 1, 1e-9);
      n += spreads[k].n;
    }
  g_assert_cmpuint (n, ==, 60 * 59);
  similarity->cosine[1] = NAN;
  data.similarity = similarity;
  data.dataset = dataset;
  data.encoding = KIN_MATRIX_HISTOGRAM;
  g_assert_nonnull (kin_matrix_encoding_help (data.encoding));
  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      Sheet sheet = sheet_new (sizes[s][0], sizes[s][1], s % 2);

      g_assert_false (kin_matrix_hit (&data, &sheet.style, sizes[s][0], sizes[s][1], 50, 50, &row, &column));
      kin_plot_matrix_draw (sheet.cr, &data, &sheet.style, sizes[s][0], sizes[s][1]);
      sheet_check (&sheet);
      if (sizes[s][0] >= 120)
        g_assert_cmpuint (sheet_inked (&sheet), >, 50);
      sheet_clear (&sheet);
    }
}

static void
test_cells_are_a_softmax (void)
{
  static const double taus[] = { 0.005, 0.07, 0.5, 2 };
  g_autoptr (KinSimilarity) drawn = synthetic_similarity (7, 100);

  for (guint t = 0; t < G_N_ELEMENTS (taus); t++)
    {
      g_autoptr (KinSimilarity) at = kin_similarity_new_at (drawn, taus[t]);
      double loss = 0;

      for (guint row = 0; row < 14; row++)
        {
          double p = 0, gradient = 0, share = 0;

          for (guint column = 0; column < 14; column++)
            {
              KinCell cell = kin_similarity_cell (at, row, column);

              if (cell.is_self)
                {
                  g_assert_true (isnan (cell.probability) && isnan (cell.gradient) && isnan (cell.share));
                  continue;
                }
              p += cell.probability;
              gradient += cell.gradient;
              if (!cell.is_positive)
                share += cell.share;
              else
                loss += cell.loss / 14;
            }
          g_assert_cmpfloat_with_epsilon (p, 1, 1e-4);
          g_assert_cmpfloat_with_epsilon (gradient * taus[t], 0, 1e-4);
          if (!isnan (share)) /* else nothing pushes */
            g_assert_cmpfloat_with_epsilon (share, 1, 2e-2);
        }
      g_assert_cmpfloat_with_epsilon (loss, at->loss, 1e-4);
    }
}

static void
test_gradient_is_the_difference (void)
{
  g_autoptr (KinSimilarity) drawn = synthetic_similarity (5, 100);
  double step = 1e-3;

  for (guint column = 1; column < 10; column++)
    {
      g_autoptr (KinSimilarity) middle = kin_similarity_new_at (drawn, 0.3), up = NULL, down = NULL;
      float s = drawn->cosine[column];

      drawn->cosine[column] = s + step;
      up = kin_similarity_new_at (drawn, 0.3);
      drawn->cosine[column] = s - step;
      down = kin_similarity_new_at (drawn, 0.3);
      drawn->cosine[column] = s;
      g_assert_cmpfloat_with_epsilon (
          (kin_similarity_cell (up, 0, 5).loss - kin_similarity_cell (down, 0, 5).loss) / (2 * step),
          kin_similarity_cell (middle, 0, column).gradient, 2e-3);
    }
}

static void
test_positives_are_marked (void)
{
  g_autoptr (KinSimilarity) similarity = synthetic_similarity (8, 100);
  KinMatrixData data = KIN_MATRIX_DATA_INIT;
  Sheet sheet = sheet_new (430, 340, FALSE);
  double x, y, side;
  KinColor inside;

  data.similarity = similarity;
  kin_plot_matrix_draw (sheet.cr, &data, &sheet.style, 430, 340);
  sheet_check (&sheet);
  kin_matrix_cell_rect (&data, &sheet.style, 430, 340, 2, 10, &x, &y, &side);
  inside = kin_plot_diverging_color (&sheet.style, similarity->cosine[2 * 16 + 10]);
  g_assert_cmpint (color_distance (sheet_pixel (&sheet, x + 0.5, y + side / 2), inside), >, 60);
  kin_matrix_cell_rect (&data, &sheet.style, 430, 340, 2, 12, &x, &y, &side);
  inside = kin_plot_diverging_color (&sheet.style, similarity->cosine[2 * 16 + 12]);
  g_assert_cmpint (color_distance (sheet_pixel (&sheet, x + 0.5, y + side / 2), inside), <=, 2);
  sheet_clear (&sheet);
}

static void
test_renders (void)
{
  static const int sizes[][2] = { { 1024, 700 }, { 430, 340 }, { 120, 80 }, { 6, 6 } };
  static const guint pairs[] = { 0, 1, 2, 64, 200 };

  for (guint n = 0; n < G_N_ELEMENTS (pairs); n++)
    {
      g_autoptr (KinSimilarity) similarity = pairs[n] > 0 ? synthetic_similarity (pairs[n], 100) : NULL;
      KinMatrixData data = KIN_MATRIX_DATA_INIT;

      data.similarity = similarity;
      data.hover_row = 0;
      data.hover_column = data.pinned_row = data.pinned_column = 1;
      if (similarity != NULL)
        similarity->cosine[1] = NAN;
      for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
        for (int dark = 0; dark < 2; dark++)
          {
            Sheet sheet = sheet_new (sizes[s][0], sizes[s][1], dark);

            kin_plot_matrix_draw (sheet.cr, &data, &sheet.style, sizes[s][0], sizes[s][1]);
            sheet_check (&sheet);
            if (sizes[s][0] >= 120)
              g_assert_cmpuint (sheet_inked (&sheet), >, 50);
            sheet_clear (&sheet);
          }
    }
}

/* Lightness falls or rises evenly from the middle, so that a stronger similarity never looks like a weaker one. */
static void
test_diverging_is_monotonic (void)
{
  for (int dark = 0; dark < 2; dark++)
    for (int sign = -1; sign <= 1; sign += 2)
      {
        double before = 0;
        KinPlotStyle style;

        kin_plot_style_init (&style, dark, 13);
        for (guint i = 0; i <= 50; i++)
          {
            KinColor c = kin_plot_diverging_color (&style, sign * (int) i / 50.0);
            double luma = 0.2126 * c.r + 0.7152 * c.g + 0.0722 * c.b;

            g_assert_true (i == 0 || (dark ? luma > before : luma < before));
            before = luma;
          }
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plot/matrix/cells-show-their-cosine", test_cells_show_their_cosine);
  g_test_add_func ("/plot/matrix/hit-is-inverse", test_hit_is_inverse);
  g_test_add_func ("/plot/matrix/order-by-class", test_order_by_class);
  g_test_add_func ("/plot/matrix/orders", test_orders);
  g_test_add_func ("/plot/matrix/encodings", test_encodings);
  g_test_add_func ("/plot/matrix/histogram", test_histogram);
  g_test_add_func ("/plot/matrix/cells-are-a-softmax", test_cells_are_a_softmax);
  g_test_add_func ("/plot/matrix/gradient-is-the-difference", test_gradient_is_the_difference);
  g_test_add_func ("/plot/matrix/positives-are-marked", test_positives_are_marked);
  g_test_add_func ("/plot/matrix/renders", test_renders);
  g_test_add_func ("/plot/matrix/diverging-is-monotonic", test_diverging_is_monotonic);
  return g_test_run ();
}
