/* The lab as a window uses it: commands at any moment, snapshots in order, ends at any moment. For ThreadSanitizer too. */

#include "engine/core/rng.h"
#include "engine/history.h"
#include "engine/lab.h"
#include "engine/run.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

typedef struct
{
  KinLab *lab;
  guint64 run, step, answered;
  guint n_samples, n_evaluations, n_embeddings, n_similarities;
  KinDataset *dataset;  /* held, so that it ends on this side: GLib's counting hides the hand-over from ThreadSanitizer */
  KinState state;
  GError *error;        /* of the last answer that had one */
  GError *failure;
} Looker;

static gboolean
on_snapshot (gpointer data)
{
  Looker *looker = data;
  g_autoptr (KinSnapshot) snapshot = kin_lab_take (looker->lab);

  if (snapshot == NULL)
    return G_SOURCE_REMOVE;
  if (snapshot->run != looker->run)
    {
      looker->run = snapshot->run;
      looker->step = looker->n_samples = looker->n_evaluations = 0;
    }
  for (guint i = 0; i < snapshot->samples->len; i++)
    {
      const KinSample *sample = &g_array_index (snapshot->samples, KinSample, i);

      g_assert_cmpuint (sample->step, ==, ++looker->step); /* none lost, none twice */
    }
  looker->n_samples += snapshot->samples->len;
  looker->n_evaluations += snapshot->evaluations->len;
  looker->n_embeddings += snapshot->embedding != NULL;
  looker->n_similarities += snapshot->similarity != NULL;
  looker->state = snapshot->state;
  if (snapshot->dataset != NULL && snapshot->dataset != looker->dataset)
    {
      g_clear_pointer (&looker->dataset, kin_dataset_unref);
      looker->dataset = kin_dataset_ref (snapshot->dataset);
    }
  g_clear_error (&looker->failure);
  if (snapshot->error != NULL)
    looker->failure = g_error_copy (snapshot->error);
  for (guint i = 0; i < snapshot->events->len; i++)
    {
      const KinEvent *event = g_ptr_array_index (snapshot->events, i);

      g_assert_cmpuint (event->serial, ==, ++looker->answered); /* each is answered, in order */
      if (event->error != NULL)
        {
          g_clear_error (&looker->error);
          looker->error = g_error_copy (event->error);
        }
    }
  return G_SOURCE_REMOVE;
}

static void
looker_init (Looker *looker)
{
  *looker = (Looker){ 0 };
  looker->lab = kin_lab_new (on_snapshot, looker);
}

static void
looker_clear (Looker *looker)
{
  kin_lab_free (looker->lab);
  g_clear_pointer (&looker->dataset, kin_dataset_unref);
  g_clear_error (&looker->error);
  g_clear_error (&looker->failure);
}

static guint64
send (Looker *looker, KinCommandKind kind)
{
  return kin_lab_send (looker->lab, kin_command_new (kind));
}

static KinConfig *
small_config (const char *dataset)
{
  KinConfig *config = kin_config_new (dataset);

  kin_config_set (config, "limit", 64, NULL);
  kin_config_set (config, "size", 16, NULL);
  kin_config_set (config, "batch", 16, NULL);
  kin_config_set (config, "epochs", 3, NULL);
  kin_config_set (config, "threads", 2, NULL);
  return config;
}

static guint64
send_open (Looker *looker, const char *dataset)
{
  KinCommand *command = kin_command_new (KIN_COMMAND_OPEN);

  command->config = small_config (dataset);
  return kin_lab_send (looker->lab, command);
}

static gboolean
on_timeout (gpointer data)
{
  g_error ("the lab did not answer in time");
  return G_SOURCE_REMOVE;
}

#define WAIT_UNTIL(condition)                                                                                           \
  G_STMT_START                                                                                                          \
  {                                                                                                                     \
    guint timeout = g_timeout_add_seconds (120, on_timeout, NULL);                                                      \
    while (!(condition))                                                                                                \
      g_main_context_iteration (NULL, TRUE);                                                                            \
    g_source_remove (timeout);                                                                                          \
  }                                                                                                                     \
  G_STMT_END

static void
test_whole_run (void)
{
  Looker looker;

  looker_init (&looker);
  send_open (&looker, "shapes");
  send (&looker, KIN_COMMAND_PLAY);
  WAIT_UNTIL (looker.state == KIN_STATE_FINISHED);
  g_assert_cmpuint (looker.n_samples, ==, 12);
  g_assert_cmpuint (looker.n_evaluations, ==, 4); /* untrained, and after each epoch */
  g_assert_cmpuint (looker.n_embeddings, >=, 1);
  g_assert_cmpuint (looker.n_similarities, >=, 1);
  g_assert_no_error (looker.error);

  send (&looker, KIN_COMMAND_PLAY);
  WAIT_UNTIL (looker.answered == 3);
  g_assert_error (looker.error, KIN_ERROR, KIN_ERROR_OPTION); /* all epochs are done */
  looker_clear (&looker);
}

