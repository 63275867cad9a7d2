/* The session against a real lab: what the user sets is seen at once and reaches the run; failures leave it usable. */

#include <glib/gstdio.h>
#include <math.h>

#include "engine/preview.h"
#include "tests/ui/helpers.h"

static KinSession *
open_session (void)
{
  KinSession *session = kin_session_new ();

  test_open_shapes (session, 128);
  test_wait (test_has_run, session, 60, "the shapes");
  return session;
}

static gboolean
has_loss (gpointer session)
{
  return kin_session_get_history (session)->samples->len > 0;
}

static gboolean
is_paused (gpointer session)
{
  return kin_session_get_state (session) == KIN_STATE_PAUSED;
}

static gboolean
has_embedding (gpointer session)
{
  return kin_session_get_embedding (session) != NULL;
}

typedef struct
{
  KinSession *session;
  const char *id;
  double value;
} Wanted;

/* In the run itself, not in the draft of the session. */
static gboolean
run_has_value (gpointer data)
{
  const Wanted *wanted = data;
  const KinConfig *config = kin_session_get_snapshot (wanted->session)->config;

  return config != NULL && kin_config_get (config, wanted->id) == wanted->value;
}

static void
test_plays_and_pauses (void)
{
  g_autoptr (KinSession) session = open_session ();
  const KinSample *first;
  guint64 step;

  kin_session_play (session);
  test_wait (has_loss, session, 60, "the first loss");
  first = &g_array_index (kin_session_get_history (session)->samples, KinSample, 0);
  g_assert_cmpuint (first->step, ==, 1);
  g_assert_true (isfinite (first->loss));
  kin_session_pause (session);
  test_wait (is_paused, session, 30, "the pause");
  step = kin_session_get_snapshot (session)->step;
  test_run (0.4);
  g_assert_cmpuint (kin_session_get_snapshot (session)->step, ==, step);
  g_assert_cmpuint (kin_session_get_history (session)->samples->len, ==, step);
}

static gboolean
is_at_step_1 (gpointer session)
{
  return kin_session_get_snapshot (session)->step == 1;
}

static void
test_one_step (void)
{
  g_autoptr (KinSession) session = open_session ();

  kin_session_step (session);
  test_wait (is_at_step_1, session, 60, "one step");
  test_run (0.4);
  g_assert_cmpuint (kin_session_get_snapshot (session)->step, ==, 1);
}

static void
test_live_parameter (void)
{
  g_autoptr (KinSession) session = open_session ();
  guint64 run = kin_session_get_snapshot (session)->run;
  Wanted wanted = { session, "tau", 0.5 };

  for (double tau = 0.3; tau < 0.5; tau += 0.01)
    kin_session_set_param (session, "tau", tau);
  kin_session_set_param (session, "tau", 0.5);
  g_assert_cmpfloat (kin_config_get (kin_session_get_config (session), "tau"), ==, 0.5);
  test_wait (run_has_value, &wanted, 30, "the temperature");
  g_assert_cmpfloat (kin_config_get (kin_session_get_config (session), "tau"), ==, 0.5);
  g_assert_cmpuint (kin_session_get_snapshot (session)->run, ==, run);
}

static void
on_config_changed (KinSession *session, guint *count)
{
  /* The user's own value is never taken back while the lab has not answered. */
  g_assert_cmpfloat (kin_config_get (kin_session_get_config (session), "batch"), ==, 32);
  (*count)++;
}

static void
test_other_parameter_restarts (void)
{
  g_autoptr (KinSession) session = open_session ();
  guint64 run = kin_session_get_snapshot (session)->run;
  Wanted wanted = { session, "batch", 32 };
  guint count = 0;

  kin_session_step (session);
  test_wait (has_loss, session, 60, "one step");
  g_signal_connect (session, "config-changed", G_CALLBACK (on_config_changed), &count);
  kin_session_set_param (session, "batch", 32);
  test_wait (run_has_value, &wanted, 30, "the batch");
  g_assert_cmpuint (kin_session_get_snapshot (session)->run, >, run);
  g_assert_cmpuint (kin_session_get_snapshot (session)->step, ==, 0);
  g_assert_cmpuint (kin_session_get_history (session)->samples->len, ==, 0);
  g_assert_cmpuint (count, >, 0);
}

