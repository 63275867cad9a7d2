#include <math.h>

#include "ui/plot/axis.h"

static void
check_linear (double min, double max, guint most)
{
  KinAxis axis = { min, max, 0, 100, FALSE };
  double ticks[KIN_TICKS_MAX], step, mantissa;
  guint n = kin_axis_ticks (&axis, most, ticks, &step);

  mantissa = step / pow (10, floor (log10 (step) + 1e-9));
  g_assert_true (fabs (mantissa - 1) < 1e-6 || fabs (mantissa - 2) < 1e-6 || fabs (mantissa - 5) < 1e-6);
  g_assert_cmpuint (n, <=, MAX (most + 1, 6));
  g_assert_cmpuint (n, >=, 2);
  for (guint i = 0; i < n; i++)
    {
      g_assert_true (ticks[i] >= min && ticks[i] <= max);
      g_assert_cmpfloat (fabs (ticks[i] / step - round (ticks[i] / step)), <, 1e-6);
    }
  for (guint i = 1; i < n; i++)
    g_assert_cmpfloat (fabs ((ticks[i] - ticks[i - 1]) / step - 1), <, 1e-6);
  /* None is missing at either end. */
  g_assert_cmpfloat (ticks[0] - min, <, step * (1 + 1e-6));
  g_assert_cmpfloat (max - ticks[n - 1], <, step * (1 + 1e-6));
}

static void
test_ticks (void)
{
  double ticks[KIN_TICKS_MAX], step;
  KinAxis known = { 0, 1, 0, 100, FALSE }, empty = { 1, 1, 0, 1, FALSE }, wrong = { 0, NAN, 0, 1, FALSE };

  g_assert_cmpuint (kin_axis_ticks (&known, 5, ticks, &step), ==, 6);
  g_assert_cmpfloat (step, ==, 0.2);
  g_assert_cmpfloat (ticks[3], ==, 3 * 0.2);
  for (int i = 0; i < 4000; i++)
    {
      double min = g_test_rand_double_range (-1, 1) * pow (10, g_test_rand_int_range (-8, 9));
      double range = g_test_rand_double_range (1, 10) * pow (10, g_test_rand_int_range (-3, 4)) * fabs (min) + 1e-12;

      check_linear (min, min + range, g_test_rand_int_range (2, 12));
    }
  g_assert_cmpuint (kin_axis_ticks (&empty, 5, ticks, &step), ==, 0);
  g_assert_cmpuint (kin_axis_ticks (&wrong, 5, ticks, &step), ==, 0);
}

static void
test_log_ticks (void)
{
  double ticks[KIN_TICKS_MAX];
  KinAxis known = { 0.001, 1000, 0, 100, TRUE }, negative = { -1, 10, 0, 100, TRUE };

  g_assert_cmpuint (kin_axis_ticks (&known, 7, ticks, NULL), ==, 7);
  for (guint i = 0; i < 7; i++)
    g_assert_cmpfloat (fabs (log10 (ticks[i]) - ((double) i - 3)), <, 1e-9);
  g_assert_cmpuint (kin_axis_ticks (&negative, 7, ticks, NULL), ==, 0);
  for (int i = 0; i < 1000; i++)
    {
      double min = pow (10, g_test_rand_double_range (-9, 9));
      KinAxis axis = { min, min * pow (10, g_test_rand_double_range (0.5, 20)), 0, 100, TRUE };
      guint most = g_test_rand_int_range (2, 12), n = kin_axis_ticks (&axis, most, ticks, NULL);

      g_assert_cmpuint (n, <=, most);
      for (guint t = 0; t < n; t++)
        g_assert_true (ticks[t] >= axis.min * (1 - 1e-6) && ticks[t] <= axis.max * (1 + 1e-6)
                       && (t == 0 || ticks[t] > ticks[t - 1]));
    }
}

static void
test_px_is_inverse (void)
{
  const KinAxis axes[] = { { -3, 7, 300, 20, FALSE }, { 0.01, 50, 10, 400, TRUE } };

  for (guint a = 0; a < G_N_ELEMENTS (axes); a++)
    {
      g_assert_cmpfloat_with_epsilon (kin_axis_to_px (&axes[a], axes[a].min), axes[a].start_px, 1e-9);
      g_assert_cmpfloat_with_epsilon (kin_axis_to_px (&axes[a], axes[a].max), axes[a].end_px, 1e-9);
      for (double px = 15; px < 300; px += 7)
        g_assert_cmpfloat_with_epsilon (kin_axis_to_px (&axes[a], kin_axis_from_px (&axes[a], px)), px, 1e-9);
    }
}

