#include "engine/data/image.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "engine/data/image-file.h"
#include "engine/data/png.h"

void
kin_image_clear (KinImage *image)
{
  g_clear_pointer (&image->pixels, g_free);
}

gboolean
kin_image_check_size (guint64 width, guint64 height, GError **error)
{
  if (width == 0 || height == 0)
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_FORMAT,
                   _("its header says %" G_GUINT64_FORMAT " × %" G_GUINT64_FORMAT " px; a side must be at least 1"),
                   width, height);
      return FALSE;
    }
  if (width > KIN_IMAGE_PIXELS_MAX / height)
    {
      g_set_error (
          error, KIN_ERROR, KIN_ERROR_TOO_LARGE,
          _("its header says %" G_GUINT64_FORMAT " × %" G_GUINT64_FORMAT " px; the limit is %d million pixels"), width,
          height, KIN_IMAGE_PIXELS_MAX / 1000000);
      return FALSE;
    }
  return TRUE;
}

gboolean
kin_image_read (const char *path, KinImage *image, GError **error)
{
  switch (kin_png_read (path, image, error))
    {
    case KIN_PNG_READ:
      return TRUE;
    case KIN_PNG_ANOTHER:
      return kin_image_file_read (path, image, error);
    case KIN_PNG_FAILED:
      return FALSE;
    }
  g_assert_not_reached ();
}

/* One axis of a resampling: target pixel i is the weighted sum of n[i] source pixels from first[i] on. */
typedef struct
{
  guint length;
  guint *first, *n; /* (length) */
  float **weights;  /* (length)(n) */
  float *storage;
} Taps;

static void
taps_clear (Taps *taps)
{
  g_free (taps->first);
  g_free (taps->n);
  g_free (taps->weights);
  g_free (taps->storage);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Taps, taps_clear)

/* Weights of the source pixels that [low, high) covers. */
static guint
cover (double low, double high, guint source, guint *first, float *weights)
{
  guint begin = MIN ((guint) floor (low), source - 1);
  guint end = CLAMP ((guint) ceil (high), begin + 1, source);

  *first = begin;
  for (guint i = begin; i < end; i++)
    weights[i - begin] = MAX (MIN (high, i + 1.0) - MAX (low, (double) i), 0.0) / (high - low);
  return end - begin;
}

/* Pixel centres are at .5; beyond the outermost ones the edge is repeated. */
static guint
interpolate (double position, guint source, guint *first, float *weights)
{
  double x = CLAMP (position - 0.5, 0.0, source - 1.0);
  guint begin = MIN ((guint) x, source - 1);

  *first = begin;
  if (begin + 1 >= source)
    {
      weights[0] = 1.0f;
      return 1;
    }
  weights[1] = x - begin;
  weights[0] = 1.0f - weights[1];
  return 2;
}

/* Maps [offset, offset + extent) of @source pixels to @target pixels. */
static void
taps_init (Taps *taps, guint source, double offset, double extent, guint target)
{
  double scale = extent / target;
  gsize most = (gsize) ceil (scale) + 2;

  taps->length = target;
  taps->first = g_new (guint, target);
  taps->n = g_new (guint, target);
  taps->weights = g_new (float *, target);
  taps->storage = g_new (float, target * most);
  for (guint i = 0; i < target; i++)
    {
      float *weights = taps->storage + most * i;

      taps->weights[i] = weights;
      if (scale > 1.0)
        taps->n[i] = cover (offset + i * scale, offset + (i + 1) * scale, source, &taps->first[i], weights);
      else
        taps->n[i] = interpolate (offset + (i + 0.5) * scale, source, &taps->first[i], weights);
    }
}

static void
resample_row (const guint8 *row, guint channels, const Taps *taps, float *out)
{
  for (guint x = 0; x < taps->length; x++)
    {
      const guint8 *source = row + (gsize) taps->first[x] * channels;
      const float *weights = taps->weights[x];

      for (guint c = 0; c < channels; c++)
        {
          float sum = 0.0f;

          for (guint i = 0; i < taps->n[x]; i++)
            sum += weights[i] * source[(gsize) i * channels + c];
          out[x * channels + c] = sum;
        }
    }
}

/* @out: (ys->length, xs->length, channels) values in [0, 255]. */
static void
resample (const KinImage *image, const Taps *xs, const Taps *ys, float *out)
{
  gsize stride = (gsize) xs->length * image->channels;
  g_autofree float *rows = g_new (float, 2 * stride);
  guint held[2] = { G_MAXUINT, G_MAXUINT }; /* source row in each half of rows: neighbours share their outermost rows */

  memset (out, 0, sizeof (float) * stride * ys->length);
  for (guint y = 0; y < ys->length; y++)
    for (guint i = 0; i < ys->n[y]; i++)
      {
        guint source = ys->first[y] + i;
        float *row = rows + (source & 1) * stride;
        float weight = ys->weights[y][i];

        if (held[source & 1] != source)
          resample_row (image->pixels + (gsize) source * image->width * image->channels, image->channels, xs, row);
        held[source & 1] = source;
        for (gsize x = 0; x < stride; x++)
          out[y * stride + x] += weight * row[x];
      }
}

