#include "engine/data/cifar.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#include "engine/data/build.h"
#include "engine/data/image.h"

enum
{
  SIDE = 32,
  PLANE = SIDE * SIDE,
  LABELS_MAX = 2,
};

typedef struct
{
  const char *id;
  const char *test_file;
  guint n_labels; /* bytes before the pixels; the last one is the class */
  guint n_classes;
  const char *const *class_names;
} Kind;

static const char *const NAMES_10[]
    = { "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck" };

static const char *const NAMES_100[] = {
  "apple",       "aquarium fish", "baby",         "bear",         "beaver",     "bed",        "bee",       "beetle",
  "bicycle",     "bottle",        "bowl",         "boy",          "bridge",     "bus",        "butterfly", "camel",
  "can",         "castle",        "caterpillar",  "cattle",       "chair",      "chimpanzee", "clock",     "cloud",
  "cockroach",   "couch",         "crab",         "crocodile",    "cup",        "dinosaur",   "dolphin",   "elephant",
  "flatfish",    "forest",        "fox",          "girl",         "hamster",    "house",      "kangaroo",  "keyboard",
  "lamp",        "lawn mower",    "leopard",      "lion",         "lizard",     "lobster",    "man",       "maple tree",
  "motorcycle",  "mountain",      "mouse",        "mushroom",     "oak tree",   "orange",     "orchid",    "otter",
  "palm tree",   "pear",          "pickup truck", "pine tree",    "plain",      "plate",      "poppy",     "porcupine",
  "possum",      "rabbit",        "raccoon",      "ray",          "road",       "rocket",     "rose",      "sea",
  "seal",        "shark",         "shrew",        "skunk",        "skyscraper", "snail",      "snake",     "spider",
  "squirrel",    "streetcar",     "sunflower",    "sweet pepper", "table",      "tank",       "telephone", "television",
  "tiger",       "tractor",       "train",        "trout",        "tulip",      "turtle",     "wardrobe",  "whale",
  "willow tree", "wolf",          "woman",        "worm",
};

G_STATIC_ASSERT (G_N_ELEMENTS (NAMES_10) == 10);
G_STATIC_ASSERT (G_N_ELEMENTS (NAMES_100) == 100);

static const Kind KINDS[] = {
  [KIN_CIFAR_10] = { "cifar10", "test_batch.bin", 1, 10, NAMES_10 },
  [KIN_CIFAR_100] = { "cifar100", "test.bin", 2, 100, NAMES_100 },
};

/* One of the files, opened and measured. */
typedef struct
{
  char *path; /* for people */
  FILE *file;
  guint n;
} Part;

static void
part_free (gpointer data)
{
  Part *part = data;

  if (part->file != NULL)
    fclose (part->file);
  g_free (part->path);
  g_free (part);
}

static Part *
part_open (const Kind *kind, const char *path, GError **error)
{
  guint64 bytes, record = kind->n_labels + 3 * PLANE;
  Part *part;

  if (!kin_build_check_file (path, &bytes, error))
    return NULL;
  part = g_new0 (Part, 1);
  part->path = g_filename_display_name (path);
  if (bytes == 0 || bytes % record != 0)
    g_set_error (error, KIN_ERROR, KIN_ERROR_FORMAT,
                 _("“%s” has %" G_GUINT64_FORMAT " bytes; a %s file has a multiple of %" G_GUINT64_FORMAT), part->path,
                 bytes, kind->id, record);
  else if (bytes / record > KIN_IMAGES_MAX)
    g_set_error (error, KIN_ERROR, KIN_ERROR_TOO_LARGE, _("“%s” holds more than %d images"), part->path,
                 KIN_IMAGES_MAX);
  else if ((part->file = g_fopen (path, "rbe")) == NULL)
    g_set_error (error, KIN_ERROR, KIN_ERROR_FILE, _("“%s” cannot be opened: %s"), part->path, g_strerror (errno));
  else
    {
      part->n = bytes / record;
      return part;
    }
  part_free (part);
  return NULL;
}

static gboolean
is_test_file (const char *path)
{
  g_autofree char *base = g_path_get_basename (path);

  return g_str_has_prefix (base, "test");
}

/* Opens the files of one part; @n grows by their images. */
static gboolean
open_parts (const Kind *kind, const GPtrArray *paths, GPtrArray *parts, guint *n, GError **error)
{
  for (guint i = 0; i < paths->len; i++)
    {
      Part *part = part_open (kind, g_ptr_array_index (paths, i), error);

      if (part == NULL)
        return FALSE;
      g_ptr_array_add (parts, part);
      if (part->n > KIN_IMAGES_MAX - *n)
        {
          g_set_error (error, KIN_ERROR, KIN_ERROR_TOO_LARGE, _("The files hold more than %d images"), KIN_IMAGES_MAX);
          return FALSE;
        }
      *n += part->n;
    }
  return TRUE;
}

