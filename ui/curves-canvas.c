#include "ui/curves-canvas.h"

#include <glib/gi18n.h>
#include <math.h>

#include "ui/plot/curves.h"

#define SMOOTHING 0.9 /* share of the average before */

struct _KinCurvesCanvas
{
  KinCanvas parent;
  KinSession *session;
  KinCurvesView view;
};

G_DEFINE_FINAL_TYPE (KinCurvesCanvas, kin_curves_canvas, KIN_TYPE_CANVAS)

enum
{
  PROP_LOG = 1,
  PROP_SMOOTH,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

/* Only pointers into the history: it may be made for each drawing. */
static void
get_data (KinCurvesCanvas *self, KinCurvesData *data)
{
  const KinHistory *history = self->session == NULL ? NULL : kin_session_get_history (self->session);
  const KinConfig *config = self->session == NULL ? NULL : kin_session_get_config (self->session);

  if (history == NULL)
    {
      kin_curves_data_from_history (data, NULL, 0, NULL, 0, 0);
      return;
    }
  kin_curves_data_from_history (data, (const KinSample *) (gpointer) history->samples->data, history->samples->len,
                                (const KinEvaluation *) (gpointer) history->evaluations->data,
                                history->evaluations->len, config == NULL ? 0 : kin_config_get (config, "epochs"));
}

/* Tall windows have room for the quieter curves too. */
static guint
panels_for (double width, double height, const KinPlotStyle *style)
{
  return width * height > 3000 * style->font_px * style->font_px ? KIN_PANELS_ALL : KIN_PANELS_DEFAULT;
}

static void
kin_curves_canvas_draw (KinCanvas *canvas, cairo_t *cr, const KinPlotStyle *style, double width, double height)
{
  KinCurvesCanvas *self = KIN_CURVES_CANVAS (canvas);
  KinCurvesData data;

  get_data (self, &data);
  self->view.panels = panels_for (width, height, style);
  kin_plot_curves_draw (cr, &data, &self->view, style, width, height);
}

void
kin_curves_canvas_draw_plain (KinCurvesCanvas *self, cairo_t *cr, const KinPlotStyle *style, double width,
                              double height)
{
  KinCurvesView view = self->view;
  KinCurvesData data;

  view.cursor = NAN;
  view.panels = panels_for (width, height, style);
  get_data (self, &data);
  kin_plot_curves_draw (cr, &data, &view, style, width, height);
}

static void
on_history_changed (KinCurvesCanvas *self)
{
  kin_canvas_redraw (KIN_CANVAS (self));
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    {
      KinCurvesData data;
      g_autofree char *numbers = NULL;

      get_data (self, &data);
      numbers = kin_curves_describe (&data);
      kin_canvas_describe (KIN_CANVAS (self), _ ("Curves of the run"), numbers);
    }
}

static void
set_cursor (KinCurvesCanvas *self, double epoch)
{
  if (self->view.cursor == epoch || (isnan (self->view.cursor) && isnan (epoch)))
    return;
  self->view.cursor = epoch;
  kin_canvas_redraw (KIN_CANVAS (self));
}

static void
on_motion (GtkEventControllerMotion *motion, double x, double y, KinCurvesCanvas *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  KinCurvesData data;
  double epoch = NAN;

  get_data (self, &data);
  if (kin_curves_hit (&data, &self->view, kin_canvas_get_style (KIN_CANVAS (self)), gtk_widget_get_width (widget),
                      gtk_widget_get_height (widget), x, y, &epoch)
      < 0)
    epoch = NAN;
  set_cursor (self, epoch);
}

static void
on_leave (GtkEventControllerMotion *motion, KinCurvesCanvas *self)
{
  set_cursor (self, NAN);
}

void
kin_curves_canvas_set_session (KinCurvesCanvas *self, KinSession *session)
{
  g_return_if_fail (self->session == NULL);
  self->session = g_object_ref (session);
  g_signal_connect_object (session, "history-changed", G_CALLBACK (on_history_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "config-changed", G_CALLBACK (on_history_changed), self, G_CONNECT_SWAPPED);
}

static void
kin_curves_canvas_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  KinCurvesCanvas *self = KIN_CURVES_CANVAS (object);

  switch (id)
    {
    case PROP_LOG:
      g_value_set_boolean (value, self->view.is_log);
      break;
    case PROP_SMOOTH:
      g_value_set_boolean (value, self->view.smoothing > 0);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
kin_curves_canvas_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  KinCurvesCanvas *self = KIN_CURVES_CANVAS (object);
  gboolean is_on = g_value_get_boolean (value);

  switch (id)
    {
    case PROP_LOG:
      if (self->view.is_log == is_on)
        return;
      self->view.is_log = is_on;
      break;
    case PROP_SMOOTH:
      if ((self->view.smoothing > 0) == is_on)
        return;
      self->view.smoothing = is_on ? SMOOTHING : 0;
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      return;
    }
  kin_canvas_redraw (KIN_CANVAS (self));
  g_object_notify_by_pspec (object, pspec);
}

static void
kin_curves_canvas_dispose (GObject *object)
{
  g_clear_object (&KIN_CURVES_CANVAS (object)->session);
  G_OBJECT_CLASS (kin_curves_canvas_parent_class)->dispose (object);
}

static void
kin_curves_canvas_class_init (KinCurvesCanvasClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = kin_curves_canvas_get_property;
  object_class->set_property = kin_curves_canvas_set_property;
  object_class->dispose = kin_curves_canvas_dispose;
  props[PROP_LOG] = g_param_spec_boolean ("log", NULL, NULL, FALSE, flags);
  props[PROP_SMOOTH] = g_param_spec_boolean ("smooth", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
  KIN_CANVAS_CLASS (class)->draw = kin_curves_canvas_draw;
}

static void
kin_curves_canvas_init (KinCurvesCanvas *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();

  self->view = (KinCurvesView) KIN_CURVES_VIEW_INIT;
  g_signal_connect (motion, "motion", G_CALLBACK (on_motion), self);
  g_signal_connect (motion, "leave", G_CALLBACK (on_leave), self);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  kin_canvas_describe (KIN_CANVAS (self), _ ("Curves of the run"), _ ("Nothing has been trained yet."));
}
