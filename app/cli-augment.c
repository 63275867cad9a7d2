#include "app/cli.h"

#include <glib/gi18n-lib.h>
#include <string.h>

enum
{
  COUNT_MAX = 256,
  EPOCH_MAX = 10000,
};

static const KinParamSpec count_spec = {
  .id = "count", .kind = KIN_PARAM_INT, .min = 1, .max = COUNT_MAX, .def = 8, .unit = "",
  .help = N_("How many views. Views 0 and 1 are the pair that training makes.")
};
static const KinParamSpec epoch_spec = {
  .id = "epoch", .kind = KIN_PARAM_INT, .min = 0, .max = EPOCH_MAX, .def = 0, .unit = "",
  .help = N_("The epoch in which training would make these views, counted from 0.")
};

/* What was drawn for each operation that is switched on, by name. */
static json_object *
describe_trace (const KinTrace *trace)
{
  json_object *steps = json_object_new_array ();

  for (guint i = 0; i < trace->n_steps; i++)
    {
      const KinTraceStep *step = &trace->steps[i];
      const KinOpInfo *info = kin_op_info (step->kind);
      json_object *object = json_object_new_object (), *drawn = json_object_new_object ();

      cli_json_add_text (object, "op", info->id);
      cli_json_add_bool (object, "applied", step->is_applied);
      for (guint d = 0; d < info->n_drawn; d++)
        cli_json_add_number (drawn, info->drawn[d], step->drawn[d]);
      json_object_object_add (object, "drawn", drawn);
      json_object_array_add (steps, object);
    }
  return steps;
}

static void
print_view (const KinViewKey *key, const KinTrace *trace, const char *text)
{
  json_object *object;

  if (!cli_is_json ())
    {
      cli_print (_("view %u: %s\n"), key->view, text);
      return;
    }
  object = json_object_new_object ();
  cli_json_add_text (object, "event", "view");
  cli_json_add_integer (object, "image", key->image);
  cli_json_add_integer (object, "view", key->view);
  cli_json_add_integer (object, "epoch", key->epoch);
  cli_json_add_integer (object, "seed", key->seed);
  cli_json_add_text (object, "text", text);
  json_object_object_add (object, "ops", describe_trace (trace));
  cli_print_json (object);
}

static void
view_clear (gpointer data)
{
  CliSheetView *view = data;

  g_free (view->title);
  g_free (view->trace);
  g_free (view->pixels);
}

/* The picture itself and @count views of it. */
static GArray *
make_views (const KinDataset *dataset, const KinPolicy *policy, KinViewKey key, guint count)
{
  gsize bytes = (gsize) dataset->size * dataset->size * dataset->channels;
  GArray *views = g_array_new (FALSE, TRUE, sizeof (CliSheetView));
  CliSheetView original = { g_strdup (_("original")), kin_dataset_dup_image_name (dataset, key.image),
                            g_memdup2 (kin_dataset_get_pixels (dataset, key.image), bytes) };

  g_array_set_clear_func (views, view_clear);
  g_array_append_val (views, original);
  for (key.view = 0; key.view < count; key.view++)
    {
      KinTrace trace;
      CliSheetView view = { .title = g_strdup_printf (_("view %u"), key.view), .pixels = g_malloc (bytes) };

      kin_preview_view (dataset, policy, &key, view.pixels, &trace);
      view.trace = kin_trace_to_text (&trace);
      print_view (&key, &trace, view.trace);
      g_array_append_val (views, view);
    }
  return views;
}

