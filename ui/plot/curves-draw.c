#include "ui/plot/curves.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define LABELS_MAX (KIN_LINES_MAX + KIN_CURVES_MAX)

/* A text that belongs to a height in the panel and gives way to others. */
typedef struct
{
  char text[64];
  double x, y, x_align;
  KinColor color;
  KinTextKind kind;
} Label;

typedef struct
{
  guint n;
  Label labels[LABELS_MAX];
} LabelList;

static void
add_label (LabelList *list, const char *text, KinTextKind kind, KinColor color, double x, double y, double x_align)
{
  Label *label = &list->labels[list->n++];

  *label = (Label){ .x = x, .y = y, .x_align = x_align, .color = color, .kind = kind };
  g_strlcpy (label->text, text, sizeof label->text);
}

/* Text on a veil of the card's colour, so that a curve behind it does not cross it out. */
static void
draw_veiled (cairo_t *cr, const KinPlotStyle *style, const Label *label, double y, double max_width)
{
  double width, height;

  kin_plot_text_size (cr, style, label->kind, label->text, &width, &height);
  width = MIN (width, max_width);
  kin_plot_set_color (cr, kin_color_with_alpha (style->card, 0.8));
  cairo_rectangle (cr, label->x - label->x_align * width - 2, y - height / 2 + 1, width + 4, height - 2);
  cairo_fill (cr);
  kin_plot_text (cr, style, label->kind, label->color, label->x, y, label->x_align, 0.5, max_width, label->text);
}

/* Labels at the end of a curve join those at the right edge where they would meet them. */
static void
join_labels (cairo_t *cr, const KinPlotStyle *style, LabelList *right, LabelList *behind)
{
  double left = INFINITY, end = -INFINITY, width, height;

  for (guint i = 0; i < right->n; i++)
    {
      kin_plot_text_size (cr, style, right->labels[i].kind, right->labels[i].text, &width, &height);
      left = MIN (left, right->labels[i].x - width);
    }
  for (guint i = 0; i < behind->n; i++)
    {
      kin_plot_text_size (cr, style, behind->labels[i].kind, behind->labels[i].text, &width, &height);
      end = MAX (end, behind->labels[i].x + width);
    }
  if (end + style->font_px * 0.4 < left)
    return;
  for (guint i = 0; i < behind->n; i++)
    right->labels[right->n++] = behind->labels[i];
  behind->n = 0;
}

static void
draw_labels (cairo_t *cr, const KinPlotStyle *style, const LabelList *list, const KinPanelPlace *place)
{
  double y[LABELS_MAX];

  for (guint i = 0; i < list->n; i++)
    y[i] = list->labels[i].y;
  if (list->n > 0)
    kin_axis_spread_labels (y, list->n, style->font_px * 1.15, place->y.end_px + style->font_px * 0.5,
                            place->y.start_px - style->font_px * 0.5);
  for (guint i = 0; i < list->n; i++)
    draw_veiled (cr, style, &list->labels[i], y[i], place->x.end_px - place->x.start_px);
}

/* The parts of a title, in the order in which they are given up when there is no room. */
typedef struct
{
  const char *title;
  gboolean has_names; /* of the curves, with a piece of line before each unless it is compact */
  gboolean has_unit;
  gboolean is_compact;
} TitleForm;

static double
put (cairo_t *cr, const KinPlotStyle *style, gboolean is_measured, KinTextKind kind, KinColor color, double x, double y,
     const char *text)
{
  double width, height;

  if (!is_measured)
    return kin_plot_text (cr, style, kind, color, x, y, 0, 0.5, 0, text);
  kin_plot_text_size (cr, style, kind, text, &width, &height);
  return width;
}

/* Draws a title, or only measures it. Returns: where it ends, px */
static double
put_title (cairo_t *cr, const KinPlotStyle *style, const KinPanel *panel, const TitleForm *form, double x, double y,
           gboolean is_measured)
{
  double em = style->font_px, gap = em * 0.5, end = x;
  gboolean is_single = panel->n_curves == 1;
  KinTextKind name_kind = form->title[0] != 0 ? KIN_TEXT_SMALL : form->is_compact ? KIN_TEXT_SMALL_BOLD : KIN_TEXT_BOLD;
  KinColor color = is_single ? kin_plot_class_color (style, panel->curves[0].color) : style->foreground;

  if (form->title[0] != 0)
    end = x + put (cr, style, is_measured, KIN_TEXT_BOLD, color, x, y, form->title);
  if (form->has_unit && panel->unit[0] != 0)
    end += gap + put (cr, style, is_measured, KIN_TEXT_SMALL, style->muted, end + gap, y + em * 0.06, panel->unit);
  for (guint c = 0; form->has_names && c < panel->n_curves; c++)
    {
      KinColor curve_color = kin_plot_class_color (style, panel->curves[c].color);

      end += end > x ? gap : 0;
      if (!form->is_compact && !is_measured)
        {
          kin_plot_set_color (cr, curve_color);
          cairo_set_line_width (cr, 2);
          cairo_move_to (cr, end, y);
          cairo_line_to (cr, end + em * 0.8, y);
          cairo_stroke (cr);
        }
      end += form->is_compact ? 0 : em;
      end += put (cr, style, is_measured, name_kind, curve_color, end, y, panel->curves[c].name);
    }
  return end;
}

