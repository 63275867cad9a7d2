#include "engine/data/augment-private.h"

#include <math.h>

enum
{
  KERNEL_MAX = 31,         /* px; half of it is below KIN_SIZE_MIN, as mirroring needs */
  NOISE_STREAM = 0xffffff, /* no line of a policy has it: see line_stream() in augment.c */
};

/* drawn: kernel (px, odd), sigma (px) */
void
kin_blur_draw (const KinDrawContext *context, KinRng *rng, float *drawn)
{
  drawn[0] = (guint) context->strength[0] | 1;
  drawn[1] = kin_rng_range (rng, context->strength[1], context->strength[2]);
}

/* Index @i of a line of @size px that is mirrored at its outer pixels, which are not repeated. */
static int
mirror (int i, int size)
{
  i = ABS (i);
  return i < size ? i : 2 * (size - 1) - i;
}

static void
gaussian (float *weights, int kernel, float sigma)
{
  double raw[KERNEL_MAX];
  double sum = 0;

  for (int k = 0; k < kernel; k++)
    {
      double x = (k - kernel / 2) / (double) sigma;

      raw[k] = exp (-0.5 * x * x);
      sum += raw[k];
    }
  for (int k = 0; k < kernel; k++)
    weights[k] = (float) (raw[k] / sum);
}

static void
blur_rows (const float *from, float *to, int size, const float *weights, int kernel)
{
  int reach = kernel / 2;

  for (int y = 0; y < size; y++)
    {
      const float *row = from + (gsize) y * size;
      float *out = to + (gsize) y * size;
      float line[KIN_SIZE_MAX + KERNEL_MAX];

      for (int x = 0; x < size + 2 * reach; x++)
        line[x] = row[mirror (x - reach, size)];
      memset (out, 0, size * sizeof (float));
      for (int k = 0; k < kernel; k++)
        {
          float weight = weights[k];

#pragma omp simd
          for (int x = 0; x < size; x++)
            out[x] += weight * line[x + k];
        }
    }
}

/* Clips: the weights add up to one only nearly. */
static void
blur_columns (const float *from, float *to, int size, const float *weights, int kernel)
{
  for (int y = 0; y < size; y++)
    {
      float *out = to + (gsize) y * size;

      memset (out, 0, size * sizeof (float));
      for (int k = 0; k < kernel; k++)
        {
          const float *row = from + (gsize) mirror (y + k - kernel / 2, size) * size;
          float weight = weights[k];

#pragma omp simd
          for (int x = 0; x < size; x++)
            out[x] += weight * row[x];
        }
#pragma omp simd
      for (int x = 0; x < size; x++)
        out[x] = kin_clip (out[x]);
    }
}

/* A Gaussian is separable: rows, then columns. */
void
kin_blur_apply (KinPlanes *planes, const float *drawn)
{
  gsize n = (gsize) planes->size * planes->size;
  int kernel = (int) drawn[0];
  float weights[KERNEL_MAX];

  g_assert (kernel >= 1 && kernel <= KERNEL_MAX && kernel % 2 == 1 && drawn[1] > 0);
  gaussian (weights, kernel, drawn[1]);
  for (guint c = 0; c < planes->channels; c++)
    {
      blur_rows (planes->data + c * n, planes->scratch, planes->size, weights, kernel);
      blur_columns (planes->scratch, planes->data + c * n, planes->size, weights, kernel);
    }
}

/* drawn: std, seed. The noise itself is drawn from a stream that the seed names; a float holds its 24 bits exactly. */
void
kin_noise_draw (const KinDrawContext *context, KinRng *rng, float *drawn)
{
  drawn[0] = context->strength[0];
  drawn[1] = kin_rng_u32 (rng) >> 8;
}

/* Box and Muller, both numbers of each pair. */
void
kin_noise_apply (KinPlanes *planes, const float *drawn)
{
  gsize n = kin_planes_count (planes);
  float *data = planes->data;
  KinRng rng;

  kin_rng_init (&rng, (guint64) drawn[1], KIN_STREAM_AUGMENT, 0, 0, NOISE_STREAM);
  for (gsize i = 0; i < n; i += 2)
    {
      float radius = drawn[0] * sqrtf (-2.0f * logf (1.0f - kin_rng_unit (&rng)));
      float angle = 2.0f * (float) G_PI * kin_rng_unit (&rng);
      float sine, cosine;

      sincosf (angle, &sine, &cosine);
      data[i] = kin_clip (data[i] + radius * cosine);
      if (i + 1 < n)
        data[i + 1] = kin_clip (data[i + 1] + radius * sine);
    }
}

/* drawn: top, left, side (px), value. Always inside the image, as torchvision's RandomErasing has it. */
void
kin_cutout_draw (const KinDrawContext *context, KinRng *rng, float *drawn)
{
  guint size = context->size;
  guint side = CLAMP ((int) rint (context->strength[0] * size), 1, (int) size);

  drawn[0] = kin_rng_below (rng, size - side + 1);
  drawn[1] = kin_rng_below (rng, size - side + 1);
  drawn[2] = side;
  drawn[3] = context->strength[1];
}

void
kin_cutout_apply (KinPlanes *planes, const float *drawn)
{
  guint size = planes->size;
  guint top = drawn[0], left = drawn[1], side = drawn[2];

  g_assert (side <= size && top + side <= size && left + side <= size);
  for (guint c = 0; c < planes->channels; c++)
    for (guint y = top; y < top + side; y++)
      {
        float *row = planes->data + ((gsize) c * size + y) * size;

        for (guint x = left; x < left + side; x++)
          row[x] = drawn[3];
      }
}
