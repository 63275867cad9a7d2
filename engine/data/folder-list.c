#include "engine/data/folder-list.h"

#include <dirent.h>
#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/dataset.h"

enum
{
  DEPTH_MAX = 64,
};

static const char *const EXTENSIONS[] = { "png", "jpg", "jpeg", "jpe", "jfif", "webp", "gif",  "bmp", "tif", "tiff",
                                          "pnm", "ppm", "pgm",  "pbm", "tga",  "avif", "heic", "jxl", NULL };

typedef struct
{
  KinFolderList *list;
  GHashTable *entered; /* "device:inode" of folders: links may lead in circles */
  KinProgress *progress;
} Walk;

static void
file_free (gpointer data)
{
  KinFolderFile *file = data;

  g_free (file->path);
  g_free (file->name);
  g_free (file);
}

void
kin_skipped_file_free (gpointer data)
{
  KinSkippedFile *skipped = data;

  g_free (skipped->path);
  g_free (skipped->reason);
  g_free (skipped);
}

void
kin_folder_list_clear (KinFolderList *list)
{
  g_clear_pointer (&list->files, g_ptr_array_unref);
  g_clear_pointer (&list->groups, g_ptr_array_unref);
  g_clear_pointer (&list->unreadable, g_ptr_array_unref);
}

static gboolean
has_image_extension (const char *name)
{
  const char *dot = strrchr (name, '.');

  for (guint i = 0; dot != NULL && EXTENSIONS[i] != NULL; i++)
    if (g_ascii_strcasecmp (dot + 1, EXTENSIONS[i]) == 0)
      return TRUE;
  return FALSE;
}

typedef struct
{
  char *name;
  gboolean is_file; /* known to be a regular one: asking for each of 60,000 takes longer than reading their names */
} Entry;

static void
entry_clear (gpointer data)
{
  g_free (((Entry *) data)->name);
}

static int
compare_names (const void *a, const void *b)
{
  return strcmp (((const Entry *) a)->name, ((const Entry *) b)->name);
}

/* What is in @folder and does not start with a dot, sorted by name. */
static GArray *
list_entries (const char *folder, GError **error)
{
  DIR *dir = opendir (folder);
  struct dirent *found;
  GArray *entries;

  if (dir == NULL)
    {
      g_set_error_literal (error, KIN_ERROR, KIN_ERROR_FILE, g_strerror (errno));
      return NULL;
    }
  entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_array_set_clear_func (entries, entry_clear);
  while ((found = readdir (dir)) != NULL)
    if (found->d_name[0] != '.')
      {
        Entry entry = { g_strdup (found->d_name), FALSE };

#ifdef DT_REG
        entry.is_file = found->d_type == DT_REG;
#endif
        g_array_append_val (entries, entry);
      }
  closedir (dir);
  g_array_sort (entries, compare_names);
  return entries;
}

static void
add_unreadable (Walk *walk, const char *name, const char *reason)
{
  KinSkippedFile *skipped = g_new (KinSkippedFile, 1);

  skipped->path = g_strdup (name);
  skipped->reason = g_strdup (reason);
  g_ptr_array_add (walk->list->unreadable, skipped);
}

static gboolean
add_file (Walk *walk, const char *path, const char *name, guint group, GError **error)
{
  KinFolderFile *file;

  if (walk->list->files->len == KIN_IMAGES_MAX)
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_TOO_LARGE, _("There are more than %d images in the folder"),
                   KIN_IMAGES_MAX);
      return FALSE;
    }
  file = g_new (KinFolderFile, 1);
  file->path = g_strdup (path);
  file->name = g_strdup (name);
  file->group = group;
  g_ptr_array_add (walk->list->files, file);
  return TRUE;
}

static gboolean walk_folder (Walk *walk, const char *path, const char *name, guint depth, guint group,
                             const GStatBuf *info, GError **error);

static gboolean
visit (Walk *walk, const char *path, const char *name, gboolean is_file, guint depth, guint group, GError **error)
{
  GStatBuf info;

  if (is_file)
    return !has_image_extension (path) || add_file (walk, path, name, group, error);
  if (g_stat (path, &info) != 0)
    {
      /* A link that leads nowhere is worth a word only if it should have been an image. */
      if (has_image_extension (name))
        add_unreadable (walk, name, g_strerror (errno));
      return TRUE;
    }
  if (S_ISDIR (info.st_mode))
    {
      if (depth == 0)
        {
          g_autofree char *title = g_strdup (name);

          group = walk->list->groups->len;
          g_ptr_array_add (walk->list->groups, g_steal_pointer (&title));
        }
      return walk_folder (walk, path, name, depth + 1, group, &info, error);
    }
  return !S_ISREG (info.st_mode) || !has_image_extension (path) || add_file (walk, path, name, group, error);
}