static void
test_widen (void)
{
  const double cases[][2] = { { 0.45, 0.92 }, { 2.71, 4.84 }, { 3, 3 }, { 0, 0 }, { -5e-9, 1e-9 }, { -1234, 98765 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      double min = cases[i][0], max = cases[i][1], ticks[KIN_TICKS_MAX];
      KinAxis axis;
      guint n;

      kin_axis_widen (&min, &max, FALSE, 5);
      g_assert_true (min <= cases[i][0] && max >= cases[i][1] && max > min);
      axis = (KinAxis){ min, max, 0, 1, FALSE };
      n = kin_axis_ticks (&axis, 6, ticks, NULL);
      g_assert_cmpuint (n, >=, 2);
    }
  for (guint i = 0; i < 2; i++)
    {
      double min = 2.7, max = 4.9;

      kin_axis_widen (&min, &max, TRUE, 5);
      g_assert_cmpfloat_with_epsilon (min, 2, 1e-9);
      g_assert_cmpfloat_with_epsilon (max, 5, 1e-9);
    }
  {
    double min = INFINITY, max = -INFINITY;

    kin_axis_widen (&min, &max, FALSE, 5);
    g_assert_cmpfloat (min, ==, 0);
    g_assert_cmpfloat (max, ==, 1);
  }
}

static void
check_format (double value, double step, const char *expected)
{
  g_autofree char *text = kin_axis_format (value, step);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_format (void)
{
  check_format (0.25, 0.05, "0.25");
  check_format (-1, 0.5, "−1.0");
  check_format (-1, 1, "−1");
  check_format (-1e-17, 0.1, "0.0");
  check_format (0, 0.0005, "0");
  check_format (2000, 500, "2000");
  check_format (12345, 1, "12\u2009345");
  check_format (-1234567, 1, "−1\u2009234\u2009567");
  check_format (12345.5, 0.5, "12\u2009345.5");
  check_format (1e-5, 0, "1e−5");
  check_format (0.2, 0, "0.2");
  check_format (NAN, 1, "–");
}

static void
test_spread (void)
{
  double apart[] = { 10, 50, 90 }, pair[] = { 50, 50 }, edge[] = { 0, 1, 2 };

  kin_axis_spread_labels (apart, 3, 20, 0, 100);
  g_assert_cmpfloat (apart[0], ==, 10);
  g_assert_cmpfloat (apart[1], ==, 50);
  g_assert_cmpfloat (apart[2], ==, 90);
  kin_axis_spread_labels (pair, 2, 20, 0, 100);
  g_assert_cmpfloat (pair[0], ==, 40);
  g_assert_cmpfloat (pair[1], ==, 60);
  kin_axis_spread_labels (edge, 3, 20, 0, 100);
  g_assert_cmpfloat (edge[0], ==, 0);
  g_assert_cmpfloat (edge[2], ==, 40);
  kin_axis_spread_labels (edge, 0, 20, 0, 100);
  for (int round = 0; round < 500; round++)
    {
      double wanted[6], y[6];

      for (guint i = 0; i < 6; i++)
        wanted[i] = y[i] = g_test_rand_double_range (-20, 220);
      kin_axis_spread_labels (y, 6, 15, 0, 200);
      for (guint i = 0; i < 6; i++)
        {
          g_assert_true (y[i] >= -1e-9 && y[i] <= 200 + 1e-9);
          for (guint j = 0; j < i; j++)
            {
              g_assert_cmpfloat (fabs (y[i] - y[j]), >=, 15 - 1e-9);
              g_assert_true ((wanted[i] < wanted[j]) == (y[i] < y[j]));
            }
        }
    }
}

static void
test_decimation_keeps_extremes (void)
{
  enum { N = 20000, COLUMNS = 100 };
  g_autoptr (GArray) vertices = g_array_new (FALSE, FALSE, sizeof (KinVertex));
  double low[COLUMNS], high[COLUMNS], found_low[COLUMNS], found_high[COLUMNS], y = 0;
  guint count[COLUMNS] = { 0 };
  KinDecimator decimator;

  for (guint c = 0; c < COLUMNS; c++)
    {
      low[c] = found_low[c] = INFINITY;
      high[c] = found_high[c] = -INFINITY;
    }
  kin_decimator_begin (&decimator, vertices);
  for (guint i = 0; i < N; i++)
    {
      double x = i * (double) COLUMNS / N;
      guint c = (guint) x;

      y += g_test_rand_double_range (-1, 1);
      low[c] = MIN (low[c], y);
      high[c] = MAX (high[c], y);
      kin_decimator_add (&decimator, x, y);
    }
  kin_decimator_end (&decimator);
  for (guint i = 0; i < vertices->len; i++)
    {
      KinVertex v = g_array_index (vertices, KinVertex, i);
      guint c = (guint) v.x;

      count[c]++;
      found_low[c] = MIN (found_low[c], v.y);
      found_high[c] = MAX (found_high[c], v.y);
      g_assert_true (i == 0 || v.x >= g_array_index (vertices, KinVertex, i - 1).x);
    }
  for (guint c = 0; c < COLUMNS; c++)
    {
      g_assert_cmpuint (count[c], <=, 2);
      g_assert_cmpfloat (found_low[c], ==, low[c]);
      g_assert_cmpfloat (found_high[c], ==, high[c]);
    }
}

static void
test_decimation_keeps_gaps (void)
{
  const double y[] = { NAN, 1, 2, NAN, NAN, 3, INFINITY, 4, NAN };
  const double expected[] = { 1, 2, NAN, 3, NAN, 4 };
  g_autoptr (GArray) vertices = g_array_new (FALSE, FALSE, sizeof (KinVertex));
  KinDecimator decimator;

  kin_decimator_begin (&decimator, vertices);
  for (guint i = 0; i < G_N_ELEMENTS (y); i++)
    kin_decimator_add (&decimator, i, y[i]);
  kin_decimator_end (&decimator);
  g_assert_cmpuint (vertices->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < vertices->len; i++)
    {
      double got = g_array_index (vertices, KinVertex, i).y;

      g_assert_true (isnan (expected[i]) ? isnan (got) : got == expected[i]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plot/axis/ticks", test_ticks);
  g_test_add_func ("/plot/axis/log-ticks", test_log_ticks);
  g_test_add_func ("/plot/axis/px-is-inverse", test_px_is_inverse);
  g_test_add_func ("/plot/axis/widen", test_widen);
  g_test_add_func ("/plot/axis/format", test_format);
  g_test_add_func ("/plot/axis/spread-labels", test_spread);
  g_test_add_func ("/plot/axis/decimation-keeps-extremes", test_decimation_keeps_extremes);
  g_test_add_func ("/plot/axis/decimation-keeps-gaps", test_decimation_keeps_gaps);
  return g_test_run ();
}
