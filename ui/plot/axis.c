#include "ui/plot/axis.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define SLACK 1e-9 /* of a step: what rounding may leave between a tick and the end of the range */

double
kin_axis_to_px (const KinAxis *axis, double value)
{
  double fraction = axis->is_log ? log (value / axis->min) / log (axis->max / axis->min)
                                 : (value - axis->min) / (axis->max - axis->min);

  return axis->start_px + fraction * (axis->end_px - axis->start_px);
}

double
kin_axis_from_px (const KinAxis *axis, double px)
{
  double fraction = (px - axis->start_px) / (axis->end_px - axis->start_px);

  return axis->is_log ? axis->min * pow (axis->max / axis->min, fraction)
                      : axis->min + fraction * (axis->max - axis->min);
}

/* The smallest 1, 2 or 5 times a power of ten that is not below @least. */
static double
nice_step (double least)
{
  double power = pow (10, floor (log10 (least)));
  double mantissa = least / power;

  if (mantissa <= 1 + SLACK)
    return power;
  if (mantissa <= 2 + SLACK)
    return 2 * power;
  if (mantissa <= 5 + SLACK)
    return 5 * power;
  return 10 * power;
}

/* Ticks at @mantissas times every @stride-th power of ten; counts all, keeps KIN_TICKS_MAX. */
static guint
log_ticks_at (const KinAxis *axis, const guint *mantissas, guint n_mantissas, int stride, double *ticks)
{
  int first = floor (log10 (axis->min) + SLACK), last = ceil (log10 (axis->max) - SLACK);
  guint n = 0;

  for (int exponent = first; exponent <= last; exponent++)
    for (guint m = 0; m < n_mantissas; m++)
      {
        double value = mantissas[m] * pow (10, exponent);

        if (exponent % stride != 0 || value < axis->min * (1 - SLACK) || value > axis->max * (1 + SLACK))
          continue;
        if (n < KIN_TICKS_MAX)
          ticks[n] = value;
        n++;
      }
  return n;
}

static guint
log_ticks (const KinAxis *axis, guint most, double *ticks)
{
  static const guint all[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 }, some[] = { 1, 2, 5 }, one[] = { 1 };
  guint n = log_ticks_at (axis, all, G_N_ELEMENTS (all), 1, ticks);

  if (n > most)
    n = log_ticks_at (axis, some, G_N_ELEMENTS (some), 1, ticks);
  for (int stride = 1; n > most && stride < 700; stride++)
    n = log_ticks_at (axis, one, G_N_ELEMENTS (one), stride, ticks);
  return MIN (n, KIN_TICKS_MAX);
}

static guint
linear_ticks (const KinAxis *axis, double distance, double *ticks)
{
  guint n = 0;

  for (double i = ceil (axis->min / distance - SLACK); n < KIN_TICKS_MAX && i * distance <= axis->max + SLACK * distance;
       i++)
    ticks[n++] = i == 0 ? 0 : CLAMP (i * distance, axis->min, axis->max);
  return n;
}

guint
kin_axis_ticks (const KinAxis *axis, guint most, double *ticks, double *step)
{
  double distance;
  guint n;

  most = CLAMP (most, 2, KIN_TICKS_MAX - 2);
  if (step != NULL)
    *step = 0;
  if (!isfinite (axis->min) || !isfinite (axis->max) || !(axis->max > axis->min) || (axis->is_log && !(axis->min > 0)))
    return 0;
  if (axis->is_log)
    return log_ticks (axis, most, ticks);

  distance = nice_step ((axis->max - axis->min) / most);
  n = linear_ticks (axis, distance, ticks);
  /* One tick alone tells nothing of a scale. */
  if (n < 2)
    {
      distance = nice_step (distance * 0.4 * (1 - SLACK));
      n = linear_ticks (axis, distance, ticks);
    }
  if (step != NULL)
    *step = distance;
  return n;
}

/* A minus sign for "-", and an exponent in its shortest form. */
static char *
typeset_exponent (const char *number)
{
  const char *exponent = strchr (number, 'e');
  g_autofree char *mantissa = exponent == NULL ? g_strdup (number) : g_strndup (number, exponent - number);
  const char *sign = mantissa[0] == '-' ? "−" : "", *digits = mantissa + (mantissa[0] == '-' ? 1 : 0);
  int power = exponent == NULL ? 0 : (int) g_ascii_strtoll (exponent + 1, NULL, 10);

  if (exponent == NULL)
    return g_strconcat (sign, digits, NULL);
  return g_strdup_printf ("%s%se%s%d", sign, digits, power < 0 ? "−" : "", ABS (power));
}

/* Thin spaces between groups of three digits, from five digits on. */
static char *
group_digits (const char *number)
{
  gsize digits = strcspn (number, ".");
  gsize sign = number[0] == '-' ? 1 : 0;
  GString *text = g_string_new (NULL);

  for (gsize i = 0; number[i] != 0; i++)
    {
      if (digits - sign >= 5 && i > sign && i < digits && (digits - i) % 3 == 0)
        g_string_append (text, "\u2009");
      g_string_append (text, number[i] == '-' ? "−" : (char[2]){ number[i], 0 });
    }
  return g_string_free (text, FALSE);
}