static void
mean_border (const KinImage *image, float mean[3])
{
  guint w = image->width, h = image->height, channels = image->channels;
  gsize stride = (gsize) w * channels;
  guint64 n = 0;
  guint64 sum[3] = { 0 };

  for (guint y = 0; y < h; y++)
    {
      guint step = y == 0 || y == h - 1 || w == 1 ? 1 : w - 1;

      for (guint x = 0; x < w; x += step, n++)
        for (guint c = 0; c < channels; c++)
          sum[c] += image->pixels[y * stride + (gsize) x * channels + c];
    }
  for (guint c = 0; c < channels; c++)
    mean[c] = (double) sum[c] / n;
}

static inline guint8
to_byte (float value)
{
  return (guint8) CLAMP (value + 0.5f, 0.0f, 255.0f);
}

static void
put_pixel (const float *value, guint from, guint8 *out, guint to)
{
  guint8 r = to_byte (value[0]);

  if (from == 1)
    memset (out, r, to);
  else if (to == 1)
    out[0] = kin_luma (r, to_byte (value[1]), to_byte (value[2]));
  else
    {
      out[0] = r;
      out[1] = to_byte (value[1]);
      out[2] = to_byte (value[2]);
    }
}

/* Where a picture lies in the square: a part of it, and the pixels of the square that this part becomes. */
typedef struct
{
  double x, y, width, height; /* source, px */
  guint left, top, columns, rows;
} Placement;

static Placement
place (const KinImage *image, guint size, KinFit fit)
{
  guint w = image->width, h = image->height;
  Placement p = { 0, 0, w, h, 0, 0, size, size };

  switch (fit)
    {
    case KIN_FIT_FILL:
      p.width = p.height = MIN (w, h);
      p.x = (w - p.width) / 2;
      p.y = (h - p.height) / 2;
      break;
    case KIN_FIT_FIT:
      p.columns = MAX (1, (guint) lround ((double) size * w / MAX (w, h)));
      p.rows = MAX (1, (guint) lround ((double) size * h / MAX (w, h)));
      p.left = (size - p.columns) / 2;
      p.top = (size - p.rows) / 2;
      break;
    }
  return p;
}

static void
resample_to_square (const KinImage *image, const Placement *p, guint size, guint channels, guint8 *out)
{
  g_auto (Taps) xs = { 0 };
  g_auto (Taps) ys = { 0 };
  g_autofree float *part = g_new (float, (gsize) image->channels * p->columns * p->rows);

  if (p->columns < size || p->rows < size)
    {
      float border[3];

      mean_border (image, border);
      for (guint i = 0; i < size * size; i++)
        put_pixel (border, image->channels, out + (gsize) i * channels, channels);
    }
  taps_init (&xs, image->width, p->x, p->width, p->columns);
  taps_init (&ys, image->height, p->y, p->height, p->rows);
  resample (image, &xs, &ys, part);
  for (guint y = 0; y < p->rows; y++)
    for (guint x = 0; x < p->columns; x++)
      put_pixel (part + ((gsize) y * p->columns + x) * image->channels, image->channels,
                 out + ((gsize) (p->top + y) * size + p->left + x) * channels, channels);
}

void
kin_image_to_square (const KinImage *image, guint size, guint channels, KinFit fit, guint8 *out)
{
  Placement p = place (image, size, fit);

  if (image->width == size && image->height == size && image->channels == channels)
    {
      memcpy (out, image->pixels, (gsize) size * size * channels); /* resampling would give the same */
      return;
    }
  resample_to_square (image, &p, size, channels, out);
}

guint8 *
kin_image_load (const char *path, guint size, guint channels, KinFit fit, GError **error)
{
  g_auto (KinImage) image = { 0 };
  g_autoptr (GError) reason = NULL;
  guint8 *out;

  g_return_val_if_fail (size >= KIN_SIZE_MIN && size <= KIN_SIZE_MAX, NULL);
  g_return_val_if_fail (channels == 1 || channels == 3, NULL);

  if (!kin_image_read (path, &image, &reason))
    {
      g_autofree char *name = g_filename_display_name (path);

      g_set_error (error, KIN_ERROR, reason->code, _("“%s” cannot be read: %s"), name, reason->message);
      return NULL;
    }
  out = g_malloc ((gsize) size * size * channels);
  kin_image_to_square (&image, size, channels, fit, out);
  return out;
}
