#include "ui/session.h"

#include <glib/gi18n.h>
#include <math.h>

#include "ui/session-private.h"
#include "ui/text.h"

enum
{
  PROP_PAGE = 1,
  PROP_TITLE,
  PROP_SUBTITLE,
  PROP_PLACE_TEXT,
  PROP_RATE_TEXT,
  PROP_PLAY_LABEL,
  PROP_PLAY_ICON,
  PROP_LOADING_TEXT,
  PROP_ERROR_TEXT,
  PROP_ERROR_HINT,
  PROP_IS_PLAYING,
  PROP_HAS_RUN,
  PROP_CAN_PLAY,
  PROP_HAS_ERROR,
  PROP_HAS_DIVERGED,
  PROP_PROGRESS,
  PROP_EPOCH,
  PROP_EPOCHS,
  PROP_SELECTED,
  PROP_HOVERED,
  N_PROPS
};

#define FIRST_TEXT PROP_PAGE
#define LAST_TEXT PROP_ERROR_HINT

enum
{
  DATASET_CHANGED,
  CONFIG_CHANGED,
  HISTORY_CHANGED,
  SIMILARITY_CHANGED,
  EMBEDDING_CHANGED,
  REPORTED,
  N_SIGNALS
};

G_STATIC_ASSERT (LAST_TEXT < KIN_SESSION_N_TEXTS);

G_DEFINE_FINAL_TYPE (KinSession, kin_session, G_TYPE_OBJECT)

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

const KinSnapshot *
kin_session_get_snapshot (KinSession *self)
{
  return self->snapshot;
}

KinDataset *
kin_session_get_dataset (KinSession *self)
{
  return self->dataset;
}

const KinConfig *
kin_session_get_config (KinSession *self)
{
  return self->draft != NULL ? self->draft : self->snapshot->config;
}

const KinHistory *
kin_session_get_history (KinSession *self)
{
  return self->history;
}

KinSimilarity *
kin_session_get_similarity (KinSession *self)
{
  return self->similarity;
}

KinEmbedding *
kin_session_get_embedding (KinSession *self)
{
  return self->embedding;
}

KinNeighbourhood *
kin_session_get_neighbourhood (KinSession *self)
{
  return self->neighbourhood;
}

KinState
kin_session_get_state (KinSession *self)
{
  return self->snapshot->state;
}

gboolean
kin_session_is_playing (KinSession *self)
{
  return self->is_playing;
}

double
kin_session_get_epoch (KinSession *self)
{
  return self->epoch;
}

int
kin_session_get_selected (KinSession *self)
{
  return self->selected;
}

int
kin_session_get_hovered (KinSession *self)
{
  return self->hovered;
}

const char *
kin_session_get_class_name (KinSession *self, guint id)
{
  const KinDataset *dataset = self->dataset;

  if (dataset == NULL || dataset->labels == NULL || id >= dataset->n_images)
    return NULL;
  return dataset->class_names[dataset->labels[id]];
}

/* Linked ids: an id that the set does not have counts as none. */
static gboolean
set_image (KinSession *self, int *slot, int id, int prop)
{
  if (id < 0 || self->dataset == NULL || (guint) id >= self->dataset->n_images)
    id = KIN_NO_IMAGE;
  if (*slot == id)
    return FALSE;
  *slot = id;
  g_object_notify_by_pspec (G_OBJECT (self), props[prop]);
  return TRUE;
}

static void
find_neighbours (KinSession *self)
{
  kin_neighbourhood_ask (self->neighbourhood, self->dataset, self->embedding, self->selected);
}

void
kin_session_select (KinSession *self, int id)
{
  if (set_image (self, &self->selected, id, PROP_SELECTED))
    find_neighbours (self);
}

void
kin_session_hover (KinSession *self, int id)
{
  set_image (self, &self->hovered, id, PROP_HOVERED);
}

static void
take_text (KinSession *self, int prop, char *text)
{
  if (g_strcmp0 (self->texts[prop], text) == 0)
    {
      g_free (text);
      return;
    }
  g_free (self->texts[prop]);
  self->texts[prop] = text;
  g_object_notify_by_pspec (G_OBJECT (self), props[prop]);
}

static void
set_flag (KinSession *self, gboolean *slot, gboolean value, int prop)
{
  if (*slot == value)
    return;
  *slot = value;
  g_object_notify_by_pspec (G_OBJECT (self), props[prop]);
}

static void
set_number (KinSession *self, double *slot, double value, int prop)
{
  if (*slot == value)
    return;
  *slot = value;
  g_object_notify_by_pspec (G_OBJECT (self), props[prop]);
}

