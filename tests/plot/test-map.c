#include <math.h>

#include "synthetic.h"
#include "ui/plot/map.h"

/* Points that nothing else overlaps, so that a pixel tells of one dot alone. */
static void
lattice_data (KinMapData *data, const KinDataset *dataset, KinEmbedding *embedding)
{
  for (guint i = 0; i < embedding->n; i++)
    {
      embedding->map[2 * i] = i % 10;
      embedding->map[2 * i + 1] = i / 10;
    }
  *data = (KinMapData) KIN_MAP_DATA_INIT;
  data->mode = KIN_MAP_DOTS;
  kin_map_data_from_embedding (data, dataset, embedding);
}

static void
point_px (const KinMapTransform *transform, const KinMapData *data, guint row, double *x, double *y)
{
  *x = transform->x + transform->scale * data->xy[2 * row];
  *y = transform->y - transform->scale * data->xy[2 * row + 1];
}

static void
test_dots_are_where_the_transform_says (void)
{
  g_autoptr (KinDataset) dataset = synthetic_dataset (60, 16, 3, 5);
  g_autoptr (KinEmbedding) embedding = synthetic_embedding (dataset);

  for (int dark = 0; dark < 2; dark++)
    {
      Sheet sheet = sheet_new (1024, 700, dark);
      KinMapTransform transform;
      KinMapData data;

      lattice_data (&data, dataset, embedding);
      transform = kin_map_transform (&data, &sheet.style, 1024, 700);
      kin_plot_map_draw (sheet.cr, &data, NULL, &sheet.style, 1024, 700);
      sheet_check (&sheet);
      for (guint row = 0; row < data.n; row++)
        {
          KinColor color = kin_plot_class_color (&sheet.style, dataset->labels[row]);
          double x, y;

          point_px (&transform, &data, row, &x, &y);
          g_test_message ("row %u at %g, %g: pixel %06x", row, x, y, sheet_pixel (&sheet, x, y));
          /* A dot is slightly translucent: 8 % of the card shines through. */
          g_assert_cmpint (color_distance (sheet_pixel (&sheet, x, y), color), <=, 21);
          g_assert_cmpint (color_distance (sheet_pixel (&sheet, x + transform.scale / 2, y), sheet.style.card), ==, 0);
        }
      sheet_clear (&sheet);
    }
}

static void
test_transform_fits (void)
{
  static const int sizes[][2] = { { 1024, 700 }, { 430, 340 }, { 120, 80 } };
  g_autoptr (KinDataset) dataset = synthetic_dataset (60, 16, 3, 5);
  g_autoptr (KinEmbedding) embedding = synthetic_embedding (dataset);
  KinMapData data = KIN_MAP_DATA_INIT;
  KinPlotStyle style;

  kin_plot_style_init (&style, FALSE, 13);
  kin_map_data_from_embedding (&data, dataset, embedding);
  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      KinMapTransform transform = kin_map_transform (&data, &style, sizes[s][0], sizes[s][1]);

      for (guint row = 0; row < data.n; row++)
        {
          double x, y;

          point_px (&transform, &data, row, &x, &y);
          g_assert_true (x >= 0 && x <= sizes[s][0] && y >= 0 && y <= sizes[s][1]);
        }
    }
}

static void
test_hit_is_inverse (void)
{
  g_autoptr (KinDataset) dataset = synthetic_dataset (60, 16, 3, 5);
  g_autoptr (KinEmbedding) embedding = synthetic_embedding (dataset);
  g_autoptr (KinMapIndex) index = NULL;
  KinMapTransform transform;
  KinPlotStyle style;
  KinMapData data;

  kin_plot_style_init (&style, FALSE, 13);
  lattice_data (&data, dataset, embedding);
  index = kin_map_index_new (data.xy, data.n);
  for (double zoom = 1; zoom < 4; zoom += 0.7)
    {
      data.view.zoom = zoom;
      transform = kin_map_transform (&data, &style, 1024, 700);
      for (guint row = 0; row < data.n; row++)
        {
          double x, y;

          point_px (&transform, &data, row, &x, &y);
          if (x < 0 || x > 850 || y < 0 || y > 700)
            continue;
          g_assert_cmpint (kin_map_hit (&data, index, &style, 1024, 700, x + 1, y - 1), ==, row);
          g_assert_cmpint (kin_map_hit (&data, NULL, &style, 1024, 700, x + 1, y - 1), ==, row);
          g_assert_cmpint (kin_map_hit (&data, index, &style, 1024, 700, x + transform.scale / 2, y), ==, -1);
        }
    }
}

