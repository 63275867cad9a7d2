#include "engine/config.h"

#include "engine/config-private.h"
#include "engine/method/method.h"
#include "engine/nn/encoder.h"

#include <string.h>

/* All specs in one array, made once: the order of KinConfig.values. */
typedef struct
{
  KinParamSpec specs[KIN_PARAMS_MAX];
  guint n;
} Specs;

static void
specs_add (Specs *specs, const KinParamSpec *more, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      gboolean is_known = FALSE;

      /* Methods share what has the same name: the temperature, the head. */
      for (guint j = 0; j < specs->n; j++)
        is_known |= strcmp (specs->specs[j].id, more[i].id) == 0;
      if (is_known)
        continue;
      g_assert (specs->n < KIN_PARAMS_MAX);
      specs->specs[specs->n++] = more[i];
    }
}

static const Specs *
get_specs (void)
{
  static Specs specs;
  static gsize done = 0;

  if (g_once_init_enter (&done))
    {
      guint n, n_methods;
      const KinParamSpec *common = kin_config_common_specs (&n);
      const KinMethodInfo *methods = kin_methods (&n_methods);

      specs_add (&specs, common, n);
      for (guint i = 0; i < n_methods; i++)
        specs_add (&specs, methods[i].params, methods[i].n_params);
      g_once_init_leave (&done, 1);
    }
  return &specs;
}

const KinParamSpec *
kin_config_specs (guint *n)
{
  *n = get_specs ()->n;
  return get_specs ()->specs;
}

const KinParamSpec *
kin_config_find_spec (const char *id)
{
  const Specs *specs = get_specs ();

  for (guint i = 0; i < specs->n; i++)
    if (strcmp (specs->specs[i].id, id) == 0)
      return &specs->specs[i];
  return NULL;
}

/* The source's preset, known before anything is opened. */
static const char *
preset_of_source (const char *source)
{
  guint n;
  const KinSourceInfo *sources = kin_sources (&n);
  gsize prefix = strcspn (source, ":");

  for (guint i = 0; i < n; i++)
    if (strcspn (sources[i].id, ":") == prefix && strncmp (sources[i].id, source, prefix) == 0)
      return sources[i].policy;
  return "simclr";
}

static void
apply_recipe (KinConfig *config)
{
  guint n;
  const KinRecipe *recipes = kin_config_recipes (&n);

  for (guint i = 0; i < n; i++)
    if (strcmp (recipes[i].source, config->dataset) == 0)
      for (guint j = 0; j < KIN_RECIPE_VALUES_MAX && recipes[i].values[j].id != NULL; j++)
        {
          gboolean is_good = kin_config_set (config, recipes[i].values[j].id, recipes[i].values[j].value, NULL);
          g_assert (is_good);
        }
}

KinConfig *
kin_config_new (const char *dataset)
{
  KinConfig *config = g_new0 (KinConfig, 1);
  const Specs *specs = get_specs ();

  config->dataset = g_strdup (dataset == NULL ? "shapes" : dataset);
  config->method = g_strdup ("simclr");
  config->encoder = g_strdup ("conv4");
  config->policy = kin_policy_from_name (preset_of_source (config->dataset), NULL);
  g_assert (config->policy != NULL);
  for (guint i = 0; i < specs->n; i++)
    config->values[i] = specs->specs[i].def;
  apply_recipe (config);
  return config;
}

KinConfig *
kin_config_copy (const KinConfig *config)
{
  KinConfig *copy = g_memdup2 (config, sizeof *config);

  copy->dataset = g_strdup (config->dataset);
  copy->method = g_strdup (config->method);
  copy->encoder = g_strdup (config->encoder);
  copy->policy = kin_policy_ref (config->policy);
  return copy;
}

void
kin_config_free (KinConfig *config)
{
  if (config == NULL)
    return;
  g_free (config->dataset);
  g_free (config->method);
  g_free (config->encoder);
  g_clear_pointer (&config->policy, kin_policy_unref);
  g_free (config);
}

double
kin_config_get (const KinConfig *config, const char *id)
{
  const KinParamSpec *spec = kin_config_find_spec (id);

  g_assert (spec != NULL);
  return config->values[spec - get_specs ()->specs];
}

static const KinParamSpec *
find_spec (const char *id, GError **error)
{
  const Specs *specs = get_specs ();
  const KinParamSpec *spec = kin_config_find_spec (id);
  g_autoptr (GString) known = g_string_new (NULL);

  if (spec != NULL)
    return spec;
  for (guint i = 0; i < specs->n; i++)
    g_string_append_printf (known, "%s%s", i == 0 ? "" : ", ", specs->specs[i].id);
  g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION, "There is no parameter \"%s\"; known are %s", id, known->str);
  return NULL;
}

