#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/core/file.h"

typedef struct
{
  char *folder, *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("kindred-file-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "a file.txt", NULL);
  g_assert_nonnull (fixture->folder);
}

static guint
count_files (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (fixture->folder, name, NULL);

      g_remove (path);
    }
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->folder);
  g_free (fixture->path);
}

static void
assert_content (const char *path, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  gsize length;

  text = kin_file_read (path, 1000, &length, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, expected);
  g_assert_cmpuint (length, ==, strlen (expected));
}

static void
test_replaces (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (kin_file_write (fixture->path, "old", 3, &error));
  assert_content (fixture->path, "old");
  g_assert_true (kin_file_write (fixture->path, "new and longer", 14, &error));
  g_assert_no_error (error);
  assert_content (fixture->path, "new and longer");
  g_assert_true (kin_file_write (fixture->path, NULL, 0, &error));
  assert_content (fixture->path, "");
  g_assert_cmpuint (count_files (fixture->folder), ==, 1);
}

/* Pieces smaller and larger than any buffer come out in order. */
static void
test_many_pieces (Fixture *fixture, gconstpointer data)
{
  enum
  {
    BYTES = 1000000,
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (KinFileWriter) writer = kin_file_writer_new (fixture->path, &error);
  g_autofree char *expected = g_malloc (BYTES);
  g_autofree char *found = NULL;
  gsize at = 0, length, step = 1;

  g_assert_no_error (error);
  for (guint i = 0; i < BYTES; i++)
    expected[i] = (char) (i * 2654435761u >> 13);
  for (; at < BYTES; at += step, step = step * 7 % 200003)
    {
      step = MIN (step, BYTES - at);
      kin_file_writer_write (writer, expected + at, step);
    }
  kin_file_writer_printf (writer, "%d%%", 17);
  g_assert_true (kin_file_writer_commit (writer, &error));
  found = kin_file_read (fixture->path, BYTES + 3, &length, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (length, ==, BYTES + 3);
  g_assert_cmpint (memcmp (found, expected, BYTES), ==, 0);
  g_assert_cmpstr (found + BYTES, ==, "17%");
}

static void
test_dropped_leaves_no_trace (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  KinFileWriter *writer;

  g_assert_true (kin_file_write (fixture->path, "old", 3, &error));
  writer = kin_file_writer_new (fixture->path, &error);
  kin_file_writer_write (writer, "half", 4);
  g_assert_cmpuint (count_files (fixture->folder), ==, 2);
  kin_file_writer_free (writer);
  assert_content (fixture->path, "old");
  g_assert_cmpuint (count_files (fixture->folder), ==, 1);
}

/* A limit on the size of files stops a write midway as a full disk does. */
static void
test_full_disk (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *large = g_malloc0 (300000);
  struct rlimit before, limit;
  gboolean is_written, is_buffered;

  g_assert_true (kin_file_write (fixture->path, "old", 3, &error));
  signal (SIGXFSZ, SIG_IGN);
  getrlimit (RLIMIT_FSIZE, &before);
  limit = before;
  limit.rlim_cur = 100;
  setrlimit (RLIMIT_FSIZE, &limit);
  is_written = kin_file_write (fixture->path, large, 300000, &error);
  is_buffered = kin_file_write (fixture->path, large, 200, NULL);
  setrlimit (RLIMIT_FSIZE, &before);

  g_assert_false (is_written);
  g_assert_false (is_buffered);
  g_assert_error (error, KIN_ERROR, KIN_ERROR_FILE);
  g_assert_nonnull (strstr (error->message, "a file.txt"));
  assert_content (fixture->path, "old");
  g_assert_cmpuint (count_files (fixture->folder), ==, 1);
}

static void
test_rights_of_a_new_file (Fixture *fixture, gconstpointer data)
{
  mode_t before = umask (027);
  struct stat status;

  g_assert_true (kin_file_write (fixture->path, "x", 1, NULL));
  umask (before);
  g_assert_cmpint (stat (fixture->path, &status), ==, 0);
  g_assert_cmphex (status.st_mode & 0777, ==, 0640);
}

static void
test_link_stays_a_link (Fixture *fixture, gconstpointer data)
{
  g_autofree char *link = g_build_filename (fixture->folder, "link", NULL);

  g_assert_true (kin_file_write (fixture->path, "old", 3, NULL));
  g_assert_cmpint (symlink (fixture->path, link), ==, 0);
  g_assert_true (kin_file_write (link, "new", 3, NULL));
  g_assert_true (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
  assert_content (fixture->path, "new");
}

static void
test_long_name (Fixture *fixture, gconstpointer data)
{
  g_autofree char *name = g_strnfill (255, 'n');
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (kin_file_write (path, "x", 1, &error));
  g_assert_no_error (error);
  assert_content (path, "x");
}

static void
assert_cannot_write (const char *path)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (kin_file_write (path, "x", 1, &error));
  g_assert_error (error, KIN_ERROR, KIN_ERROR_FILE);
  g_assert_nonnull (strstr (error->message, path));
}

static void
test_bad_targets (Fixture *fixture, gconstpointer data)
{
  struct stat status;

  assert_cannot_write ("");
  assert_cannot_write (fixture->folder);
  assert_cannot_write ("/nonexistent-folder/file");
  assert_cannot_write ("/dev/null");
  g_assert_cmpint (stat ("/dev/null", &status), ==, 0);
  g_assert_true (S_ISCHR (status.st_mode));
}

static void
test_read_limits (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (kin_file_write (fixture->path, "12345", 5, NULL));
  g_free (kin_file_read (fixture->path, 5, NULL, &error));
  g_assert_no_error (error);
  g_assert_null (kin_file_read (fixture->path, 4, NULL, &error));
  g_assert_error (error, KIN_ERROR, KIN_ERROR_TOO_LARGE);
  g_clear_error (&error);
  g_assert_null (kin_file_read (fixture->folder, 100, NULL, &error));
  g_assert_error (error, KIN_ERROR, KIN_ERROR_FILE);
  g_clear_error (&error);
  g_assert_null (kin_file_read ("/nonexistent", 100, NULL, &error));
  g_assert_error (error, KIN_ERROR, KIN_ERROR_FILE);
  g_clear_error (&error);
  /* No size is known before the end, and there is no end. */
  g_assert_null (kin_file_read ("/dev/zero", 1 << 20, NULL, &error));
  g_assert_error (error, KIN_ERROR, KIN_ERROR_TOO_LARGE);
}

/* A file that claims 2^40 bytes costs nothing. */
static void
test_read_sparse (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (kin_file_write (fixture->path, "x", 1, NULL));
  g_assert_cmpint (truncate (fixture->path, (off_t) 1 << 40), ==, 0);
  g_assert_null (kin_file_read (fixture->path, 1 << 20, NULL, &error));
  g_assert_error (error, KIN_ERROR, KIN_ERROR_TOO_LARGE);
}

#define ADD(name, function) g_test_add ("/file/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("replaces", test_replaces);
  ADD ("many-pieces", test_many_pieces);
  ADD ("dropped-leaves-no-trace", test_dropped_leaves_no_trace);
  ADD ("full-disk", test_full_disk);
  ADD ("rights-of-a-new-file", test_rights_of_a_new_file);
  ADD ("link-stays-a-link", test_link_stays_a_link);
  ADD ("long-name", test_long_name);
  ADD ("bad-targets", test_bad_targets);
  ADD ("read-limits", test_read_limits);
  ADD ("read-sparse", test_read_sparse);
  return g_test_run ();
}
