#include "engine/lab.h"

#include "engine/history.h"
#include "engine/mailbox.h"
#include "engine/run.h"

#include <math.h>
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Snapshots a second, at most: what an eye can follow. */
#define PUBLISH_INTERVAL_US (G_USEC_PER_SEC / 30)

/* How much lower than the window's the trainer's threads run. */
#define TRAINER_NICE 5

/* Speed is told over a window of this length. */
#define SPEED_INTERVAL_US G_USEC_PER_SEC

struct _KinLab
{
  pthread_t thread;
  GSource *wake_up; /* of whoever looks on */

  /* Shared between the two threads. */
  GAsyncQueue *commands;
  KinMailbox mailbox;
  gint interrupting; /* commands on their way that cut a step or a measurement short */
  gint urgent;       /* these, and those that the first measurement gives way to */
  gint superseding;  /* those that make loading pointless */
  gint quit;
  guint64 serial;   /* of the last command; the looking side's alone */

  /* The trainer's alone from here on. */
  KinRun *run;
  KinDataset *dataset;
  KinHistory *history; /* of the run, for saving */
  KinWatch watch;
  KinEmbedding *embedding; /* the last one: the next map is laid on it */
  gboolean is_playing;
  guint steps_to_do; /* single steps asked for */
  gboolean needs_initial, needs_evaluation;
  GError *failure;

  KinState state;
  guint64 run_serial, snapshot_serial;
  double progress;
  char *message;
  KinSnapshot *pending; /* what has come since the last one was posted */
  gint64 posted_us, similarity_us;
  gint64 speed_us;
  guint64 speed_step;
  double pairs_per_s;
};

/* --- To whoever looks on --- */

/* One source for the life of the lab, made and freed by the looking side. The trainer only sets its ready time, which is
 * also the flag that a wake-up is on its way. */
static gboolean
on_wake_up (GSource *source, GSourceFunc notify, gpointer user_data)
{
  /* The flag falls first: a snapshot that is posted from here on wakes us again. The other order loses the last one. */
  g_source_set_ready_time (source, -1);
  notify (user_data);
  return G_SOURCE_CONTINUE;
}

static GSource *
new_wake_up (GSourceFunc notify, gpointer user_data)
{
  static GSourceFuncs funcs = { .dispatch = on_wake_up };
  GSource *source = g_source_new (&funcs, sizeof (GSource));

  g_source_set_priority (source, G_PRIORITY_DEFAULT_IDLE);
  g_source_set_callback (source, notify, user_data, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  return source;
}

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

static void
post (KinLab *lab)
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

static void
post_if_due (KinLab *lab)
{
  if (g_get_monotonic_time () - lab->posted_us >= PUBLISH_INTERVAL_US)
    post (lab);
}

static void
set_state (KinLab *lab, KinState state)
{
  lab->state = state;
  post (lab);
}

static void
fail (KinLab *lab, GError *error)
{
  g_clear_error (&lab->failure);
  lab->failure = error;
  lab->is_playing = FALSE;
  lab->steps_to_do = 0;
  set_state (lab, KIN_STATE_FAILED);
}

/* --- Making a run --- */

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
  post_if_due (lab);
  return !g_atomic_int_get (&lab->superseding) && !g_atomic_int_get (&lab->quit);
}

/* Takes @run (transfer full) as the one to train; what was looked at before is gone. */
static void
take_run (KinLab *lab, KinRun *run, KinHistory *history)
{
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
  post (lab);
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
static gboolean
configure (KinLab *lab, const KinConfig *asked, gboolean keep_dataset, GError **error)
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

static gboolean
load (KinLab *lab, const char *folder, GError **error)
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
  lab->needs_initial = kin_run_get_step (run) > 0 && !has_initial (history);
  lab->needs_evaluation = TRUE;
  return TRUE;
}

/* --- What cannot wait --- */

/* Whether a command cuts short what is under way. A cancelled step changes nothing and is done again, so STEP is not one
 * of them: a key held down would cancel each step with the next. */
static gboolean
is_interrupting (KinCommandKind kind)
{
  switch (kind)
    {
    case KIN_COMMAND_OPEN:
    case KIN_COMMAND_LOAD:
    case KIN_COMMAND_PAUSE:
    case KIN_COMMAND_RESTART:
    case KIN_COMMAND_CONFIGURE:
    case KIN_COMMAND_CANCEL:
      return TRUE;
    case KIN_COMMAND_PLAY:
    case KIN_COMMAND_STEP:
    case KIN_COMMAND_SET: /* these come in dozens while a slider moves, and can wait for the end of a step */
    case KIN_COMMAND_POLICY:
    case KIN_COMMAND_EVALUATE:
    case KIN_COMMAND_WATCH:
    case KIN_COMMAND_SAVE:
      return FALSE;
    }
  g_assert_not_reached ();
}

