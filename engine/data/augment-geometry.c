#include "engine/data/augment-private.h"

#include <math.h>

enum
{
  CROP_TRIES = 10,
};

typedef enum
{
  FILL_BLACK,
  FILL_BACKGROUND,
} Fill;

/* Halves go to the even number, as in Python's round(). */
static int
round_px (double x)
{
  return (int) rint (x);
}

/* drawn: top, left, height, width (px), area (share). Ten tries, then the largest part in the middle that the shapes
 * allow, which of a square is all of it.
 *
 * Source: torchvision.transforms.RandomResizedCrop.get_params(), with ratio = (1 / aspect, aspect). */
void
kin_crop_draw (const KinDrawContext *context, KinRng *rng, float *drawn)
{
  guint size = context->size;
  double log_aspect = log (context->strength[2]);
  int height = 0, width = 0;

  for (int try = 0; try < CROP_TRIES; try++)
    {
      double area = kin_rng_range (rng, context->strength[0], context->strength[1]) * (double) size * size;
      double aspect = exp (kin_rng_range (rng, -log_aspect, log_aspect));
      int w = round_px (sqrt (area * aspect));
      int h = round_px (sqrt (area / aspect));

      if (w > 0 && w <= (int) size && h > 0 && h <= (int) size)
        {
          height = h;
          width = w;
          break;
        }
    }
  if (height == 0)
    height = width = size;
  drawn[0] = kin_rng_below (rng, size - height + 1);
  drawn[1] = kin_rng_below (rng, size - width + 1);
  drawn[2] = height;
  drawn[3] = width;
  drawn[4] = (float) (height * width) / (float) (size * size);
}

/* Where the pixels of a line come from: between first[i] and second[i], a share weight[i] of the way. */
typedef struct
{
  int first[KIN_SIZE_MAX];
  int second[KIN_SIZE_MAX];
  float weight[KIN_SIZE_MAX];
} Taps;

/* Bilinear interpolation of @length px, from @start on, to @size px; pixel centres lie at halves (PyTorch's
 * align_corners=False), and what lies beyond the outer centres is the outer pixel. */
static void
plan_taps (Taps *taps, int start, int length, int size)
{
  float scale = (float) length / (float) size;

  for (int i = 0; i < size; i++)
    {
      float x = MAX ((i + 0.5f) * scale - 0.5f, 0.0f);
      int first = MIN ((int) x, length - 1);

      taps->first[i] = start + first;
      taps->second[i] = start + MIN (first + 1, length - 1);
      taps->weight[i] = x - first;
    }
}

/* a + w (b - a) with 0 <= w < 1 stays between a and b in float as well: nothing here leaves [0, 1]. */
static inline float
mix (float a, float b, float weight)
{
  return a + weight * (b - a);
}

static void
resize_plane (const float *from, float *to, guint size, const Taps *rows, const Taps *columns)
{
  float line[KIN_SIZE_MAX];

  for (guint y = 0; y < size; y++)
    {
      const float *a = from + (gsize) rows->first[y] * size;
      const float *b = from + (gsize) rows->second[y] * size;
      float weight = rows->weight[y];
      float *out = to + (gsize) y * size;

#pragma omp simd
      for (guint x = 0; x < size; x++)
        line[x] = mix (a[x], b[x], weight);
      for (guint x = 0; x < size; x++)
        out[x] = mix (line[columns->first[x]], line[columns->second[x]], columns->weight[x]);
    }
}

void
kin_crop_apply (KinPlanes *planes, const float *drawn)
{
  guint size = planes->size;
  gsize n = (gsize) size * size;
  Taps rows, columns;

  if (drawn[2] == size && drawn[3] == size)
    return;
  g_assert (drawn[0] >= 0 && drawn[1] >= 0 && drawn[2] >= 1 && drawn[3] >= 1);
  g_assert (drawn[0] + drawn[2] <= size && drawn[1] + drawn[3] <= size);

  plan_taps (&rows, (int) drawn[0], (int) drawn[2], size);
  plan_taps (&columns, (int) drawn[1], (int) drawn[3], size);
  memcpy (planes->scratch, planes->data, kin_planes_count (planes) * sizeof (float));
  for (guint c = 0; c < planes->channels; c++)
    resize_plane (planes->scratch + c * n, planes->data + c * n, size, &rows, &columns);
}

void
kin_hflip_apply (KinPlanes *planes, const float *drawn)
{
  guint size = planes->size;
  gsize n_rows = (gsize) planes->channels * size;

  for (gsize y = 0; y < n_rows; y++)
    {
      float *row = planes->data + y * size;
      float copy[KIN_SIZE_MAX];

      memcpy (copy, row, size * sizeof (float));
#pragma omp simd
      for (guint x = 0; x < size; x++)
        row[x] = copy[size - 1 - x];
    }
}

void
kin_vflip_apply (KinPlanes *planes, const float *drawn)
{
  guint size = planes->size;
  gsize bytes = size * sizeof (float);

  for (guint c = 0; c < planes->channels; c++)
    for (guint y = 0; y < size / 2; y++)
      {
        float *upper = planes->data + ((gsize) c * size + y) * size;
        float *lower = planes->data + ((gsize) c * size + size - 1 - y) * size;
        float copy[KIN_SIZE_MAX];

        memcpy (copy, upper, bytes);
        memcpy (upper, lower, bytes);
        memcpy (lower, copy, bytes);
      }
}

