#include "tests/cli/cli.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <linux/capability.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

void
cli_result_clear (CliResult *result)
{
  g_clear_pointer (&result->out, g_free);
  g_clear_pointer (&result->err, g_free);
}

static const char *
program (void)
{
  const char *path = g_getenv ("KIN_CLI");

  g_assert_nonnull (path);
  return path;
}

static int
exit_of (int status)
{
  return WIFEXITED (status) ? WEXITSTATUS (status) : -1;
}

/* In the child: a limit on files, and of root's powers not the one to write where the folder's mode forbids it. */
static void
prepare (gpointer data)
{
  const guint64 *bytes = data;
  struct rlimit limit = { *bytes, *bytes };

  if (*bytes > 0)
    setrlimit (RLIMIT_FSIZE, &limit);
  prctl (PR_CAPBSET_DROP, CAP_DAC_OVERRIDE);
}

static CliResult
spawn (char **arguments, guint64 limit)
{
  g_autoptr (GError) error = NULL;
  CliResult result;
  int status;

  g_spawn_sync (NULL, arguments, NULL, G_SPAWN_DEFAULT, prepare, &limit, &result.out, &result.err, &status, &error);
  g_assert_no_error (error);
  result.exit = exit_of (status);
  return result;
}

CliResult
cli_run (const char *argument, ...)
{
  g_autoptr (GPtrArray) arguments = g_ptr_array_new ();
  va_list rest;

  g_ptr_array_add (arguments, (char *) program ());
  va_start (rest, argument);
  for (; argument != NULL; argument = va_arg (rest, const char *))
    g_ptr_array_add (arguments, (char *) argument);
  va_end (rest);
  g_ptr_array_add (arguments, NULL);
  return spawn ((char **) arguments->pdata, 0);
}

static char **
split (const char *words)
{
  g_autofree char *line = g_strconcat (program (), " ", words, NULL);

  return g_strsplit (line, " ", -1);
}

CliResult
cli_run_limited (const char *words, guint64 bytes)
{
  g_auto (GStrv) arguments = split (words);

  return spawn (arguments, bytes);
}

CliResult
cli_run_words (const char *words)
{
  return cli_run_limited (words, 0);
}

static char *
read_all (int fd, GString *text)
{
  char buffer[4096];
  gssize n;

  while ((n = read (fd, buffer, sizeof buffer)) > 0 || (n < 0 && errno == EINTR))
    if (n > 0)
      g_string_append_len (text, buffer, n);
  close (fd);
  return g_string_free (text, FALSE);
}

CliResult
cli_run_signalled (const char *words, int number, guint delay_ms)
{
  g_auto (GStrv) arguments = split (words);
  g_autoptr (GError) error = NULL;
  GString *out = g_string_new (NULL);
  CliResult result;
  int out_fd, err_fd, status;
  GPid pid;
  char c;

  g_spawn_async_with_pipes (NULL, arguments, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid, NULL, &out_fd, &err_fd,
                            &error);
  g_assert_no_error (error);
  while (read (out_fd, &c, 1) == 1)
    {
      g_string_append_c (out, c);
      if (c == '\n')
        break;
    }
  g_usleep (delay_ms * 1000);
  kill (pid, number);
  result.out = read_all (out_fd, out);
  result.err = read_all (err_fd, g_string_new (NULL));
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_spawn_close_pid (pid);
  result.exit = exit_of (status);
  return result;
}

void
cli_assert_failure (const CliResult *result, int exit, const char *part)
{
  if (result->exit != exit || strstr (result->err, part) == NULL)
    g_test_message ("exit %d, “%s”", result->exit, result->err);
  g_assert_cmpint (result->exit, ==, exit);
  g_assert_nonnull (strstr (result->err, part));
  g_assert_true (g_str_has_suffix (result->err, "\n"));
  g_assert_true (strchr (result->err, '\n') == result->err + strlen (result->err) - 1);
  g_assert_true (g_utf8_validate (result->err, -1, NULL));
}

void
cli_assert_success (const CliResult *result)
{
  if (result->exit != 0)
    g_test_message ("exit %d, “%s”", result->exit, result->err);
  g_assert_cmpint (result->exit, ==, 0);
  g_assert_cmpstr (result->err, ==, "");
}

static void
put (gpointer object)
{
  json_object_put (object);
}

GPtrArray *
cli_parse_lines (const CliResult *result)
{
  GPtrArray *objects = g_ptr_array_new_with_free_func (put);
  g_auto (GStrv) lines = g_strsplit (result->out, "\n", -1);
  guint n = g_strv_length (lines);

  g_assert_cmpuint (n, >, 1);
  g_assert_cmpstr (lines[n - 1], ==, "");
  for (guint i = 0; i + 1 < n; i++)
    {
      enum json_tokener_error problem;
      json_object *object = json_tokener_parse_verbose (lines[i], &problem);

      if (problem != json_tokener_success)
        g_test_message ("line %u: “%s”: %s", i + 1, lines[i], json_tokener_error_desc (problem));
      g_assert_true (problem == json_tokener_success && json_object_is_type (object, json_type_object));
      g_ptr_array_add (objects, object);
    }
  return objects;
}

json_object *
cli_last (GPtrArray *lines)
{
  return g_ptr_array_index (lines, lines->len - 1);
}

double
cli_number (json_object *object, const char *key)
{
  json_object *member = NULL;

  if (!json_object_object_get_ex (object, key, &member))
    g_test_message ("no \"%s\" in %s", key, json_object_to_json_string (object));
  g_assert_true (json_object_object_get_ex (object, key, &member));
  if (member == NULL)
    return NAN;
  g_assert_true (json_object_is_type (member, json_type_double) || json_object_is_type (member, json_type_int));
  return json_object_get_double (member);
}

const char *
cli_text (json_object *object, const char *key)
{
  json_object *member = NULL;

  g_assert_true (json_object_object_get_ex (object, key, &member));
  return json_object_get_string (member);
}

static char *folder = NULL;

static void
remove_tree (const char *path)
{
  GDir *dir = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);
      remove_tree (child);
    }
  if (dir != NULL)
    g_dir_close (dir);
  g_remove (path);
}

static void
remove_folder (void)
{
  remove_tree (folder);
  g_free (folder);
}

const char *
cli_folder (void)
{
  if (folder == NULL)
    {
      folder = g_dir_make_tmp ("kindred-cli-XXXXXX", NULL);
      g_assert_nonnull (folder);
      atexit (remove_folder);
    }
  return folder;
}

char *
cli_path (const char *name)
{
  return g_build_filename (cli_folder (), name, NULL);
}
