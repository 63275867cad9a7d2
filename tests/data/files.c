#include "files.h"

#include <glib/gstdio.h>
#include <png.h>
#include <string.h>
#include <zlib.h>

char *
test_folder_new (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("kin-test-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

static void
remove_all (const char *path)
{
  if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
    {
      g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
      const char *name;

      while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
        {
          g_autofree char *child = g_build_filename (path, name, NULL);

          remove_all (child);
        }
    }
  g_remove (path);
}

void
test_folder_free (char *folder)
{
  remove_all (folder);
  g_free (folder);
}

char *
test_path (const char *folder, const char *name)
{
  char *path = g_build_filename (folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0755), ==, 0);
  return path;
}

void
test_write (const char *path, gconstpointer bytes, gsize length)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, bytes, length, &error);
  g_assert_no_error (error);
}

void
test_write_gzip (const char *path, gconstpointer bytes, gsize length)
{
  gzFile file = gzopen (path, "wb9");

  g_assert_nonnull (file);
  g_assert_cmpint (gzwrite (file, bytes, length), ==, length);
  g_assert_cmpint (gzclose (file), ==, Z_OK);
}

void
test_write_png (const char *path, const TestPng *spec)
{
  FILE *file = fopen (path, "wb");
  png_structp png = png_create_write_struct (PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
  png_infop info = png_create_info_struct (png);
  g_autofree png_bytep *rows = g_new (png_bytep, spec->height);
  gsize stride;

  g_assert_nonnull (file);
  png_init_io (png, file);
  png_set_IHDR (png, info, spec->width, spec->height, spec->bits, spec->color_type,
                spec->is_interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                PNG_FILTER_TYPE_DEFAULT);
  if (spec->gamma > 0.0)
    png_set_gAMA (png, info, spec->gamma);
  if (spec->n_palette > 0)
    {
      png_color colors[256];
      png_byte alphas[256];

      for (guint i = 0; i < spec->n_palette; i++)
        {
          const guint8 *p = spec->palette + 4 * i;

          colors[i] = (png_color) { p[0], p[1], p[2] };
          alphas[i] = p[3];
        }
      png_set_PLTE (png, info, colors, spec->n_palette);
      png_set_tRNS (png, info, alphas, spec->n_palette, NULL);
    }
  png_write_info (png, info);
  stride = png_get_rowbytes (png, info);
  for (guint y = 0; y < spec->height; y++)
    rows[y] = (png_bytep) spec->pixels + y * stride;
  png_write_image (png, rows);
  png_write_end (png, NULL);
  png_destroy_write_struct (&png, &info);
  fclose (file);
}

void
test_write_color (const char *path, guint width, guint height, guint8 r, guint8 g, guint8 b)
{
  gsize n = (gsize) width * height;
  g_autofree guint8 *pixels = g_malloc (3 * n);
  TestPng png = { .width = width, .height = height, .color_type = PNG_COLOR_TYPE_RGB, .bits = 8, .pixels = pixels };

  for (gsize i = 0; i < n; i++)
    {
      pixels[3 * i] = r;
      pixels[3 * i + 1] = g;
      pixels[3 * i + 2] = b;
    }
  test_write_png (path, &png);
}

static void
append_u32 (GByteArray *bytes, guint32 value)
{
  guint32 big = GUINT32_TO_BE (value);

  g_byte_array_append (bytes, (const guint8 *) &big, sizeof big);
}

void
test_write_lying_png (const char *path, guint32 width, guint32 height)
{
  static const guint8 signature[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
  static const guint8 rest[] = { 8, 2, 0, 0, 0 }; /* 8 bits, RGB */
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  g_byte_array_append (bytes, signature, sizeof signature);
  append_u32 (bytes, 13);
  g_byte_array_append (bytes, (const guint8 *) "IHDR", 4);
  append_u32 (bytes, width);
  append_u32 (bytes, height);
  g_byte_array_append (bytes, rest, sizeof rest);
  append_u32 (bytes, crc32 (0, bytes->data + 12, 17));
  append_u32 (bytes, 4);
  g_byte_array_append (bytes, (const guint8 *) "IDAT", 4);
  append_u32 (bytes, 0);
  append_u32 (bytes, 0);
  test_write (path, bytes->data, bytes->len);
}

GByteArray *
test_idx (guint8 type, guint rank, const guint32 *shape, const guint8 *data, gsize length)
{
  GByteArray *bytes = g_byte_array_new ();
  const guint8 magic[] = { 0, 0, type, rank };

  g_byte_array_append (bytes, magic, sizeof magic);
  for (guint i = 0; i < rank; i++)
    append_u32 (bytes, shape[i]);
  g_byte_array_append (bytes, data, length);
  return bytes;
}

KinDataset *
test_open (const char *source, guint limit, GError **error)
{
  KinDataSpec spec = { .source = source, .limit = limit, .holdout = 0.2, .seed = 1 };

  return kin_dataset_open (&spec, NULL, NULL, error);
}
