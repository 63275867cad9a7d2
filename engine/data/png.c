#include "engine/data/png.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <png.h>
#include <setjmp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum
{
  SIGNATURE_BYTES = 8,
  HEADER_BYTES = 33,    /* signature and the IHDR chunk */
  DEFLATE_RATIO = 1032, /* most bytes that one byte of a deflate stream can become */
};

#define SCREEN_GAMMA 2.2

/* All that lives across setjmp() lies here, on the heap: no local variable changes between it and longjmp(). */
typedef struct
{
  FILE *file;
  guint8 header[HEADER_BYTES];
  gsize n_given; /* bytes of the header that libpng has got */
  png_structp png;
  png_infop info;
  png_bytep *rows;
  guint8 *pixels;
  guint width, height, channels; /* as decoded, with alpha */
  char message[120];
} Reader;

static void
reader_free (Reader *reader)
{
  png_destroy_read_struct (&reader->png, &reader->info, NULL);
  if (reader->file != NULL)
    fclose (reader->file);
  g_free (reader->rows);
  g_free (reader->pixels);
  g_free (reader);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Reader, reader_free)

/* Opening a pipe must not wait for its other end. */
static FILE *
open_file (const char *path, gsize *length, GError **error)
{
  int descriptor = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  FILE *file = NULL;
  struct stat info;

  if (descriptor < 0 || fstat (descriptor, &info) != 0)
    g_set_error_literal (error, KIN_ERROR, KIN_ERROR_FILE, g_strerror (errno));
  else if (!S_ISREG (info.st_mode))
    g_set_error_literal (error, KIN_ERROR, KIN_ERROR_FILE,
                         S_ISDIR (info.st_mode) ? _("it is a folder, not a file") : _("it is not a regular file"));
  else if ((file = fdopen (descriptor, "rb")) == NULL)
    g_set_error_literal (error, KIN_ERROR, KIN_ERROR_FILE, g_strerror (errno));
  if (file != NULL)
    *length = info.st_size;
  else if (descriptor >= 0)
    close (descriptor);
  return file;
}

static guint32
big_endian (const guint8 *bytes)
{
  return (guint32) bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
}

/* Reads the first bytes, and looks at IHDR before libpng does, so that a lie is told as what it is. */
static KinPngResult
check_header (Reader *reader, gsize file_length, GError **error)
{
  static const guint samples[] = { 1, 0, 3, 1, 2, 0, 4 }; /* by colour type */
  const guint8 *header = reader->header;
  gsize length = fread (reader->header, 1, HEADER_BYTES, reader->file);
  guint64 width, height, bits, least;
  guint color;

  if (length == 0)
    {
      g_set_error_literal (error, KIN_ERROR, KIN_ERROR_FORMAT, _("it is empty"));
      return KIN_PNG_FAILED;
    }
  if (length < SIGNATURE_BYTES || png_sig_cmp (header, 0, SIGNATURE_BYTES) != 0)
    return KIN_PNG_ANOTHER;
  if (length < HEADER_BYTES)
    {
      g_set_error_literal (error, KIN_ERROR, KIN_ERROR_FORMAT, _("it ends inside its header"));
      return KIN_PNG_FAILED;
    }
  width = big_endian (header + 16);
  height = big_endian (header + 20);
  color = header[25];
  if (memcmp (header + 12, "IHDR", 4) != 0 || color >= G_N_ELEMENTS (samples) || samples[color] == 0)
    {
      g_set_error_literal (error, KIN_ERROR, KIN_ERROR_FORMAT, _("its PNG header is damaged"));
      return KIN_PNG_FAILED;
    }
  if (!kin_image_check_size (width, height, error))
    return KIN_PNG_FAILED;

  bits = width * height * samples[color] * header[24];
  least = bits / 8 / DEFLATE_RATIO;
  if ((guint64) file_length < least)
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_FORMAT,
                   _("it has %" G_GUINT64_FORMAT " bytes, and its %" G_GUINT64_FORMAT " × %" G_GUINT64_FORMAT
                     " px need %" G_GUINT64_FORMAT " at least"),
                   (guint64) file_length, width, height, least);
      return KIN_PNG_FAILED;
    }
  return KIN_PNG_READ;
}

