#pragma once

#include "ui/session.h"

#define KIN_SESSION_N_TEXTS 16 /* properties that are texts, at most */

struct _KinSession
{
  GObject parent;
  KinLab *lab;
  KinSnapshot *snapshot; /* never NULL */
  KinHistory *history;
  KinDataset *dataset;
  KinSimilarity *similarity;
  KinEmbedding *embedding;
  KinNeighbourhood *neighbourhood;

  KinConfig *draft;      /* what the user has set and the lab has not answered yet, or NULL */
  guint64 draft_serial;  /* the command that will answer it; 0 while it has not been sent */
  guint configure_id;    /* source that will send it */
  gboolean play_when_ready;
  guint threads;

  char *texts[KIN_SESSION_N_TEXTS]; /* by property */
  gboolean is_playing, has_run, can_play, has_error, has_diverged;
  gboolean is_dismissed; /* the error has been seen */
  double progress, epoch, epochs;
  int selected, hovered;
};

/* Works out all properties from the snapshot and the draft. */
void kin_session_update (KinSession *self);

/* The draft has been answered, or is not wanted any more. */
void kin_session_drop_draft (KinSession *self);

void kin_session_emit_config_changed (KinSession *self);
void kin_session_report (KinSession *self, const char *text);
