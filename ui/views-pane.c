#include "ui/views-pane.h"

#include <glib/gi18n.h>

#include "ui/pairs-canvas.h"
#include "ui/plot/export.h"

struct _KinViewsPane
{
  KinViewPane parent;
  KinPairsCanvas *canvas;
};

G_DEFINE_FINAL_TYPE (KinViewsPane, kin_views_pane, KIN_TYPE_VIEW_PANE)

static void
on_next (GtkButton *button, KinViewsPane *self)
{
  kin_pairs_canvas_show_next (self->canvas);
}

static void
on_draw_again (GtkButton *button, KinViewsPane *self)
{
  kin_pairs_canvas_draw_again (self->canvas);
}

static void
kin_views_pane_connect (KinViewPane *pane, KinSession *session)
{
  kin_pairs_canvas_set_session (KIN_VIEWS_PANE (pane)->canvas, session);
}

static void
kin_views_pane_draw (KinViewPane *pane, cairo_t *cr, const KinPlotStyle *style, double width, double height)
{
  kin_pairs_canvas_draw_plain (KIN_VIEWS_PANE (pane)->canvas, cr, style, width, height);
}

/* image, view, drawn, similarity: a row a view. */
static gboolean
kin_views_pane_write_csv (KinViewPane *pane, const char *path, GError **error)
{
  const KinPairs *pairs = kin_pairs_canvas_get_pairs (KIN_VIEWS_PANE (pane)->canvas);
  g_autoptr (GString) text = g_string_new ("image,view,drawn,similarity\n");

  for (guint i = 0; pairs != NULL && i < pairs->n; i++)
    for (guint view = 0; view < 2; view++)
      {
        g_autofree char *drawn = kin_csv_quote (pairs->pairs[i].traces[view]);
        char number[G_ASCII_DTOSTR_BUF_SIZE] = "";

        if (pairs->pairs[i].similarity == pairs->pairs[i].similarity)
          g_ascii_formatd (number, sizeof number, "%.6f", pairs->pairs[i].similarity);
        g_string_append_printf (text, "%u,%c,%s,%s\n", pairs->pairs[i].image, 'A' + view, drawn, number);
      }
  if (g_file_set_contents_full (path, text->str, (gssize) text->len, G_FILE_SET_CONTENTS_CONSISTENT, 0666, error))
    return TRUE;
  return FALSE;
}

static char *
kin_views_pane_dup_caption (KinViewPane *pane)
{
  char *text;

  g_object_get (KIN_VIEWS_PANE (pane)->canvas, "source-text", &text, NULL);
  return text;
}

static void
kin_views_pane_class_init (KinViewsPaneClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  KinViewPaneClass *pane_class = KIN_VIEW_PANE_CLASS (class);

  pane_class->connect = kin_views_pane_connect;
  pane_class->draw = kin_views_pane_draw;
  pane_class->write_csv = kin_views_pane_write_csv;
  pane_class->dup_caption = kin_views_pane_dup_caption;
  g_type_ensure (KIN_TYPE_PAIRS_CANVAS);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/kindred/Kindred/ui/views-pane.ui");
  gtk_widget_class_bind_template_child (widget_class, KinViewsPane, canvas);
  gtk_widget_class_bind_template_callback (widget_class, on_next);
  gtk_widget_class_bind_template_callback (widget_class, on_draw_again);
}

static void
kin_views_pane_init (KinViewsPane *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