gboolean
kin_config_set (KinConfig *config, const char *id, double value, GError **error)
{
  const KinParamSpec *spec = find_spec (id, error);

  if (spec == NULL || !kin_param_check (spec, value, error))
    return FALSE;
  config->values[spec - get_specs ()->specs] = value;
  return TRUE;
}

gboolean
kin_config_set_text (KinConfig *config, const char *assignment, GError **error)
{
  const char *equals = strchr (assignment, '=');
  g_autofree char *id = NULL;
  const KinParamSpec *spec;
  double value;

  if (equals == NULL)
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION, "\"%s\" is not of the form NAME=VALUE, as in tau=0.2",
                   assignment);
      return FALSE;
    }
  id = g_strstrip (g_strndup (assignment, equals - assignment));
  spec = find_spec (id, error);
  return spec != NULL && kin_param_parse (spec, equals + 1, &value, error)
         && kin_config_set (config, id, value, error);
}

KinDataSpec
kin_config_data_spec (const KinConfig *config)
{
  return (KinDataSpec){
    .source = config->dataset,
    .limit = kin_config_get (config, "limit"),
    .size = kin_config_get (config, "size"),
    .fit = kin_config_get (config, "fit"),
    .holdout = kin_config_get (config, "holdout"),
    .seed = kin_config_get (config, "data_seed"),
  };
}

static gboolean
check_names (const KinConfig *config, GError **error)
{
  guint n;

  if (kin_method_find (config->method) == NULL)
    {
      const KinMethodInfo *methods = kin_methods (&n);
      g_autoptr (GString) known = g_string_new (NULL);

      for (guint i = 0; i < n; i++)
        g_string_append_printf (known, "%s%s", i == 0 ? "" : ", ", methods[i].id);
      g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION, "There is no method \"%s\"; known: %s", config->method,
                   known->str);
      return FALSE;
    }
  if (kin_encoder_find (config->encoder) == NULL)
    {
      const KinEncoderInfo *encoders = kin_encoders (&n);
      g_autoptr (GString) known = g_string_new (NULL);

      for (guint i = 0; i < n; i++)
        g_string_append_printf (known, "%s%s", i == 0 ? "" : ", ", encoders[i].id);
      g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION, "There is no encoder \"%s\"; known: %s", config->encoder,
                   known->str);
      return FALSE;
    }
  return TRUE;
}

void
kin_config_fit (KinConfig *config, const KinDataset *dataset)
{
  if (kin_config_get (config, "batch") > dataset->n_train)
    kin_config_set (config, "batch", dataset->n_train, NULL);
}

gboolean
kin_config_check (const KinConfig *config, const KinDataset *dataset, GError **error)
{
  const Specs *specs = get_specs ();
  double size = kin_config_get (config, "size"), batch = kin_config_get (config, "batch");

  if (!check_names (config, error))
    return FALSE;
  for (guint i = 0; i < specs->n; i++)
    if (!kin_param_check (&specs->specs[i], config->values[i], error))
      return FALSE;
  if (!kin_policy_check (config->policy, error))
    return FALSE;
  if (size != 0 && size < KIN_SIZE_MIN)
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION, "size = %g px is out of range: 0 for the set's own, or %d to %d",
                   size, KIN_SIZE_MIN, KIN_SIZE_MAX);
      return FALSE;
    }
  if (dataset != NULL && batch > dataset->n_train)
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION,
                   "batch = %g is more than the %u training images of \"%s\"; 2 to %u fit", batch, dataset->n_train,
                   dataset->name, MIN (dataset->n_train, 4096));
      return FALSE;
    }
  return TRUE;
}

/* --- Text --- */

#define GROUP_RUN "run"
#define GROUP_POLICY "policy"
#define VERSION 1

/* The name of a folder may be any bytes; a key file, and the checkpoint that holds it, are UTF-8. */
static void
write_dataset (const KinConfig *config, GKeyFile *file)
{
  const char *dataset = config->dataset;
  g_autofree char *escaped = NULL;

  if (g_utf8_validate (dataset, -1, NULL))
    {
      g_key_file_set_string (file, GROUP_RUN, "dataset", dataset);
      return;
    }
  escaped = g_uri_escape_bytes ((const guint8 *) dataset, strlen (dataset), "/:,");
  g_key_file_set_string (file, GROUP_RUN, "dataset_escaped", escaped);
}

