/* What several subcommands do with runs, folders and sets. */

#include "app/cli.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/core/file.h"

enum
{
  CONFIG_LIMIT = 1 << 20,      /* bytes */
  EMBED_IMAGES = 1024,         /* between two looks at progress and signals */
  SKIPPED_SHOWN = 10,          /* files */
};

/* What is wrong with a folder is no mistake in the command that names it. */
static void
blame_folder (GError **error)
{
  if (error != NULL && g_error_matches (*error, KIN_ERROR, KIN_ERROR_OPTION))
    (*error)->code = KIN_ERROR_FORMAT;
}

gboolean
cli_is_run_folder (const char *folder)
{
  g_autofree char *checkpoint = g_build_filename (folder, "checkpoint.safetensors", NULL);

  return g_file_test (checkpoint, G_FILE_TEST_EXISTS);
}

KinRun *
cli_open_run (const char *folder, GError **error)
{
  KinRun *run;

  if (!g_file_test (folder, G_FILE_TEST_IS_DIR) || !cli_is_run_folder (folder))
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_FILE,
                   _("“%s” is not the folder of a run: it has no checkpoint.safetensors; `kindred-cli train --out` makes "
                     "one"),
                   folder);
      return NULL;
    }
  run = kin_run_load (folder, NULL, cli_on_progress, NULL, error);
  if (run == NULL)
    blame_folder (error);
  else
    kin_run_set_cancel (run, cli_get_interrupted ());
  return run;
}

KinHistory *
cli_open_history (const char *folder, const KinRun *run, GError **error)
{
  KinHistory *history = kin_history_load (folder, error);

  if (history != NULL)
    kin_history_truncate (history, kin_run_get_step (run));
  return history;
}

gboolean
cli_prepare_folder (const char *folder, GError **error)
{
  if (g_mkdir_with_parents (folder, 0777) != 0)
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_FILE, _("cannot make the folder “%s”: %s"), folder, g_strerror (errno));
      return FALSE;
    }
  if (g_access (folder, W_OK | X_OK) != 0)
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_FILE, _("cannot write into the folder “%s”: %s"), folder,
                   g_strerror (errno));
      return FALSE;
    }
  return TRUE;
}

/* Whether @source is read by its name and not as a folder: "shapes", "idx:…". */
static gboolean
is_named_source (const char *source)
{
  guint n;
  const KinSourceInfo *sources = kin_sources (&n);
  gsize prefix = strcspn (source, ":");

  for (guint i = 0; i < n; i++)
    if (strcspn (sources[i].id, ":") == prefix && strncmp (sources[i].id, source, prefix) == 0)
      return TRUE;
  return FALSE;
}

/* What is there is named from the root; what is not stays as it was typed, for the message. */
static char *
make_file_absolute (const char *file)
{
  return g_file_test (file, G_FILE_TEST_EXISTS) ? g_canonicalize_filename (file, NULL) : g_strdup (file);
}

/* A run is resumed from anywhere. Returns: (transfer full) */
static char *
make_absolute (const char *source)
{
  const char *colon = strchr (source, ':');
  g_auto (GStrv) files = NULL;
  g_autofree char *joined = NULL;

  if (!is_named_source (source))
    return make_file_absolute (source);
  if (colon == NULL)
    return g_strdup (source);
  files = g_strsplit (colon + 1, ",", -1);
  for (guint i = 0; files[i] != NULL; i++)
    {
      char *relative = files[i];

      files[i] = make_file_absolute (relative);
      g_free (relative);
    }
  joined = g_strjoinv (",", files);
  return g_strdup_printf ("%.*s:%s", (int) (colon - source), source, joined);
}

