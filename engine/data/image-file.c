#include "engine/data/image-file.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gi18n-lib.h>
#include <string.h>

static void
copy_pixels (const GdkPixbuf *pixbuf, guint8 *out)
{
  guint width = gdk_pixbuf_get_width (pixbuf), height = gdk_pixbuf_get_height (pixbuf);
  guint channels = gdk_pixbuf_get_n_channels (pixbuf);
  gsize stride = gdk_pixbuf_get_rowstride (pixbuf);
  const guint8 *pixels = gdk_pixbuf_read_pixels (pixbuf);

  for (guint y = 0; y < height; y++)
    {
      const guint8 *p = pixels + y * stride;

      if (channels == 3)
        {
          memcpy (out, p, (gsize) width * 3);
          out += (gsize) width * 3;
          continue;
        }
      for (guint x = 0; x < width; x++, p += 4, out += 3)
        for (guint c = 0; c < 3; c++)
          out[c] = kin_over_white (p[c], p[3]);
    }
}

gboolean
kin_image_file_read (const char *path, KinImage *image, GError **error)
{
  g_autoptr (GdkPixbuf) stored = NULL;
  g_autoptr (GdkPixbuf) upright = NULL;
  g_autoptr (GError) reason = NULL;
  int width, height;
  guint8 *pixels;

  if (gdk_pixbuf_get_file_info (path, &width, &height) == NULL)
    {
      g_set_error_literal (error, KIN_ERROR, KIN_ERROR_FORMAT, _("it is not an image of a format that is known here"));
      return FALSE;
    }
  if (!kin_image_check_size (MAX (width, 0), MAX (height, 0), error))
    return FALSE;
  stored = gdk_pixbuf_new_from_file (path, &reason);
  if (stored == NULL)
    {
      g_set_error_literal (error, KIN_ERROR, KIN_ERROR_FORMAT, reason->message);
      return FALSE;
    }
  upright = gdk_pixbuf_apply_embedded_orientation (stored);
  g_clear_object (&stored);

  width = gdk_pixbuf_get_width (upright);
  height = gdk_pixbuf_get_height (upright);
  pixels = g_try_malloc_n ((gsize) width * height, 3);
  if (pixels == NULL || !kin_image_check_size (width, height, error))
    {
      if (pixels == NULL)
        g_set_error (error, KIN_ERROR, KIN_ERROR_TOO_LARGE, _("there is no memory for its %d × %d px"), width, height);
      g_free (pixels);
      return FALSE;
    }
  copy_pixels (upright, pixels);
  *image = (KinImage) { .width = width, .height = height, .channels = 3, .pixels = pixels };
  return TRUE;
}