/* Before the first step, training comes before measuring. */
static gboolean
is_urgent (KinCommandKind kind)
{
  return is_interrupting (kind) || kind == KIN_COMMAND_PLAY || kind == KIN_COMMAND_STEP;
}

static gboolean
is_superseding (KinCommandKind kind)
{
  return kind == KIN_COMMAND_OPEN || kind == KIN_COMMAND_LOAD || kind == KIN_COMMAND_CONFIGURE
         || kind == KIN_COMMAND_CANCEL;
}

/* Counted up before a command is sent and down when it is received, so the flags stand exactly while it is on its way. */
static void
count_command (KinLab *lab, KinCommandKind kind, gint change)
{
  if (is_interrupting (kind))
    g_atomic_int_add (&lab->interrupting, change);
  if (is_urgent (kind))
    g_atomic_int_add (&lab->urgent, change);
  if (is_superseding (kind))
    g_atomic_int_add (&lab->superseding, change);
}

/* --- Commands --- */

static void look_at_similarity (KinLab *lab);

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
  return kin_config_set (config, "seed", seed, error) && configure (lab, config, TRUE, error);
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
      return configure (lab, command->config, FALSE, error);
    case KIN_COMMAND_CONFIGURE:
      return configure (lab, command->config, TRUE, error);
    case KIN_COMMAND_LOAD:
      return load (lab, command->path, error);
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
        look_at_similarity (lab);
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

static void
answer (KinLab *lab, KinCommand *command)
{
  GError *error = NULL;
  guint64 step;

  do_command (lab, command, &error);
  step = lab->run == NULL ? 0 : kin_run_get_step (lab->run);
  g_ptr_array_add (lab->pending->events, kin_event_new (command, step, error));
  if (error != NULL && is_failure (command, error))
    fail (lab, g_steal_pointer (&error));
  g_clear_error (&error);
  kin_command_free (command);
  post (lab);
}

/* Answers all that waits. Where nothing else is to be done, sleeps until something comes. */
static void
drain_commands (KinLab *lab, gboolean may_sleep)
{
  KinCommand *command;

  while (!g_atomic_int_get (&lab->quit))
    {
      command = may_sleep ? g_async_queue_pop (lab->commands) : g_async_queue_try_pop (lab->commands);
      if (command == NULL)
        return;
      may_sleep = FALSE;
      /* GLib's queue hands it over safely, but only this shows that to ThreadSanitizer (see mailbox.c). */
      g_assert (__atomic_load_n (&command->sealed, __ATOMIC_ACQUIRE) == 1);
      count_command (lab, command->kind, -1);
      answer (lab, command);
    }
}

/* --- Work --- */

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

static void
look_at_similarity (KinLab *lab)
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
  KinSample sample;

  kin_run_set_cancel (lab->run, &lab->interrupting);
  if (!kin_run_step (lab->run, &sample, &error))
    {
      if (g_error_matches (error, KIN_ERROR, KIN_ERROR_CANCELLED))
        g_clear_error (&error); /* it changed nothing, and is done again when training goes on */
      else
        fail (lab, error);
      return;
    }
  if (lab->steps_to_do > 0)
    lab->steps_to_do--;
  g_array_append_val (lab->pending->samples, sample);
  g_array_append_val (lab->history->samples, sample);
  update_speed (lab);
  look_at_similarity (lab);
  if (kin_run_is_evaluation_due (lab->run))
    lab->needs_evaluation = TRUE;
  if (sample.step == 1 || !lab->is_playing)
    post (lab); /* the first loss is waited for */
  else
    post_if_due (lab);
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
do_evaluation (KinLab *lab, gboolean is_initial)
{
  g_autoptr (GError) error = NULL;
  KinEvaluation evaluation;
  KinEmbedding *embedding;
  gboolean is_good;

  kin_run_set_cancel (lab->run, kin_run_get_step (lab->run) == 0 ? &lab->urgent : &lab->interrupting);
  is_good = is_initial ? kin_run_evaluate_initial (lab->run, &evaluation, &embedding, &error)
                       : kin_run_evaluate (lab->run, &evaluation, &embedding, &error);
  if (!is_good)
    return; /* stopped by a command; it is still to be done */
  if (is_initial)
    lab->needs_initial = FALSE;
  else
    lab->needs_evaluation = FALSE;
  keep_means (lab->history->evaluations, &evaluation);
  kin_history_add_evaluation (lab->pending->evaluations, &evaluation);
  kin_history_add_evaluation (lab->history->evaluations, &evaluation);
  show_embedding (lab, embedding);
  lab->speed_us = 0; /* measuring is not training */
  post (lab);
}

