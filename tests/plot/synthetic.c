#include "synthetic.h"

#include <math.h>
#include <string.h>

static double
uniform (guint32 *state)
{
  *state = *state * 1664525u + 1013904223u;
  return (*state >> 8) / 16777216.0;
}

/* Irwin and Hall's sum: near enough to normal for a heap of points. */
static double
normal (guint32 *state)
{
  double sum = -6;

  for (guint i = 0; i < 12; i++)
    sum += uniform (state);
  return sum;
}

static KinFactor
factor_new (const char *name, const char *unit, double min, double max, gboolean is_circular, guint n, guint32 *state)
{
  KinFactor factor = { g_strdup (name), g_strdup (unit), min, max, is_circular, g_new (float, n) };

  for (guint i = 0; i < n; i++)
    factor.values[i] = min + (max - min) * uniform (state);
  return factor;
}

KinDataset *
synthetic_dataset (guint n, guint size, guint channels, guint n_classes)
{
  KinDataset *dataset = g_atomic_rc_box_new0 (KinDataset);
  gsize image = (gsize) size * size * channels;
  guint32 state = 1;

  dataset->name = g_strdup ("synthetic");
  dataset->source = g_strdup ("shapes");
  dataset->n_images = n;
  dataset->size = size;
  dataset->channels = channels;
  dataset->pixels = g_malloc (n * image);
  for (gsize i = 0; i < n * image; i++)
    dataset->pixels[i] = (i / image * 37 + i % channels * 90 + i % size) & 255;
  if (n_classes > 0)
    {
      dataset->n_classes = n_classes;
      dataset->class_names = g_new0 (char *, n_classes + 1);
      dataset->labels = g_new (gint16, n);
      for (guint c = 0; c < n_classes; c++)
        dataset->class_names[c] = g_strdup_printf ("class %u", c);
      for (guint i = 0; i < n; i++)
        dataset->labels[i] = i % n_classes;
    }
  dataset->n_factors = 2;
  dataset->factors = g_new0 (KinFactor, 2);
  dataset->factors[0] = factor_new ("size", "px", 10, 20, FALSE, n, &state);
  dataset->factors[1] = factor_new ("hue", "turn", 0, 1, TRUE, n, &state);
  dataset->n_train = n - n / 4;
  dataset->n_test = n / 4;
  dataset->train_ids = g_new (guint32, n);
  dataset->test_ids = g_new (guint32, n);
  for (guint i = 0; i < n; i++)
    if (i < dataset->n_train)
      dataset->train_ids[i] = i;
    else
      dataset->test_ids[i - dataset->n_train] = i;
  return dataset;
}

KinHistory *
synthetic_history (guint epochs, guint steps_per_epoch)
{
  KinHistory *history = kin_history_new ();
  guint32 state = 2;

  for (guint step = 1; step <= epochs * steps_per_epoch; step++)
    {
      double t = step / (double) steps_per_epoch;
      KinSample sample = {
        .step = step,
        .epoch = t,
        .loss = 2.7 + 2.1 * exp (-t / 3) + 0.1 * normal (&state),
        .chance = log (127),
        .top1 = 1 - 0.95 * exp (-t / 4),
        .learning_rate = 2e-3 * (1 - t / (epochs + 1)),
        .gradient_norm = 0.4 + 2 * exp (-t),
      };

      g_array_append_val (history->samples, sample);
    }
  for (guint epoch = 0; epoch <= epochs; epoch++)
    {
      double t = 1 - exp (-(double) epoch / 4);
      KinEvaluation evaluation = {
        .step = epoch * steps_per_epoch, .epoch = epoch,
        .loss = epoch == 0 ? NAN : 4.8 - 2.1 * t,
        .chance = log (127), .knn = 0.45 + 0.46 * t, .knn_test = 0.44 + 0.42 * t,
        .knn_pixels = 0.72, .knn_random = 0.45, .chance_label = 0.125,
        .alignment = 1.2 - t, .uniformity = -0.4 - 2.8 * t, .effective_rank = 8 + 40 * t,
        .std = 0.06 + 0.06 * t, .std_full = 0.125, .gradient_norm = 0.4,
        .top1 = 0.9 * t, .pairs_per_s = 800, .train_seconds = 10.0 * epoch,
      };

      g_array_append_val (history->evaluations, evaluation);
    }
  return history;
}

