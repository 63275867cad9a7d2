#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/core/file.h"
#include "engine/core/npy.h"

static char *folder, *path;

static void
assert_values (const KinNpy *array, const double *expected, gsize n)
{
  g_assert_cmpuint (array->n, ==, n);
  for (gsize i = 0; i < n; i++)
    if (!(array->values[i] == expected[i]))
      g_error ("value %" G_GSIZE_FORMAT ": %.17g, expected %.17g", i, array->values[i], expected[i]);
}

static void
test_round_trip (void)
{
  static const float f32[] = { 0, -1.5f, 3e38f, 1e-45f, 0.1f, 7 };
  static const double f64[] = { 1e308, -1e-320, 0.1, 2, 3, 4 };
  static const gsize shape[] = { 2, 1, 3, 1 };
  double expected[6];
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 6; i++)
    expected[i] = f32[i];
  for (guint rank = 3; rank <= 4; rank++)
    {
      g_auto (KinNpy) a = { 0 };
      g_auto (KinNpy) b = { 0 };

      g_assert_true (kin_npy_write_f32 (path, f32, rank, shape, &error));
      g_assert_true (kin_npy_read (path, &a, &error));
      g_assert_cmpuint (a.rank, ==, rank);
      for (guint d = 0; d < rank; d++)
        g_assert_cmpuint (a.shape[d], ==, shape[d]);
      assert_values (&a, expected, 6);
      g_assert_true (kin_npy_write_f64 (path, f64, rank, shape, &error));
      g_assert_true (kin_npy_read (path, &b, &error));
      assert_values (&b, f64, 6);
    }
}

static void
test_scalar_and_empty (void)
{
  const double one = 42;
  const gsize shape[] = { 3, 0 };
  g_auto (KinNpy) scalar = { 0 };
  g_auto (KinNpy) empty = { 0 };

  g_assert_true (kin_npy_write_f64 (path, &one, 0, NULL, NULL));
  g_assert_true (kin_npy_read (path, &scalar, NULL));
  g_assert_cmpuint (scalar.rank, ==, 0);
  assert_values (&scalar, &one, 1);
  g_assert_true (kin_npy_write_f64 (path, NULL, 2, shape, NULL));
  g_assert_true (kin_npy_read (path, &empty, NULL));
  g_assert_cmpuint (empty.rank, ==, 2);
  g_assert_cmpuint (empty.n, ==, 0);
}

/* Written by numpy.save() itself: see make-eval.py. */
static void
test_from_numpy (void)
{
  static const char *const names[] = { "npy-f4", "npy-f8", "npy-i4", "npy-i8", "npy-u1", "npy-v2", "npy-v3" };
  static const double values[] = { 0, 1, 2, 250, 4, 5 };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *name = g_strconcat (names[i], ".npy", NULL);
      g_autofree char *fixture = g_build_filename (g_getenv ("KIN_FIXTURES"), "eval", name, NULL);
      g_auto (KinNpy) array = { 0 };
      g_autoptr (GError) error = NULL;

      kin_npy_read (fixture, &array, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (array.rank, ==, 2);
      g_assert_cmpuint (array.shape[0], ==, 2);
      g_assert_cmpuint (array.shape[1], ==, 3);
      assert_values (&array, values, 6);
    }
}

/* The bytes of a file in format 1.0 with that header and so many bytes of values. */
static void
write_raw (const char *header, gsize n_values)
{
  g_autoptr (GString) text = g_string_new_len ("\x93NUMPY\1\0", 8);
  gsize length = strlen (header);

  g_string_append_c (text, length & 0xff);
  g_string_append_c (text, length >> 8);
  g_string_append (text, header);
  for (gsize i = 0; i < n_values; i++)
    g_string_append_c (text, 0);
  g_assert_true (kin_file_write (path, text->str, text->len, NULL));
}

static void
assert_refused (const char *what)
{
  KinNpy array = { .n = 77 };
  g_autoptr (GError) error = NULL;

  if (kin_npy_read (path, &array, &error))
    g_error ("was read: %s", what);
  g_assert_error (error, KIN_ERROR, KIN_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, path));
  g_assert_cmpuint (array.n, ==, 77);
}

static void
test_hostile_headers (void)
{
  static const char *const headers[] = {
    "",
    "{",
    "{}",
    "[]",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2 3), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (-6,), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (6.0,), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': 6, }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 1, 1, 6), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387910, 4), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999999,), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 9223372036854775807, 9223372036854775807), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (5,), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (7,), }",
    "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }",
    "{'descr': '<f4', 'fortran_order': 0, 'shape': (2, 3), }",
    "{'descr': '>f4', 'fortran_order': False, 'shape': (2, 3), }",
    "{'descr': '<c8', 'fortran_order': False, 'shape': (3,), }",
    "{'descr': '|O', 'fortran_order': False, 'shape': (3,), }",
    "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (6,), }",
    "{'descr': '<f4, 'fortran_order': False, 'shape': (6,), }",
    "{'descr': '<f4', 'fortran_order': False, 'fortran_order': False, 'shape': (6,), }",
    "{'descr': '<f4', 'shape': (6,), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (6,), 'more': 1}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (headers); i++)
    {
      write_raw (headers[i], 24);
      assert_refused (headers[i]);
    }
  write_raw ("{'shape': (6,), \"descr\": \"<f4\", 'fortran_order':False}", 24);
  {
    static const double zeros[6];
    g_auto (KinNpy) array = { 0 };

    g_assert_true (kin_npy_read (path, &array, NULL));
    assert_values (&array, zeros, 6);
  }
}

/* Every file that ends too soon is refused. */
static void
test_truncated (void)
{
  static const float values[] = { 1, 2, 3 };
  const gsize shape[] = { 3 };
  g_autofree char *bytes = NULL;
  gsize length;

  g_assert_true (kin_npy_write_f32 (path, values, 1, shape, NULL));
  bytes = kin_file_read (path, 10000, &length, NULL);
  for (gsize end = 0; end < length; end++)
    {
      g_assert_true (kin_file_write (path, bytes, end, NULL));
      assert_refused ("a truncated file");
    }
}

static void
test_bad_magic (void)
{
  static const char *const files[] = { "not a NumPy file at all", "\x93NUMPX\1\0\0\0{}", "\x93NUMPY\4\1\1\1{}",
                                       "\x93NUMPY\2\1\xff\xff\xff\xff{}" };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_assert_true (kin_file_write (path, files[i], strlen (files[i]), NULL));
      assert_refused (files[i]);
    }
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("kindred-npy-XXXXXX", NULL);
  path = g_build_filename (folder, "array.npy", NULL);
  g_test_add_func ("/npy/round-trip", test_round_trip);
  g_test_add_func ("/npy/scalar-and-empty", test_scalar_and_empty);
  g_test_add_func ("/npy/from-numpy", test_from_numpy);
  g_test_add_func ("/npy/hostile-headers", test_hostile_headers);
  g_test_add_func ("/npy/truncated", test_truncated);
  g_test_add_func ("/npy/bad-magic", test_bad_magic);
  result = g_test_run ();
  g_remove (path);
  g_rmdir (folder);
  g_free (path);
  g_free (folder);
  return result;
}
