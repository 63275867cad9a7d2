/* How fast this machine is at what training does. */

#include "app/cli.h"
#include "app/cli-bench-network.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "engine/core/cpu.h"
#include "engine/core/rng.h"
#include "engine/data/augment.h"
#include "engine/eval/knn.h"
#include "engine/kernels/gemm.h"

enum
{
  SLICE_US = 60000,  /* of one measurement */
  BENCH_IMAGES = 1024,
  BENCH_BATCH = 256,
  GEMM_SIDE = 512,
  KNN_ROWS = 12288, KNN_DIMENSIONS = 256, KNN_CLASSES = 8,
};

#define SGEMM_ALL "sgemm, all threads"

static const KinParamSpec rounds_spec = {
  .id = "rounds", .kind = KIN_PARAM_INT, .min = 1, .max = 101, .def = 5, .unit = "",
  .help = N_("How often each thing is measured; the median counts.")
};

/* All that is measured works on these. */
typedef struct
{
  KinRun *run, *alone; /* the second one on one thread, for comparison */
  KinDataset *dataset;
  KinDataSpec spec; /* of the dataset, to load it again */
  KinPool *pool;
  guint n_threads;

  CliBenchNetwork *network;
  float *scratch, *planes; /* of augmentation */
  float *A, *B, *C;        /* (GEMM_SIDE, GEMM_SIDE), C once a thread */
  float *rows;             /* (KNN_ROWS, KNN_DIMENSIONS) unit rows */
  gint16 labels[KNN_ROWS];
} Bench;

typedef struct
{
  char *name;
  const char *unit;
  /* Does some of it. Returns: how much, in units; negative with @error. NULL: is measured with the other layers */
  double (*work) (Bench *bench, gconstpointer data, GError **error);
  gconstpointer data;
  GArray *rates; /* of double, one a round */
} Item;

/* --- What is measured --- */

static double
do_step (KinRun *run, GError **error)
{
  KinSample sample;

  if (kin_run_is_finished (run))
    return -1;
  return kin_run_step (run, &sample, error) ? kin_config_get (kin_run_get_config (run), "batch") : -1;
}

static double
work_step (Bench *bench, gconstpointer data, GError **error)
{
  return do_step (bench->run, error);
}

static double
work_step_alone (Bench *bench, gconstpointer data, GError **error)
{
  return do_step (bench->alone, error);
}

static double
work_learn (Bench *bench, gconstpointer data, GError **error)
{
  cli_bench_network_learn (bench->network);
  return cli_bench_network_get_pairs (bench->network);
}

static double
work_forward (Bench *bench, gconstpointer data, GError **error)
{
  cli_bench_network_forward (bench->network);
  return cli_bench_network_get_pairs (bench->network);
}

static double
work_both (Bench *bench, gconstpointer data, GError **error)
{
  cli_bench_network_forward_backward (bench->network);
  return cli_bench_network_get_pairs (bench->network);
}

static double
work_augment (Bench *bench, gconstpointer policy, GError **error)
{
  KinViewKey key = { .seed = 1 };

  for (key.image = 0; key.image < 64; key.image++)
    kin_augment (policy, KIN_STREAM_AUGMENT, &key, kin_dataset_get_pixels (bench->dataset, key.image % bench->dataset->n_train),
                 bench->dataset->size, bench->dataset->channels, bench->planes, bench->scratch, NULL);
  return key.image;
}

static void
multiply (gpointer data, guint item, guint worker)
{
  Bench *bench = data;
  gsize n = GEMM_SIDE;

  kin_gemm (KIN_PLAIN, KIN_PLAIN, n, n, n, 1, bench->A, n, bench->B, n, 0, bench->C + worker * n * n, n);
}

static const double GEMM_GFLOP = 2e-9 * GEMM_SIDE * GEMM_SIDE * GEMM_SIDE;

static double
work_gemm (Bench *bench, gconstpointer data, GError **error)
{
  multiply (bench, 0, 0);
  return GEMM_GFLOP;
}

