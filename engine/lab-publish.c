/* What the trainer tells whoever looks on. */

#include "engine/lab-private.h"

/* Snapshots a second, at most: what an eye can follow. */
#define PUBLISH_INTERVAL_US (G_USEC_PER_SEC / 30)

static double
seconds_left (const KinLab *lab)
{
  guint64 total, done;

  if (lab->run == NULL || lab->pairs_per_s <= 0)
    return -1;
  total = kin_run_get_steps_total (lab->run);
  done = kin_run_get_step (lab->run);
  return (total - MIN (done, total)) * kin_config_get (kin_run_get_config (lab->run), "batch") / lab->pairs_per_s;
}

void
kin_lab_post (KinLab *lab)
{
  KinSnapshot *snapshot = g_steal_pointer (&lab->pending);

  lab->pending = kin_snapshot_new ();
  snapshot->serial = ++lab->snapshot_serial;
  snapshot->run = lab->run_serial;
  snapshot->state = lab->state;
  snapshot->progress = lab->progress;
  snapshot->message = g_strdup (lab->message);
  snapshot->error = lab->failure == NULL ? NULL : g_error_copy (lab->failure);
  snapshot->pairs_per_s = lab->state == KIN_STATE_TRAINING ? lab->pairs_per_s : 0;
  snapshot->is_measuring = lab->measurement != NULL && lab->state != KIN_STATE_LOADING;
  snapshot->seconds_left = seconds_left (lab);
  if (lab->dataset != NULL)
    snapshot->dataset = kin_dataset_ref (lab->dataset);
  if (lab->run != NULL)
    {
      snapshot->config = kin_config_copy (kin_run_get_config (lab->run));
      snapshot->n_parameters = kin_run_get_n_parameters (lab->run);
      snapshot->step = kin_run_get_step (lab->run);
      snapshot->steps_per_epoch = kin_run_get_steps_per_epoch (lab->run);
    }
  lab->posted_us = g_get_monotonic_time ();
  kin_mailbox_post (&lab->mailbox, snapshot);
  g_source_set_ready_time (lab->wake_up, 0);
}

void
kin_lab_post_if_due (KinLab *lab)
{
  if (g_get_monotonic_time () - lab->posted_us >= PUBLISH_INTERVAL_US)
    kin_lab_post (lab);
}

void
kin_lab_set_state (KinLab *lab, KinState state)
{
  lab->state = state;
  kin_lab_post (lab);
}

void
kin_lab_fail (KinLab *lab, GError *error)
{
  g_clear_error (&lab->failure);
  lab->failure = error;
  lab->is_playing = FALSE;
  lab->steps_to_do = 0;
  kin_lab_set_state (lab, KIN_STATE_FAILED);
}
