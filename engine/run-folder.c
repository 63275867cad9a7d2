/* A run on disk. The checkpoint holds all that is needed to go on, the configuration and the log included. Beside it, for
 * people, and to be lost without harm: config.ini, the configuration that the run began with, and commands.log. */

#include "engine/core/file.h"
#include "engine/core/safetensors.h"
#include "engine/run-private.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#define CHECKPOINT "checkpoint.safetensors"
#define FORMAT "kindred-run-1"

/* One of the run's flat blocks, and the prefix of its tensors' names. */
typedef struct
{
  const char *prefix;
  const KinLayout *layout;
  real *values;
} Block;

enum
{
  KIN_BLOCKS_MAX = 4,
};

static guint
get_blocks (const KinRun *run, Block blocks[KIN_BLOCKS_MAX])
{
  guint n = 0, slots = kin_optimizer_n_slots (kin_config_get (run->config, "optimizer"));

  blocks[n++] = (Block){ "", run->network->parameters, run->parameters };
  blocks[n++] = (Block){ "", run->network->statistics, run->statistics };
  blocks[n++] = (Block){ "optimizer.0.", run->network->parameters, run->slots };
  if (slots > 1)
    blocks[n++] = (Block){ "optimizer.1.", run->network->parameters, run->slots + run->network->parameters->n };
  return n;
}

static guint64
hash (guint64 seed, gconstpointer data, gsize n)
{
  const guint8 *bytes = data;

  /* FNV-1a, eight bytes at a time. */
  for (; n >= 8; n -= 8, bytes += 8)
    {
      guint64 word;

      memcpy (&word, bytes, 8);
      seed = (seed ^ word) * 0x100000001b3u;
      seed ^= seed >> 32;
    }
  for (; n > 0; n--)
    seed = (seed ^ *bytes++) * 0x100000001b3u;
  return seed;
}

static const guint64 HASH_SEED = 0xcbf29ce484222325u;

static guint64
hash_blocks (const Block *blocks, guint n)
{
  guint64 result = HASH_SEED;

  for (guint i = 0; i < n; i++)
    for (guint j = 0; j < blocks[i].layout->slices->len; j++)
      {
        const KinSlice *slice = kin_layout_get (blocks[i].layout, j);
        result = hash (result, blocks[i].values + slice->offset, slice->n * sizeof (real));
      }
  return result;
}

guint64
kin_run_get_fingerprint (const KinRun *run)
{
  Block blocks[KIN_BLOCKS_MAX];

  get_blocks (run, blocks);
  return hash_blocks (blocks, 2); /* parameters and statistics; the optimizer's come behind */
}

/* Of all that is saved: a flipped bit anywhere shows. */
static char *
dup_checksum (const KinRun *run)
{
  Block blocks[KIN_BLOCKS_MAX];
  guint n = get_blocks (run, blocks);

  return g_strdup_printf ("%016" G_GINT64_MODIFIER "x", hash_blocks (blocks, n));
}

/* So that a run is not continued on other pictures, labels, or another held-out part. */
static char *
dup_dataset_mark (const KinDataset *dataset)
{
  gsize n = (gsize) dataset->n_images * dataset->size * dataset->size * dataset->channels;
  guint64 digest = hash (HASH_SEED, dataset->pixels, n);

  digest = hash (digest, dataset->train_ids, dataset->n_train * sizeof *dataset->train_ids);
  if (dataset->labels != NULL)
    digest = hash (digest, dataset->labels, dataset->n_images * sizeof *dataset->labels);
  return g_strdup_printf ("%u images, %u px, %u channels, %u for training, %016" G_GINT64_MODIFIER "x",
                          dataset->n_images, dataset->size, dataset->channels, dataset->n_train,
                          digest);
}

static void
add_blocks (KinRun *run, KinSafetensors *file)
{
  Block blocks[KIN_BLOCKS_MAX];
  guint n = get_blocks (run, blocks);

  for (guint i = 0; i < n; i++)
    for (guint j = 0; j < blocks[i].layout->slices->len; j++)
      {
        const KinSlice *slice = kin_layout_get (blocks[i].layout, j);
        g_autofree char *name = g_strconcat (blocks[i].prefix, slice->name, NULL);

        kin_safetensors_add (file, name, KIN_DTYPE_F32, slice->rank, slice->shape, blocks[i].values + slice->offset);
      }
}

