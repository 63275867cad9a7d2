/* What there is to choose from: methods, datasets, encoders, augmentations, parameters. */

#include "app/cli.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "engine/nn/encoder.h"

/* --- Parameters --- */

static void
add_default (json_object *object, const KinParamSpec *spec)
{
  switch (spec->kind)
    {
    case KIN_PARAM_REAL:
    case KIN_PARAM_INT:
      cli_json_add_number (object, "min", spec->min);
      cli_json_add_number (object, "max", spec->max);
      cli_json_add_number (object, "default", spec->def);
      break;
    case KIN_PARAM_BOOL:
      cli_json_add_bool (object, "default", spec->def != 0);
      break;
    case KIN_PARAM_CHOICE:
      {
        json_object *choices = json_object_new_array ();

        for (guint i = 0; spec->choices[i] != NULL; i++)
          json_object_array_add (choices, json_object_new_string (spec->choices[i]));
        json_object_object_add (object, "choices", choices);
        cli_json_add_text (object, "default", spec->choices[(guint) spec->def]);
        break;
      }
    }
}

static json_object *
describe_parameter (const KinParamSpec *spec)
{
  static const char *const kinds[] = { "real", "int", "bool", "choice" };
  g_autofree char *range = kin_param_describe_range (spec);
  json_object *object = json_object_new_object ();

  cli_json_add_text (object, "name", spec->id);
  cli_json_add_text (object, "title", _(spec->title));
  cli_json_add_text (object, "formal", spec->formal);
  cli_json_add_text (object, "group", spec->group);
  cli_json_add_text (object, "kind", kinds[spec->kind]);
  add_default (object, spec);
  cli_json_add_text (object, "range", range);
  cli_json_add_text (object, "unit", spec->unit == NULL ? "" : spec->unit);
  cli_json_add_bool (object, "live", spec->is_live);
  cli_json_add_text (object, "help", spec->help == NULL ? "" : _(spec->help));
  cli_json_add_text (object, "source", spec->source == NULL ? "" : spec->source);
  return object;
}

static void
add_parameters (json_object *object, const KinParamSpec *specs, guint n)
{
  json_object *array = json_object_new_array ();

  for (guint i = 0; i < n; i++)
    json_object_array_add (array, describe_parameter (&specs[i]));
  json_object_object_add (object, "parameters", array);
}

static void
print_parameter (const KinParamSpec *spec, guint indent)
{
  g_autofree char *text = cli_describe_spec (spec);
  const char *formal = spec->formal == NULL ? "" : spec->formal;

  cli_print ("%*s%s: %s%s%s%s\n", (int) indent, "", spec->id, _(spec->title), *formal == '\0' ? "" : " (", formal,
             *formal == '\0' ? "" : ")");
  cli_help_paragraph (indent + 4, text);
}

static void
print_parameters (const KinParamSpec *specs, guint n, guint indent)
{
  for (guint i = 0; i < n; i++)
    print_parameter (&specs[i], indent);
}

static void
list_parameters (void)
{
  guint n;
  const KinParamSpec *specs = kin_config_specs (&n);

  for (guint i = 0; i < n; i++)
    {
      if (cli_is_json ())
        cli_print_json (describe_parameter (&specs[i]));
      else
        {
          if (i == 0 || strcmp (specs[i].group, specs[i - 1].group) != 0)
            cli_print ("%s[%s]\n", i == 0 ? "" : "\n", specs[i].group);
          print_parameter (&specs[i], 0);
        }
    }
}

/* --- Methods, encoders, sets --- */

static json_object *
describe (const char *id, const char *title, const char *help)
{
  json_object *object = json_object_new_object ();

  cli_json_add_text (object, "id", id);
  cli_json_add_text (object, "title", _(title));
  cli_json_add_text (object, "help", _(help));
  return object;
}

static void
print_head (const char *id, const char *title, const char *help)
{
  cli_print ("%s: %s\n", id, _(title));
  cli_help_paragraph (4, _(help));
}

