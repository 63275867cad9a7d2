#include <gdk-pixbuf/gdk-pixbuf.h>
#include <math.h>
#include <png.h>
#include <string.h>

#include "engine/core/rng.h"
#include "engine/data/image.h"
#include "files.h"

static void
fill_random (KinImage *image, guint width, guint height, guint channels)
{
  gsize n = (gsize) width * height * channels;
  KinRng rng;

  kin_rng_init (&rng, 1, KIN_STREAM_TEST, 0, width, height);
  *image = (KinImage) { .width = width, .height = height, .channels = channels, .pixels = g_malloc (n) };
  for (gsize i = 0; i < n; i++)
    image->pixels[i] = kin_rng_below (&rng, 256);
}

static double
mean (const guint8 *bytes, gsize n)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += bytes[i];
  return sum / n;
}

/* Area averaging covers every pixel with the same total weight. */
static void
test_shrinking_keeps_the_mean (void)
{
  static const guint sides[] = { 33, 48, 64, 97, 100, 331, 1000 };

  for (guint s = 0; s < G_N_ELEMENTS (sides); s++)
    for (guint channels = 1; channels <= 3; channels += 2)
      {
        g_auto (KinImage) image = { 0 };
        guint8 out[32 * 32 * 3];
        double before, after;

        fill_random (&image, sides[s], sides[s], channels);
        kin_image_to_square (&image, 32, channels, KIN_FIT_FILL, out);
        before = mean (image.pixels, (gsize) sides[s] * sides[s] * channels);
        after = mean (out, 32 * 32 * channels);
        g_test_message ("%u px, %u channels: mean %g, then %g", sides[s], channels, before, after);
        /* Rounding errs by 1/√12 a value, so by 0.009 over 1,024 of them; five times that. Where four pixels become
         * one, one value in four is a half and goes up: 1/8 more. */
        g_assert_true (fabs (before - after) <= (sides[s] == 64 ? 0.17 : 0.05));
      }
}

static void
test_shrinking_by_a_whole_number_averages_blocks (void)
{
  g_auto (KinImage) image = { 0 };
  guint8 out[32 * 32];

  fill_random (&image, 96, 96, 1);
  kin_image_to_square (&image, 32, 1, KIN_FIT_FILL, out);
  for (guint i = 0; i < 32 * 32; i++)
    {
      guint sum = 0;

      for (guint k = 0; k < 9; k++)
        sum += image.pixels[(i / 32 * 3 + k / 3) * 96 + i % 32 * 3 + k % 3];
      if (out[i] != (guint) floor (sum / 9.0 + 0.5))
        g_error ("pixel %u: %u, the block's mean is %g", i, out[i], sum / 9.0);
    }
}

static void
test_own_size_is_left_alone (void)
{
  g_auto (KinImage) image = { 0 };
  guint8 out[32 * 32 * 3];

  fill_random (&image, 32, 32, 3);
  kin_image_to_square (&image, 32, 3, KIN_FIT_FILL, out);
  g_assert_cmpmem (out, sizeof out, image.pixels, sizeof out);
}

static void
test_enlarging_is_bilinear (void)
{
  guint8 pixels[4] = { 0, 100, 200, 40 };
  KinImage image = { .width = 2, .height = 2, .channels = 1, .pixels = pixels };
  guint8 out[16 * 16];

  kin_image_to_square (&image, 16, 1, KIN_FIT_FILL, out);
  for (guint y = 0; y < 16; y++)
    for (guint x = 0; x < 16; x++)
      {
        double u = CLAMP ((x + 0.5) / 8 - 0.5, 0, 1), v = CLAMP ((y + 0.5) / 8 - 0.5, 0, 1);
        double right = (1 - v) * ((1 - u) * 0 + u * 100) + v * ((1 - u) * 200 + u * 40);

        if (!(fabs (out[16 * y + x] - right) <= 0.501))
          g_error ("(%u, %u): %u, not %g", x, y, out[16 * y + x], right);
      }
}

