#include "engine/data/loader.h"

#include "engine/data/augment.h"

#include <stdlib.h>

struct _KinLoader
{
  guint size, channels;
  gsize scratch_size; /* floats of one worker: an image and what augmenting it needs */
  float *scratch;     /* (threads, scratch_size), 64-byte aligned */
};

static gsize
image_size (const KinLoader *loader)
{
  return (gsize) loader->channels * loader->size * loader->size;
}

static gsize
aligned (gsize n)
{
  return (n + 15) / 16 * 16;
}

KinLoader *
kin_loader_new (guint size, guint channels, guint n_threads)
{
  KinLoader *loader = g_new0 (KinLoader, 1);
  gsize bytes;

  loader->size = size;
  loader->channels = channels;
  loader->scratch_size = aligned (image_size (loader)) + aligned (kin_augment_scratch (size, channels));
  bytes = n_threads * loader->scratch_size * sizeof (float);
  loader->scratch = aligned_alloc (64, bytes);
  if (loader->scratch == NULL)
    g_error ("out of memory: %" G_GSIZE_FORMAT " bytes to load images", bytes);
  return loader;
}

void
kin_loader_free (KinLoader *loader)
{
  if (loader == NULL)
    return;
  free (loader->scratch);
  g_free (loader);
}

enum
{
  BLOCK = 16, /* images that a worker takes at a time */
};

typedef struct
{
  KinLoader *loader;
  KinTape *tape;
  guint N; /* of the pass */
  const guint32 *ids;

  const guint8 *pixels; /* as they are, or … */

  const KinDataset *dataset; /* … augmented */
  const KinPolicy *policy;
  KinStream purpose;
  guint64 seed;
  guint32 epoch;
  guint n_images;
} Job;

/* (channels, size, size) in [0, 1] to the network's number range, at its place in the tape. */
static void
put (const Job *job, guint index, const float *image)
{
  gsize area = (gsize) job->loader->size * job->loader->size;
  guint channels = job->loader->channels;
  real *to = kin_tape_get_image (job->tape, index);

  for (guint c = 0; c < channels; c++)
    for (gsize p = 0; p < area; p++)
      to[p * channels + c] = (image[c * area + p] - KIN_PIXEL_MEAN) * (1 / KIN_PIXEL_STD);
}

static void
views_block (gpointer data, guint block, guint worker)
{
  const Job *job = data;
  KinLoader *loader = job->loader;
  float *image = loader->scratch + worker * loader->scratch_size;

  for (guint index = block * BLOCK; index < MIN ((block + 1) * BLOCK, job->N); index++)
    {
      guint32 id = job->ids[index % job->n_images];
      KinViewKey key = { job->seed, job->epoch, id, index / job->n_images };

      kin_augment (job->policy, job->purpose, &key, kin_dataset_get_pixels (job->dataset, id), loader->size,
                   loader->channels, image, image + aligned (image_size (loader)), NULL);
      put (job, index, image);
    }
}

static void
images_block (gpointer data, guint block, guint worker)
{
  const Job *job = data;
  KinLoader *loader = job->loader;
  float *image = loader->scratch + worker * loader->scratch_size;
  gsize area = (gsize) loader->size * loader->size;

  for (guint index = block * BLOCK; index < MIN ((block + 1) * BLOCK, job->N); index++)
    {
      gsize id = job->ids == NULL ? index : job->ids[index];
      const guint8 *pixels = job->pixels + id * image_size (loader);

      for (gsize p = 0; p < area; p++)
        for (guint c = 0; c < loader->channels; c++)
          image[c * area + p] = pixels[p * loader->channels + c] * (1 / 255.0f);
      put (job, index, image);
    }
}

void
kin_loader_fill_views (KinLoader *loader, KinPool *pool, KinTape *tape, const KinDataset *dataset,
                       const KinPolicy *policy, KinStream purpose, guint64 seed, guint32 epoch, const guint32 *ids,
                       guint n_images, guint n_views)
{
  Job job = { .loader = loader, .tape = tape, .N = n_images * n_views, .ids = ids, .dataset = dataset,
              .policy = policy, .purpose = purpose, .seed = seed, .epoch = epoch, .n_images = n_images };

  kin_pool_run (pool, (job.N + BLOCK - 1) / BLOCK, views_block, &job);
}

void
kin_loader_fill_images (KinLoader *loader, KinPool *pool, KinTape *tape, const guint8 *pixels, const guint32 *ids,
                        guint n)
{
  Job job = { .loader = loader, .tape = tape, .N = n, .ids = ids, .pixels = pixels };

  kin_pool_run (pool, (n + BLOCK - 1) / BLOCK, images_block, &job);
}
