#pragma once

#include "engine/data/progress.h"

G_BEGIN_DECLS

/* A file that may be an image. */
typedef struct
{
  char *path;  /* in the file system's encoding */
  char *name;  /* UTF-8, below the folder */
  guint group; /* first-level subfolder, counted in the order of their names; G_MAXUINT for the folder itself */
} KinFolderFile;

typedef struct
{
  GPtrArray *files;      /* of KinFolderFile: groups take turns, by path within each */
  GPtrArray *groups;     /* of char *: names of the first-level subfolders, UTF-8 */
  GPtrArray *unreadable; /* of KinSkippedFile: folders that could not be opened */
} KinFolderList;

void kin_folder_list_clear (KinFolderList *list);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (KinFolderList, kin_folder_list_clear)

void kin_skipped_file_free (gpointer skipped);

/**
 * kin_folder_list:
 * @list: (out caller-allocates)
 *
 * Finds all images below @folder. Returns: FALSE with %KIN_ERROR_FILE, %KIN_ERROR_TOO_LARGE or %KIN_ERROR_CANCELLED
 */
gboolean kin_folder_list (KinFolderList *list, const char *folder, KinProgress *progress, GError **error);

G_END_DECLS
