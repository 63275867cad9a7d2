#include "app/cli.h"

#include <glib/gi18n-lib.h>

#include "ui/plot/report.h"

enum
{
  MATRIX_PAIRS = 64, /* 128 rows: each cell of the matrix is still seen on a page */
};

gboolean
cli_write_report (KinRun *run, KinHistory *history, KinEmbedding *embedding, const char *folder, GError **error)
{
  const GArray *evaluations = history->evaluations;
  g_autoptr (KinEmbedding) map = embedding == NULL ? NULL : kin_embedding_ref (embedding);
  g_autoptr (KinSimilarity) similarity = NULL;

  if (map == NULL)
    {
      KinEvaluation evaluation;

      if (!kin_run_evaluate (run, &evaluation, &map, error))
        return FALSE;
      if (evaluations->len == 0
          || g_array_index (evaluations, KinEvaluation, evaluations->len - 1).step < evaluation.step)
        g_array_append_val (history->evaluations, evaluation);
    }
  kin_embedding_lay_out (map, NULL);
  similarity = kin_run_probe_similarity (run, MATRIX_PAIRS, error);
  return similarity != NULL
         && kin_report_write (folder, kin_run_get_dataset (run), kin_run_get_config (run), history, similarity, map, error);
}

static CliExit
run (const CliCommand *command, char **arguments)
{
  char *folder = NULL, *out = NULL;
  const CliOption options[] = {
    { CLI_POSITIONAL, "DIR", 0, NULL, &folder, N_("The folder of a run.") },
    { CLI_TEXT, "out", 0, "FOLDER", &out, N_("Where the report goes; made when it is not there. Needed.") },
    CLI_OPTION_JSON,
    { 0 },
  };
  g_autoptr (KinRun) loaded = NULL;
  g_autoptr (KinHistory) history = NULL;
  GError *error = NULL;
  CliExit exit;

  if (!cli_parse (command, options, arguments, &exit))
    return exit;
  if (!cli_check_given (command, "--out FOLDER", out, &error) || !cli_prepare_folder (out, &error))
    return cli_fail (error);
  loaded = cli_open_run (folder, &error);
  history = loaded == NULL ? NULL : cli_open_history (folder, loaded, &error);
  if (history == NULL || !cli_write_report (loaded, history, NULL, out, &error))
    return cli_fail (error);
  if (cli_is_json ())
    {
      json_object *object = json_object_new_object ();

      cli_json_add_text (object, "event", "done");
      cli_json_add_text (object, "report", out);
      cli_print_json (object);
    }
  else
    cli_print (_("report: %s/index.html\n"), out);
  return CLI_DONE;
}

const CliCommand cli_command_report = {
  .name = "report",
  .summary = N_("write the views of a run as a folder of pictures, tables and a page"),
  .synopsis = "DIR --out FOLDER [--json]",
  .description
  = N_("Draws the curves of the run, the similarity matrix of its last batch as the frozen encoder sees it, the map of its "
       "set, and pairs of views, as PNG and SVG, writes their numbers as CSV, and index.html, which shows and explains them "
       "and needs nothing from elsewhere. Files of the same names in the folder are replaced, index.html last. The run is "
       "not changed."),
  .examples = "kindred-cli report runs/shapes --out report",
  .run = run,
};