/* Returns: FALSE when the walk is to end; a folder that cannot be read does not end it */
static gboolean
walk_folder (Walk *walk, const char *path, const char *name, guint depth, guint group, const GStatBuf *info,
             GError **error)
{
  g_autofree char *key
      = g_strdup_printf ("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT, (guint64) info->st_dev, (guint64) info->st_ino);
  g_autoptr (GArray) entries = NULL;
  g_autoptr (GError) reason = NULL;

  if (!g_hash_table_add (walk->entered, g_steal_pointer (&key)))
    return TRUE;
  if (depth > DEPTH_MAX)
    {
      add_unreadable (walk, name, _("folders are nested too deeply"));
      return TRUE;
    }
  entries = list_entries (path, &reason);
  if (entries == NULL)
    {
      add_unreadable (walk, name, reason->message);
      return TRUE;
    }
  for (guint i = 0; i < entries->len; i++)
    {
      const Entry *entry = &g_array_index (entries, Entry, i);
      g_autofree char *child = g_build_filename (path, entry->name, NULL);
      g_autofree char *base_utf8 = g_filename_display_name (entry->name);
      g_autofree char *child_name = depth == 0 ? g_strdup (base_utf8) : g_build_filename (name, base_utf8, NULL);

      if (!kin_progress_tell (walk->progress, -1.0, _("Looking for images")))
        {
          kin_progress_set_error (error);
          return FALSE;
        }
      if (!visit (walk, child, child_name, entry->is_file, depth, group, error))
        return FALSE;
    }
  return TRUE;
}

/* Turn t takes the t-th image of every group that has so many. */
static void
let_groups_take_turns (KinFolderList *list)
{
  guint n = list->files->len, n_groups = list->groups->len + 1;
  g_autofree guint *turns = g_new0 (guint, n_groups);      /* images of each group so far */
  g_autofree guint *place = g_new (guint, n);              /* turn of each image */
  g_autofree guint *begin = g_new0 (guint, (gsize) n + 1); /* first place of each turn */
  g_autoptr (GPtrArray) sorted = g_ptr_array_new_with_free_func (file_free);

  for (guint i = 0; i < n; i++)
    {
      const KinFolderFile *file = g_ptr_array_index (list->files, i);

      place[i] = turns[MIN (file->group, n_groups - 1)]++;
      begin[place[i] + 1]++;
    }
  for (guint t = 0; t < n; t++)
    begin[t + 1] += begin[t];
  g_ptr_array_set_size (sorted, n);
  for (guint i = 0; i < n; i++)
    sorted->pdata[begin[place[i]]++] = list->files->pdata[i];
  g_ptr_array_set_free_func (list->files, NULL);
  g_ptr_array_unref (list->files);
  list->files = g_steal_pointer (&sorted);
}

gboolean
kin_folder_list (KinFolderList *list, const char *folder, KinProgress *progress, GError **error)
{
  Walk walk = { .list = list, .progress = progress };
  g_autofree char *shown = g_filename_display_name (folder);
  g_autoptr (GHashTable) entered = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GArray) entries = NULL;
  g_autoptr (GError) reason = NULL;
  GStatBuf info;

  list->files = g_ptr_array_new_with_free_func (file_free);
  list->groups = g_ptr_array_new_with_free_func (g_free);
  list->unreadable = g_ptr_array_new_with_free_func (kin_skipped_file_free);
  walk.entered = entered;

  /* The folder itself must be readable; what is below it is skipped with a reason. */
  entries = list_entries (folder, &reason);
  if (entries == NULL || g_stat (folder, &info) != 0)
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_FILE, _("The folder “%s” cannot be opened: %s"), shown,
                   reason != NULL ? reason->message : g_strerror (errno));
      return FALSE;
    }
  if (!walk_folder (&walk, folder, "", 0, G_MAXUINT, &info, error))
    return FALSE;
  if (list->files->len > 0)
    let_groups_take_turns (list);
  return TRUE;
}