KinSimilarity *
synthetic_similarity (guint N, guint n_images)
{
  enum { D = 6 };
  KinSimilarity *similarity = kin_similarity_new (N);
  guint rows = 2 * N;
  g_autofree double *z = g_new (double, (gsize) rows * D);
  guint32 state = 3;

  similarity->N_batch = N;
  similarity->step = 42;
  similarity->seed = 1;
  similarity->tau = 0.2;
  for (guint n = 0; n < N; n++)
    {
      similarity->ids[n] = (n * 7 + 3) % n_images;
      for (guint d = 0; d < D; d++)
        {
          z[n * D + d] = normal (&state);
          z[(n + N) * D + d] = z[n * D + d] + 0.4 * normal (&state);
        }
    }
  for (guint i = 0; i < rows; i++)
    {
      double sum = 0;

      for (guint j = 0; j < rows; j++)
        {
          double dot = 0, a = 0, b = 0, s;

          for (guint d = 0; d < D; d++)
            {
              dot += z[i * D + d] * z[j * D + d];
              a += z[i * D + d] * z[i * D + d];
              b += z[j * D + d] * z[j * D + d];
            }
          s = dot / sqrt (a * b);
          similarity->cosine[i * rows + j] = s;
          sum += i == j ? 0 : exp (s / similarity->tau);
        }
      similarity->log_sum[i] = log (sum);
    }
  return similarity;
}

KinEmbedding *
synthetic_embedding (const KinDataset *dataset)
{
  guint n = dataset->n_images;
  KinEmbedding *embedding = kin_embedding_new (n, 4);
  guint32 state = 4;

  embedding->map = g_new (float, 2 * (gsize) n);
  embedding->explained = 0.41;
  embedding->epoch = 3;
  for (guint i = 0; i < n; i++)
    {
      double angle = 2 * G_PI * (dataset->n_classes > 0 ? dataset->labels[i] / (double) dataset->n_classes : 0);

      embedding->ids[i] = i;
      embedding->map[2 * i] = 2 * cos (angle) + 0.3 * normal (&state);
      embedding->map[2 * i + 1] = sin (angle) + 0.3 * normal (&state);
    }
  return embedding;
}

Sheet
sheet_new (int width, int height, gboolean is_dark)
{
  Sheet sheet;

  kin_plot_style_init (&sheet.style, is_dark, 13);
  sheet.surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, width, height);
  sheet.cr = cairo_create (sheet.surface);
  kin_plot_set_color (sheet.cr, sheet.style.card);
  cairo_paint (sheet.cr);
  return sheet;
}

void
sheet_check (Sheet *sheet)
{
  g_assert_cmpstr (cairo_status_to_string (cairo_status (sheet->cr)), ==,
                   cairo_status_to_string (CAIRO_STATUS_SUCCESS));
  cairo_surface_flush (sheet->surface);
}

void
sheet_clear (Sheet *sheet)
{
  cairo_destroy (sheet->cr);
  cairo_surface_destroy (sheet->surface);
}

guint32
sheet_pixel (Sheet *sheet, double x, double y)
{
  const guint8 *data = cairo_image_surface_get_data (sheet->surface);
  int column = (int) floor (x), row = (int) floor (y);
  guint32 pixel;

  g_assert_true (column >= 0 && column < cairo_image_surface_get_width (sheet->surface));
  g_assert_true (row >= 0 && row < cairo_image_surface_get_height (sheet->surface));
  memcpy (&pixel, data + (gsize) row * cairo_image_surface_get_stride (sheet->surface) + 4 * (gsize) column,
          sizeof pixel);
  return pixel & 0xffffff;
}

int
color_distance (guint32 pixel, KinColor color)
{
  int r = abs ((int) (pixel >> 16 & 255) - (int) lround (color.r * 255));
  int g = abs ((int) (pixel >> 8 & 255) - (int) lround (color.g * 255));
  int b = abs ((int) (pixel & 255) - (int) lround (color.b * 255));

  return MAX (MAX (r, g), b);
}

guint
sheet_inked (Sheet *sheet)
{
  guint inked = 0;

  for (int y = 0; y < cairo_image_surface_get_height (sheet->surface); y++)
    for (int x = 0; x < cairo_image_surface_get_width (sheet->surface); x++)
      inked += color_distance (sheet_pixel (sheet, x, y), sheet->style.card) > 2;
  return inked;
}
