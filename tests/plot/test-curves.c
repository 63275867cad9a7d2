#include <math.h>
#include <string.h>

#include "synthetic.h"
#include "ui/plot/curves.h"

static void
data_of (KinCurvesData *data, const KinHistory *history, double epochs_total)
{
  kin_curves_data_from_history (data, (const KinSample *) history->samples->data, history->samples->len,
                                (const KinEvaluation *) history->evaluations->data, history->evaluations->len,
                                epochs_total);
}

static const KinPanel *
find_panel (const KinCurvesData *data, KinPanelKind kind)
{
  for (guint p = 0; p < data->n_panels; p++)
    if (data->panels[p].kind == kind)
      return &data->panels[p];
  return NULL;
}

static void
test_panels_exist_by_data (void)
{
  g_autoptr (KinHistory) history = synthetic_history (4, 10);
  g_autoptr (KinHistory) empty = kin_history_new ();
  KinCurvesData data;

  data_of (&data, empty, 30);
  g_assert_cmpuint (data.n_panels, ==, 0);
  data_of (&data, history, 30);
  g_assert_cmpuint (data.n_panels, ==, KIN_N_PANELS);
  g_assert_cmpfloat (data.last_epoch, ==, 4);
  g_assert_cmpfloat (data.epochs_total, ==, 30);
  g_assert_cmpuint (find_panel (&data, KIN_PANEL_KNN)->n_curves, ==, 2);
  g_assert_cmpuint (find_panel (&data, KIN_PANEL_KNN)->n_lines, ==, 3);
  g_assert_cmpstr (find_panel (&data, KIN_PANEL_LOSS)->lines[0].label, ==, "chance ln(2N−1) = 4.84");

  for (guint i = 0; i < history->evaluations->len; i++)
    {
      KinEvaluation *evaluation = &g_array_index (history->evaluations, KinEvaluation, i);

      evaluation->knn = evaluation->knn_test = evaluation->knn_pixels = NAN;
      evaluation->knn_random = evaluation->chance_label = NAN;
    }
  data_of (&data, history, 30);
  g_assert_null (find_panel (&data, KIN_PANEL_KNN));
  g_assert_cmpuint (data.n_panels, ==, KIN_N_PANELS - 1);
}

static void
test_loss_without_steps (void)
{
  g_autoptr (KinHistory) history = synthetic_history (4, 10);
  const KinPanel *panel;
  KinCurvesData data;

  g_array_set_size (history->samples, 0);
  data_of (&data, history, 0);
  panel = find_panel (&data, KIN_PANEL_LOSS);
  g_assert_nonnull (panel);
  g_assert_cmpuint (panel->curves[0].n, ==, 5);
  g_assert_cmpfloat (data.epochs_total, ==, 4);
}

static void
test_other_chance (void)
{
  g_autoptr (KinHistory) history = synthetic_history (1, 3);
  KinCurvesData data;

  for (guint i = 0; i < history->samples->len; i++)
    g_array_index (history->samples, KinSample, i).chance = 1.5;
  data_of (&data, history, 0);
  g_assert_cmpstr (find_panel (&data, KIN_PANEL_LOSS)->lines[0].label, ==, "chance 1.50");
}

/* Of a row of pixels, the share that is not card. */
static double
inked_share (Sheet *sheet, double x0, double x1, double y)
{
  guint inked = 0, n = 0;

  for (double x = x0; x < x1; x++, n++)
    inked += color_distance (sheet_pixel (sheet, x, y), sheet->style.card) > 60;
  return inked / (double) n;
}

