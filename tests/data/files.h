#pragma once

#include "engine/dataset.h"

G_BEGIN_DECLS

/* Files for the readers' tests, made in a folder of their own that is removed with all that is in it. */
char *test_folder_new (void);
void test_folder_free (char *folder);

/* @name may have folders in it, which are made. Returns: (transfer full): the path */
char *test_path (const char *folder, const char *name);
void test_write (const char *path, gconstpointer bytes, gsize length);
void test_write_gzip (const char *path, gconstpointer bytes, gsize length);

/* What a PNG is written with. */
typedef struct
{
  guint width, height;
  int color_type; /* PNG_COLOR_TYPE_… */
  int bits;
  gboolean is_interlaced;
  double gamma;          /* of gAMA, 0 for none */
  const guint8 *pixels;  /* rows as libpng takes them (16 bits: big endian), without padding */
  const guint8 *palette; /* (n_palette, 4) RGBA, for palette files */
  guint n_palette;
} TestPng;

void test_write_png (const char *path, const TestPng *png);

/* An RGB picture of one colour. */
void test_write_color (const char *path, guint width, guint height, guint8 r, guint8 g, guint8 b);

/* A PNG that says it is @width × @height and ends soon after. */
void test_write_lying_png (const char *path, guint32 width, guint32 height);

/* IDX: a header of @shape (rank values), then @length bytes. */
GByteArray *test_idx (guint8 type, guint rank, const guint32 *shape, const guint8 *bytes, gsize length);

KinDataset *test_open (const char *source, guint limit, GError **error);

G_END_DECLS