static gboolean
augment (const KinConfig *config, const KinDataset *dataset, guint image, guint epoch, guint count, const char *out,
         GError **error)
{
  KinViewKey key = { .seed = kin_config_get (config, "seed"), .epoch = epoch, .image = image };
  g_autoptr (GArray) views = make_views (dataset, config->policy, key, count);
  g_autofree char *name = kin_dataset_dup_image_name (dataset, image);
  g_autofree char *title = g_strdup_printf (_("Image %u of %s"), image, dataset->name);

  if (out != NULL
      && !cli_sheet_write (out, (const CliSheetView *) views->data, views->len, dataset->size, dataset->channels, title,
                           error))
    return FALSE;
  if (cli_is_json ())
    {
      json_object *object = json_object_new_object ();

      cli_json_add_text (object, "event", "done");
      cli_json_add_text (object, "name", name);
      cli_json_add_integer (object, "count", count);
      cli_json_add_text (object, "out", out);
      cli_print_json (object);
    }
  else if (out != NULL)
    cli_print (_("sheet: %s\n"), out);
  return TRUE;
}

static CliExit
run (const CliCommand *command, char **arguments)
{
  char *source = NULL, *image = NULL, *policy = NULL, *out = NULL;
  CliNumber count = { .value = count_spec.def }, epoch = { .value = epoch_spec.def };
  g_autoptr (GPtrArray) settings = g_ptr_array_new_with_free_func (g_free);
  const CliOption options[] = {
    { CLI_TEXT, "dataset", 0, "SOURCE", &source, N_("Where the image is; sources as for train. Default: shapes.") },
    { CLI_SETTING, "limit", 0, "N", settings },
    { CLI_SETTING, "size", 0, "PX", settings },
    { CLI_TEXT, "image", 0, "ID|NAME", &image, N_("The image's number in the set, or the name of its file. Needed.") },
    { CLI_NUMBER, "count", 0, "N", &count, NULL, &count_spec },
    { CLI_TEXT, "policy", 0, "NAME|FILE", &policy,
      N_("How views are made: a preset or a text file. Default: the one that suits the set.") },
    { CLI_NUMBER, "epoch", 0, "N", &epoch, NULL, &epoch_spec },
    { CLI_SETTING, "seed", 0, "N", settings },
    { CLI_TEXT, "out", 0, "SHEET", &out,
      N_("Draw the image and its views into this file; .png, .svg or .pdf. Default: only print what was drawn.") },
    CLI_OPTION_JSON,
    { 0 },
  };
  g_autoptr (KinConfig) config = NULL;
  g_autoptr (KinDataset) dataset = NULL;
  GError *error = NULL;
  guint id;
  CliExit exit;

  if (!cli_parse (command, options, arguments, &exit))
    return exit;
  if (!cli_check_given (command, "--image ID|NAME", image, &error))
    return cli_fail (error);
  config = cli_make_config (NULL, source, NULL, NULL, policy, settings, &error);
  if (config != NULL)
    {
      KinDataSpec spec = kin_config_data_spec (config);
      dataset = kin_dataset_open (&spec, cli_on_progress, NULL, &error);
    }
  if (dataset == NULL)
    return cli_fail (error);
  if (!kin_dataset_find_image (dataset, image, &id, &error))
    {
      g_prefix_error (&error, "--image: ");
      return cli_fail (error);
    }
  return augment (config, dataset, id, epoch.value, count.value, out, &error) ? CLI_DONE : cli_fail (error);
}

const CliCommand cli_command_augment = {
  .name = "augment",
  .summary = N_("show what augmentations make of an image"),
  .synopsis = "[--dataset SOURCE] [--limit N] [--size PX] --image ID|NAME [--count N] [--policy NAME|FILE] [--epoch N] "
              "[--seed N] [--out SHEET] [--json]",
  .description
  = N_("Makes augmented views of one image exactly as training makes them and prints what was drawn for each. The same set, "
       "policy, seed, epoch and image always give the same views. With --json each view is an object whose \"ops\" holds "
       "every operation that is switched on, whether it was applied, and its drawn values by name; "
       "`kindred-cli augmentations` tells what they mean."),
  .examples = "kindred-cli augment --dataset shapes --image 17 --count 8 --out views.png\n"
              "kindred-cli augment --dataset ~/Pictures --image cats/tom.png --policy color --json",
  .run = run,
};