static void
test_chance_line_is_at_its_height (void)
{
  g_autoptr (KinHistory) history = synthetic_history (6, 20);
  KinCurvesView view = KIN_CURVES_VIEW_INIT;
  KinCurvesLayout layout;
  KinCurvesData data;
  Sheet sheet = sheet_new (1024, 700, FALSE);
  double y, x0, x1;

  /* A line where there is no curve: the run is young, the axis long. */
  data_of (&data, history, 60);
  view.panels = KIN_PANEL_BIT (KIN_PANEL_LOSS);
  kin_plot_curves_draw (sheet.cr, &data, &view, &sheet.style, 1024, 700);
  sheet_check (&sheet);
  kin_curves_layout (&layout, &data, &view, &sheet.style, 1024, 700);
  g_assert_cmpuint (layout.n, ==, 1);
  y = round (kin_axis_to_px (&layout.places[0].y, log (127)));
  x0 = kin_axis_to_px (&layout.places[0].x, 20);
  x1 = kin_axis_to_px (&layout.places[0].x, 40);
  g_assert_cmpfloat (inked_share (&sheet, x0, x1, y), >, 0.5);
  g_assert_cmpfloat (inked_share (&sheet, x0, x1, y - 3), ==, 0);
  g_assert_cmpfloat (inked_share (&sheet, x0, x1, y + 3), ==, 0);
  sheet_clear (&sheet);
}

static void
test_curve_is_where_its_value_is (void)
{
  g_autoptr (KinHistory) history = synthetic_history (6, 20);
  KinCurvesView view = KIN_CURVES_VIEW_INIT;
  KinCurvesLayout layout;
  KinCurvesData data;
  Sheet sheet = sheet_new (1024, 700, TRUE);

  data_of (&data, history, 6);
  view.panels = KIN_PANEL_BIT (KIN_PANEL_RANK);
  kin_plot_curves_draw (sheet.cr, &data, &view, &sheet.style, 1024, 700);
  sheet_check (&sheet);
  kin_curves_layout (&layout, &data, &view, &sheet.style, 1024, 700);
  for (guint i = 1; i < 6; i++)
    {
      const KinEvaluation *evaluation = &g_array_index (history->evaluations, KinEvaluation, i);
      guint32 pixel = sheet_pixel (&sheet, kin_axis_to_px (&layout.places[0].x, evaluation->epoch),
                                   kin_axis_to_px (&layout.places[0].y, evaluation->effective_rank));
      KinColor color = kin_plot_class_color (&sheet.style, data.panels[layout.places[0].panel].curves[0].color);

      g_test_message ("evaluation %u: pixel %06x", i, pixel);
      g_assert_cmpint (color_distance (pixel, color), <=, 12);
    }
  sheet_clear (&sheet);
}

static void
test_hit_is_inverse (void)
{
  g_autoptr (KinHistory) history = synthetic_history (6, 20);
  KinCurvesView view = KIN_CURVES_VIEW_INIT;
  KinCurvesLayout layout;
  KinPlotStyle style;
  KinCurvesData data;

  kin_plot_style_init (&style, FALSE, 13);
  data_of (&data, history, 10);
  view.panels = KIN_PANELS_ALL;
  kin_curves_layout (&layout, &data, &view, &style, 1024, 700);
  g_assert_cmpuint (layout.n, ==, KIN_N_PANELS);
  for (guint i = 0; i < layout.n; i++)
    for (double epoch = 0.5; epoch < 10; epoch += 1.5)
      {
        double found = NAN, x = kin_axis_to_px (&layout.places[i].x, epoch);
        double y = (layout.places[i].y.start_px + layout.places[i].y.end_px) / 2;

        g_assert_cmpint (kin_curves_hit (&data, &view, &style, 1024, 700, x, y, &found), ==, layout.places[i].panel);
        g_assert_cmpfloat_with_epsilon (found, epoch, 1e-9);
      }
  g_assert_cmpint (kin_curves_hit (&data, &view, &style, 1024, 700, 1, 1, NULL), ==, -1);
}

static void
test_panels_do_not_overlap (void)
{
  g_autoptr (KinHistory) history = synthetic_history (6, 20);
  static const int sizes[][2] = { { 430, 340 }, { 1024, 700 }, { 260, 200 }, { 120, 80 }, { 1600, 300 }, { 300, 900 } };
  KinCurvesView view = KIN_CURVES_VIEW_INIT;
  KinPlotStyle style;
  KinCurvesData data;

  kin_plot_style_init (&style, FALSE, 13);
  data_of (&data, history, 10);
  view.panels = KIN_PANELS_ALL;
  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      KinCurvesLayout layout;

      kin_curves_layout (&layout, &data, &view, &style, sizes[s][0], sizes[s][1]);
      g_assert_cmpuint (layout.n, >=, 1);
      for (guint i = 0; i < layout.n; i++)
        {
          const KinPanelPlace *a = &layout.places[i];

          g_assert_true (a->x.start_px >= 0 && a->x.end_px <= sizes[s][0]);
          g_assert_true (a->y.end_px >= 0 && a->y.start_px <= sizes[s][1]);
          for (guint j = 0; j < i; j++)
            {
              const KinPanelPlace *b = &layout.places[j];

              g_assert_true (a->x.start_px >= b->x.end_px || b->x.start_px >= a->x.end_px
                             || a->y.end_px >= b->y.start_px || b->y.end_px >= a->y.start_px);
            }
        }
    }
}