/* A set that cannot be opened fails, says why, and leaves a lab that works. */
static void
test_failure_and_recovery (void)
{
  Looker looker;

  looker_init (&looker);
  send_open (&looker, "/nonexistent/folder");
  WAIT_UNTIL (looker.state == KIN_STATE_FAILED);
  g_assert_error (looker.failure, KIN_ERROR, KIN_ERROR_OPTION);
  send (&looker, KIN_COMMAND_STEP);
  WAIT_UNTIL (looker.answered == 2);
  g_assert_error (looker.error, KIN_ERROR, KIN_ERROR_TOO_FEW);
  send_open (&looker, "shapes");
  send (&looker, KIN_COMMAND_STEP);
  WAIT_UNTIL (looker.n_samples == 1);
  g_assert_no_error (looker.failure);
  looker_clear (&looker);
}

static void
test_step_pause_restart (void)
{
  Looker looker;
  KinCommand *restart;
  guint64 first;

  looker_init (&looker);
  send_open (&looker, "shapes");
  for (guint i = 0; i < 3; i++)
    send (&looker, KIN_COMMAND_STEP);
  WAIT_UNTIL (looker.n_samples == 3);
  first = looker.run;
  g_assert_cmpint (looker.state, ==, KIN_STATE_PAUSED);
  restart = kin_command_new (KIN_COMMAND_RESTART);
  restart->value = 5;
  kin_lab_send (looker.lab, restart);
  WAIT_UNTIL (looker.answered == 5);
  g_assert_cmpuint (looker.run, ==, first + 1);
  g_assert_cmpuint (looker.n_samples, ==, 0);
  g_assert_cmpint (looker.state, ==, KIN_STATE_READY);
  looker_clear (&looker);
}

static KinCommand *
random_command (KinRng *rng, const char *folder)
{
  static const KinCommandKind kinds[] = { KIN_COMMAND_PLAY,     KIN_COMMAND_PAUSE, KIN_COMMAND_STEP,
                                          KIN_COMMAND_SET,      KIN_COMMAND_SET,   KIN_COMMAND_POLICY,
                                          KIN_COMMAND_EVALUATE, KIN_COMMAND_WATCH, KIN_COMMAND_RESTART,
                                          KIN_COMMAND_CONFIGURE, KIN_COMMAND_OPEN, KIN_COMMAND_LOAD,
                                          KIN_COMMAND_SAVE,     KIN_COMMAND_CANCEL };
  KinCommand *command = kin_command_new (kinds[kin_rng_below (rng, G_N_ELEMENTS (kinds))]);

  command->id = g_strdup ("tau");
  command->value = command->kind == KIN_COMMAND_RESTART ? kin_rng_below (rng, 3) : kin_rng_range (rng, 0.05f, 1);
  command->policy = kin_policy_from_name (kin_rng_unit (rng) < 0.5 ? "simclr" : "crop", NULL);
  command->watch = (KinWatch){ kin_rng_unit (rng) < 0.5 ? 0 : 20, 8, kin_rng_unit (rng) < 0.5 };
  command->config = small_config ("shapes");
  command->path = g_strdup (folder);
  return command;
}

/* Every command at any moment; at the end each has been answered, in order. Then the lab is closed at any moment. */
static void
test_storm (void)
{
  g_autofree char *folder = g_dir_make_tmp ("kindred-lab-XXXXXX", NULL);

  for (guint round = 0; round < 8; round++)
    {
      Looker looker;
      KinRng rng;
      guint64 last = 0;

      kin_rng_init (&rng, 11, KIN_STREAM_TEST, 0, round, 0);
      looker_init (&looker);
      send_open (&looker, "shapes");
      for (guint i = 0; i < 60; i++)
        {
          last = kin_lab_send (looker.lab, random_command (&rng, folder));
          if (kin_rng_unit (&rng) < 0.4)
            g_usleep (kin_rng_below (&rng, 20000));
          while (g_main_context_iteration (NULL, FALSE))
            ;
        }
      if (round % 2 == 0)
        {
          /* Whatever the order was, it trains to the end when it is asked to. */
          send_open (&looker, "shapes");
          last = send (&looker, KIN_COMMAND_PLAY);
          WAIT_UNTIL (looker.answered == last && looker.state == KIN_STATE_FINISHED);
          g_assert_cmpuint (looker.n_samples, ==, 12);
        }
      looker_clear (&looker);
    }
}