static void
test_zoom_keeps_the_place_under_the_pointer (void)
{
  g_autoptr (KinDataset) dataset = synthetic_dataset (60, 16, 3, 5);
  g_autoptr (KinEmbedding) embedding = synthetic_embedding (dataset);
  KinMapTransform before, after;
  KinPlotStyle style;
  KinMapData data;

  kin_plot_style_init (&style, FALSE, 13);
  lattice_data (&data, dataset, embedding);
  for (guint step = 0; step < 12; step++)
    {
      double x = 300 + 10 * step, y = 200;

      before = kin_map_transform (&data, &style, 800, 600);
      kin_map_zoom_at (&data, &style, 800, 600, x, y, 1.3);
      after = kin_map_transform (&data, &style, 800, 600);
      g_assert_cmpfloat_with_epsilon (after.scale, before.scale * 1.3, 1e-6 * after.scale);
      g_assert_cmpfloat_with_epsilon ((x - before.x) / before.scale, (x - after.x) / after.scale, 1e-6);
      g_assert_cmpfloat_with_epsilon ((before.y - y) / before.scale, (after.y - y) / after.scale, 1e-6);
    }
  before = after;
  kin_map_pan (&data, &style, 800, 600, 12, -7);
  after = kin_map_transform (&data, &style, 800, 600);
  g_assert_cmpfloat_with_epsilon (after.x - before.x, 12, 1e-6);
  g_assert_cmpfloat_with_epsilon (after.y - before.y, -7, 1e-6);
  for (guint step = 0; step < 100; step++)
    kin_map_zoom_at (&data, &style, 800, 600, 0, 0, 3);
  g_assert_cmpfloat (data.view.zoom, ==, KIN_MAP_ZOOM_MAX);
}

static void
test_index_finds_the_nearest (void)
{
  enum { N = 700 };
  float xy[2 * N];
  g_autoptr (KinMapIndex) index = NULL;

  for (guint i = 0; i < 2 * N; i++)
    xy[i] = g_test_rand_double_range (-3, 3);
  xy[10] = NAN;
  xy[21] = INFINITY;
  xy[60] = xy[40];
  xy[61] = xy[41];
  index = kin_map_index_new (xy, N);
  for (guint query = 0; query < 2000; query++)
    {
      double x = g_test_rand_double_range (-4, 4), y = g_test_rand_double_range (-4, 4);
      double reach = g_test_rand_double_range (0, 1), best = reach * reach;
      int found = kin_map_index_nearest (index, x, y, reach), expected = -1;

      for (guint row = 0; row < N; row++)
        {
          double dx = xy[2 * row] - x, dy = xy[2 * row + 1] - y, distance = dx * dx + dy * dy;

          if (distance <= best && (expected < 0 || distance < best))
            {
              best = distance;
              expected = row;
            }
        }
      g_test_message ("query %u at %g, %g: %d, expected %d", query, x, y, found, expected);
      g_assert_cmpint (found, ==, expected);
    }
}

