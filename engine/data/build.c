#include "engine/data/build.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdlib.h>

#include "engine/core/rng.h"

KinDataset *
kin_build_new (const char *name, const char *source)
{
  KinDataset *dataset = g_atomic_rc_box_new0 (KinDataset);

  dataset->name = g_strdup (name);
  dataset->source = g_strdup (source);
  return dataset;
}

gboolean
kin_build_take_memory (KinDataset *dataset, guint n_images, guint size, guint channels, GError **error)
{
  gsize bytes = (gsize) n_images * size * size * channels;

  g_assert (n_images <= KIN_IMAGES_MAX && size <= KIN_SIZE_MAX && channels <= 3);
  dataset->pixels = g_try_malloc (MAX (bytes, 1));
  if (dataset->pixels == NULL)
    {
      g_autofree char *text = g_format_size (bytes);

      g_set_error (error, KIN_ERROR, KIN_ERROR_TOO_LARGE,
                   _("%u images of %u px need %s, which this machine has not; take fewer images or a smaller size"),
                   n_images, size, text);
      return FALSE;
    }
  dataset->n_images = n_images;
  dataset->size = size;
  dataset->channels = channels;
  return TRUE;
}

void
kin_build_take_labels (KinDataset *dataset, guint n_classes, const char *const *class_names)
{
  g_assert (n_classes > 0 && n_classes <= G_MAXINT16);
  dataset->n_classes = n_classes;
  dataset->class_names = g_new0 (char *, n_classes + 1);
  for (guint i = 0; i < n_classes; i++)
    dataset->class_names[i] = g_strdup (class_names[i]);
  dataset->labels = g_new0 (gint16, dataset->n_images);
}

void
kin_build_take_numbered_labels (KinDataset *dataset, guint n_classes)
{
  g_auto (GStrv) names = g_new0 (char *, n_classes + 1);

  for (guint i = 0; i < n_classes; i++)
    names[i] = g_strdup_printf ("%u", i);
  kin_build_take_labels (dataset, n_classes, (const char *const *) names);
}

void
kin_build_take_factors (KinDataset *dataset, guint n_factors)
{
  dataset->n_factors = n_factors;
  dataset->factors = g_new0 (KinFactor, n_factors);
}

void
kin_build_set_factor (KinDataset *dataset, guint index, const char *name, const char *unit, float min, float max,
                      gboolean is_circular)
{
  KinFactor *factor = &dataset->factors[index];

  factor->name = g_strdup (name);
  factor->unit = g_strdup (unit);
  factor->min = min;
  factor->max = max;
  factor->is_circular = is_circular;
  factor->values = g_new0 (float, dataset->n_images);
}

gboolean
kin_build_check_file (const char *path, guint64 *bytes, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);
  GStatBuf info;

  if (g_stat (path, &info) != 0)
    g_set_error (error, KIN_ERROR, KIN_ERROR_FILE, _("“%s” cannot be opened: %s"), shown, g_strerror (errno));
  else if (!S_ISREG (info.st_mode))
    g_set_error (error, KIN_ERROR, KIN_ERROR_FILE, _("“%s” is not a file of data"), shown);
  else
    {
      *bytes = info.st_size;
      return TRUE;
    }
  return FALSE;
}

guint
kin_build_size (const KinDataSpec *spec, guint own)
{
  return spec->size != 0 ? spec->size : CLAMP (own, KIN_SIZE_MIN, KIN_SIZE_MAX);
}

void
kin_build_limit_parts (const KinDataSpec *spec, guint *n_train, guint *n_test)
{
  if (spec->limit == 0 || spec->limit >= *n_train)
    return;
  if (*n_test > 0)
    *n_test = MAX (1, (guint) lround ((double) *n_test * spec->limit / *n_train));
  *n_train = spec->limit;
}

guint
kin_build_limit_total (const KinDataSpec *spec, guint n)
{
  double total = round (spec->limit / (1.0 - spec->holdout));

  return spec->limit == 0 || total >= n ? n : (guint) total;
}

static guint
count_held_out (const KinDataset *dataset, const KinDataSpec *spec)
{
  guint n = dataset->n_images;
  guint n_test = (guint) lround (n * spec->holdout);

  /* Rounding in kin_build_limit_total() may leave one image too many to learn from. */
  if (spec->limit != 0 && n - n_test > spec->limit)
    n_test = n - spec->limit;
  /* A small set is for learning first. */
  return MIN (n_test, n - MIN (n, KIN_IMAGES_MIN));
}

static int
compare_ids (const void *a, const void *b)
{
  guint32 x = *(const guint32 *) a, y = *(const guint32 *) b;

  return (x > y) - (x < y);
}

void
kin_build_split (KinDataset *dataset, const KinDataSpec *spec)
{
  guint n = dataset->n_images;
  gboolean has_test_part = dataset->n_test > 0;
  g_autofree guint32 *order = g_new (guint32, n);

  for (guint i = 0; i < n; i++)
    order[i] = i;
  if (!has_test_part)
    {
      KinRng rng;

      dataset->n_test = count_held_out (dataset, spec);
      dataset->n_train = n - dataset->n_test;
      kin_rng_init (&rng, spec->seed, KIN_STREAM_SPLIT, 0, 0, 0);
      kin_rng_shuffle (&rng, order, n);
    }
  g_assert (dataset->n_train + dataset->n_test == n);

  dataset->train_ids = g_memdup2 (order, sizeof (guint32) * dataset->n_train);
  dataset->test_ids = g_memdup2 (order + dataset->n_train, sizeof (guint32) * dataset->n_test);
  if (!has_test_part)
    {
      qsort (dataset->train_ids, dataset->n_train, sizeof (guint32), compare_ids);
      if (dataset->n_test > 0)
        qsort (dataset->test_ids, dataset->n_test, sizeof (guint32), compare_ids);
    }
}