/* What a window did, done again without one: the same parameters. */
static void
test_log_replays (void)
{
  g_autofree char *folder = g_dir_make_tmp ("kindred-lab-XXXXXX", NULL);
  g_autoptr (KinRun) saved = NULL, replayed = NULL;
  g_autoptr (KinConfig) config = small_config ("shapes");
  g_autoptr (GError) error = NULL;
  KinCommand *command;
  Looker looker;
  guint64 last;

  looker_init (&looker);
  send_open (&looker, "shapes");
  send (&looker, KIN_COMMAND_PLAY);
  WAIT_UNTIL (looker.n_samples >= 2);
  command = kin_command_new (KIN_COMMAND_SET);
  command->id = g_strdup ("tau");
  command->value = 0.37;
  kin_lab_send (looker.lab, command);
  command = kin_command_new (KIN_COMMAND_POLICY);
  command->policy = kin_policy_from_name ("crop", NULL);
  kin_lab_send (looker.lab, command);
  send (&looker, KIN_COMMAND_EVALUATE);
  WAIT_UNTIL (looker.state == KIN_STATE_FINISHED);
  command = kin_command_new (KIN_COMMAND_SAVE);
  command->path = g_strdup (folder);
  last = kin_lab_send (looker.lab, command);
  WAIT_UNTIL (looker.answered == last);
  g_assert_no_error (looker.error);
  looker_clear (&looker);

  saved = kin_run_load (folder, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  replayed = kin_run_new (config, kin_run_get_dataset (saved), &error);
  g_assert_no_error (error);
  g_assert_true (kin_run_replay (replayed, kin_run_get_log (saved), &error));
  while (!kin_run_is_finished (replayed))
    {
      KinSample sample;
      g_assert_true (kin_run_step (replayed, &sample, &error));
    }
  g_assert_cmpuint (kin_run_get_fingerprint (saved), ==, kin_run_get_fingerprint (replayed));

  /* And opened again in a lab, its history is there, each sample once. */
  looker_init (&looker);
  command = kin_command_new (KIN_COMMAND_LOAD);
  command->path = g_strdup (folder);
  kin_lab_send (looker.lab, command);
  WAIT_UNTIL (looker.answered == 1 && looker.n_embeddings > 0);
  g_assert_no_error (looker.error);
  g_assert_cmpuint (looker.n_samples, ==, 12);
  g_assert_cmpint (looker.state, ==, KIN_STATE_FINISHED);
  looker_clear (&looker);
}

/* The last step may be a single one, and a pause may come behind it: all epochs are done either way. */
static void
test_finishes_by_steps (void)
{
  Looker looker;

  looker_init (&looker);
  send_open (&looker, "shapes");
  for (guint i = 0; i < 12; i++)
    send (&looker, KIN_COMMAND_STEP);
  WAIT_UNTIL (looker.state == KIN_STATE_FINISHED);
  g_assert_cmpuint (looker.n_samples, ==, 12);
  looker_clear (&looker);
}

static void
test_finishes_behind_pause (void)
{
  Looker looker;

  looker_init (&looker);
  send_open (&looker, "shapes");
  send (&looker, KIN_COMMAND_PLAY);
  WAIT_UNTIL (looker.n_samples == 12);
  send (&looker, KIN_COMMAND_PAUSE);
  WAIT_UNTIL (looker.answered == 3 && looker.state == KIN_STATE_FINISHED);
  looker_clear (&looker);
}

/* A key that is held down asks for steps faster than they are done; each must still come to its end. */
static void
test_steps_in_a_hurry (void)
{
  KinCommand *command = kin_command_new (KIN_COMMAND_OPEN);
  gint64 end = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;
  Looker looker;

  command->config = small_config ("shapes");
  kin_config_set (command->config, "size", 64, NULL);
  kin_config_set (command->config, "batch", 64, NULL);
  looker_init (&looker);
  kin_lab_send (looker.lab, command);
  WAIT_UNTIL (looker.answered == 1);
  while (looker.n_samples == 0 && g_get_monotonic_time () < end)
    {
      send (&looker, KIN_COMMAND_STEP);
      g_usleep (2000);
      while (g_main_context_iteration (NULL, FALSE))
        ;
    }
  g_assert_cmpuint (looker.n_samples, >, 0);
  looker_clear (&looker);
}

static void
send_path (Looker *looker, KinCommandKind kind, const char *folder)
{
  KinCommand *command = kin_command_new (kind);
  guint64 serial;

  command->path = g_strdup (folder);
  serial = kin_lab_send (looker->lab, command);
  WAIT_UNTIL (looker->answered == serial);
  g_assert_no_error (looker->error);
}

/* A run that is opened again shows its map, begun or not. */
static void
test_load_unbegun (void)
{
  g_autofree char *folder = g_dir_make_tmp ("kindred-lab-XXXXXX", NULL);
  Looker looker;

  looker_init (&looker);
  send_open (&looker, "shapes");
  WAIT_UNTIL (looker.n_evaluations == 1);
  send_path (&looker, KIN_COMMAND_SAVE, folder);
  looker_clear (&looker);

  looker_init (&looker);
  send_path (&looker, KIN_COMMAND_LOAD, folder);
  WAIT_UNTIL (looker.n_embeddings > 0);
  g_assert_cmpint (looker.state, ==, KIN_STATE_READY);
  looker_clear (&looker);
}

/* Measuring a second time at the same step takes nothing from what the steps before it gave. */
static void
test_load_keeps_history (void)
{
  g_autofree char *folder = g_dir_make_tmp ("kindred-lab-XXXXXX", NULL);
  g_autoptr (KinHistory) before = NULL, after = NULL;
  Looker looker;

  looker_init (&looker);
  send_open (&looker, "shapes");
  send (&looker, KIN_COMMAND_PLAY);
  WAIT_UNTIL (looker.state == KIN_STATE_FINISHED);
  send_path (&looker, KIN_COMMAND_SAVE, folder);
  looker_clear (&looker);
  before = kin_history_load (folder, NULL);

  looker_init (&looker);
  send_path (&looker, KIN_COMMAND_LOAD, folder);
  WAIT_UNTIL (looker.n_embeddings > 0);
  send (&looker, KIN_COMMAND_EVALUATE);
  WAIT_UNTIL (looker.n_embeddings > 1);
  send_path (&looker, KIN_COMMAND_SAVE, folder);
  looker_clear (&looker);
  after = kin_history_load (folder, NULL);

  g_assert_cmpuint (before->evaluations->len, ==, 4);
  g_assert_cmpuint (after->evaluations->len, ==, 4);
  for (guint i = 1; i < 4; i++)
    {
      const KinEvaluation *a = &g_array_index (before->evaluations, KinEvaluation, i);
      const KinEvaluation *b = &g_array_index (after->evaluations, KinEvaluation, i);

      g_assert_cmpuint (a->step, ==, b->step);
      g_assert_cmpfloat (a->loss, ==, b->loss);
      g_assert_cmpfloat (a->top1, ==, b->top1);
      g_assert_cmpfloat (a->pairs_per_s, ==, b->pairs_per_s);
      g_assert_cmpfloat (a->knn, ==, b->knn);
      g_assert_cmpfloat (a->knn_random, ==, b->knn_random);
    }
}

static void
write_images (const char *path, guint8 level)
{
  enum { N = 64, SIDE = 16 };
  const guint8 header[16] = { 0, 0, 8, 3, 0, 0, 0, N, 0, 0, 0, SIDE, 0, 0, 0, SIDE };
  g_autofree guint8 *bytes = g_malloc (sizeof header + N * SIDE * SIDE);

  memcpy (bytes, header, sizeof header);
  memset (bytes + sizeof header, level, N * SIDE * SIDE);
  g_assert_true (g_file_set_contents (path, (const char *) bytes, sizeof header + N * SIDE * SIDE, NULL));
}

/* Opening reads the files as they are now, also those of the set that is open. */
static void
test_open_reads_again (void)
{
  g_autofree char *folder = g_dir_make_tmp ("kindred-lab-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "images", NULL);
  g_autofree char *source = g_strconcat ("idx:", path, NULL);
  Looker looker;

  looker_init (&looker);
  write_images (path, 10);
  send_open (&looker, source);
  WAIT_UNTIL (looker.answered == 1);
  g_assert_no_error (looker.error);
  g_assert_cmpuint (looker.dataset->pixels[0], ==, 10);
  write_images (path, 20);
  send_open (&looker, source);
  WAIT_UNTIL (looker.answered == 2);
  g_assert_cmpuint (looker.dataset->pixels[0], ==, 20);
  looker_clear (&looker);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lab/whole-run", test_whole_run);
  g_test_add_func ("/lab/failure-and-recovery", test_failure_and_recovery);
  g_test_add_func ("/lab/step-pause-restart", test_step_pause_restart);
  g_test_add_func ("/lab/storm", test_storm);
  g_test_add_func ("/lab/log-replays", test_log_replays);
  g_test_add_func ("/lab/finishes-by-steps", test_finishes_by_steps);
  g_test_add_func ("/lab/finishes-behind-pause", test_finishes_behind_pause);
  g_test_add_func ("/lab/steps-in-a-hurry", test_steps_in_a_hurry);
  g_test_add_func ("/lab/load-unbegun", test_load_unbegun);
  g_test_add_func ("/lab/load-keeps-history", test_load_keeps_history);
  g_test_add_func ("/lab/open-reads-again", test_open_reads_again);
  return g_test_run ();
}
