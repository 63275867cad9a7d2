/* Feeds bytes to every reader of files; see meson.build for how.
 *
 * The first byte chooses the reader, the rest is the file. PNG checksums stop most mutations: libpng is told nothing of
 * that here, so start from a corpus of small valid files. gdk-pixbuf asks for absurd amounts of memory and copes when
 * it gets none: ASAN_OPTIONS=allocator_may_return_null=1. */

#include <sys/mman.h>
#include <unistd.h>

#include "engine/dataset.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize length);

static void
open_set (const char *kind, const char *path)
{
  g_autofree char *source = g_strdup_printf ("%s:%s", kind, path);
  KinDataSpec spec = { .source = source, .limit = 64, .holdout = 0.2 };
  g_autoptr (GError) error = NULL;
  g_autoptr (KinDataset) dataset = kin_dataset_open (&spec, NULL, NULL, &error);

  g_assert ((dataset == NULL) == (error != NULL));
}

static void
load_image (const char *path, guint channels, KinFit fit)
{
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *pixels = kin_image_load (path, 32, channels, fit, &error);

  g_assert ((pixels == NULL) == (error != NULL));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize length)
{
  int file;
  g_autofree char *path = NULL;

  if (length == 0)
    return 0;
  file = memfd_create ("fuzz", MFD_CLOEXEC);
  g_assert (file >= 0 && write (file, data + 1, length - 1) == (gssize) length - 1);
  path = g_strdup_printf ("/proc/self/fd/%d", file);
  switch (data[0] % 5)
    {
    case 0:
      load_image (path, 3, KIN_FIT_FILL);
      break;
    case 1:
      load_image (path, 1, KIN_FIT_FIT);
      break;
    case 2:
      open_set ("idx", path);
      break;
    case 3:
      open_set ("cifar10", path);
      break;
    case 4:
      open_set ("cifar100", path);
      break;
    }
  close (file);
  return 0;
}
