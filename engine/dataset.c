#include "engine/dataset.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "engine/core/ids.h"
#include "engine/data/build.h"
#include "engine/data/cifar.h"
#include "engine/data/folder.h"
#include "engine/data/idx.h"
#include "engine/data/shapes.h"

typedef KinDataset *(*ReadFunc) (const char *argument, const KinDataSpec *spec, KinProgress *progress, GError **error);

static void
dataset_clear (KinDataset *dataset)
{
  g_free (dataset->name);
  g_free (dataset->source);
  g_free (dataset->pixels);
  g_strfreev (dataset->class_names);
  g_free (dataset->labels);
  for (guint i = 0; i < dataset->n_factors; i++)
    {
      g_free (dataset->factors[i].name);
      g_free (dataset->factors[i].unit);
      g_free (dataset->factors[i].values);
    }
  g_free (dataset->factors);
  g_strfreev (dataset->names);
  g_free (dataset->train_ids);
  g_free (dataset->test_ids);
  for (guint i = 0; i < dataset->n_skipped; i++)
    {
      g_free (dataset->skipped[i].path);
      g_free (dataset->skipped[i].reason);
    }
  g_free (dataset->skipped);
}

KinDataset *
kin_dataset_ref (KinDataset *dataset)
{
  return g_atomic_rc_box_acquire (dataset);
}

void
kin_dataset_unref (KinDataset *dataset)
{
  g_atomic_rc_box_release_full (dataset, (GDestroyNotify) dataset_clear);
}

static KinDataset *
read_shapes (const char *argument, const KinDataSpec *spec, KinProgress *progress, GError **error)
{
  return kin_shapes_read (FALSE, spec, progress, error);
}

static KinDataset *
read_cluttered (const char *argument, const KinDataSpec *spec, KinProgress *progress, GError **error)
{
  return kin_shapes_read (TRUE, spec, progress, error);
}

static KinDataset *
read_fashion_mnist (const char *argument, const KinDataSpec *spec, KinProgress *progress, GError **error)
{
  return kin_fashion_mnist_read (spec, progress, error);
}

static gboolean
has_empty_part (char **parts)
{
  for (guint i = 0; parts[i] != NULL; i++)
    if (parts[i][0] == '\0')
      return TRUE;
  return parts[0] == NULL;
}

static KinDataset *
read_idx (const char *argument, const KinDataSpec *spec, KinProgress *progress, GError **error)
{
  g_auto (GStrv) paths = g_strsplit (argument, ",", -1);
  g_autofree char *base = NULL;
  g_autofree char *name = NULL;
  KinIdxFiles files = { 0 };

  if (has_empty_part (paths) || g_strv_length (paths) > 2)
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION,
                   _("“%s” names no set; one file of images, and perhaps one of labels, are: idx:IMAGES[,LABELS]"),
                   spec->source);
      return NULL;
    }
  files.images = paths[0];
  files.labels = paths[1];
  base = g_path_get_basename (paths[0]);
  name = g_filename_display_name (base);
  return kin_idx_read (name, &files, NULL, spec, progress, error);
}

static KinDataset *
read_cifar (KinCifar kind, const char *argument, const KinDataSpec *spec, KinProgress *progress, GError **error)
{
  g_auto (GStrv) paths = g_strsplit (argument, ",", -1);

  if (has_empty_part (paths))
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION,
                   _("“%s” names no set; it takes one or more files: %s:FILE[,FILE…]"), spec->source,
                   kind == KIN_CIFAR_10 ? "cifar10" : "cifar100");
      return NULL;
    }
  return kin_cifar_read (kind, (const char *const *) paths, spec, progress, error);
}

static KinDataset *
read_cifar10 (const char *argument, const KinDataSpec *spec, KinProgress *progress, GError **error)
{
  return read_cifar (KIN_CIFAR_10, argument, spec, progress, error);
}

static KinDataset *
read_cifar100 (const char *argument, const KinDataSpec *spec, KinProgress *progress, GError **error)
{
  return read_cifar (KIN_CIFAR_100, argument, spec, progress, error);
}

static KinDataset *
read_folder (const char *argument, const KinDataSpec *spec, KinProgress *progress, GError **error)
{
  if (!g_file_test (argument, G_FILE_TEST_EXISTS))
    g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION,
                 _("“%s” is neither a folder nor a set; sets are shapes, shapes-cluttered, fashion-mnist, "
                   "idx:IMAGES[,LABELS], cifar10:FILE[,FILE…], cifar100:FILE[,FILE…]"),
                 argument);
  else if (!g_file_test (argument, G_FILE_TEST_IS_DIR))
    g_set_error (error, KIN_ERROR, KIN_ERROR_FILE,
                 _("“%s” is a file; give the folder with the images, or say what the file is: idx:%s, cifar10:%s"),
                 argument, argument, argument);
  else
    return kin_folder_read (spec, progress, error);
  return NULL;
}

