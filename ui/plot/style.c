#include "ui/plot/style.h"

#include <math.h>
#include <pango/pangocairo.h>

#define FONT_FAMILY "Cantarell, sans"

#define RGB(hex) ((KinColor){ ((hex) >> 16 & 255) / 255.0, ((hex) >> 8 & 255) / 255.0, ((hex) & 255) / 255.0, 1 })

void
kin_plot_style_init (KinPlotStyle *style, gboolean is_dark, double font_px)
{
  *style = (KinPlotStyle){
    .is_dark = is_dark,
    .font_px = font_px,
    .device_scale = 1,
    .background = is_dark ? RGB (0x1d1d20) : RGB (0xf6f5f4),
    .card = is_dark ? RGB (0x27272b) : RGB (0xffffff),
    .foreground = is_dark ? RGB (0xeeeeec) : RGB (0x2a2e33),
    .muted = is_dark ? RGB (0xa6a9b0) : RGB (0x676c75),
    .grid = is_dark ? RGB (0x3d3d43) : RGB (0xe6e7ea),
    .accent = is_dark ? RGB (0x78aeed) : RGB (0x1c71d8),
  };
}

KinColor
kin_color_mix (KinColor a, KinColor b, double share_of_b)
{
  double s = CLAMP (share_of_b, 0, 1);

  return (KinColor){ a.r + s * (b.r - a.r), a.g + s * (b.g - a.g), a.b + s * (b.b - a.b), a.a + s * (b.a - a.a) };
}

KinColor
kin_color_with_alpha (KinColor color, double alpha)
{
  color.a = alpha;
  return color;
}

void
kin_plot_set_color (cairo_t *cr, KinColor color)
{
  cairo_set_source_rgba (cr, color.r, color.g, color.b, color.a);
}

KinColor
kin_plot_class_color (const KinPlotStyle *style, guint class_index)
{
  static const guint32 light[KIN_N_CLASS_COLORS]
      = { 0x0072b2, 0xe69f00, 0x009e73, 0xd55e00, 0xcc79a7, 0x56b4e9, 0x8c7a00, 0x595959 };
  static const guint32 dark[KIN_N_CLASS_COLORS]
      = { 0x2f8fd6, 0xf0ae2b, 0x19b88c, 0xea6a1a, 0xd98bb8, 0x8cd0f5, 0xc9b83a, 0xb5b5b5 };
  guint32 hex = (style->is_dark ? dark : light)[class_index % KIN_N_CLASS_COLORS];

  return RGB (hex);
}

KinMarker
kin_plot_class_marker (guint class_index)
{
  return class_index / KIN_N_CLASS_COLORS % KIN_N_MARKERS;
}

/* @fraction of the way along @n evenly spaced colours. */
static KinColor
color_along (const guint32 *stops, guint n, double fraction)
{
  double at = CLAMP (fraction, 0, 1) * (n - 1);
  guint stop = MIN ((guint) at, n - 2);

  return kin_color_mix (RGB (stops[stop]), RGB (stops[stop + 1]), at - stop);
}

KinColor
kin_plot_diverging_color (const KinPlotStyle *style, double value)
{
  static const guint32 light[] = { 0x2166ac, 0x5a9cc9, 0xa9cfe5, 0xf7f7f7, 0xf6b799, 0xd9634f, 0xb2182b };
  static const guint32 dark[] = { 0x8cc8ff, 0x4b8fd0, 0x33567c, 0x2e2e33, 0x7d3a3d, 0xcf5a50, 0xff9a82 };

  if (isnan (value))
    return style->grid;
  return color_along (style->is_dark ? dark : light, G_N_ELEMENTS (light), (value + 1) / 2);
}

KinColor
kin_plot_sequential_color (double fraction)
{
  static const guint32 viridis[]
      = { 0x440154, 0x482878, 0x3e4989, 0x31688e, 0x26828e, 0x1f9e89, 0x35b779, 0x6ece58, 0xb5de2b, 0xfde725 };

  return color_along (viridis, G_N_ELEMENTS (viridis), isnan (fraction) ? 0 : fraction);
}

