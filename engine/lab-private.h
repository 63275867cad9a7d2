#pragma once

#include "engine/history.h"
#include "engine/lab.h"
#include "engine/mailbox.h"
#include "engine/run.h"

#include <pthread.h>

G_BEGIN_DECLS

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
  KinMeasurement *measurement; /* under way, or NULL */
  gboolean is_baseline; /* it is of the untrained encoder, for its line alone */
  gint64 measuring_credit_us; /* what training has earned it */
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

/* What the trainer's thread does; lab.c has the thread itself and the looking side. */

/* lab-publish.c */
void kin_lab_post (KinLab *lab);
void kin_lab_post_if_due (KinLab *lab);
void kin_lab_set_state (KinLab *lab, KinState state);

/* @error: (transfer full) */
void kin_lab_fail (KinLab *lab, GError *error);

/* lab-commands.c: does @command (transfer full) and answers it. */
void kin_lab_answer (KinLab *lab, KinCommand *command);

/* lab-open.c: both leave the run before as it was when they fail. */

/* A new run from @asked; the set is read again only where it changes, or unless @keep_dataset. */
gboolean kin_lab_configure (KinLab *lab, const KinConfig *asked, gboolean keep_dataset, GError **error);
gboolean kin_lab_load (KinLab *lab, const char *folder, GError **error);

/* lab-work.c */

/* Does one piece of work; FALSE when there is none. */
gboolean kin_lab_work (KinLab *lab);
void kin_lab_look_at_similarity (KinLab *lab);

G_END_DECLS