/* Planes of red, green and blue become pixels. */
static void
interleave (const guint8 *planes, guint8 *rgb)
{
  for (guint i = 0; i < PLANE; i++)
    for (guint c = 0; c < 3; c++)
      rgb[3 * i + c] = planes[c * PLANE + i];
}

static gboolean
read_record (const Kind *kind, Part *part, KinDataset *dataset, guint id, GError **error)
{
  guint8 record[LABELS_MAX + 3 * PLANE], rgb[3 * PLANE];
  guint size = dataset->size, label;
  guint8 *out = dataset->pixels + (gsize) id * size * size * 3;
  KinImage image = { .width = SIDE, .height = SIDE, .channels = 3, .pixels = rgb };

  if (fread (record, kind->n_labels + 3 * PLANE, 1, part->file) != 1)
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_FILE, _("“%s” became shorter while it was read"), part->path);
      return FALSE;
    }
  label = record[kind->n_labels - 1];
  if (label >= kind->n_classes)
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_FORMAT, _("“%s” has a label %u; %s has 0 to %u"), part->path, label,
                   kind->id, kind->n_classes - 1);
      return FALSE;
    }
  dataset->labels[id] = label;
  interleave (record + kind->n_labels, rgb);
  if (size == SIDE)
    memcpy (out, rgb, sizeof rgb);
  else
    kin_image_to_square (&image, size, 3, KIN_FIT_FILL, out);
  return TRUE;
}

/* Fills the ids in [@begin, @end) from @parts. */
static gboolean
read_parts (const Kind *kind, const GPtrArray *parts, KinDataset *dataset, guint begin, guint end,
            KinProgress *progress, GError **error)
{
  guint id = begin;

  for (guint p = 0; p < parts->len; p++)
    {
      Part *part = g_ptr_array_index (parts, p);

      for (guint i = 0; i < part->n && id < end; i++, id++)
        {
          if (!kin_progress_tell (progress, (double) id / dataset->n_images, _("Reading images")))
            {
              kin_progress_set_error (error);
              return FALSE;
            }
          if (!read_record (kind, part, dataset, id, error))
            return FALSE;
        }
    }
  return TRUE;
}

/* Sorts the given paths into @train and @test. */
static void
sort_paths (const Kind *kind, const char *const *paths, GPtrArray *train, GPtrArray *test)
{
  g_autofree char *folder = g_path_get_dirname (paths[0]);
  g_autofree char *beside = g_build_filename (folder, kind->test_file, NULL);

  gboolean has_others = FALSE;

  for (guint i = 0; paths[i] != NULL; i++)
    has_others |= !is_test_file (paths[i]);
  for (guint i = 0; paths[i] != NULL; i++)
    g_ptr_array_add (has_others && is_test_file (paths[i]) ? test : train, g_strdup (paths[i]));
  if (has_others && test->len == 0 && g_file_test (beside, G_FILE_TEST_IS_REGULAR))
    g_ptr_array_add (test, g_steal_pointer (&beside));
}

KinDataset *
kin_cifar_read (KinCifar cifar, const char *const *paths, const KinDataSpec *spec, KinProgress *progress,
                GError **error)
{
  const Kind *kind = &KINDS[cifar];
  g_autoptr (KinDataset) dataset = kin_build_new (kind->id, spec->source);
  g_autoptr (GPtrArray) train_paths = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) test_paths = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) train = g_ptr_array_new_with_free_func (part_free);
  g_autoptr (GPtrArray) test = g_ptr_array_new_with_free_func (part_free);
  guint n_train = 0, n_test = 0, total = 0;

  sort_paths (kind, paths, train_paths, test_paths);
  if (!open_parts (kind, train_paths, train, &total, error))
    return NULL;
  n_train = total;
  if (!open_parts (kind, test_paths, test, &total, error))
    return NULL;
  n_test = total - n_train;
  if (n_test > 0)
    kin_build_limit_parts (spec, &n_train, &n_test);
  else
    n_train = kin_build_limit_total (spec, n_train);

  if (!kin_build_take_memory (dataset, n_train + n_test, kin_build_size (spec, SIDE), 3, error))
    return NULL;
  kin_build_take_labels (dataset, kind->n_classes, kind->class_names);
  if (!read_parts (kind, train, dataset, 0, n_train, progress, error)
      || !read_parts (kind, test, dataset, n_train, n_train + n_test, progress, error))
    return NULL;
  if (n_test > 0)
    {
      dataset->n_train = n_train;
      dataset->n_test = n_test;
    }
  return g_steal_pointer (&dataset);
}