KinColor
kin_plot_circular_color (double turn)
{
  static const guint32 wheel[] = { 0xe53935, 0xd9b310, 0x43a832, 0x12a9a9, 0x3560e0, 0xc238c2, 0xe53935 };

  return color_along (wheel, G_N_ELEMENTS (wheel), isfinite (turn) ? turn - floor (turn) : 0);
}

static void
polygon (cairo_t *cr, double x, double y, double radius, guint corners, double first_angle)
{
  for (guint i = 0; i < corners; i++)
    {
      double angle = first_angle + 2 * G_PI * i / corners;

      cairo_line_to (cr, x + radius * cos (angle), y + radius * sin (angle));
    }
  cairo_close_path (cr);
}

static void
stroke_bars (cairo_t *cr, double x, double y, double radius, guint bars, double first_angle)
{
  for (guint i = 0; i < bars; i++)
    {
      double angle = first_angle + G_PI * i / bars;

      cairo_move_to (cr, x - radius * cos (angle), y - radius * sin (angle));
      cairo_line_to (cr, x + radius * cos (angle), y + radius * sin (angle));
    }
  cairo_set_line_width (cr, radius * 0.7);
  cairo_stroke (cr);
}

void
kin_plot_paint_marker (cairo_t *cr, KinMarker marker, KinColor color, double x, double y, double radius)
{
  cairo_save (cr);
  cairo_new_path (cr);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_BUTT);
  kin_plot_set_color (cr, color);
  switch (marker)
    {
    case KIN_MARKER_DISC:
    case KIN_N_MARKERS:
      cairo_arc (cr, x, y, radius, 0, 2 * G_PI);
      cairo_fill (cr);
      break;
    case KIN_MARKER_SQUARE:
      polygon (cr, x, y, radius * 1.25, 4, G_PI / 4);
      cairo_fill (cr);
      break;
    case KIN_MARKER_TRIANGLE:
      polygon (cr, x, y, radius * 1.3, 3, -G_PI / 2);
      cairo_fill (cr);
      break;
    case KIN_MARKER_DIAMOND:
      polygon (cr, x, y, radius * 1.25, 4, 0);
      cairo_fill (cr);
      break;
    case KIN_MARKER_PLUS:
      stroke_bars (cr, x, y, radius * 1.15, 2, 0);
      break;
    case KIN_MARKER_CROSS:
      stroke_bars (cr, x, y, radius * 1.15, 2, G_PI / 4);
      break;
    case KIN_MARKER_RING:
      cairo_arc (cr, x, y, radius * 0.8, 0, 2 * G_PI);
      cairo_set_line_width (cr, radius * 0.5);
      cairo_stroke (cr);
      break;
    case KIN_MARKER_BAR:
      stroke_bars (cr, x, y, radius * 1.15, 1, G_PI / 2);
      break;
    }
  cairo_restore (cr);
}

static double
kind_size_px (const KinPlotStyle *style, KinTextKind kind)
{
  switch (kind)
    {
    case KIN_TEXT_NORMAL:
    case KIN_TEXT_BOLD:
      return style->font_px;
    case KIN_TEXT_SMALL:
    case KIN_TEXT_SMALL_BOLD:
      return style->font_px * 0.85;
    case KIN_TEXT_LARGE:
      return style->font_px * 1.25;
    }
  return style->font_px;
}