static void
draw_title (cairo_t *cr, const KinPlotStyle *style, const KinPanel *panel, const KinPanelPlace *place)
{
  gboolean has_names = panel->n_curves > 1;
  gboolean is_named_by_curves = has_names && panel->brief[0] == 0;
  const char *title = is_named_by_curves ? "" : panel->title, *brief = is_named_by_curves ? "" : panel->brief;
  const TitleForm forms[] = {
    { title, has_names, TRUE, FALSE }, { title, has_names, FALSE, FALSE }, { title, has_names, FALSE, TRUE },
    { brief, has_names, FALSE, TRUE }, { title, is_named_by_curves, FALSE, TRUE },
  };
  double x = place->x.start_px, y = place->y.end_px - style->font_px * 0.85;
  guint form = 0;

  if (place->y.end_px < style->font_px * 1.6)
    return;
  while (form + 1 < G_N_ELEMENTS (forms)
         && put_title (cr, style, panel, &forms[form], x, y, TRUE) > place->x.end_px + style->font_px * 0.5)
    form++;
  put_title (cr, style, panel, &forms[form], x, y, FALSE);
}

static void
draw_y_grid (cairo_t *cr, const KinPlotStyle *style, const KinPanelPlace *place)
{
  double ticks[KIN_TICKS_MAX], step;
  guint most = CLAMP ((place->y.start_px - place->y.end_px) / (2.4 * style->font_px), 2, 5);
  guint n = kin_axis_ticks (&place->y, most, ticks, &step);
  gboolean has_labels = place->x.start_px > 2 * style->font_px;

  cairo_set_line_width (cr, 1);
  for (guint i = 0; i < n; i++)
    {
      double y = round (kin_axis_to_px (&place->y, ticks[i])) + 0.5;
      g_autofree char *text = kin_axis_format (ticks[i], step);

      kin_plot_set_color (cr, style->grid);
      cairo_move_to (cr, place->x.start_px, y);
      cairo_line_to (cr, place->x.end_px, y);
      cairo_stroke (cr);
      if (has_labels)
        kin_plot_text (cr, style, KIN_TEXT_SMALL, style->muted, place->x.start_px - style->font_px * 0.45, y, 1, 0.5,
                       style->font_px * 3, text);
    }
}

/* The numbers of the epochs; the last one says what they are. */
static void
draw_x_labels (cairo_t *cr, const KinPlotStyle *style, const KinPanelPlace *place)
{
  double ticks[KIN_TICKS_MAX], step, free_until, y = place->y.start_px + style->font_px * 0.25;
  guint most = CLAMP ((place->x.end_px - place->x.start_px) / (4 * style->font_px), 2, 10);
  guint n = kin_axis_ticks (&place->x, most, ticks, &step);
  g_autofree char *last = n > 0 ? kin_axis_format (ticks[n - 1], step) : g_strdup ("");
  g_autofree char *name = g_strdup_printf (_("epoch %s"), last);
  double width, height, last_width, last_right;

  if (n == 0)
    return;
  kin_plot_text_size (cr, style, KIN_TEXT_SMALL, last, &last_width, &height);
  kin_plot_text_size (cr, style, KIN_TEXT_SMALL, name, &width, &height);
  last_right = MIN (kin_axis_to_px (&place->x, ticks[n - 1]) + last_width / 2, place->x.end_px);
  kin_plot_text (cr, style, KIN_TEXT_SMALL, style->muted, last_right, y, 1, 0, 0, name);
  free_until = last_right - width - style->font_px * 0.5;
  for (guint i = 0; i + 1 < n; i++)
    {
      g_autofree char *text = kin_axis_format (ticks[i], step);
      double x = kin_axis_to_px (&place->x, ticks[i]);

      kin_plot_text_size (cr, style, KIN_TEXT_SMALL, text, &width, &height);
      if (x + width / 2 < free_until)
        kin_plot_text (cr, style, KIN_TEXT_SMALL, style->muted, MAX (x, place->x.start_px + width / 2 - 3), y, 0.5, 0, 0,
                       text);
    }
}