static void
list_methods (void)
{
  guint n;
  const KinMethodInfo *methods = kin_methods (&n);

  for (guint i = 0; i < n; i++)
    {
      const KinMethodInfo *method = &methods[i];

      if (cli_is_json ())
        {
          json_object *object = describe (method->id, method->title, method->help);

          cli_json_add_text (object, "paper", method->paper);
          add_parameters (object, method->params, method->n_params);
          cli_print_json (object);
          continue;
        }
      print_head (method->id, method->title, method->help);
      cli_help_paragraph (4, method->paper);
      print_parameters (method->params, method->n_params, 4);
    }
}

static void
list_encoders (void)
{
  guint n;
  const KinEncoderInfo *encoders = kin_encoders (&n);

  for (guint i = 0; i < n; i++)
    {
      const KinEncoderInfo *encoder = &encoders[i];
      g_autoptr (KinNetwork) network = kin_encoder_build (encoder->id, 3);
      guint D = kin_network_get (network, network->feature)->C;
      gsize n_parameters = kin_layout_count (network->parameters);

      if (cli_is_json ())
        {
          json_object *object = describe (encoder->id, encoder->title, encoder->help);

          cli_json_add_text (object, "source", encoder->source);
          cli_json_add_integer (object, "dimensions", D);
          cli_json_add_integer (object, "n_parameters", n_parameters);
          add_parameters (object, NULL, 0);
          cli_print_json (object);
          continue;
        }
      print_head (encoder->id, encoder->title, encoder->help);
      cli_print (_("    h has %u dimensions; %zu parameters for images of 3 channels, the head not counted.\n"), D,
                 n_parameters);
      if (encoder->source != NULL && *encoder->source != '\0')
        cli_print (_("    Source: %s.\n"), encoder->source);
    }
}

/* The parameters of the group "data" stand together in the list of all. */
static const KinParamSpec *
data_specs (guint *n)
{
  guint n_all, first = 0;
  const KinParamSpec *specs = kin_config_specs (&n_all);

  while (strcmp (specs[first].group, "data") != 0)
    first++;
  for (*n = 0; first + *n < n_all && strcmp (specs[first + *n].group, "data") == 0; ++*n)
    ;
  return specs + first;
}

static void
list_datasets (void)
{
  guint n, n_specs;
  const KinSourceInfo *sources = kin_sources (&n);
  const KinParamSpec *specs = data_specs (&n_specs);

  for (guint i = 0; i < n; i++)
    {
      const KinSourceInfo *source = &sources[i];

      if (cli_is_json ())
        {
          json_object *object = describe (source->id, source->title, source->help);

          cli_json_add_bool (object, "builtin", source->is_builtin);
          cli_json_add_text (object, "policy", source->policy);
          add_parameters (object, specs, n_specs);
          cli_print_json (object);
          continue;
        }
      print_head (source->id, source->title, source->help);
      cli_print (_("    Policy: %s. %s\n"), source->policy,
                 source->is_builtin ? _("Ready on this machine.") : _("Needs files."));
    }
  if (!cli_is_json ())
    {
      cli_print (_("\nParameters of all sets:\n"));
      print_parameters (specs, n_specs, 4);
    }
}

/* --- Augmentations --- */

static const KinParamSpec probability_spec = {
  .id = "p", .title = N_("Probability"), .formal = "p", .group = "", .kind = KIN_PARAM_REAL, .min = 0, .max = 1, .def = 1,
  .unit = "", .help = N_("How often it is applied."),
};

