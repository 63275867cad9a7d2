#include "ui/plot/curves.h"

#include <math.h>
#include <string.h>

/* In sizes of the ordinary text. */
#define MARGIN 0.75
#define TITLE_HEIGHT 1.7
#define TICK_LABELS_WIDTH 3.1
#define TICK_LABELS_HEIGHT 1.5
#define GAP 0.9
#define PANEL_HEIGHT_MIN 6.5
#define PANEL_WIDTH_MIN 14.0
#define PANEL_ASPECT 2.2 /* width / height that reads best */
#define COLUMNS_MAX 3

static double
number_at (const KinCurve *curve, guint i, gsize offset)
{
  double value;

  memcpy (&value, curve->base + (gsize) i * curve->stride + offset, sizeof value);
  return value;
}

static void
x_range (const KinCurvesData *data, const KinCurvesView *view, double *min, double *max)
{
  *min = view->x_min;
  *max = view->x_max;
  if (!(*max > *min))
    {
      *min = 0;
      *max = data->epochs_total > 0 ? data->epochs_total : 1;
    }
}

/* The range of the values that are in view, the lines with them. */
static KinAxis
y_axis (const KinPanel *panel, double x_min, double x_max, gboolean is_log, guint most)
{
  KinAxis axis = { .min = INFINITY, .max = -INFINITY, .is_log = is_log };

  for (guint c = 0; c < panel->n_curves; c++)
    for (guint i = 0; i < panel->curves[c].n; i++)
      {
        double x = number_at (&panel->curves[c], i, panel->curves[c].x_offset);
        double y = number_at (&panel->curves[c], i, panel->curves[c].y_offset);

        if (x < x_min || x > x_max || !isfinite (y) || (is_log && !(y > 0)))
          continue;
        axis.min = MIN (axis.min, y);
        axis.max = MAX (axis.max, y);
      }
  for (guint i = 0; i < panel->n_lines; i++)
    if (!is_log || panel->lines[i].value > 0)
      {
        axis.min = MIN (axis.min, panel->lines[i].value);
        axis.max = MAX (axis.max, panel->lines[i].value);
      }
  if (isfinite (panel->base) && !is_log)
    {
      axis.min = MIN (axis.min, panel->base);
      axis.max = MAX (axis.max, panel->base);
    }
  kin_axis_widen (&axis.min, &axis.max, is_log, most);
  return axis;
}

/* How far the shape of a panel is from what reads best; infinite when it is too small to read. */
static double
grid_cost (guint n, guint columns, double width, double height, double em)
{
  double panel_width = width / columns, panel_height = height / ((n + columns - 1) / columns);

  if (panel_height < PANEL_HEIGHT_MIN * em || (columns > 1 && panel_width < PANEL_WIDTH_MIN * em))
    return INFINITY;
  return fabs (log (panel_width / panel_height / PANEL_ASPECT));
}

/* Chooses how many columns show @n panels best, and leaves panels out until they can be read. */
static guint
choose_grid (guint *n, double width, double height, double em)
{
  for (; *n > 1; (*n)--)
    {
      guint best = 0;
      double best_cost = INFINITY;

      for (guint columns = 1; columns <= MIN (COLUMNS_MAX, *n); columns++)
        {
          double cost = grid_cost (*n, columns, width, height, em);

          if (cost < best_cost)
            {
              best = columns;
              best_cost = cost;
            }
        }
      if (best > 0)
        return best;
    }
  return 1;
}

