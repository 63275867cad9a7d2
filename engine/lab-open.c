/* Making the run that a lab trains: from a set, or from a folder. */

#include "engine/lab-private.h"

#include <string.h>

static gboolean
on_progress (double fraction, const char *what, gpointer data)
{
  KinLab *lab = data;

  lab->progress = fraction;
  if (g_strcmp0 (lab->message, what) != 0)
    {
      g_free (lab->message);
      lab->message = g_strdup (what);
    }
  kin_lab_post_if_due (lab);
  return !g_atomic_int_get (&lab->superseding) && !g_atomic_int_get (&lab->quit);
}

/* Takes @run (transfer full) as the one to train; what was looked at before is gone. */
static void
take_run (KinLab *lab, KinRun *run, KinHistory *history)
{
  g_clear_pointer (&lab->measurement, kin_measurement_free);
  g_clear_pointer (&lab->run, kin_run_free);
  g_clear_pointer (&lab->history, kin_history_free);
  g_clear_pointer (&lab->embedding, kin_embedding_unref);
  g_clear_pointer (&lab->pending, kin_snapshot_unref);
  lab->pending = kin_snapshot_new ();
  g_clear_error (&lab->failure);
  lab->run = run;
  lab->history = history;
  lab->run_serial++;
  if (lab->dataset != kin_run_get_dataset (run))
    {
      g_clear_pointer (&lab->dataset, kin_dataset_unref);
      lab->dataset = kin_dataset_ref (kin_run_get_dataset (run));
    }
  lab->is_playing = FALSE;
  lab->steps_to_do = 0;
  lab->needs_initial = TRUE;
  lab->needs_evaluation = kin_run_get_step (run) > 0;
  lab->pairs_per_s = 0;
  lab->speed_us = 0;
  lab->state = kin_run_is_finished (run) ? KIN_STATE_FINISHED
               : kin_run_get_step (run) > 0 ? KIN_STATE_PAUSED
                                            : KIN_STATE_READY;
}

static KinDataset *
open_dataset (KinLab *lab, const KinConfig *config, GError **error)
{
  KinDataSpec spec = kin_config_data_spec (config);

  lab->state = KIN_STATE_LOADING;
  lab->progress = -1;
  kin_lab_post (lab);
  return kin_dataset_open (&spec, on_progress, lab, error);
}

static gboolean
is_same_data (const KinConfig *a, const KinConfig *b)
{
  static const char *const ids[] = { "limit", "size", "fit", "holdout", "data_seed" };
  gboolean is_same = strcmp (a->dataset, b->dataset) == 0;

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    is_same &= kin_config_get (a, ids[i]) == kin_config_get (b, ids[i]);
  return is_same;
}

/* A new run from @asked. With @keep_dataset the set is read again only where it changes; without, always: its files may
 * have, and the recipe does not know yet how many there are. A set or run that cannot be made leaves the run before as it
 * was. */
gboolean
kin_lab_configure (KinLab *lab, const KinConfig *asked, gboolean keep_dataset, GError **error)
{
  g_autoptr (KinConfig) config = kin_config_copy (asked);
  g_autoptr (KinDataset) dataset = NULL;
  KinState before = lab->state;
  KinRun *run;

  if (keep_dataset && lab->run != NULL && is_same_data (config, kin_run_get_config (lab->run)))
    dataset = kin_dataset_ref (lab->dataset);
  else if (kin_config_check (config, NULL, error))
    dataset = open_dataset (lab, config, error);
  if (dataset != NULL && !keep_dataset)
    kin_config_fit (config, dataset);
  run = dataset == NULL ? NULL : kin_run_new (config, dataset, error);
  lab->state = before;
  if (run == NULL)
    return FALSE;
  take_run (lab, run, kin_history_new ());
  return TRUE;
}

/* Whether the untrained encoder has been measured: a run may be saved before. */
static gboolean
has_initial (const KinHistory *history)
{
  return history->evaluations->len > 0 && g_array_index (history->evaluations, KinEvaluation, 0).step == 0;
}

gboolean
kin_lab_load (KinLab *lab, const char *folder, GError **error)
{
  KinState before = lab->state;
  KinHistory *history = kin_history_load (folder, error);
  KinRun *run;

  if (history == NULL)
    return FALSE;
  lab->state = KIN_STATE_LOADING;
  lab->progress = -1;
  run = kin_run_load (folder, lab->dataset, on_progress, lab, error);
  lab->state = before;
  if (run == NULL)
    {
      kin_history_free (history);
      return FALSE;
    }
  kin_history_truncate (history, kin_run_get_step (run));
  take_run (lab, run, history);
  g_array_append_vals (lab->pending->samples, history->samples->data, history->samples->len);
  g_array_append_vals (lab->pending->evaluations, history->evaluations->data, history->evaluations->len);
  /* What was measured then stands in the history. Measuring now, at step 0 too, brings the map back. */
  lab->needs_initial = !has_initial (history);
  lab->needs_evaluation = kin_run_get_step (run) > 0 || !lab->needs_initial;
  return TRUE;
}