/* Returns: (transfer full) (nullable) */
static char *
read_dataset (GKeyFile *file, GError **error)
{
  g_autofree char *escaped = g_key_file_get_string (file, GROUP_RUN, "dataset_escaped", NULL);
  g_autoptr (GBytes) bytes = NULL;

  if (escaped == NULL || *escaped == '\0')
    return g_key_file_get_string (file, GROUP_RUN, "dataset", error);
  bytes = g_uri_unescape_bytes (escaped, -1, "", error);
  return bytes == NULL ? NULL : g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

/* A text without a version is one that a person wrote. */
static gboolean
check_version (GKeyFile *file, GError **error)
{
  g_autofree char *version = g_key_file_get_string (file, GROUP_RUN, "version", NULL);

  if (version == NULL || strcmp (version, G_STRINGIFY (VERSION)) == 0)
    return TRUE;
  g_set_error (error, KIN_ERROR, KIN_ERROR_FORMAT, "The configuration is of version \"%s\"; version %d is read", version,
               VERSION);
  return FALSE;
}

char *
kin_config_to_text (const KinConfig *config)
{
  const Specs *specs = get_specs ();
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *policy = kin_policy_to_text (config->policy);
  g_auto (GStrv) lines = g_strsplit (g_strchomp (policy), "\n", -1);

  g_key_file_set_integer (file, GROUP_RUN, "version", VERSION);
  write_dataset (config, file);
  g_key_file_set_string (file, GROUP_RUN, "method", config->method);
  g_key_file_set_string (file, GROUP_RUN, "encoder", config->encoder);
  for (guint i = 0; i < specs->n; i++)
    {
      g_autofree char *value = kin_param_format (&specs->specs[i], config->values[i]);
      g_key_file_set_string (file, specs->specs[i].group, specs->specs[i].id, value);
    }
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autofree char *key = g_strdup_printf ("line%02u", i + 1);
      g_key_file_set_string (file, GROUP_POLICY, key, lines[i]);
    }
  return g_key_file_to_data (file, NULL, NULL);
}

static gboolean
read_names (KinConfig *config, GKeyFile *file, GError **error)
{
  char **members[] = { &config->method, &config->encoder };
  const char *const keys[] = { "method", "encoder" };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      char *text = g_key_file_get_string (file, GROUP_RUN, keys[i], error);

      if (text == NULL)
        return FALSE;
      g_free (*members[i]);
      *members[i] = text;
    }
  return TRUE;
}

static gboolean
read_values (KinConfig *config, GKeyFile *file, GError **error)
{
  g_auto (GStrv) groups = g_key_file_get_groups (file, NULL);

  for (guint i = 0; groups[i] != NULL; i++)
    {
      g_auto (GStrv) keys = g_key_file_get_keys (file, groups[i], NULL, NULL);

      if (strcmp (groups[i], GROUP_RUN) == 0 || strcmp (groups[i], GROUP_POLICY) == 0)
        continue;
      for (guint j = 0; keys[j] != NULL; j++)
        {
          g_autofree char *value = g_key_file_get_string (file, groups[i], keys[j], error);
          g_autofree char *assignment = value == NULL ? NULL : g_strdup_printf ("%s=%s", keys[j], value);

          if (assignment == NULL || !kin_config_set_text (config, assignment, error))
            return FALSE;
        }
    }
  return TRUE;
}

static gboolean
read_policy (KinConfig *config, GKeyFile *file, GError **error)
{
  g_auto (GStrv) keys = g_key_file_get_keys (file, GROUP_POLICY, NULL, NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  KinPolicy *policy;

  for (guint i = 0; keys != NULL && keys[i] != NULL; i++)
    {
      g_autofree char *line = g_key_file_get_string (file, GROUP_POLICY, keys[i], error);

      if (line == NULL)
        return FALSE;
      g_string_append_printf (text, "%s\n", line);
    }
  policy = kin_policy_from_text (text->str, error);
  if (policy == NULL)
    return FALSE;
  kin_policy_unref (config->policy);
  config->policy = policy;
  return TRUE;
}

/* GLib's own errors say what is wrong in which line, but are not ours. */
static void
own_error (GError **error)
{
  if (error != NULL && *error != NULL && (*error)->domain != KIN_ERROR)
    {
      GError *ours = g_error_new (KIN_ERROR, KIN_ERROR_FORMAT, "Not the configuration of a run: %s", (*error)->message);

      g_clear_error (error);
      *error = ours;
    }
}

KinConfig *
kin_config_from_text (const char *text, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (KinConfig) config = NULL;
  g_autofree char *dataset = NULL;
  g_autoptr (GError) problem = NULL;

  if (!g_key_file_load_from_data (file, text, -1, G_KEY_FILE_NONE, &problem)
      || !check_version (file, &problem) || (dataset = read_dataset (file, &problem)) == NULL)
    goto failed;
  config = kin_config_new (dataset);
  if (read_names (config, file, &problem) && read_values (config, file, &problem)
      && read_policy (config, file, &problem) && kin_config_check (config, NULL, &problem))
    return g_steal_pointer (&config);

failed:
  own_error (&problem);
  g_propagate_error (error, g_steal_pointer (&problem));
  return NULL;
}
