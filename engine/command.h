#pragma once

#include "engine/config.h"

G_BEGIN_DECLS

/**
 * KinCommandKind: what a spectator may ask of a lab.
 * @KIN_COMMAND_OPEN: load config's set and make a run of it, with a smaller batch where the set is smaller; a running one
 *   is dropped
 * @KIN_COMMAND_LOAD: open the run folder @path
 * @KIN_COMMAND_PLAY: train
 * @KIN_COMMAND_PAUSE: stop at the end of this step
 * @KIN_COMMAND_STEP: one step, then pause
 * @KIN_COMMAND_RESTART: from step 0 with the seed @value; the same seed gives the same run
 * @KIN_COMMAND_CONFIGURE: as RESTART, but with @config, on the same set where it does not change
 * @KIN_COMMAND_SET: parameter @id = @value, now if it is live, else %KIN_ERROR_OPTION
 * @KIN_COMMAND_POLICY: use @policy from the next step on
 * @KIN_COMMAND_EVALUATE: measure now
 * @KIN_COMMAND_WATCH: publish what is in @watch
 * @KIN_COMMAND_SAVE: write the run folder @path
 * @KIN_COMMAND_CANCEL: give up what is being loaded; the run before stays as it was
 */
typedef enum
{
  KIN_COMMAND_OPEN,
  KIN_COMMAND_LOAD,
  KIN_COMMAND_PLAY,
  KIN_COMMAND_PAUSE,
  KIN_COMMAND_STEP,
  KIN_COMMAND_RESTART,
  KIN_COMMAND_CONFIGURE,
  KIN_COMMAND_SET,
  KIN_COMMAND_POLICY,
  KIN_COMMAND_EVALUATE,
  KIN_COMMAND_WATCH,
  KIN_COMMAND_SAVE,
  KIN_COMMAND_CANCEL,
} KinCommandKind;

/* What is looked at, so that nothing is computed that nobody sees. Never changes what is learned. */
typedef struct
{
  double similarity_hz; /* 0: not watched */
  guint similarity_pairs; /* at most so many pairs of the batch */
  gboolean map;         /* lay out a map at each evaluation */
} KinWatch;

/* Filled by whoever asks, then given away: the lab frees it. */
typedef struct
{
  gint sealed;
  guint64 serial; /* set by kin_lab_send() */
  KinCommandKind kind;
  KinConfig *config; /* OPEN, CONFIGURE */
  KinPolicy *policy; /* POLICY */
  char *id;          /* SET */
  double value;      /* SET, RESTART */
  char *path;        /* LOAD, SAVE */
  KinWatch watch;    /* WATCH */
} KinCommand;

KinCommand *kin_command_new (KinCommandKind kind);
void kin_command_free (KinCommand *command);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KinCommand, kin_command_free)

/* The answer to a command. */
typedef struct
{
  guint64 serial; /* of the command */
  KinCommandKind kind;
  guint64 step;   /* after which it took effect */
  GError *error;  /* NULL: done */
} KinEvent;

KinEvent *kin_event_new (const KinCommand *command, guint64 step, const GError *error);
void kin_event_free (KinEvent *event);

G_END_DECLS
