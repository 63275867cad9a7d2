/* kindred-cli: the lab without a window. */

#include "app/cli.h"

#include <glib/gi18n-lib.h>
#include <libintl.h>
#include <locale.h>
#include <string.h>

static const CliCommand *const commands[] = {
  &cli_command_train,      &cli_command_resume,   &cli_command_evaluate, &cli_command_embed,
  &cli_command_neighbours, &cli_command_augment,  &cli_command_loss,     &cli_command_export,
  &cli_command_report,     &cli_command_methods,  &cli_command_datasets, &cli_command_encoders,
  &cli_command_augmentations, &cli_command_parameters, &cli_command_bench,
};

static const CliCommand *
find_command (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (strcmp (commands[i]->name, name) == 0)
      return commands[i];
  return NULL;
}

static void
print_page (void)
{
  cli_help_heading (_("NAME"));
  cli_help_paragraph (4, _("kindred-cli - contrastive self-supervised learning on small images, without a display"));
  cli_help_heading (_("SYNOPSIS"));
  cli_help_paragraph (4, "kindred-cli SUBCOMMAND [OPTION]…");
  cli_help_paragraph (4, "kindred-cli SUBCOMMAND --help");
  cli_help_paragraph (4, "kindred-cli --help | --version");
  cli_help_heading (_("DESCRIPTION"));
  cli_help_paragraph (4, _("Trains a small encoder on a small set of images without labels, measures what it has learned, "
                           "and lets its embedding, its augmentations and its loss be looked at. The same seed gives "
                           "the same bits, with any number of threads. Runs are kept in folders, which the window of "
                           "Kindred opens too."));
  cli_help_heading (_("SUBCOMMANDS"));
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    cli_help_entry (commands[i]->name, _(commands[i]->summary));
  cli_help_heading (_("EXAMPLES"));
  cli_print ("    kindred-cli train --dataset shapes --epochs 12 --out runs/shapes --report report\n"
             "    kindred-cli neighbours runs/shapes --image 17 -k 5\n"
             "    kindred-cli augment --dataset shapes --image 17 --count 8 --out views.png\n");
  cli_help_heading (_("EXIT STATUS"));
  cli_help_entry ("0", _("done"));
  cli_help_entry ("1", _("failed; one line on standard error says why"));
  cli_help_entry ("2", _("wrong usage: an unknown option, or a value out of its range"));
  cli_help_entry ("130", _("interrupted by a signal, after saving"));
}

static CliExit
print_usage (void)
{
  cli_warn ("%s", _("usage: kindred-cli SUBCOMMAND [OPTION]…"));
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    cli_warn ("  %-14s %s", commands[i]->name, _(commands[i]->summary));
  cli_warn ("%s", _("kindred-cli SUBCOMMAND --help tells more."));
  return CLI_USAGE;
}

static CliExit
run_command (const char *name, char **arguments)
{
  const CliCommand *command = find_command (name);

  if (command != NULL)
    return command->run (command, arguments);
  return cli_fail (g_error_new (KIN_ERROR, KIN_ERROR_OPTION,
                                _("there is no subcommand “%s”; kindred-cli --help lists them"), name));
}

/* Errors in the arguments shall be JSON too, wherever --json stands. */
static gboolean
asks_for_json (char **arguments)
{
  for (; *arguments != NULL && strcmp (*arguments, "--") != 0; arguments++)
    if (strcmp (*arguments, "--json") == 0)
      return TRUE;
  return FALSE;
}

static CliExit
dispatch (char **arguments)
{
  if (arguments[0] == NULL)
    return print_usage ();
  if (strcmp (arguments[0], "--version") == 0)
    {
      cli_print ("kindred-cli %s\n", KIN_VERSION);
      return CLI_DONE;
    }
  if (strcmp (arguments[0], "help") == 0 && arguments[1] != NULL)
    {
      char *help[] = { (char *) "--help", NULL };
      return run_command (arguments[1], help);
    }
  if (strcmp (arguments[0], "--help") == 0 || strcmp (arguments[0], "-h") == 0 || strcmp (arguments[0], "help") == 0)
    {
      print_page ();
      return CLI_DONE;
    }
  cli_set_json (asks_for_json (arguments + 1));
  return run_command (arguments[0], arguments + 1);
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  /* Numbers are for programs too: a point is a point everywhere. */
  setlocale (LC_NUMERIC, "C");
  bindtextdomain (GETTEXT_PACKAGE, KIN_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  g_set_prgname ("kindred-cli");
  cli_catch_signals ();
  return cli_finish_output (dispatch (argv + 1));
}
