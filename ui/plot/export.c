#include "ui/plot/export-private.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <math.h>
#include <string.h>

#include "engine/error.h"

gboolean
kin_export_write (const char *path, gconstpointer data, gsize length, GError **error)
{
  g_autoptr (GError) reason = NULL;

  if (g_file_set_contents_full (path, data, length, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0666,
                                &reason))
    return TRUE;
  g_set_error (error, KIN_ERROR, KIN_ERROR_FILE, "%s cannot be written: %s", path, reason->message);
  return FALSE;
}

typedef enum
{
  FORMAT_PNG,
  FORMAT_SVG,
  FORMAT_PDF,
} Format;

static gboolean
parse_format (const char *path, Format *format, GError **error)
{
  static const char *const extensions[] = { ".png", ".svg", ".pdf" };
  g_autofree char *lower = g_ascii_strdown (path, -1);

  for (guint i = 0; i < G_N_ELEMENTS (extensions); i++)
    if (g_str_has_suffix (lower, extensions[i]))
      {
        *format = (Format) i;
        return TRUE;
      }
  g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION, "%s: a plot can be written as .png, .svg or .pdf", path);
  return FALSE;
}

static cairo_status_t
append (void *closure, const unsigned char *data, unsigned int length)
{
  g_byte_array_append (closure, data, length);
  return CAIRO_STATUS_SUCCESS;
}

static cairo_surface_t *
surface_new (Format format, double width, double height, double scale, const char *title, GByteArray *bytes)
{
  cairo_surface_t *surface = NULL;

  switch (format)
    {
    case FORMAT_PNG:
      surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int) ceil (width * scale), (int) ceil (height * scale));
      cairo_surface_set_device_scale (surface, scale, scale);
      break;
    case FORMAT_SVG:
      surface = cairo_svg_surface_create_for_stream (append, bytes, width, height);
      cairo_svg_surface_set_document_unit (surface, CAIRO_SVG_UNIT_PX);
      break;
    case FORMAT_PDF:
      surface = cairo_pdf_surface_create_for_stream (append, bytes, width, height);
      cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_CREATOR, "Kindred " KIN_VERSION);
      if (title != NULL)
        {
          g_autofree char *valid = g_utf8_make_valid (title, -1);

          cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_TITLE, valid);
        }
      break;
    }
  return surface;
}

static void
draw_sheet (cairo_t *cr, const KinPlotStyle *style, double width, double height, const char *title, const char *caption,
            KinPlotDrawFunc draw, gpointer user_data)
{
  double em = style->font_px, top = title != NULL ? 2.2 * em : 0, bottom = caption != NULL ? 1.8 * em : 0;
  double plot_height = MAX (height - top - bottom, 1);

  kin_plot_set_color (cr, style->card);
  cairo_paint (cr);
  if (title != NULL)
    kin_plot_text (cr, style, KIN_TEXT_BOLD, style->foreground, em * 0.9, em * 1.3, 0, 0.5, width - 1.8 * em, title);
  if (caption != NULL)
    kin_plot_text (cr, style, KIN_TEXT_SMALL, style->muted, em * 0.9, height - em * 1.0, 0, 0.5, width - 1.8 * em,
                   caption);
  cairo_save (cr);
  cairo_translate (cr, 0, top);
  cairo_rectangle (cr, 0, 0, width, plot_height);
  cairo_clip (cr);
  draw (cr, style, width, plot_height, user_data);
  cairo_restore (cr);
}

gboolean
kin_plot_export (const char *path, double width, double height, double scale, const KinPlotStyle *style,
                 const char *title, const char *caption, KinPlotDrawFunc draw, gpointer user_data, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  KinPlotStyle sheet_style = *style;
  cairo_surface_t *surface;
  cairo_status_t status;
  Format format;
  cairo_t *cr;

  if (!parse_format (path, &format, error))
    return FALSE;
  if (format != FORMAT_PNG)
    scale = 1;
  if (!(width >= 1 && height >= 1 && scale > 0 && width * scale >= 1 && height * scale >= 1
        && width * scale <= KIN_EXPORT_SIDE_MAX && height * scale <= KIN_EXPORT_SIDE_MAX))
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION, "%s: a sheet of %g × %g px at scale %g; each side can be 1 to %d",
                   path, width, height, scale, KIN_EXPORT_SIDE_MAX);
      return FALSE;
    }
  sheet_style.device_scale = scale;
  surface = surface_new (format, width, height, scale, title, bytes);
  cr = cairo_create (surface);
  draw_sheet (cr, &sheet_style, width, height, title, caption, draw, user_data);
  cairo_show_page (cr);
  status = cairo_status (cr);
  cairo_destroy (cr);
  if (format == FORMAT_PNG && status == CAIRO_STATUS_SUCCESS)
    status = cairo_surface_write_to_png_stream (surface, append, bytes);
  cairo_surface_finish (surface);
  if (status == CAIRO_STATUS_SUCCESS)
    status = cairo_surface_status (surface);
  cairo_surface_destroy (surface);
  if (status != CAIRO_STATUS_SUCCESS)
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_FILE, "%s cannot be drawn: %s", path, cairo_status_to_string (status));
      return FALSE;
    }
  return kin_export_write (path, bytes->data, bytes->len, error);
}
