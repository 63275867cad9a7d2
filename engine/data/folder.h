#pragma once

#include "engine/data/progress.h"
#include "engine/dataset.h"

G_BEGIN_DECLS

/**
 * kin_folder_read:
 *
 * Reads the images below the folder KinDataSpec.source. A file is taken for an image by the end of its name; others,
 * and whatever starts with a dot, are passed over in silence. An image that cannot be read is listed in `skipped`.
 * Links are followed, and each folder is entered once.
 *
 * Where images lie in two or more first-level subfolders (those that lie beside the subfolders count as one more, named
 * after the folder), these are the classes. Within a class, images are in the order of their paths (bytes, no locale);
 * the classes take turns, so that any limit leaves some of each.
 *
 * The set has 1 channel when all images are gray, else 3.
 *
 * Returns: (transfer full) (nullable): NULL with %KIN_ERROR_TOO_FEW for fewer than KIN_IMAGES_MIN readable images
 */
KinDataset *kin_folder_read (const KinDataSpec *spec, KinProgress *progress, GError **error);

G_END_DECLS