static PangoLayout *
layout_new (cairo_t *cr, const KinPlotStyle *style, KinTextKind kind, const char *text)
{
  PangoLayout *layout = pango_cairo_create_layout (cr);
  PangoFontDescription *font = pango_font_description_from_string (FONT_FAMILY);
  gboolean is_bold = kind == KIN_TEXT_BOLD || kind == KIN_TEXT_SMALL_BOLD || kind == KIN_TEXT_LARGE;
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  pango_font_description_set_absolute_size (font, kind_size_px (style, kind) * PANGO_SCALE);
  if (is_bold)
    pango_font_description_set_weight (font, PANGO_WEIGHT_BOLD);
  /* Else widths are rounded to whole px at scale 1, and a sheet of scale 2 breaks and shortens differently. */
  pango_context_set_round_glyph_positions (pango_layout_get_context (layout), FALSE);
  pango_layout_set_font_description (layout, font);
  pango_font_description_free (font);
  pango_layout_set_text (layout, valid, -1);
  return layout;
}

static void
layout_size (PangoLayout *layout, double *width, double *height)
{
  PangoRectangle logical;

  pango_layout_get_extents (layout, NULL, &logical);
  *width = logical.width / (double) PANGO_SCALE;
  *height = logical.height / (double) PANGO_SCALE;
}

static void
show_at (cairo_t *cr, PangoLayout *layout, KinColor color, double x, double y)
{
  kin_plot_set_color (cr, color);
  cairo_move_to (cr, x, y);
  pango_cairo_show_layout (cr, layout);
  cairo_new_path (cr);
}

double
kin_plot_text (cairo_t *cr, const KinPlotStyle *style, KinTextKind kind, KinColor color, double x, double y,
               double x_align, double y_align, double max_width, const char *text)
{
  g_autoptr (PangoLayout) layout = layout_new (cr, style, kind, text);
  double width, height;

  pango_layout_set_single_paragraph_mode (layout, TRUE);
  layout_size (layout, &width, &height);
  if (max_width > 0 && width > max_width)
    {
      pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_MIDDLE);
      pango_layout_set_width (layout, max_width * PANGO_SCALE);
      layout_size (layout, &width, &height);
    }
  show_at (cr, layout, color, x - x_align * width, y - y_align * height);
  return width;
}

void
kin_plot_text_size (cairo_t *cr, const KinPlotStyle *style, KinTextKind kind, const char *text, double *width,
                    double *height)
{
  g_autoptr (PangoLayout) layout = layout_new (cr, style, kind, text);

  pango_layout_set_single_paragraph_mode (layout, TRUE);
  layout_size (layout, width, height);
}

static PangoLayout *
paragraph_new (cairo_t *cr, const KinPlotStyle *style, KinTextKind kind, double width, const char *text)
{
  PangoLayout *layout = layout_new (cr, style, kind, text);

  pango_layout_set_width (layout, MAX (width, 1) * PANGO_SCALE);
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_alignment (layout, PANGO_ALIGN_CENTER);
  return layout;
}

double
kin_plot_lines (cairo_t *cr, const KinPlotStyle *style, KinTextKind kind, KinColor color, double x, double y,
                double width, guint most_lines, const char *text)
{
  g_autoptr (PangoLayout) layout = layout_new (cr, style, kind, text);
  double text_width, text_height;

  pango_layout_set_width (layout, MAX (width, 1) * PANGO_SCALE);
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  pango_layout_set_height (layout, -(int) MAX (most_lines, 1));
  layout_size (layout, &text_width, &text_height);
  show_at (cr, layout, color, x, y);
  return text_height;
}

void
kin_plot_message (cairo_t *cr, const KinPlotStyle *style, double width, double height, const char *title,
                  const char *detail)
{
  double em = style->font_px, column = MIN (width - em, 26 * em), gap = 0.3 * em;
  g_autoptr (PangoLayout) head = paragraph_new (cr, style, KIN_TEXT_BOLD, column, title);
  g_autoptr (PangoLayout) body = paragraph_new (cr, style, KIN_TEXT_SMALL, column, detail == NULL ? "" : detail);
  double head_width, head_height, body_width, body_height, top;
  gboolean has_body;

  layout_size (head, &head_width, &head_height);
  layout_size (body, &body_width, &body_height);
  has_body = detail != NULL && head_height + gap + body_height <= height;
  top = MAX ((height - head_height - (has_body ? gap + body_height : 0)) / 2, 0);
  show_at (cr, head, style->foreground, (width - column) / 2, top);
  if (has_body)
    show_at (cr, body, style->muted, (width - column) / 2, top + head_height + gap);
}

