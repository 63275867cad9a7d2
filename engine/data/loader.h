#pragma once

#include "engine/core/pool.h"
#include "engine/core/rng.h"
#include "engine/dataset.h"
#include "engine/nn/network.h"
#include "engine/policy.h"

G_BEGIN_DECLS

/* What the network sees of a pixel in [0, 1]: (x - KIN_PIXEL_MEAN) / KIN_PIXEL_STD. */
#define KIN_PIXEL_MEAN 0.5f
#define KIN_PIXEL_STD 0.25f

/**
 * KinLoader:
 *
 * Brings images, augmented or as they are, into the tape of a pass. Scratch memory for each worker; no other state.
 */
typedef struct _KinLoader KinLoader;

KinLoader *kin_loader_new (guint size, guint channels, guint n_threads);
void kin_loader_free (KinLoader *loader);

/**
 * kin_loader_fill_views:
 * @ids: (n_images)
 * @policy: applied to each image @n_views times
 *
 * Fills a pass of n_views · n_images: view v of image i is number v · n_images + i.
 */
void kin_loader_fill_views (KinLoader *loader, KinPool *pool, KinTape *tape, const KinDataset *dataset,
                            const KinPolicy *policy, KinStream purpose, guint64 seed, guint32 epoch,
                            const guint32 *ids, guint n_images, guint n_views);

/**
 * kin_loader_fill_images:
 * @pixels: base of (…, size, size, channels) bytes
 * @ids: (n) which of them, or NULL for the first @n
 *
 * Fills a pass of @n images as they are.
 */
void kin_loader_fill_images (KinLoader *loader, KinPool *pool, KinTape *tape, const guint8 *pixels, const guint32 *ids,
                             guint n);

G_END_DECLS
