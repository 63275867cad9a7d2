#include "engine/preview.h"

#include "engine/data/augment.h"

enum
{
  ALIGNMENT = 64, /* bytes */
};

/* In [0, 1] already; a half goes up. */
static guint8
to_byte (float value)
{
  return (guint8) CLAMP ((int) (value * 255.0f + 0.5f), 0, 255);
}

void
kin_preview_view (const KinDataset *dataset, const KinPolicy *policy, const KinViewKey *key, guint8 *rgb,
                  KinTrace *trace)
{
  guint size = dataset->size, channels = dataset->channels;
  gsize n = (gsize) size * size;
  float *planes, *scratch;

  g_return_if_fail (key->image < dataset->n_images);

  planes = g_aligned_alloc (channels * n, sizeof (float), ALIGNMENT);
  scratch = g_aligned_alloc (kin_augment_scratch (size, channels), sizeof (float), ALIGNMENT);
  kin_augment (policy, KIN_STREAM_AUGMENT, key, kin_dataset_get_pixels (dataset, key->image), size, channels, planes,
               scratch, trace);
  for (gsize i = 0; i < n; i++)
    for (guint c = 0; c < channels; c++)
      rgb[channels * i + c] = to_byte (planes[c * n + i]);
  g_aligned_free (scratch);
  g_aligned_free (planes);
}
