/* The real window, driven by its own commands. */

#include <glib/gstdio.h>

#include "tests/ui/helpers.h"
#include "ui/canvas.h"
#include "ui/map-canvas.h"
#include "ui/screenshot.h"
#include "ui/view-pane.h"
#include "ui/window.h"

static KinWindow *
open_window (int width, int height)
{
  KinWindow *window = kin_window_new (NULL, NULL);

  gtk_window_set_default_size (GTK_WINDOW (window), width, height);
  gtk_window_present (GTK_WINDOW (window));
  return window;
}

static KinWindow *
open_lab (int width, int height)
{
  KinWindow *window = open_window (width, height);

  test_open_shapes (kin_window_get_session (window), 128);
  test_wait (test_has_run, kin_window_get_session (window), 60, "the shapes");
  test_run (0.3);
  return window;
}

static void
close_window (KinWindow *window)
{
  gpointer alive = window;

  g_object_add_weak_pointer (G_OBJECT (window), &alive);
  gtk_window_destroy (GTK_WINDOW (window));
  test_run (0.1);
  g_assert_null (alive);
}

static void
activate (KinWindow *window, const char *action)
{
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), action, NULL));
}

static GtkWidget *
find_type (GtkWidget *widget, const char *type)
{
  if (g_str_equal (G_OBJECT_TYPE_NAME (widget), type))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_type (child, type);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static gboolean
has_similarity (gpointer session)
{
  return kin_session_get_similarity (session) != NULL;
}

static gboolean
has_embedding (gpointer session)
{
  return kin_session_get_embedding (session) != NULL;
}

static gboolean
is_paused (gpointer session)
{
  return kin_session_get_state (session) == KIN_STATE_PAUSED;
}

static void
test_play (void)
{
  KinWindow *window = open_lab (1440, 900);
  KinSession *session = kin_window_get_session (window);
  gboolean is_playing;

  activate (window, "win.play");
  test_wait (has_similarity, session, 60, "the first matrix");
  g_object_get (session, "is-playing", &is_playing, NULL);
  g_assert_true (is_playing);
  activate (window, "win.play");
  test_wait (is_paused, session, 30, "the pause");
  close_window (window);
}

static void
test_fill_and_restore (void)
{
  static const char *const panes[] = { "KinViewsPane", "KinSimilarityPane", "KinCurvesPane", "KinMapPane" };
  KinWindow *window = open_lab (1440, 900);

  for (int fill = 1; fill <= 4; fill++)
    {
      gtk_widget_activate_action (GTK_WIDGET (window), "win.fill", "i", fill);
      test_run (0.1);
      for (int i = 0; i < 4; i++)
        g_assert_cmpint (gtk_widget_get_mapped (find_type (GTK_WIDGET (window), panes[i])), ==, i + 1 == fill);
    }
  activate (window, "win.restore");
  test_run (0.1);
  for (int i = 0; i < 4; i++)
    g_assert_true (gtk_widget_get_mapped (find_type (GTK_WIDGET (window), panes[i])));
  close_window (window);
}

static void
test_select_by_key (void)
{
  KinWindow *window = open_lab (1200, 800);
  KinSession *session = kin_window_get_session (window);
  int last = (int) kin_session_get_dataset (session)->n_images - 1;

  activate (window, "win.select-next");
  g_assert_cmpint (kin_session_get_selected (session), ==, 0);
  activate (window, "win.select-previous");
  g_assert_cmpint (kin_session_get_selected (session), ==, last);
  activate (window, "win.select-next");
  g_assert_cmpint (kin_session_get_selected (session), ==, 0);
  /* Escape, with nothing filled, selects nothing. */
  activate (window, "win.restore");
  g_assert_cmpint (kin_session_get_selected (session), ==, KIN_NO_IMAGE);
  close_window (window);
}

static gboolean
has_stepped (gpointer session)
{
  return kin_session_get_snapshot (session)->step == 1;
}

/* A step that nobody watched is seen as soon as somebody looks. */
static void
test_look_later (void)
{
  KinWindow *window = open_lab (1200, 800);
  KinSession *session = kin_window_get_session (window);

  gtk_widget_activate_action (GTK_WIDGET (window), "win.fill", "i", 3);
  test_run (0.2);
  kin_session_step (session);
  test_wait (has_stepped, session, 60, "one step");
  test_run (0.2);
  g_assert_null (kin_session_get_similarity (session));
  activate (window, "win.restore");
  test_wait (has_similarity, session, 30, "the matrix of the last batch");
  close_window (window);
}

/* Zoom keeps the middle where it is, and goes back to the whole map. */
static void
test_zoom (void)
{
  KinWindow *window = open_lab (1200, 800);
  KinMapCanvas *canvas = KIN_MAP_CANVAS (find_type (GTK_WIDGET (window), "KinMapCanvas"));
  const KinMapView *view = &kin_map_canvas_get_data (canvas)->view;

  test_wait (has_embedding, kin_window_get_session (window), 60, "the first map");
  activate (window, "win.zoom-in");
  activate (window, "win.zoom-in");
  g_assert_cmpfloat_with_epsilon (view->zoom, 1.5 * 1.5, 1e-9);
  activate (window, "win.zoom-out");
  g_assert_cmpfloat_with_epsilon (view->zoom, 1.5, 1e-9);
  activate (window, "win.zoom-all");
  g_assert_cmpfloat (view->zoom, ==, 1);
  g_assert_cmpfloat (view->x, ==, 0);
  g_assert_cmpfloat (view->y, ==, 0);
  close_window (window);
}

/* No view is cut off in a small window, and the inspector makes room. */
static void
test_small_window (void)
{
  static const char *const panes[] = { "KinViewsPane", "KinSimilarityPane", "KinCurvesPane", "KinMapPane" };
  KinWindow *window = open_lab (1024, 700);
  gboolean shows_inspector;

  g_assert_cmpint (gtk_widget_get_width (GTK_WIDGET (window)), <=, 1024);
  g_assert_cmpint (gtk_widget_get_height (GTK_WIDGET (window)), <=, 700);
  g_object_get (window, "shows-inspector", &shows_inspector, NULL);
  g_assert_false (shows_inspector);
  g_object_set (window, "shows-inspector", TRUE, NULL);
  test_run (0.5);
  g_assert_cmpint (gtk_widget_get_width (GTK_WIDGET (window)), <=, 1024);
  g_object_set (window, "shows-inspector", FALSE, NULL);
  test_run (0.5);
  for (guint i = 0; i < G_N_ELEMENTS (panes); i++)
    {
      GtkWidget *pane = find_type (GTK_WIDGET (window), panes[i]);
      graphene_rect_t bounds;

      g_assert_true (gtk_widget_compute_bounds (pane, GTK_WIDGET (window), &bounds));
      g_assert_cmpfloat (bounds.size.width, >=, 300);
      g_assert_cmpfloat (bounds.origin.x + bounds.size.width, <=, 1024);
      g_assert_cmpfloat (bounds.origin.y + bounds.size.height, <=, 700);
    }
  close_window (window);
}

static void
test_dark (void)
{
  KinWindow *window = open_lab (1200, 800);
  KinCanvas *canvas = KIN_CANVAS (find_type (GTK_WIDGET (window), "KinCurvesCanvas"));
  GtkSettings *settings = gtk_settings_get_default ();

  g_object_set (settings, "gtk-application-prefer-dark-theme", TRUE, NULL);
  test_run (0.2);
  g_assert_true (kin_canvas_get_style (canvas)->is_dark);
  g_object_set (settings, "gtk-application-prefer-dark-theme", FALSE, NULL);
  test_run (0.2);
  g_assert_false (kin_canvas_get_style (canvas)->is_dark);
  close_window (window);
}

static void
test_large_type (void)
{
  KinWindow *window = open_lab (1440, 900);
  KinCanvas *canvas = KIN_CANVAS (find_type (GTK_WIDGET (window), "KinCurvesCanvas"));
  double before = kin_canvas_get_style (canvas)->font_px;

  gtk_widget_add_css_class (GTK_WIDGET (window), "presentation");
  test_run (0.2);
  g_assert_cmpfloat (kin_canvas_get_style (canvas)->font_px, >, 1.2 * before);
  close_window (window);
}

static void
test_failed_page (void)
{
  KinWindow *window = open_window (1024, 700);
  GtkWidget *stack = find_type (GTK_WIDGET (window), "GtkStack");

  kin_session_open_source (kin_window_get_session (window), "/nonexistent/folder");
  test_wait (test_has_failed, kin_window_get_session (window), 30, "the failure");
  g_assert_cmpstr (gtk_stack_get_visible_child_name (GTK_STACK (stack)), ==, "failed");
  activate (window, "win.open-shapes");
  test_wait (test_has_run, kin_window_get_session (window), 60, "the shapes");
  g_assert_cmpstr (gtk_stack_get_visible_child_name (GTK_STACK (stack)), ==, "run");
  close_window (window);
}

static gboolean
is_drawn (gpointer window)
{
  return kin_screenshot_is_ready (window);
}

static void
test_screenshot (void)
{
  KinWindow *window = open_lab (1100, 760);
  g_autofree char *folder = g_dir_make_tmp ("kindred-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "shot.png", NULL);
  g_autofree char *bad = g_build_filename (folder, "no", "such", "folder.png", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkTexture) picture = NULL;

  test_wait (is_drawn, window, 30, "the window to be drawn");
  kin_screenshot_write (GTK_WIDGET (window), path, &error);
  g_assert_no_error (error);
  picture = gdk_texture_new_from_filename (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (gdk_texture_get_width (picture), >=, 1000);
  g_assert_cmpint (gdk_texture_get_height (picture), >=, 700);
  g_assert_false (kin_screenshot_write (GTK_WIDGET (window), bad, &error));
  g_assert_error (error, KIN_ERROR, KIN_ERROR_FILE);
  g_assert_nonnull (strstr (error->message, bad));
  g_unlink (path);
  g_rmdir (folder);
  close_window (window);
}

static void
check_exports (GtkWidget *pane, const char *folder)
{
  static const char *const names[] = { "a.png", "a.svg", "a.pdf", "a.csv" };
  static const char *const starts[] = { "\x89PNG", "<?xml", "%PDF", "" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);
      g_autofree char *bytes = NULL;
      g_autoptr (GError) error = NULL;
      gsize length;

      kin_view_pane_export (KIN_VIEW_PANE (pane), path, &error);
      g_assert_no_error (error);
      g_assert_true (g_file_get_contents (path, &bytes, &length, NULL));
      g_assert_cmpuint (length, >, 30);
      g_assert_true (strncmp (bytes, starts[i], strlen (starts[i])) == 0);
      g_unlink (path);
    }
}

static void
test_exports (void)
{
  static const char *const panes[] = { "KinViewsPane", "KinSimilarityPane", "KinCurvesPane", "KinMapPane" };
  KinWindow *window = open_lab (1440, 900);
  g_autofree char *folder = g_dir_make_tmp ("kindred-XXXXXX", NULL);
  g_autofree char *steps = g_build_filename (folder, "a-steps.csv", NULL);

  kin_session_step (kin_window_get_session (window));
  test_wait (has_similarity, kin_window_get_session (window), 60, "one step");
  test_wait (has_embedding, kin_window_get_session (window), 60, "the first map");
  for (guint i = 0; i < G_N_ELEMENTS (panes); i++)
    check_exports (find_type (GTK_WIDGET (window), panes[i]), folder);
  g_assert_cmpint (g_unlink (steps), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  close_window (window);
}

/* While it trains: every pane stays alive through restarts, selections and edits, and closing does not wait. */
static void
test_storm (void)
{
  KinWindow *window = open_lab (1280, 800);
  KinSession *session = kin_window_get_session (window);
  gint64 closed_at;

  kin_session_play (session);
  for (int i = 0; i < 12; i++)
    {
      kin_session_select (session, i * 7);
      kin_session_hover (session, i * 5);
      kin_session_set_param (session, "tau", 0.1 + 0.05 * i);
      if (i % 5 == 4)
        kin_session_restart (session, i % 2 == 0);
      gtk_window_set_default_size (GTK_WINDOW (window), 1000 + 40 * i, 700 + 10 * i);
      test_run (0.12);
    }
  closed_at = g_get_monotonic_time ();
  close_window (window);
  g_test_message ("closed in %" G_GINT64_FORMAT " ms", (g_get_monotonic_time () - closed_at) / 1000);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/ui/window/play", test_play);
  g_test_add_func ("/ui/window/fill-and-restore", test_fill_and_restore);
  g_test_add_func ("/ui/window/select-by-key", test_select_by_key);
  g_test_add_func ("/ui/window/look-later", test_look_later);
  g_test_add_func ("/ui/window/zoom", test_zoom);
  g_test_add_func ("/ui/window/small", test_small_window);
  g_test_add_func ("/ui/window/dark", test_dark);
  g_test_add_func ("/ui/window/large-type", test_large_type);
  g_test_add_func ("/ui/window/failed-page", test_failed_page);
  g_test_add_func ("/ui/window/screenshot", test_screenshot);
  g_test_add_func ("/ui/window/exports", test_exports);
  g_test_add_func ("/ui/window/storm", test_storm);
  return g_test_run ();
}