static void
list_operation (const KinOpInfo *info)
{
  KinParamSpec specs[1 + KIN_OP_PARAMS_MAX] = { probability_spec };

  memcpy (specs + 1, info->params, info->n_params * sizeof *specs);
  if (cli_is_json ())
    {
      json_object *object = describe (info->id, info->title, info->help), *drawn = json_object_new_array ();

      cli_json_add_text (object, "kind", "operation");
      cli_json_add_text (object, "source", info->source);
      add_parameters (object, specs, 1 + info->n_params);
      for (guint i = 0; i < info->n_drawn; i++)
        json_object_array_add (drawn, json_object_new_string (info->drawn[i]));
      json_object_object_add (object, "drawn", drawn);
      cli_print_json (object);
      return;
    }
  print_head (info->id, info->title, info->help);
  if (*info->source != '\0')
    cli_print (_("    Source: %s.\n"), info->source);
  print_parameters (specs, 1 + info->n_params, 4);
}

static void
list_preset (const KinPolicyPreset *preset)
{
  g_auto (GStrv) lines = g_strsplit (preset->text, "\n", -1);

  if (cli_is_json ())
    {
      json_object *object = describe (preset->id, preset->title, preset->help);

      cli_json_add_text (object, "kind", "preset");
      cli_json_add_text (object, "text", preset->text);
      cli_print_json (object);
      return;
    }
  print_head (preset->id, preset->title, preset->help);
  for (guint i = 0; lines[i] != NULL; i++)
    if (*lines[i] != '\0')
      cli_print ("        %s\n", lines[i]);
}

static void
list_augmentations (void)
{
  guint n;
  const KinPolicyPreset *presets = kin_policy_presets (&n);

  if (!cli_is_json ())
    cli_help_heading (_("OPERATIONS"));
  for (guint kind = 0; kind < KIN_N_OPS; kind++)
    list_operation (kin_op_info (kind));
  if (!cli_is_json ())
    cli_help_heading (_("PRESETS"));
  for (guint i = 0; i < n; i++)
    list_preset (&presets[i]);
}

/* --- The commands --- */

static CliExit
list (const CliCommand *command, char **arguments, void (*print) (void))
{
  const CliOption options[] = { CLI_OPTION_JSON, { 0 } };
  CliExit exit;

  if (!cli_parse (command, options, arguments, &exit))
    return exit;
  print ();
  return CLI_DONE;
}

#define LIST_COMMAND(what, summary_text, description_text)                                                            \
  static CliExit run_##what (const CliCommand *command, char **arguments)                                             \
  {                                                                                                                   \
    return list (command, arguments, list_##what);                                                                    \
  }                                                                                                                   \
  const CliCommand cli_command_##what = {                                                                             \
    .name = #what,                                                                                                    \
    .summary = summary_text,                                                                                          \
    .synopsis = "[--json]",                                                                                           \
    .description = description_text,                                                                                  \
    .examples = "kindred-cli " #what "\nkindred-cli " #what " --json",                                                \
    .run = run_##what,                                                                                                \
  };

LIST_COMMAND (methods, N_ ("list the methods of learning and their parameters"),
              N_ ("Each method with its paper and every parameter: what it does, range, default, and whether it may change "
                  "while a run is under way. With --json one object a line."))
LIST_COMMAND (datasets, N_ ("list the sets that can be learned from, and their parameters"),
              N_ ("What --dataset takes, which of it is ready on this machine, which augmentations suit it, and the "
                  "parameters of reading. With --json one object a line."))
LIST_COMMAND (encoders, N_ ("list the encoders"),
              N_ ("Each encoder with the dimensions of its output and the number of its parameters. Encoders have no "
                  "settings; the width of the head is a parameter of the method. With --json one object a line."))
LIST_COMMAND (augmentations, N_ ("list augmentations, their parameters, and the preset policies"),
              N_ ("Every operation with its strengths, then the presets as text. A policy is a text file with an operation "
                  "a line, applied in order: `crop p=1 area_min=0.2 area_max=1`. What is not given has its default; `off` "
                  "before a line switches it off; # starts a comment. With --json one object a line; \"kind\" is operation or "
                  "preset."))
LIST_COMMAND (parameters, N_ ("list every parameter of a run"),
              N_ ("What `kindred-cli train --set NAME=VALUE` takes: name, title, what it does, range, unit, default, "
                  "source, and whether it may change while a run is under way. With --json one object a line."))
