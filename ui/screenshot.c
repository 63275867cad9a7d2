#include "ui/screenshot.h"

#include <glib/gi18n.h>

#include "engine/error.h"

/* What was drawn last; NULL before the first time. */
static GskRenderNode *
take_node (GtkWidget *window)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (window);
  GtkSnapshot *snapshot = gtk_snapshot_new ();

  gdk_paintable_snapshot (paintable, snapshot, gdk_paintable_get_intrinsic_width (paintable),
                          gdk_paintable_get_intrinsic_height (paintable));
  return gtk_snapshot_free_to_node (snapshot);
}

gboolean
kin_screenshot_is_ready (GtkWidget *window)
{
  GskRenderNode *node = gtk_widget_get_mapped (window) ? take_node (window) : NULL;
  gboolean is_ready = node != NULL;

  g_clear_pointer (&node, gsk_render_node_unref);
  return is_ready;
}

static GdkTexture *
draw (GtkWidget *window)
{
  GskRenderer *renderer = gtk_native_get_renderer (gtk_widget_get_native (window));
  GskRenderNode *node = take_node (window);
  GdkTexture *texture = NULL;

  if (node != NULL && renderer != NULL)
    texture = gsk_renderer_render_texture (renderer, node, NULL);
  g_clear_pointer (&node, gsk_render_node_unref);
  return texture;
}

gboolean
kin_screenshot_write (GtkWidget *window, const char *path, GError **error)
{
  g_autoptr (GdkTexture) texture = gtk_widget_get_mapped (window) ? draw (window) : NULL;
  g_autoptr (GBytes) png = NULL;
  g_autoptr (GError) cause = NULL;
  gsize size;
  const char *bytes;

  if (texture == NULL)
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_FILE, _ ("%s: the window is not on screen, there is nothing to draw"),
                   path);
      return FALSE;
    }
  png = gdk_texture_save_to_png_bytes (texture);
  bytes = g_bytes_get_data (png, &size);
  if (g_file_set_contents_full (path, bytes, (gssize) size, G_FILE_SET_CONTENTS_CONSISTENT, 0666, &cause))
    return TRUE;
  g_set_error (error, KIN_ERROR, KIN_ERROR_FILE, _ ("%s: the screenshot cannot be written: %s"), path, cause->message);
  return FALSE;
}
