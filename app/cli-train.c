#include "app/cli.h"

#include <glib/gi18n-lib.h>

#include "engine/core/file.h"

enum
{
  LOG_LIMIT = 64 << 20, /* bytes */
};

static void
print_parameters (void)
{
  guint n;
  const KinParamSpec *specs = kin_config_specs (&n);

  cli_help_heading (_("PARAMETERS"));
  cli_help_paragraph (4, _("What --set takes. Defaults may differ for a set whose own were measured."));
  cli_print ("\n");
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *text = cli_describe_spec (&specs[i]);
      cli_help_entry (specs[i].id, text);
    }
}

static gboolean
check_out (const char *out, GError **error)
{
  if (out == NULL)
    return TRUE;
  if (cli_is_run_folder (out))
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_FILE,
                   _("--out: “%s” holds a run already; `kindred-cli resume %s` goes on with it, or choose another folder"),
                   out, out);
      return FALSE;
    }
  return cli_prepare_folder (out, error);
}

static gboolean
replay (KinRun *run, const char *file, GError **error)
{
  g_autofree char *log = NULL;

  if (file == NULL)
    return TRUE;
  log = kin_file_read (file, LOG_LIMIT, NULL, error);
  if (log == NULL)
    return FALSE;
  if (kin_run_replay (run, log, error))
    return TRUE;
  g_prefix_error (error, "--replay %s: ", file);
  return FALSE;
}

static gboolean
is_asked (const GPtrArray *settings, const char *prefix)
{
  for (guint i = 0; i < settings->len; i++)
    if (g_str_has_prefix (g_ptr_array_index (settings, i), prefix))
      return TRUE;
  return FALSE;
}

/* @keep_batch: it was asked for, and is an error where it does not fit */
static KinRun *
make_run (KinConfig *config, gboolean keep_batch, GError **error)
{
  KinDataSpec spec = kin_config_data_spec (config);
  g_autoptr (KinDataset) dataset = kin_dataset_open (&spec, cli_on_progress, NULL, error);

  if (dataset == NULL)
    return NULL;
  cli_warn_skipped (dataset);
  if (!keep_batch)
    kin_config_fit (config, dataset);
  return kin_run_new (config, dataset, error);
}

static void
print_start (const KinRun *run)
{
  const KinConfig *config = kin_run_get_config (run);
  const KinDataset *dataset = kin_run_get_dataset (run);
  const char *preset = kin_policy_find_preset (config->policy);

  if (cli_is_json ())
    return;
  cli_print (_("%s: %u images of %u×%u×%u, %u of them held out; %u classes\n"), dataset->name, dataset->n_images,
             dataset->size, dataset->size, dataset->channels, dataset->n_test, dataset->n_classes);
  cli_print (_("%s, %s, %u parameters; policy %s; %g epochs of %u steps of %g pairs; seed %g\n"), config->method,
             config->encoder, kin_run_get_n_parameters (run), preset == NULL ? _("of one's own") : preset,
             kin_config_get (config, "epochs"), kin_run_get_steps_per_epoch (run), kin_config_get (config, "batch"),
             kin_config_get (config, "seed"));
}

