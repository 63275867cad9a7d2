#include "engine/data/folder.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "engine/core/pool.h"
#include "engine/data/build.h"
#include "engine/data/folder-list.h"
#include "engine/data/image.h"

enum
{
  OWN_SIZE = 32,
  BLOCK = 512, /* files that are decoded between two looks at the limit */
};

/* A block of files on its way into the set. */
typedef struct
{
  const KinFolderList *list;
  const KinDataSpec *spec;
  KinProgress *progress;
  guint size;
  guint begin;      /* first file of the block */
  guint8 *pixels;   /* (BLOCK, size, size, 3) */
  GError **reasons; /* (BLOCK): why a file was not read; NULL where it was */
} Block;

static void
read_file (gpointer data, guint item, guint worker)
{
  Block *block = data;
  const KinFolderFile *file = g_ptr_array_index (block->list->files, block->begin + item);
  guint8 *out = block->pixels + (gsize) item * block->size * block->size * 3;
  g_auto (KinImage) image = { 0 };

  if (kin_progress_is_cancelled (block->progress))
    return;
  if (worker == 0)
    kin_progress_tell (block->progress, (double) (block->begin + item) / block->list->files->len, _("Reading images"));
  if (kin_image_read (file->path, &image, &block->reasons[item]))
    kin_image_to_square (&image, block->size, 3, block->spec->fit, out);
}

static gboolean
is_gray (const guint8 *rgb, gsize n)
{
  for (gsize i = 0; i < n; i++, rgb += 3)
    if (rgb[0] != rgb[1] || rgb[0] != rgb[2])
      return FALSE;
  return TRUE;
}

/* What the reading gathers, in the order of the files. */
typedef struct
{
  KinDataset *dataset;
  guint n; /* images so far */
  gboolean all_gray;
  GArray *groups;   /* of guint, one an image */
  GPtrArray *names; /* of char *, one an image */
  GArray *skipped;  /* of KinSkippedFile */
} Gathered;

static void
skipped_clear (gpointer data)
{
  KinSkippedFile *skipped = data;

  g_free (skipped->path);
  g_free (skipped->reason);
}

static void
gathered_init (Gathered *gathered, KinDataset *dataset)
{
  gathered->dataset = dataset;
  gathered->n = 0;
  gathered->all_gray = TRUE;
  gathered->groups = g_array_new (FALSE, FALSE, sizeof (guint));
  gathered->names = g_ptr_array_new_with_free_func (g_free);
  gathered->skipped = g_array_new (FALSE, FALSE, sizeof (KinSkippedFile));
  g_array_set_clear_func (gathered->skipped, skipped_clear);
}

