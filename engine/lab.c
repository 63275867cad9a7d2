#include "engine/lab.h"

#include "engine/lab-private.h"

#include <sys/resource.h>

/* How much lower than the window's the trainer's threads run. */
#define TRAINER_NICE 5

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

/* --- The trainer's thread --- */

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
      kin_lab_answer (lab, command);
    }
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
      if (!g_atomic_int_get (&lab->quit) && !kin_lab_work (lab))
        drain_commands (lab, TRUE);
    }
  return NULL;
}

/* --- The looking side --- */

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
  g_clear_pointer (&lab->measurement, kin_measurement_free);
  g_clear_pointer (&lab->run, kin_run_free);
  g_clear_pointer (&lab->history, kin_history_free);
  g_clear_pointer (&lab->embedding, kin_embedding_unref);
  g_clear_pointer (&lab->dataset, kin_dataset_unref);
  g_clear_error (&lab->failure);
  g_async_queue_unref (lab->commands);
  g_free (lab->message);
  g_free (lab);
}
