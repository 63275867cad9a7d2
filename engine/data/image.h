#pragma once

#include "engine/dataset.h"

G_BEGIN_DECLS

/* Most pixels of one picture that is decoded: 300 MB as RGB, 400 MB with transparency, for as long as it is being made
 * small. The one limit for every format; checked against the header, before memory is taken. */
#define KIN_IMAGE_PIXELS_MAX 100000000

/* A picture of any shape, on the way to becoming a square of a set. */
typedef struct
{
  guint width, height; /* px, ≥ 1 */
  guint channels;      /* 1 or 3 */
  guint8 *pixels;      /* (height, width, channels) */
} KinImage;

void kin_image_clear (KinImage *image);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (KinImage, kin_image_clear)

/**
 * kin_image_check_size:
 *
 * Returns: FALSE with %KIN_ERROR_FORMAT for a side of 0, or %KIN_ERROR_TOO_LARGE over %KIN_IMAGE_PIXELS_MAX
 */
gboolean kin_image_check_size (guint64 width, guint64 height, GError **error);

/**
 * kin_image_read:
 * @path: a PNG (read by libpng), or anything that gdk-pixbuf reads
 * @image: (out): untouched on failure
 *
 * Transparent parts are laid on white.
 */
gboolean kin_image_read (const char *path, KinImage *image, GError **error);

/* Rec. 601 luma in 8-bit fixed point: weights sum to 256, so gray stays what it was. */
static inline guint8
kin_luma (guint8 r, guint8 g, guint8 b)
{
  return (77u * r + 150u * g + 29u * b + 128u) >> 8;
}

/* @value over white, both of 8 bits. */
static inline guint8
kin_over_white (guint8 value, guint8 alpha)
{
  return (value * alpha + 255u * (255u - alpha) + 127u) / 255u;
}

/**
 * kin_image_to_square:
 * @size: side, px, in [KIN_SIZE_MIN, KIN_SIZE_MAX]
 * @channels: 1 or 3; differing ones are converted
 * @out: (size, size, channels), overwritten
 *
 * Shrinks by area averaging (each pixel of @out is the mean of the part of @image that it covers), enlarges by bilinear
 * interpolation.
 */
void kin_image_to_square (const KinImage *image, guint size, guint channels, KinFit fit, guint8 *out);

G_END_DECLS