static void
test_index_of_odd_sets (void)
{
  const float one[] = { 2, 3 }, none[] = { NAN, 1, 1, INFINITY }, same[] = { 1, 1, 1, 1, 1, 1 };
  g_autoptr (KinMapIndex) a = kin_map_index_new (one, 1), b = kin_map_index_new (none, 2);
  g_autoptr (KinMapIndex) c = kin_map_index_new (same, 3), d = kin_map_index_new (NULL, 0);

  g_assert_cmpint (kin_map_index_nearest (a, 2, 3, 0.1), ==, 0);
  g_assert_cmpint (kin_map_index_nearest (a, 4, 3, 0.1), ==, -1);
  g_assert_cmpint (kin_map_index_nearest (b, 0, 0, 100), ==, -1);
  g_assert_cmpint (kin_map_index_nearest (c, 1, 1.01, 0.1), ==, 0);
  g_assert_cmpint (kin_map_index_nearest (d, 0, 0, 100), ==, -1);
}

static void
test_thumbnails (void)
{
  g_autoptr (KinDataset) dataset = synthetic_dataset (800, 16, 3, 5);
  g_autoptr (KinEmbedding) embedding = synthetic_embedding (dataset);
  g_autoptr (GArray) rows = NULL, panned = NULL;
  KinMapData data = KIN_MAP_DATA_INIT;
  KinMapTransform transform;
  double side, small;
  KinPlotStyle style;
  guint kept = 0;

  kin_plot_style_init (&style, FALSE, 13);
  kin_map_data_from_embedding (&data, dataset, embedding);
  g_assert_cmpfloat (kin_map_thumbnail_px (&data, &style, 430, 340), ==, 0);
  data.view.zoom = 4;
  small = kin_map_thumbnail_px (&data, &style, 430, 340);
  data.view.zoom = 6;
  side = kin_map_thumbnail_px (&data, &style, 430, 340);
  g_assert_cmpfloat (small, >, 0);
  g_assert_cmpfloat (side, >, small);
  data.mode = KIN_MAP_DOTS;
  g_assert_cmpfloat (kin_map_thumbnail_px (&data, &style, 430, 340), ==, 0);
  data.mode = KIN_MAP_AUTO;

  /* One in each cell: none lies nearer to another than in the next cell, and the hit is one that covers the place. */
  data.view.x = 0.5;
  rows = kin_map_visible_thumbnails (&data, &style, 430, 340);
  transform = kin_map_transform (&data, &style, 430, 340);
  g_assert_cmpuint (rows->len, >, 3);
  for (guint i = 0; i < rows->len; i++)
    {
      double x, y, hit_x, hit_y;
      int hit;

      point_px (&transform, &data, g_array_index (rows, guint32, i), &x, &y);
      if (x < 0 || x > 290 || y < 0 || y > 340)
        continue;
      hit = kin_map_hit (&data, NULL, &style, 430, 340, x, y);
      g_assert_cmpint (hit, >=, 0);
      point_px (&transform, &data, hit, &hit_x, &hit_y);
      g_assert_true (fabs (hit_x - x) <= side / 2 && fabs (hit_y - y) <= side / 2);
      data.hovered = g_array_index (rows, guint32, i);
      g_assert_cmpint (kin_map_hit (&data, NULL, &style, 430, 340, x, y), ==, data.hovered);
      data.hovered = -1;
    }

  /* Panning shows the same pictures elsewhere. */
  kin_map_pan (&data, &style, 430, 340, 5, 3);
  panned = kin_map_visible_thumbnails (&data, &style, 430, 340);
  for (guint i = 0; i < rows->len; i++)
    for (guint j = 0; j < panned->len; j++)
      kept += g_array_index (rows, guint32, i) == g_array_index (panned, guint32, j);
  g_assert_cmpuint (kept, >=, rows->len * 2 / 3);
}