/* The header first, which has been read already, then the file. */
static void
read_bytes (png_structp png, png_bytep to, size_t n)
{
  Reader *reader = png_get_io_ptr (png);
  gsize again = MIN (n, HEADER_BYTES - reader->n_given);

  memcpy (to, reader->header + reader->n_given, again);
  reader->n_given += again;
  if (fread (to + again, 1, n - again, reader->file) != n - again)
    png_error (png, "it ends too early");
}

static void
on_error (png_structp png, png_const_charp message)
{
  Reader *reader = png_get_error_ptr (png);

  g_strlcpy (reader->message, message, sizeof reader->message);
  longjmp (png_jmpbuf (png), 1);
}

static void
on_warning (png_structp png, png_const_charp message)
{
}

static void
set_transforms (png_structp png, png_infop info)
{
  double gamma;
  int intent;

  png_set_expand (png); /* palettes, depths below 8, tRNS */
  png_set_scale_16 (png);
  if (!png_get_sRGB (png, info, &intent) && png_get_gAMA (png, info, &gamma) && gamma > 0.0)
    png_set_gamma (png, SCREEN_GAMMA, gamma);
  png_set_interlace_handling (png);
  png_read_update_info (png, info);
}

/* Returns FALSE with reader->message. */
static gboolean
decode (Reader *reader)
{
  if (setjmp (png_jmpbuf (reader->png)))
    return FALSE;

  png_set_read_fn (reader->png, reader, read_bytes);
  png_set_user_limits (reader->png, KIN_IMAGE_PIXELS_MAX, KIN_IMAGE_PIXELS_MAX);
  png_read_info (reader->png, reader->info);
  set_transforms (reader->png, reader->info);
  reader->width = png_get_image_width (reader->png, reader->info);
  reader->height = png_get_image_height (reader->png, reader->info);
  reader->channels = png_get_channels (reader->png, reader->info);
  if (png_get_rowbytes (reader->png, reader->info) != (gsize) reader->width * reader->channels)
    png_error (reader->png, "unexpected row length");

  reader->pixels = g_try_malloc_n ((gsize) reader->width * reader->height, reader->channels);
  reader->rows = g_try_new (png_bytep, reader->height);
  if (reader->pixels == NULL || reader->rows == NULL)
    png_error (reader->png, "not enough memory");
  for (guint y = 0; y < reader->height; y++)
    reader->rows[y] = reader->pixels + (gsize) y * reader->width * reader->channels;
  png_read_image (reader->png, reader->rows);
  return TRUE;
}

/* Takes the last of @channels samples away, in place. */
static void
drop_alpha (guint8 *pixels, gsize n, guint channels)
{
  guint colors = channels - 1;

  for (gsize i = 0; i < n; i++)
    {
      guint8 alpha = pixels[i * channels + colors];

      for (guint c = 0; c < colors; c++)
        pixels[i * colors + c] = kin_over_white (pixels[i * channels + c], alpha);
    }
}

KinPngResult
kin_png_read (const char *path, KinImage *image, GError **error)
{
  g_autoptr (Reader) reader = g_new0 (Reader, 1);
  KinPngResult result;
  gboolean has_alpha;
  gsize length;

  reader->file = open_file (path, &length, error);
  if (reader->file == NULL)
    return KIN_PNG_FAILED;
  result = check_header (reader, length, error);
  if (result != KIN_PNG_READ)
    return result;
  reader->png = png_create_read_struct (PNG_LIBPNG_VER_STRING, reader, on_error, on_warning);
  reader->info = png_create_info_struct (reader->png);
  if (!decode (reader))
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_FORMAT, _("it is damaged or cut off (libpng: %s)"), reader->message);
      return KIN_PNG_FAILED;
    }

  has_alpha = reader->channels == 2 || reader->channels == 4;
  if (has_alpha)
    drop_alpha (reader->pixels, (gsize) reader->width * reader->height, reader->channels);
  image->width = reader->width;
  image->height = reader->height;
  image->channels = reader->channels - (has_alpha ? 1 : 0);
  image->pixels = g_steal_pointer (&reader->pixels);
  return KIN_PNG_READ;
}