/* A prefix ends with a colon; other ids are whole. The folder comes last and takes what is left. */
typedef struct
{
  const char *prefix;
  ReadFunc read;
  KinSourceInfo info;
} Source;

static const Source SOURCES[] = {
  { "shapes",
    read_shapes,
    { "shapes", N_("Shapes"), N_("Eight drawn shapes of any hue, size and rotation on a plain background."), TRUE,
      "shapes" } },
  { "shapes-cluttered",
    read_cluttered,
    { "shapes-cluttered", N_("Shapes on clutter"), N_("Smaller shapes on coloured gradients, stripes and clouds."),
      TRUE, "shapes" } },
  { "fashion-mnist",
    read_fashion_mnist,
    { "fashion-mnist", N_("Fashion-MNIST"),
      N_("70,000 gray pictures of clothes, from the package dataset-fashion-mnist."), FALSE, "gray" } },
  { "idx:",
    read_idx,
    { "idx:IMAGES[,LABELS]", N_("IDX files"), N_("Gray images of the MNIST family, plain or gzip."), FALSE,
      "gray" } },
  { "cifar10:",
    read_cifar10,
    { "cifar10:FILE[,FILE…]", N_("CIFAR-10"), N_("The binary version; test_batch.bin is held out."), FALSE,
      "simclr" } },
  { "cifar100:",
    read_cifar100,
    { "cifar100:FILE[,FILE…]", N_("CIFAR-100"), N_("The binary version; test.bin is held out."), FALSE, "simclr" } },
  { NULL,
    read_folder,
    { "FOLDER", N_("A folder of images"), N_("PNG, JPEG and others; a first-level subfolder is a class."), FALSE,
      "simclr" } },
};

static const Source *
find_source (const char *text, const char **argument)
{
  guint i = 0;

  for (; SOURCES[i].prefix != NULL; i++)
    {
      const char *prefix = SOURCES[i].prefix;
      gboolean takes_argument = g_str_has_suffix (prefix, ":");

      if (takes_argument ? g_str_has_prefix (text, prefix) : g_str_equal (text, prefix))
        {
          *argument = text + strlen (prefix);
          return &SOURCES[i];
        }
    }
  *argument = text;
  return &SOURCES[i];
}

static gboolean
check_spec (const KinDataSpec *spec, GError **error)
{
  if (spec->source == NULL || spec->source[0] == '\0')
    g_set_error_literal (error, KIN_ERROR, KIN_ERROR_OPTION, _("No set of images is named"));
  else if (spec->limit != 0 && (spec->limit < KIN_IMAGES_MIN || spec->limit > KIN_IMAGES_MAX))
    g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION, _("limit is %u; it must be 0 (all) or %d to %d"), spec->limit,
                 KIN_IMAGES_MIN, KIN_IMAGES_MAX);
  else if (spec->size != 0 && (spec->size < KIN_SIZE_MIN || spec->size > KIN_SIZE_MAX))
    g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION, _("size is %u px; it must be 0 (the set's own) or %d to %d"),
                 spec->size, KIN_SIZE_MIN, KIN_SIZE_MAX);
  else if (!(spec->holdout >= 0.0 && spec->holdout <= 0.5))
    g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION, _("holdout is %g; it must be 0 to 0.5"), spec->holdout);
  else if (spec->fit != KIN_FIT_FILL && spec->fit != KIN_FIT_FIT)
    g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION, _("fit is %d; it must be fill or fit"), (int) spec->fit);
  else
    return TRUE;
  return FALSE;
}

KinDataset *
kin_dataset_open (const KinDataSpec *spec, KinProgressFunc progress, gpointer user_data, GError **error)
{
  g_autoptr (KinDataset) dataset = NULL;
  const Source *source;
  const char *argument;
  KinProgress teller;

  g_return_val_if_fail (spec != NULL, NULL);

  if (!check_spec (spec, error))
    return NULL;
  kin_progress_init (&teller, progress, user_data);
  source = find_source (spec->source, &argument);
  dataset = source->read (argument, spec, &teller, error);
  if (dataset == NULL)
    return NULL;
  if (dataset->n_images < KIN_IMAGES_MIN)
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_TOO_FEW, _("“%s” has %u images; %d or more are needed"), dataset->name,
                   dataset->n_images, KIN_IMAGES_MIN);
      return NULL;
    }
  kin_build_split (dataset, spec);
  return g_steal_pointer (&dataset);
}

