#include <glib/gi18n-lib.h>

#include "engine/data/idx.h"

#define DEBIAN_DIR "/usr/share/datasets"

static const char *const CLASS_NAMES[] = { "T-shirt/top", "trouser", "pullover", "dress",      "coat", "sandal",
                                           "shirt",       "sneaker", "bag",      "ankle boot", NULL };

static const char *const FILES[4]
    = { "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte" };

/* Compressed as the package has it, or plain. */
static gboolean
find_in (const char *folder, char *files[4])
{
  static const char *const ends[] = { ".gz", "" };
  guint n = 0;

  for (guint i = 0; i < 4; i++)
    {
      files[i] = NULL;
      for (guint e = 0; e < G_N_ELEMENTS (ends) && files[i] == NULL; e++)
        {
          g_autofree char *base = g_strconcat (FILES[i], ends[e], NULL);
          g_autofree char *path = g_build_filename (folder, "fashion-mnist", base, NULL);

          if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
            files[i] = g_steal_pointer (&path);
        }
      n += files[i] != NULL;
    }
  if (n == 4)
    return TRUE;
  for (guint i = 0; i < 4; i++)
    g_clear_pointer (&files[i], g_free);
  return FALSE;
}

gboolean
kin_fashion_mnist_find (char *files[4])
{
  const char *own = g_getenv ("KIN_DATASETS_DIR");

  return (own != NULL && find_in (own, files)) || find_in (DEBIAN_DIR, files);
}

KinDataset *
kin_fashion_mnist_read (const KinDataSpec *spec, KinProgress *progress, GError **error)
{
  char *paths[4] = { NULL };
  KinIdxFiles files;
  KinDataset *dataset;

  if (!kin_fashion_mnist_find (paths))
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_FILE,
                   _("The files of fashion-mnist are not in %s; install the package dataset-fashion-mnist, or put the "
                     "four files into the folder fashion-mnist of $KIN_DATASETS_DIR"),
                   DEBIAN_DIR "/fashion-mnist");
      return NULL;
    }
  files = (KinIdxFiles) { paths[0], paths[1], paths[2], paths[3] };
  dataset = kin_idx_read ("fashion-mnist", &files, CLASS_NAMES, spec, progress, error);
  for (guint i = 0; i < 4; i++)
    g_free (paths[i]);
  return dataset;
}
