#pragma once

#include "engine/data/progress.h"
#include "engine/dataset.h"

G_BEGIN_DECLS

/* Files of the MNIST family, each plain or compressed with gzip. */
typedef struct
{
  const char *images;      /* IDX of unsigned bytes, (N, H, W) */
  const char *labels;      /* (nullable): IDX of unsigned bytes, (N) */
  const char *test_images; /* (nullable) */
  const char *test_labels; /* NULL exactly where @labels or @test_images is */
} KinIdxFiles;

/**
 * kin_idx_read:
 * @class_names: (nullable): NULL-terminated; labels beyond them are an error. NULL: classes are called by their numbers
 *
 * Reads gray images, with the test files, if any, as the test part.
 *
 * Returns: (transfer full) (nullable)
 *
 * Source: LeCun, Cortes & Burges, "The MNIST database", section "File formats".
 */
KinDataset *kin_idx_read (const char *name, const KinIdxFiles *files, const char *const *class_names,
                          const KinDataSpec *spec, KinProgress *progress, GError **error);

/**
 * kin_fashion_mnist_find:
 * @files: (out caller-allocates): four paths, freed by the caller
 *
 * Looks in $KIN_DATASETS_DIR/fashion-mnist, then where Debian's package dataset-fashion-mnist puts its files.
 */
gboolean kin_fashion_mnist_find (char *files[4]);

/* Zalando's articles of clothing, with their names and their own test part. */
KinDataset *kin_fashion_mnist_read (const KinDataSpec *spec, KinProgress *progress, GError **error);

G_END_DECLS
