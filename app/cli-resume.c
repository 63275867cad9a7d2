#include "app/cli.h"

#include <glib/gi18n-lib.h>

static CliExit
run (const CliCommand *command, char **arguments)
{
  char *folder = NULL, *report = NULL;
  const CliOption options[] = {
    { CLI_POSITIONAL, "DIR", 0, NULL, &folder, N_("The folder of the run, as `kindred-cli train --out` made it.") },
    { CLI_TEXT, "report", 0, "DIR", &report, N_("At the end write a report into this folder, as train does.") },
    CLI_OPTION_JSON,
    { 0 },
  };
  g_autoptr (KinRun) loaded = NULL;
  g_autoptr (KinHistory) history = NULL;
  CliTraining training;
  GError *error = NULL;
  CliExit exit;

  if (!cli_parse (command, options, arguments, &exit))
    return exit;
  loaded = cli_open_run (folder, &error);
  history = loaded == NULL ? NULL : cli_open_history (folder, loaded, &error);
  if (history == NULL || !cli_prepare_folder (folder, &error)
      || (report != NULL && !cli_prepare_folder (report, &error)))
    return cli_fail (error);
  cli_warn_skipped (kin_run_get_dataset (loaded));
  training = (CliTraining){ .run = loaded, .history = history, .out = folder, .report = report };
  return cli_training_run (&training);
}

const CliCommand cli_command_resume = {
  .name = "resume",
  .summary = N_("go on with a run that was interrupted"),
  .synopsis = "DIR [--report DIR] [--json]",
  .description
  = N_("Takes a run up where it was saved last and trains it to its end, saving into the same folder. The result has the "
       "same bits as if the run had never stopped. A run that is finished is left as it is.\n\n"
       "The set must still hold the images that the run began with; when it does not, that is an error, and nothing is "
       "changed. What is printed is as for train."),
  .examples = "kindred-cli resume runs/shapes\n"
              "kindred-cli resume runs/shapes --json | tail -n 1",
  .run = run,
};