static void
draw_lines (cairo_t *cr, const KinPlotStyle *style, const KinPanel *panel, const KinPanelPlace *place, LabelList *labels)
{
  static const double dashes[] = { 5, 3 };

  cairo_save (cr);
  cairo_set_dash (cr, dashes, G_N_ELEMENTS (dashes), 0);
  cairo_set_line_width (cr, 1);
  kin_plot_set_color (cr, style->muted);
  for (guint i = 0; i < panel->n_lines; i++)
    {
      double y = kin_axis_to_px (&place->y, panel->lines[i].value);

      if (!isfinite (y))
        continue;
      cairo_move_to (cr, place->x.start_px, round (y) + 0.5);
      cairo_line_to (cr, place->x.end_px, round (y) + 0.5);
      cairo_stroke (cr);
      add_label (labels, panel->lines[i].label, KIN_TEXT_SMALL, style->muted, place->x.end_px,
                 y + style->font_px * (y - place->y.end_px < style->font_px ? 0.65 : -0.65), 1);
    }
  cairo_restore (cr);
}

/* A point that stands alone between gaps is a dot: a line of no length with round ends. */
static void
stroke_vertices (cairo_t *cr, const GArray *vertices, KinColor color, double line_width)
{
  gboolean is_first = TRUE;

  cairo_save (cr);
  kin_plot_set_color (cr, color);
  cairo_set_line_width (cr, line_width);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_new_path (cr);
  for (guint i = 0; i < vertices->len; i++)
    {
      KinVertex v = g_array_index (vertices, KinVertex, i);

      if (isnan (v.y))
        {
          is_first = TRUE;
          continue;
        }
      if (is_first)
        cairo_move_to (cr, v.x, v.y);
      cairo_line_to (cr, v.x, v.y);
      is_first = FALSE;
    }
  cairo_stroke (cr);
  cairo_restore (cr);
}

static void
mark_vertices (cairo_t *cr, const KinPlotStyle *style, const GArray *vertices, KinColor color,
               const KinPanelPlace *place)
{
  if (vertices->len * style->font_px * 0.8 > place->x.end_px - place->x.start_px)
    return;
  for (guint i = 0; i < vertices->len; i++)
    {
      KinVertex v = g_array_index (vertices, KinVertex, i);

      if (!isnan (v.y))
        kin_plot_paint_marker (cr, KIN_MARKER_DISC, color, v.x, v.y, style->font_px * 0.17);
    }
}

static char *
format_value (double value)
{
  double size = fabs (value);

  return kin_axis_format (value, size >= 100 ? 1 : size >= 10 ? 0.1 : size >= 0.1 ? 0.01 : 0);
}

/* The value that a curve has reached, behind its last point, or above the right edge where there is no room. */
static void
add_end_label (const KinPlotStyle *style, const KinCurve *curve, const KinPanelPlace *place, double smoothing,
               LabelList *right, LabelList *behind)
{
  KinColor color = kin_plot_class_color (style, curve->color);
  g_autofree char *text = NULL;
  double epoch, value, x, y;

  if (!kin_curve_end (curve, place, smoothing, &epoch, &value))
    return;
  x = kin_axis_to_px (&place->x, epoch);
  y = kin_axis_to_px (&place->y, value);
  text = format_value (value);
  if (x + 3.2 * style->font_px < place->x.end_px)
    add_label (behind, text, KIN_TEXT_SMALL_BOLD, color, x + style->font_px * 0.4, y, 0);
  else
    add_label (right, text, KIN_TEXT_SMALL_BOLD, color, place->x.end_px, y - style->font_px * 0.75, 1);
}

static void
draw_curves (cairo_t *cr, const KinPlotStyle *style, const KinCurvesView *view, const KinPanel *panel,
             const KinPanelPlace *place, LabelList *right, LabelList *behind)
{
  g_autoptr (GArray) vertices = g_array_new (FALSE, FALSE, sizeof (KinVertex));

  cairo_save (cr);
  cairo_rectangle (cr, place->x.start_px - 2, place->y.end_px - 2, place->x.end_px - place->x.start_px + 4,
                   place->y.start_px - place->y.end_px + 4);
  cairo_clip (cr);
  for (guint c = 0; c < panel->n_curves; c++)
    {
      const KinCurve *curve = &panel->curves[c];
      double smoothing = curve->is_dense ? view->smoothing : 0;
      KinColor color = kin_plot_class_color (style, curve->color);

      if (smoothing > 0)
        {
          kin_curve_vertices (curve, place, 0, vertices);
          stroke_vertices (cr, vertices, kin_color_with_alpha (color, 0.25), 1);
        }
      kin_curve_vertices (curve, place, smoothing, vertices);
      stroke_vertices (cr, vertices, color, style->font_px * (curve->is_dense ? 0.12 : 0.14));
      if (!curve->is_dense)
        mark_vertices (cr, style, vertices, color, place);
      add_end_label (style, curve, place, smoothing, right, behind);
    }
  cairo_restore (cr);
}

