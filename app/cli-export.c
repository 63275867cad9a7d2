#include "app/cli.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Weights are less than a checkpoint: written over one, they would end its run. */
static gboolean
check_out (const char *out, GError **error)
{
  g_autofree char *base = g_path_get_basename (out), *folder = g_path_get_dirname (out);

  if (strcmp (base, "checkpoint.safetensors") != 0 || !cli_is_run_folder (folder))
    return TRUE;
  g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION,
               _("--out: “%s” is what its run goes on from, and exported weights are not; choose another name"), out);
  return FALSE;
}

static CliExit
run (const CliCommand *command, char **arguments)
{
  char *folder = NULL, *out = NULL;
  const CliOption options[] = {
    { CLI_POSITIONAL, "DIR", 0, NULL, &folder, N_("The folder of a run.") },
    { CLI_TEXT, "out", 0, "FILE", &out, N_("The safetensors file to write. Needed.") },
    CLI_OPTION_JSON,
    { 0 },
  };
  g_autoptr (KinRun) loaded = NULL;
  GError *error = NULL;
  CliExit exit;

  if (!cli_parse (command, options, arguments, &exit))
    return exit;
  if (!cli_check_given (command, "--out FILE", out, &error) || !check_out (out, &error))
    return cli_fail (error);
  loaded = cli_open_run (folder, &error);
  if (loaded == NULL || !kin_run_export (loaded, out, &error))
    return cli_fail (error);
  if (cli_is_json ())
    {
      json_object *object = json_object_new_object ();

      cli_json_add_text (object, "event", "done");
      cli_json_add_text (object, "out", out);
      cli_json_add_integer (object, "n_parameters", kin_run_get_n_parameters (loaded));
      cli_print_json (object);
    }
  else
    cli_print (_("%u parameters: %s\n"), kin_run_get_n_parameters (loaded), out);
  return CLI_DONE;
}

const CliCommand cli_command_export = {
  .name = "export",
  .summary = N_("write the weights of a run as PyTorch takes them"),
  .synopsis = "DIR --out FILE [--json]",
  .description
  = N_("Writes encoder and head into one safetensors file, with the names and shapes of torch.nn.Conv2d, BatchNorm2d and "
       "Linear: load_state_dict() takes them as they are. The metadata names the encoder and says how pixels become input. "
       "safetensors: an 8-byte length, a JSON header with name, type, shape and place of each tensor, then the numbers; "
       "safetensors.torch.load_file() reads it."),
  .examples = "kindred-cli export runs/shapes --out shapes.safetensors",
  .run = run,
};