static void
test_reading (void)
{
  g_autoptr (KinHistory) history = synthetic_history (6, 20);
  KinCurvesReading reading;
  KinCurvesData data;
  guint knn = 0;

  data_of (&data, history, 6);
  while (data.panels[knn].kind != KIN_PANEL_KNN)
    knn++;
  g_assert_true (kin_curves_read (&data, 2.51, &reading));
  g_assert_cmpuint (reading.step, ==, 50);
  g_assert_cmpfloat (reading.epoch, ==, 2.5);
  g_assert_cmpfloat (reading.values[0][0], ==, g_array_index (history->samples, KinSample, 49).loss);
  g_assert_cmpfloat (reading.values[knn][0], ==, g_array_index (history->evaluations, KinEvaluation, 2).knn);
  g_assert_true (kin_curves_read (&data, 1e9, &reading));
  g_assert_cmpuint (reading.step, ==, 120);
  g_assert_true (kin_curves_read (&data, -5, &reading));
  g_assert_cmpuint (reading.step, ==, 0);
  g_assert_true (isnan (reading.values[0][0])); /* no step yet */
  g_assert_false (kin_curves_read (&data, NAN, &reading));
}

static void
test_smoothing (void)
{
  g_autoptr (KinHistory) history = synthetic_history (2, 50);
  g_autoptr (GArray) vertices = g_array_new (FALSE, FALSE, sizeof (KinVertex));
  KinPanelPlace place = { .x = { 0, 2, 0, 1000, FALSE }, .y = { 0, 10, 0, 10, FALSE } };
  double beta = 0.8, sum = 0, weight = 0;
  KinCurvesData data;

  g_array_index (history->samples, KinSample, 30).loss = NAN;
  data_of (&data, history, 2);
  kin_curve_vertices (&data.panels[0].curves[0], &place, beta, vertices);
  g_assert_cmpuint (vertices->len, ==, 100);
  for (guint i = 0; i < 100; i++)
    {
      double loss = g_array_index (history->samples, KinSample, i).loss;
      double got = g_array_index (vertices, KinVertex, i).y;

      if (i == 30)
        {
          g_assert_true (isnan (got));
          continue;
        }
      sum = beta * sum + (1 - beta) * loss;
      weight = beta * weight + (1 - beta);
      g_assert_cmpfloat_with_epsilon (got, sum / weight, 1e-9);
    }
  g_assert_cmpfloat_with_epsilon (g_array_index (vertices, KinVertex, 0).y,
                                  g_array_index (history->samples, KinSample, 0).loss, 1e-9);
}

/* Many steps fall on the last column of pixels: the number written there is the last one, not the column's extreme. */
static void
test_end_is_the_last_value (void)
{
  g_autoptr (KinHistory) history = synthetic_history (10, 500);
  KinPanelPlace place = { .x = { 0, 10, 0, 20, FALSE }, .y = { 0, 10, 100, 0, FALSE } };
  double epoch, value;
  KinCurvesData data;

  data_of (&data, history, 10);
  g_assert_true (kin_curve_end (&data.panels[0].curves[0], &place, 0, &epoch, &value));
  g_assert_cmpfloat (epoch, ==, 10);
  g_assert_cmpfloat_with_epsilon (value, g_array_index (history->samples, KinSample, 4999).loss, 1e-12);
  place.x.max = 5;
  g_assert_false (kin_curve_end (&data.panels[0].curves[0], &place, 0, &epoch, &value));
}

