/* What the colours of the matrix tell, and the key beside it that says so. */

#include <glib/gi18n-lib.h>
#include <math.h>

#include "ui/plot/axis.h"
#include "ui/plot/matrix-private.h"

#define SHADES 511      /* odd, so that 0 has a shade of its own */
#define LOWEST_P 1e-4   /* probabilities below are drawn as it */

const char *
kin_matrix_encoding_help (KinMatrixEncoding encoding)
{
  switch (encoding)
    {
    case KIN_MATRIX_COSINE:
      return _("Cosine s of the two views: red is alike, blue is opposite");
    case KIN_MATRIX_PROBABILITY:
      return _("Softmax probability P, row by row, logarithmic: what the anchor takes for its partner");
    case KIN_MATRIX_GRADIENT:
      return _("Gradient of the anchor's loss, P/τ for a negative, (P − 1)/τ for the positive: red pushes apart, blue pulls "
               "together");
    case KIN_MATRIX_CLASS:
      return _("Which pairs show the same class: such negatives are false ones");
    case KIN_MATRIX_HISTOGRAM:
      return _("How the similarities of positives, of negatives, and of negatives of the same class are spread; dashed: "
               "their means");
    case KIN_N_MATRIX_ENCODINGS:
      break;
    }
  g_assert_not_reached ();
}

/* --- From a number to a place on its scale --- */

/* Cubic roots: a push of a thousandth of the pull is seen still. */
static double
gradient_place (double gradient, double tau)
{
  return cbrt (gradient * tau);
}

static double
probability_place (double p)
{
  return 1 - log10 (fmax (p, LOWEST_P)) / log10 (LOWEST_P);
}

static KinColor
class_color (const KinMatrixData *data, const KinPlotStyle *style, guint row, guint column)
{
  const KinSimilarity *similarity = data->similarity;
  guint a = similarity->ids[row % similarity->N], b = similarity->ids[column % similarity->N];
  const KinDataset *dataset = data->dataset;

  if (a == b)
    return style->foreground;
  if (dataset == NULL || dataset->labels == NULL || a >= dataset->n_images || b >= dataset->n_images)
    return style->grid;
  return dataset->labels[a] == dataset->labels[b] ? kin_plot_class_color (style, 0) : style->grid;
}

KinColor
kin_matrix_cell_color (const KinMatrixData *data, const KinPlotStyle *style, guint row, guint column)
{
  KinCell cell = kin_similarity_cell (data->similarity, row, column);

  switch (data->encoding)
    {
    case KIN_MATRIX_COSINE:
      return kin_plot_diverging_color (style, cell.cosine);
    case KIN_MATRIX_PROBABILITY:
      return isnan (cell.probability) ? style->grid : kin_plot_sequential_color (probability_place (cell.probability));
    case KIN_MATRIX_GRADIENT:
      return kin_plot_diverging_color (style, gradient_place (cell.gradient, data->similarity->tau));
    case KIN_MATRIX_CLASS:
      return class_color (data, style, row, column);
    case KIN_MATRIX_HISTOGRAM:
    case KIN_N_MATRIX_ENCODINGS:
      break;
    }
  g_assert_not_reached ();
}

static guint32
pack (KinColor color)
{
  return 0xff000000u | (guint32) lround (color.r * 255) << 16 | (guint32) lround (color.g * 255) << 8
         | (guint32) lround (color.b * 255);
}

/* The cosines go by a table: this is what is drawn ten times a second. */
static void
fill_cosines (const KinMatrixData *data, const KinPlotStyle *style, const guint32 *row_at, guint rows, guint8 *pixels,
              int stride)
{
  guint32 shades[SHADES], none = pack (kin_plot_diverging_color (style, NAN));

  for (guint i = 0; i < SHADES; i++)
    shades[i] = pack (kin_plot_diverging_color (style, 2.0 * i / (SHADES - 1) - 1));
  for (guint y = 0; y < rows; y++)
    {
      const float *cosines = data->similarity->cosine + (gsize) row_at[y] * rows;
      guint32 *line = (guint32 *) (pixels + (gsize) y * stride);

      for (guint x = 0; x < rows; x++)
        {
          float s = cosines[row_at[x]];

          line[x] = isnan (s) ? none : shades[lround ((CLAMP (s, -1, 1) + 1) * (SHADES - 1) / 2)];
        }
    }
}

cairo_surface_t *
kin_matrix_surface_new (const KinMatrixData *data, const KinPlotStyle *style)
{
  guint rows = data->similarity == NULL ? 0 : 2 * data->similarity->N;
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int) rows, (int) rows);
  guint8 *pixels = cairo_image_surface_get_data (surface);
  int stride = cairo_image_surface_get_stride (surface);
  g_autofree guint32 *row_at = g_new (guint32, rows);

  if (pixels == NULL)
    return surface;
  for (guint place = 0; place < rows; place++)
    row_at[place] = kin_matrix_row_at (data->similarity, data->order, place);
  if (data->encoding == KIN_MATRIX_COSINE)
    fill_cosines (data, style, row_at, rows, pixels, stride);
  else
    for (guint y = 0; y < rows; y++)
      for (guint x = 0; x < rows; x++)
        ((guint32 *) (pixels + (gsize) y * stride))[x]
            = pack (kin_matrix_cell_color (data, style, row_at[y], row_at[x]));
  cairo_surface_mark_dirty (surface);
  return surface;
}

