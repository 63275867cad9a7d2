/* All pictures of a set on one sheet, edge to edge: what projectors cut their thumbnails from. */

#include <math.h>

#include "engine/error.h"
#include "ui/plot/export-private.h"

enum
{
  SHEET_SIDE_MAX = 8192, /* px: what a browser takes as one texture */
  THUMBNAIL_MIN = 4,     /* px */
};

static cairo_status_t
append (void *closure, const unsigned char *data, unsigned int length)
{
  g_byte_array_append (closure, data, length);
  return CAIRO_STATUS_SUCCESS;
}

static void
draw_pictures (cairo_t *cr, const KinDataset *dataset, guint columns, guint side)
{
  for (guint i = 0; i < dataset->n_images; i++)
    {
      cairo_surface_t *picture
          = kin_plot_image_surface (kin_dataset_get_pixels (dataset, i), dataset->size, dataset->channels);

      kin_plot_paint_image (cr, picture, (double) (i % columns) * side, (double) (i / columns) * side, side);
      cairo_surface_destroy (picture);
    }
}

gboolean
kin_export_sprite (const char *path, const KinDataset *dataset, guint *side, GError **error)
{
  guint columns = MAX (1, (guint) ceil (sqrt (dataset->n_images)));
  g_autoptr (GByteArray) png = g_byte_array_new ();
  cairo_surface_t *sheet;
  cairo_status_t status;
  cairo_t *cr;

  *side = MIN (dataset->size, SHEET_SIDE_MAX / columns);
  if (*side < THUMBNAIL_MIN)
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_TOO_LARGE,
                   "%s: %u pictures do not fit a sheet of %d px; --limit %d does", path, dataset->n_images,
                   SHEET_SIDE_MAX, SHEET_SIDE_MAX / THUMBNAIL_MIN * (SHEET_SIDE_MAX / THUMBNAIL_MIN));
      return FALSE;
    }
  sheet = cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int) (columns * *side), (int) (columns * *side));
  cr = cairo_create (sheet);
  draw_pictures (cr, dataset, columns, *side);
  status = cairo_status (cr);
  cairo_destroy (cr);
  if (status == CAIRO_STATUS_SUCCESS)
    status = cairo_surface_write_to_png_stream (sheet, append, png);
  cairo_surface_destroy (sheet);
  if (status != CAIRO_STATUS_SUCCESS)
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_FILE, "%s cannot be drawn: %s", path, cairo_status_to_string (status));
      return FALSE;
    }
  return kin_export_write (path, png->data, png->len, error);
}
