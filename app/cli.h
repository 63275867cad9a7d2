#pragma once

#include <json-c/json.h>

#include "engine/config.h"
#include "engine/history.h"
#include "engine/run.h"

G_BEGIN_DECLS

/* What the shell is told. */
typedef enum
{
  CLI_DONE = 0,
  CLI_FAILED = 1,
  CLI_USAGE = 2,         /* an unknown option, a value out of range */
  CLI_INTERRUPTED = 130, /* by a signal, after saving */
} CliExit;

typedef struct _CliCommand CliCommand;

/* A subcommand: one of these in a file of its own, and one line in cli.c. */
struct _CliCommand
{
  const char *name;
  const char *summary;     /* one line, translatable */
  const char *synopsis;    /* what follows the name: "DIR [--json]" */
  const char *description; /* paragraphs, parted by empty lines, translatable */
  const char *examples;    /* a command a line */
  void (*more_help) (void); /* (nullable): prints sections of its own */
  CliExit (*run) (const CliCommand *command, char **arguments);
};

extern const CliCommand cli_command_train, cli_command_resume, cli_command_evaluate, cli_command_embed,
  cli_command_neighbours, cli_command_augment, cli_command_loss, cli_command_export, cli_command_report,
  cli_command_methods, cli_command_datasets, cli_command_encoders, cli_command_augmentations, cli_command_parameters,
  cli_command_bench;

/* --- Options: cli-options.c --- */

typedef struct
{
  gboolean is_given;
  double value;
} CliNumber;

typedef enum
{
  CLI_FLAG,       /* gboolean * */
  CLI_TEXT,       /* char **, borrowed from the arguments; the last one wins */
  CLI_NUMBER,     /* CliNumber *, checked by spec */
  CLI_SETTING,    /* GPtrArray *: "NAME=VALUE" is appended, checked by the run parameter of the option's name */
  CLI_ASSIGNMENT, /* GPtrArray *: the value, itself "NAME=VALUE", is appended */
  CLI_POSITIONAL, /* char **, without dashes, in order, needed */
} CliOptionKind;

typedef struct
{
  CliOptionKind kind;
  const char *name;         /* without dashes; of a positional, as the synopsis shows it */
  char letter;              /* short name, or 0 */
  const char *argument;     /* what the help calls its value */
  gpointer target;
  const char *help;         /* translatable; of a setting NULL: its spec says it */
  const KinParamSpec *spec; /* of CLI_NUMBER; of a setting NULL, or its own with another default */
} CliOption;

#define CLI_OPTION_JSON \
  { CLI_FLAG, "json", 0, NULL, NULL, N_("Print JSON, one object a line, and nothing else, on standard output."), NULL }

/**
 * cli_parse:
 * @options: ended by one without a name
 * @exit: (out): what to return to the shell when there is nothing more to do
 *
 * Reads @arguments into the targets, or prints the command's page (`--help`).
 *
 * Returns: FALSE when that was all, or when the arguments are wrong, which has been said
 */
gboolean cli_parse (const CliCommand *command, const CliOption *options, char **arguments, CliExit *exit);

/* Whether the option that @term names got its @value, without which @command cannot work. */
gboolean cli_check_given (const CliCommand *command, const char *term, const char *value, GError **error);

/* Sections of a page, for CliCommand.more_help. */
void cli_help_heading (const char *title);
void cli_help_paragraph (guint indent, const char *text);
void cli_help_entry (const char *term, const char *text);

/* Returns: (transfer full): help, range, default, unit and source of @spec as sentences */
char *cli_describe_spec (const KinParamSpec *spec);

/* --- What is printed: cli-output.c --- */

void cli_set_json (gboolean is_json);
gboolean cli_is_json (void);

/* To standard output. Errors are kept, and told once by cli_finish_output(). */
void cli_print (const char *format, ...) G_GNUC_PRINTF (1, 2);

/* One object a line. @object: (transfer full) */
void cli_print_json (json_object *object);

/* Flushes. Returns: FALSE with @error when standard output takes nothing any more (%KIN_ERROR_CANCELLED: its reader has
 * gone, as `head` does) */
gboolean cli_check_output (GError **error);

/* At the end of the program. Returns: @exit, or CLI_FAILED when what was printed could not be written */
CliExit cli_finish_output (CliExit exit);

/* To standard error, one line. */
void cli_warn (const char *format, ...) G_GNUC_PRINTF (1, 2);

