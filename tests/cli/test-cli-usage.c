/* What is said to whoever gets it wrong, and to whoever asks. */

#include "tests/cli/cli.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

static const char *const commands[] = {
  "train", "resume", "evaluate", "embed", "neighbours", "augment", "loss", "export",
  "report", "methods", "datasets", "encoders", "augmentations", "parameters", "bench",
};

static void
test_help (void)
{
  g_auto (CliResult) all = cli_run ("--help", NULL);

  cli_assert_success (&all);
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_auto (CliResult) page = cli_run (commands[i], "--help", NULL);
      g_auto (CliResult) same = cli_run ("help", commands[i], NULL);
      static const char *const parts[] = { "NAME\n", "SYNOPSIS\n", "DESCRIPTION\n", "OPTIONS\n", "EXAMPLES\n",
                                           "EXIT STATUS\n", "--json" };

      cli_assert_success (&page);
      g_assert_cmpstr (page.out, ==, same.out);
      g_assert_nonnull (strstr (all.out, commands[i]));
      for (guint j = 0; j < G_N_ELEMENTS (parts); j++)
        g_assert_nonnull (strstr (page.out, parts[j]));
    }
}

/* Every line fits a terminal, examples apart, which are for copying. */
static void
test_help_width (void)
{
  g_auto (CliResult) page = cli_run ("train", "--help", NULL);
  g_auto (GStrv) lines = g_strsplit (page.out, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    g_assert_true (g_utf8_strlen (lines[i], -1) <= 80 || strstr (lines[i], "    kindred-cli ") == lines[i]);
}

/* A wrapped example is two commands to a shell. */
static void
test_help_examples_are_whole (void)
{
  g_auto (CliResult) page = cli_run ("--help", NULL);

  g_assert_nonnull (strstr (page.out, "\n    kindred-cli train --dataset shapes --epochs 12 --out runs/shapes "
                                      "--report report\n"));
}

/* bench takes other defaults than training; a switch that is "on or off" is not "false". */
static void
test_help_tells_defaults (void)
{
  g_auto (CliResult) bench = cli_run ("bench", "--help", NULL), train = cli_run ("train", "--help", NULL);

  g_assert_nonnull (strstr (bench.out, "Default: 1024."));
  g_assert_nonnull (strstr (bench.out, "Default: 256."));
  g_assert_null (strstr (bench.out, "Default: 64."));
  g_assert_nonnull (strstr (train.out, "Default: 64."));
  g_assert_nonnull (strstr (train.out, "on or off. Default: off."));
}

static void
test_version (void)
{
  g_auto (CliResult) result = cli_run ("--version", NULL);

  cli_assert_success (&result);
  g_assert_cmpstr (result.out, ==, "kindred-cli " KIN_VERSION "\n");
}

static void
test_no_arguments (void)
{
  g_auto (CliResult) result = cli_run (NULL, NULL);

  g_assert_cmpint (result.exit, ==, 2);
  g_assert_cmpstr (result.out, ==, "");
  g_assert_true (g_str_has_prefix (result.err, "usage: kindred-cli "));
}

/* A command line, its exit status, and what its message must name. */
static void
test_wrong_usage (void)
{
  static const struct
  {
    const char *words;
    int exit;
    const char *part;
  } cases[] = {
    { "tarin", 2, "tarin" },
    { "train --epoch 3", 2, "--epoch" },
    { "train -x", 2, "-x" },
    { "train here", 2, "here" },
    { "train --epochs", 2, "--epochs" },
    { "train --out --json", 2, "--out" },
    { "train --json=yes", 2, "--json" },
    { "train --epochs 0", 2, "epochs = 0 is out of range: 1 to 10000" },
    { "train --epochs 1.5", 2, "epochs = 1.5 is not a whole number" },
    { "train --epochs 0x10", 2, "epochs" },
    { "train --batch many", 2, "batch = “many”" },
    { "train --batch 1", 2, "2 to 4096" },
    { "train --threads 65", 2, "threads = 65" },
    { "train --seed -1", 2, "seed = -1" },
    { "train --size 8", 2, "size = 8" },
    { "train --size 97", 2, "size = 97" },
    { "train --limit 1e99", 2, "limit" },
    { "train --set tau", 2, "NAME=VALUE" },
    { "train --set tau=0", 2, "tau = 0 is out of range: 0.005 to 2" },
    { "train --set tau=nan", 2, "tau" },
    { "train --set tau=0,5", 2, "tau" },
    { "train --set taux=1", 2, "taux" },
    { "train --set optimizer=adam", 2, "adamw, sgd or lars" },
    { "train --set nesterov=2", 2, "nesterov" },
    { "train --method moco2", 2, "moco2" },
    { "train --encoder vit", 2, "conv4, resnet8, resnet18" },
    { "train --policy nothing-like-this", 2, "nothing-like-this" },
    { "train --dataset /nonexistent", 2, "/nonexistent" },
    { "train --dataset idx:", 2, "idx:" },
    { "train --dataset idx:/nonexistent", 1, "/nonexistent" },
    { "train --dataset cifar10:/dev/null", 1, "/dev/null" },
    { "train --limit 64 --batch 65", 2, "2 to 64" },
    { "train --limit 64 --batch 16 --replay /nonexistent", 1, "/nonexistent" },
    { "train --config /nonexistent", 1, "/nonexistent" },
    { "train --out /dev/null/x", 1, "/dev/null/x" },
    { "train --out /dev/null", 1, "/dev/null" },
    { "train --report /dev/null/x", 1, "/dev/null/x" },
    { "train --dataset=", 2, "--dataset" },
    { "resume", 2, "DIR" },
    { "resume /nonexistent", 1, "/nonexistent" },
    { "resume a b", 2, "b" },
    { "evaluate /tmp --space h", 2, "--space" },
    { "evaluate /", 1, "checkpoint" },
    { "embed /nonexistent", 2, "--out" },
    { "embed /nonexistent --out x --space y", 2, "h, z, pixels" },
    { "embed /nonexistent --out x --table x", 2, "twice" },
    { "embed /nonexistent --out x", 1, "/nonexistent" },
    { "neighbours /nonexistent", 2, "--image" },
    { "neighbours /nonexistent --image 1 -k 0", 2, "1 to 1000" },
    { "neighbours /nonexistent --image 1 -k", 2, "needs a value" },
    { "augment", 2, "--image" },
    { "augment --limit 64 --image 80", 2, "0 to 79" },
    { "augment --limit 64 --image -1", 2, "-1" },
    { "augment --image 1 --count 0", 2, "count = 0" },
    { "augment --image 1 --epoch -1", 2, "epoch = -1" },
    { "augment --limit 64 --image 1 --out sheet.bmp", 2, ".png, .svg or .pdf" },
    { "augment --limit 64 --image 1 --out /nonexistent/sheet.png", 1, "/nonexistent/sheet.png" },
    { "loss", 2, "METHOD" },
    { "loss moco --z x", 2, "moco" },
    { "loss simclr", 2, "--z" },
    { "loss simclr --z /nonexistent", 1, "/nonexistent" },
    { "loss simclr --z /nonexistent --set lr=1", 2, "lr=1" },
    { "export /nonexistent", 2, "--out" },
    { "report /nonexistent", 2, "--out" },
    { "methods all", 2, "all" },
    { "parameters --jsno", 2, "--jsno" },
    { "bench --rounds 0", 2, "rounds = 0" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (CliResult) result = cli_run_words (cases[i].words);

      g_test_message ("%s", cases[i].words);
      cli_assert_failure (&result, cases[i].exit, cases[i].part);
      g_assert_true (g_str_has_prefix (result.err, "kindred-cli: "));
    }
}

/* With --json, wherever it stands, the error is an object on standard output too. */
static void
test_json_errors (void)
{
  g_auto (CliResult) result = cli_run_words ("train --epochs 0 --json");
  g_autoptr (GPtrArray) lines = cli_parse_lines (&result);

  cli_assert_failure (&result, 2, "epochs");
  g_assert_cmpuint (lines->len, ==, 1);
  g_assert_cmpstr (cli_text (cli_last (lines), "event"), ==, "error");
  g_assert_nonnull (strstr (cli_text (cli_last (lines), "message"), "epochs"));
}

/* Names that would move the cursor, or are not UTF-8, stay one valid line. */
static void
test_strange_names (void)
{
  static const char *const names[] = { "a\nb\033[2J", "\xff\xfe", "%s%n" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_auto (CliResult) result = cli_run ("train", "--json", "--dataset", names[i], NULL);
      g_autoptr (GPtrArray) lines = cli_parse_lines (&result);

      cli_assert_failure (&result, 2, "kindred-cli: ");
      g_assert_null (strchr (result.err, '\033'));
      g_assert_cmpuint (lines->len, ==, 1);
    }
}

static void
check_parameter (json_object *parameter)
{
  static const char *const keys[] = { "title", "kind", "range", "unit", "live", "help", "source", "default" };
  json_object *member;

  g_assert_cmpstr (cli_text (parameter, "name"), !=, "");
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    g_assert_true (json_object_object_get_ex (parameter, keys[i], &member));
  if (json_object_object_get_ex (parameter, "min", &member))
    g_assert_true (cli_number (parameter, "min") <= cli_number (parameter, "default")
                   && cli_number (parameter, "default") <= cli_number (parameter, "max"));
}

static void
test_lists (void)
{
  static const struct
  {
    const char *command, *id;
  } cases[] = {
    { "methods", "simclr" },
    { "datasets", "shapes-cluttered" },
    { "encoders", "resnet18" },
    { "augmentations", "solarize" },
    { "augmentations", "shapes-weak" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (CliResult) text = cli_run (cases[i].command, NULL);
      g_auto (CliResult) result = cli_run (cases[i].command, "--json", NULL);
      g_autoptr (GPtrArray) lines = cli_parse_lines (&result);
      gboolean is_found = FALSE;

      cli_assert_success (&text);
      cli_assert_success (&result);
      g_assert_nonnull (strstr (text.out, cases[i].id));
      for (guint j = 0; j < lines->len; j++)
        {
          json_object *object = g_ptr_array_index (lines, j), *parameters;

          is_found |= strcmp (cli_text (object, "id"), cases[i].id) == 0;
          if (json_object_object_get_ex (object, "parameters", &parameters))
            for (gsize k = 0; k < json_object_array_length (parameters); k++)
              check_parameter (json_object_array_get_idx (parameters, k));
        }
      g_assert_true (is_found);
    }
}

/* What the list of parameters says is what --set takes: each default is accepted, and what lies outside is not. */
static void
test_parameters (void)
{
  g_auto (CliResult) result = cli_run_words ("parameters --json");
  g_autoptr (GPtrArray) lines = cli_parse_lines (&result);
  g_autoptr (GString) words = g_string_new ("train --replay /nonexistent --limit 64 --batch 16");

  for (guint i = 0; i < lines->len; i++)
    {
      json_object *parameter = g_ptr_array_index (lines, i);
      const char *name = cli_text (parameter, "name");

      check_parameter (parameter);
      if (strcmp (name, "limit") != 0 && strcmp (name, "batch") != 0)
        g_string_append_printf (words, " --set %s=%s", name, cli_text (parameter, "default"));
      if (json_object_object_get_ex (parameter, "max", NULL))
        {
          g_autofree char *setting = g_strdup_printf ("%s=%.17g", name, 2 * cli_number (parameter, "max") + 1);
          g_auto (CliResult) refused = cli_run ("train", "--set", setting, NULL);

          cli_assert_failure (&refused, 2, name);
        }
    }
  {
    g_auto (CliResult) accepted = cli_run_words (words->str);
    cli_assert_failure (&accepted, 1, "/nonexistent");
  }
}

/* `| head` is no mistake; a full disk is. */
static void
test_closed_output (void)
{
  g_autofree char *head = g_strdup_printf ("bash -c \"'%s' parameters | head -n 1; exit ${PIPESTATUS[0]}\"", g_getenv ("KIN_CLI"));
  g_autofree char *full = g_strdup_printf ("sh -c \"'%s' parameters > /dev/full\"", g_getenv ("KIN_CLI"));
  g_autofree char *err = NULL, *err_full = NULL, *out = NULL;
  int status;

  g_assert_true (g_spawn_command_line_sync (head, &out, &err, &status, NULL));
  g_assert_cmpint (status, ==, 0);
  g_assert_cmpstr (err, ==, "");
  g_assert_true (g_spawn_command_line_sync (full, NULL, &err_full, &status, NULL));
  g_assert_cmpint (status >> 8, ==, 1);
  g_assert_true (g_str_has_prefix (err_full, "kindred-cli: "));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/usage/help", test_help);
  g_test_add_func ("/cli/usage/help-width", test_help_width);
  g_test_add_func ("/cli/usage/help-examples-are-whole", test_help_examples_are_whole);
  g_test_add_func ("/cli/usage/help-tells-defaults", test_help_tells_defaults);
  g_test_add_func ("/cli/usage/version", test_version);
  g_test_add_func ("/cli/usage/no-arguments", test_no_arguments);
  g_test_add_func ("/cli/usage/wrong", test_wrong_usage);
  g_test_add_func ("/cli/usage/json-errors", test_json_errors);
  g_test_add_func ("/cli/usage/strange-names", test_strange_names);
  g_test_add_func ("/cli/usage/lists", test_lists);
  g_test_add_func ("/cli/usage/parameters", test_parameters);
  g_test_add_func ("/cli/usage/closed-output", test_closed_output);
  return g_test_run ();
}
