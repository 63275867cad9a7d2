#include "ui/view-pane.h"

#include "ui/plot/export.h"

/* Of a sheet, px. */
#define EXPORT_WIDTH 960
#define EXPORT_HEIGHT 720
#define EXPORT_SCALE 2
#define EXPORT_FONT_PX 15

enum
{
  PROP_TITLE = 1,
  PROP_IS_FILLING,
  PROP_SESSION,
  N_PROPS
};

typedef struct
{
  char *title;
  gboolean is_filling;
  KinSession *session;
  GtkWidget *box, *controls;
} KinViewPanePrivate;

static void kin_view_pane_buildable_init (GtkBuildableIface *iface);

static GtkBuildableIface *parent_buildable;
static GParamSpec *props[N_PROPS];

G_DEFINE_ABSTRACT_TYPE_WITH_CODE (KinViewPane, kin_view_pane, GTK_TYPE_WIDGET,
                                  G_ADD_PRIVATE (KinViewPane)
                                    G_IMPLEMENT_INTERFACE (GTK_TYPE_BUILDABLE, kin_view_pane_buildable_init))

KinSession *
kin_view_pane_get_session (KinViewPane *self)
{
  KinViewPanePrivate *priv = kin_view_pane_get_instance_private (self);

  return priv->session;
}

const char *
kin_view_pane_get_title (KinViewPane *self)
{
  KinViewPanePrivate *priv = kin_view_pane_get_instance_private (self);

  return priv->title;
}

static void
draw_for_export (cairo_t *cr, const KinPlotStyle *style, double width, double height, gpointer user_data)
{
  KIN_VIEW_PANE_GET_CLASS (user_data)->draw (user_data, cr, style, width, height);
}

gboolean
kin_view_pane_export (KinViewPane *self, const char *path, GError **error)
{
  KinViewPaneClass *class = KIN_VIEW_PANE_GET_CLASS (self);
  g_autofree char *caption = NULL;
  KinPlotStyle style;

  if (g_str_has_suffix (path, ".csv"))
    return class->write_csv (self, path, error);
  /* Light, whatever the window is: an exported picture is for paper and slides. */
  kin_plot_style_init (&style, FALSE, EXPORT_FONT_PX);
  caption = class->dup_caption == NULL ? NULL : class->dup_caption (self);
  return kin_plot_export (path, EXPORT_WIDTH, EXPORT_HEIGHT, EXPORT_SCALE, &style, kin_view_pane_get_title (self),
                          caption, draw_for_export, self, error);
}

/* The template's own box is a child without a type too; it comes first. */
static void
kin_view_pane_add_child (GtkBuildable *buildable, GtkBuilder *builder, GObject *child, const char *type)
{
  KinViewPanePrivate *priv = kin_view_pane_get_instance_private (KIN_VIEW_PANE (buildable));

  if (GTK_IS_WIDGET (child) && g_strcmp0 (type, "control") == 0)
    gtk_box_append (GTK_BOX (priv->controls), GTK_WIDGET (child));
  else if (GTK_IS_WIDGET (child) && priv->box != NULL && GTK_WIDGET (child) != priv->box)
    gtk_box_append (GTK_BOX (priv->box), GTK_WIDGET (child));
  else
    parent_buildable->add_child (buildable, builder, child, type);
}

static void
kin_view_pane_buildable_init (GtkBuildableIface *iface)
{
  parent_buildable = g_type_interface_peek_parent (iface);
  iface->add_child = kin_view_pane_add_child;
}

static void
kin_view_pane_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  KinViewPanePrivate *priv = kin_view_pane_get_instance_private (KIN_VIEW_PANE (object));

  switch (id)
    {
    case PROP_TITLE:
      g_value_set_string (value, priv->title);
      break;
    case PROP_IS_FILLING:
      g_value_set_boolean (value, priv->is_filling);
      break;
    case PROP_SESSION:
      g_value_set_object (value, priv->session);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
set_session (KinViewPane *self, KinSession *session)
{
  KinViewPanePrivate *priv = kin_view_pane_get_instance_private (self);

  if (session == NULL || priv->session != NULL)
    return;
  priv->session = g_object_ref (session);
  KIN_VIEW_PANE_GET_CLASS (self)->connect (self, session);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SESSION]);
}

static void
kin_view_pane_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  KinViewPane *self = KIN_VIEW_PANE (object);
  KinViewPanePrivate *priv = kin_view_pane_get_instance_private (self);

  switch (id)
    {
    case PROP_TITLE:
      if (g_strcmp0 (priv->title, g_value_get_string (value)) == 0)
        return;
      g_free (priv->title);
      priv->title = g_value_dup_string (value);
      gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, priv->title, -1);
      g_object_notify_by_pspec (object, pspec);
      break;
    case PROP_IS_FILLING:
      if (priv->is_filling == g_value_get_boolean (value))
        return;
      priv->is_filling = g_value_get_boolean (value);
      g_object_notify_by_pspec (object, pspec);
      break;
    case PROP_SESSION:
      set_session (self, g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
kin_view_pane_dispose (GObject *object)
{
  KinViewPanePrivate *priv = kin_view_pane_get_instance_private (KIN_VIEW_PANE (object));

  g_clear_pointer (&priv->box, gtk_widget_unparent);
  g_clear_object (&priv->session);
  G_OBJECT_CLASS (kin_view_pane_parent_class)->dispose (object);
}

static void
kin_view_pane_finalize (GObject *object)
{
  KinViewPanePrivate *priv = kin_view_pane_get_instance_private (KIN_VIEW_PANE (object));

  g_free (priv->title);
  G_OBJECT_CLASS (kin_view_pane_parent_class)->finalize (object);
}

static void
kin_view_pane_class_init (KinViewPaneClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = kin_view_pane_get_property;
  object_class->set_property = kin_view_pane_set_property;
  object_class->dispose = kin_view_pane_dispose;
  object_class->finalize = kin_view_pane_finalize;
  props[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  props[PROP_IS_FILLING] = g_param_spec_boolean ("is-filling", NULL, NULL, FALSE, flags);
  props[PROP_SESSION] = g_param_spec_object ("session", NULL, NULL, KIN_TYPE_SESSION, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);

  gtk_widget_class_set_template_from_resource (widget_class, "/org/kindred/Kindred/ui/view-pane.ui");
  gtk_widget_class_bind_template_child_private (widget_class, KinViewPane, box);
  gtk_widget_class_bind_template_child_private (widget_class, KinViewPane, controls);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "viewpane");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
kin_view_pane_init (KinViewPane *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
