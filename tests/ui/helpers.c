#include "tests/ui/helpers.h"

#include "resources/kin-resources.h"

void
test_init (int *argc, char ***argv)
{
  g_autoptr (GtkCssProvider) css = NULL;

  gtk_test_init (argc, argv, NULL);
  g_resources_register (kin_get_resource ());
  css = gtk_css_provider_new ();
  gtk_css_provider_load_from_resource (css, "/org/kindred/Kindred/style.css");
  gtk_style_context_add_provider_for_display (gdk_display_get_default (), GTK_STYLE_PROVIDER (css),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
}

static gboolean
on_wake (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static gboolean
run_until (TestCondition is_met, gpointer data, double seconds)
{
  gint64 end = g_get_monotonic_time () + (gint64) (seconds * G_USEC_PER_SEC);
  guint wake = g_timeout_add (10, on_wake, NULL);
  gboolean is_done = FALSE;

  while (!(is_done = is_met != NULL && is_met (data)) && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (wake);
  return is_done;
}

void
test_wait (TestCondition is_met, gpointer data, double seconds, const char *what)
{
  if (!run_until (is_met, data, seconds))
    g_error ("waited %g s in vain for: %s", seconds, what);
}

void
test_run (double seconds)
{
  run_until (NULL, NULL, seconds);
}

void
test_open_shapes (KinSession *session, guint n)
{
  KinDataSpec spec = { .source = "shapes", .limit = n, .size = 16 };

  kin_session_open (session, &spec);
}

gboolean
test_has_run (gpointer session)
{
  gboolean has_run;

  g_object_get (session, "has-run", &has_run, NULL);
  return has_run && kin_session_get_state (session) != KIN_STATE_FAILED;
}

gboolean
test_has_failed (gpointer session)
{
  return kin_session_get_state (session) == KIN_STATE_FAILED;
}