static void
test_extreme_shapes (void)
{
  static const guint shapes[][2] = { { 1, 1 }, { 1, 5000 }, { 5000, 1 }, { 2, 3 }, { 100000, 2 }, { 31, 33 } };
  static const KinFit fits[] = { KIN_FIT_FILL, KIN_FIT_FIT };

  for (guint s = 0; s < G_N_ELEMENTS (shapes); s++)
    for (guint f = 0; f < G_N_ELEMENTS (fits); f++)
      for (guint size = 16; size <= 96; size += 40)
        {
          guint w = shapes[s][0], h = shapes[s][1];
          g_auto (KinImage) image = { .width = w, .height = h, .channels = 3, .pixels = g_malloc (3 * w * h) };
          g_autofree guint8 *out = g_malloc (3 * size * size);

          memset (image.pixels, 77, 3 * w * h);
          memset (out, 0, 3 * size * size);
          kin_image_to_square (&image, size, 3, fits[f], out);
          for (guint i = 0; i < 3 * size * size; i++)
            if (out[i] != 77)
              g_error ("%u × %u px, fit %u, size %u: byte %u is %u, not 77", w, h, fits[f], size, i, out[i]);
        }
}

/* 40 × 20: black left half, white right half. */
static void
test_fill_cuts_and_fit_pads (void)
{
  g_auto (KinImage) image = { .width = 40, .height = 20, .channels = 1, .pixels = g_malloc (40 * 20) };
  guint8 fill[20 * 20], fit[20 * 20];

  for (guint i = 0; i < 40 * 20; i++)
    image.pixels[i] = i % 40 < 20 ? 0 : 255;
  kin_image_to_square (&image, 20, 1, KIN_FIT_FILL, fill);
  kin_image_to_square (&image, 20, 1, KIN_FIT_FIT, fit);
  for (guint i = 0; i < 20 * 20; i++)
    {
      guint x = i % 20, y = i / 20;
      gboolean is_inside = y >= 5 && y < 15;

      g_assert_cmpuint (fill[i], ==, x < 10 ? 0 : 255);
      g_assert_cmpuint (fit[i], ==, !is_inside ? 128 : x < 10 ? 0 : 255); /* half of the border is white */
    }
}

static void
test_luma (void)
{
  for (guint v = 0; v < 256; v++)
    g_assert_cmpuint (kin_luma (v, v, v), ==, v);
  g_assert_cmpuint (kin_luma (255, 0, 0), ==, 77);
  g_assert_cmpuint (kin_luma (0, 255, 0), ==, 149);
  g_assert_cmpuint (kin_luma (0, 0, 255), ==, 29);
}

static void
test_alpha_lies_on_white (void)
{
  for (guint v = 0; v < 256; v++)
    {
      g_assert_cmpuint (kin_over_white (v, 255), ==, v);
      g_assert_cmpuint (kin_over_white (v, 0), ==, 255);
    }
  g_assert_cmpuint (kin_over_white (0, 128), ==, 127);
}

/* PNG: what is written is what is read. */