/* The crosshair: a line through every panel, and on it the value of each curve. */
static void
draw_cursor (cairo_t *cr, const KinPlotStyle *style, const KinCurvesReading *reading, const KinPanel *panel,
             const KinPanelPlace *place)
{
  double x = kin_axis_to_px (&place->x, reading->epoch);
  gboolean is_right = x > (place->x.start_px + place->x.end_px) / 2;
  LabelList labels = { 0 };

  if (x < place->x.start_px - 1 || x > place->x.end_px + 1)
    return;
  kin_plot_set_color (cr, kin_color_with_alpha (style->foreground, 0.5));
  cairo_set_line_width (cr, 1);
  cairo_move_to (cr, round (x) + 0.5, place->y.end_px);
  cairo_line_to (cr, round (x) + 0.5, place->y.start_px);
  cairo_stroke (cr);
  for (guint c = 0; c < panel->n_curves; c++)
    {
      double value = reading->values[place->panel][c], y = kin_axis_to_px (&place->y, value);
      KinColor color = kin_plot_class_color (style, panel->curves[c].color);
      g_autofree char *text = NULL;

      if (!isfinite (value) || !isfinite (y))
        continue;
      kin_plot_paint_marker (cr, KIN_MARKER_DISC, style->card, x, y, style->font_px * 0.38);
      kin_plot_paint_marker (cr, KIN_MARKER_DISC, color, x, y, style->font_px * 0.28);
      text = format_value (value);
      add_label (&labels, text, KIN_TEXT_BOLD, color, x + (is_right ? -0.6 : 0.6) * style->font_px, y, is_right ? 1 : 0);
    }
  draw_labels (cr, style, &labels, place);
}

/* Where the crosshair stands, on a tag over the numbers of the axis. */
static void
draw_cursor_tag (cairo_t *cr, const KinPlotStyle *style, const KinCurvesReading *reading, const KinPanelPlace *place)
{
  g_autofree char *text
      = g_strdup_printf (_("epoch %.2f · step %" G_GUINT64_FORMAT), reading->epoch, reading->step);
  double x = kin_axis_to_px (&place->x, reading->epoch), y = place->y.start_px + style->font_px * 0.2;
  double width, height, left;

  if (x < place->x.start_px - 1 || x > place->x.end_px + 1)
    return;
  kin_plot_text_size (cr, style, KIN_TEXT_SMALL, text, &width, &height);
  left = CLAMP (x - width / 2, MIN (place->x.start_px, place->x.end_px - width), place->x.end_px - width);
  kin_plot_set_color (cr, style->card);
  cairo_rectangle (cr, left - 6, y, width + 12, height);
  cairo_fill (cr);
  kin_plot_text (cr, style, KIN_TEXT_SMALL, style->foreground, left, y, 0, 0, 0, text);
}

static void
draw_panel (cairo_t *cr, const KinCurvesData *data, const KinCurvesView *view, const KinPlotStyle *style,
            const KinPanelPlace *place, const KinCurvesReading *reading)
{
  const KinPanel *panel = &data->panels[place->panel];
  LabelList right = { 0 }, behind = { 0 };

  draw_title (cr, style, panel, place);
  draw_y_grid (cr, style, place);
  draw_lines (cr, style, panel, place, &right);
  draw_curves (cr, style, view, panel, place, &right, &behind);
  if (reading != NULL)
    behind.n = 0;
  join_labels (cr, style, &right, &behind);
  draw_labels (cr, style, &right, place);
  draw_labels (cr, style, &behind, place);
  if (place->has_x_labels)
    draw_x_labels (cr, style, place);
  if (reading != NULL)
    draw_cursor (cr, style, reading, panel, place);
  if (reading != NULL && place->has_x_labels)
    draw_cursor_tag (cr, style, reading, place);
}

void
kin_plot_curves_draw (cairo_t *cr, const KinCurvesData *data, const KinCurvesView *view, const KinPlotStyle *style,
                      double width, double height)
{
  KinCurvesLayout layout;
  KinCurvesReading reading;
  gboolean has_reading = kin_curves_read (data, view->cursor, &reading);

  if (data->n_panels == 0)
    {
      kin_plot_message (cr, style, width, height, _("No curves yet"),
                        _("Press Play: loss and k-NN agreement are drawn here while the encoder learns."));
      return;
    }
  kin_curves_layout (&layout, data, view, style, width, height);
  for (guint i = 0; i < layout.n; i++)
    draw_panel (cr, data, view, style, &layout.places[i], has_reading ? &reading : NULL);
}
