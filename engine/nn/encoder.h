#pragma once

#include "engine/config.h"
#include "engine/nn/network.h"

G_BEGIN_DECLS

/**
 * kin_encoder_build:
 * @id: of a KinEncoderInfo
 *
 * Appends the named backbone to a new network for images of @channels; network->feature is its output h.
 */
KinNetwork *kin_encoder_build (const char *id, guint channels);

/**
 * kin_encoder_add_head:
 *
 * Projection head behind h: linear to @hidden, ReLU, linear to @features; network->output is its z.
 */
void kin_encoder_add_head (KinNetwork *network, guint hidden, guint features);

/* Returns: (nullable): the description of @id */
const KinEncoderInfo *kin_encoder_find (const char *id);

G_END_DECLS