/* --- The key --- */

typedef struct
{
  double place; /* 0 at the bottom of the bar, 1 at its top */
  char text[16];
} Tick;

#define N_TICKS 5

static void
set_tick (Tick *tick, double place, double value, gboolean is_signed)
{
  double unit = fabs (value) >= 10 || value == 0 ? 1 : pow (10, floor (log10 (fabs (value))));
  g_autofree char *number = kin_axis_format (value, unit);

  tick->place = place;
  g_snprintf (tick->text, sizeof tick->text, "%s%s", is_signed && value > 0 ? "+" : "", number);
}

static void
make_ticks (const KinMatrixData *data, Tick ticks[N_TICKS])
{
  static const double cosines[] = { -1, -0.5, 0, 0.5, 1 }, gradients[] = { -1, -0.1, 0, 0.1, 1 };
  double tau = data->similarity->tau;

  for (guint i = 0; i < N_TICKS; i++)
    if (data->encoding == KIN_MATRIX_PROBABILITY)
      set_tick (&ticks[i], i / 4.0, pow (LOWEST_P, 1 - i / 4.0), FALSE);
    else if (data->encoding == KIN_MATRIX_GRADIENT)
      set_tick (&ticks[i], (gradient_place (gradients[i], 1) + 1) / 2, gradients[i] / tau, TRUE);
    else
      set_tick (&ticks[i], (cosines[i] + 1) / 2, cosines[i], TRUE);
}

static void
draw_bar (cairo_t *cr, const KinMatrixData *data, const KinPlotStyle *style, const KinMatrixLayout *layout)
{
  cairo_pattern_t *gradient = cairo_pattern_create_linear (0, layout->y, 0, layout->y + layout->side);
  guint step = layout->side < 7 * style->font_px ? 2 : 1;
  Tick ticks[N_TICKS];

  for (guint i = 0; i <= 24; i++)
    {
      double place = 1 - i / 24.0;
      KinColor color = data->encoding == KIN_MATRIX_PROBABILITY ? kin_plot_sequential_color (place)
                                                                : kin_plot_diverging_color (style, 2 * place - 1);

      cairo_pattern_add_color_stop_rgb (gradient, i / 24.0, color.r, color.g, color.b);
    }
  cairo_rectangle (cr, layout->bar_x, layout->y, layout->bar_width, layout->side);
  cairo_set_source (cr, gradient);
  cairo_fill (cr);
  cairo_pattern_destroy (gradient);
  make_ticks (data, ticks);
  for (guint i = 0; i < N_TICKS; i += step)
    {
      double y = layout->y + layout->side * (1 - ticks[i].place), x = layout->bar_x + layout->bar_width;

      kin_plot_set_color (cr, style->muted);
      cairo_set_line_width (cr, 1);
      cairo_move_to (cr, x, CLAMP (y, layout->y + 0.5, layout->y + layout->side - 0.5));
      cairo_rel_line_to (cr, style->font_px * 0.25, 0);
      cairo_stroke (cr);
      kin_plot_text (cr, style, KIN_TEXT_SMALL, style->muted, x + style->font_px * 0.45, y, 0, 1 - ticks[i].place, 0,
                     ticks[i].text);
    }
}

static void
draw_swatches (cairo_t *cr, const KinPlotStyle *style, const KinMatrixLayout *layout)
{
  const char *const names[] = { _("image"), _("class"), _("other") };
  const KinColor colors[] = { style->foreground, kin_plot_class_color (style, 0), style->grid };
  double em = style->font_px, y = layout->y;

  kin_plot_text (cr, style, KIN_TEXT_SMALL, style->muted, layout->bar_x, y, 0, 0, 0, _("same"));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      y += 1.6 * em;
      cairo_rectangle (cr, layout->bar_x, y, layout->bar_width, layout->bar_width);
      kin_plot_set_color (cr, colors[i]);
      cairo_fill (cr);
      kin_plot_text (cr, style, KIN_TEXT_SMALL, style->muted, layout->bar_x + layout->bar_width + em * 0.3,
                     y + layout->bar_width / 2, 0, 0.5, 0, names[i]);
    }
}

void
kin_matrix_draw_key (cairo_t *cr, const KinMatrixData *data, const KinPlotStyle *style, const KinMatrixLayout *layout)
{
  if (data->encoding == KIN_MATRIX_CLASS)
    draw_swatches (cr, style, layout);
  else
    draw_bar (cr, data, style, layout);
}