static double
work_gemm_all (Bench *bench, gconstpointer data, GError **error)
{
  guint n = 4 * bench->n_threads;

  kin_pool_run (bench->pool, n, multiply, bench);
  return n * GEMM_GFLOP;
}

static double
work_knn (Bench *bench, gconstpointer data, GError **error)
{
  double agreement;

  kin_knn_agreement (bench->pool, bench->rows, bench->labels, KNN_ROWS, bench->rows, bench->labels, KNN_ROWS,
                     KNN_DIMENSIONS, KNN_CLASSES, TRUE, 20, 0.1, NULL, &agreement);
  return KNN_ROWS;
}

static double
work_load (Bench *bench, gconstpointer data, GError **error)
{
  g_autoptr (KinDataset) dataset = kin_dataset_open (&bench->spec, NULL, NULL, error);

  return dataset == NULL ? -1.0 : dataset->n_images;
}

/* --- Making ready --- */

static float *
draw_numbers (gsize n, guint32 item)
{
  float *numbers = g_new (float, n);
  KinRng rng;

  kin_rng_init (&rng, 1, KIN_STREAM_TEST, 0, item, 0);
  for (gsize i = 0; i < n; i++)
    numbers[i] = kin_rng_normal (&rng);
  return numbers;
}

static KinRun *
new_run (const KinConfig *config, KinDataset *dataset, guint threads, GError **error)
{
  g_autoptr (KinConfig) own = kin_config_copy (config);
  KinRun *run;

  kin_config_set (own, "threads", threads, NULL);
  run = kin_run_new (own, dataset, error);
  if (run != NULL)
    kin_run_set_cancel (run, cli_get_interrupted ());
  return run;
}

static gboolean
bench_init (Bench *bench, const KinConfig *config, GError **error)
{
  guint size;

  bench->spec = kin_config_data_spec (config);
  bench->dataset = kin_dataset_open (&bench->spec, cli_on_progress, NULL, error);
  if (bench->dataset == NULL)
    return FALSE;
  bench->run = new_run (config, bench->dataset, kin_config_get (config, "threads"), error);
  bench->alone = bench->run == NULL ? NULL : new_run (config, bench->dataset, 1, error);
  if (bench->alone == NULL)
    return FALSE;
  bench->pool = kin_pool_new (kin_config_get (config, "threads"));
  bench->n_threads = kin_pool_get_n_threads (bench->pool);
  bench->network = cli_bench_network_new (config, bench->dataset, bench->pool, error);
  if (bench->network == NULL)
    return FALSE;
  size = bench->dataset->size;
  bench->planes = g_new (float, 3 * size * size);
  bench->scratch = g_aligned_alloc (kin_augment_scratch (size, bench->dataset->channels), sizeof (float), 64);
  bench->A = draw_numbers (GEMM_SIDE * GEMM_SIDE, 0);
  bench->B = draw_numbers (GEMM_SIDE * GEMM_SIDE, 1);
  bench->C = g_new (float, (gsize) bench->n_threads * GEMM_SIDE * GEMM_SIDE);
  bench->rows = draw_numbers (KNN_ROWS * KNN_DIMENSIONS, 2);
  kin_normalize_rows_f32 (bench->rows, KNN_ROWS, KNN_DIMENSIONS);
  for (guint i = 0; i < KNN_ROWS; i++)
    bench->labels[i] = i % KNN_CLASSES;
  return TRUE;
}

static void
bench_clear (Bench *bench)
{
  g_clear_pointer (&bench->run, kin_run_free);
  g_clear_pointer (&bench->alone, kin_run_free);
  g_clear_pointer (&bench->network, cli_bench_network_free);
  g_clear_pointer (&bench->pool, kin_pool_free);
  g_clear_pointer (&bench->dataset, kin_dataset_unref);
  g_free (bench->planes);
  g_aligned_free (bench->scratch);
  g_free (bench->A);
  g_free (bench->B);
  g_free (bench->C);
  g_free (bench->rows);
}

