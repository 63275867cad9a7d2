/* Steps and measurements, one piece at a time. */

#include "engine/lab-private.h"

#include <math.h>

/* Speed is told over a window of this length. */
#define SPEED_INTERVAL_US G_USEC_PER_SEC

/* Learning does not stop for measuring: while there are steps to do, a measurement gets this share of their time in
 * addition, unless the next one is due: then it is brought to its end first, so that all is measured that was asked for. */
#define MEASURING_SHARE 0.5

static void
update_speed (KinLab *lab)
{
  gint64 now = g_get_monotonic_time ();
  guint64 step = kin_run_get_step (lab->run);

  if (lab->speed_us == 0 || step < lab->speed_step)
    {
      lab->speed_us = now;
      lab->speed_step = step;
      return;
    }
  if (now - lab->speed_us < SPEED_INTERVAL_US)
    return;
  lab->pairs_per_s = (step - lab->speed_step) * kin_config_get (kin_run_get_config (lab->run), "batch")
                     / ((now - lab->speed_us) / 1e6);
  lab->speed_us = now;
  lab->speed_step = step;
}

void
kin_lab_look_at_similarity (KinLab *lab)
{
  gint64 now = g_get_monotonic_time ();

  if (lab->watch.similarity_hz <= 0)
    return;
  if (lab->is_playing && now - lab->similarity_us < G_USEC_PER_SEC / lab->watch.similarity_hz)
    return;
  g_clear_pointer (&lab->pending->similarity, kin_similarity_unref);
  lab->pending->similarity = kin_run_get_similarity (lab->run, lab->watch.similarity_pairs);
  lab->similarity_us = now;
}

static void
do_step (KinLab *lab)
{
  GError *error = NULL;
  gint64 start = g_get_monotonic_time ();
  KinSample sample;

  kin_run_set_cancel (lab->run, &lab->interrupting);
  if (!kin_run_step (lab->run, &sample, &error))
    {
      if (g_error_matches (error, KIN_ERROR, KIN_ERROR_CANCELLED))
        g_clear_error (&error); /* it changed nothing, and is done again when training goes on */
      else
        kin_lab_fail (lab, error);
      return;
    }
  lab->measuring_credit_us += (g_get_monotonic_time () - start) * MEASURING_SHARE;
  if (lab->steps_to_do > 0)
    lab->steps_to_do--;
  g_array_append_val (lab->pending->samples, sample);
  g_array_append_val (lab->history->samples, sample);
  update_speed (lab);
  kin_lab_look_at_similarity (lab);
  if (kin_run_is_evaluation_due (lab->run))
    lab->needs_evaluation = TRUE;
  if (sample.step == 1 || !lab->is_playing)
    kin_lab_post (lab); /* the first loss is waited for */
  else
    kin_lab_post_if_due (lab);
}

/* Where no step was done since the evaluation before, it was of this very step: what the steps up to it gave stays. */
static void
keep_means (const GArray *rows, KinEvaluation *evaluation)
{
  for (guint i = 0; i < rows->len && isnan (evaluation->loss); i++)
    {
      const KinEvaluation *row = &g_array_index (rows, KinEvaluation, i);

      if (row->step != evaluation->step)
        continue;
      evaluation->loss = row->loss;
      evaluation->top1 = row->top1;
      evaluation->pairs_per_s = row->pairs_per_s;
      return;
    }
}

static void
show_embedding (KinLab *lab, KinEmbedding *embedding)
{
  if (lab->watch.map)
    kin_embedding_lay_out (embedding, lab->embedding);
  g_clear_pointer (&lab->embedding, kin_embedding_unref);
  lab->embedding = kin_embedding_ref (embedding);
  g_clear_pointer (&lab->pending->embedding, kin_embedding_unref);
  lab->pending->embedding = embedding;
}

static void
take_measurement (KinLab *lab)
{
  KinEvaluation evaluation;
  KinEmbedding *embedding = kin_measurement_finish (lab->measurement, &evaluation);

  g_clear_pointer (&lab->measurement, kin_measurement_free);
  if (lab->is_baseline)
    {
      kin_embedding_unref (embedding); /* the run has taken its line */
      return;
    }
  keep_means (lab->history->evaluations, &evaluation);
  kin_history_add_evaluation (lab->pending->evaluations, &evaluation);
  kin_history_add_evaluation (lab->history->evaluations, &evaluation);
  show_embedding (lab, embedding);
  kin_lab_post (lab);
}

/* The untrained encoder's line comes first where it is not known (any more): a run that was loaded, other votes. */
static void
begin_measurement (KinLab *lab)
{
  gboolean is_first = kin_run_get_step (lab->run) == 0, is_initial = lab->needs_initial || is_first;

  lab->is_baseline = !is_initial && !kin_run_has_random (lab->run);
  if (is_initial)
    lab->needs_initial = FALSE;
  if (is_first || (!is_initial && !lab->is_baseline))
    lab->needs_evaluation = FALSE;
  lab->measurement = kin_measurement_new (lab->run, is_initial || lab->is_baseline);
  lab->measuring_credit_us = 0;
  kin_lab_post (lab);
}

static void
measure (KinLab *lab)
{
  gint64 start = g_get_monotonic_time ();

  kin_run_set_cancel (lab->run, kin_run_get_step (lab->run) == 0 ? &lab->urgent : &lab->interrupting);
  if (!kin_measurement_advance (lab->measurement))
    take_measurement (lab);
  lab->measuring_credit_us -= g_get_monotonic_time () - start;
}

static void
finish (KinLab *lab)
{
  lab->is_playing = FALSE;
  lab->steps_to_do = 0;
  kin_lab_set_state (lab, KIN_STATE_FINISHED);
}

/* The first step comes before the first measurement, so that a loss is on the screen soon. */
gboolean
kin_lab_work (KinLab *lab)
{
  gboolean is_training, is_under_way = lab->state == KIN_STATE_TRAINING || lab->state == KIN_STATE_PAUSED;

  if (lab->run == NULL)
    return FALSE;
  is_training = (lab->is_playing || lab->steps_to_do > 0) && !kin_run_is_finished (lab->run);
  if (is_training && kin_run_get_step (lab->run) == 0)
    do_step (lab);
  else if (lab->measurement == NULL && (lab->needs_initial || lab->needs_evaluation))
    begin_measurement (lab);
  else if (lab->measurement != NULL && (!is_training || lab->needs_evaluation || lab->measuring_credit_us > 0))
    measure (lab);
  else if (is_under_way && kin_run_is_finished (lab->run))
    finish (lab); /* by a single step, or with a pause behind the last one, too */
  else if (is_training)
    do_step (lab);
  else
    return FALSE;
  return TRUE;
}
