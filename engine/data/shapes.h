#pragma once

#include "engine/data/progress.h"
#include "engine/dataset.h"

G_BEGIN_DECLS

#define KIN_SHAPES_DEFAULT 2000 /* images to learn from */

/**
 * kin_shapes_read:
 * @is_cluttered: smaller shapes on coloured gradients, stripes and clouds
 *
 * Draws eight shapes (class = id mod 8) of any hue, rotation and size, slightly shifted. Every value that was drawn is
 * a factor. KinDataSpec.limit images to learn from, and a fourth of it held out behind them. Image i depends on the
 * seed, the size, @is_cluttered and i alone.
 *
 * Returns: (transfer full) (nullable)
 */
KinDataset *kin_shapes_read (gboolean is_cluttered, const KinDataSpec *spec, KinProgress *progress, GError **error);

G_END_DECLS