static void
add_item (GArray *items, char *name, const char *unit, double (*work) (Bench *, gconstpointer, GError **),
          gconstpointer data)
{
  Item item = { name, unit, work, data, g_array_new (FALSE, FALSE, sizeof (double)) };

  g_array_append_val (items, item);
}

static void
item_clear (gpointer data)
{
  Item *item = data;

  g_free (item->name);
  g_array_unref (item->rates);
}

/* Returns: index of the first layer's item; each has two, forward and backward */
static guint
add_layers (GArray *items, const CliBenchNetwork *network)
{
  guint first = items->len;

  for (guint i = 0; i < cli_bench_network_get_n_layers (network); i++)
    {
      g_autofree char *name = cli_bench_network_dup_layer_name (network, i);

      add_item (items, g_strdup_printf ("%s forward", name), "GFLOP/s", NULL, NULL);
      add_item (items, g_strdup_printf ("%s backward", name), "GFLOP/s", NULL, NULL);
    }
  return first;
}

static void
measure_layers (Bench *bench, GArray *items, guint first)
{
  guint n = cli_bench_network_get_n_layers (bench->network);
  g_autofree double *forward = g_new (double, n), *backward = g_new (double, n);

  cli_bench_network_time_layers (bench->network, forward, backward);
  for (guint i = 0; i < n; i++)
    {
      g_array_append_val (g_array_index (items, Item, first + 2 * i).rates, forward[i]);
      g_array_append_val (g_array_index (items, Item, first + 2 * i + 1).rates, backward[i]);
    }
}

/* @policies: keeps what the items look at */
static GArray *
make_items (GPtrArray *policies)
{
  GArray *items = g_array_new (FALSE, FALSE, sizeof (Item));
  guint n;
  const KinPolicyPreset *presets = kin_policy_presets (&n);

  g_array_set_clear_func (items, item_clear);
  add_item (items, g_strdup ("step"), "pairs/s", work_step, NULL);
  add_item (items, g_strdup ("step, 1 thread"), "pairs/s", work_step_alone, NULL);
  add_item (items, g_strdup ("step without views"), "pairs/s", work_learn, NULL);
  add_item (items, g_strdup ("forward"), "pairs/s", work_forward, NULL);
  add_item (items, g_strdup ("forward+backward"), "pairs/s", work_both, NULL);
  add_item (items, g_strdup ("sgemm, 1 thread"), "GFLOP/s", work_gemm, NULL);
  add_item (items, g_strdup (SGEMM_ALL), "GFLOP/s", work_gemm_all, NULL);
  add_item (items, g_strdup ("k-NN"), "queries/s", work_knn, NULL);
  add_item (items, g_strdup ("load"), "images/s", work_load, NULL);
  for (guint kind = 0; kind < KIN_N_OPS; kind++)
    {
      KinPolicy *policy = kin_policy_new ();

      kin_policy_add (policy, kind, 1);
      g_ptr_array_add (policies, policy);
      add_item (items, g_strdup_printf ("augment: %s", kin_op_info (kind)->id), "views/s", work_augment, policy);
    }
  for (guint i = 0; i < n; i++)
    {
      KinPolicy *policy = kin_policy_from_name (presets[i].id, NULL);

      g_ptr_array_add (policies, policy);
      add_item (items, g_strdup_printf ("preset: %s", presets[i].id), "views/s", work_augment, policy);
    }
  return items;
}

/* --- Measuring --- */

static gboolean
measure (Bench *bench, Item *item, GError **error)
{
  gint64 start = g_get_monotonic_time (), now;
  double done = 0, rate;

  do
    {
      double work = item->work (bench, item->data, error);

      if (work < 0)
        return FALSE;
      done += work;
      now = g_get_monotonic_time ();
    }
  while (now - start < SLICE_US);
  rate = done / (now - start) * 1e6;
  g_array_append_val (item->rates, rate);
  return TRUE;
}