/* Which of the window's pages is shown. A set that is there stays on screen when something fails beside it. */
static const char *
page (KinSession *self)
{
  switch (self->snapshot->state)
    {
    case KIN_STATE_EMPTY:
      return "empty";
    case KIN_STATE_LOADING:
      return "loading";
    case KIN_STATE_FAILED:
      return self->dataset != NULL && self->snapshot->config != NULL ? "run" : "failed";
    case KIN_STATE_READY:
    case KIN_STATE_TRAINING:
    case KIN_STATE_PAUSED:
    case KIN_STATE_FINISHED:
      break;
    }
  return "run";
}

static void
update_play (KinSession *self)
{
  KinState state = self->snapshot->state;
  gboolean has_run = self->dataset != NULL && self->snapshot->config != NULL && state != KIN_STATE_EMPTY
                     && state != KIN_STATE_LOADING;

  set_flag (self, &self->is_playing, state == KIN_STATE_TRAINING, PROP_IS_PLAYING);
  set_flag (self, &self->has_run, has_run, PROP_HAS_RUN);
  set_flag (self, &self->can_play, has_run && state != KIN_STATE_FINISHED, PROP_CAN_PLAY);
  take_text (self, PROP_PLAY_LABEL, g_strdup (self->is_playing ? _ ("Pause") : _ ("Play")));
  take_text (self, PROP_PLAY_ICON,
             g_strdup (self->is_playing ? "media-playback-pause-symbolic" : "media-playback-start-symbolic"));
}

static void
update_place (KinSession *self)
{
  const KinSnapshot *snapshot = self->snapshot;
  const KinConfig *config = kin_session_get_config (self);
  double epochs = config == NULL ? 0 : kin_config_get (config, "epochs");
  double epoch = snapshot->steps_per_epoch == 0 ? 0 : (double) snapshot->step / snapshot->steps_per_epoch;

  set_number (self, &self->epochs, epochs, PROP_EPOCHS);
  set_number (self, &self->epoch, epoch, PROP_EPOCH);
  if (!self->has_run)
    {
      take_text (self, PROP_PLACE_TEXT, g_strdup (""));
      take_text (self, PROP_RATE_TEXT, g_strdup (""));
      return;
    }
  take_text (self, PROP_PLACE_TEXT,
             g_strdup_printf (_ ("epoch %.0f of %.0f · step %" G_GUINT64_FORMAT), floor (epoch), epochs,
                              snapshot->step));
  take_text (self, PROP_RATE_TEXT, kin_text_rate (snapshot));
}

static void
update_names (KinSession *self)
{
  const KinConfig *config = kin_session_get_config (self);

  take_text (self, PROP_TITLE, g_strdup (self->dataset == NULL ? _ ("Kindred") : self->dataset->name));
  take_text (self, PROP_SUBTITLE,
             self->dataset == NULL || config == NULL ? g_strdup (_ ("contrastive learning, live"))
                                                     : kin_text_run (config));
}

static void
update_trouble (KinSession *self)
{
  const KinSnapshot *snapshot = self->snapshot;
  const GError *error = snapshot->state == KIN_STATE_FAILED ? snapshot->error : NULL;

  take_text (self, PROP_LOADING_TEXT,
             g_strdup (snapshot->message == NULL ? _ ("Reading the images") : snapshot->message));
  set_number (self, &self->progress, snapshot->state == KIN_STATE_LOADING ? snapshot->progress : 0, PROP_PROGRESS);
  if (error == NULL || g_strcmp0 (self->texts[PROP_ERROR_TEXT], error->message) != 0)
    self->is_dismissed = FALSE;
  set_flag (self, &self->has_error, error != NULL && !self->is_dismissed, PROP_HAS_ERROR);
  set_flag (self, &self->has_diverged, g_error_matches (error, KIN_ERROR, KIN_ERROR_DIVERGED), PROP_HAS_DIVERGED);
  take_text (self, PROP_ERROR_TEXT, g_strdup (error == NULL ? "" : error->message));
  take_text (self, PROP_ERROR_HINT, g_strdup (kin_text_error_hint (error)));
}

void
kin_session_update (KinSession *self)
{
  g_object_freeze_notify (G_OBJECT (self));
  update_play (self);
  update_place (self);
  update_names (self);
  update_trouble (self);
  take_text (self, PROP_PAGE, g_strdup (page (self)));
  g_object_thaw_notify (G_OBJECT (self));
}

void
kin_session_drop_draft (KinSession *self)
{
  g_clear_handle_id (&self->configure_id, g_source_remove);
  g_clear_pointer (&self->draft, kin_config_free);
  self->draft_serial = 0;
}

void
kin_session_emit_config_changed (KinSession *self)
{
  g_signal_emit (self, signals[CONFIG_CHANGED], 0);
}

void
kin_session_report (KinSession *self, const char *text)
{
  g_signal_emit (self, signals[REPORTED], 0, text);
}

