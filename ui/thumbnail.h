#pragma once

#include "ui/canvas.h"
#include "engine/dataset.h"

G_BEGIN_DECLS

/**
 * KinThumbnail:
 *
 * One image of a set, square, its pixels unsmoothed when enlarged.
 *
 * Property: `side`: px.
 */
#define KIN_TYPE_THUMBNAIL (kin_thumbnail_get_type ())
G_DECLARE_FINAL_TYPE (KinThumbnail, kin_thumbnail, KIN, THUMBNAIL, KinCanvas)

GtkWidget *kin_thumbnail_new (int side);
/* @dataset: (nullable); @id: image, or -1 for none */
void kin_thumbnail_set_image (KinThumbnail *self, const KinDataset *dataset, int id);

G_END_DECLS