static void
finish (KinLab *lab)
{
  lab->is_playing = FALSE;
  lab->steps_to_do = 0;
  set_state (lab, KIN_STATE_FINISHED);
}

/* Does one piece of work; FALSE when there is none. The first step comes before the first measurement, so that a loss is
 * on the screen soon. */
static gboolean
work (KinLab *lab)
{
  gboolean is_training = lab->run != NULL && (lab->is_playing || lab->steps_to_do > 0);
  gboolean is_under_way = lab->state == KIN_STATE_TRAINING || lab->state == KIN_STATE_PAUSED;

  if (lab->run == NULL)
    return FALSE;
  if (is_training && kin_run_get_step (lab->run) == 0)
    do_step (lab);
  else if (lab->needs_initial)
    do_evaluation (lab, TRUE);
  else if (lab->needs_evaluation)
    do_evaluation (lab, FALSE);
  else if (is_under_way && kin_run_is_finished (lab->run))
    finish (lab); /* by a single step, or with a pause behind the last one, too */
  else if (is_training)
    do_step (lab);
  else
    return FALSE;
  return TRUE;
}

static void *
trainer_main (void *argument)
{
  KinLab *lab = argument;

#ifdef __linux__
  /* On Linux a "process" here is this thread, and the workers that it makes inherit it. The window comes first. */
  setpriority (PRIO_PROCESS, 0, TRAINER_NICE);
#endif
  lab->pending = kin_snapshot_new ();
  while (!g_atomic_int_get (&lab->quit))
    {
      drain_commands (lab, FALSE);
      if (!g_atomic_int_get (&lab->quit) && !work (lab))
        drain_commands (lab, TRUE);
    }
  return NULL;
}

/* --- The looking side --- */

KinLab *
kin_lab_new (GSourceFunc notify, gpointer user_data)
{
  KinLab *lab = g_new0 (KinLab, 1);
  int result;

  lab->wake_up = new_wake_up (notify, user_data);
  lab->commands = g_async_queue_new_full ((GDestroyNotify) kin_command_free);
  lab->watch = (KinWatch){ .similarity_hz = 10, .similarity_pairs = 128, .map = TRUE };
  result = pthread_create (&lab->thread, NULL, trainer_main, lab);
  if (result != 0)
    g_error ("cannot start the training thread: %s", g_strerror (result));
  return lab;
}

guint64
kin_lab_send (KinLab *lab, KinCommand *command)
{
  guint64 serial = command->serial = ++lab->serial;

  count_command (lab, command->kind, 1);
  __atomic_store_n (&command->sealed, 1, __ATOMIC_RELEASE);
  g_async_queue_push (lab->commands, command);
  return serial;
}

KinSnapshot *
kin_lab_take (KinLab *lab)
{
  return kin_mailbox_take (&lab->mailbox);
}

void
kin_lab_free (KinLab *lab)
{
  KinSnapshot *left;

  if (lab == NULL)
    return;
  g_atomic_int_set (&lab->quit, TRUE);
  kin_lab_send (lab, kin_command_new (KIN_COMMAND_PAUSE)); /* cuts work short, wakes a sleeper */
  pthread_join (lab->thread, NULL);
  g_source_destroy (lab->wake_up);
  g_source_unref (lab->wake_up);
  left = kin_mailbox_take (&lab->mailbox);
  g_clear_pointer (&left, kin_snapshot_unref);
  kin_snapshot_unref (lab->pending);
  g_clear_pointer (&lab->run, kin_run_free);
  g_clear_pointer (&lab->history, kin_history_free);
  g_clear_pointer (&lab->embedding, kin_embedding_unref);
  g_clear_pointer (&lab->dataset, kin_dataset_unref);
  g_clear_error (&lab->failure);
  g_async_queue_unref (lab->commands);
  g_free (lab->message);
  g_free (lab);
}
