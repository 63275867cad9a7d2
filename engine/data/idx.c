#include "engine/data/idx.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <zlib.h>

#include "engine/data/build.h"
#include "engine/data/image.h"

enum
{
  RANK_MAX = 3,
  UNSIGNED_BYTES = 0x08,
  GZIP_RATIO = 1032, /* most bytes that one byte of a deflate stream can become */
  BUFFER_BYTES = 1 << 17,
};

typedef struct
{
  gzFile file;
  char *path; /* for people */
  guint rank;
  guint32 shape[RANK_MAX];
} Idx;

static void
idx_clear (Idx *idx)
{
  if (idx->file != NULL)
    gzclose (idx->file);
  g_free (idx->path);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Idx, idx_clear)

static gboolean
idx_read (Idx *idx, void *bytes, guint length, GError **error)
{
  int got = gzread (idx->file, bytes, length);

  if (got == (int) length)
    return TRUE;
  if (got < 0)
    {
      int code;
      const char *reason = gzerror (idx->file, &code);

      g_set_error (error, KIN_ERROR, KIN_ERROR_FORMAT, _("“%s” is damaged: %s"), idx->path,
                   code == Z_ERRNO ? g_strerror (errno) : reason);
    }
  else
    g_set_error (error, KIN_ERROR, KIN_ERROR_FORMAT, _("“%s” is cut off: it ends before what its header promises"),
                 idx->path);
  return FALSE;
}

/* What the shape promises, against what the file can hold. */
static gboolean
idx_check_length (Idx *idx, guint64 file_bytes, GError **error)
{
  guint64 header = 4 + 4 * idx->rank, promised = header;
  guint64 payload = 1;

  /* At most 10⁶ × 10⁸: no overflow. */
  for (guint i = 0; i < idx->rank; i++)
    payload *= idx->shape[i];
  promised += payload;
  if (gzdirect (idx->file) ? promised == file_bytes : promised / GZIP_RATIO <= file_bytes)
    return TRUE;
  g_set_error (error, KIN_ERROR, KIN_ERROR_FORMAT,
               _("“%s” has %" G_GUINT64_FORMAT " bytes; its header promises %" G_GUINT64_FORMAT "%s"), idx->path,
               file_bytes, promised, gzdirect (idx->file) ? "" : _(", more than gzip can hold in them"));
  return FALSE;
}

static gboolean
idx_check_shape (Idx *idx, GError **error)
{
  if (idx->shape[0] > KIN_IMAGES_MAX)
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_TOO_LARGE,
                   _("“%s” says that it holds %d entries; 0 to %d are possible"), idx->path, (gint32) idx->shape[0],
                   KIN_IMAGES_MAX);
      return FALSE;
    }
  if (idx->rank == RANK_MAX)
    {
      g_autoptr (GError) reason = NULL;

      if (!kin_image_check_size (idx->shape[2], idx->shape[1], &reason))
        {
          g_set_error (error, KIN_ERROR, reason->code, _("“%s” cannot be read: %s"), idx->path, reason->message);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
idx_read_header (Idx *idx, guint rank, GError **error)
{
  guint8 magic[4], size[4];

  if (!idx_read (idx, magic, sizeof magic, error))
    return FALSE;
  if (magic[0] != 0 || magic[1] != 0 || magic[2] != UNSIGNED_BYTES || magic[3] != rank)
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_FORMAT,
                   _("“%s” starts with %02x %02x %02x %02x; an IDX file of %s starts with 00 00 08 %02x"), idx->path,
                   magic[0], magic[1], magic[2], magic[3], rank == RANK_MAX ? _("images") : _("labels"), rank);
      return FALSE;
    }
  for (guint i = 0; i < rank; i++)
    {
      if (!idx_read (idx, size, sizeof size, error))
        return FALSE;
      idx->shape[i] = (guint32) size[0] << 24 | size[1] << 16 | size[2] << 8 | size[3];
    }
  return TRUE;
}

/* Opens @path and checks its header; the data are next to be read. */
static gboolean
idx_open (Idx *idx, const char *path, guint rank, GError **error)
{
  guint64 bytes;

  idx->path = g_filename_display_name (path);
  idx->rank = rank;
  if (!kin_build_check_file (path, &bytes, error))
    return FALSE;
  idx->file = gzopen (path, "rbe");
  if (idx->file == NULL)
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_FILE, _("“%s” cannot be opened: %s"), idx->path, g_strerror (errno));
      return FALSE;
    }
  gzbuffer (idx->file, BUFFER_BYTES);
  return idx_read_header (idx, rank, error) && idx_check_shape (idx, error) && idx_check_length (idx, bytes, error);
}

/* A file that goes on behind its data is not what it says; one byte is enough to know, however much there is. */
static gboolean
idx_check_end (Idx *idx, GError **error)
{
  char more;
  int got = gzread (idx->file, &more, 1);

  if (got == 0)
    return TRUE;
  if (got < 0)
    return idx_read (idx, &more, 1, error);
  g_set_error (error, KIN_ERROR, KIN_ERROR_FORMAT, _("“%s” goes on behind the %u entries that its header promises"),
               idx->path, idx->shape[0]);
  return FALSE;
}