/* A failure to open shows as KIN_STATE_FAILED; the others leave the run as it is and only need a line. */
static void
take_events (KinSession *self, const GPtrArray *events)
{
  for (guint i = 0; i < events->len; i++)
    {
      const KinEvent *event = g_ptr_array_index (events, i);

      if (self->draft != NULL && self->draft_serial != 0 && event->serial >= self->draft_serial)
        kin_session_drop_draft (self);
      if (event->kind == KIN_COMMAND_SAVE && event->error == NULL)
        kin_session_report (self, _ ("The run was saved."));
      if (event->error != NULL && self->snapshot->state != KIN_STATE_FAILED
          && !g_error_matches (event->error, KIN_ERROR, KIN_ERROR_CANCELLED))
        kin_session_report (self, event->error->message);
    }
}

static gboolean
configs_equal (const KinConfig *a, const KinConfig *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return g_strcmp0 (a->dataset, b->dataset) == 0 && g_strcmp0 (a->method, b->method) == 0
         && g_strcmp0 (a->encoder, b->encoder) == 0 && kin_policy_equal (a->policy, b->policy)
         && memcmp (a->values, b->values, sizeof a->values) == 0;
}

static void
take_history (KinSession *self, const KinSnapshot *snapshot, gboolean is_new_run)
{
  if (is_new_run)
    kin_history_clear (self->history);
  if (snapshot->samples->len > 0)
    g_array_append_vals (self->history->samples, snapshot->samples->data, snapshot->samples->len);
  for (guint i = 0; i < snapshot->evaluations->len; i++)
    kin_history_add_evaluation (self->history->evaluations, &g_array_index (snapshot->evaluations, KinEvaluation, i));
  if (is_new_run || snapshot->samples->len > 0 || snapshot->evaluations->len > 0)
    g_signal_emit (self, signals[HISTORY_CHANGED], 0);
}

/* Ids of one set mean nothing in another: what was known of the old set goes with it. */
static void
take_dataset (KinSession *self, const KinSnapshot *snapshot)
{
  if (snapshot->dataset == self->dataset)
    return;
  g_clear_pointer (&self->similarity, kin_similarity_unref);
  g_clear_pointer (&self->embedding, kin_embedding_unref);
  g_signal_emit (self, signals[SIMILARITY_CHANGED], 0);
  g_signal_emit (self, signals[EMBEDDING_CHANGED], 0);
  g_clear_pointer (&self->dataset, kin_dataset_unref);
  if (snapshot->dataset != NULL)
    self->dataset = kin_dataset_ref (snapshot->dataset);
  kin_session_select (self, KIN_NO_IMAGE);
  kin_session_hover (self, KIN_NO_IMAGE);
  g_signal_emit (self, signals[DATASET_CHANGED], 0);
}

static void
take_pictures (KinSession *self, const KinSnapshot *snapshot, gboolean is_new_run)
{
  if (snapshot->similarity != self->similarity && (is_new_run || snapshot->similarity != NULL))
    {
      g_clear_pointer (&self->similarity, kin_similarity_unref);
      if (snapshot->similarity != NULL)
        self->similarity = kin_similarity_ref (snapshot->similarity);
      g_signal_emit (self, signals[SIMILARITY_CHANGED], 0);
    }
  if (snapshot->embedding != self->embedding && (is_new_run || snapshot->embedding != NULL))
    {
      g_clear_pointer (&self->embedding, kin_embedding_unref);
      if (snapshot->embedding != NULL)
        self->embedding = kin_embedding_ref (snapshot->embedding);
      g_signal_emit (self, signals[EMBEDDING_CHANGED], 0);
      find_neighbours (self);
    }
}

static void
take_snapshot (KinSession *self, KinSnapshot *snapshot)
{
  g_autoptr (KinSnapshot) before = self->snapshot;
  gboolean is_new_run = snapshot->run != before->run;
  gboolean had_draft = self->draft != NULL;

  self->snapshot = snapshot;
  take_dataset (self, snapshot);
  take_events (self, snapshot->events);
  kin_session_update (self);
  take_history (self, snapshot, is_new_run);
  take_pictures (self, snapshot, is_new_run);
  if (self->draft == NULL && (had_draft || is_new_run || !configs_equal (before->config, snapshot->config)))
    kin_session_emit_config_changed (self);
  if (self->play_when_ready && self->can_play)
    kin_session_play (self);
}

static gboolean
on_lab_notify (gpointer data)
{
  KinSession *self = data;
  KinSnapshot *snapshot = kin_lab_take (self->lab);

  if (snapshot != NULL)
    take_snapshot (self, snapshot);
  return G_SOURCE_REMOVE;
}

