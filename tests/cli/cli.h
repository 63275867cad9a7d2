#pragma once

#include <glib.h>
#include <json-c/json.h>

/* What a run of kindred-cli left behind. */
typedef struct
{
  int exit; /* exit status; -1: ended by a signal */
  char *out, *err;
} CliResult;

void cli_result_clear (CliResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliResult, cli_result_clear)

/* Runs the program with these arguments; the last one is NULL. */
CliResult cli_run (const char *argument, ...) G_GNUC_NULL_TERMINATED;

/* Words parted by blanks: for arguments without blanks in them. */
CliResult cli_run_words (const char *words);

/* As cli_run_words(), with files that may not grow over @bytes: what a full disk is to a program. */
CliResult cli_run_limited (const char *words, guint64 bytes);

/* Runs it, and sends @signal @delay_ms after the first line on its standard output. */
CliResult cli_run_signalled (const char *words, int signal, guint delay_ms);

/* Exit status, and exactly one line on standard error, which holds @part. */
void cli_assert_failure (const CliResult *result, int exit, const char *part);
void cli_assert_success (const CliResult *result);

/* Returns: (transfer full): the objects on standard output, a line each; fails where a line is none */
GPtrArray *cli_parse_lines (const CliResult *result);
json_object *cli_last (GPtrArray *lines);
double cli_number (json_object *object, const char *key); /* NAN for null; fails where there is no such member */
const char *cli_text (json_object *object, const char *key);

/* A folder of this test program, empty, removed at its end. */
const char *cli_folder (void);
char *cli_path (const char *name);

/* Arguments of a run that takes a moment. */
#define CLI_SMALL "--dataset shapes --limit 64 --size 16 --batch 16 --set head_hidden=32 --set head_dim=16"