cairo_surface_t *
kin_plot_image_surface (const guint8 *pixels, guint size, guint channels)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, size, size);
  guint8 *data = cairo_image_surface_get_data (surface);
  int stride = cairo_image_surface_get_stride (surface);
  guint green = channels == 3 ? 1 : 0, blue = channels == 3 ? 2 : 0;

  if (data == NULL)
    return surface;
  for (guint y = 0; y < size; y++)
    {
      guint32 *row = (guint32 *) (data + (gsize) y * stride);

      for (guint x = 0; x < size; x++)
        {
          const guint8 *p = pixels + ((gsize) y * size + x) * channels;

          row[x] = 0xff000000u | (guint32) p[0] << 16 | (guint32) p[green] << 8 | p[blue];
        }
    }
  cairo_surface_mark_dirty (surface);
  return surface;
}

gboolean
kin_plot_is_page (cairo_t *cr)
{
  cairo_surface_type_t type = cairo_surface_get_type (cairo_get_group_target (cr));

  return type == CAIRO_SURFACE_TYPE_SVG || type == CAIRO_SURFACE_TYPE_PDF || type == CAIRO_SURFACE_TYPE_PS;
}

#define PAGE_IMAGE_SIDE 1024 /* px, about; enough for its pixels to have edges in print */

/* Every pixel @factor × @factor times. */
static cairo_surface_t *
enlarge (cairo_surface_t *image, int factor)
{
  int side = cairo_image_surface_get_width (image) * factor;
  cairo_surface_t *large = cairo_image_surface_create (CAIRO_FORMAT_RGB24, side, side);
  cairo_t *cr = cairo_create (large);

  cairo_scale (cr, factor, factor);
  cairo_set_source_surface (cr, image, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_NEAREST);
  cairo_paint (cr);
  cairo_destroy (cr);
  return large;
}

static void
paint_scaled (cairo_t *cr, cairo_surface_t *image, double x, double y, double side, cairo_filter_t filter)
{
  int size = cairo_image_surface_get_width (image);

  cairo_save (cr);
  cairo_translate (cr, x, y);
  cairo_rectangle (cr, 0, 0, side, side);
  cairo_scale (cr, side / size, side / size);
  cairo_set_source_surface (cr, image, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr), filter);
  /* Else the smoothing of a reduced picture takes in the nothing around it, and its border fades. */
  cairo_pattern_set_extend (cairo_get_source (cr), CAIRO_EXTEND_PAD);
  cairo_fill (cr);
  cairo_restore (cr);
}

void
kin_plot_paint_image (cairo_t *cr, cairo_surface_t *image, double x, double y, double side)
{
  int size = cairo_image_surface_get_width (image);
  double device_x = side, device_y = 0;

  if (size <= 0 || !(side > 0))
    return;
  if (kin_plot_is_page (cr))
    {
      /* Viewers of SVG and PDF smooth what they enlarge, whatever the file asks for: enlarged here, pixels stay pixels. */
      cairo_surface_t *large = enlarge (image, CLAMP (MIN (PAGE_IMAGE_SIDE, 4 * (int) side) / size, 1, 16));

      paint_scaled (cr, large, x, y, side, CAIRO_FILTER_NEAREST);
      cairo_surface_destroy (large);
      return;
    }
  cairo_user_to_device_distance (cr, &device_x, &device_y);
  paint_scaled (cr, image, x, y, side, fabs (device_x) < size ? CAIRO_FILTER_GOOD : CAIRO_FILTER_NEAREST);
}