/* A restart right after an edit that itself needs one does both. */
static void
test_restart_takes_the_edit_along (void)
{
  g_autoptr (KinSession) session = open_session ();
  Wanted batch = { session, "batch", 32 }, seed = { session, "seed", 2 };

  kin_session_set_param (session, "batch", 32);
  kin_session_restart (session, FALSE);
  test_wait (run_has_value, &batch, 30, "the batch");
  test_wait (run_has_value, &seed, 30, "the new seed");
  test_run (0.7);
  g_assert_true (run_has_value (&batch) && run_has_value (&seed));
}

static void
on_reported (KinSession *session, const char *text, char **told)
{
  g_free (*told);
  *told = g_strdup (text);
}

static gboolean
is_told (gpointer told)
{
  return *(char **) told != NULL;
}

static void
test_refused_value (void)
{
  g_autoptr (KinSession) session = open_session ();
  g_autofree char *told = NULL;

  g_signal_connect (session, "reported", G_CALLBACK (on_reported), &told);
  kin_session_set_param (session, "tau", -1);
  g_assert_nonnull (told);
  g_assert_nonnull (strstr (told, "tau"));
  g_clear_pointer (&told, g_free);
  /* In range, but more than the set holds: the lab refuses it, the run stays, the value goes back. */
  kin_session_set_param (session, "batch", 4096);
  test_wait (is_told, &told, 30, "the refusal");
  test_run (0.1);
  g_assert_cmpfloat (kin_config_get (kin_session_get_config (session), "batch"), ==, 64);
  g_assert_true (test_has_run (session));
}

static void
test_policy (void)
{
  g_autoptr (KinSession) session = open_session ();
  g_autoptr (KinPolicy) none = kin_policy_from_name ("none", NULL);
  guint64 run = kin_session_get_snapshot (session)->run;

  kin_session_set_policy (session, none);
  g_assert_true (kin_policy_equal (kin_session_get_config (session)->policy, none));
  test_run (0.5);
  g_assert_true (kin_policy_equal (kin_session_get_snapshot (session)->config->policy, none));
  g_assert_cmpuint (kin_session_get_snapshot (session)->run, ==, run);
}

static gboolean
has_neighbours (gpointer session)
{
  return kin_neighbourhood_get (kin_session_get_neighbourhood (session))->id == kin_session_get_selected (session);
}

static double
distance (const KinDataset *dataset, guint a, guint b)
{
  gsize n = (gsize) dataset->size * dataset->size * dataset->channels;
  const guint8 *x = kin_dataset_get_pixels (dataset, a), *y = kin_dataset_get_pixels (dataset, b);
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += (x[i] - y[i]) / 255.0 * (x[i] - y[i]) / 255.0;
  return sqrt (sum);
}

