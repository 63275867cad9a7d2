#pragma once

#include "engine/core/rng.h"
#include "engine/policy.h"
#include "engine/preview.h"

G_BEGIN_DECLS

/**
 * kin_augment_scratch:
 *
 * Returns: floats of scratch memory that kin_augment() needs for images of @size px and @channels
 */
gsize kin_augment_scratch (guint size, guint channels);

/**
 * kin_augment:
 * @key: names the stream of random numbers (%KIN_STREAM_AUGMENT unless @purpose says otherwise)
 * @pixels: (size, size, channels) bytes
 * @out: (channels, size, size) planes in [0, 1], overwritten
 * @scratch: kin_augment_scratch() floats, 64-byte aligned
 * @trace: (out) (optional)
 *
 * Applies @policy, in order, to one image: one view. Each operation has torchvision's semantics on float tensors
 * (torchvision.transforms.functional, 0.14) with the drawn values in the trace, clipped to [0, 1] where it clips. What
 * does not exist for one channel (hue, saturation, grayscale) is drawn and not applied, so that gray and coloured sets
 * use the same stream. The result stays in [0, 1]. Allocates nothing, touches no shared state.
 *
 * Each line of the policy draws from a stream of its own, named by @purpose, @key, kind, and how many lines of that
 * kind stand before it: switching a line on or off, moving it or tuning it changes no other line's values. @policy must
 * pass kin_policy_check().
 */
void kin_augment (const KinPolicy *policy, KinStream purpose, const KinViewKey *key, const guint8 *pixels, guint size,
                  guint channels, float *out, float *scratch, KinTrace *trace);

/**
 * kin_op_apply:
 * @drawn: values as in KinTraceStep.drawn
 * @image: (channels, size, size) planes in [0, 1], changed in place
 *
 * @scratch: as in kin_augment()
 *
 * One operation with given values: what a trace says can be replayed to the same bits, and compared with torchvision.
 */
void kin_op_apply (KinOpKind kind, const float *drawn, float *image, guint size, guint channels, float *scratch);

G_END_DECLS
