#include "ui/similarity-pane.h"

#include <glib/gi18n.h>
#include <math.h>

#include "ui/matrix-canvas.h"
#include "ui/plot/export.h"
#include "ui/plot/matrix.h"

/* Of the pane, px, for its caption to stand beside its controls. */
#define CAPTION_WIDTH_MIN 400

struct _KinSimilarityPane
{
  KinViewPane parent;
  KinMatrixCanvas *canvas;
  GtkWidget *caption, *encoding, *options, *tau_scale, *tau_reset;
  gboolean is_updating;
};

G_DEFINE_FINAL_TYPE (KinSimilarityPane, kin_similarity_pane, KIN_TYPE_VIEW_PANE)

static char *
kin_similarity_pane_dup_caption (KinViewPane *pane)
{
  const KinSimilarity *similarity = kin_matrix_canvas_get_similarity (KIN_SIMILARITY_PANE (pane)->canvas);

  return similarity == NULL ? NULL : kin_matrix_dup_caption (similarity);
}

static void
on_similarity_changed (KinSimilarityPane *self)
{
  g_autofree char *caption = kin_similarity_pane_dup_caption (KIN_VIEW_PANE (self));

  gtk_label_set_text (GTK_LABEL (self->caption), caption == NULL ? "" : caption);
  gtk_widget_set_visible (self->caption, gtk_widget_get_width (GTK_WIDGET (self)) >= CAPTION_WIDTH_MIN);
}

static void
on_encoding (KinSimilarityPane *self)
{
  KinMatrixEncoding encoding = kin_matrix_canvas_get_data (self->canvas)->encoding;

  gtk_widget_set_tooltip_text (self->encoding, kin_matrix_encoding_help (encoding));
}

/* --- The temperature to look with: the scale holds its logarithm --- */

static void
look_at_tau (KinSimilarityPane *self, double tau)
{
  g_object_set (self->canvas, "tau", tau, NULL);
  gtk_widget_set_sensitive (self->tau_reset, tau > 0);
  on_similarity_changed (self);
}

static void
on_tau_moved (GtkAdjustment *adjustment, KinSimilarityPane *self)
{
  if (!self->is_updating)
    look_at_tau (self, pow (10, gtk_adjustment_get_value (adjustment)));
}

static void
on_tau_reset (GtkButton *button, KinSimilarityPane *self)
{
  look_at_tau (self, 0);
}

static char *
format_tau (GtkScale *scale, double value, gpointer data)
{
  return g_strdup_printf ("%.3g", pow (10, value));
}

/* The scale begins at the batch's own. */
static void
on_popover (GtkPopover *popover, KinSimilarityPane *self)
{
  const KinSimilarity *similarity = kin_matrix_canvas_get_similarity (self->canvas);

  if (similarity == NULL)
    return;
  self->is_updating = TRUE;
  gtk_range_set_value (GTK_RANGE (self->tau_scale), log10 (similarity->tau));
  self->is_updating = FALSE;
}

static void
kin_similarity_pane_connect (KinViewPane *pane, KinSession *session)
{
  kin_matrix_canvas_set_session (KIN_SIMILARITY_PANE (pane)->canvas, session);
  g_signal_connect_object (session, "similarity-changed", G_CALLBACK (on_similarity_changed), pane, G_CONNECT_SWAPPED);
}

static void
kin_similarity_pane_draw (KinViewPane *pane, cairo_t *cr, const KinPlotStyle *style, double width, double height)
{
  kin_matrix_canvas_draw_plain (KIN_SIMILARITY_PANE (pane)->canvas, cr, style, width, height);
}

static gboolean
kin_similarity_pane_write_csv (KinViewPane *pane, const char *path, GError **error)
{
  const KinSimilarity *similarity = kin_matrix_canvas_get_similarity (KIN_SIMILARITY_PANE (pane)->canvas);

  if (similarity == NULL)
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_TOO_FEW, _ ("No batch has been trained yet: train one step first"));
      return FALSE;
    }
  return kin_export_matrix_csv (path, similarity, error);
}

static void
kin_similarity_pane_class_init (KinSimilarityPaneClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  KinViewPaneClass *pane_class = KIN_VIEW_PANE_CLASS (class);

  pane_class->connect = kin_similarity_pane_connect;
  pane_class->draw = kin_similarity_pane_draw;
  pane_class->write_csv = kin_similarity_pane_write_csv;
  pane_class->dup_caption = kin_similarity_pane_dup_caption;
  g_type_ensure (KIN_TYPE_MATRIX_CANVAS);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/kindred/Kindred/ui/similarity-pane.ui");
  gtk_widget_class_bind_template_child (widget_class, KinSimilarityPane, canvas);
  gtk_widget_class_bind_template_child (widget_class, KinSimilarityPane, caption);
  gtk_widget_class_bind_template_child (widget_class, KinSimilarityPane, encoding);
  gtk_widget_class_bind_template_child (widget_class, KinSimilarityPane, options);
  gtk_widget_class_bind_template_child (widget_class, KinSimilarityPane, tau_scale);
  gtk_widget_class_bind_template_child (widget_class, KinSimilarityPane, tau_reset);
  gtk_widget_class_bind_template_callback (widget_class, on_tau_moved);
  gtk_widget_class_bind_template_callback (widget_class, on_tau_reset);
}

static void
kin_similarity_pane_init (KinSimilarityPane *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_scale_set_format_value_func (GTK_SCALE (self->tau_scale), format_tau, NULL, NULL);
  g_signal_connect (gtk_menu_button_get_popover (GTK_MENU_BUTTON (self->options)), "show", G_CALLBACK (on_popover), self);
  g_signal_connect_swapped (self->canvas, "notify::encoding", G_CALLBACK (on_encoding), self);
  on_encoding (self);
}
