#pragma once

#include <cairo.h>
#include <glib.h>

G_BEGIN_DECLS

/* sRGB with straight alpha, each in [0, 1]. */
typedef struct
{
  double r, g, b, a;
} KinColor;

/**
 * KinPlotStyle:
 *
 * How every plot looks. A plain value: kin_plot_style_init() fills it, and any member may be changed afterwards.
 */
typedef struct
{
  gboolean is_dark;
  double font_px;      /* ordinary text; margins, marks and line widths follow it */
  double device_scale; /* device pixels a px, for the parts that are drawn as pixels (dots) */
  KinColor background; /* of the window and of an exported sheet */
  KinColor card;       /* what a plot is drawn on */
  KinColor foreground, muted, grid, accent;
} KinPlotStyle;

/**
 * kin_plot_style_init:
 * @font_px: size of ordinary text, px; 13 in a window, 20 or so for a projector
 */
void kin_plot_style_init (KinPlotStyle *style, gboolean is_dark, double font_px);

/* Shapes that a dot may have, so that a class is never told by colour alone when there are more than colours. */
typedef enum
{
  KIN_MARKER_DISC,
  KIN_MARKER_SQUARE,
  KIN_MARKER_TRIANGLE,
  KIN_MARKER_DIAMOND,
  KIN_MARKER_PLUS,
  KIN_MARKER_CROSS,
  KIN_MARKER_RING,
  KIN_MARKER_BAR,
  KIN_N_MARKERS,
} KinMarker;

#define KIN_N_CLASS_COLORS 8

/**
 * kin_plot_class_color:
 *
 * Okabe and Ito's palette for all kinds of colour vision, with its yellow and black replaced by tones that are seen on a
 * light and on a dark card. Repeats after KIN_N_CLASS_COLORS; kin_plot_class_marker() changes then.
 *
 * Source: Okabe & Ito 2008, "Color Universal Design".
 */
KinColor kin_plot_class_color (const KinPlotStyle *style, guint class_index);
KinMarker kin_plot_class_marker (guint class_index);

/**
 * kin_plot_diverging_color:
 * @value: clamped to [-1, 1]; not a number gives the grid colour
 *
 * Blue at -1, the card's own tone at 0, red at +1; lightness falls (in dark: rises) evenly to both sides.
 */
KinColor kin_plot_diverging_color (const KinPlotStyle *style, double value);

/**
 * kin_plot_sequential_color:
 * @fraction: clamped to [0, 1]
 *
 * Viridis: even steps in lightness, safe for all kinds of colour vision. Source: Smith & van der Walt 2015 (CC0).
 */
KinColor kin_plot_sequential_color (double fraction);

/**
 * kin_plot_circular_color:
 * @turn: any number; whole turns are dropped
 *
 * The hue wheel: 0 red, 1/3 green, 2/3 blue.
 */
KinColor kin_plot_circular_color (double turn);

KinColor kin_color_mix (KinColor a, KinColor b, double share_of_b);
KinColor kin_color_with_alpha (KinColor color, double alpha);
void kin_plot_set_color (cairo_t *cr, KinColor color);

/* The outline of @marker around (@x, @y) as a path; kin_plot_paint_marker() fills it, or strokes those that are lines. */
void kin_plot_paint_marker (cairo_t *cr, KinMarker marker, KinColor color, double x, double y, double radius);

typedef enum
{
  KIN_TEXT_NORMAL,
  KIN_TEXT_BOLD,
  KIN_TEXT_SMALL,
  KIN_TEXT_SMALL_BOLD,
  KIN_TEXT_LARGE,
} KinTextKind;

/**
 * kin_plot_text:
 * @x_align: 0: text begins at @x; 0.5: is centred there; 1: ends there
 * @y_align: the same for the line's height
 * @max_width: px, text is shortened in the middle of it with "…"; 0 or less for no limit
 *
 * One line of text. Invalid UTF-8 (a file's name) is shown with replacement characters.
 *
 * Returns: the width that was drawn, px
 */
double kin_plot_text (cairo_t *cr, const KinPlotStyle *style, KinTextKind kind, KinColor color, double x, double y,
                      double x_align, double y_align, double max_width, const char *text);
void kin_plot_text_size (cairo_t *cr, const KinPlotStyle *style, KinTextKind kind, const char *text, double *width,
                         double *height);

/* Lines broken at @width from (@x, @y) on, @most_lines at most, the last one shortened. Returns: the height, px */
double kin_plot_lines (cairo_t *cr, const KinPlotStyle *style, KinTextKind kind, KinColor color, double x, double y,
                       double width, guint most_lines, const char *text);

/**
 * kin_plot_message:
 * @detail: (nullable)
 *
 * What a plot says that has nothing to show yet, centred. The detail is left out where it does not fit.
 */
void kin_plot_message (cairo_t *cr, const KinPlotStyle *style, double width, double height, const char *title,
                       const char *detail);

/**
 * kin_plot_image_surface:
 * @pixels: (size, size, channels), 1 or 3 channels
 *
 * Returns: (transfer full): the image as it is; kin_plot_paint_image() draws it at any size: enlarged pixels are not
 *   smoothed, reduced ones are averaged
 */
cairo_surface_t *kin_plot_image_surface (const guint8 *pixels, guint size, guint channels);
void kin_plot_paint_image (cairo_t *cr, cairo_surface_t *image, double x, double y, double side);

/* Whether @cr draws on a page of shapes (SVG, PDF, PostScript) rather than on pixels. */
gboolean kin_plot_is_page (cairo_t *cr);

G_END_DECLS
