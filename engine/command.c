#include "engine/command.h"

KinCommand *
kin_command_new (KinCommandKind kind)
{
  KinCommand *command = g_new0 (KinCommand, 1);

  command->kind = kind;
  return command;
}

void
kin_command_free (KinCommand *command)
{
  if (command == NULL)
    return;
  g_clear_pointer (&command->config, kin_config_free);
  g_clear_pointer (&command->policy, kin_policy_unref);
  g_free (command->id);
  g_free (command->path);
  g_free (command);
}

KinEvent *
kin_event_new (const KinCommand *command, guint64 step, const GError *error)
{
  KinEvent *event = g_new0 (KinEvent, 1);

  event->serial = command->serial;
  event->kind = command->kind;
  event->step = step;
  event->error = error == NULL ? NULL : g_error_copy (error);
  return event;
}

void
kin_event_free (KinEvent *event)
{
  g_clear_error (&event->error);
  g_free (event);
}