/* Round by round, so that a slow moment of the machine touches all things alike. */
static gboolean
measure_all (Bench *bench, GArray *items, guint first_layer, guint rounds, GError **error)
{
  for (guint i = 0; i < first_layer; i++)
    if (!measure (bench, &g_array_index (items, Item, i), error)) /* warms up */
      return FALSE;
  for (guint i = 0; i < items->len; i++)
    g_array_set_size (g_array_index (items, Item, i).rates, 0);
  for (guint round = 0; round < rounds; round++)
    {
      for (guint i = 0; i < first_layer; i++)
        {
          double fraction = (round + (double) i / first_layer) / rounds;

          if (!cli_on_progress (fraction, _("measuring"), NULL))
            {
              g_set_error_literal (error, KIN_ERROR, KIN_ERROR_CANCELLED, _("stopped by a signal"));
              return FALSE;
            }
          if (!measure (bench, &g_array_index (items, Item, i), error))
            return FALSE;
        }
      measure_layers (bench, items, first_layer);
    }
  return TRUE;
}

static int
by_value (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return x < y ? -1 : x > y;
}

static const Item *
find_item (GArray *items, const char *name)
{
  for (guint i = 0; i < items->len; i++)
    if (strcmp (g_array_index (items, Item, i).name, name) == 0)
      return &g_array_index (items, Item, i);
  g_assert_not_reached ();
}

static double
median (const Item *item)
{
  guint n = item->rates->len;
  const double *rates = (const double *) item->rates->data;

  g_array_sort (item->rates, by_value);
  return (rates[(n - 1) / 2] + rates[n / 2]) / 2;
}

/* @peak: of all threads' sgemm, GFLOP/s */
static void
print_item (const Item *item, double peak)
{
  const double *rates = (const double *) item->rates->data;
  double middle = median (item), of_peak = middle / peak;
  gboolean is_layer = item->work == NULL;
  json_object *object;

  if (!cli_is_json ())
    {
      g_autofree char *share = is_layer ? g_strdup_printf ("  %.2f of sgemm", of_peak) : g_strdup ("");

      cli_print ("%-22s %12.5g %-10s (%.4g … %.4g)%s\n", item->name, middle, item->unit, rates[0],
                 rates[item->rates->len - 1], share);
      return;
    }
  object = json_object_new_object ();
  cli_json_add_text (object, "event", "bench");
  cli_json_add_text (object, "name", item->name);
  cli_json_add_number (object, "median", middle);
  cli_json_add_number (object, "min", rates[0]);
  cli_json_add_number (object, "max", rates[item->rates->len - 1]);
  cli_json_add_text (object, "unit", item->unit);
  if (is_layer)
    cli_json_add_number (object, "of_sgemm", of_peak);
  cli_print_json (object);
}

static void
print_conditions (const Bench *bench, const KinConfig *config, guint rounds)
{
  g_autofree char *machine = kin_cpu_describe ();
  json_object *object;

  if (!cli_is_json ())
    {
      cli_print (_("%s; %u threads; %s %u×%u×%u, %s, batch %u; medians of %u rounds\n"), machine, bench->n_threads,
                 bench->dataset->name, bench->dataset->size, bench->dataset->size, bench->dataset->channels,
                 config->encoder, cli_bench_network_get_pairs (bench->network), rounds);
      return;
    }
  object = json_object_new_object ();
  cli_json_add_text (object, "event", "done");
  cli_json_add_text (object, "machine", machine);
  cli_json_add_text (object, "version", KIN_VERSION);
  cli_json_add_integer (object, "threads", bench->n_threads);
  cli_json_add_text (object, "dataset", bench->dataset->source);
  cli_json_add_integer (object, "size", bench->dataset->size);
  cli_json_add_integer (object, "channels", bench->dataset->channels);
  cli_json_add_text (object, "encoder", config->encoder);
  cli_json_add_integer (object, "batch", cli_bench_network_get_pairs (bench->network));
  cli_json_add_integer (object, "rounds", rounds);
  cli_print_json (object);
}

