#pragma once

#include "engine/core/real.h"

G_BEGIN_DECLS

/* Longest line of an image, px: KIN_SIZE_MAX with room. */
#define KIN_WINDOW_LINE_MAX 128

/* The geometry of a square convolution: images (H, W, C) to (Ho, Wo, K). */
typedef struct
{
  guint C, H, W;
  guint Ho, Wo;
  guint kernel, stride, pad; /* stride 1 or 2 */
} KinWindow;

/* Reals that im2col needs for one padded line. */
static inline gsize
kin_window_scratch (const KinWindow *window)
{
  return (gsize) (window->W + 2 * window->pad) * window->C;
}

G_END_DECLS
