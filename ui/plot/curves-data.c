#include "ui/plot/curves.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define COLUMN_OF(type, array, n_, member, name_, color_, dense_)                                                      \
  ((KinCurve){ .name = (name_),                                                                                        \
               .base = (const guint8 *) (array),                                                                       \
               .n = (n_),                                                                                              \
               .stride = sizeof (type),                                                                                \
               .x_offset = G_STRUCT_OFFSET (type, epoch),                                                              \
               .y_offset = G_STRUCT_OFFSET (type, member),                                                             \
               .step_offset = G_STRUCT_OFFSET (type, step),                                                            \
               .color = (color_),                                                                                      \
               .is_dense = (dense_) })

static double
number_at (const KinCurve *curve, guint i, gsize offset)
{
  double value;

  memcpy (&value, curve->base + (gsize) i * curve->stride + offset, sizeof value);
  return value;
}

static gboolean
has_values (const KinCurve *curve)
{
  for (guint i = 0; i < curve->n; i++)
    if (isfinite (number_at (curve, i, curve->y_offset)))
      return TRUE;
  return FALSE;
}

static KinPanel *
add_panel (KinCurvesData *data, KinPanelKind kind, const char *title, const char *brief, const char *unit,
           double base, gboolean can_log)
{
  KinPanel *panel = &data->panels[data->n_panels++];

  *panel = (KinPanel){ .kind = kind, .title = title, .brief = brief, .unit = unit, .base = base, .can_log = can_log };
  return panel;
}

static void
add_curve (KinPanel *panel, KinCurve curve)
{
  if (has_values (&curve))
    panel->curves[panel->n_curves++] = curve;
}

static void G_GNUC_PRINTF (3, 4)
add_line (KinPanel *panel, double value, const char *format, ...)
{
  va_list args;

  if (!isfinite (value))
    return;
  va_start (args, format);
  g_vsnprintf (panel->lines[panel->n_lines].label, sizeof panel->lines[0].label, format, args);
  va_end (args);
  panel->lines[panel->n_lines++].value = value;
}

/* A panel of which there is nothing to see is no panel: a set without labels has no k-NN. */
static void
drop_if_empty (KinCurvesData *data, const KinPanel *panel)
{
  if (panel->n_curves == 0)
    data->n_panels--;
}

/* The latest finite value of a column; NAN when there is none. */
static double
latest (KinCurve column)
{
  for (guint i = column.n; i > 0; i--)
    {
      double value = number_at (&column, i - 1, column.y_offset);

      if (isfinite (value))
        return value;
    }
  return NAN;
}

/* With NT-Xent chance is the logarithm of an odd number, 2N − 1. Other objectives have other levels. */
static void
add_chance_line (KinPanel *panel, double chance)
{
  double others = exp (chance);
  gboolean is_odd = isfinite (others) && fabs (fmod (others, 2) - 1) < 1e-6 * others;

  if (is_odd && others < 1e5)
    add_line (panel, chance, _("chance ln(2N−1) = %.2f"), chance);
  else
    add_line (panel, chance, _("chance %.2f"), chance);
}

#define STEPS(member, name, color) COLUMN_OF (KinSample, samples, n_samples, member, name, color, TRUE)
#define EPOCHS(member, name, color) COLUMN_OF (KinEvaluation, evaluations, n_evaluations, member, name, color, FALSE)

static void
add_training_panels (KinCurvesData *data, const KinSample *samples, guint n_samples, const KinEvaluation *evaluations,
                     guint n_evaluations)
{
  double chance = n_samples > 0 ? latest (STEPS (chance, NULL, 0)) : latest (EPOCHS (chance, NULL, 0));
  KinPanel *panel = add_panel (data, KIN_PANEL_LOSS, _("loss"), _("loss"), _("nats"), NAN, TRUE);

  add_curve (panel, n_samples > 0 ? STEPS (loss, _("loss"), 3) : EPOCHS (loss, _("loss"), 3));
  if (panel->n_curves > 0)
    add_chance_line (panel, chance);
  drop_if_empty (data, panel);
}

static void
add_evaluation_panels (KinCurvesData *data, const KinEvaluation *evaluations, guint n_evaluations)
{
  KinPanel *panel = add_panel (data, KIN_PANEL_KNN, _("k-NN agreement"), _("k-NN"), "", NAN, FALSE);
  double full;

  add_curve (panel, EPOCHS (knn, _("leave-one-out"), 0));
  add_curve (panel, EPOCHS (knn_test, _("held-out"), 2));
  if (panel->n_curves > 0)
    {
      double pixels = latest (EPOCHS (knn_pixels, NULL, 0)), untrained = latest (EPOCHS (knn_random, NULL, 0));
      double chance = latest (EPOCHS (chance_label, NULL, 0));

      add_line (panel, pixels, _("raw pixels %.2f"), pixels);
      add_line (panel, untrained, _("untrained %.2f"), untrained);
      add_line (panel, chance, _("chance %.3g"), chance);
    }
  drop_if_empty (data, panel);

  panel = add_panel (data, KIN_PANEL_GEOMETRY, _("alignment, uniformity"), "", "", 0, FALSE);
  add_curve (panel, EPOCHS (alignment, _("alignment"), 1));
  add_curve (panel, EPOCHS (uniformity, _("uniformity"), 4));
  drop_if_empty (data, panel);

  panel = add_panel (data, KIN_PANEL_RANK, _("effective rank"), _("rank"), _("dimensions"), NAN, FALSE);
  add_curve (panel, EPOCHS (effective_rank, _("effective rank"), 5));
  drop_if_empty (data, panel);

  panel = add_panel (data, KIN_PANEL_STD, _("standard deviation"), _("std"), _("a dimension of z"), 0, FALSE);
  add_curve (panel, EPOCHS (std, _("standard deviation"), 6));
  full = latest (EPOCHS (std_full, NULL, 0));
  if (panel->n_curves > 0)
    add_line (panel, full, _("evenly spread %.3f"), full);
  drop_if_empty (data, panel);
}