void
kin_curves_layout (KinCurvesLayout *layout, const KinCurvesData *data, const KinCurvesView *view,
                   const KinPlotStyle *style, double width, double height)
{
  double em = style->font_px, margin = MARGIN * em, left = TICK_LABELS_WIDTH * em, title = TITLE_HEIGHT * em;
  double grid_width = MAX (width - 2 * margin, 1), grid_height = MAX (height - margin - TICK_LABELS_HEIGHT * em, 1);
  guint chosen[KIN_N_PANELS], n = 0, columns, rows;
  double x_min, x_max, cell_width, cell_height;

  for (guint p = 0; p < data->n_panels; p++)
    if (view->panels & KIN_PANEL_BIT (data->panels[p].kind))
      chosen[n++] = p;
  layout->n = 0;
  if (n == 0)
    return;
  columns = choose_grid (&n, grid_width, grid_height, em);
  rows = (n + columns - 1) / columns;
  x_range (data, view, &x_min, &x_max);
  cell_width = (grid_width - (columns - 1) * GAP * em) / columns;
  cell_height = (grid_height - (rows - 1) * GAP * em * 0.5) / rows;
  if (cell_height < title + 2 * em)
    title = 0;
  if (cell_width < left + 4 * em)
    left = 0;

  for (guint i = 0; i < n; i++)
    {
      KinPanelPlace *place = &layout->places[layout->n++];
      const KinPanel *panel = &data->panels[chosen[i]];
      double x = margin + i % columns * (cell_width + GAP * em);
      double y = margin * 0.5 + i / columns * (cell_height + GAP * em * 0.5);
      guint most = CLAMP ((cell_height - title) / (2.4 * em), 2, 5);

      place->panel = chosen[i];
      place->has_x_labels = i + columns >= n;
      place->x = (KinAxis){ x_min, x_max, round (x + left), round (x + cell_width), FALSE };
      place->y = y_axis (panel, x_min, x_max, view->is_log && panel->can_log, most);
      place->y.start_px = round (y + cell_height);
      place->y.end_px = round (MIN (y + title, y + cell_height - 1));
      /* Degenerate sizes still need an axis that can be turned round. */
      if (place->x.end_px <= place->x.start_px)
        place->x.end_px = place->x.start_px + 1;
      if (place->y.end_px >= place->y.start_px)
        place->y.end_px = place->y.start_px - 1;
    }
}

int
kin_curves_hit (const KinCurvesData *data, const KinCurvesView *view, const KinPlotStyle *style, double width,
                double height, double x, double y, double *epoch)
{
  KinCurvesLayout layout;

  kin_curves_layout (&layout, data, view, style, width, height);
  for (guint i = 0; i < layout.n; i++)
    {
      const KinPanelPlace *place = &layout.places[i];

      if (x < place->x.start_px || x > place->x.end_px || y < place->y.end_px || y > place->y.start_px)
        continue;
      if (epoch != NULL)
        *epoch = kin_axis_from_px (&place->x, x);
      return place->panel;
    }
  return -1;
}

/* The points that are in view, and one on either side so that lines go on to the edges. */
static void
points_in_view (const KinCurve *curve, const KinAxis *x, guint *first, guint *end)
{
  guint i = 0;

  while (i < curve->n && number_at (curve, i, curve->x_offset) < x->min)
    i++;
  *first = i > 0 ? i - 1 : 0;
  while (i < curve->n && number_at (curve, i, curve->x_offset) <= x->max)
    i++;
  *end = MIN (i + 1, curve->n);
}

/*
 * The running mean is Σ βᵏ y₍ᵢ₋ₖ₎ / Σ βᵏ: divided by the sum of its weights, so it does not start from zero. Values that
 * are not finite take no part.
 */
void
kin_curve_vertices (const KinCurve *curve, const KinPanelPlace *place, double smoothing, GArray *vertices)
{
  double sum = 0, weight = 0, beta = CLAMP (smoothing, 0, 0.999);
  KinDecimator decimator;
  guint first, end;

  points_in_view (curve, &place->x, &first, &end);
  kin_decimator_begin (&decimator, vertices);
  for (guint i = beta > 0 ? 0 : first; i < end; i++)
    {
      double y = number_at (curve, i, curve->y_offset);
      gboolean is_seen = isfinite (y) && (!place->y.is_log || y > 0);

      if (is_seen)
        {
          sum = beta * sum + (1 - beta) * y;
          weight = beta * weight + (1 - beta);
        }
      if (i >= first)
        kin_decimator_add (&decimator, kin_axis_to_px (&place->x, number_at (curve, i, curve->x_offset)),
                           is_seen ? kin_axis_to_px (&place->y, sum / weight) : NAN);
    }
  kin_decimator_end (&decimator);
}
