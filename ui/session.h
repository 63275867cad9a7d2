#pragma once

#include <glib-object.h>

#include "engine/history.h"
#include "engine/lab.h"
#include "ui/neighbourhood.h"

G_BEGIN_DECLS

#define KIN_NO_IMAGE (-1)

/**
 * KinSession:
 *
 * The one object of the window that holds a lab. It takes snapshots and turns them into properties (texts and flags
 * that templates bind to), and into signals for what is too large for a property:
 *
 * - `dataset-changed`, `config-changed`, `history-changed`, `similarity-changed`, `embedding-changed`: the getter of
 *   the same name has something new.
 * - `reported (text)`: a command was refused, or something is worth a line to the user.
 *
 * Also holds what is linked over all panes: the selected and the hovered image. Main thread only.
 *
 * What the user has just set is shown at once: from the first edit until the lab has answered it, the session's config
 * is a draft, so a slider never jumps back to the value of a snapshot that is a moment older.
 */
#define KIN_TYPE_SESSION (kin_session_get_type ())
G_DECLARE_FINAL_TYPE (KinSession, kin_session, KIN, SESSION, GObject)

KinSession *kin_session_new (void);

/* All (transfer none); NULL when there is none yet. */
const KinSnapshot *kin_session_get_snapshot (KinSession *self); /* never NULL */
KinDataset *kin_session_get_dataset (KinSession *self);
const KinConfig *kin_session_get_config (KinSession *self);
const KinHistory *kin_session_get_history (KinSession *self); /* never NULL */
KinSimilarity *kin_session_get_similarity (KinSession *self);
KinEmbedding *kin_session_get_embedding (KinSession *self);
KinState kin_session_get_state (KinSession *self);
gboolean kin_session_is_playing (KinSession *self);
double kin_session_get_epoch (KinSession *self);

void kin_session_play (KinSession *self);
void kin_session_pause (KinSession *self);
void kin_session_step (KinSession *self);
/* Plays as soon as the set that is being opened is there. */
void kin_session_play_when_ready (KinSession *self);
void kin_session_restart (KinSession *self, gboolean same_seed);

/**
 * kin_session_open:
 * @spec: what to open; copied
 *
 * Opens a set with the recipe that suits it. What is being loaded is given up.
 */
void kin_session_open (KinSession *self, const KinDataSpec *spec);

/* Opens a source (see KinDataSpec) with its defaults. */
void kin_session_open_source (KinSession *self, const char *source);

/* Processors for the sets and runs that are opened from now on; 0 for all. */
void kin_session_set_threads (KinSession *self, guint threads);

/* Gives up loading, and goes back to the run that was there before. */
void kin_session_cancel_loading (KinSession *self);

/* The error of the last failure has been seen. */
void kin_session_dismiss_error (KinSession *self);

void kin_session_load_run (KinSession *self, const char *folder);
void kin_session_save_run (KinSession *self, const char *folder);

/**
 * kin_session_set_param:
 *
 * A live parameter is sent at once; another one starts the run again a moment after the last edit.
 */
void kin_session_set_param (KinSession *self, const char *id, double value);
void kin_session_set_method (KinSession *self, const char *id);
void kin_session_set_encoder (KinSession *self, const char *id);
/* @policy: (transfer none): must not change afterwards */
void kin_session_set_policy (KinSession *self, KinPolicy *policy);

/* What is looked at; see KinWatch. */
void kin_session_watch (KinSession *self, const KinWatch *watch);

int kin_session_get_selected (KinSession *self);
void kin_session_select (KinSession *self, int id);
int kin_session_get_hovered (KinSession *self);
void kin_session_hover (KinSession *self, int id);

/* (transfer none): of the selected image. */
KinNeighbourhood *kin_session_get_neighbourhood (KinSession *self);

/* "star", or NULL without labels. */
const char *kin_session_get_class_name (KinSession *self, guint id);

G_END_DECLS