static void
set_progress (const KinRun *run, KinSafetensors *file)
{
  g_autofree char *step = g_strdup_printf ("%" G_GUINT64_FORMAT, run->step);
  g_autofree char *since = g_strdup_printf ("%a %a %" G_GUINT64_FORMAT " %a %a %a", run->loss_sum, run->top1_sum,
                                            run->n_since, run->seconds_since, run->seconds_total, run->gradient_norm);
  g_autofree char *config = kin_config_to_text (run->config);
  g_autofree char *begun = kin_config_to_text (run->begun);
  g_autofree char *replay = kin_run_dup_replay (run);
  g_autofree char *mark = dup_dataset_mark (run->dataset), *checksum = dup_checksum (run);

  kin_safetensors_set_text (file, "format", FORMAT);
  kin_safetensors_set_text (file, "step", step);
  kin_safetensors_set_text (file, "since_evaluation", since);
  kin_safetensors_set_text (file, "config", config);
  kin_safetensors_set_text (file, "config_begun", begun);
  kin_safetensors_set_text (file, "log", run->log->str);
  kin_safetensors_set_text (file, "replay", replay);
  kin_safetensors_set_text (file, "dataset", mark);
  kin_safetensors_set_text (file, "checksum", checksum);
}

gboolean
kin_run_save (KinRun *run, const char *folder, GError **error)
{
  g_autofree char *checkpoint = g_build_filename (folder, CHECKPOINT, NULL);
  g_autofree char *config = g_build_filename (folder, "config.ini", NULL);
  g_autofree char *log = g_build_filename (folder, "commands.log", NULL);
  g_autofree char *text = kin_config_to_text (run->begun);
  g_autoptr (KinSafetensors) file = kin_safetensors_new ();

  if (g_mkdir_with_parents (folder, 0777) != 0)
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_FILE, "%s: cannot make this folder: %s", folder, g_strerror (errno));
      return FALSE;
    }
  add_blocks (run, file);
  set_progress (run, file);
  return kin_safetensors_write (file, checkpoint, error) && kin_file_write (config, text, strlen (text), error)
         && kin_file_write (log, run->log->str, run->log->len, error);
}

static gboolean
damaged (const char *path, const char *what, GError **error)
{
  g_set_error (error, KIN_ERROR, KIN_ERROR_FORMAT, "%s: damaged, or not a checkpoint of Kindred: %s", path, what);
  return FALSE;
}

static gboolean
read_blocks (KinRun *run, const KinSafetensors *file, const char *path, GError **error)
{
  Block blocks[KIN_BLOCKS_MAX];
  guint n = get_blocks (run, blocks);
  g_autofree char *checksum = NULL;

  for (guint i = 0; i < n; i++)
    for (guint j = 0; j < blocks[i].layout->slices->len; j++)
      {
        const KinSlice *slice = kin_layout_get (blocks[i].layout, j);
        g_autofree char *name = g_strconcat (blocks[i].prefix, slice->name, NULL);
        const KinTensor *tensor = kin_safetensors_find (file, name);

        if (tensor == NULL || tensor->dtype != KIN_DTYPE_F32 || tensor->rank != slice->rank
            || memcmp (tensor->shape, slice->shape, slice->rank * sizeof *slice->shape) != 0)
          {
            g_autofree char *what = g_strdup_printf ("tensor %s is missing or has another shape", name);
            return damaged (path, what, error);
          }
        memcpy (blocks[i].values + slice->offset, tensor->data, slice->n * sizeof (real));
      }
  checksum = dup_checksum (run);
  if (g_strcmp0 (checksum, kin_safetensors_get_text (file, "checksum")) != 0)
    return damaged (path, "its numbers are not those that were saved (checksum)", error);
  return TRUE;
}

static gboolean
read_progress (KinRun *run, const KinSafetensors *file, const char *path, GError **error)
{
  const char *step = kin_safetensors_get_text (file, "step");
  const char *since = kin_safetensors_get_text (file, "since_evaluation");
  const char *log = kin_safetensors_get_text (file, "log");
  const char *replay = kin_safetensors_get_text (file, "replay");
  g_auto (GStrv) words = since == NULL ? NULL : g_strsplit (since, " ", -1);

  if (step == NULL || log == NULL || words == NULL || g_strv_length (words) != 6
      || !g_ascii_string_to_unsigned (step, 10, 0, kin_run_get_steps_total (run), &run->step, NULL))
    return damaged (path, "its place in the schedule is missing or out of range", error);
  run->loss_sum = g_ascii_strtod (words[0], NULL);
  run->top1_sum = g_ascii_strtod (words[1], NULL);
  run->n_since = g_ascii_strtoull (words[2], NULL, 10);
  run->seconds_since = g_ascii_strtod (words[3], NULL);
  run->seconds_total = g_ascii_strtod (words[4], NULL);
  run->gradient_norm = g_ascii_strtod (words[5], NULL);
  g_string_assign (run->log, log);
  return replay == NULL || kin_run_replay (run, replay, error);
}

