#include "ui/canvas.h"

#include <gsk/gsk.h>
#include <math.h>

typedef struct
{
  cairo_surface_t *picture;
  GdkTexture *texture; /* of the picture, where the renderer wants one */
  int width, height, scale; /* of the picture */
  KinPlotStyle style;
  gboolean has_style;
} KinCanvasPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (KinCanvas, kin_canvas, GTK_TYPE_WIDGET)

static void
drop_picture (KinCanvasPrivate *priv)
{
  g_clear_object (&priv->texture);
  g_clear_pointer (&priv->picture, cairo_surface_destroy);
}

void
kin_canvas_redraw (KinCanvas *self)
{
  KinCanvasPrivate *priv = kin_canvas_get_instance_private (self);

  drop_picture (priv);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* Of the font that CSS gives to this widget. */
static double
font_px (GtkWidget *widget)
{
  PangoContext *context = gtk_widget_get_pango_context (widget);
  const PangoFontDescription *font = pango_context_get_font_description (context);
  double size = (double) pango_font_description_get_size (font) / PANGO_SCALE;
  double dpi = pango_cairo_context_get_resolution (context);

  if (pango_font_description_get_size_is_absolute (font))
    return size;
  return size * (dpi > 0 ? dpi : 96) / 72;
}

/* A theme is dark when it writes in a light colour. */
static gboolean
is_dark (GtkWidget *widget)
{
  GdkRGBA color;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
  return 0.299 * color.red + 0.587 * color.green + 0.114 * color.blue > 0.5;
}

const KinPlotStyle *
kin_canvas_get_style (KinCanvas *self)
{
  KinCanvasPrivate *priv = kin_canvas_get_instance_private (self);
  GtkWidget *widget = GTK_WIDGET (self);

  if (!priv->has_style)
    {
      kin_plot_style_init (&priv->style, is_dark (widget), font_px (widget));
      priv->has_style = TRUE;
    }
  priv->style.device_scale = gtk_widget_get_scale_factor (widget);
  return &priv->style;
}

void
kin_canvas_describe (KinCanvas *self, const char *name, const char *numbers)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, numbers, -1);
}

static cairo_surface_t *
draw_picture (KinCanvas *self, int width, int height, int scale)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width * scale, height * scale);
  cairo_t *cr;

  cairo_surface_set_device_scale (surface, scale, scale);
  cr = cairo_create (surface);
  KIN_CANVAS_GET_CLASS (self)->draw (self, cr, kin_canvas_get_style (self), width, height);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  return surface;
}

/* The texture shares the surface's memory. */
static GdkTexture *
make_texture (cairo_surface_t *surface)
{
  int height = cairo_image_surface_get_height (surface), stride = cairo_image_surface_get_stride (surface);
  g_autoptr (GBytes) bytes = NULL;

  bytes = g_bytes_new_with_free_func (cairo_image_surface_get_data (surface), (gsize) stride * height,
                                      (GDestroyNotify) cairo_surface_destroy, cairo_surface_reference (surface));
  return gdk_memory_texture_new (cairo_image_surface_get_width (surface), height, GDK_MEMORY_DEFAULT, bytes, stride);
}

/* GTK 4.8's cairo renderer takes a texture through floating point at each frame, whatever its format: half of a frame's
 * time. It gets the surface itself. To the others a texture is what they upload once. */
static void
show_picture (GtkWidget *widget, KinCanvasPrivate *priv, GtkSnapshot *snapshot)
{
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (0, 0, (float) priv->width, (float) priv->height);
  cairo_t *cr;

  if (!GSK_IS_CAIRO_RENDERER (gtk_native_get_renderer (gtk_widget_get_native (widget))))
    {
      if (priv->texture == NULL)
        priv->texture = make_texture (priv->picture);
      gtk_snapshot_append_texture (snapshot, priv->texture, &bounds);
      return;
    }
  cr = gtk_snapshot_append_cairo (snapshot, &bounds);
  cairo_set_source_surface (cr, priv->picture, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_NEAREST);
  cairo_paint (cr);
  cairo_destroy (cr);
}

static void
kin_canvas_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  KinCanvas *self = KIN_CANVAS (widget);
  KinCanvasPrivate *priv = kin_canvas_get_instance_private (self);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  int scale = gtk_widget_get_scale_factor (widget);

  if (width <= 0 || height <= 0 || KIN_CANVAS_GET_CLASS (self)->draw == NULL)
    return;
  if (priv->picture == NULL || priv->width != width || priv->height != height || priv->scale != scale)
    {
      drop_picture (priv);
      priv->picture = draw_picture (self, width, height, scale);
      priv->width = width;
      priv->height = height;
      priv->scale = scale;
    }
  show_picture (widget, priv, snapshot);
}

static void
kin_canvas_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  KinCanvasPrivate *priv = kin_canvas_get_instance_private (KIN_CANVAS (widget));

  GTK_WIDGET_CLASS (kin_canvas_parent_class)->css_changed (widget, change);
  priv->has_style = FALSE;
  kin_canvas_redraw (KIN_CANVAS (widget));
}

static void
kin_canvas_dispose (GObject *object)
{
  KinCanvasPrivate *priv = kin_canvas_get_instance_private (KIN_CANVAS (object));

  drop_picture (priv);
  G_OBJECT_CLASS (kin_canvas_parent_class)->dispose (object);
}

static void
kin_canvas_class_init (KinCanvasClass *class)
{
  G_OBJECT_CLASS (class)->dispose = kin_canvas_dispose;
  GTK_WIDGET_CLASS (class)->snapshot = kin_canvas_snapshot;
  GTK_WIDGET_CLASS (class)->css_changed = kin_canvas_css_changed;
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (class), "canvas");
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (class), GTK_ACCESSIBLE_ROLE_IMG);
}

static void
kin_canvas_init (KinCanvas *self)
{
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
}
