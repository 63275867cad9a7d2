#include "ui/map-pane.h"

#include <glib/gi18n.h>

#include "ui/map-canvas.h"
#include "ui/plot/export.h"
#include "ui/short-list.h"

struct _KinMapPane
{
  KinViewPane parent;
  KinMapCanvas *canvas;
  GtkWidget *coloring;
  gboolean is_updating;
};

G_DEFINE_FINAL_TYPE (KinMapPane, kin_map_pane, KIN_TYPE_VIEW_PANE)

/* The list: class (where there are labels), each factor, none. */
static void
fill_colorings (KinMapPane *self)
{
  const KinDataset *dataset = kin_session_get_dataset (kin_view_pane_get_session (KIN_VIEW_PANE (self)));
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);

  if (dataset != NULL && dataset->labels != NULL)
    gtk_string_list_append (list, _ ("colour: class"));
  for (guint i = 0; dataset != NULL && i < dataset->n_factors; i++)
    {
      g_autofree char *text = g_strdup_printf (_ ("colour: %s"), dataset->factors[i].name);

      gtk_string_list_append (list, text);
    }
  gtk_string_list_append (list, _ ("one colour"));
  self->is_updating = TRUE;
  gtk_drop_down_set_model (GTK_DROP_DOWN (self->coloring), G_LIST_MODEL (list));
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->coloring), 0);
  gtk_widget_set_visible (self->coloring, g_list_model_get_n_items (G_LIST_MODEL (list)) > 1);
  self->is_updating = FALSE;
}

static void
on_coloring (GtkDropDown *drop_down, GParamSpec *pspec, KinMapPane *self)
{
  KinSession *session = kin_view_pane_get_session (KIN_VIEW_PANE (self));
  const KinDataset *dataset = session == NULL ? NULL : kin_session_get_dataset (session);
  guint selected = gtk_drop_down_get_selected (drop_down);
  guint n_before;

  if (self->is_updating || dataset == NULL || selected == GTK_INVALID_LIST_POSITION)
    return;
  n_before = dataset->labels != NULL ? 1 : 0;
  if (selected < n_before)
    kin_map_canvas_set_coloring (self->canvas, KIN_MAP_COLOR_CLASS, 0);
  else if (selected - n_before < dataset->n_factors)
    kin_map_canvas_set_coloring (self->canvas, KIN_MAP_COLOR_FACTOR, selected - n_before);
  else
    kin_map_canvas_set_coloring (self->canvas, KIN_MAP_COLOR_NONE, 0);
}

static void
on_pictures (GtkToggleButton *button, KinMapPane *self)
{
  kin_map_canvas_set_mode (self->canvas, gtk_toggle_button_get_active (button) ? KIN_MAP_THUMBNAILS : KIN_MAP_AUTO);
}

void
kin_map_pane_zoom (KinMapPane *self, double factor)
{
  kin_map_canvas_zoom (self->canvas, factor);
}

static void
kin_map_pane_connect (KinViewPane *pane, KinSession *session)
{
  KinMapPane *self = KIN_MAP_PANE (pane);

  kin_map_canvas_set_session (self->canvas, session);
  g_signal_connect_object (session, "dataset-changed", G_CALLBACK (fill_colorings), self, G_CONNECT_SWAPPED);
  fill_colorings (self);
}

static void
kin_map_pane_draw (KinViewPane *pane, cairo_t *cr, const KinPlotStyle *style, double width, double height)
{
  KinMapData data = *kin_map_canvas_get_data (KIN_MAP_PANE (pane)->canvas);

  data.hovered = data.selected = data.highlighted_class = -1;
  data.n_neighbours = 0;
  data.caption = NULL;
  kin_plot_map_draw (cr, &data, NULL, style, width, height);
}

static gboolean
kin_map_pane_write_csv (KinViewPane *pane, const char *path, GError **error)
{
  const KinMapData *data = kin_map_canvas_get_data (KIN_MAP_PANE (pane)->canvas);

  if (data->n == 0)
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_TOO_FEW, _ ("There is no map yet: train an epoch first"));
      return FALSE;
    }
  return kin_export_map_csv (path, data, error);
}

static char *
kin_map_pane_dup_caption (KinViewPane *pane)
{
  return g_strdup (kin_map_canvas_get_data (KIN_MAP_PANE (pane)->canvas)->caption);
}

static void
kin_map_pane_class_init (KinMapPaneClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  KinViewPaneClass *pane_class = KIN_VIEW_PANE_CLASS (class);

  pane_class->connect = kin_map_pane_connect;
  pane_class->draw = kin_map_pane_draw;
  pane_class->write_csv = kin_map_pane_write_csv;
  pane_class->dup_caption = kin_map_pane_dup_caption;
  g_type_ensure (KIN_TYPE_MAP_CANVAS);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/kindred/Kindred/ui/map-pane.ui");
  gtk_widget_class_bind_template_child (widget_class, KinMapPane, canvas);
  gtk_widget_class_bind_template_child (widget_class, KinMapPane, coloring);
  gtk_widget_class_bind_template_callback (widget_class, on_coloring);
  gtk_widget_class_bind_template_callback (widget_class, on_pictures);
}

static void
kin_map_pane_init (KinMapPane *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  kin_drop_down_shorten (GTK_DROP_DOWN (self->coloring), 18);
}
