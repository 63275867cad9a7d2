/* The loop that train and resume share: steps, measurements, saving, and what is printed meanwhile. */

#include "app/cli.h"

#include <glib/gi18n-lib.h>
#include <math.h>

/* --- What is printed --- */

static const KinEvaluation *
last_evaluation (const KinHistory *history)
{
  const GArray *evaluations = history->evaluations;

  return evaluations->len == 0 ? NULL : &g_array_index (evaluations, KinEvaluation, evaluations->len - 1);
}

/* "0.876", "–" when there is no such number. */
static char *
format_or_dash (const char *format, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  return isfinite (value) ? g_strdup (g_ascii_formatd (text, sizeof text, format, value)) : g_strdup ("–");
}

static void
print_evaluation (const KinEvaluation *evaluation)
{
  const struct
  {
    const char *title, *format;
    double value;
  } numbers[] = {
    { _("epoch"), "%g", evaluation->epoch },
    { _("loss"), "%.4f", evaluation->loss },
    { _("chance"), "%.4f", evaluation->chance },
    { "k-NN", "%.3f", evaluation->knn },
    { _("held out"), "%.3f", evaluation->knn_test },
    { _("pixels"), "%.3f", evaluation->knn_pixels },
    { _("untrained"), "%.3f", evaluation->knn_random },
    { _("alignment"), "%.3f", evaluation->alignment },
    { _("uniformity"), "%.3f", evaluation->uniformity },
    { _("rank"), "%.1f", evaluation->effective_rank },
    { _("pairs/s"), "%.0f", evaluation->step == 0 ? NAN : evaluation->pairs_per_s },
  };
  g_autoptr (GString) line = g_string_new (NULL);

  if (cli_is_json ())
    {
      json_object *object = json_object_new_object ();

      cli_json_add_text (object, "event", "epoch");
      cli_json_add_evaluation (object, evaluation);
      cli_print_json (object);
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autofree char *value = format_or_dash (numbers[i].format, numbers[i].value);
      g_string_append_printf (line, "%s%s %s", i == 0 ? "" : "  ", numbers[i].title, value);
    }
  cli_print ("%s\n", line->str);
  cli_check_output (NULL);
}

static char *
dup_fingerprint (const KinRun *run)
{
  return g_strdup_printf ("%016" G_GINT64_MODIFIER "x", kin_run_get_fingerprint (run));
}

/* The last line: "done", or "interrupted". */
static void
print_end (const CliTraining *training, const char *event)
{
  const KinEvaluation *evaluation = last_evaluation (training->history);
  const KinDataset *dataset = kin_run_get_dataset (training->run);
  g_autofree char *fingerprint = dup_fingerprint (training->run);
  json_object *object;

  if (!cli_is_json ())
    {
      cli_print (_("fingerprint %s after step %" G_GUINT64_FORMAT "\n"), fingerprint, kin_run_get_step (training->run));
      if (training->out != NULL)
        cli_print (_("run folder: %s\n"), training->out);
      return;
    }
  object = json_object_new_object ();
  cli_json_add_text (object, "event", event);
  if (evaluation != NULL)
    cli_json_add_evaluation (object, evaluation);
  cli_json_add_integer (object, "step", kin_run_get_step (training->run));
  cli_json_add_number (object, "epoch",
                       (double) kin_run_get_step (training->run) / kin_run_get_steps_per_epoch (training->run));
  cli_json_add_text (object, "dataset", dataset->source);
  cli_json_add_integer (object, "n_images", dataset->n_images);
  cli_json_add_integer (object, "n_skipped", dataset->n_skipped);
  cli_json_add_text (object, "fingerprint", fingerprint);
  cli_json_add_text (object, "out", training->out);
  cli_json_add_text (object, "report", training->report);
  cli_print_json (object);
}

/* "1:02:03", "0:42" */
static char *
format_duration (double seconds)
{
  guint s = CLAMP (seconds, 0, 359999) + 0.5;

  return s >= 3600 ? g_strdup_printf ("%u:%02u:%02u", s / 3600, s / 60 % 60, s % 60)
                   : g_strdup_printf ("%u:%02u", s / 60, s % 60);
}

/* How fast and how far; @pace is made anew by each loop. */
typedef struct
{
  guint64 first_step;
  double seconds; /* in steps since */
} Pace;

