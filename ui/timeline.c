#include "ui/timeline.h"

#include <glib/gi18n.h>
#include <math.h>

#include "ui/plot/axis.h"

struct _KinTimeline
{
  KinCanvas parent;
  KinSession *session;
};

G_DEFINE_FINAL_TYPE (KinTimeline, kin_timeline, KIN_TYPE_CANVAS)

enum
{
  PROP_SESSION = 1,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static void
draw_ticks (cairo_t *cr, const KinPlotStyle *style, const KinAxis *axis, double y)
{
  double ticks[KIN_TICKS_MAX], step;
  guint n = kin_axis_ticks (axis, 10, ticks, &step);

  for (guint i = 0; i < n; i++)
    {
      double x = round (kin_axis_to_px (axis, ticks[i])) + .5;
      g_autofree char *text = kin_axis_format (ticks[i], step);

      kin_plot_set_color (cr, style->grid);
      cairo_move_to (cr, x, y + 6);
      cairo_line_to (cr, x, y + 11);
      cairo_stroke (cr);
      kin_plot_text (cr, style, KIN_TEXT_SMALL, style->muted, x, y - 7, i == 0 ? 0 : .5, 1, 0, text);
    }
}

/* One stroke an evaluation, as long as they can be told apart. */
static void
draw_evaluations (cairo_t *cr, const KinPlotStyle *style, const KinAxis *axis, double y, const GArray *evaluations)
{
  double last = -10;

  kin_plot_set_color (cr, style->accent);
  for (guint i = 0; i < evaluations->len; i++)
    {
      double x = round (kin_axis_to_px (axis, g_array_index (evaluations, KinEvaluation, i).epoch)) + .5;

      if (x - last < 3)
        continue;
      last = x;
      cairo_move_to (cr, x, y + 6);
      cairo_line_to (cr, x, y + 10);
    }
  cairo_stroke (cr);
}

static void
draw_bar (cairo_t *cr, KinColor color, double from, double to, double y)
{
  kin_plot_set_color (cr, color);
  cairo_set_line_width (cr, 4);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_move_to (cr, from, y);
  cairo_line_to (cr, to, y);
  cairo_stroke (cr);
  cairo_set_line_width (cr, 1);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_BUTT);
}

static void
kin_timeline_draw (KinCanvas *canvas, cairo_t *cr, const KinPlotStyle *style, double width, double height)
{
  KinTimeline *self = KIN_TIMELINE (canvas);
  const KinConfig *config = self->session == NULL ? NULL : kin_session_get_config (self->session);
  double epoch, y = round (height * .58), inset = 10;
  KinAxis axis;

  if (config == NULL || width < 4 * inset)
    return;
  epoch = kin_session_get_epoch (self->session);
  axis = (KinAxis){ .min = 0, .max = MAX (kin_config_get (config, "epochs"), epoch), .start_px = inset,
                    .end_px = width - inset };
  cairo_set_line_width (cr, 1);
  draw_ticks (cr, style, &axis, y);
  draw_evaluations (cr, style, &axis, y, kin_session_get_history (self->session)->evaluations);
  draw_bar (cr, style->grid, axis.start_px, axis.end_px, y);
  if (epoch > 0)
    draw_bar (cr, style->accent, axis.start_px, kin_axis_to_px (&axis, epoch), y);
  cairo_arc (cr, kin_axis_to_px (&axis, epoch), y, 6, 0, 2 * G_PI);
  kin_plot_set_color (cr, style->accent);
  cairo_fill (cr);
}

static void
update (KinTimeline *self)
{
  g_autofree char *place = NULL;

  g_object_get (self->session, "place-text", &place, NULL);
  kin_canvas_describe (KIN_CANVAS (self), _ ("Progress of the run"), place == NULL ? "" : place);
  kin_canvas_redraw (KIN_CANVAS (self));
}

static void
set_session (KinTimeline *self, KinSession *session)
{
  if (session == NULL || self->session != NULL)
    return;
  self->session = g_object_ref (session);
  g_signal_connect_object (session, "notify::epoch", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::epochs", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "history-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}

static void
kin_timeline_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                      int *minimum_baseline, int *natural_baseline)
{
  const KinPlotStyle *style = kin_canvas_get_style (KIN_CANVAS (widget));

  *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 120 : (int) ceil (3.2 * style->font_px);
}

static void
kin_timeline_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_SESSION)
    g_value_set_object (value, KIN_TIMELINE (object)->session);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
kin_timeline_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_SESSION)
    set_session (KIN_TIMELINE (object), g_value_get_object (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
kin_timeline_dispose (GObject *object)
{
  g_clear_object (&KIN_TIMELINE (object)->session);
  G_OBJECT_CLASS (kin_timeline_parent_class)->dispose (object);
}

static void
kin_timeline_class_init (KinTimelineClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->get_property = kin_timeline_get_property;
  object_class->set_property = kin_timeline_set_property;
  object_class->dispose = kin_timeline_dispose;
  props[PROP_SESSION] = g_param_spec_object ("session", NULL, NULL, KIN_TYPE_SESSION,
                                             G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
  GTK_WIDGET_CLASS (class)->measure = kin_timeline_measure;
  KIN_CANVAS_CLASS (class)->draw = kin_timeline_draw;
}

static void
kin_timeline_init (KinTimeline *self)
{
  gtk_widget_set_vexpand (GTK_WIDGET (self), FALSE);
}