static void
check_read (const TestPng *png, guint channels, const guint8 *expected, guint tolerance)
{
  char *folder = test_folder_new ();
  g_autofree char *path = test_path (folder, "ä image.PNG");
  g_auto (KinImage) image = { 0 };
  g_autoptr (GError) error = NULL;

  test_write_png (path, png);
  kin_image_read (path, &image, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (image.width, ==, png->width);
  g_assert_cmpuint (image.height, ==, png->height);
  g_assert_cmpuint (image.channels, ==, channels);
  for (guint i = 0; i < png->width * png->height * channels; i++)
    if (ABS ((int) image.pixels[i] - (int) expected[i]) > (int) tolerance)
      g_error ("sample %u is %u, not %u", i, image.pixels[i], expected[i]);
  test_folder_free (folder);
}

static void
test_png_gray (void)
{
  guint8 pixels[35];

  for (guint i = 0; i < 35; i++)
    pixels[i] = 7 * i;
  check_read (&(TestPng) { 7, 5, PNG_COLOR_TYPE_GRAY, 8, FALSE, 0, pixels, NULL, 0 }, 1, pixels, 0);
  check_read (&(TestPng) { 7, 5, PNG_COLOR_TYPE_GRAY, 8, TRUE, 0, pixels, NULL, 0 }, 1, pixels, 0);
}

static void
test_png_one_bit (void)
{
  const guint8 pixels[] = { 0xa0, 0x40 }; /* 101, 010 */
  const guint8 expected[] = { 255, 0, 255, 0, 255, 0 };

  check_read (&(TestPng) { 3, 2, PNG_COLOR_TYPE_GRAY, 1, FALSE, 0, pixels, NULL, 0 }, 1, expected, 0);
}

static void
test_png_sixteen_bits (void)
{
  const guint8 pixels[] = { 0x00, 0x00, 0x80, 0x80, 0xff, 0xff, 0x12, 0x34, 0xab, 0xcd, 0x01, 0x01 };
  const guint8 expected[] = { 0, 128, 255, 18, 171, 1 };

  check_read (&(TestPng) { 2, 1, PNG_COLOR_TYPE_RGB, 16, FALSE, 0, pixels, NULL, 0 }, 3, expected, 0);
}

static void
test_png_palette_with_alpha (void)
{
  const guint8 palette[] = { 10, 20, 30, 255, 200, 100, 0, 0, 0, 0, 0, 128 };
  const guint8 pixels[] = { 0, 1, 2, 0 };
  const guint8 expected[] = { 10, 20, 30, 255, 255, 255, 127, 127, 127, 10, 20, 30 };

  check_read (&(TestPng) { 2, 2, PNG_COLOR_TYPE_PALETTE, 8, FALSE, 0, pixels, palette, 3 }, 3, expected, 0);
  check_read (&(TestPng) { 2, 2, PNG_COLOR_TYPE_PALETTE, 8, TRUE, 0, pixels, palette, 3 }, 3, expected, 0);
}

static void
test_png_alpha (void)
{
  const guint8 gray[] = { 0, 255, 0, 0, 100, 128 };
  const guint8 gray_expected[] = { 0, 255, 177 };
  const guint8 rgba[] = { 1, 2, 3, 255, 9, 9, 9, 0 };
  const guint8 rgba_expected[] = { 1, 2, 3, 255, 255, 255 };

  check_read (&(TestPng) { 3, 1, PNG_COLOR_TYPE_GRAY_ALPHA, 8, FALSE, 0, gray, NULL, 0 }, 1, gray_expected, 0);
  check_read (&(TestPng) { 1, 2, PNG_COLOR_TYPE_RGB_ALPHA, 8, FALSE, 0, rgba, NULL, 0 }, 3, rgba_expected, 0);
}

static void
test_png_gamma (void)
{
  const guint8 pixels[] = { 0, 64, 128, 255 };
  guint8 from_linear[4];

  for (guint i = 0; i < 4; i++)
    from_linear[i] = (guint8) lround (255 * pow (pixels[i] / 255.0, 1 / 2.2));
  check_read (&(TestPng) { 4, 1, PNG_COLOR_TYPE_GRAY, 8, FALSE, 1.0, pixels, NULL, 0 }, 1, from_linear, 1);
  check_read (&(TestPng) { 4, 1, PNG_COLOR_TYPE_GRAY, 8, FALSE, 0.45455, pixels, NULL, 0 }, 1, pixels, 0);
}

static void
check_refused (const char *path, KinError code, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *pixels = kin_image_load (path, 32, 3, KIN_FIT_FILL, &error);
  g_autofree char *name = g_filename_display_name (path);

  g_assert_null (pixels);
  g_assert_error (error, KIN_ERROR, (int) code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, name));
  g_assert_nonnull (strstr (error->message, words));
}

static void
test_png_lying_headers (void)
{
  static const struct
  {
    guint32 width, height;
    KinError code;
    const char *words;
  } lies[] = {
    { 1000000000, 1000000000, KIN_ERROR_TOO_LARGE, "1000000000 × 1000000000" },
    { 40000, 40000, KIN_ERROR_TOO_LARGE, "100 million" },
    { 4294967295u, 4294967295u, KIN_ERROR_TOO_LARGE, "4294967295" },
    { 4294967295u, 1, KIN_ERROR_TOO_LARGE, "4294967295" },
    { 0, 10, KIN_ERROR_FORMAT, "at least 1" },
    { 9000, 9000, KIN_ERROR_FORMAT, "9000 × 9000" },
    { 20, 20, KIN_ERROR_FORMAT, "damaged or cut off" },
  };
  char *folder = test_folder_new ();
  g_autofree char *path = test_path (folder, "lie.png");

  for (guint i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      test_write_lying_png (path, lies[i].width, lies[i].height);
      check_refused (path, lies[i].code, lies[i].words);
    }
  test_folder_free (folder);
}

