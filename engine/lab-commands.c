/* What each command does. */

#include "engine/lab-private.h"

static gboolean
has_run (KinLab *lab, GError **error)
{
  if (lab->run != NULL)
    return TRUE;
  g_set_error_literal (error, KIN_ERROR, KIN_ERROR_TOO_FEW, "There are no images yet; open a set first");
  return FALSE;
}

static gboolean
can_train (KinLab *lab, GError **error)
{
  if (!has_run (lab, error))
    return FALSE;
  if (!kin_run_is_finished (lab->run))
    return TRUE;
  g_set_error_literal (error, KIN_ERROR, KIN_ERROR_OPTION, "All epochs are done; restart, or ask for more epochs");
  return FALSE;
}

static gboolean
restart (KinLab *lab, double seed, GError **error)
{
  g_autoptr (KinConfig) config = NULL;

  if (!has_run (lab, error))
    return FALSE;
  config = kin_config_copy (kin_run_get_config (lab->run));
  return kin_config_set (config, "seed", seed, error) && kin_lab_configure (lab, config, TRUE, error);
}

static gboolean
set_parameter (KinLab *lab, const KinCommand *command, GError **error)
{
  return has_run (lab, error) && kin_run_set (lab->run, command->id, command->value, error);
}

static gboolean
do_command (KinLab *lab, const KinCommand *command, GError **error)
{
  switch (command->kind)
    {
    case KIN_COMMAND_OPEN:
      return kin_lab_configure (lab, command->config, FALSE, error);
    case KIN_COMMAND_CONFIGURE:
      return kin_lab_configure (lab, command->config, TRUE, error);
    case KIN_COMMAND_LOAD:
      return kin_lab_load (lab, command->path, error);
    case KIN_COMMAND_PLAY:
      if (!can_train (lab, error))
        return FALSE;
      g_clear_error (&lab->failure);
      lab->is_playing = TRUE;
      lab->state = KIN_STATE_TRAINING;
      lab->speed_us = 0;
      return TRUE;
    case KIN_COMMAND_PAUSE:
      lab->is_playing = FALSE;
      lab->steps_to_do = 0;
      if (lab->state == KIN_STATE_TRAINING)
        lab->state = KIN_STATE_PAUSED;
      return TRUE;
    case KIN_COMMAND_STEP:
      if (!can_train (lab, error))
        return FALSE;
      g_clear_error (&lab->failure);
      lab->is_playing = FALSE;
      lab->steps_to_do++;
      lab->state = KIN_STATE_PAUSED;
      lab->speed_us = 0;
      return TRUE;
    case KIN_COMMAND_RESTART:
      return restart (lab, command->value, error);
    case KIN_COMMAND_SET:
      return set_parameter (lab, command, error);
    case KIN_COMMAND_POLICY:
      return has_run (lab, error) && kin_run_set_policy (lab->run, command->policy, error);
    case KIN_COMMAND_EVALUATE:
      if (!has_run (lab, error))
        return FALSE;
      lab->needs_evaluation = TRUE;
      return TRUE;
    case KIN_COMMAND_WATCH:
      lab->watch = command->watch;
      /* Who begins to look while nothing moves sees the last batch. */
      if (lab->run != NULL)
        kin_lab_look_at_similarity (lab);
      return TRUE;
    case KIN_COMMAND_SAVE:
      return has_run (lab, error) && kin_run_save (lab->run, command->path, error)
             && kin_history_save (lab->history, command->path, error);
    case KIN_COMMAND_CANCEL: /* that it was on its way has already ended the loading */
      return TRUE;
    }
  g_assert_not_reached ();
}

/* A set that cannot be opened is a state of the whole lab; a wrong value of a parameter is only an answer. */
static gboolean
is_failure (const KinCommand *command, const GError *error)
{
  return (command->kind == KIN_COMMAND_OPEN || command->kind == KIN_COMMAND_LOAD)
         && !g_error_matches (error, KIN_ERROR, KIN_ERROR_CANCELLED);
}

void
kin_lab_answer (KinLab *lab, KinCommand *command)
{
  GError *error = NULL;
  guint64 step;

  do_command (lab, command, &error);
  step = lab->run == NULL ? 0 : kin_run_get_step (lab->run);
  g_ptr_array_add (lab->pending->events, kin_event_new (command, step, error));
  if (error != NULL && is_failure (command, error))
    kin_lab_fail (lab, g_steal_pointer (&error));
  g_clear_error (&error);
  kin_command_free (command);
  kin_lab_post (lab);
}
