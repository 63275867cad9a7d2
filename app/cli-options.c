#include "app/cli.h"

#include <glib/gi18n-lib.h>
#include <string.h>

enum
{
  PAGE_COLUMNS = 80,
  INDENT = 4,
};

/* --- Pages --- */

void
cli_help_heading (const char *title)
{
  static gboolean is_first = TRUE;

  cli_print ("%s%s\n", is_first ? "" : "\n", title);
  is_first = FALSE;
}

void
cli_help_paragraph (guint indent, const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  guint column = 0;

  for (guint i = 0; words[i] != NULL; i++)
    {
      guint width = g_utf8_strlen (words[i], -1);

      if (column > 0 && column + 1 + width > PAGE_COLUMNS)
        {
          cli_print ("\n");
          column = 0;
        }
      if (column == 0)
        {
          cli_print ("%*s%s", (int) indent, "", words[i]);
          column = indent + width;
        }
      else
        {
          cli_print (" %s", words[i]);
          column += 1 + width;
        }
    }
  cli_print ("\n");
}

void
cli_help_entry (const char *term, const char *text)
{
  cli_print ("%*s%s\n", INDENT, "", term);
  cli_help_paragraph (2 * INDENT, text);
}

char *
cli_describe_spec (const KinParamSpec *spec)
{
  g_autofree char *range = kin_param_describe_range (spec);
  g_autofree char *value = spec->kind == KIN_PARAM_BOOL ? g_strdup (spec->def != 0 ? _("on") : _("off"))
                                                        : kin_param_format (spec, spec->def);
  GString *text = g_string_new (NULL);

  if (spec->help != NULL && *spec->help != '\0')
    g_string_append_printf (text, "%s ", _(spec->help));
  g_string_append_printf (text, _("Range: %s. Default: %s."), range, value);
  if (spec->is_live)
    g_string_append_printf (text, " %s", _("May change while a run is under way."));
  if (spec->source != NULL && *spec->source != '\0')
    g_string_append_printf (text, _(" Source: %s."), _(spec->source));
  return g_string_free (text, FALSE);
}

static void
print_paragraphs (const char *text)
{
  g_auto (GStrv) paragraphs = g_strsplit (text, "\n\n", -1);

  for (guint i = 0; paragraphs[i] != NULL; i++)
    {
      if (i > 0)
        cli_print ("\n");
      cli_help_paragraph (INDENT, paragraphs[i]);
    }
}

static const KinParamSpec *
spec_of (const CliOption *option)
{
  return option->kind == CLI_SETTING && option->spec == NULL ? kin_config_find_spec (option->name) : option->spec;
}

static void
print_option (const CliOption *option)
{
  const KinParamSpec *spec = spec_of (option);
  g_autofree char *described = spec == NULL ? NULL : cli_describe_spec (spec);
  g_autofree char *text = described == NULL ? g_strdup (_(option->help))
                          : option->help == NULL ? g_strdup (described)
                                                 : g_strdup_printf ("%s %s", _(option->help), described);
  g_autoptr (GString) term = g_string_new (NULL);

  if (option->letter != 0)
    g_string_append_printf (term, "-%c%s%s, ", option->letter, option->argument == NULL ? "" : " ",
                            option->argument == NULL ? "" : option->argument);
  g_string_append_printf (term, "%s%s", option->kind == CLI_POSITIONAL ? "" : "--", option->name);
  if (option->argument != NULL)
    g_string_append_printf (term, " %s", option->argument);
  cli_help_entry (term->str, text);
}

static void
print_examples (const char *examples)
{
  g_auto (GStrv) lines = g_strsplit (examples, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    cli_print ("%*s%s\n", INDENT, "", lines[i]);
}

static void
print_page (const CliCommand *command, const CliOption *options)
{
  g_autofree char *name = g_strdup_printf ("kindred-cli %s - %s", command->name, _(command->summary));
  g_autofree char *synopsis = g_strdup_printf ("kindred-cli %s %s", command->name, command->synopsis);

  cli_help_heading (_("NAME"));
  cli_help_paragraph (INDENT, name);
  cli_help_heading (_("SYNOPSIS"));
  cli_help_paragraph (INDENT, synopsis);
  cli_help_heading (_("DESCRIPTION"));
  print_paragraphs (_(command->description));
  cli_help_heading (_("OPTIONS"));
  for (guint i = 0; options[i].name != NULL; i++)
    print_option (&options[i]);
  cli_help_entry ("--help", _("Print this page."));
  if (command->more_help != NULL)
    command->more_help ();
  cli_help_heading (_("EXAMPLES"));
  print_examples (command->examples);
  cli_help_heading (_("EXIT STATUS"));
  cli_help_paragraph (INDENT, _("0 done; 1 failed, one line on standard error says why; 2 wrong usage; 130 interrupted by "
                                "a signal, after saving."));
}

/* --- Reading --- */

static const CliOption *
find_option (const CliOption *options, const char *argument, gsize length)
{
  for (guint i = 0; options[i].name != NULL; i++)
    {
      const CliOption *option = &options[i];

      if (option->kind == CLI_POSITIONAL)
        continue;
      if (argument[1] != '-' ? argument[1] == option->letter && option->letter != 0
                             : strlen (option->name) == length - 2 && strncmp (argument + 2, option->name, length - 2) == 0)
        return option;
    }
  return NULL;
}

static gboolean
take_number (const CliOption *option, const char *value, GError **error)
{
  const KinParamSpec *spec = spec_of (option);
  double number;

  if (!kin_param_parse (spec, value, &number, error))
    {
      if (option->letter != 0)
        g_prefix_error (error, "-%c: ", option->letter);
      else
        g_prefix_error (error, "--%s: ", option->name);
      return FALSE;
    }
  if (option->kind == CLI_SETTING)
    g_ptr_array_add (option->target, g_strdup_printf ("%s=%s", option->name, value));
  else
    *(CliNumber *) option->target = (CliNumber){ TRUE, number };
  return TRUE;
}

static gboolean
take_value (const CliOption *option, char *value, GError **error)
{
  switch (option->kind)
    {
    case CLI_FLAG:
      g_assert_not_reached ();
    case CLI_TEXT:
    case CLI_POSITIONAL:
      if (*value == '\0')
        {
          g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION, _("%s%s is empty"),
                       option->kind == CLI_POSITIONAL ? "" : "--", option->name);
          return FALSE;
        }
      *(char **) option->target = value;
      return TRUE;
    case CLI_NUMBER:
    case CLI_SETTING:
      return take_number (option, value, error);
    case CLI_ASSIGNMENT:
      g_ptr_array_add (option->target, g_strdup (value));
      return TRUE;
    }
  g_assert_not_reached ();
}

