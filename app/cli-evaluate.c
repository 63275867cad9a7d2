#include "app/cli.h"

#include <glib/gi18n-lib.h>
#include <math.h>

static void
print_numbers (const KinEvaluation *evaluation)
{
  const struct
  {
    const char *title;
    double value;
  } numbers[] = {
    { N_("k-NN agreement, leave one out"), evaluation->knn },
    { N_("k-NN agreement, held-out images"), evaluation->knn_test },
    { N_("k-NN agreement of raw pixels"), evaluation->knn_pixels },
    { N_("k-NN agreement of the untrained encoder"), evaluation->knn_random },
    { N_("share of the largest class"), evaluation->chance_label },
    { N_("alignment of z"), evaluation->alignment },
    { N_("uniformity of z"), evaluation->uniformity },
    { N_("effective rank of h"), evaluation->effective_rank },
    { N_("standard deviation of z"), evaluation->std },
    { N_("the same when evenly spread"), evaluation->std_full },
  };

  cli_print (_("after epoch %g (step %" G_GUINT64_FORMAT ")\n"), evaluation->epoch, evaluation->step);
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      char text[G_ASCII_DTOSTR_BUF_SIZE];

      cli_print ("%10s  %s\n",
                 isfinite (numbers[i].value) ? g_ascii_formatd (text, sizeof text, "%.4f", numbers[i].value) : "–",
                 _(numbers[i].title));
    }
}

static CliExit
run (const CliCommand *command, char **arguments)
{
  char *folder = NULL;
  const CliOption options[] = {
    { CLI_POSITIONAL, "DIR", 0, NULL, &folder, N_("The folder of a run.") },
    CLI_OPTION_JSON,
    { 0 },
  };
  g_autoptr (KinRun) loaded = NULL;
  KinEvaluation evaluation;
  GError *error = NULL;
  CliExit exit;
  json_object *object;

  if (!cli_parse (command, options, arguments, &exit))
    return exit;
  loaded = cli_open_run (folder, &error);
  if (loaded == NULL || !kin_run_evaluate (loaded, &evaluation, NULL, &error))
    return cli_fail (error);
  if (!cli_is_json ())
    {
      print_numbers (&evaluation);
      return CLI_DONE;
    }
  object = json_object_new_object ();
  cli_json_add_text (object, "event", "evaluation");
  cli_json_add_evaluation (object, &evaluation);
  cli_print_json (object);
  return CLI_DONE;
}

const CliCommand cli_command_evaluate = {
  .name = "evaluate",
  .summary = N_("measure what the encoder of a run has learned"),
  .synopsis = "DIR [--json]",
  .description
  = N_("Measures the frozen encoder on the set of the run, as train does after each epoch, with the run's own knn_k, knn_tau "
       "and eval_images. Nothing in the folder is changed. The same run gives the same numbers.\n\n"
       "With --json the object has the members that the lines of train have; those that belong to training (loss, top1, "
       "pairs_per_s, gradient_norm) tell of the steps since the last measurement before the run was saved, and are null or 0 "
       "when there were none."),
  .examples = "kindred-cli evaluate runs/shapes\n"
              "kindred-cli evaluate runs/shapes --json",
  .run = run,
};