/* A picture is shown as it is, on a dark card too. */
static void
test_thumbnails_keep_their_colours (void)
{
  for (guint channels = 1; channels <= 3; channels += 2)
    for (int dark = 0; dark < 2; dark++)
      {
        g_autoptr (KinDataset) dataset = synthetic_dataset (4, 16, channels, 2);
        g_autoptr (KinEmbedding) embedding = synthetic_embedding (dataset);
        KinMapData data = KIN_MAP_DATA_INIT;
        Sheet sheet = sheet_new (600, 400, dark);
        KinMapTransform transform;
        const guint8 *p;
        double x, y;

        for (gsize i = 0; i < 4 * 16 * 16 * channels; i++)
          dataset->pixels[i] = i / (256 * channels) * 60 + i % channels * 20;
        embedding->map[0] = embedding->map[1] = 0;
        embedding->map[2] = 3, embedding->map[3] = 0;
        embedding->map[4] = 0, embedding->map[5] = 3;
        embedding->map[6] = 3, embedding->map[7] = 3;
        kin_map_data_from_embedding (&data, dataset, embedding);
        g_assert_cmpfloat (kin_map_thumbnail_px (&data, &sheet.style, 600, 400), >, 20);
        kin_plot_map_draw (sheet.cr, &data, NULL, &sheet.style, 600, 400);
        sheet_check (&sheet);
        transform = kin_map_transform (&data, &sheet.style, 600, 400);
        for (guint row = 0; row < 4; row++)
          {
            p = kin_dataset_get_pixels (dataset, row);
            point_px (&transform, &data, row, &x, &y);
            g_assert_cmphex (sheet_pixel (&sheet, x + 3, y + 3), ==,
                             (guint) p[0] << 16 | (guint) p[channels == 3 ? 1 : 0] << 8 | p[channels == 3 ? 2 : 0]);
          }
        sheet_clear (&sheet);
      }
}

static void
test_legend_hit (void)
{
  g_autoptr (KinDataset) dataset = synthetic_dataset (200, 16, 3, 5);
  g_autoptr (KinDataset) crowded = synthetic_dataset (400, 16, 3, 100);
  g_autoptr (KinEmbedding) embedding = synthetic_embedding (dataset);
  KinMapData data = KIN_MAP_DATA_INIT;
  KinPlotStyle style;
  int before = -1, classes = 0;

  kin_plot_style_init (&style, FALSE, 13);
  kin_map_data_from_embedding (&data, dataset, embedding);
  for (double y = 0; y < 340; y += 2)
    {
      int hit = kin_map_legend_hit (&data, &style, 430, 340, 400, y);

      g_assert_cmpint (kin_map_legend_hit (&data, &style, 430, 340, 50, y), ==, -1);
      if (hit >= 0 && hit != before)
        g_assert_cmpint (hit, ==, classes++);
      before = hit;
    }
  g_assert_cmpint (classes, ==, 5);
  data.dataset = crowded;
  g_assert_cmpint (kin_map_legend_hit (&data, &style, 430, 340, 400, 339), ==, -1);
}

static void
test_markers_differ (void)
{
  KinPlotStyle style;

  kin_plot_style_init (&style, FALSE, 13);
  for (guint a = 0; a < 64; a++)
    for (guint b = 0; b < a; b++)
      {
        KinColor first = kin_plot_class_color (&style, a), second = kin_plot_class_color (&style, b);

        g_assert_true (kin_plot_class_marker (a) != kin_plot_class_marker (b) || first.r != second.r
                       || first.g != second.g || first.b != second.b);
      }
}

static void
draw_all_sizes (KinMapData *data, guint least_ink)
{
  static const int sizes[][2] = { { 1024, 700 }, { 430, 340 }, { 120, 80 }, { 5, 5 } };
  g_autoptr (KinMapCache) cache = kin_map_cache_new ();

  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
    for (int dark = 0; dark < 2; dark++)
      {
        Sheet cached = sheet_new (sizes[s][0], sizes[s][1], dark), fresh = sheet_new (sizes[s][0], sizes[s][1], dark);

        kin_plot_map_draw (cached.cr, data, cache, &cached.style, sizes[s][0], sizes[s][1]);
        kin_plot_map_draw (fresh.cr, data, NULL, &fresh.style, sizes[s][0], sizes[s][1]);
        sheet_check (&cached);
        sheet_check (&fresh);
        if (sizes[s][0] >= 120)
          g_assert_cmpuint (sheet_inked (&cached), >=, least_ink);
        /* The cache holds nothing that changes what is drawn. */
        for (int y = 0; y < sizes[s][1]; y++)
          for (int x = 0; x < sizes[s][0]; x++)
            g_assert_cmphex (sheet_pixel (&cached, x, y), ==, sheet_pixel (&fresh, x, y));
        sheet_clear (&cached);
        sheet_clear (&fresh);
      }
}

