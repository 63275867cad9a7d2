#include "ui/plot/map-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "ui/plot/axis.h"

static void
draw_classes (cairo_t *cr, const KinMapData *data, const KinPlotStyle *style, const KinMapLegend *legend,
              const KinMapFrame *frame)
{
  guint n = data->dataset->n_classes;
  g_autofree guint *counts = g_new0 (guint, n);
  double em = style->font_px, right = legend->x + frame->legend_width - em * 0.9;

  for (guint row = 0; row < data->n; row++)
    {
      int c = kin_map_class_of (data, row);

      if (c >= 0 && c < (int) n)
        counts[c]++;
    }
  for (guint c = 0; c < legend->n_shown; c++)
    {
      double y = legend->y + (c + 0.5) * legend->line_height, count_width;
      double alpha = data->highlighted_class >= 0 && data->highlighted_class != (int) c ? 0.35 : 1;
      g_autofree char *count = g_strdup_printf ("%u", counts[c]);

      kin_plot_paint_marker (cr, kin_plot_class_marker (c),
                             kin_color_with_alpha (kin_plot_class_color (style, c), alpha), legend->x + em * 0.4, y,
                             em * 0.36);
      count_width = kin_plot_text (cr, style, KIN_TEXT_SMALL, kin_color_with_alpha (style->muted, alpha), right, y, 1,
                                   0.5, 0, count);
      kin_plot_text (cr, style, KIN_TEXT_SMALL, kin_color_with_alpha (style->foreground, alpha), legend->x + em * 1.2, y,
                     0, 0.5, right - count_width - legend->x - em * 1.6, data->dataset->class_names[c]);
    }
  if (legend->n_shown < n)
    {
      g_autofree char *more = g_strdup_printf (_("and %u more"), n - legend->n_shown);

      kin_plot_text (cr, style, KIN_TEXT_SMALL, style->muted, legend->x + em * 1.2,
                     legend->y + (legend->n_shown + 0.5) * legend->line_height, 0, 0.5, frame->legend_width - em * 1.6,
                     more);
    }
}

static char *
format_value (const KinFactor *factor, double value)
{
  double range = (double) factor->max - factor->min;
  g_autofree char *number = kin_axis_format (value, range >= 20 ? 1 : range >= 2 ? 0.1 : 0.01);
  gboolean is_close = g_str_equal (factor->unit, "°");

  return factor->unit[0] == 0 ? g_strdup (number) : g_strconcat (number, is_close ? "" : " ", factor->unit, NULL);
}

static void
draw_bar (cairo_t *cr, const KinFactor *factor, const KinPlotStyle *style, double x, double y, double height,
          double text_width)
{
  double em = style->font_px;
  cairo_pattern_t *gradient = cairo_pattern_create_linear (0, y + height, 0, y);

  for (guint i = 0; i <= 24; i++)
    {
      KinColor color = kin_plot_sequential_color (i / 24.0);

      cairo_pattern_add_color_stop_rgb (gradient, i / 24.0, color.r, color.g, color.b);
    }
  cairo_rectangle (cr, x, y, em * 0.9, height);
  cairo_set_source (cr, gradient);
  cairo_fill (cr);
  cairo_pattern_destroy (gradient);
  for (guint i = 0; i <= 2; i++)
    {
      g_autofree char *text = format_value (factor, factor->min + (factor->max - factor->min) * i / 2);

      kin_plot_text (cr, style, KIN_TEXT_SMALL, style->muted, x + em * 1.3, y + height * (1 - i / 2.0), 0, 1 - i / 2.0,
                     text_width - em * 1.3, text);
    }
}

/* A ring, anticlockwise from the right, as angles are drawn. */
static void
draw_wheel (cairo_t *cr, const KinFactor *factor, const KinPlotStyle *style, double x, double y, double width)
{
  enum { SEGMENTS = 72 };
  double em = style->font_px, radius = MIN (2 * em, MAX ((width - 5 * em) / 2, em)), center_x = x + width / 2;
  double center_y = y + radius + em * 1.9;

  cairo_save (cr);
  cairo_set_line_width (cr, em * 0.75);
  for (guint i = 0; i < SEGMENTS; i++)
    {
      double from = -2 * G_PI * i / SEGMENTS, to = -2 * G_PI * (i + 1.15) / SEGMENTS;

      kin_plot_set_color (cr, kin_plot_circular_color ((i + 0.5) / SEGMENTS));
      cairo_arc_negative (cr, center_x, center_y, radius, from, to);
      cairo_stroke (cr);
    }
  cairo_restore (cr);
  for (guint i = 0; i < 4; i++)
    {
      double angle = i * G_PI / 2, away = radius + em * 0.65;
      g_autofree char *text = kin_axis_format (factor->min + (factor->max - factor->min) * i / 4, 0);

      kin_plot_text (cr, style, KIN_TEXT_SMALL, style->muted, center_x + away * cos (angle),
                     center_y - away * sin (angle), 0.5 - 0.5 * cos (angle), 0.5 + 0.5 * sin (angle), 0, text);
    }
}

static void
draw_factor (cairo_t *cr, const KinMapData *data, const KinPlotStyle *style, const KinMapFrame *frame)
{
  const KinFactor *factor = &data->dataset->factors[data->factor];
  double em = style->font_px, x = frame->legend_x, width = frame->legend_width - em * 0.9;
  g_autofree char *title = factor->unit[0] == 0 ? g_strdup (factor->name)
                                                : g_strdup_printf ("%s, %s", factor->name, factor->unit);

  kin_plot_text (cr, style, KIN_TEXT_SMALL_BOLD, style->foreground, x, frame->y, 0, 0, width, title);
  if (factor->is_circular)
    draw_wheel (cr, factor, style, x, frame->y + em * 1.4, width);
  else
    draw_bar (cr, factor, style, x, frame->y + em * 1.8, MIN (frame->height - em * 2.4, 12 * em), width);
}

void
kin_map_draw_legend (cairo_t *cr, const KinMapData *data, const KinPlotStyle *style, double width, double height)
{
  KinMapFrame frame = kin_map_frame (data, style, width, height);
  KinMapLegend legend;

  if (!(frame.legend_width > 0))
    return;
  if (kin_map_legend (data, style, width, height, &legend))
    draw_classes (cr, data, style, &legend, &frame);
  else if (kin_map_effective_coloring (data) == KIN_MAP_COLOR_FACTOR)
    draw_factor (cr, data, style, &frame);
}