static KinParamSpec
with_default (const char *id, double value)
{
  KinParamSpec spec = *kin_config_find_spec (id);

  spec.def = value;
  return spec;
}

static CliExit
run (const CliCommand *command, char **arguments)
{
  char *source = NULL, *encoder = NULL;
  CliNumber rounds = { .value = rounds_spec.def };
  g_autoptr (GPtrArray) settings = g_ptr_array_new_with_free_func (g_free);
  KinParamSpec limit_spec = with_default ("limit", BENCH_IMAGES), batch_spec = with_default ("batch", BENCH_BATCH);
  const CliOption options[] = {
    { CLI_TEXT, "dataset", 0, "SOURCE", &source, N_("The images to work on; sources as for train. Default: shapes.") },
    { CLI_SETTING, "limit", 0, "N", settings, NULL, &limit_spec },
    { CLI_SETTING, "size", 0, "PX", settings },
    { CLI_TEXT, "encoder", 0, "NAME", &encoder, N_("What is measured. Default: conv4.") },
    { CLI_SETTING, "batch", 0, "N", settings, NULL, &batch_spec },
    { CLI_SETTING, "threads", 0, "N", settings },
    { CLI_NUMBER, "rounds", 0, "N", &rounds, NULL, &rounds_spec },
    CLI_OPTION_JSON,
    { 0 },
  };
  g_autoptr (KinConfig) config = NULL;
  g_autoptr (GPtrArray) policies = g_ptr_array_new_with_free_func ((GDestroyNotify) kin_policy_unref);
  g_autoptr (GArray) items = NULL;
  Bench bench = { 0 };
  GError *error = NULL;
  CliExit exit;
  gboolean is_done;

  g_ptr_array_add (settings, g_strdup ("epochs=10000"));
  g_ptr_array_add (settings, g_strdup_printf ("batch=%d", BENCH_BATCH));
  g_ptr_array_add (settings, g_strdup_printf ("limit=%d", BENCH_IMAGES));
  if (!cli_parse (command, options, arguments, &exit))
    return exit;
  config = cli_make_config (NULL, source, NULL, encoder, NULL, settings, &error);
  if (config == NULL)
    return cli_fail (error);
  items = make_items (policies);
  is_done = bench_init (&bench, config, &error);
  if (is_done)
    {
      guint first_layer = add_layers (items, bench.network);

      is_done = measure_all (&bench, items, first_layer, rounds.value, &error);
    }
  if (is_done)
    {
      double peak = median (find_item (items, SGEMM_ALL));

      for (guint i = 0; i < items->len; i++)
        print_item (&g_array_index (items, Item, i), peak);
      print_conditions (&bench, config, rounds.value);
    }
  bench_clear (&bench);
  return is_done ? CLI_DONE : cli_fail (error);
}

const CliCommand cli_command_bench = {
  .name = "bench",
  .summary = N_("measure how fast this machine is at training and its parts"),
  .synopsis = "[--dataset SOURCE] [--limit N] [--size PX] [--encoder NAME] [--batch N] [--threads N] [--rounds N] [--json]",
  .description
  = N_("Measures whole training steps (augmentation, forward, loss, backward, update) on all threads and on one, the same "
       "without augmentation, the "
       "passes of the encoder alone, matrix products on one thread and on all, leave-one-out k-NN over 12,288 rows of 256 "
       "numbers, the loading of the set, each augmentation and preset on one thread, and each convolution, both ways, beside "
       "the matrix product. A convolution counts the arithmetic of its definition; it may need less. Things are measured in "
       "turn, round by round; medians are printed, with the slowest and the fastest round, and the machine they were measured "
       "on. Defaults: 1,024 images, batch 256.\n\n"
       "With --json each measurement is an object (name, median, min, max, unit; of a convolution of_sgemm too); the last line "
       "tells the conditions."),
  .examples = "kindred-cli bench\n"
              "kindred-cli bench --dataset fashion-mnist --batch 128 --json",
  .run = run,
};