static void
gathered_clear (Gathered *gathered)
{
  g_clear_pointer (&gathered->groups, g_array_unref);
  g_clear_pointer (&gathered->names, g_ptr_array_unref);
  g_clear_pointer (&gathered->skipped, g_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Gathered, gathered_clear)

static void
gather_skipped (Gathered *gathered, const char *path, const char *reason)
{
  KinSkippedFile skipped = { g_strdup (path), g_strdup (reason) };

  g_array_append_val (gathered->skipped, skipped);
}

/* Takes what was read of the @n files of @block. */
static void
gather (Gathered *gathered, Block *block, guint n)
{
  gsize bytes = (gsize) block->size * block->size * 3;

  for (guint i = 0; i < n; i++)
    {
      const KinFolderFile *file = g_ptr_array_index (block->list->files, block->begin + i);
      const guint8 *pixels = block->pixels + i * bytes;

      if (block->reasons[i] != NULL)
        gather_skipped (gathered, file->name, block->reasons[i]->message);
      else
        {
          memcpy (gathered->dataset->pixels + gathered->n++ * bytes, pixels, bytes);
          gathered->all_gray = gathered->all_gray && is_gray (pixels, bytes / 3);
          g_array_append_val (gathered->groups, file->group);
          g_ptr_array_add (gathered->names, g_strdup (file->name));
        }
      g_clear_error (&block->reasons[i]);
    }
}

/* Decodes until there are @most images or the files are at an end. */
static gboolean
read_files (Gathered *gathered, const KinFolderList *list, const KinDataSpec *spec, guint most, KinProgress *progress,
            GError **error)
{
  guint size = gathered->dataset->size;
  g_autofree guint8 *pixels = g_malloc ((gsize) MIN (BLOCK, list->files->len) * size * size * 3);
  GError *reasons[BLOCK] = { NULL };
  Block block = { list, spec, progress, size, 0, pixels, reasons };
  g_autoptr (KinPool) pool = kin_pool_new (0);

  while (block.begin < list->files->len && gathered->n < most)
    {
      guint n = MIN (MIN (BLOCK, list->files->len - block.begin), most - gathered->n);

      kin_pool_run (pool, n, read_file, &block);
      if (kin_progress_is_cancelled (progress))
        {
          for (guint i = 0; i < n; i++)
            g_clear_error (&reasons[i]);
          kin_progress_set_error (error);
          return FALSE;
        }
      gather (gathered, &block, n);
      block.begin += n;
    }
  return TRUE;
}

/* Gives back what skipped files left over, and two of three channels where all images are gray. */
static void
trim_pixels (KinDataset *dataset, guint n, gboolean all_gray)
{
  gsize pixels = (gsize) n * dataset->size * dataset->size;

  if (all_gray)
    {
      for (gsize i = 0; i < pixels; i++)
        dataset->pixels[i] = dataset->pixels[3 * i];
      dataset->channels = 1;
    }
  dataset->n_images = n;
  dataset->pixels = g_realloc (dataset->pixels, pixels * dataset->channels);
}

/* Makes classes of the groups that have images, if there are two or more. */
static void
label (KinDataset *dataset, const GArray *groups, const GPtrArray *group_names)
{
  guint n_groups = group_names->len + 1; /* the last one: images beside the subfolders */
  g_autofree guint *class_of = g_new0 (guint, n_groups);
  g_autofree const char **class_names = g_new (const char *, n_groups);
  guint n_classes = 0;

  for (guint i = 0; i < groups->len; i++)
    class_of[MIN (g_array_index (groups, guint, i), n_groups - 1)] = 1;
  for (guint g = 0; g < n_groups; g++)
    if (class_of[g] > 0)
      {
        class_names[n_classes] = g + 1 < n_groups ? g_ptr_array_index (group_names, g) : dataset->name;
        class_of[g] = n_classes++;
      }
  if (n_classes < 2 || n_classes > G_MAXINT16)
    return;
  kin_build_take_labels (dataset, n_classes, class_names);
  for (guint i = 0; i < groups->len; i++)
    dataset->labels[i] = class_of[MIN (g_array_index (groups, guint, i), n_groups - 1)];
}

static gboolean
check_enough (const Gathered *gathered, const char *folder, GError **error)
{
  const KinSkippedFile *first = (const KinSkippedFile *) gathered->skipped->data;
  g_autofree char *shown = g_filename_display_name (folder);

  if (gathered->n >= KIN_IMAGES_MIN)
    return TRUE;
  if (gathered->skipped->len > 0)
    g_set_error (error, KIN_ERROR, KIN_ERROR_TOO_FEW,
                 _("The folder “%s” has %u readable images; %d or more are needed. %u could not be read, the first of "
                   "them “%s”: %s"),
                 shown, gathered->n, KIN_IMAGES_MIN, gathered->skipped->len, first->path, first->reason);
  else
    g_set_error (error, KIN_ERROR, KIN_ERROR_TOO_FEW,
                 _("The folder “%s” has %u readable images; %d or more are needed"), shown, gathered->n,
                 KIN_IMAGES_MIN);
  return FALSE;
}

KinDataset *
kin_folder_read (const KinDataSpec *spec, KinProgress *progress, GError **error)
{
  g_autofree char *path = g_canonicalize_filename (spec->source, NULL);
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *name = g_filename_display_name (base);
  g_autoptr (KinDataset) dataset = kin_build_new (name, spec->source);
  g_auto (KinFolderList) list = { 0 };
  g_auto (Gathered) gathered = { 0 };
  guint most;

  if (!kin_folder_list (&list, spec->source, progress, error))
    return NULL;
  gathered_init (&gathered, dataset);
  for (guint i = 0; i < list.unreadable->len; i++)
    {
      const KinSkippedFile *skipped = g_ptr_array_index (list.unreadable, i);

      gather_skipped (&gathered, skipped->path, skipped->reason);
    }

  most = kin_build_limit_total (spec, list.files->len);
  if (most > 0)
    {
      if (!kin_build_take_memory (dataset, most, kin_build_size (spec, OWN_SIZE), 3, error)
          || !read_files (&gathered, &list, spec, most, progress, error))
        return NULL;
    }
  if (!check_enough (&gathered, spec->source, error))
    return NULL;

  trim_pixels (dataset, gathered.n, gathered.all_gray);
  label (dataset, gathered.groups, list.groups);
  g_ptr_array_add (gathered.names, NULL);
  dataset->names = (char **) g_ptr_array_free (g_steal_pointer (&gathered.names), FALSE);
  dataset->n_skipped = gathered.skipped->len;
  g_array_set_clear_func (gathered.skipped, NULL);
  dataset->skipped = (KinSkippedFile *) g_array_free (g_steal_pointer (&gathered.skipped), FALSE);
  return g_steal_pointer (&dataset);
}
