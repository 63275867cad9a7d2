#include "ui/curves-pane.h"

#include "ui/curves-canvas.h"
#include "ui/plot/export.h"
#include "ui/text.h"

struct _KinCurvesPane
{
  KinViewPane parent;
  KinCurvesCanvas *canvas;
};

G_DEFINE_FINAL_TYPE (KinCurvesPane, kin_curves_pane, KIN_TYPE_VIEW_PANE)

static void
kin_curves_pane_connect (KinViewPane *pane, KinSession *session)
{
  kin_curves_canvas_set_session (KIN_CURVES_PANE (pane)->canvas, session);
}

static void
kin_curves_pane_draw (KinViewPane *pane, cairo_t *cr, const KinPlotStyle *style, double width, double height)
{
  kin_curves_canvas_draw_plain (KIN_CURVES_PANE (pane)->canvas, cr, style, width, height);
}

/* The measurements go to @path, the steps beside it: FILE-steps.csv. */
static gboolean
kin_curves_pane_write_csv (KinViewPane *pane, const char *path, GError **error)
{
  const KinHistory *history = kin_session_get_history (kin_view_pane_get_session (pane));
  g_autofree char *stem = g_strndup (path, strlen (path) - strlen (".csv"));
  g_autofree char *steps = g_strconcat (stem, "-steps.csv", NULL);

  return kin_export_evaluations_csv (path, (const KinEvaluation *) (gpointer) history->evaluations->data,
                                     history->evaluations->len, error)
         && kin_export_steps_csv (steps, (const KinSample *) (gpointer) history->samples->data, history->samples->len,
                                  error);
}

static char *
kin_curves_pane_dup_caption (KinViewPane *pane)
{
  const KinConfig *config = kin_session_get_config (kin_view_pane_get_session (pane));

  return config == NULL ? NULL : kin_text_run (config);
}

static void
kin_curves_pane_class_init (KinCurvesPaneClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  KinViewPaneClass *pane_class = KIN_VIEW_PANE_CLASS (class);

  pane_class->connect = kin_curves_pane_connect;
  pane_class->draw = kin_curves_pane_draw;
  pane_class->write_csv = kin_curves_pane_write_csv;
  pane_class->dup_caption = kin_curves_pane_dup_caption;
  g_type_ensure (KIN_TYPE_CURVES_CANVAS);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/kindred/Kindred/ui/curves-pane.ui");
  gtk_widget_class_bind_template_child (widget_class, KinCurvesPane, canvas);
}

static void
kin_curves_pane_init (KinCurvesPane *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
