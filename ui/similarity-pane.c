#include "ui/similarity-pane.h"

#include <glib/gi18n.h>

#include "ui/matrix-canvas.h"
#include "ui/plot/export.h"
#include "ui/plot/matrix.h"

struct _KinSimilarityPane
{
  KinViewPane parent;
  KinMatrixCanvas *canvas;
  GtkWidget *caption, *by_class;
};

G_DEFINE_FINAL_TYPE (KinSimilarityPane, kin_similarity_pane, KIN_TYPE_VIEW_PANE)

static char *
kin_similarity_pane_dup_caption (KinViewPane *pane)
{
  const KinSimilarity *similarity = kin_session_get_similarity (kin_view_pane_get_session (pane));

  return similarity == NULL ? NULL : kin_matrix_dup_caption (similarity);
}

static void
on_similarity_changed (KinSimilarityPane *self)
{
  g_autofree char *caption = kin_similarity_pane_dup_caption (KIN_VIEW_PANE (self));

  gtk_label_set_text (GTK_LABEL (self->caption), caption == NULL ? "" : caption);
}

static void
on_dataset_changed (KinSimilarityPane *self)
{
  const KinDataset *dataset = kin_session_get_dataset (kin_view_pane_get_session (KIN_VIEW_PANE (self)));

  gtk_widget_set_sensitive (self->by_class, dataset != NULL && dataset->labels != NULL);
}

static void
kin_similarity_pane_connect (KinViewPane *pane, KinSession *session)
{
  kin_matrix_canvas_set_session (KIN_SIMILARITY_PANE (pane)->canvas, session);
  g_signal_connect_object (session, "similarity-changed", G_CALLBACK (on_similarity_changed), pane, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "dataset-changed", G_CALLBACK (on_dataset_changed), pane, G_CONNECT_SWAPPED);
}

static void
kin_similarity_pane_draw (KinViewPane *pane, cairo_t *cr, const KinPlotStyle *style, double width, double height)
{
  kin_matrix_canvas_draw_plain (KIN_SIMILARITY_PANE (pane)->canvas, cr, style, width, height);
}

static gboolean
kin_similarity_pane_write_csv (KinViewPane *pane, const char *path, GError **error)
{
  const KinSimilarity *similarity = kin_session_get_similarity (kin_view_pane_get_session (pane));

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
  gtk_widget_class_bind_template_child (widget_class, KinSimilarityPane, by_class);
}

static void
kin_similarity_pane_init (KinSimilarityPane *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
