/* The program itself, as somebody starts it: exit codes, one clear line, and a picture of the window. */

#include <glib/gstdio.h>

#include "tests/ui/helpers.h"

typedef struct
{
  int status; /* exit code */
  char *out, *err;
} Result;

static void
result_clear (Result *result)
{
  g_free (result->out);
  g_free (result->err);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Result, result_clear)

/* @args: NULL-terminated, without the program's name */
static Result
start (const char *const *args)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) argv = NULL;
  g_autoptr (GError) error = NULL;
  Result result = { 0 };
  int wait_status;

  g_strv_builder_add (builder, g_getenv ("KIN_PROGRAM"));
  g_strv_builder_addv (builder, (const char **) args);
  argv = g_strv_builder_end (builder);
  g_spawn_sync (NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &result.out, &result.err, &wait_status, &error);
  g_assert_no_error (error);
  g_assert_true (WIFEXITED (wait_status));
  result.status = WEXITSTATUS (wait_status);
  return result;
}

static void
check_refused (const char *option, const char *value, int status)
{
  const char *args[] = { option, value, NULL };
  g_auto (Result) result = start (args);

  g_assert_cmpint (result.status, ==, status);
  g_assert_nonnull (strstr (result.err, "kindred:"));
  if (value != NULL)
    g_assert_nonnull (strstr (result.err, value));
}

static void
test_wrong_options (void)
{
  check_refused ("--size", "10x10", 2);
  check_refused ("--size", "1440", 2);
  check_refused ("--size", "1440x900x3", 2);
  check_refused ("--after", "-3", 2);
}

static void
test_two_themes (void)
{
  const char *args[] = { "--dark", "--light", NULL };
  g_auto (Result) result = start (args);

  g_assert_cmpint (result.status, ==, 2);
}

static void
test_help_and_version (void)
{
  const char *help[] = { "--help", NULL }, *version[] = { "--version", NULL };
  g_auto (Result) a = start (help);
  g_auto (Result) b = start (version);

  g_assert_cmpint (a.status, ==, 0);
  g_assert_nonnull (strstr (a.out, "--screenshot"));
  g_assert_cmpint (b.status, ==, 0);
  g_assert_cmpstr (b.out, ==, "kindred " KIN_VERSION "\n");
}

/* Also of a folder that is not there: the window comes up and says so. */
static void
check_screenshot (const char *source)
{
  g_autofree char *folder = g_dir_make_tmp ("kindred-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "window.png", NULL);
  const char *args[] = { "--play", "--after", "1.5", "--size", "1200x800", "--screenshot", path, source, NULL };
  g_auto (Result) result = start (args);
  g_autoptr (GdkTexture) picture = gdk_texture_new_from_filename (path, NULL);

  g_assert_cmpint (result.status, ==, 0);
  g_assert_nonnull (picture);
  g_assert_cmpint (gdk_texture_get_width (picture), ==, 1200);
  g_assert_cmpint (gdk_texture_get_height (picture), ==, 800);
  g_unlink (path);
  g_rmdir (folder);
}

static void
test_screenshot (void)
{
  check_screenshot (NULL);
  check_screenshot ("/nonexistent/folder");
}

static void
test_screenshot_that_cannot_be_written (void)
{
  const char *args[] = { "--after", "0.5", "--screenshot", "/nonexistent/folder/window.png", NULL };
  g_auto (Result) result = start (args);

  g_assert_cmpint (result.status, ==, 1);
  g_assert_nonnull (strstr (result.err, "/nonexistent/folder/window.png"));
}

static void
test_without_a_display (void)
{
  const char *args[] = { "--play", NULL };
  g_autofree char *display = g_strdup (g_getenv ("DISPLAY"));
  g_auto (Result) result = { 0 };

  g_unsetenv ("DISPLAY");
  result = start (args);
  g_setenv ("DISPLAY", display, TRUE);
  g_assert_cmpint (result.status, ==, 1);
  g_assert_nonnull (strstr (result.err, "kindred-cli"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_nonnull (g_getenv ("KIN_PROGRAM"));
  g_test_add_func ("/ui/application/wrong-options", test_wrong_options);
  g_test_add_func ("/ui/application/two-themes", test_two_themes);
  g_test_add_func ("/ui/application/help-and-version", test_help_and_version);
  g_test_add_func ("/ui/application/screenshot", test_screenshot);
  g_test_add_func ("/ui/application/screenshot-that-cannot-be-written", test_screenshot_that_cannot_be_written);
  g_test_add_func ("/ui/application/without-a-display", test_without_a_display);
  return g_test_run ();
}