/* A log axis shows what is positive, and leaves a gap for the rest. */
static void
test_log_axis_leaves_gaps (void)
{
  g_autoptr (KinHistory) history = synthetic_history (2, 10);
  g_autoptr (GArray) vertices = g_array_new (FALSE, FALSE, sizeof (KinVertex));
  KinPanelPlace place = { .x = { 0, 2, 0, 1000, FALSE }, .y = { 0.1, 10, 100, 0, TRUE } };
  KinCurvesData data;

  g_array_index (history->samples, KinSample, 5).loss = 0;
  g_array_index (history->samples, KinSample, 9).loss = -1;
  data_of (&data, history, 2);
  kin_curve_vertices (&data.panels[0].curves[0], &place, 0, vertices);
  g_assert_cmpuint (vertices->len, ==, 20);
  for (guint i = 0; i < 20; i++)
    g_assert_true (isfinite (g_array_index (vertices, KinVertex, i).y) == (i != 5 && i != 9));
}

static void
draw_all_sizes (const KinCurvesData *data, const KinCurvesView *view)
{
  static const int sizes[][2] = { { 1024, 700 }, { 430, 340 }, { 120, 80 }, { 8, 8 } };

  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
    for (int dark = 0; dark < 2; dark++)
      {
        Sheet sheet = sheet_new (sizes[s][0], sizes[s][1], dark);

        kin_plot_curves_draw (sheet.cr, data, view, &sheet.style, sizes[s][0], sizes[s][1]);
        sheet_check (&sheet);
        if (sizes[s][0] >= 120)
          g_assert_cmpuint (sheet_inked (&sheet), >, 50);
        sheet_clear (&sheet);
      }
}

static void
test_renders (void)
{
  g_autoptr (KinHistory) history = synthetic_history (12, 30);
  g_autoptr (KinHistory) empty = kin_history_new ();
  KinCurvesView view = KIN_CURVES_VIEW_INIT;
  KinCurvesData data;

  data_of (&data, empty, 30);
  draw_all_sizes (&data, &view);
  data_of (&data, history, 30);
  draw_all_sizes (&data, &view);
  view = (KinCurvesView){ KIN_PANELS_ALL, 3, 5, 0.9, TRUE, 4.2 };
  draw_all_sizes (&data, &view);
  g_array_set_size (history->samples, 1);
  g_array_set_size (history->evaluations, 1);
  data_of (&data, history, 0);
  draw_all_sizes (&data, &view);
  g_array_index (history->samples, KinSample, 0).loss = NAN;
  g_array_index (history->samples, KinSample, 0).gradient_norm = INFINITY;
  data_of (&data, history, 1);
  draw_all_sizes (&data, &view);
}

static void
test_describe (void)
{
  g_autoptr (KinHistory) history = synthetic_history (6, 20);
  g_autoptr (KinHistory) empty = kin_history_new ();
  g_autofree char *text = NULL, *none = NULL;
  KinCurvesData data;

  data_of (&data, history, 6);
  text = kin_curves_describe (&data);
  g_assert_nonnull (strstr (text, "loss"));
  g_assert_nonnull (strstr (text, "k-NN agreement"));
  data_of (&data, empty, 6);
  none = kin_curves_describe (&data);
  g_assert_cmpstr (none, !=, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plot/curves/panels-exist-by-data", test_panels_exist_by_data);
  g_test_add_func ("/plot/curves/loss-without-steps", test_loss_without_steps);
  g_test_add_func ("/plot/curves/other-chance", test_other_chance);
  g_test_add_func ("/plot/curves/chance-line-is-at-its-height", test_chance_line_is_at_its_height);
  g_test_add_func ("/plot/curves/curve-is-where-its-value-is", test_curve_is_where_its_value_is);
  g_test_add_func ("/plot/curves/hit-is-inverse", test_hit_is_inverse);
  g_test_add_func ("/plot/curves/panels-do-not-overlap", test_panels_do_not_overlap);
  g_test_add_func ("/plot/curves/reading", test_reading);
  g_test_add_func ("/plot/curves/smoothing", test_smoothing);
  g_test_add_func ("/plot/curves/end-is-the-last-value", test_end_is_the_last_value);
  g_test_add_func ("/plot/curves/log-axis-leaves-gaps", test_log_axis_leaves_gaps);
  g_test_add_func ("/plot/curves/renders", test_renders);
  g_test_add_func ("/plot/curves/describe", test_describe);
  return g_test_run ();
}
