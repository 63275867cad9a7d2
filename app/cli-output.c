#include "app/cli.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static gboolean json_only = FALSE;
static int output_errno = 0; /* the first error of standard output */

void
cli_set_json (gboolean is_json)
{
  json_only = is_json;
}

gboolean
cli_is_json (void)
{
  return json_only;
}

static void
print_text (const char *text)
{
  if (output_errno != 0)
    return;
  cli_bar_clear ();
  errno = 0;
  if (fputs (text, stdout) < 0 || ferror (stdout))
    output_errno = errno == 0 ? EIO : errno;
}

void
cli_print (const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  print_text (text);
}

void
cli_print_json (json_object *object)
{
  print_text (json_object_to_json_string_ext (object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
  print_text ("\n");
  json_object_put (object);
  cli_check_output (NULL); /* a line is news: it goes out at once */
}

gboolean
cli_check_output (GError **error)
{
  errno = 0;
  if (output_errno == 0 && fflush (stdout) != 0)
    output_errno = errno == 0 ? EIO : errno;
  if (output_errno == EPIPE)
    g_set_error (error, KIN_ERROR, KIN_ERROR_CANCELLED, _("the reader of standard output has gone"));
  else if (output_errno != 0)
    g_set_error (error, KIN_ERROR, KIN_ERROR_FILE, _("cannot write to standard output: %s"), g_strerror (output_errno));
  return output_errno == 0;
}

CliExit
cli_finish_output (CliExit exit)
{
  g_autoptr (GError) error = NULL;

  cli_bar_clear ();
  if (cli_check_output (&error) || exit != CLI_DONE || g_error_matches (error, KIN_ERROR, KIN_ERROR_CANCELLED))
    return exit;
  cli_warn ("kindred-cli: %s", error->message);
  return CLI_FAILED;
}

/* One line, whatever names of files and values are in it: a message must not move the cursor. */
static char *
make_line (const char *text)
{
  char *line = g_utf8_make_valid (text, -1);

  for (char *c = line; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      *c = ' ';
  return line;
}

void
cli_warn (const char *format, ...)
{
  g_autofree char *text = NULL, *line = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  line = make_line (text);
  cli_bar_clear ();
  fprintf (stderr, "%s\n", line);
}

static CliExit
exit_of (const GError *error)
{
  if (g_error_matches (error, KIN_ERROR, KIN_ERROR_OPTION))
    return CLI_USAGE;
  if (g_error_matches (error, KIN_ERROR, KIN_ERROR_CANCELLED))
    return CLI_INTERRUPTED;
  return CLI_FAILED;
}

CliExit
cli_fail (GError *error)
{
  CliExit exit = exit_of (error);

  cli_warn ("kindred-cli: %s", error->message);
  if (json_only)
    {
      g_autofree char *line = make_line (error->message);
      json_object *object = json_object_new_object ();

      cli_json_add_text (object, "event", "error");
      cli_json_add_text (object, "message", line);
      cli_json_add_integer (object, "exit", exit);
      cli_print_json (object);
    }
  g_error_free (error);
  return exit;
}

/* --- JSON --- */

void
cli_json_add_number (json_object *object, const char *key, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  /* JSON knows no NaN and no infinity. */
  if (!isfinite (value))
    {
      json_object_object_add (object, key, NULL);
      return;
    }
  /* 15 digits hold every decimal that a person writes, 17 every double. */
  g_ascii_formatd (text, sizeof text, "%.15g", value);
  if (g_ascii_strtod (text, NULL) != value)
    g_ascii_formatd (text, sizeof text, "%.17g", value);
  json_object_object_add (object, key, json_object_new_double_s (value, text));
}

void
cli_json_add_integer (json_object *object, const char *key, guint64 value)
{
  json_object_object_add (object, key, json_object_new_uint64 (value));
}

void
cli_json_add_text (json_object *object, const char *key, const char *text)
{
  g_autofree char *valid = text == NULL ? NULL : g_utf8_make_valid (text, -1);

  json_object_object_add (object, key, valid == NULL ? NULL : json_object_new_string (valid));
}

void
cli_json_add_bool (json_object *object, const char *key, gboolean value)
{
  json_object_object_add (object, key, json_object_new_boolean (value));
}

void
cli_json_add_evaluation (json_object *object, const KinEvaluation *evaluation)
{
  const struct
  {
    const char *key;
    double value;
  } numbers[] = {
    { "epoch", evaluation->epoch },
    { "loss", evaluation->loss },
    { "chance", evaluation->chance },
    { "pairs_per_s", evaluation->pairs_per_s },
    { "knn", evaluation->knn },
    { "knn_test", evaluation->knn_test },
    { "knn_pixels", evaluation->knn_pixels },
    { "knn_random", evaluation->knn_random },
    { "chance_label", evaluation->chance_label },
    { "alignment", evaluation->alignment },
    { "uniformity", evaluation->uniformity },
    { "effective_rank", evaluation->effective_rank },
    { "std", evaluation->std },
    { "std_full", evaluation->std_full },
    { "gradient_norm", evaluation->gradient_norm },
    { "top1", evaluation->top1 },
    { "seconds", evaluation->train_seconds },
  };

  cli_json_add_integer (object, "step", evaluation->step);
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    cli_json_add_number (object, numbers[i].key, numbers[i].value);
}