static gboolean
read_begun (KinRun *run, const KinSafetensors *file, const char *path, GError **error)
{
  const char *text = kin_safetensors_get_text (file, "config_begun");
  KinConfig *begun = text == NULL ? kin_config_copy (run->config) : kin_config_from_text (text, error);

  if (begun == NULL)
    {
      g_prefix_error (error, "%s: ", path);
      return FALSE;
    }
  kin_config_free (run->begun);
  run->begun = begun;
  return TRUE;
}

static gboolean
check_dataset (const KinDataset *dataset, const KinSafetensors *file, const char *folder, GError **error)
{
  g_autofree char *mark = dup_dataset_mark (dataset);
  const char *saved = kin_safetensors_get_text (file, "dataset");

  if (g_strcmp0 (mark, saved) == 0)
    return TRUE;
  g_set_error (error, KIN_ERROR, KIN_ERROR_FORMAT,
               "%s: the set \"%s\" has changed since this run was saved (then %s; now %s); bring the old images back, or "
               "train anew",
               folder, dataset->source, saved == NULL ? "unknown" : saved, mark);
  return FALSE;
}

static gboolean
is_saved_dataset (const KinDataset *dataset, const KinSafetensors *file)
{
  g_autofree char *mark = dataset == NULL ? NULL : dup_dataset_mark (dataset);

  return mark != NULL && g_strcmp0 (mark, kin_safetensors_get_text (file, "dataset")) == 0;
}

KinRun *
kin_run_load (const char *folder, KinDataset *dataset, KinProgressFunc progress, gpointer user_data, GError **error)
{
  g_autofree char *path = g_build_filename (folder, CHECKPOINT, NULL);
  g_autoptr (KinSafetensors) file = kin_safetensors_read (path, error);
  g_autoptr (KinConfig) config = NULL;
  g_autoptr (KinDataset) set = NULL;
  g_autoptr (KinRun) run = NULL;

  if (file == NULL)
    return NULL;
  if (g_strcmp0 (kin_safetensors_get_text (file, "format"), FORMAT) != 0
      || kin_safetensors_get_text (file, "config") == NULL)
    {
      damaged (path, "it does not say " FORMAT, error);
      return NULL;
    }
  config = kin_config_from_text (kin_safetensors_get_text (file, "config"), error);
  if (config == NULL)
    {
      g_prefix_error (error, "%s: ", path);
      return NULL;
    }
  if (is_saved_dataset (dataset, file))
    set = kin_dataset_ref (dataset);
  else
    {
      KinDataSpec spec = kin_config_data_spec (config);
      set = kin_dataset_open (&spec, progress, user_data, error);
    }
  if (set == NULL || !check_dataset (set, file, folder, error))
    return NULL;
  run = kin_run_new (config, set, error);
  if (run == NULL || !read_blocks (run, file, path, error) || !read_progress (run, file, path, error)
      || !read_begun (run, file, path, error))
    return NULL;
  return g_steal_pointer (&run);
}

gboolean
kin_run_export (KinRun *run, const char *path, GError **error)
{
  g_autoptr (KinSafetensors) file = kin_safetensors_new ();
  const KinLayout *layouts[] = { run->network->parameters, run->network->statistics };
  const real *values[] = { run->parameters, run->statistics };
  gint64 n_batches = run->step;
  g_autofree char *input = g_strdup_printf ("(N, %u, %u, %u), pixels / 255, then (x - %g) / %g", run->dataset->channels,
                                            run->dataset->size, run->dataset->size, KIN_PIXEL_MEAN, KIN_PIXEL_STD);

  for (guint i = 0; i < G_N_ELEMENTS (layouts); i++)
    for (guint j = 0; j < layouts[i]->slices->len; j++)
      {
        const KinSlice *slice = kin_layout_get (layouts[i], j);

        kin_safetensors_add (file, slice->name, KIN_DTYPE_F32, slice->rank, slice->shape, values[i] + slice->offset);
        if (g_str_has_suffix (slice->name, ".running_mean"))
          {
            /* torch.nn.BatchNorm2d asks for it. */
            gsize length = strlen (slice->name) - strlen ("running_mean");
            g_autofree char *name = g_strdup_printf ("%.*snum_batches_tracked", (int) length, slice->name);

            kin_safetensors_add (file, name, KIN_DTYPE_I64, 0, NULL, &n_batches);
          }
      }
  kin_safetensors_set_text (file, "format", "pt");
  kin_safetensors_set_text (file, "encoder", run->config->encoder);
  kin_safetensors_set_text (file, "method", run->config->method);
  kin_safetensors_set_text (file, "input", input);
  return kin_safetensors_write (file, path, error);
}
