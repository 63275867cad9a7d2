#include "ui/tip.h"

#include <math.h>
#include <stdarg.h>

/* The same in light and dark: a note lies above the picture, whatever its colours are. */
static const KinColor ground = { .12, .125, .15, .95 };
static const KinColor edge = { .95, .95, .96, .25 };
static const KinColor ink = { .95, .95, .96, 1 };
static const KinColor soft = { .95, .95, .96, .68 };
static const KinColor strong_ink = { 1, .78, .36, 1 };

void
kin_tip_add (KinTip *tip, const char *name, const char *format, ...)
{
  va_list args;

  g_return_if_fail (tip->n_facts < KIN_TIP_FACTS);
  tip->names[tip->n_facts] = name;
  va_start (args, format);
  g_vsnprintf (tip->values[tip->n_facts], sizeof tip->values[0], format, args);
  va_end (args);
  tip->n_facts++;
}

typedef struct
{
  double side, line, pad, gap; /* of a picture, of a line of text, around, between; px */
  double names, values, text;  /* widths, px */
  double width, height;
} Measures;

static double
text_width (cairo_t *cr, const KinPlotStyle *style, KinTextKind kind, const char *text)
{
  double width = 0, height = 0;

  if (*text != '\0')
    kin_plot_text_size (cr, style, kind, text, &width, &height);
  return width;
}

static Measures
measure (cairo_t *cr, const KinTip *tip, const KinPlotStyle *style)
{
  Measures m = { .side = round (4 * style->font_px), .line = round (1.45 * style->font_px), .pad = 10, .gap = 8 };
  double pictures = tip->n_pictures * (m.side + m.gap);
  double facts, rows;

  for (guint i = 0; i < tip->n_facts; i++)
    {
      m.names = MAX (m.names, text_width (cr, style, KIN_TEXT_NORMAL, tip->names[i]));
      m.values = MAX (m.values, text_width (cr, style, KIN_TEXT_NORMAL, tip->values[i]));
    }
  m.text = MAX (text_width (cr, style, KIN_TEXT_NORMAL, tip->text), text_width (cr, style, KIN_TEXT_BOLD, tip->strong));
  facts = tip->n_facts == 0 ? 0 : m.names + m.gap + m.values;
  rows = MAX (tip->n_pictures > 0 ? m.side : 0, tip->n_facts * m.line);
  m.width = 2 * m.pad + MAX (m.text, facts > 0 ? pictures + facts : MAX (pictures - m.gap, 0));
  m.height = 2 * m.pad + rows;
  if (*tip->text != '\0')
    m.height += m.line + (rows > 0 ? 4 : 0);
  if (*tip->strong != '\0')
    m.height += m.line;
  return m;
}

static void
round_rectangle (cairo_t *cr, double x, double y, double width, double height, double radius)
{
  cairo_new_sub_path (cr);
  cairo_arc (cr, x + width - radius, y + radius, radius, -G_PI_2, 0);
  cairo_arc (cr, x + width - radius, y + height - radius, radius, 0, G_PI_2);
  cairo_arc (cr, x + radius, y + height - radius, radius, G_PI_2, G_PI);
  cairo_arc (cr, x + radius, y + radius, radius, G_PI, 3 * G_PI_2);
  cairo_close_path (cr);
}

static void
draw_inside (cairo_t *cr, const KinTip *tip, const KinPlotStyle *style, const Measures *m, double x, double y)
{
  double top = y + m->pad, left = x + m->pad, rows;

  for (guint i = 0; i < tip->n_pictures; i++)
    if (tip->pictures[i] != NULL)
      kin_plot_paint_image (cr, tip->pictures[i], left + i * (m->side + m->gap), top, m->side);
  left += tip->n_pictures * (m->side + m->gap);
  for (guint i = 0; i < tip->n_facts; i++)
    {
      double line = top + i * m->line;

      kin_plot_text (cr, style, KIN_TEXT_NORMAL, soft, left, line, 0, 0, 0, tip->names[i]);
      kin_plot_text (cr, style, KIN_TEXT_NORMAL, ink, x + m->width - m->pad, line, 1, 0, 0, tip->values[i]);
    }
  rows = MAX (tip->n_pictures > 0 ? m->side : 0, tip->n_facts * m->line);
  top += rows + (rows > 0 ? 4 : 0);
  if (*tip->text != '\0')
    {
      kin_plot_text (cr, style, KIN_TEXT_NORMAL, ink, x + m->pad, top, 0, 0, 0, tip->text);
      top += m->line;
    }
  if (*tip->strong != '\0')
    kin_plot_text (cr, style, KIN_TEXT_BOLD, strong_ink, x + m->pad, top, 0, 0, 0, tip->strong);
}

void
kin_tip_draw (cairo_t *cr, const KinTip *tip, const KinPlotStyle *style, double x, double y, double clearance,
              double width, double height)
{
  Measures m = measure (cr, tip, style);
  double left = x + clearance, top = y + clearance;

  if (left + m.width > width)
    left = x - clearance - m.width;
  if (top + m.height > height)
    top = y - clearance - m.height;
  left = round (CLAMP (left, 0, MAX (width - m.width, 0)));
  top = round (CLAMP (top, 0, MAX (height - m.height, 0)));
  round_rectangle (cr, left, top, m.width, m.height, 8);
  kin_plot_set_color (cr, ground);
  cairo_fill_preserve (cr);
  kin_plot_set_color (cr, edge);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
  draw_inside (cr, tip, style, &m, left, top);
}
