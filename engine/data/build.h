#pragma once

#include "engine/data/progress.h"
#include "engine/dataset.h"

G_BEGIN_DECLS

/* A set under construction: what every reader needs. Readers fill n_images, pixels and what they know besides; a reader
 * whose source has a test part sets n_train and n_test, and the last n_test images are that part. */

KinDataset *kin_build_new (const char *name, const char *source);

/**
 * kin_build_take_memory:
 *
 * Takes the memory for the pixels of at most @n_images, and sets n_images, size and channels.
 *
 * Returns: FALSE with %KIN_ERROR_TOO_LARGE when this machine has not that much
 */
gboolean kin_build_take_memory (KinDataset *dataset, guint n_images, guint size, guint channels, GError **error);

/* Copies the @n_classes names and takes memory for n_images labels. */
void kin_build_take_labels (KinDataset *dataset, guint n_classes, const char *const *class_names);

/* Classes that are called by their numbers. */
void kin_build_take_numbered_labels (KinDataset *dataset, guint n_classes);

/* Room for @n_factors, to be filled by kin_build_set_factor(). */
void kin_build_take_factors (KinDataset *dataset, guint n_factors);
void kin_build_set_factor (KinDataset *dataset, guint index, const char *name, const char *unit, float min, float max,
                           gboolean is_circular);

/**
 * kin_build_check_file:
 * @bytes: (out): its length
 *
 * Looks before a file is opened: a pipe would wait for its other end, a folder would open and then not read.
 *
 * Returns: FALSE with %KIN_ERROR_FILE, naming the file, when it is missing or not a regular file
 */
gboolean kin_build_check_file (const char *path, guint64 *bytes, GError **error);

/* KinDataSpec.size, or @own for 0, held in [KIN_SIZE_MIN, KIN_SIZE_MAX]. */
guint kin_build_size (const KinDataSpec *spec, guint own);

/**
 * kin_build_limit_parts:
 * @n_train: (inout): images in the source's training part
 * @n_test: (inout): images in its test part
 *
 * At most KinDataSpec.limit training images, and the same share of the test images.
 */
void kin_build_limit_parts (const KinDataSpec *spec, guint *n_train, guint *n_test);

/* Images to take from a source of @n without a test part, so that at most KinDataSpec.limit are learned from. */
guint kin_build_limit_total (const KinDataSpec *spec, guint n);

/* Draws train_ids and test_ids: the test part of the source, or KinDataSpec.holdout by KinDataSpec.seed. */
void kin_build_split (KinDataset *dataset, const KinDataSpec *spec);

G_END_DECLS
