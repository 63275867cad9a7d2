#pragma once

#include "engine/error.h"

G_BEGIN_DECLS

#define KIN_SIZE_MIN 16    /* px */
#define KIN_SIZE_MAX 96    /* px */
#define KIN_IMAGES_MIN 4
#define KIN_IMAGES_MAX 1000000

/**
 * KinFit:
 * @KIN_FIT_FILL: the shorter side fills the square, the rest is cut off evenly
 * @KIN_FIT_FIT: the longer side fits the square, the rest is filled with the image's mean border colour
 *
 * How an image that is not square becomes square.
 */
typedef enum
{
  KIN_FIT_FILL,
  KIN_FIT_FIT,
} KinFit;

/**
 * KinDataSpec:
 * @source: `shapes`, `shapes-cluttered`, `fashion-mnist`, `idx:IMAGES[,LABELS]`, `cifar10:FILE[,FILE…]`,
 *   `cifar100:FILE[,FILE…]`, or a folder
 * @limit: most training images to take, in the order of the source; 0 for all (for `shapes` 0 means 2,000).
 *   The classes of a folder take turns, so that a few images still show each. A held-out part keeps its proportion to
 *   the training part.
 * @size: side in px, in [KIN_SIZE_MIN, KIN_SIZE_MAX], or 0 for the source's own (32 for shapes and folders)
 * @fit: for folders
 * @holdout: share of the images that is held out where the source has no test part of its own, in [0, 0.5]
 * @seed: draws the held-out part, and the pictures of `shapes`
 */
typedef struct
{
  const char *source;
  guint limit;
  guint size;
  KinFit fit;
  double holdout;
  guint64 seed;
} KinDataSpec;

/* A number that is known of every image: the hue a shape was drawn with, say. */
typedef struct
{
  char *name;
  char *unit;     /* "°", "turn", "px" or "" */
  float min, max; /* of the range it is drawn from */
  gboolean is_circular;
  float *values; /* (n_images) */
} KinFactor;

typedef struct
{
  char *path;
  char *reason;
} KinSkippedFile;

/**
 * KinDataset:
 *
 * An immutable set of square images, shared by reference count between threads. An image's id is its index here, and
 * never changes: not by shuffling, splitting, selecting or restarting.
 */
typedef struct _KinDataset KinDataset;
struct _KinDataset
{
  char *name;   /* for people: "shapes", "fashion-mnist", the folder's name */
  char *source; /* KinDataSpec.source that made it */

  guint n_images;
  guint size;      /* px, both sides */
  guint channels;  /* 1 or 3 */
  guint8 *pixels;  /* (n_images, size, size, channels), row-major, sRGB or gray */

  guint n_classes;     /* 0 without labels */
  char **class_names;  /* (n_classes), NULL-terminated; NULL without labels */
  gint16 *labels;      /* (n_images), in [0, n_classes); NULL without labels */

  guint n_factors;
  KinFactor *factors; /* (n_factors) */

  char **names; /* (n_images) path below the folder, or NULL where images have no names */

  guint n_train, n_test;
  guint32 *train_ids; /* (n_train), ascending */
  guint32 *test_ids;  /* (n_test), ascending; held out from learning */

  guint n_skipped;
  KinSkippedFile *skipped; /* (n_skipped) files of a folder that could not be read */
};

/**
 * kin_dataset_open:
 * @spec: what to load and how
 * @progress: (nullable): told how far it is, and asked whether to go on
 *
 * Reads or draws a set. Never trusts a size in a file: each is checked against the length of the file and against
 * KIN_IMAGES_MAX before memory is taken.
 *
 * Returns: (transfer full) (nullable): the set, or NULL with @error in KIN_ERROR
 */
KinDataset *kin_dataset_open (const KinDataSpec *spec, KinProgressFunc progress, gpointer user_data, GError **error);

KinDataset *kin_dataset_ref (KinDataset *dataset);
void kin_dataset_unref (KinDataset *dataset);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KinDataset, kin_dataset_unref)

/**
 * kin_dataset_get_pixels:
 *
 * Returns: (transfer none): (size, size, channels) bytes of image @id
 */
const guint8 *kin_dataset_get_pixels (const KinDataset *dataset, guint id);

/**
 * kin_dataset_is_held_out:
 *
 * Returns: whether image @id is kept from learning and only measured
 */
gboolean kin_dataset_is_held_out (const KinDataset *dataset, guint id);

/**
 * kin_dataset_dup_image_name:
 *
 * Returns: (transfer full): the file's name, or "class #id", or "#id"
 */
char *kin_dataset_dup_image_name (const KinDataset *dataset, guint id);

/**
 * kin_dataset_find_image:
 * @text: an id ("17"), or the name of a file of the set (path below its folder, or an unambiguous base name)
 * @id: (out)
 *
 * Returns: FALSE with @error, which names @text and the range, when there is no such image
 */
gboolean kin_dataset_find_image (const KinDataset *dataset, const char *text, guint *id, GError **error);

/**
 * kin_image_load:
 * @path: any file that gdk-pixbuf or libpng reads
 * @size: side, px
 * @channels: 1 (converted to luma, Rec. 601) or 3
 *
 * One image from outside a set, prepared as a folder's images are.
 *
 * Returns: (transfer full) (nullable): (size, size, channels) bytes
 */
guint8 *kin_image_load (const char *path, guint size, guint channels, KinFit fit, GError **error);

/* What a source is, for lists of choices in the window and the command line. */
typedef struct
{
  const char *id;      /* "shapes", or a pattern: "idx:IMAGES[,LABELS]" */
  const char *title;   /* translatable */
  const char *help;    /* one sentence, translatable */
  gboolean is_builtin; /* can be opened by its id alone, on this machine */
  const char *policy;  /* id of the preset policy that suits it */
} KinSourceInfo;

/**
 * kin_sources:
 *
 * Returns: (transfer none): (n) descriptions of all sources. `fashion-mnist` is builtin where its files are installed.
 */
const KinSourceInfo *kin_sources (guint *n);

/**
 * kin_source_default_policy:
 *
 * Returns: (transfer none): id of the preset that suits the images of @dataset: the source's own where it has one, the
 *   gray preset for 1 channel, else the one for small colour images
 */
const char *kin_source_default_policy (const KinDataset *dataset);

G_END_DECLS