/**
 * cli_fail:
 * @error: (transfer full)
 *
 * Says what is wrong, in one line on standard error and with --json as an object too. Returns: the exit status that fits
 */
CliExit cli_fail (GError *error);

/* Members of a JSON object. A number that is not finite is null; text is made valid. */
void cli_json_add_number (json_object *object, const char *key, double value);
void cli_json_add_integer (json_object *object, const char *key, guint64 value);
void cli_json_add_text (json_object *object, const char *key, const char *text);
void cli_json_add_bool (json_object *object, const char *key, gboolean value);

/* All numbers of @evaluation. */
void cli_json_add_evaluation (json_object *object, const KinEvaluation *evaluation);

/* --- Progress and signals: cli-progress.c, cli-signals.c --- */

/* Catches SIGINT, SIGTERM and SIGHUP, the first time each comes; ignores SIGPIPE. */
void cli_catch_signals (void);

/* Becomes non-zero when such a signal has come. */
const gint *cli_get_interrupted (void);

/* Whether standard error is a terminal that a line can be redrawn on. */
gboolean cli_has_bar (void);

/* Redraws the line, at most ten times a second. @fraction: in [0, 1], negative when not known. @facts: (nullable): ended by
 * NULL, the most important first: as many are shown as there is room for. */
void cli_bar_draw (double fraction, const char *title, const char *const *facts);
void cli_bar_clear (void);

/* Tells how far the reading of a set is, and stops it on a signal. A KinProgressFunc. */
gboolean cli_on_progress (double fraction, const char *what, gpointer user_data);

/* --- Runs: cli-run.c --- */

/* Returns: (transfer full): the run in @folder. Its errors are never CLI_USAGE: the folder is wrong, not the command. */
KinRun *cli_open_run (const char *folder, GError **error);
KinHistory *cli_open_history (const char *folder, const KinRun *run, GError **error);

/* Whether @folder holds a run. */
gboolean cli_is_run_folder (const char *folder);

/* Makes @folder and sees that it can be written to. */
gboolean cli_prepare_folder (const char *folder, GError **error);

/**
 * cli_open_images:
 * @source: (nullable): the run's own set when NULL
 *
 * Returns: (transfer full): a set whose images have the size and channels that @run takes
 */
KinDataset *cli_open_images (const KinRun *run, const char *source, const CliNumber *limit, GError **error);

/* Says which files of a folder could not be read. */
void cli_warn_skipped (const KinDataset *dataset);

/**
 * cli_embed_all:
 *
 * Returns: (transfer full): (n_images, D) rows of the whole set, not normalised
 */
float *cli_embed_all (KinRun *run, const KinDataset *dataset, KinSpace space, GError **error);

/**
 * cli_make_config:
 * @file: (nullable): config.ini of a run, instead of the defaults of the set
 * @settings: of "NAME=VALUE"
 *
 * Returns: (transfer full): checked as far as it can be without the set
 */
KinConfig *cli_make_config (const char *file, const char *dataset, const char *method, const char *encoder,
                            const char *policy, GPtrArray *settings, GError **error);

/* Trains to the end (or to a signal), saving as it goes. cli-training.c */
typedef struct
{
  KinRun *run;
  KinHistory *history;
  const char *out;    /* (nullable) */
  const char *report; /* (nullable) */
  KinEmbedding *embedding; /* of the last evaluation */
} CliTraining;

CliExit cli_training_run (CliTraining *training);

/**
 * cli_write_report:
 * @history: given the measurement of now, when it has none
 * @embedding: (nullable): of now, when it is known
 */
gboolean cli_write_report (KinRun *run, KinHistory *history, KinEmbedding *embedding, const char *folder,
                           GError **error);

/* A sheet of one image and its views: cli-sheet.c */
typedef struct
{
  char *title;   /* "view 0" */
  char *trace;   /* what was drawn */
  guint8 *pixels;
} CliSheetView;

/**
 * cli_sheet_write:
 * @views: (n); the first is the picture itself
 * @path: .png, .svg or .pdf
 */
gboolean cli_sheet_write (const char *path, const CliSheetView *views, guint n, guint size, guint channels,
                          const char *title, GError **error);

/* --- cli-projector.c --- */

/* Writes tensors.tsv, metadata.tsv, sprite.png and projector_config.json into @folder. @rows: (n_images, D) */
gboolean cli_projector_write (const char *folder, const KinDataset *dataset, const float *rows, guint D,
                              const char *title, GError **error);

G_END_DECLS