const guint8 *
kin_dataset_get_pixels (const KinDataset *dataset, guint id)
{
  g_return_val_if_fail (id < dataset->n_images, NULL);

  return dataset->pixels + (gsize) id * dataset->size * dataset->size * dataset->channels;
}

gboolean
kin_dataset_is_held_out (const KinDataset *dataset, guint id)
{
  return kin_ids_find (dataset->test_ids, dataset->n_test, id) >= 0;
}

char *
kin_dataset_dup_image_name (const KinDataset *dataset, guint id)
{
  g_return_val_if_fail (id < dataset->n_images, NULL);

  if (dataset->names != NULL)
    return g_strdup (dataset->names[id]);
  if (dataset->labels != NULL)
    return g_strdup_printf ("%s #%u", dataset->class_names[dataset->labels[id]], id);
  return g_strdup_printf ("#%u", id);
}

static gboolean
is_number (const char *text)
{
  return text[0] != '\0' && strspn (text, "0123456789") == strlen (text);
}

/* @text without the folder of the set before it. */
static const char *
below_folder (const KinDataset *dataset, const char *text)
{
  gsize length = strlen (dataset->source);

  while (length > 0 && dataset->source[length - 1] == G_DIR_SEPARATOR)
    length--;
  if (length > 0 && strncmp (text, dataset->source, length) == 0 && text[length] == G_DIR_SEPARATOR)
    return text + length + strspn (text + length, G_DIR_SEPARATOR_S);
  return text;
}

/* Returns: how many images have that base name; @id: the first of them */
static guint
find_base_name (const KinDataset *dataset, const char *base, guint *id)
{
  guint n = 0;

  for (guint i = 0; i < dataset->n_images; i++)
    {
      const char *slash = strrchr (dataset->names[i], G_DIR_SEPARATOR);

      if (g_str_equal (slash != NULL ? slash + 1 : dataset->names[i], base) && n++ == 0)
        *id = i;
    }
  return n;
}

static gboolean
find_name (const KinDataset *dataset, const char *text, guint *id, GError **error)
{
  const char *name = below_folder (dataset, text);
  guint n, first = 0;

  for (guint i = 0; i < dataset->n_images; i++)
    if (g_str_equal (dataset->names[i], name))
      {
        *id = i;
        return TRUE;
      }
  n = find_base_name (dataset, name, &first);
  if (n == 1)
    {
      *id = first;
      return TRUE;
    }
  if (n > 1)
    g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION,
                 _("%u images of “%s” are called “%s”; say which one with its folder, “%s” for the first"), n,
                 dataset->name, name, dataset->names[first]);
  else
    g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION,
                 _("There is no image “%s” in “%s”; give an id of 0 to %u, or the name of one of its files"), text,
                 dataset->name, dataset->n_images - 1);
  return FALSE;
}

gboolean
kin_dataset_find_image (const KinDataset *dataset, const char *text, guint *id, GError **error)
{
  guint64 number;

  if (is_number (text) && g_ascii_string_to_unsigned (text, 10, 0, dataset->n_images - 1, &number, NULL))
    {
      *id = number;
      return TRUE;
    }
  if (dataset->names != NULL)
    return find_name (dataset, text, id, error);
  g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION, _("There is no image “%s” in “%s”; its ids are 0 to %u"), text,
               dataset->name, dataset->n_images - 1);
  return FALSE;
}

const KinSourceInfo *
kin_sources (guint *n)
{
  static KinSourceInfo infos[G_N_ELEMENTS (SOURCES)];
  static gsize is_ready = 0;

  if (g_once_init_enter (&is_ready))
    {
      char *files[4];

      for (guint i = 0; i < G_N_ELEMENTS (SOURCES); i++)
        {
          infos[i] = SOURCES[i].info;
          if (SOURCES[i].read == read_fashion_mnist && kin_fashion_mnist_find (files))
            {
              infos[i].is_builtin = TRUE;
              for (guint f = 0; f < G_N_ELEMENTS (files); f++)
                g_free (files[f]);
            }
        }
      g_once_init_leave (&is_ready, 1);
    }
  *n = G_N_ELEMENTS (infos);
  return infos;
}

const char *
kin_source_default_policy (const KinDataset *dataset)
{
  const char *argument;
  const Source *source = find_source (dataset->source, &argument);

  if (source->prefix == NULL && dataset->channels == 1)
    return "gray";
  return source->info.policy;
}