static void
add_step_panels (KinCurvesData *data, const KinSample *samples, guint n_samples)
{
  KinPanel *panel = add_panel (data, KIN_PANEL_TOP1, _("positive is nearest"), _("top-1"), _("share of anchors"), 0, FALSE);

  add_curve (panel, STEPS (top1, _("positive is nearest"), 2));
  drop_if_empty (data, panel);
  panel = add_panel (data, KIN_PANEL_GRADIENT, _("gradient norm"), _("gradient"), "", NAN, TRUE);
  add_curve (panel, STEPS (gradient_norm, _("gradient norm"), 7));
  drop_if_empty (data, panel);
  panel = add_panel (data, KIN_PANEL_LEARNING_RATE, _("learning rate"), _("rate"), "", NAN, TRUE);
  add_curve (panel, STEPS (learning_rate, _("learning rate"), 0));
  drop_if_empty (data, panel);
}

void
kin_curves_data_from_history (KinCurvesData *data, const KinSample *samples, guint n_samples,
                              const KinEvaluation *evaluations, guint n_evaluations, double epochs_total)
{
  *data = (KinCurvesData){ 0 };
  add_training_panels (data, samples, n_samples, evaluations, n_evaluations);
  add_evaluation_panels (data, evaluations, n_evaluations);
  add_step_panels (data, samples, n_samples);
  if (n_samples > 0)
    data->last_epoch = samples[n_samples - 1].epoch;
  if (n_evaluations > 0)
    data->last_epoch = MAX (data->last_epoch, evaluations[n_evaluations - 1].epoch);
  data->epochs_total = MAX (epochs_total, data->last_epoch);
}

/* The last point at or before @epoch, or -1. The epochs of a curve ascend. */
static int
point_before (const KinCurve *curve, double epoch)
{
  int low = 0, high = (int) curve->n;

  while (low < high)
    {
      int middle = low + (high - low) / 2;

      if (number_at (curve, middle, curve->x_offset) <= epoch)
        low = middle + 1;
      else
        high = middle;
    }
  return low - 1;
}

/* Moves @reading to the point of @curve that is nearest to @epoch, when it is nearer than what was found before. */
static void
snap_to (const KinCurve *curve, double epoch, KinCurvesReading *reading)
{
  int before = point_before (curve, epoch);

  for (int i = MAX (before, 0); i <= before + 1 && i < (int) curve->n; i++)
    {
      double x = number_at (curve, i, curve->x_offset);

      if (fabs (x - epoch) < fabs (reading->epoch - epoch))
        {
          reading->epoch = x;
          memcpy (&reading->step, curve->base + (gsize) i * curve->stride + curve->step_offset, sizeof reading->step);
        }
    }
}

gboolean
kin_curves_read (const KinCurvesData *data, double epoch, KinCurvesReading *reading)
{
  if (data->n_panels == 0 || !isfinite (epoch))
    return FALSE;
  *reading = (KinCurvesReading){ .epoch = INFINITY };
  for (guint p = 0; p < data->n_panels; p++)
    for (guint c = 0; c < data->panels[p].n_curves; c++)
      snap_to (&data->panels[p].curves[c], epoch, reading);
  for (guint p = 0; p < data->n_panels; p++)
    for (guint c = 0; c < KIN_CURVES_MAX; c++)
      {
        const KinCurve *curve = &data->panels[p].curves[c];
        int i = c < data->panels[p].n_curves ? point_before (curve, reading->epoch) : -1;

        reading->values[p][c] = i < 0 ? NAN : number_at (curve, i, curve->y_offset);
      }
  return TRUE;
}

char *
kin_curves_describe (const KinCurvesData *data)
{
  GString *text = g_string_new (NULL);
  KinCurvesReading reading;

  if (!kin_curves_read (data, data->last_epoch, &reading))
    return g_string_free (g_string_append (text, _("No curves yet.")), FALSE);
  g_string_append_printf (text, _("At epoch %.1f"), reading.epoch);
  for (guint p = 0; p < data->n_panels; p++)
    for (guint c = 0; c < data->panels[p].n_curves; c++)
      {
        const KinPanel *panel = &data->panels[p];
        g_autofree char *number = NULL;

        if (!isfinite (reading.values[p][c]))
          continue;
        number = kin_axis_format (reading.values[p][c], 0);
        g_string_append (text, "; ");
        if (panel->n_curves > 1 && panel->brief[0] != 0)
          g_string_append_printf (text, "%s, ", panel->title);
        g_string_append_printf (text, "%s %s", panel->curves[c].name, number);
      }
  return g_string_free (g_string_append_c (text, '.'), FALSE);
}