/* Mean of the outermost ring of pixels: the colour of a plain background. */
static float
border_mean (const float *plane, guint size)
{
  const float *last_row = plane + (gsize) (size - 1) * size;
  double sum = 0;

  for (guint x = 0; x < size; x++)
    sum += plane[x] + (double) last_row[x];
  for (guint y = 1; y + 1 < size; y++)
    sum += plane[(gsize) y * size] + (double) plane[(gsize) y * size + size - 1];
  return (float) (sum / (4.0 * (size - 1)));
}

/* The plane inside a frame of @fill. */
static void
frame_plane (const float *plane, guint size, float fill, float *framed)
{
  guint stride = size + KIN_FRAME;

  for (guint i = 0; i < stride * stride; i++)
    framed[i] = fill;
  for (guint y = 0; y < size; y++)
    memcpy (framed + (gsize) (y + 1) * stride + 1, plane + (gsize) y * size, size * sizeof (float));
}

/* (c, s): source position = (c x − s y − dx, s x + c y − dy), with x and y from the centre of the image. */
typedef struct
{
  float c, s, dx, dy;
} Motion;

/* Where the pixels of one row come from, in the framed plane. */
typedef struct
{
  int offset[KIN_SIZE_MAX];                      /* of the upper left of four neighbours */
  float right[KIN_SIZE_MAX], down[KIN_SIZE_MAX]; /* shares of the way to the others, [0, 1) */
} Sources;

/* A position is first brought within one pixel of the image: farther out all is fill, so nothing changes, and the frame
 * holds every pixel that is read. */
static void
plan_sources (Sources *sources, const Motion *motion, guint y, guint size)
{
  float centre = size * 0.5f - 0.5f;
  float limit = size;
  float v = y - centre;
  int stride = size + KIN_FRAME;

#pragma omp simd
  for (guint x = 0; x < size; x++)
    {
      float u = (int) x - centre;
      float from_x = motion->c * u - motion->s * v - motion->dx + centre;
      float from_y = motion->s * u + motion->c * v - motion->dy + centre;
      int column, row;

      from_x = from_x > -1.0f ? from_x : -1.0f;
      from_x = (from_x < limit ? from_x : limit) + 1.0f; /* in the frame, [0, size + 1] */
      from_y = from_y > -1.0f ? from_y : -1.0f;
      from_y = (from_y < limit ? from_y : limit) + 1.0f;
      column = (int) from_x;
      row = (int) from_y;
      sources->right[x] = from_x - column;
      sources->down[x] = from_y - row;
      sources->offset[x] = row * stride + column;
    }
}

static void
sample_row (const float *framed, const Sources *sources, guint size, float *out)
{
  guint stride = size + KIN_FRAME;

  for (guint x = 0; x < size; x++)
    {
      const float *a = framed + sources->offset[x], *b = a + stride;
      float right = sources->right[x];

      out[x] = mix (mix (a[0], a[1], right), mix (b[0], b[1], right), sources->down[x]);
    }
}

/* Bilinear sampling of the image continued without end by its fill colour.
 *
 * With black this is torchvision's fill=None. Given a colour, torchvision 0.14 weights pixels on the edge by their
 * coverage twice, which draws a dark seam; that is not followed. */
static void
warp (KinPlanes *planes, const Motion *motion, Fill fill)
{
  guint size = planes->size;
  gsize n = (gsize) size * size, n_framed = (gsize) (size + KIN_FRAME) * (size + KIN_FRAME);

  for (guint c = 0; c < planes->channels; c++)
    {
      const float *plane = planes->data + c * n;

      frame_plane (plane, size, fill == FILL_BACKGROUND ? border_mean (plane, size) : 0.0f,
                   planes->scratch + c * n_framed);
    }
  for (guint y = 0; y < size; y++)
    {
      Sources sources;

      plan_sources (&sources, motion, y, size);
      for (guint c = 0; c < planes->channels; c++)
        sample_row (planes->scratch + c * n_framed, &sources, size, planes->data + c * n + (gsize) y * size);
    }
}

/* drawn: angle (degrees, counter-clockwise), fill */
void
kin_rotate_draw (const KinDrawContext *context, KinRng *rng, float *drawn)
{
  float degrees = context->strength[0];

  drawn[0] = kin_rng_range (rng, -degrees, degrees);
  drawn[1] = context->strength[1];
}

void
kin_rotate_apply (KinPlanes *planes, const float *drawn)
{
  double angle = drawn[0] * (G_PI / 180);
  Motion motion = { .c = cos (angle), .s = sin (angle) };

  warp (planes, &motion, (Fill) drawn[1]);
}

/* drawn: dx (px, to the right), dy (px, down), fill. Whole pixels, as torchvision's RandomAffine.get_params(). */
void
kin_translate_draw (const KinDrawContext *context, KinRng *rng, float *drawn)
{
  float most = context->strength[0] * context->size;

  drawn[0] = round_px (kin_rng_range (rng, -most, most));
  drawn[1] = round_px (kin_rng_range (rng, -most, most));
  drawn[2] = context->strength[1];
}

void
kin_translate_apply (KinPlanes *planes, const float *drawn)
{
  Motion motion = { .c = 1, .s = 0, .dx = drawn[0], .dy = drawn[1] };

  warp (planes, &motion, (Fill) drawn[2]);
}
