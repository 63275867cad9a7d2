/* Training from the command line: what it prints, what it keeps, and that it is the same run however it is made. */

#include "tests/cli/cli.h"

#include <glib/gstdio.h>
#include <math.h>
#include <signal.h>
#include <string.h>

static char *
dup_fingerprint (const CliResult *result, const char *event)
{
  g_autoptr (GPtrArray) lines = cli_parse_lines (result);

  g_assert_cmpstr (cli_text (cli_last (lines), "event"), ==, event);
  return g_strdup (cli_text (cli_last (lines), "fingerprint"));
}

/* Trains with CLI_SMALL and @more. Returns: (transfer full): the fingerprint */
static char *
train (const char *more)
{
  g_autofree char *words = g_strconcat ("train " CLI_SMALL " --json ", more, NULL);
  g_auto (CliResult) result = cli_run_words (words);

  cli_assert_success (&result);
  return dup_fingerprint (&result, "done");
}

static char *
read_file (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

static void
test_lines (void)
{
  static const char *const finite[] = { "epoch", "step", "chance", "pairs_per_s", "knn", "knn_test", "knn_pixels",
                                        "knn_random", "chance_label", "alignment", "uniformity", "effective_rank", "std",
                                        "seconds" };
  static const char *const later[] = { "loss", "top1", "gradient_norm" };
  g_auto (CliResult) result = cli_run_words ("train " CLI_SMALL " --epochs 2 --json");
  g_autoptr (GPtrArray) lines = cli_parse_lines (&result);

  cli_assert_success (&result);
  g_assert_cmpuint (lines->len, ==, 4);
  for (guint i = 0; i < 4; i++)
    {
      json_object *line = g_ptr_array_index (lines, i);

      g_assert_cmpstr (cli_text (line, "event"), ==, i < 3 ? "epoch" : "done");
      g_assert_cmpfloat (cli_number (line, "epoch"), ==, MIN (i, 2));
      g_assert_cmpfloat (cli_number (line, "step"), ==, 4 * MIN (i, 2));
      g_assert_true (fabs (cli_number (line, "chance") - log (31)) <= 1e-12);
      for (guint j = 0; j < G_N_ELEMENTS (finite); j++)
        g_assert_true (isfinite (cli_number (line, finite[j])));
      for (guint j = 0; j < G_N_ELEMENTS (later); j++)
        g_assert_true (isfinite (cli_number (line, later[j])) == (i > 0));
    }
  g_assert_cmpfloat (cli_number (cli_last (lines), "n_images"), ==, 80);
  g_assert_cmpuint (strlen (cli_text (cli_last (lines), "fingerprint")), ==, 16);
  g_assert_null (cli_text (cli_last (lines), "out"));
}

static void
test_plain (void)
{
  g_auto (CliResult) result = cli_run_words ("train " CLI_SMALL " --epochs 2");

  cli_assert_success (&result);
  g_assert_nonnull (strstr (result.out, "\nepoch 0 "));
  g_assert_nonnull (strstr (result.out, "\nepoch 2 "));
  g_assert_nonnull (strstr (result.out, "\nfingerprint "));
  g_assert_null (strchr (result.out, '\r'));
  g_assert_null (strstr (result.out, "nan"));
}

/* A set without labels has no k-NN: null, never NaN, which JSON does not know. */
static void
test_no_labels (void)
{
  g_autofree char *images = cli_path ("images.idx");
  g_autofree char *words = g_strdup_printf ("train --dataset idx:%s --batch 8 --epochs 1 --json", images);
  guint8 bytes[16 + 64 * 16 * 16] = { 0, 0, 8, 3, 0, 0, 0, 64, 0, 0, 0, 16, 0, 0, 0, 16 };

  for (guint i = 16; i < sizeof bytes; i++)
    bytes[i] = i * 2654435761u >> 24;
  g_assert_true (g_file_set_contents (images, (const char *) bytes, sizeof bytes, NULL));
  {
    g_auto (CliResult) result = cli_run_words (words);
    g_autoptr (GPtrArray) lines = cli_parse_lines (&result);

    cli_assert_success (&result);
    g_assert_true (isnan (cli_number (cli_last (lines), "knn")));
    g_assert_true (isfinite (cli_number (cli_last (lines), "effective_rank")));
  }
}

/* A set that was named from one folder is found again from another. */
static void
test_relative_names (void)
{
  g_autofree char *images = cli_path ("relative.idx"), *out = cli_path ("relative");
  g_autofree char *train = g_strdup_printf ("train --dataset idx:relative.idx --batch 8 --epochs 1 --json --out %s", out);
  g_autofree char *evaluate = g_strdup_printf ("evaluate %s --json", out), *before = g_get_current_dir ();
  guint8 bytes[16 + 16 * 16 * 16] = { 0, 0, 8, 3, 0, 0, 0, 16, 0, 0, 0, 16, 0, 0, 0, 16 };

  g_assert_true (g_file_set_contents (images, (const char *) bytes, sizeof bytes, NULL));
  g_assert_cmpint (g_chdir (cli_folder ()), ==, 0);
  {
    g_auto (CliResult) made = cli_run_words (train);
    cli_assert_success (&made);
  }
  g_assert_cmpint (g_chdir (before), ==, 0);
  {
    g_auto (CliResult) found = cli_run_words (evaluate);
    cli_assert_success (&found);
  }
}

static void
test_threads (void)
{
  g_autofree char *one = train ("--epochs 2 --threads 1"), *two = train ("--epochs 2 --threads 2");
  g_autofree char *three = train ("--epochs 2 --threads 3"), *other = train ("--epochs 2 --seed 2");

  g_assert_cmpstr (one, ==, two);
  g_assert_cmpstr (one, ==, three);
  g_assert_cmpstr (one, !=, other);
}

static void
test_run_folder (void)
{
  g_autofree char *out = cli_path ("kept"), *report = cli_path ("kept-report");
  g_autofree char *more = g_strdup_printf ("--epochs 2 --out %s --report %s", out, report);
  g_autofree char *again = g_strdup_printf ("train " CLI_SMALL " --out %s", out);
  g_autofree char *resume = g_strdup_printf ("resume %s --json", out);
  g_autofree char *made = train (more), *plain = train ("--epochs 2"), *page = NULL, *metrics = NULL;
  static const char *const pictures[] = { "curves.png", "curves.svg", "similarity.png", "map.png", "pairs.png" };

  g_assert_cmpstr (made, ==, plain);
  metrics = read_file (out, "metrics.csv");
  g_assert_true (g_str_has_prefix (metrics, "step,epoch,loss,"));
  page = read_file (report, "index.html");
  g_assert_nonnull (strstr (page, "</html>"));
  for (guint i = 0; i < G_N_ELEMENTS (pictures); i++)
    {
      g_autofree char *picture = read_file (report, pictures[i]);
      g_assert_cmpuint (strlen (picture), >, 4);
    }

  /* A run is not written over; one that is finished stays as it is. */
  {
    g_auto (CliResult) refused = cli_run_words (again);
    g_auto (CliResult) resumed = cli_run_words (resume);
    g_autofree char *same = NULL;

    cli_assert_failure (&refused, 1, "resume");
    cli_assert_success (&resumed);
    same = dup_fingerprint (&resumed, "done");
    g_assert_cmpstr (same, ==, made);
  }
}

#define LOG                                                                                                            \
  "2 set lr 0.0005\n"                                                                                                  \
  "3 policy crop p=1 area_min=0.3 area_max=1; hflip p=0.5\n"                                                           \
  "90 set tau 0.5\n"

static char *
write_log (void)
{
  char *path = cli_path ("my.log");

  g_assert_true (g_file_set_contents (path, LOG, -1, NULL));
  return path;
}

/* What was changed in a window, done again without one. */
static void
test_replay (void)
{
  g_autofree char *log = write_log (), *first = cli_path ("replayed"), *second = cli_path ("replayed-again");
  g_autofree char *more = g_strdup_printf ("--epochs 25 --set eval_every=1000 --replay %s --out %s", log, first);
  g_autofree char *words = g_strdup_printf ("train --config %s/config.ini --replay %s/commands.log --out %s --json", first,
                                            first, second);
  g_autofree char *made = train (more), *plain = train ("--epochs 25 --set eval_every=1000"), *again = NULL;
  g_autofree char *log_first = NULL, *log_second = NULL;

  g_assert_cmpstr (made, !=, plain);
  {
    g_auto (CliResult) result = cli_run_words (words);

    cli_assert_success (&result);
    again = dup_fingerprint (&result, "done");
  }
  g_assert_cmpstr (made, ==, again);
  log_first = read_file (first, "commands.log");
  log_second = read_file (second, "commands.log");
  g_assert_cmpstr (log_first, ==, log_second);
  g_assert_true (g_str_has_prefix (log_first, "2 set lr 0.0005\n3 policy crop "));
  g_assert_true (g_str_has_suffix (log_first, "\n90 set tau 0.5\n"));
}

static void
test_wrong_logs (void)
{
  static const char *const logs[] = { "x set lr 1\n", "1 lr 1\n", "5 set tau 0.5\n4 set tau 0.1\n", "1 set tau 99\n",
                                      "1 set batch 8\n", "1 policy nonsense p=1\n" };
  g_autofree char *path = cli_path ("wrong.log");
  g_autofree char *words = g_strdup_printf ("train " CLI_SMALL " --epochs 1 --replay %s", path);

  for (guint i = 0; i < G_N_ELEMENTS (logs); i++)
    {
      g_assert_true (g_file_set_contents (path, logs[i], -1, NULL));
      {
        g_auto (CliResult) result = cli_run_words (words);

        g_test_message ("%s", logs[i]);
        g_assert_true (result.exit == 1 || result.exit == 2);
        cli_assert_failure (&result, result.exit, "kindred-cli: ");
      }
    }
}

/* Stopped by @number in the middle, then resumed: as if nothing had been. Changes of a replayed log are still to come. */
static void
check_signal (int number, const char *name, const char *expected)
{
  g_autofree char *log = write_log (), *out = cli_path (name);
  g_autofree char *words = g_strdup_printf ("train " CLI_SMALL " --json --epochs 25 --set eval_every=1000 --replay %s --out %s",
                                            log, out);
  g_autofree char *resume = g_strdup_printf ("resume %s --json", out), *fingerprint = NULL;
  g_auto (CliResult) stopped = cli_run_signalled (words, number, 60);
  g_autoptr (GPtrArray) lines = cli_parse_lines (&stopped);
  g_auto (CliResult) resumed = { 0 };

  cli_assert_failure (&stopped, 130, "resume");
  g_assert_cmpstr (cli_text (cli_last (lines), "event"), ==, "interrupted");
  g_assert_cmpfloat (cli_number (cli_last (lines), "step"), <, 100);
  resumed = cli_run_words (resume);
  cli_assert_success (&resumed);
  fingerprint = dup_fingerprint (&resumed, "done");
  g_assert_cmpstr (fingerprint, ==, expected);
}

static void
test_signals (void)
{
  g_autofree char *log = write_log ();
  g_autofree char *more = g_strdup_printf ("--epochs 25 --set eval_every=1000 --replay %s", log);
  g_autofree char *expected = train (more);

  check_signal (SIGINT, "interrupted", expected);
  check_signal (SIGTERM, "terminated", expected);
}

/* A loss that is no number: the last good state is kept, and said. */
static void
test_diverged (void)
{
  g_autofree char *out = cli_path ("diverged");
  g_autofree char *words
    = g_strdup_printf ("train " CLI_SMALL " --epochs 400 --set optimizer=sgd --set momentum=0.999 --set lr=10 --set tau=0.005 "
                       "--set weight_decay=0.5 --set schedule=constant --set warmup=0 --set eval_every=1000 --out %s",
                       out);
  g_autofree char *evaluate = g_strdup_printf ("evaluate %s --json", out);
  g_auto (CliResult) result = cli_run_words (words), kept = { 0 };

  cli_assert_failure (&result, 1, "no longer a finite number");
  kept = cli_run_words (evaluate);
  cli_assert_success (&kept);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/train/lines", test_lines);
  g_test_add_func ("/cli/train/plain", test_plain);
  g_test_add_func ("/cli/train/no-labels", test_no_labels);
  g_test_add_func ("/cli/train/relative-names", test_relative_names);
  g_test_add_func ("/cli/train/threads", test_threads);
  g_test_add_func ("/cli/train/run-folder", test_run_folder);
  g_test_add_func ("/cli/train/replay", test_replay);
  g_test_add_func ("/cli/train/wrong-logs", test_wrong_logs);
  g_test_add_func ("/cli/train/signals", test_signals);
  g_test_add_func ("/cli/train/diverged", test_diverged);
  return g_test_run ();
}
