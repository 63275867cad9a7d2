#pragma once

#include "engine/data/augment.h"

#include <string.h>

G_BEGIN_DECLS

/* Rotation and translation sample an image inside a frame: one pixel before it and two after it in each direction. */
enum
{
  KIN_FRAME = 3,
};

/**
 * KinPlanes:
 *
 * The image under work. Every apply function of a family reads its drawn values (KinOpInfo.drawn) and changes the
 * planes in place.
 */
typedef struct
{
  float *data; /* (channels, size, size) in [0, 1] */
  guint size;
  guint channels;
  float *scratch; /* kin_augment_scratch() floats, contents undefined */
} KinPlanes;

/* What a draw function may know: the strengths of the line of the policy, and the image's shape. */
typedef struct
{
  const double *strength; /* in the order of KinOpInfo.params */
  guint size;
  guint channels;
} KinDrawContext;

static inline gsize
kin_planes_count (const KinPlanes *planes)
{
  return (gsize) planes->channels * planes->size * planes->size;
}

/* x must not be NaN. Written so that the compiler makes minps and maxps of it. */
static inline float
kin_clip (float x)
{
  x = x > 0.0f ? x : 0.0f;
  return x < 1.0f ? x : 1.0f;
}

/* augment-geometry.c */
void kin_crop_draw (const KinDrawContext *context, KinRng *rng, float *drawn);
void kin_crop_apply (KinPlanes *planes, const float *drawn);
void kin_hflip_apply (KinPlanes *planes, const float *drawn);
void kin_vflip_apply (KinPlanes *planes, const float *drawn);
void kin_rotate_draw (const KinDrawContext *context, KinRng *rng, float *drawn);
void kin_rotate_apply (KinPlanes *planes, const float *drawn);
void kin_translate_draw (const KinDrawContext *context, KinRng *rng, float *drawn);
void kin_translate_apply (KinPlanes *planes, const float *drawn);

/* augment-color.c */
void kin_jitter_draw (const KinDrawContext *context, KinRng *rng, float *drawn);
void kin_jitter_apply (KinPlanes *planes, const float *drawn);
void kin_grayscale_apply (KinPlanes *planes, const float *drawn);
void kin_solarize_draw (const KinDrawContext *context, KinRng *rng, float *drawn);
void kin_solarize_apply (KinPlanes *planes, const float *drawn);

/* augment-filter.c */
void kin_blur_draw (const KinDrawContext *context, KinRng *rng, float *drawn);
void kin_blur_apply (KinPlanes *planes, const float *drawn);
void kin_noise_draw (const KinDrawContext *context, KinRng *rng, float *drawn);
void kin_noise_apply (KinPlanes *planes, const float *drawn);
void kin_cutout_draw (const KinDrawContext *context, KinRng *rng, float *drawn);
void kin_cutout_apply (KinPlanes *planes, const float *drawn);

G_END_DECLS