/* Every prefix of a PNG, and every byte of it changed, is read or refused, and nothing else. */
static void
test_png_damage (void)
{
  char *folder = test_folder_new ();
  g_autofree char *path = test_path (folder, "image.png");
  g_autofree char *bytes = NULL;
  gsize length;
  guint n_refused = 0;

  test_write_color (path, 19, 23, 200, 30, 60);
  g_assert_true (g_file_get_contents (path, &bytes, &length, NULL));
  for (gsize i = 0; i < length; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree guint8 *pixels = NULL;

      test_write (path, bytes, i);
      pixels = kin_image_load (path, 32, 3, KIN_FIT_FILL, &error);
      g_assert_true ((pixels == NULL) == (error != NULL));
      n_refused += pixels == NULL;
    }
  g_assert_cmpuint (n_refused, >=, length - 40); /* behind the picture, IEND may be missing */

  for (gsize i = 0; i < length; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree guint8 *pixels = NULL;

      bytes[i] ^= 0x41;
      test_write (path, bytes, length);
      bytes[i] ^= 0x41;
      pixels = kin_image_load (path, 32, 3, KIN_FIT_FILL, &error);
      g_assert_true ((pixels == NULL) == (error != NULL));
    }
  test_folder_free (folder);
}

static void
test_not_an_image (void)
{
  char *folder = test_folder_new ();
  g_autofree char *missing = test_path (folder, "missing.png");
  g_autofree char *empty = test_path (folder, "empty.png");
  g_autofree char *text = test_path (folder, "text.png");

  test_write (empty, "", 0);
  test_write (text, "these are words", 15);
  check_refused (missing, KIN_ERROR_FILE, "No such file");
  check_refused (folder, KIN_ERROR_FILE, "folder");
  check_refused (empty, KIN_ERROR_FORMAT, "empty");
  check_refused (text, KIN_ERROR_FORMAT, "not an image");
  test_folder_free (folder);
}

/* A binary portable pixmap is read by gdk-pixbuf without further loaders. */
static void
test_other_formats (void)
{
  const guint8 ppm[] = "P6 2 1 255\n\x0a\x14\x1e\xc8\x64\x32";
  const char bomb[] = "P6 40000 40000 255\nxxxxxxxxxxxx";
  char *folder = test_folder_new ();
  g_autofree char *path = test_path (folder, "image.ppm");
  g_auto (KinImage) image = { 0 };
  g_autoptr (GError) error = NULL;

  test_write (path, ppm, sizeof ppm - 1);
  if (!kin_image_read (path, &image, &error))
    {
      g_test_skip ("gdk-pixbuf reads no portable pixmaps here");
      test_folder_free (folder);
      return;
    }
  g_assert_cmpmem (image.pixels, 6, ppm + 11, 6);
  test_write (path, bomb, sizeof bomb - 1);
  check_refused (path, KIN_ERROR_TOO_LARGE, "40000 × 40000");
  test_folder_free (folder);
}

