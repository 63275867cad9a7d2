#include "ui/session-private.h"

#define CONFIGURE_DELAY_MS 450

static guint64
send (KinSession *self, KinCommandKind kind)
{
  return kin_lab_send (self->lab, kin_command_new (kind));
}

static gboolean on_configure (gpointer data);

/* An edit that waits for its restart goes before what is asked for after it; otherwise that restart would undo it. */
static void
configure_now (KinSession *self)
{
  if (self->configure_id == 0)
    return;
  g_clear_handle_id (&self->configure_id, g_source_remove);
  on_configure (self);
}

void
kin_session_play (KinSession *self)
{
  self->play_when_ready = FALSE;
  if (!self->can_play)
    return;
  configure_now (self);
  send (self, KIN_COMMAND_PLAY);
}

void
kin_session_pause (KinSession *self)
{
  self->play_when_ready = FALSE;
  send (self, KIN_COMMAND_PAUSE);
}

void
kin_session_step (KinSession *self)
{
  if (!self->can_play)
    return;
  configure_now (self);
  send (self, KIN_COMMAND_STEP);
}

void
kin_session_play_when_ready (KinSession *self)
{
  self->play_when_ready = TRUE;
  if (self->can_play)
    kin_session_play (self);
}

void
kin_session_restart (KinSession *self, gboolean same_seed)
{
  const KinConfig *config = kin_session_get_config (self);
  KinCommand *command;
  gboolean was_playing = self->is_playing;
  double seed;

  if (config == NULL)
    return;
  seed = kin_config_get (config, "seed") + (same_seed ? 0 : 1);
  /* An edit that waits for its own restart goes along with this one. */
  if (self->configure_id != 0)
    {
      kin_config_set (self->draft, "seed", seed, NULL);
      configure_now (self);
      return;
    }
  command = kin_command_new (KIN_COMMAND_RESTART);
  command->value = seed;
  kin_session_drop_draft (self);
  kin_lab_send (self->lab, command);
  if (was_playing)
    send (self, KIN_COMMAND_PLAY);
}

static void
open_config (KinSession *self, KinConfig *config)
{
  KinCommand *command = kin_command_new (KIN_COMMAND_OPEN);

  kin_session_drop_draft (self);
  kin_config_set (config, "threads", self->threads, NULL);
  command->config = config;
  kin_lab_send (self->lab, command);
}

void
kin_session_set_threads (KinSession *self, guint threads)
{
  self->threads = threads;
}

void
kin_session_open (KinSession *self, const KinDataSpec *spec)
{
  g_autoptr (KinConfig) config = kin_config_new (spec->source);
  g_autoptr (GError) error = NULL;

  if (!kin_config_set (config, "limit", spec->limit, &error) || !kin_config_set (config, "size", spec->size, &error)
      || !kin_config_set (config, "fit", spec->fit, &error))
    {
      kin_session_report (self, error->message);
      return;
    }
  open_config (self, g_steal_pointer (&config));
}

void
kin_session_open_source (KinSession *self, const char *source)
{
  open_config (self, kin_config_new (source));
}

void
kin_session_cancel_loading (KinSession *self)
{
  self->play_when_ready = FALSE;
  send (self, KIN_COMMAND_CANCEL);
}

void
kin_session_dismiss_error (KinSession *self)
{
  self->is_dismissed = TRUE;
  kin_session_update (self);
}

static void
send_path (KinSession *self, KinCommandKind kind, const char *path)
{
  KinCommand *command = kin_command_new (kind);

  command->path = g_strdup (path);
  kin_lab_send (self->lab, command);
}

void
kin_session_load_run (KinSession *self, const char *folder)
{
  kin_session_drop_draft (self);
  send_path (self, KIN_COMMAND_LOAD, folder);
}

void
kin_session_save_run (KinSession *self, const char *folder)
{
  send_path (self, KIN_COMMAND_SAVE, folder);
}

static KinConfig *
edit (KinSession *self)
{
  if (self->draft == NULL && self->snapshot->config != NULL)
    self->draft = kin_config_copy (self->snapshot->config);
  return self->draft;
}

static gboolean
on_configure (gpointer data)
{
  KinSession *self = data;
  KinCommand *command = kin_command_new (KIN_COMMAND_CONFIGURE);
  gboolean was_playing = self->is_playing;

  self->configure_id = 0;
  command->config = kin_config_copy (self->draft);
  self->draft_serial = kin_lab_send (self->lab, command);
  if (was_playing)
    send (self, KIN_COMMAND_PLAY);
  return G_SOURCE_REMOVE;
}

/* The draft has changed in a way that needs a new run: wait for the end of the edit, then ask for it. */
static void
configure_soon (KinSession *self)
{
  g_clear_handle_id (&self->configure_id, g_source_remove);
  self->draft_serial = 0;
  self->configure_id = g_timeout_add (CONFIGURE_DELAY_MS, on_configure, self);
  kin_session_update (self);
  kin_session_emit_config_changed (self);
}

static void
send_draft (KinSession *self, KinCommand *command)
{
  guint64 serial = kin_lab_send (self->lab, command);

  /* While a restart is still to be sent, that one will answer the draft. */
  if (self->configure_id == 0)
    self->draft_serial = serial;
  kin_session_update (self);
  kin_session_emit_config_changed (self);
}

void
kin_session_set_param (KinSession *self, const char *id, double value)
{
  const KinParamSpec *spec = kin_config_find_spec (id);
  KinConfig *config = edit (self);
  g_autoptr (GError) error = NULL;
  KinCommand *command;

  g_return_if_fail (spec != NULL);
  if (config == NULL || kin_config_get (config, id) == value)
    return;
  if (!kin_config_set (config, id, value, &error))
    {
      kin_session_report (self, error->message);
      kin_session_emit_config_changed (self);
      return;
    }
  if (!spec->is_live)
    {
      configure_soon (self);
      return;
    }
  command = kin_command_new (KIN_COMMAND_SET);
  command->id = g_strdup (id);
  command->value = value;
  send_draft (self, command);
}

static void
set_name (KinSession *self, char **slot, const char *id)
{
  if (g_strcmp0 (*slot, id) == 0)
    return;
  g_free (*slot);
  *slot = g_strdup (id);
  configure_soon (self);
}

void
kin_session_set_method (KinSession *self, const char *id)
{
  KinConfig *config = edit (self);

  if (config != NULL)
    set_name (self, &config->method, id);
}

void
kin_session_set_encoder (KinSession *self, const char *id)
{
  KinConfig *config = edit (self);

  if (config != NULL)
    set_name (self, &config->encoder, id);
}

void
kin_session_set_policy (KinSession *self, KinPolicy *policy)
{
  KinConfig *config = edit (self);
  KinCommand *command;

  if (config == NULL || kin_policy_equal (config->policy, policy))
    return;
  kin_policy_unref (config->policy);
  config->policy = kin_policy_ref (policy);
  command = kin_command_new (KIN_COMMAND_POLICY);
  command->policy = kin_policy_ref (policy);
  send_draft (self, command);
}

void
kin_session_watch (KinSession *self, const KinWatch *watch)
{
  KinCommand *command = kin_command_new (KIN_COMMAND_WATCH);

  command->watch = *watch;
  kin_lab_send (self->lab, command);
}
