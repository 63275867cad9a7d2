#include "engine/data/augment-private.h"

enum
{
  BRIGHTNESS,
  CONTRAST,
  SATURATION,
  HUE,
  N_CHANGES,
};

/* Rec. 601 luma, rounded as torchvision's rgb_to_grayscale() has it. */
#define LUMA(r, g, b) (0.2989f * (r) + 0.587f * (g) + 0.114f * (b))

/* Exactly 1 for a strength of 0. */
static float
draw_factor (KinRng *rng, double strength)
{
  return kin_rng_range (rng, MAX (0.0, 1.0 - strength), 1.0 + strength);
}

/* drawn: order, brightness, contrast, saturation (factors), hue (turns). Values without an effect on one channel are
 * drawn, and noted as the neutral ones that are applied.
 *
 * Source: torchvision.transforms.ColorJitter. */
void
kin_jitter_draw (const KinDrawContext *context, KinRng *rng, float *drawn)
{
  float hue = context->strength[HUE];

  drawn[0] = kin_rng_below (rng, 24);
  for (guint i = BRIGHTNESS; i <= SATURATION; i++)
    drawn[1 + i] = draw_factor (rng, context->strength[i]);
  drawn[1 + HUE] = kin_rng_range (rng, -hue, hue);
  if (context->channels == 1)
    {
      drawn[1 + SATURATION] = 1;
      drawn[1 + HUE] = 0;
    }
}

/* Permutation @index (0 to 23) of the four changes, in lexicographic order. */
static void
decode_order (guint index, guint order[N_CHANGES])
{
  static const guint factorial[N_CHANGES] = { 6, 2, 1, 1 };
  guint left[N_CHANGES] = { BRIGHTNESS, CONTRAST, SATURATION, HUE };

  for (guint i = 0; i < N_CHANGES; i++)
    {
      guint pick = index / factorial[i];

      index %= factorial[i];
      order[i] = left[pick];
      for (guint j = pick; j + 1 < N_CHANGES - i; j++)
        left[j] = left[j + 1];
    }
}

static void
change_brightness (KinPlanes *planes, float factor)
{
  float *data = planes->data;
  gsize n = kin_planes_count (planes);

#pragma omp simd
  for (gsize i = 0; i < n; i++)
    data[i] = kin_clip (factor * data[i]);
}

/* A row at a time in float, the rows in double. */
static float
mean_luma (const KinPlanes *planes)
{
  guint size = planes->size;
  gsize n = (gsize) size * size;
  double total = 0;

  for (guint y = 0; y < size; y++)
    {
      const float *r = planes->data + (gsize) y * size;
      const float *g = r + n, *b = g + n;
      float sum = 0;

      if (planes->channels == 1)
        {
#pragma omp simd reduction(+ : sum)
          for (guint x = 0; x < size; x++)
            sum += r[x];
        }
      else
        {
#pragma omp simd reduction(+ : sum)
          for (guint x = 0; x < size; x++)
            sum += LUMA (r[x], g[x], b[x]);
        }
      total += sum;
    }
  return (float) (total / (double) n);
}

static void
change_contrast (KinPlanes *planes, float factor)
{
  float *data = planes->data;
  gsize n = kin_planes_count (planes);
  float rest = (1.0f - factor) * mean_luma (planes);

#pragma omp simd
  for (gsize i = 0; i < n; i++)
    data[i] = kin_clip (factor * data[i] + rest);
}

static void
change_saturation (KinPlanes *planes, float factor)
{
  gsize n = (gsize) planes->size * planes->size;
  float *r = planes->data, *g = r + n, *b = g + n;

#pragma omp simd
  for (gsize i = 0; i < n; i++)
    {
      float rest = (1.0f - factor) * LUMA (r[i], g[i], b[i]);

      r[i] = kin_clip (factor * r[i] + rest);
      g[i] = kin_clip (factor * g[i] + rest);
      b[i] = kin_clip (factor * b[i] + rest);
    }
}

/* One channel of the colour with @sixths of the wheel and @chroma below @value: a trapezium over the wheel, so that the
 * six cases of the usual formula need no branch, and rounding at their borders does no harm. */
static inline float
wheel_channel (float sixths, float value, float chroma)
{
  float turned = sixths - 6.0f * (float) (int) (sixths * (1.0f / 6.0f));
  float ramp = turned < 4.0f - turned ? turned : 4.0f - turned;

  return value - chroma * kin_clip (ramp);
}

/* RGB to HSV, h + @turns, and back, in one go; saturation times value is the chroma, which stays as it is. */
static void
change_hue (KinPlanes *planes, float turns)
{
  gsize n = (gsize) planes->size * planes->size;
  float *R = planes->data, *G = R + n, *B = G + n;
  float shift = 6.0f * turns + 6.0f; /* a whole turn more keeps all below above zero */

#pragma omp simd
  for (gsize i = 0; i < n; i++)
    {
      float r = R[i], g = G[i], b = B[i];
      float high = r > g ? r : g;
      float low = r < g ? r : g;
      float chroma, scale, hue;

      high = high > b ? high : b;
      low = low < b ? low : b;
      chroma = high - low;
      scale = 1.0f / (chroma > 0.0f ? chroma : 1.0f);
      hue = high == r ? (g - b) * scale : high == g ? 2.0f + (b - r) * scale : 4.0f + (r - g) * scale;
      hue += shift; /* sixths, [2, 14] */
      R[i] = wheel_channel (hue + 5.0f, high, chroma);
      G[i] = wheel_channel (hue + 3.0f, high, chroma);
      B[i] = wheel_channel (hue + 1.0f, high, chroma);
    }
}

static void
apply_change (KinPlanes *planes, guint change, float amount)
{
  switch (change)
    {
    case BRIGHTNESS:
      if (amount != 1)
        change_brightness (planes, amount);
      return;
    case CONTRAST:
      if (amount != 1)
        change_contrast (planes, amount);
      return;
    case SATURATION:
      if (amount != 1 && planes->channels == 3)
        change_saturation (planes, amount);
      return;
    case HUE:
      if (amount != 0 && planes->channels == 3)
        change_hue (planes, amount);
      return;
    }
  g_assert_not_reached ();
}

void
kin_jitter_apply (KinPlanes *planes, const float *drawn)
{
  guint order[N_CHANGES];

  g_assert (drawn[0] >= 0 && drawn[0] < 24);
  decode_order ((guint) drawn[0], order);
  for (guint i = 0; i < N_CHANGES; i++)
    apply_change (planes, order[i], drawn[1 + order[i]]);
}

void
kin_grayscale_apply (KinPlanes *planes, const float *drawn)
{
  gsize n = (gsize) planes->size * planes->size;
  float *r = planes->data, *g = r + n, *b = g + n;

  if (planes->channels == 1)
    return;
#pragma omp simd
  for (gsize i = 0; i < n; i++)
    r[i] = g[i] = b[i] = LUMA (r[i], g[i], b[i]);
}

/* drawn: threshold */
void
kin_solarize_draw (const KinDrawContext *context, KinRng *rng, float *drawn)
{
  drawn[0] = context->strength[0];
}

void
kin_solarize_apply (KinPlanes *planes, const float *drawn)
{
  float *data = planes->data;
  gsize n = kin_planes_count (planes);
  float threshold = drawn[0];

#pragma omp simd
  for (gsize i = 0; i < n; i++)
    data[i] = data[i] >= threshold ? 1.0f - data[i] : data[i];
}