static CliExit
run (const CliCommand *command, char **arguments)
{
  char *dataset = NULL, *method = NULL, *encoder = NULL, *policy = NULL, *config_file = NULL, *log = NULL;
  char *out = NULL, *report = NULL;
  g_autoptr (GPtrArray) settings = g_ptr_array_new_with_free_func (g_free);
  const CliOption options[] = {
    { CLI_TEXT, "dataset", 0, "SOURCE", &dataset,
      N_("What to learn from: shapes, shapes-cluttered, fashion-mnist, idx:IMAGES[,LABELS], cifar10:FILE[,FILE…], "
         "cifar100:FILE[,FILE…], or a folder of pictures, whose first-level subfolders are classes. Default: shapes.") },
    { CLI_SETTING, "limit", 0, "N", settings },
    { CLI_SETTING, "size", 0, "PX", settings },
    { CLI_TEXT, "method", 0, "NAME", &method, N_("How to learn; `kindred-cli methods` lists them. Default: simclr.") },
    { CLI_TEXT, "encoder", 0, "NAME", &encoder,
      N_("What learns; `kindred-cli encoders` lists them. Default: conv4.") },
    { CLI_SETTING, "epochs", 0, "N", settings },
    { CLI_SETTING, "batch", 0, "N", settings },
    { CLI_SETTING, "seed", 0, "N", settings },
    { CLI_SETTING, "threads", 0, "N", settings },
    { CLI_TEXT, "policy", 0, "NAME|FILE", &policy,
      N_("How views are made: a preset or a text file; `kindred-cli augmentations` describes both. Default: the one that "
         "suits the set.") },
    { CLI_ASSIGNMENT, "set", 0, "NAME=VALUE", settings,
      N_("Any parameter of the run, see PARAMETERS below. May be given again and again; the last one counts.") },
    { CLI_TEXT, "config", 0, "FILE", &config_file,
      N_("Begin with the configuration of an earlier run (config.ini in its folder) instead of the defaults; other options "
         "change it.") },
    { CLI_TEXT, "replay", 0, "LOG", &log,
      N_("Make the live changes of an earlier run (commands.log in its folder) at the same steps. With the same "
         "configuration this gives the same parameters, bit for bit.") },
    { CLI_TEXT, "out", 0, "DIR", &out,
      N_("Keep the run in this folder: checkpoint, configuration, command log and numbers, written at each measurement, at "
         "the end and when a signal comes. Default: nothing is kept.") },
    { CLI_TEXT, "report", 0, "DIR", &report,
      N_("At the end write curves, similarity matrix, map and pairs as pictures, their numbers, and index.html into this "
         "folder.") },
    CLI_OPTION_JSON,
    { 0 },
  };
  g_autoptr (KinConfig) config = NULL;
  g_autoptr (KinHistory) history = kin_history_new ();
  g_autoptr (KinRun) made = NULL;
  CliTraining training;
  GError *error = NULL;
  CliExit exit;

  if (!cli_parse (command, options, arguments, &exit))
    return exit;
  config = cli_make_config (config_file, dataset, method, encoder, policy, settings, &error);
  if (config == NULL || !check_out (out, &error) || (report != NULL && !cli_prepare_folder (report, &error)))
    return cli_fail (error);
  made = make_run (config, config_file != NULL || is_asked (settings, "batch="), &error);
  if (made == NULL || !replay (made, log, &error))
    return cli_fail (error);
  print_start (made);
  training = (CliTraining){ .run = made, .history = history, .out = out, .report = report };
  return cli_training_run (&training);
}

const CliCommand cli_command_train = {
  .name = "train",
  .summary = N_("train an encoder without labels"),
  .synopsis = "[--dataset SOURCE] [--limit N] [--size PX] [--method NAME] [--encoder NAME] [--epochs N] [--batch N] "
              "[--seed N] [--threads N] [--policy NAME|FILE] [--set NAME=VALUE]… [--config FILE] [--replay LOG] "
              "[--out DIR] [--report DIR] [--json]",
  .description
  = N_("Reads a set, makes two augmented views of each image, and teaches an encoder that the two belong together. Before "
       "the first step and after each epoch the frozen encoder is measured: k-nearest-neighbour agreement with the labels "
       "(where there are labels) beside that of raw pixels and of the untrained encoder, alignment, uniformity, effective "
       "rank. Labels are never learned from.\n\n"
       "On a terminal a bar on standard error shows where the run is; each measurement is a line on standard output. With "
       "--json each measurement is an object in a line of its own (epoch, step, loss, chance, pairs_per_s, knn, knn_test, "
       "knn_pixels, knn_random, chance_label, alignment, uniformity, effective_rank, std, gradient_norm, top1, seconds; a "
       "number that does not exist is null), and the last line has \"event\": \"done\", \"interrupted\" or \"error\".\n\n"
       "The same options and seed give the same parameters, bit for bit, with any number of threads; the last line shows "
       "their fingerprint. SIGINT, SIGTERM and SIGHUP end the run after saving; a second one ends it at once."),
  .examples = "kindred-cli train --dataset shapes --epochs 12 --out runs/shapes --report report\n"
              "kindred-cli train --dataset fashion-mnist --limit 10000 --set tau=0.1 --set optimizer=lars --json\n"
              "kindred-cli train --dataset ~/Pictures --size 48 --policy my-policy.txt --out runs/mine\n"
              "kindred-cli train --config runs/a/config.ini --replay runs/a/commands.log --out runs/again",
  .more_help = print_parameters,
  .run = run,
};
