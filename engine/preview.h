#pragma once

#include "engine/dataset.h"
#include "engine/policy.h"

G_BEGIN_DECLS

/**
 * KinViewKey:
 *
 * Names one augmented view for ever: the same key, image, policy and set give the same picture, at any time and in any
 * thread.
 */
typedef struct
{
  guint64 seed;
  guint32 epoch;
  guint32 image; /* id in the set */
  guint32 view;  /* 0 = A, 1 = B, … */
} KinViewKey;

/**
 * kin_preview_view:
 * @rgb: (out caller-allocates): (size, size, channels) bytes, rounded to nearest and clipped to 0…255
 * @trace: (out) (optional)
 *
 * Makes a view as training makes it, as a picture. Pure; any thread; 30 µs or so at 32 px.
 */
void kin_preview_view (const KinDataset *dataset, const KinPolicy *policy, const KinViewKey *key, guint8 *rgb,
                       KinTrace *trace);

G_END_DECLS