static void
draw_bar (const CliTraining *training, const KinSample *sample, const Pace *pace)
{
  const KinRun *run = training->run;
  guint64 total = kin_run_get_steps_total (run);
  double per_second = (sample->step - pace->first_step) / MAX (pace->seconds, 1e-9);
  const KinEvaluation *evaluation = last_evaluation (training->history);
  g_autofree char *duration = format_duration ((total - sample->step) / per_second);
  g_autofree char *agreement = format_or_dash ("%.3f", evaluation == NULL ? NAN : evaluation->knn);
  g_autofree char *title = g_strdup_printf (_("epoch %g/%g"), ceil (sample->epoch),
                                            kin_config_get (kin_run_get_config (run), "epochs"));
  g_autofree char *loss = g_strdup_printf (_("loss %.3f (chance %.3f)"), sample->loss, sample->chance);
  g_autofree char *speed = g_strdup_printf (_("%.0f pairs/s"),
                                            per_second * kin_config_get (kin_run_get_config (run), "batch"));
  g_autofree char *left = g_strdup_printf (_("%s left"), duration);
  g_autofree char *knn = g_strdup_printf ("k-NN %s", agreement);
  g_autofree char *step = g_strdup_printf (_("step %" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT), sample->step, total);

  cli_bar_draw ((double) sample->step / total, title, (const char *const[]){ loss, speed, left, knn, step, NULL });
}

/* --- The loop --- */

static gboolean
save (const CliTraining *training, GError **error)
{
  return training->out == NULL
         || (kin_run_save (training->run, training->out, error)
             && kin_history_save (training->history, training->out, error));
}

/* A measurement that a signal cut short is made up for when the run goes on. */
static gboolean
needs_evaluation (const CliTraining *training)
{
  const KinEvaluation *last = last_evaluation (training->history);

  return kin_run_is_evaluation_due (training->run)
         && (last == NULL || last->step < kin_run_get_step (training->run));
}

static gboolean
evaluate (CliTraining *training, GError **error)
{
  KinEmbedding *embedding;
  KinEvaluation evaluation;

  if (!kin_run_evaluate (training->run, &evaluation, &embedding, error))
    return FALSE;
  g_clear_pointer (&training->embedding, kin_embedding_unref);
  training->embedding = embedding;
  g_array_append_val (training->history->evaluations, evaluation);
  print_evaluation (&evaluation);
  return save (training, error);
}

static gboolean
train (CliTraining *training, GError **error)
{
  Pace pace = { .first_step = kin_run_get_step (training->run) };

  for (;;)
    {
      gint64 start = g_get_monotonic_time ();
      KinSample sample;

      if (!cli_check_output (error) || (needs_evaluation (training) && !evaluate (training, error)))
        return FALSE;
      if (kin_run_is_finished (training->run))
        return cli_check_output (error);
      start = g_get_monotonic_time ();
      if (!kin_run_step (training->run, &sample, error))
        return FALSE;
      pace.seconds += (g_get_monotonic_time () - start) / 1e6;
      g_array_append_val (training->history->samples, sample);
      draw_bar (training, &sample, &pace);
    }
}

static gboolean
report (CliTraining *training, GError **error)
{
  if (training->report == NULL)
    return TRUE;
  if (!cli_write_report (training->run, training->history, training->embedding, training->report, error))
    return FALSE;
  if (!cli_is_json ())
    cli_print (_("report: %s/index.html\n"), training->report);
  return TRUE;
}

/* After a signal, a closed pipe or a loss that is no number: what was reached is kept, then @error (transfer full) told. */
static CliExit
stop (CliTraining *training, GError *error)
{
  gboolean is_interrupted = g_error_matches (error, KIN_ERROR, KIN_ERROR_CANCELLED);
  GError *problem = NULL;

  if (!save (training, &problem))
    {
      /* Where saving was itself what failed, the first message says it. */
      if (is_interrupted)
        {
          g_error_free (error);
          return cli_fail (problem);
        }
      g_error_free (problem);
    }
  if (!is_interrupted)
    return cli_fail (error);
  g_error_free (error);
  if (training->out != NULL)
    cli_warn (_("kindred-cli: interrupted after step %" G_GUINT64_FORMAT "; `kindred-cli resume %s` goes on from there"),
              kin_run_get_step (training->run), training->out);
  else
    cli_warn (_("kindred-cli: interrupted after step %" G_GUINT64_FORMAT "; nothing is kept, as there was no --out"),
              kin_run_get_step (training->run));
  print_end (training, "interrupted");
  return CLI_INTERRUPTED;
}

CliExit
cli_training_run (CliTraining *training)
{
  GError *error = NULL;
  CliExit exit = CLI_DONE;

  kin_run_set_cancel (training->run, cli_get_interrupted ());
  if (train (training, &error) && report (training, &error))
    print_end (training, "done");
  else
    exit = stop (training, error);
  g_clear_pointer (&training->embedding, kin_embedding_unref);
  return exit;
}