KinDataset *
cli_open_images (const KinRun *run, const char *source, const CliNumber *limit, GError **error)
{
  KinDataset *own = kin_run_get_dataset (run);
  KinDataSpec spec = kin_config_data_spec (kin_run_get_config (run));
  g_autofree char *absolute = source == NULL ? NULL : make_absolute (source);
  gboolean is_own = absolute == NULL || strcmp (absolute, spec.source) == 0;
  g_autoptr (KinDataset) dataset = NULL;

  if (is_own && !limit->is_given)
    return kin_dataset_ref (own);
  if (!is_own)
    {
      spec.source = absolute;
      spec.limit = 0;
    }
  if (limit->is_given)
    spec.limit = limit->value;
  spec.size = own->size;
  dataset = kin_dataset_open (&spec, cli_on_progress, NULL, error);
  if (dataset == NULL || dataset->channels == own->channels)
    return g_steal_pointer (&dataset);
  g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION,
               _("--dataset: the images of “%s” have %u channels, but the run learned from images with %u"),
               dataset->source, dataset->channels, own->channels);
  return NULL;
}

void
cli_warn_skipped (const KinDataset *dataset)
{
  if (dataset->n_skipped == 0)
    return;
  cli_warn (ngettext ("%u file of “%s” could not be read and is left out:",
                      "%u files of “%s” could not be read and are left out:", dataset->n_skipped),
            dataset->n_skipped, dataset->name);
  for (guint i = 0; i < MIN (dataset->n_skipped, SKIPPED_SHOWN); i++)
    cli_warn ("  %s: %s", dataset->skipped[i].path, dataset->skipped[i].reason);
  if (dataset->n_skipped > SKIPPED_SHOWN)
    cli_warn (_("  and %u more"), dataset->n_skipped - SKIPPED_SHOWN);
}

float *
cli_embed_all (KinRun *run, const KinDataset *dataset, KinSpace space, GError **error)
{
  gsize D = kin_run_get_space_size (run, space), n = dataset->n_images;
  g_autofree float *rows = g_try_malloc_n (n, D * sizeof (float));

  if (rows == NULL)
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_TOO_LARGE, _("there is no memory for %zu rows of %zu numbers; use --limit"),
                   n, D);
      return NULL;
    }
  for (gsize first = 0; first < n; first += EMBED_IMAGES)
    {
      if (!cli_on_progress ((double) first / n, _("embedding"), NULL))
        {
          g_set_error_literal (error, KIN_ERROR, KIN_ERROR_CANCELLED, _("stopped by a signal"));
          return NULL;
        }
      if (!kin_run_embed (run, kin_dataset_get_pixels (dataset, first), MIN (EMBED_IMAGES, n - first), space,
                          rows + first * D, error))
        return NULL;
    }
  return g_steal_pointer (&rows);
}

static KinConfig *
read_config (const char *file, GError **error)
{
  g_autofree char *text = kin_file_read (file, CONFIG_LIMIT, NULL, error);
  KinConfig *config = text == NULL ? NULL : kin_config_from_text (text, error);

  if (text != NULL && config == NULL)
    g_prefix_error (error, "--config %s: ", file);
  return config;
}

/* A name that is neither a preset nor a file is a wrong value of the option. */
static void
blame_option (const char *policy, GError **error)
{
  g_prefix_error (error, "--policy: ");
  if (error != NULL && !g_file_test (policy, G_FILE_TEST_EXISTS))
    (*error)->code = KIN_ERROR_OPTION;
}

static void
replace_text (char **member, const char *text)
{
  if (text == NULL)
    return;
  g_free (*member);
  *member = g_strdup (text);
}

KinConfig *
cli_make_config (const char *file, const char *dataset, const char *method, const char *encoder, const char *policy,
                 GPtrArray *settings, GError **error)
{
  g_autofree char *source = dataset == NULL ? NULL : make_absolute (dataset);
  g_autoptr (KinConfig) config = file == NULL ? kin_config_new (source) : read_config (file, error);

  if (config == NULL)
    return NULL;
  replace_text (&config->dataset, source);
  replace_text (&config->method, method);
  replace_text (&config->encoder, encoder);
  if (policy != NULL)
    {
      KinPolicy *named = kin_policy_from_name (policy, error);

      if (named == NULL)
        {
          blame_option (policy, error);
          return NULL;
        }
      kin_policy_unref (config->policy);
      config->policy = named;
    }
  for (guint i = 0; i < settings->len; i++)
    if (!kin_config_set_text (config, g_ptr_array_index (settings, i), error))
      {
        g_prefix_error (error, "--set: ");
        return NULL;
      }
  return kin_config_check (config, NULL, error) ? g_steal_pointer (&config) : NULL;
}
