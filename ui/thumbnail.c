#include "ui/thumbnail.h"

#include <glib/gi18n.h>

struct _KinThumbnail
{
  KinCanvas parent;
  int side;
  cairo_surface_t *image;
};

G_DEFINE_FINAL_TYPE (KinThumbnail, kin_thumbnail, KIN_TYPE_CANVAS)

enum
{
  PROP_SIDE = 1,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

void
kin_thumbnail_set_image (KinThumbnail *self, const KinDataset *dataset, int id)
{
  g_autofree char *name = NULL;

  g_clear_pointer (&self->image, cairo_surface_destroy);
  if (dataset != NULL && id >= 0 && (guint) id < dataset->n_images)
    {
      self->image = kin_plot_image_surface (kin_dataset_get_pixels (dataset, (guint) id), dataset->size,
                                            dataset->channels);
      name = kin_dataset_dup_image_name (dataset, (guint) id);
    }
  kin_canvas_describe (KIN_CANVAS (self), name == NULL ? _ ("No image") : name, "");
  kin_canvas_redraw (KIN_CANVAS (self));
}

static void
kin_thumbnail_draw (KinCanvas *canvas, cairo_t *cr, const KinPlotStyle *style, double width, double height)
{
  KinThumbnail *self = KIN_THUMBNAIL (canvas);
  double side = MIN (width, height);

  if (self->image != NULL)
    kin_plot_paint_image (cr, self->image, (width - side) / 2, (height - side) / 2, side);
}

static void
kin_thumbnail_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                       int *minimum_baseline, int *natural_baseline)
{
  *minimum = *natural = KIN_THUMBNAIL (widget)->side;
}

static void
kin_thumbnail_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_SIDE)
    g_value_set_int (value, KIN_THUMBNAIL (object)->side);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
kin_thumbnail_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  KinThumbnail *self = KIN_THUMBNAIL (object);

  if (id != PROP_SIDE)
    {
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      return;
    }
  if (self->side == g_value_get_int (value))
    return;
  self->side = g_value_get_int (value);
  gtk_widget_queue_resize (GTK_WIDGET (self));
  g_object_notify_by_pspec (object, pspec);
}

static void
kin_thumbnail_dispose (GObject *object)
{
  g_clear_pointer (&KIN_THUMBNAIL (object)->image, cairo_surface_destroy);
  G_OBJECT_CLASS (kin_thumbnail_parent_class)->dispose (object);
}

static void
kin_thumbnail_class_init (KinThumbnailClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->get_property = kin_thumbnail_get_property;
  object_class->set_property = kin_thumbnail_set_property;
  object_class->dispose = kin_thumbnail_dispose;
  props[PROP_SIDE] = g_param_spec_int ("side", NULL, NULL, 8, 1024, 48,
                                       G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, props);
  GTK_WIDGET_CLASS (class)->measure = kin_thumbnail_measure;
  KIN_CANVAS_CLASS (class)->draw = kin_thumbnail_draw;
}

static void
kin_thumbnail_init (KinThumbnail *self)
{
  self->side = 48;
  gtk_widget_set_hexpand (GTK_WIDGET (self), FALSE);
  gtk_widget_set_vexpand (GTK_WIDGET (self), FALSE);
  gtk_widget_set_halign (GTK_WIDGET (self), GTK_ALIGN_CENTER);
  gtk_widget_set_valign (GTK_WIDGET (self), GTK_ALIGN_CENTER);
}

GtkWidget *
kin_thumbnail_new (int side)
{
  return g_object_new (KIN_TYPE_THUMBNAIL, "side", side, NULL);
}