/* Against a plain search: no image that is left out is nearer than one that is listed. */
static void
test_neighbours (void)
{
  g_autoptr (KinSession) session = open_session ();
  const KinDataset *dataset = kin_session_get_dataset (session);
  const KinNearby *nearby;

  test_wait (has_embedding, session, 60, "the first map");
  kin_session_select (session, 3);
  kin_session_select (session, 5);
  test_wait (has_neighbours, session, 30, "the neighbours");
  nearby = kin_neighbourhood_get (kin_session_get_neighbourhood (session));
  g_assert_cmpint (nearby->id, ==, 5);
  g_assert_cmpuint (nearby->n_pixels, ==, KIN_NEIGHBOURS_SHOWN);
  g_assert_cmpuint (nearby->n_learned, ==, KIN_NEIGHBOURS_JUDGED);
  for (guint i = 0; i < nearby->n_pixels; i++)
    {
      double want = distance (dataset, 5, nearby->pixels[i]);

      g_assert_cmpuint (nearby->pixels[i], !=, 5);
      g_assert_cmpfloat_with_epsilon (nearby->distances[i], want, 1e-9);
      g_assert_true (i == 0 || nearby->distances[i] >= nearby->distances[i - 1]);
    }
  for (guint id = 0; id < dataset->n_images; id++)
    {
      gboolean is_listed = id == 5;

      for (guint i = 0; i < nearby->n_pixels; i++)
        is_listed |= nearby->pixels[i] == id;
      if (!is_listed && !(distance (dataset, 5, id) >= nearby->distances[nearby->n_pixels - 1] - 1e-9))
        g_error ("image %u is at %g and not listed; the farthest listed is at %g", id, distance (dataset, 5, id),
                 nearby->distances[nearby->n_pixels - 1]);
    }
  kin_session_select (session, KIN_NO_IMAGE);
  g_assert_cmpint (kin_neighbourhood_get (kin_session_get_neighbourhood (session))->id, ==, KIN_NO_IMAGE);
}

static void
test_failed_without_a_set (void)
{
  g_autoptr (KinSession) session = kin_session_new ();
  g_autofree char *page = NULL, *text = NULL, *hint = NULL;

  kin_session_open_source (session, "/nonexistent/folder");
  test_wait (test_has_failed, session, 30, "the failure");
  g_object_get (session, "page", &page, "error-text", &text, "error-hint", &hint, NULL);
  g_assert_cmpstr (page, ==, "failed");
  g_assert_nonnull (strstr (text, "/nonexistent/folder"));
  g_assert_cmpstr (hint, !=, "");
  /* And on from there. */
  test_open_shapes (session, 64);
  test_wait (test_has_run, session, 60, "the shapes after a failure");
}

/* The run that is there is neither lost nor hidden by a folder that cannot be opened. */
static void
test_failed_beside_a_set (void)
{
  g_autoptr (KinSession) session = open_session ();
  g_autofree char *page = NULL;
  gboolean has_error, can_play;
  guint64 run = kin_session_get_snapshot (session)->run;

  kin_session_step (session);
  test_wait (has_loss, session, 60, "one step");
  kin_session_open_source (session, "/nonexistent/folder");
  test_wait (test_has_failed, session, 30, "the failure");
  g_object_get (session, "page", &page, "has-error", &has_error, "can-play", &can_play, NULL);
  g_assert_cmpstr (page, ==, "run");
  g_assert_true (has_error && can_play);
  g_assert_cmpuint (kin_session_get_snapshot (session)->run, ==, run);
  g_assert_cmpuint (kin_session_get_snapshot (session)->step, ==, 1);
  kin_session_dismiss_error (session);
  g_object_get (session, "has-error", &has_error, NULL);
  g_assert_false (has_error);
}

static gboolean
is_loading (gpointer session)
{
  return kin_session_get_state (session) == KIN_STATE_LOADING;
}

static gboolean
is_not_loading (gpointer session)
{
  return kin_session_get_state (session) != KIN_STATE_LOADING;
}

/* Cancelling gives the run back that was there, at its step. */
static void
test_cancel_loading (void)
{
  g_autoptr (KinSession) session = open_session ();
  KinDataSpec endless = { .source = "shapes", .limit = 200000, .size = 32 };
  KinDataset *dataset = kin_session_get_dataset (session);
  guint64 run = kin_session_get_snapshot (session)->run;
  gboolean has_error;

  kin_session_step (session);
  test_wait (has_loss, session, 60, "one step");
  kin_session_open (session, &endless);
  test_wait (is_loading, session, 30, "loading");
  kin_session_cancel_loading (session);
  test_wait (is_not_loading, session, 30, "the end of loading");
  g_object_get (session, "has-error", &has_error, NULL);
  g_assert_false (has_error);
  g_assert_true (kin_session_get_dataset (session) == dataset);
  g_assert_cmpuint (kin_session_get_snapshot (session)->run, ==, run);
  g_assert_cmpuint (kin_session_get_snapshot (session)->step, ==, 1);
}