static void
kin_session_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  KinSession *self = KIN_SESSION (object);

  if (id >= FIRST_TEXT && id <= LAST_TEXT)
    {
      g_value_set_string (value, self->texts[id]);
      return;
    }
  switch (id)
    {
    case PROP_IS_PLAYING:
      g_value_set_boolean (value, self->is_playing);
      break;
    case PROP_HAS_RUN:
      g_value_set_boolean (value, self->has_run);
      break;
    case PROP_CAN_PLAY:
      g_value_set_boolean (value, self->can_play);
      break;
    case PROP_HAS_ERROR:
      g_value_set_boolean (value, self->has_error);
      break;
    case PROP_HAS_DIVERGED:
      g_value_set_boolean (value, self->has_diverged);
      break;
    case PROP_PROGRESS:
      g_value_set_double (value, self->progress);
      break;
    case PROP_EPOCH:
      g_value_set_double (value, self->epoch);
      break;
    case PROP_EPOCHS:
      g_value_set_double (value, self->epochs);
      break;
    case PROP_SELECTED:
      g_value_set_int (value, self->selected);
      break;
    case PROP_HOVERED:
      g_value_set_int (value, self->hovered);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
kin_session_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  KinSession *self = KIN_SESSION (object);

  switch (id)
    {
    case PROP_SELECTED:
      kin_session_select (self, g_value_get_int (value));
      break;
    case PROP_HOVERED:
      kin_session_hover (self, g_value_get_int (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
kin_session_finalize (GObject *object)
{
  KinSession *self = KIN_SESSION (object);

  g_clear_handle_id (&self->configure_id, g_source_remove);
  g_clear_pointer (&self->lab, kin_lab_free);
  g_clear_pointer (&self->snapshot, kin_snapshot_unref);
  g_clear_pointer (&self->history, kin_history_free);
  g_clear_pointer (&self->dataset, kin_dataset_unref);
  g_clear_pointer (&self->similarity, kin_similarity_unref);
  g_clear_pointer (&self->embedding, kin_embedding_unref);
  g_clear_pointer (&self->draft, kin_config_free);
  g_clear_object (&self->neighbourhood);
  for (int id = FIRST_TEXT; id <= LAST_TEXT; id++)
    g_free (self->texts[id]);
  G_OBJECT_CLASS (kin_session_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *class)
{
  static const char *const texts[] = { "page",       "title",     "subtitle",     "place-text", "rate-text",
                                       "play-label", "play-icon", "loading-text", "error-text", "error-hint" };
  static const char *const flags[] = { "is-playing", "has-run", "can-play", "has-error", "has-diverged" };
  static const char *const numbers[] = { "progress", "epoch", "epochs" };
  GParamFlags read_only = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
  GParamFlags writable = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    props[FIRST_TEXT + i] = g_param_spec_string (texts[i], NULL, NULL, NULL, read_only);
  for (guint i = 0; i < G_N_ELEMENTS (flags); i++)
    props[PROP_IS_PLAYING + i] = g_param_spec_boolean (flags[i], NULL, NULL, FALSE, read_only);
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    props[PROP_PROGRESS + i] = g_param_spec_double (numbers[i], NULL, NULL, -1, G_MAXDOUBLE, 0, read_only);
  props[PROP_SELECTED] = g_param_spec_int ("selected", NULL, NULL, -1, G_MAXINT, KIN_NO_IMAGE, writable);
  props[PROP_HOVERED] = g_param_spec_int ("hovered", NULL, NULL, -1, G_MAXINT, KIN_NO_IMAGE, writable);
  g_object_class_install_properties (class, N_PROPS, props);
}

static guint
new_signal (const char *name)
{
  return g_signal_new (name, KIN_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
kin_session_class_init (KinSessionClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->get_property = kin_session_get_property;
  object_class->set_property = kin_session_set_property;
  object_class->finalize = kin_session_finalize;
  install_properties (object_class);
  signals[DATASET_CHANGED] = new_signal ("dataset-changed");
  signals[CONFIG_CHANGED] = new_signal ("config-changed");
  signals[HISTORY_CHANGED] = new_signal ("history-changed");
  signals[SIMILARITY_CHANGED] = new_signal ("similarity-changed");
  signals[EMBEDDING_CHANGED] = new_signal ("embedding-changed");
  signals[REPORTED] = g_signal_new ("reported", KIN_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                    1, G_TYPE_STRING);
}

static void
kin_session_init (KinSession *self)
{
  self->selected = self->hovered = KIN_NO_IMAGE;
  self->snapshot = kin_snapshot_new ();
  self->history = kin_history_new ();
  self->neighbourhood = kin_neighbourhood_new ();
  self->lab = kin_lab_new (on_lab_notify, self);
  kin_session_update (self);
}

KinSession *
kin_session_new (void)
{
  return g_object_new (KIN_TYPE_SESSION, NULL);
}
