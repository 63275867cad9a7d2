#include "ui/image-tile.h"

#include "ui/thumbnail.h"

struct _KinImageTile
{
  GtkButton parent;
  KinSession *session;
  int id;
  GtkWidget *thumbnail, *caption;
};

G_DEFINE_FINAL_TYPE (KinImageTile, kin_image_tile, GTK_TYPE_BUTTON)

static void
mark (KinImageTile *self, gboolean is_on, const char *css_class)
{
  if (is_on)
    gtk_widget_add_css_class (GTK_WIDGET (self), css_class);
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), css_class);
}

static void
update_marks (KinImageTile *self)
{
  mark (self, self->id >= 0 && kin_session_get_hovered (self->session) == self->id, "hovered");
}

static void
kin_image_tile_clicked (GtkButton *button)
{
  KinImageTile *self = KIN_IMAGE_TILE (button);

  if (self->session != NULL && self->id >= 0)
    kin_session_select (self->session, self->id);
}

static void
on_enter (GtkEventControllerMotion *motion, double x, double y, KinImageTile *self)
{
  if (self->session != NULL)
    kin_session_hover (self->session, self->id);
}

static void
on_leave (GtkEventControllerMotion *motion, KinImageTile *self)
{
  if (self->session != NULL)
    kin_session_hover (self->session, KIN_NO_IMAGE);
}

void
kin_image_tile_set (KinImageTile *self, int id, const char *caption)
{
  const KinDataset *dataset = kin_session_get_dataset (self->session);
  g_autofree char *name = NULL;

  if (dataset == NULL || id < 0 || (guint) id >= dataset->n_images)
    id = KIN_NO_IMAGE;
  self->id = id;
  gtk_widget_set_visible (GTK_WIDGET (self), id >= 0);
  kin_thumbnail_set_image (KIN_THUMBNAIL (self->thumbnail), dataset, id);
  gtk_label_set_text (GTK_LABEL (self->caption), caption == NULL ? "" : caption);
  gtk_widget_set_visible (self->caption, caption != NULL);
  if (id >= 0)
    name = kin_dataset_dup_image_name (dataset, (guint) id);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, name == NULL ? "" : name, -1);
  update_marks (self);
}

static void
kin_image_tile_dispose (GObject *object)
{
  g_clear_object (&KIN_IMAGE_TILE (object)->session);
  G_OBJECT_CLASS (kin_image_tile_parent_class)->dispose (object);
}

static void
kin_image_tile_class_init (KinImageTileClass *class)
{
  G_OBJECT_CLASS (class)->dispose = kin_image_tile_dispose;
  GTK_BUTTON_CLASS (class)->clicked = kin_image_tile_clicked;
}

static void
kin_image_tile_init (KinImageTile *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkEventController *motion = gtk_event_controller_motion_new ();

  self->id = KIN_NO_IMAGE;
  self->thumbnail = kin_thumbnail_new (48);
  self->caption = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->caption, "caption");
  gtk_widget_add_css_class (self->caption, "numeric");
  gtk_box_append (GTK_BOX (box), self->thumbnail);
  gtk_box_append (GTK_BOX (box), self->caption);
  gtk_button_set_child (GTK_BUTTON (self), box);
  gtk_widget_add_css_class (GTK_WIDGET (self), "flat");
  gtk_widget_add_css_class (GTK_WIDGET (self), "tile");
  g_signal_connect (motion, "enter", G_CALLBACK (on_enter), self);
  g_signal_connect (motion, "leave", G_CALLBACK (on_leave), self);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
}

GtkWidget *
kin_image_tile_new (KinSession *session, int side_px)
{
  KinImageTile *self = g_object_new (KIN_TYPE_IMAGE_TILE, NULL);

  self->session = g_object_ref (session);
  g_object_set (self->thumbnail, "side", side_px, NULL);
  g_signal_connect_object (session, "notify::hovered", G_CALLBACK (update_marks), self, G_CONNECT_SWAPPED);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  return GTK_WIDGET (self);
}