/* Reads the first @n images to @first and behind it. */
static gboolean
read_images (Idx *idx, KinDataset *dataset, guint first, guint n, KinProgress *progress, GError **error)
{
  guint height = idx->shape[1], width = idx->shape[2], size = dataset->size;
  g_autofree guint8 *bytes = g_malloc ((gsize) height * width);
  KinImage image = { .width = width, .height = height, .channels = 1, .pixels = bytes };

  for (guint i = 0; i < n; i++)
    {
      guint8 *out = dataset->pixels + (gsize) (first + i) * size * size;

      if (!kin_progress_tell (progress, (double) (first + i) / dataset->n_images, _("Reading images")))
        {
          kin_progress_set_error (error);
          return FALSE;
        }
      if (!idx_read (idx, bytes, height * width, error))
        return FALSE;
      if (height == size && width == size)
        memcpy (out, bytes, (gsize) size * size);
      else
        kin_image_to_square (&image, size, 1, KIN_FIT_FILL, out);
    }
  return n < idx->shape[0] || idx_check_end (idx, error);
}

/* All labels of @path, which must be @n. */
static guint8 *
read_labels (const char *path, guint n, GError **error)
{
  g_auto (Idx) idx = { 0 };
  g_autofree guint8 *labels = NULL;

  if (!idx_open (&idx, path, 1, error))
    return NULL;
  if (idx.shape[0] != n)
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_FORMAT, _("“%s” holds %u labels for %u images"), idx.path, idx.shape[0],
                   n);
      return NULL;
    }
  labels = g_malloc (MAX (n, 1));
  if (!idx_read (&idx, labels, n, error) || !idx_check_end (&idx, error))
    return NULL;
  return g_steal_pointer (&labels);
}

static guint
largest (const guint8 *labels, guint n)
{
  guint most = 0;

  for (guint i = 0; i < n; i++)
    most = MAX (most, labels[i]);
  return most;
}

/* Checks @labels against @class_names, or numbers the classes, then gives the images their labels. */
static gboolean
set_labels (KinDataset *dataset, const guint8 *labels, guint n_labels, const guint8 *test_labels, guint n_test_labels,
            const char *const *class_names, guint n_train, GError **error)
{
  guint most = MAX (largest (labels, n_labels), test_labels != NULL ? largest (test_labels, n_test_labels) : 0);

  if (class_names != NULL && most >= g_strv_length ((char **) class_names))
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_FORMAT, _("a label of “%s” is %u; 0 to %u are known"), dataset->name,
                   most, g_strv_length ((char **) class_names) - 1);
      return FALSE;
    }
  if (class_names != NULL)
    kin_build_take_labels (dataset, g_strv_length ((char **) class_names), class_names);
  else
    kin_build_take_numbered_labels (dataset, most + 1);
  for (guint i = 0; i < dataset->n_images; i++)
    dataset->labels[i] = i < n_train ? labels[i] : test_labels[i - n_train];
  return TRUE;
}

static gboolean
check_same_shape (const Idx *train, const Idx *test, GError **error)
{
  if (train->shape[1] == test->shape[1] && train->shape[2] == test->shape[2])
    return TRUE;
  g_set_error (error, KIN_ERROR, KIN_ERROR_FORMAT, _("the images of “%s” are %u × %u px, those of “%s” %u × %u"),
               test->path, test->shape[2], test->shape[1], train->path, train->shape[2], train->shape[1]);
  return FALSE;
}

KinDataset *
kin_idx_read (const char *name, const KinIdxFiles *files, const char *const *class_names, const KinDataSpec *spec,
              KinProgress *progress, GError **error)
{
  g_autoptr (KinDataset) dataset = kin_build_new (name, spec->source);
  g_auto (Idx) train = { 0 };
  g_auto (Idx) test = { 0 };
  g_autofree guint8 *labels = NULL;
  g_autofree guint8 *test_labels = NULL;
  guint n_train, n_test = 0;

  if (!idx_open (&train, files->images, RANK_MAX, error))
    return NULL;
  if (files->labels != NULL && (labels = read_labels (files->labels, train.shape[0], error)) == NULL)
    return NULL;
  if (files->test_images != NULL)
    {
      if (!idx_open (&test, files->test_images, RANK_MAX, error) || !check_same_shape (&train, &test, error))
        return NULL;
      if (labels != NULL && (test_labels = read_labels (files->test_labels, test.shape[0], error)) == NULL)
        return NULL;
    }

  n_train = train.shape[0];
  n_test = test.shape[0];
  if (n_test > 0)
    kin_build_limit_parts (spec, &n_train, &n_test);
  else
    n_train = kin_build_limit_total (spec, n_train);
  n_test = MIN (n_test, KIN_IMAGES_MAX - n_train);
  if (!kin_build_take_memory (dataset, n_train + n_test, kin_build_size (spec, MAX (train.shape[1], train.shape[2])), 1,
                              error)
      || !read_images (&train, dataset, 0, n_train, progress, error)
      || (n_test > 0 && !read_images (&test, dataset, n_train, n_test, progress, error)))
    return NULL;
  if (labels != NULL
      && !set_labels (dataset, labels, train.shape[0], test_labels, test.shape[0], class_names, n_train, error))
    return NULL;
  if (n_test > 0)
    {
      dataset->n_train = n_train;
      dataset->n_test = n_test;
    }
  return g_steal_pointer (&dataset);
}