static gboolean
is_at_step_2 (gpointer session)
{
  return kin_session_get_snapshot (session)->step == 2;
}

static void
remove_run (const char *folder)
{
  const char *name;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (folder);
}

/* A run that was saved comes back in another session at its step, with its curves. */
static void
test_save_and_load (void)
{
  g_autoptr (KinSession) session = open_session ();
  g_autoptr (KinSession) other = kin_session_new ();
  g_autofree char *folder = g_dir_make_tmp ("kindred-XXXXXX", NULL);
  g_autofree char *told = NULL;
  const KinHistory *a = kin_session_get_history (session), *b = kin_session_get_history (other);

  g_signal_connect (session, "reported", G_CALLBACK (on_reported), &told);
  kin_session_step (session);
  kin_session_step (session);
  test_wait (is_at_step_2, session, 60, "two steps");
  kin_session_save_run (session, folder);
  test_wait (is_told, &told, 30, "the run to be saved");
  kin_session_load_run (other, folder);
  test_wait (test_has_run, other, 60, "the run to be loaded");
  g_assert_cmpuint (kin_session_get_snapshot (other)->step, ==, 2);
  g_assert_cmpuint (b->samples->len, ==, 2);
  /* The file keeps some nine digits. */
  for (guint i = 0; i < 2; i++)
    g_assert_cmpfloat_with_epsilon (g_array_index (b->samples, KinSample, i).loss,
                                    g_array_index (a->samples, KinSample, i).loss, 1e-7);
  remove_run (folder);
}

/* The recipe's batch is larger than this set: it must open all the same. */
static void
test_small_set (void)
{
  g_autoptr (KinSession) session = kin_session_new ();

  test_open_shapes (session, 12);
  test_wait (test_has_run, session, 60, "a set that is smaller than the usual batch");
  g_assert_cmpfloat (kin_config_get (kin_session_get_config (session), "batch"), ==,
                     kin_session_get_dataset (session)->n_train);
}

static gboolean
plays_edited (gpointer session)
{
  return kin_session_is_playing (session) && kin_session_get_snapshot (session)->step > 0
         && kin_config_get (kin_session_get_snapshot (session)->config, "batch") == 8;
}

/* The restart that an edit waits for must not undo what is asked for after the edit. */
static void
test_play_after_edit (void)
{
  g_autoptr (KinSession) session = kin_session_new ();

  test_open_shapes (session, 64);
  test_wait (test_has_run, session, 60, "the shapes");
  kin_session_set_param (session, "batch", 8);
  kin_session_play (session);
  test_wait (plays_edited, session, 60, "training with the edited batch");
  test_run (1);
  g_assert_true (kin_session_is_playing (session) || kin_session_get_state (session) == KIN_STATE_FINISHED);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/ui/session/plays-and-pauses", test_plays_and_pauses);
  g_test_add_func ("/ui/session/one-step", test_one_step);
  g_test_add_func ("/ui/session/live-parameter", test_live_parameter);
  g_test_add_func ("/ui/session/other-parameter-restarts", test_other_parameter_restarts);
  g_test_add_func ("/ui/session/restart-takes-the-edit-along", test_restart_takes_the_edit_along);
  g_test_add_func ("/ui/session/small-set", test_small_set);
  g_test_add_func ("/ui/session/play-after-edit", test_play_after_edit);
  g_test_add_func ("/ui/session/refused-value", test_refused_value);
  g_test_add_func ("/ui/session/policy", test_policy);
  g_test_add_func ("/ui/session/neighbours", test_neighbours);
  g_test_add_func ("/ui/session/failed-without-a-set", test_failed_without_a_set);
  g_test_add_func ("/ui/session/failed-beside-a-set", test_failed_beside_a_set);
  g_test_add_func ("/ui/session/save-and-load", test_save_and_load);
  g_test_add_func ("/ui/session/cancel-loading", test_cancel_loading);
  return g_test_run ();
}
