#include "app/cli.h"

#include <glib/gi18n-lib.h>

#include "engine/data/loader.h"
#include "engine/eval/knn.h"

enum
{
  NEIGHBOURS_MAX = 1000,
};

static const KinParamSpec k_spec = {
  .id = "k", .kind = KIN_PARAM_INT, .min = 1, .max = NEIGHBOURS_MAX, .def = 10, .unit = "",
  .help = N_("How many neighbours.")
};

/* What is asked about: an image of the set, or a file from elsewhere. */
typedef struct
{
  int id; /* -1: a file */
  guint8 *pixels; /* of the file */
} Query;

static gboolean
find_query (const KinRun *run, const KinDataset *dataset, const char *image, Query *query, GError **error)
{
  KinDataSpec spec = kin_config_data_spec (kin_run_get_config (run));
  g_autoptr (GError) problem = NULL;
  guint id;

  query->id = -1;
  if (kin_dataset_find_image (dataset, image, &id, &problem))
    {
      query->id = id;
      return TRUE;
    }
  if (g_file_test (image, G_FILE_TEST_IS_REGULAR))
    {
      query->pixels = kin_image_load (image, dataset->size, dataset->channels, spec.fit, error);
      return query->pixels != NULL;
    }
  g_propagate_prefixed_error (error, g_steal_pointer (&problem), "--image: ");
  return FALSE;
}

/* Cosine of pixels as knn_pixels takes it: about the middle gray, else all bright images are alike. */
static void
centre (float *rows, gsize n, KinSpace space)
{
  for (gsize i = 0; i < n && space == KIN_SPACE_PIXELS; i++)
    rows[i] -= KIN_PIXEL_MEAN;
}

static float *
embed_query (KinRun *run, const Query *query, const float *rows, KinSpace space, GError **error)
{
  guint D = kin_run_get_space_size (run, space);
  g_autofree float *row = NULL;

  if (query->id >= 0)
    return g_memdup2 (rows + (gsize) query->id * D, D * sizeof (float));
  row = g_new (float, D);
  if (!kin_run_embed (run, query->pixels, 1, space, row, error))
    return NULL;
  centre (row, D, space);
  kin_normalize_rows_f32 (row, 1, D);
  return g_steal_pointer (&row);
}

static void
print_neighbour (const KinDataset *dataset, guint rank, const KinNeighbour *neighbour)
{
  g_autofree char *name = kin_dataset_dup_image_name (dataset, neighbour->id);
  const char *label = dataset->labels == NULL ? NULL : dataset->class_names[dataset->labels[neighbour->id]];
  json_object *object;

  if (!cli_is_json ())
    {
      g_autofree char *valid = g_utf8_make_valid (name, -1);

      cli_print ("%4u  %8.5f  %6u  %s%s%s\n", rank, neighbour->similarity, neighbour->id, valid, label == NULL ? "" : "  ",
                 label == NULL ? "" : label);
      return;
    }
  object = json_object_new_object ();
  cli_json_add_text (object, "event", "neighbour");
  cli_json_add_integer (object, "rank", rank);
  cli_json_add_integer (object, "image", neighbour->id);
  cli_json_add_text (object, "name", name);
  cli_json_add_text (object, "class", label);
  cli_json_add_number (object, "similarity", neighbour->similarity);
  cli_json_add_number (object, "distance", 1 - neighbour->similarity);
  cli_print_json (object);
}

static gboolean
search (KinRun *run, const KinDataset *dataset, const Query *query, KinSpace space, guint k, GError **error)
{
  guint D = kin_run_get_space_size (run, space), n = dataset->n_images, n_found;
  g_autofree KinNeighbour *found = g_new (KinNeighbour, k);
  g_autofree float *rows = cli_embed_all (run, dataset, space, error), *row = NULL;

  if (rows == NULL)
    return FALSE;
  centre (rows, (gsize) n * D, space);
  kin_normalize_rows_f32 (rows, n, D);
  row = embed_query (run, query, rows, space, error);
  if (row == NULL)
    return FALSE;
  n_found = kin_neighbours_of_row (rows, NULL, n, D, row, query->id, k, found);
  if (!cli_is_json ())
    cli_print (_("rank    cosine   image  name\n"));
  for (guint i = 0; i < n_found; i++)
    print_neighbour (dataset, i + 1, &found[i]);
  return TRUE;
}

static CliExit
run (const CliCommand *command, char **arguments)
{
  char *folder = NULL, *source = NULL, *image = NULL, *space_name = (char *) "h";
  CliNumber limit = { 0 }, k = { .value = k_spec.def };
  const CliOption options[] = {
    { CLI_POSITIONAL, "DIR", 0, NULL, &folder, N_("The folder of a run.") },
    { CLI_TEXT, "dataset", 0, "SOURCE", &source,
      N_("Where to look for neighbours; sources as for train. Default: the run's own set.") },
    { CLI_NUMBER, "limit", 0, "N", &limit, NULL, kin_config_find_spec ("limit") },
    { CLI_TEXT, "image", 0, "ID|FILE", &image,
      N_("Whose neighbours: an image's number in the set, the name of a file of the set, or any picture file. Needed.") },
    { CLI_NUMBER, "neighbours", 'k', "N", &k, NULL, &k_spec },
    { CLI_TEXT, "space", 0, "h|z|pixels", &space_name,
      N_("Where nearness is measured: h, what the encoder gives; z, its projection; pixels. Default: h.") },
    CLI_OPTION_JSON,
    { 0 },
  };
  g_autoptr (KinRun) loaded = NULL;
  g_autoptr (KinDataset) dataset = NULL;
  Query query = { 0 };
  GError *error = NULL;
  KinSpace space;
  CliExit exit;
  gboolean is_done;

  if (!cli_parse (command, options, arguments, &exit))
    return exit;
  if (!cli_check_given (command, "--image ID|FILE", image, &error) || !kin_space_parse (space_name, &space, &error))
    return cli_fail (error);
  loaded = cli_open_run (folder, &error);
  dataset = loaded == NULL ? NULL : cli_open_images (loaded, source, &limit, &error);
  is_done = dataset != NULL && find_query (loaded, dataset, image, &query, &error)
            && search (loaded, dataset, &query, space, k.value, &error);
  g_free (query.pixels);
  return is_done ? CLI_DONE : cli_fail (error);
}

const CliCommand cli_command_neighbours = {
  .name = "neighbours",
  .summary = N_("find the images that a run holds to be most alike"),
  .synopsis = "DIR [--dataset SOURCE] [--limit N] --image ID|FILE [-k N] [--space h|z|pixels] [--json]",
  .description
  = N_("Embeds a set with the frozen encoder of a run and lists the images nearest to one by cosine similarity, nearest "
       "first, the image itself left out. The search is exact; of equally near images the lower id comes first. With --json "
       "each is an object: rank, image, name, class (null without labels), similarity, distance (1 - similarity).\n\n"
       "With --space pixels the middle gray is taken off first, as for knn_pixels."),
  .examples = "kindred-cli neighbours runs/shapes --image 17 -k 5\n"
              "kindred-cli neighbours runs/mine --dataset ~/Pictures --image cat.png --space pixels",
  .run = run,
};
