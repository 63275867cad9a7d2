#include <math.h>

#include "synthetic.h"
#include "ui/plot/pairs.h"

/* Pairs from a policy that changes nothing, so that what must be seen is known. */
static KinPairs *
plain_pairs (const KinDataset *dataset, guint n)
{
  g_autoptr (KinPolicy) policy = kin_policy_new ();
  g_autofree guint32 *ids = g_new (guint32, n);
  g_autofree double *similarities = g_new (double, n);

  for (guint i = 0; i < n; i++)
    {
      ids[i] = i;
      similarities[i] = i == 2 ? NAN : 1 - 0.4 * i;
    }
  return kin_pairs_new (dataset, policy, 1, 0, ids, n, similarities);
}

static void
test_pictures_are_shown_as_they_are (void)
{
  for (guint channels = 1; channels <= 3; channels += 2)
    for (int dark = 0; dark < 2; dark++)
      {
        g_autoptr (KinDataset) dataset = synthetic_dataset (6, 16, channels, 2);
        g_autoptr (KinPairs) pairs = plain_pairs (dataset, 3);
        KinPairsData data = KIN_PAIRS_DATA_INIT;
        Sheet sheet = sheet_new (1024, 700, dark);
        KinPairsLayout layout;

        data.pairs = pairs;
        kin_plot_pairs_draw (sheet.cr, &data, &sheet.style, 1024, 700);
        sheet_check (&sheet);
        kin_pairs_layout (&layout, 3, &sheet.style, 1024, 700);
        for (guint pair = 0; pair < 3; pair++)
          for (guint picture = 0; picture < 3; picture++)
            {
              double left = round (layout.x + pair / layout.rows * layout.column_width)
                            + picture * (layout.side + layout.gap);
              double top = round (layout.y + pair % layout.rows * layout.row_height), cell = layout.side / 16;

              for (guint y = 0; y < 16; y++)
                for (guint x = 0; x < 16; x++)
                  {
                    const guint8 *p = kin_dataset_get_pixels (dataset, pair) + (y * 16 + x) * channels;
                    KinColor expected = { p[0] / 255.0, p[channels == 3 ? 1 : 0] / 255.0,
                                          p[channels == 3 ? 2 : 0] / 255.0, 1 };
                    guint32 pixel = sheet_pixel (&sheet, left + (x + 0.5) * cell, top + (y + 0.5) * cell);

                    g_test_message ("pair %u picture %u (%u, %u): %06x", pair, picture, x, y, pixel);
                    g_assert_cmpint (color_distance (pixel, expected), <=, 1);
                  }
            }
        sheet_clear (&sheet);
      }
}

static void
test_hit_is_inverse (void)
{
  static const int sizes[][2] = { { 1024, 700 }, { 430, 340 }, { 260, 200 } };
  g_autoptr (KinDataset) dataset = synthetic_dataset (40, 16, 3, 2);
  g_autoptr (KinPairs) pairs = plain_pairs (dataset, 40);
  KinPairsData data = KIN_PAIRS_DATA_INIT;
  KinPlotStyle style;

  kin_plot_style_init (&style, FALSE, 13);
  data.pairs = pairs;
  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      KinPairsLayout layout;
      guint shown;

      data.first = 3 * s;
      kin_pairs_layout (&layout, 40 - data.first, &style, sizes[s][0], sizes[s][1]);
      shown = MIN (layout.columns * layout.rows, 40 - data.first);
      for (guint slot = 0; slot < shown; slot++)
        for (guint picture = 0; picture < 3; picture++)
          {
            double x = layout.x + slot / layout.rows * layout.column_width
                       + picture * (layout.side + layout.gap) + layout.side / 2;
            double y = layout.y + slot % layout.rows * layout.row_height + layout.side / 2;
            KinPairPart part;

            g_assert_true (x < sizes[s][0] && y < sizes[s][1]);
            g_assert_cmpint (kin_pairs_hit (&data, &style, sizes[s][0], sizes[s][1], x, y, &part), ==,
                             data.first + slot);
            g_assert_cmpuint (part, ==, picture);
          }
      g_assert_cmpint (kin_pairs_hit (&data, &style, sizes[s][0], sizes[s][1], 1, 1, NULL), ==, -1);
    }
}