/* Reads the option at *@arguments, and its value, which may be the next one. */
static gboolean
take_option (const CliOption *options, char ***arguments, GError **error)
{
  char *argument = **arguments;
  gboolean is_long = argument[1] == '-';
  gsize length = is_long ? strcspn (argument, "=") : 2;
  const CliOption *option = find_option (options, argument, length);
  char *value = argument[length] == '\0' ? NULL : argument + length + (is_long ? 1 : 0);

  if (option == NULL)
    {
      g_autofree char *shown = kin_error_excerpt (argument);
      g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION, _("unknown option %s; --help lists the options"), shown);
      return FALSE;
    }
  if (option->kind == CLI_FLAG)
    {
      if (value != NULL)
        {
          g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION, _("--%s takes no value"), option->name);
          return FALSE;
        }
      if (option->target != NULL)
        *(gboolean *) option->target = TRUE;
      return TRUE;
    }
  /* What looks like the next option is not a value; --name=--value says that it is. */
  if (value == NULL && (*arguments)[1] != NULL && !g_str_has_prefix ((*arguments)[1], "--"))
    value = *++*arguments;
  if (value == NULL)
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION, _("--%s needs a value: %s"), option->name, option->argument);
      return FALSE;
    }
  return take_value (option, value, error);
}

static const CliOption *
next_positional (const CliOption *options, guint skip)
{
  for (guint i = 0; options[i].name != NULL; i++)
    if (options[i].kind == CLI_POSITIONAL && skip-- == 0)
      return &options[i];
  return NULL;
}

static gboolean
take_positional (const CliOption *options, guint n_before, char *argument, GError **error)
{
  const CliOption *option = next_positional (options, n_before);
  g_autofree char *shown = NULL;

  if (option != NULL)
    return take_value (option, argument, error);
  shown = kin_error_excerpt (argument);
  g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION, _("“%s” is one argument too many; --help shows what is taken"), shown);
  return FALSE;
}

static gboolean
take_all (const CliOption *options, char **arguments, GError **error)
{
  guint n_positional = 0;
  gboolean only_positional = FALSE;
  const CliOption *missing;

  for (; *arguments != NULL; arguments++)
    {
      if (!only_positional && strcmp (*arguments, "--") == 0)
        only_positional = TRUE;
      else if (!only_positional && (*arguments)[0] == '-' && (*arguments)[1] != '\0')
        {
          if (!take_option (options, &arguments, error))
            return FALSE;
        }
      else if (!take_positional (options, n_positional++, *arguments, error))
        return FALSE;
    }
  missing = next_positional (options, n_positional);
  if (missing != NULL)
    g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION, _("%s is missing; --help shows what is needed"), missing->name);
  return missing == NULL;
}

static gboolean
asks_for_help (char **arguments)
{
  for (; *arguments != NULL && strcmp (*arguments, "--") != 0; arguments++)
    if (strcmp (*arguments, "--help") == 0 || strcmp (*arguments, "-h") == 0)
      return TRUE;
  return FALSE;
}

gboolean
cli_parse (const CliCommand *command, const CliOption *options, char **arguments, CliExit *exit)
{
  GError *error = NULL;

  if (asks_for_help (arguments))
    {
      print_page (command, options);
      *exit = CLI_DONE;
      return FALSE;
    }
  if (take_all (options, arguments, &error))
    return TRUE;
  g_prefix_error (&error, "%s: ", command->name);
  *exit = cli_fail (error);
  return FALSE;
}

gboolean
cli_check_given (const CliCommand *command, const char *term, const char *value, GError **error)
{
  if (value == NULL)
    g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION, _("%s: %s is missing"), command->name, term);
  return value != NULL;
}