char *
kin_axis_format (double value, double step)
{
  char number[64];
  int decimals = 0;

  if (!isfinite (value))
    return g_strdup ("–");
  if (step <= 0 || step < 1e-4 || fabs (value) >= 1e7)
    {
      snprintf (number, sizeof number, "%.3g", value);
      return typeset_exponent (number);
    }
  if (step < 1)
    decimals = (int) ceil (-log10 (step) - SLACK);
  if (fabs (value) < step * 1e-6)
    value = 0;
  if (value == 0 && decimals > 2)
    decimals = 0;
  snprintf (number, sizeof number, "%.*f", decimals, value);
  return group_digits (number);
}

static double
nice_below (double value)
{
  static const double mantissas[] = { 5, 2, 1 };
  double power = pow (10, floor (log10 (value) + SLACK));

  for (guint i = 0; i < G_N_ELEMENTS (mantissas); i++)
    if (mantissas[i] * power <= value * (1 + SLACK))
      return mantissas[i] * power;
  return power;
}

void
kin_axis_widen (double *min, double *max, gboolean is_log, guint most)
{
  double step;

  if (!isfinite (*min) || !isfinite (*max) || *min > *max || (is_log && !(*min > 0)))
    {
      *min = is_log ? 0.1 : 0;
      *max = 1;
    }
  if (is_log)
    {
      if (*max < *min * 1.01)
        {
          *min /= 1.5;
          *max *= 1.5;
        }
      *min = nice_below (*min);
      *max = nice_step (*max);
      return;
    }
  if (*max - *min <= 1e-6 * MAX (fabs (*min), fabs (*max)))
    {
      double pad = *max == 0 ? 0.5 : 0.1 * fabs (*max);

      *min -= pad;
      *max += pad;
    }
  step = nice_step ((*max - *min) / MAX (most, 2));
  *min = floor (*min / step + SLACK) * step;
  *max = ceil (*max / step - SLACK) * step;
}

static int
compare_by_height (gconstpointer a, gconstpointer b, gpointer heights)
{
  double first = ((double *) heights)[*(const guint *) a], second = ((double *) heights)[*(const guint *) b];

  return first < second ? -1 : first > second ? 1 : *(const guint *) a < *(const guint *) b ? -1 : 1;
}

/*
 * With labels sorted and t_i = y_i − i·height, "none overlap" reads t_i <= t_{i+1}, and the smallest sum of squared
 * moves is isotonic regression: neighbours that are out of order share the mean of their group.
 */
void
kin_axis_spread_labels (double *y, guint n, double height, double low, double high)
{
  g_autofree guint *order = g_new (guint, n);
  g_autofree double *sum = g_new (double, n);
  g_autofree guint *count = g_new (guint, n);
  guint groups = 0, label = 0;

  for (guint i = 0; i < n; i++)
    order[i] = i;
  g_qsort_with_data (order, n, sizeof *order, compare_by_height, y);
  for (guint i = 0; i < n; i++)
    {
      sum[groups] = y[order[i]] - i * height;
      count[groups++] = 1;
      for (; groups > 1 && sum[groups - 2] / count[groups - 2] > sum[groups - 1] / count[groups - 1]; groups--)
        {
          sum[groups - 2] += sum[groups - 1];
          count[groups - 2] += count[groups - 1];
        }
    }
  high = MAX (high - (n - 1.0) * height, low);
  for (guint group = 0; group < groups; group++)
    {
      double mean = CLAMP (sum[group] / count[group], low, high);

      for (guint i = 0; i < count[group]; i++, label++)
        y[order[label]] = mean + label * height;
    }
}

void
kin_decimator_begin (KinDecimator *decimator, GArray *vertices)
{
  *decimator = (KinDecimator){ .vertices = vertices, .column = NAN };
  g_array_set_size (vertices, 0);
}

static void
append_gap (GArray *vertices, double x)
{
  KinVertex gap = { x, NAN };

  if (vertices->len > 0 && !isnan (g_array_index (vertices, KinVertex, vertices->len - 1).y))
    g_array_append_val (vertices, gap);
}

static void
flush_column (KinDecimator *decimator)
{
  KinVertex first = decimator->low_is_first ? decimator->low : decimator->high;
  KinVertex second = decimator->low_is_first ? decimator->high : decimator->low;

  if (decimator->gap_before)
    append_gap (decimator->vertices, decimator->column);
  if (decimator->n > 0)
    g_array_append_val (decimator->vertices, first);
  if (decimator->n > 1)
    g_array_append_val (decimator->vertices, second);
  if (decimator->gap_after)
    append_gap (decimator->vertices, decimator->column);
  decimator->n = 0;
  decimator->gap_before = decimator->gap_after = FALSE;
}

void
kin_decimator_add (KinDecimator *decimator, double x, double y)
{
  double column = floor (x);

  if (column != decimator->column)
    flush_column (decimator);
  decimator->column = column;
  if (!isfinite (y))
    {
      if (decimator->n == 0)
        decimator->gap_before = TRUE;
      else
        decimator->gap_after = TRUE;
      return;
    }
  if (decimator->n == 0)
    {
      decimator->low = decimator->high = (KinVertex){ x, y };
      decimator->low_is_first = TRUE;
    }
  else if (y > decimator->high.y)
    {
      decimator->high = (KinVertex){ x, y };
      decimator->low_is_first = TRUE;
    }
  else if (y < decimator->low.y)
    {
      decimator->low = (KinVertex){ x, y };
      decimator->low_is_first = FALSE;
    }
  decimator->n++;
}

void
kin_decimator_end (KinDecimator *decimator)
{
  flush_column (decimator);
  while (decimator->vertices->len > 0
         && isnan (g_array_index (decimator->vertices, KinVertex, decimator->vertices->len - 1).y))
    g_array_set_size (decimator->vertices, decimator->vertices->len - 1);
}