static void
test_renders (void)
{
  g_autoptr (KinDataset) dataset = synthetic_dataset (300, 16, 1, 20);
  g_autoptr (KinDataset) plain = synthetic_dataset (300, 16, 3, 0);
  g_autoptr (KinEmbedding) embedding = synthetic_embedding (dataset);
  const guint32 neighbours[] = { 3, 4, 5, 100000 };
  KinMapData data = KIN_MAP_DATA_INIT;

  draw_all_sizes (&data, 20); /* empty */
  data.caption = "PCA of h";
  embedding->map[0] = NAN;
  embedding->map[3] = INFINITY;
  kin_map_data_from_embedding (&data, dataset, embedding);
  data.selected = 7;
  data.hovered = 9;
  data.neighbours = neighbours;
  data.n_neighbours = G_N_ELEMENTS (neighbours);
  draw_all_sizes (&data, 20);
  data.highlighted_class = 3;
  draw_all_sizes (&data, 20);
  data.highlighted_class = -1;
  data.coloring = KIN_MAP_COLOR_FACTOR;
  for (data.factor = 0; data.factor < 3; data.factor++) /* 2: there is none, so no colours */
    draw_all_sizes (&data, 20);
  data.view.zoom = 50; /* between the heaps */
  draw_all_sizes (&data, 0);
  data.view.zoom = 1;
  data.dataset = plain;
  data.coloring = KIN_MAP_COLOR_CLASS;
  draw_all_sizes (&data, 20);
  data.selected = 1; /* a point without a place */
  data.n = 5;
  data.mode = KIN_MAP_THUMBNAILS;
  draw_all_sizes (&data, 20);
  data.dataset = NULL;
  draw_all_sizes (&data, 20);
}

static void
test_one_point (void)
{
  const float xy[] = { 17, -4 };
  const guint32 ids[] = { 0 };
  g_autoptr (KinDataset) dataset = synthetic_dataset (4, 16, 3, 2);
  KinMapData data = KIN_MAP_DATA_INIT;
  KinPlotStyle style;
  KinMapTransform transform;

  kin_plot_style_init (&style, FALSE, 13);
  data.dataset = dataset;
  data.n = 1;
  data.xy = xy;
  data.ids = ids;
  data.bounds = kin_map_bounds (xy, 1);
  transform = kin_map_transform (&data, &style, 430, 340);
  g_assert_true (isfinite (transform.scale) && transform.scale > 0);
  g_assert_true (transform.x + transform.scale * 17 > 0 && transform.x + transform.scale * 17 < 430);
  draw_all_sizes (&data, 20);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plot/map/dots-are-where-the-transform-says", test_dots_are_where_the_transform_says);
  g_test_add_func ("/plot/map/transform-fits", test_transform_fits);
  g_test_add_func ("/plot/map/hit-is-inverse", test_hit_is_inverse);
  g_test_add_func ("/plot/map/zoom-keeps-the-place-under-the-pointer", test_zoom_keeps_the_place_under_the_pointer);
  g_test_add_func ("/plot/map/index-finds-the-nearest", test_index_finds_the_nearest);
  g_test_add_func ("/plot/map/index-of-odd-sets", test_index_of_odd_sets);
  g_test_add_func ("/plot/map/thumbnails", test_thumbnails);
  g_test_add_func ("/plot/map/thumbnails-keep-their-colours", test_thumbnails_keep_their_colours);
  g_test_add_func ("/plot/map/legend-hit", test_legend_hit);
  g_test_add_func ("/plot/map/markers-differ", test_markers_differ);
  g_test_add_func ("/plot/map/renders", test_renders);
  g_test_add_func ("/plot/map/one-point", test_one_point);
  return g_test_run ();
}