/* A JPEG of 32 × 16 px, red above blue, green in the upper left eighth, with @orientation in its EXIF data. */
static void
write_jpeg (const char *path, guint8 orientation)
{
  /* APP1: length 34, "Exif", a TIFF header (big endian), one entry: tag 0x0112, SHORT, 1 value. */
  guint8 app1[] = { 0xff, 0xe1, 0, 34,   'E', 'x', 'i', 'f', 0, 0, 'M', 'M',         0, 42, 0, 0, 0, 8,
                    0,    1,    1, 0x12, 0,   3,   0,   0,   0, 1, 0,   orientation, 0, 0,  0, 0, 0, 0 };
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 32, 16);
  g_autoptr (GdkPixbuf) below = gdk_pixbuf_new_subpixbuf (pixbuf, 0, 8, 32, 8);
  g_autoptr (GdkPixbuf) corner = gdk_pixbuf_new_subpixbuf (pixbuf, 0, 0, 8, 8);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *jpeg = NULL;
  gsize length;

  gdk_pixbuf_fill (pixbuf, 0xff0000ff);
  gdk_pixbuf_fill (below, 0x0000ffff);
  gdk_pixbuf_fill (corner, 0x00ff00ff);
  gdk_pixbuf_save_to_buffer (pixbuf, &jpeg, &length, "jpeg", &error, "quality", "98", NULL);
  g_assert_no_error (error);
  g_byte_array_append (bytes, (const guint8 *) jpeg, 2);
  g_byte_array_append (bytes, app1, sizeof app1);
  g_byte_array_append (bytes, (const guint8 *) jpeg + 2, length - 2);
  test_write (path, bytes->data, bytes->len);
}

/* Where the green corner goes. Source: EXIF 2.3, tag 0x0112. */
static void
test_exif_orientation (void)
{
  static const struct
  {
    gboolean is_right, is_below, is_turned;
  } corners[]
      = { { 0, 0, 0 }, { 1, 0, 0 }, { 1, 1, 0 }, { 0, 1, 0 }, { 0, 0, 1 }, { 1, 0, 1 }, { 1, 1, 1 }, { 0, 1, 1 } };
  char *folder = test_folder_new ();
  g_autofree char *path = test_path (folder, "photo.jpg");

  for (guint o = 1; o <= 8; o++)
    {
      g_auto (KinImage) image = { 0 };
      g_autoptr (GError) error = NULL;
      const guint8 *p;
      guint x, y;

      write_jpeg (path, o);
      kin_image_read (path, &image, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (image.width, ==, corners[o - 1].is_turned ? 16 : 32);
      g_assert_cmpuint (image.height, ==, corners[o - 1].is_turned ? 32 : 16);
      x = corners[o - 1].is_right ? image.width - 3 : 2;
      y = corners[o - 1].is_below ? image.height - 3 : 2;
      p = image.pixels + 3 * (y * image.width + x);
      g_test_message ("orientation %u: %u %u %u at (%u, %u)", o, p[0], p[1], p[2], x, y);
      g_assert_true (p[1] > 200 && p[0] < 60 && p[2] < 60);
    }
  test_folder_free (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/image/shrinking-keeps-the-mean", test_shrinking_keeps_the_mean);
  g_test_add_func ("/image/shrinking-by-a-whole-number-averages-blocks",
                   test_shrinking_by_a_whole_number_averages_blocks);
  g_test_add_func ("/image/own-size-is-left-alone", test_own_size_is_left_alone);
  g_test_add_func ("/image/enlarging-is-bilinear", test_enlarging_is_bilinear);
  g_test_add_func ("/image/extreme-shapes", test_extreme_shapes);
  g_test_add_func ("/image/fill-cuts-and-fit-pads", test_fill_cuts_and_fit_pads);
  g_test_add_func ("/image/luma", test_luma);
  g_test_add_func ("/image/alpha-lies-on-white", test_alpha_lies_on_white);
  g_test_add_func ("/png/gray", test_png_gray);
  g_test_add_func ("/png/one-bit", test_png_one_bit);
  g_test_add_func ("/png/sixteen-bits", test_png_sixteen_bits);
  g_test_add_func ("/png/palette-with-alpha", test_png_palette_with_alpha);
  g_test_add_func ("/png/alpha", test_png_alpha);
  g_test_add_func ("/png/gamma", test_png_gamma);
  g_test_add_func ("/png/lying-headers", test_png_lying_headers);
  g_test_add_func ("/png/damage", test_png_damage);
  g_test_add_func ("/image/not-an-image", test_not_an_image);
  g_test_add_func ("/image/exif-orientation", test_exif_orientation);
  g_test_add_func ("/image/other-formats", test_other_formats);
  return g_test_run ();
}
