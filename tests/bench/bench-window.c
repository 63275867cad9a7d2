/* What the window costs: training with all four panes live against training without a window, in turn, and how long the
 * window takes for a frame meanwhile. */

#include "engine/run.h"
#include "tests/ui/helpers.h"
#include "ui/window.h"

#include <stdlib.h>
#include <time.h>

enum
{
  ROUNDS = 7,
  IMAGES = 5000,
};

static const double SECONDS = 6; /* of each turn */

/* --- Frames --- */

static gint64 frame_began_us;

static void
before_paint (GdkFrameClock *clock, gpointer frames)
{
  frame_began_us = g_get_monotonic_time ();
}

static void
after_paint (GdkFrameClock *clock, gpointer frames)
{
  double milliseconds = (g_get_monotonic_time () - frame_began_us) / 1e3;

  if (frame_began_us > 0)
    g_array_append_val ((GArray *) frames, milliseconds);
}

static int
by_value (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return x < y ? -1 : x > y;
}

static double
quantile (GArray *values, double share)
{
  g_array_sort (values, by_value);
  return g_array_index (values, double, MIN ((guint) (share * values->len), values->len - 1));
}

/* --- The two ways to train --- */

static KinConfig *
make_config (void)
{
  KinConfig *config = kin_config_new ("shapes");
  g_autofree char *limit = g_strdup_printf ("limit=%d", IMAGES);

  g_assert_true (kin_config_set_text (config, limit, NULL));
  g_assert_true (kin_config_set (config, "epochs", 10000, NULL));
  return config;
}

/* Pairs a second, measuring included. */
static double
train_headless (KinDataset *dataset, const KinConfig *config)
{
  g_autoptr (KinRun) run = kin_run_new (config, dataset, NULL);
  KinEvaluation evaluation;
  KinSample sample;
  gint64 start;
  double seconds;

  g_assert_true (kin_run_step (run, &sample, NULL) && kin_run_evaluate_initial (run, &evaluation, NULL, NULL));
  start = g_get_monotonic_time ();
  do
    {
      g_assert_true (kin_run_step (run, &sample, NULL));
      if (kin_run_is_evaluation_due (run))
        g_assert_true (kin_run_evaluate (run, &evaluation, NULL, NULL));
      seconds = (g_get_monotonic_time () - start) / 1e6;
    }
  while (seconds < SECONDS);
  return (kin_run_get_step (run) - 1) * kin_config_get (config, "batch") / seconds;
}

static gboolean
has_embedding (gpointer session)
{
  return kin_session_get_embedding (session) != NULL;
}

/* Seconds that this thread has worked. */
static double
thread_seconds (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

/* @share: (out): of a processor that the window's thread took */
static double
train_in_window (KinSession *session, double *share)
{
  double began;
  double N = kin_config_get (kin_session_get_config (session), "batch");
  guint64 before;
  gint64 start;

  kin_session_play (session);
  test_run (1);
  before = kin_session_get_snapshot (session)->step;
  start = g_get_monotonic_time ();
  began = thread_seconds ();
  test_run (SECONDS);
  *share = (thread_seconds () - began) / SECONDS;
  return (kin_session_get_snapshot (session)->step - before) * N / ((g_get_monotonic_time () - start) / 1e6);
}

/* With nothing left to do: a measurement that was under way is brought to its end after the pause. */
static gboolean
is_paused (gpointer session)
{
  return kin_session_get_state (session) == KIN_STATE_PAUSED && !kin_session_get_snapshot (session)->is_measuring;
}

int
main (int argc, char **argv)
{
  g_autoptr (KinConfig) config = make_config ();
  KinDataSpec spec = kin_config_data_spec (config);
  g_autoptr (KinDataset) dataset = kin_dataset_open (&spec, NULL, NULL, NULL);
  g_autoptr (GArray) frames = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GArray) ratios = g_array_new (FALSE, FALSE, sizeof (double));
  KinWindow *window;
  KinSession *session;
  GdkFrameClock *clock;

  test_init (&argc, &argv);
  window = kin_window_new (NULL, NULL);
  session = kin_window_get_session (window);
  gtk_window_set_default_size (GTK_WINDOW (window), argc > 1 ? atoi (argv[1]) : 1440, argc > 2 ? atoi (argv[2]) : 900);
  gtk_window_present (GTK_WINDOW (window));
  kin_session_open (session, &spec);
  test_wait (test_has_run, session, 60, "the shapes");
  kin_session_set_param (session, "epochs", 10000);
  test_run (3);
  test_wait (test_has_run, session, 60, "the run");
  kin_session_play (session);
  test_wait (has_embedding, session, 120, "the map");
  kin_session_pause (session);
  test_wait (is_paused, session, 60, "the pause");

  clock = gtk_widget_get_frame_clock (GTK_WIDGET (window));
  for (guint round = 0; round < ROUNDS; round++)
    {
      double headless = train_headless (dataset, config), live, ratio, share;
      gulong before = g_signal_connect (clock, "before-paint", G_CALLBACK (before_paint), frames);
      gulong after = g_signal_connect (clock, "after-paint", G_CALLBACK (after_paint), frames);
      guint n = frames->len;

      frame_began_us = 0;
      live = train_in_window (session, &share);
      ratio = live / headless;
      g_signal_handler_disconnect (clock, before);
      g_signal_handler_disconnect (clock, after);
      g_array_append_val (ratios, ratio);
      g_print ("# headless %.0f pairs/s, in the window %.0f, ratio %.3f, %.1f frames/s, %.0f %% of a processor\n",
               headless, live, ratio, (frames->len - n) / (SECONDS + 1), 100 * share);
      kin_session_pause (session);
      test_wait (is_paused, session, 60, "the pause");
    }
  g_print ("training in the window / without: %.3f (median)\n", quantile (ratios, 0.5));
  g_print ("frame, ms: median %.2f, 95th percentile %.2f, longest %.2f\n", quantile (frames, 0.5),
           quantile (frames, 0.95), quantile (frames, 1));
  gtk_window_destroy (GTK_WINDOW (window));
  return 0;
}
