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

/* The cells of the grid, px. */
typedef struct
{
  guint columns;
  double x, y, width, height; /* of the first cell */
  double gap_x, gap_y;
} Grid;

static Grid
grid_new (guint *n, double em, double width, double height)
{
  double margin = MARGIN * em;
  double inner_width = MAX (width - 2 * margin, 1), inner_height = MAX (height - margin - TICK_LABELS_HEIGHT * em, 1);
  Grid grid = { .x = margin, .y = margin * 0.5, .gap_x = GAP * em, .gap_y = GAP * em * 0.5 };
  guint rows;

  grid.columns = choose_grid (n, inner_width, inner_height, em);
  rows = (*n + grid.columns - 1) / grid.columns;
  grid.width = (inner_width - (grid.columns - 1) * grid.gap_x) / grid.columns;
  grid.height = (inner_height - (rows - 1) * grid.gap_y) / rows;
  return grid;
}

/* Lays the axes of the @i-th panel into its cell; titles and numbers are left out of cells that are too small. */
static void
place_panel (KinPanelPlace *place, const KinPanel *panel, const Grid *grid, guint i, double em, gboolean is_log)
{
  double left = grid->width < (TICK_LABELS_WIDTH + 4) * em ? 0 : TICK_LABELS_WIDTH * em;
  double title = grid->height < (TITLE_HEIGHT + 2) * em ? 0 : TITLE_HEIGHT * em;
  double x = grid->x + i % grid->columns * (grid->width + grid->gap_x);
  double y = grid->y + i / grid->columns * (grid->height + grid->gap_y);
  guint most = CLAMP ((grid->height - title) / (2.4 * em), 2, 5);

  place->x.start_px = round (x + left);
  /* A cell of no size still needs axes that can be turned round. */
  place->x.end_px = MAX (round (x + grid->width), place->x.start_px + 1);
  place->y = y_axis (panel, place->x.min, place->x.max, is_log && panel->can_log, most);
  place->y.start_px = round (y + grid->height);
  place->y.end_px = MIN (round (y + title), place->y.start_px - 1);
}

void
kin_curves_layout (KinCurvesLayout *layout, const KinCurvesData *data, const KinCurvesView *view,
                   const KinPlotStyle *style, double width, double height)
{
  guint chosen[KIN_N_PANELS], n = 0;
  Grid grid;

  for (guint p = 0; p < data->n_panels; p++)
    if (view->panels & KIN_PANEL_BIT (data->panels[p].kind))
      chosen[n++] = p;
  layout->n = 0;
  if (n == 0)
    return;
  grid = grid_new (&n, style->font_px, width, height);
  for (guint i = 0; i < n; i++)
    {
      KinPanelPlace *place = &layout->places[layout->n++];

      *place = (KinPanelPlace){ .panel = chosen[i], .has_x_labels = i + grid.columns >= n };
      x_range (data, view, &place->x.min, &place->x.max);
      place_panel (place, &data->panels[chosen[i]], &grid, i, style->font_px, view->is_log);
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
typedef struct
{
  double beta, sum, weight;
} Mean;

static double
mean_add (Mean *mean, double y)
{
  mean->sum = mean->beta * mean->sum + (1 - mean->beta) * y;
  mean->weight = mean->beta * mean->weight + (1 - mean->beta);
  return mean->sum / mean->weight;
}

static gboolean
can_be_seen (const KinAxis *axis, double y)
{
  return isfinite (y) && (!axis->is_log || y > 0);
}

void
kin_curve_vertices (const KinCurve *curve, const KinPanelPlace *place, double smoothing, GArray *vertices)
{
  Mean mean = { .beta = CLAMP (smoothing, 0, 0.999) };
  KinDecimator decimator;
  guint first, end;

  points_in_view (curve, &place->x, &first, &end);
  kin_decimator_begin (&decimator, vertices);
  for (guint i = mean.beta > 0 ? 0 : first; i < end; i++)
    {
      double y = number_at (curve, i, curve->y_offset);
      double px = can_be_seen (&place->y, y) ? kin_axis_to_px (&place->y, mean_add (&mean, y)) : NAN;

      if (i >= first)
        kin_decimator_add (&decimator, kin_axis_to_px (&place->x, number_at (curve, i, curve->x_offset)), px);
    }
  kin_decimator_end (&decimator);
}

gboolean
kin_curve_end (const KinCurve *curve, const KinPanelPlace *place, double smoothing, double *epoch, double *value)
{
  Mean mean = { .beta = CLAMP (smoothing, 0, 0.999) };
  gboolean found = FALSE;

  for (guint i = 0; i < curve->n; i++)
    {
      double x = number_at (curve, i, curve->x_offset), y = number_at (curve, i, curve->y_offset);

      if (x > place->x.max)
        return FALSE;
      if (!can_be_seen (&place->y, y))
        continue;
      *epoch = x;
      *value = mean_add (&mean, y);
      found = x >= place->x.min;
    }
  return found;
}
