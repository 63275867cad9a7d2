#pragma once

#include "engine/data/progress.h"
#include "engine/dataset.h"

G_BEGIN_DECLS

typedef enum
{
  KIN_CIFAR_10,
  KIN_CIFAR_100, /* labels are the 100 fine ones */
} KinCifar;

/**
 * kin_cifar_read:
 * @paths: NULL-terminated, at least one
 *
 * Reads the binary version, file after file. Files whose name starts with `test` are the test part, if there are others
 * too; where none is given and the set's own test file (`test_batch.bin`, `test.bin`) lies beside the first file, that
 * is taken.
 *
 * Returns: (transfer full) (nullable)
 *
 * Source: Krizhevsky, "The CIFAR-10 and CIFAR-100 datasets", section "Binary version".
 */
KinDataset *kin_cifar_read (KinCifar kind, const char *const *paths, const KinDataSpec *spec, KinProgress *progress,
                            GError **error);

G_END_DECLS