static void
test_layout_fits (void)
{
  KinPlotStyle style;

  kin_plot_style_init (&style, FALSE, 13);
  for (int width = 60; width < 1800; width += 57)
    for (int height = 60; height < 1000; height += 73)
      for (guint n = 0; n < 40; n += 7)
        {
          KinPairsLayout layout;
          double bottom, right;

          kin_pairs_layout (&layout, n, &style, width, height);
          bottom = layout.y + (layout.rows - 1) * layout.row_height + layout.side;
          right = layout.x + (layout.columns - 1) * layout.column_width + 3 * layout.side + 2 * layout.gap
                  + (layout.text_width > 0 ? layout.gap + layout.text_width : 0);
          g_test_message ("%d × %d, %u pairs: right %g, bottom %g", width, height, n, right, bottom);
          g_assert_cmpuint (layout.rows * layout.columns, >=, 1);
          g_assert_cmpfloat (bottom, <=, height + 0.5);
          g_assert_cmpfloat (right, <=, width + 0.5);
        }
}

static void
test_renders (void)
{
  static const int sizes[][2] = { { 1024, 700 }, { 430, 340 }, { 120, 80 }, { 5, 5 } };
  static const guint counts[] = { 0, 1, 5, 40 };
  g_autoptr (KinDataset) dataset = synthetic_dataset (40, 16, 1, 2);

  for (guint c = 0; c < G_N_ELEMENTS (counts); c++)
    {
      g_autoptr (KinPairs) pairs = plain_pairs (dataset, counts[c]);
      KinPairsData data = KIN_PAIRS_DATA_INIT;

      data.pairs = counts[c] == 0 ? NULL : pairs;
      data.hovered = 0;
      data.selected = 1;
      for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
        for (int dark = 0; dark < 2; dark++)
          {
            Sheet sheet = sheet_new (sizes[s][0], sizes[s][1], dark);

            kin_plot_pairs_draw (sheet.cr, &data, &sheet.style, sizes[s][0], sizes[s][1]);
            sheet_check (&sheet);
            if (sizes[s][0] >= 120)
              g_assert_cmpuint (sheet_inked (&sheet), >, 50);
            sheet_clear (&sheet);
          }
    }
}

static void
test_views_are_those_of_training (void)
{
  g_autoptr (KinDataset) dataset = synthetic_dataset (8, 16, 3, 2);
  g_autoptr (GError) error = NULL;
  g_autoptr (KinPolicy) policy = kin_policy_from_name ("simclr", &error);
  const guint32 ids[] = { 5 };
  g_autoptr (KinPairs) pairs = NULL;
  guint8 rgb[16 * 16 * 3];
  KinViewKey key = { .seed = 9, .epoch = 4, .image = 5, .view = 1 };
  KinTrace trace;
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  pairs = kin_pairs_new (dataset, policy, 9, 4, ids, 1, NULL);
  kin_preview_view (dataset, policy, &key, rgb, &trace);
  text = kin_trace_to_text (&trace);
  g_assert_cmpstr (pairs->pairs[0].traces[1], ==, text);
  g_assert_true (isnan (pairs->pairs[0].similarity));
  for (guint i = 0; i < 256; i++)
    {
      const guint32 *row = (const guint32 *) (cairo_image_surface_get_data (pairs->pairs[0].views[1])
                                              + i / 16 * cairo_image_surface_get_stride (pairs->pairs[0].views[1]));

      g_assert_cmphex (row[i % 16] & 0xffffff, ==,
                       (guint) rgb[3 * i] << 16 | (guint) rgb[3 * i + 1] << 8 | rgb[3 * i + 2]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plot/pairs/pictures-are-shown-as-they-are", test_pictures_are_shown_as_they_are);
  g_test_add_func ("/plot/pairs/hit-is-inverse", test_hit_is_inverse);
  g_test_add_func ("/plot/pairs/layout-fits", test_layout_fits);
  g_test_add_func ("/plot/pairs/renders", test_renders);
  g_test_add_func ("/plot/pairs/views-are-those-of-training", test_views_are_those_of_training);
  return g_test_run ();
}
