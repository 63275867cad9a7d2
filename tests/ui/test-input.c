/* The real window, driven by real input: xdotool sends what a hand would, the test looks at what has become of it.
 *
 * There is no window manager: windows keep the size that they ask for, and the keyboard goes to the one under the
 * pointer. */

#include <gdk/x11/gdkx.h>
#include <math.h>
#include <stdarg.h>

#include "tests/ui/helpers.h"
#include "ui/application.h"
#include "ui/map-canvas.h"
#include "ui/matrix-canvas.h"
#include "ui/op-row.h"
#include "ui/param-row.h"
#include "ui/window.h"

#define LIMIT_SECONDS 60
#define N_IMAGES 128
#define BATCH 16

static GtkApplication *application;

/* ---- The hand ---- */

static void
on_ended (GObject *process, GAsyncResult *result, gpointer is_ended)
{
  g_autoptr (GError) error = NULL;

  g_subprocess_wait_check_finish (G_SUBPROCESS (process), result, &error);
  g_assert_no_error (error);
  *(gboolean *) is_ended = TRUE;
}

static gboolean
is_true (gpointer flag)
{
  return *(gboolean *) flag;
}

/* Runs xdotool with these words, parted by spaces, while the window lives on. */
static void G_GNUC_PRINTF (1, 2)
xdotool (const char *format, ...)
{
  g_autofree char *words = NULL, *line = NULL;
  g_auto (GStrv) argv = NULL;
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  gboolean is_ended = FALSE;
  va_list args;

  va_start (args, format);
  words = g_strdup_vprintf (format, args);
  va_end (args);
  line = g_strconcat ("xdotool ", words, NULL);
  argv = g_strsplit (line, " ", -1);
  process = g_subprocess_newv ((const char *const *) argv, G_SUBPROCESS_FLAGS_STDOUT_SILENCE, &error);
  g_assert_no_error (error);
  g_subprocess_wait_check_async (process, NULL, on_ended, &is_ended);
  test_wait (is_true, &is_ended, LIMIT_SECONDS, line);
}

static gulong
xid_of (GtkWidget *widget)
{
  return gdk_x11_surface_get_xid (gtk_native_get_surface (gtk_widget_get_native (widget)));
}

/* Where a point of a widget is in its X window; px of both, for the display's scale is 1. */
static void
locate (GtkWidget *widget, double x, double y, int *window_x, int *window_y)
{
  GtkNative *native = gtk_widget_get_native (widget);
  double left, top, at_x, at_y;

  g_assert_true (gtk_widget_translate_coordinates (widget, GTK_WIDGET (native), x, y, &at_x, &at_y));
  gtk_native_get_surface_transform (native, &left, &top);
  *window_x = (int) floor (left + at_x);
  *window_y = (int) floor (top + at_y);
}

static void
point_at (GtkWidget *widget, double x, double y)
{
  int to_x, to_y;

  locate (widget, x, y, &to_x, &to_y);
  xdotool ("mousemove --window %lu %d %d", xid_of (widget), to_x, to_y);
}

static void
point_at_middle (GtkWidget *widget)
{
  point_at (widget, gtk_widget_get_width (widget) / 2.0, gtk_widget_get_height (widget) / 2.0);
}

static void
click_middle (GtkWidget *widget)
{
  point_at_middle (widget);
  xdotool ("click 1");
}

/* In several moves, as a hand does it. */
static void
drag (GtkWidget *widget, double x, double y, double dx, double dy)
{
  point_at (widget, x, y);
  xdotool ("mousedown 1");
  for (int i = 1; i <= 4; i++)
    point_at (widget, x + dx * i / 4, y + dy * i / 4);
  xdotool ("mouseup 1");
}

static void
press (const char *key)
{
  xdotool ("key %s", key);
}

/* ---- The window ---- */

static GtkWidget *
find (GtkWidget *widget, gboolean (*is_it) (GtkWidget *widget, gconstpointer what), gconstpointer what)
{
  if (is_it (widget, what))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find (child, is_it, what);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static gboolean
is_of_type (GtkWidget *widget, gconstpointer type)
{
  return g_str_equal (G_OBJECT_TYPE_NAME (widget), type);
}

static GtkWidget *
find_type (gpointer window, const char *type)
{
  GtkWidget *found = find (window, is_of_type, type);

  g_assert_nonnull (found);
  return found;
}

static gboolean
is_row_of (GtkWidget *widget, gconstpointer id)
{
  return KIN_IS_PARAM_ROW (widget) && g_str_equal (kin_param_row_get_spec (KIN_PARAM_ROW (widget))->id, id);
}

static gboolean
is_row_of_op (GtkWidget *widget, gconstpointer kind)
{
  return KIN_IS_OP_ROW (widget) && kin_op_row_get_op (KIN_OP_ROW (widget))->kind == *(const KinOpKind *) kind;
}

static gboolean
is_mapped (gpointer widget)
{
  return gtk_widget_get_mapped (widget);
}

static gboolean
has_batch (gpointer session)
{
  const KinSnapshot *snapshot = kin_session_get_snapshot (session);

  return snapshot->state == KIN_STATE_READY && kin_config_get (snapshot->config, "batch") == BATCH;
}

/* Nothing has been pressed yet; the pointer is in the window, so that keys go there. */
static KinWindow *
open_lab (int width, int height)
{
  KinWindow *window = kin_window_new (application, NULL);
  KinSession *session = kin_window_get_session (window);
  KinDataSpec spec = { .source = "shapes", .limit = N_IMAGES, .size = 16 };

  gtk_window_set_default_size (GTK_WINDOW (window), width, height);
  gtk_window_present (GTK_WINDOW (window));
  kin_session_open (session, &spec);
  test_wait (test_has_run, session, LIMIT_SECONDS, "the shapes");
  kin_session_set_param (session, "batch", BATCH);
  test_wait (has_batch, session, LIMIT_SECONDS, "the small batch");
  test_wait (is_mapped, find_type (window, "KinMapCanvas"), LIMIT_SECONDS, "the panes");
  point_at_middle (find_type (window, "KinCurvesCanvas"));
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

static gboolean
is_playing (gpointer session)
{
  return kin_session_is_playing (session);
}

static gboolean
is_resting (gpointer session)
{
  KinState state = kin_session_get_state (session);

  return !kin_session_is_playing (session) && (state == KIN_STATE_PAUSED || state == KIN_STATE_READY);
}

static gboolean
has_similarity (gpointer session)
{
  return kin_session_get_similarity (session) != NULL;
}

/* A map, and its dots have come to rest: then the pointer finds them. */
static gboolean
map_is_still (gpointer canvas)
{
  const KinMapData *data = kin_map_canvas_get_data (canvas);
  KinMapBounds bounds = kin_map_bounds (data->xy, data->n);

  return data->n > 0 && memcmp (&bounds, &data->bounds, sizeof bounds) == 0;
}

static gboolean
is_button_of (GtkWidget *widget, gconstpointer action)
{
  return GTK_IS_BUTTON (widget) && gtk_widget_get_mapped (widget)
         && g_strcmp0 (gtk_actionable_get_action_name (GTK_ACTIONABLE (widget)), action) == 0;
}

static GtkWidget *
find_toplevel (const char *type)
{
  GListModel *toplevels = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++)
    {
      g_autoptr (GtkWidget) toplevel = g_list_model_get_item (toplevels, i);

      if (g_str_equal (G_OBJECT_TYPE_NAME (toplevel), type) && gtk_widget_get_mapped (toplevel))
        return toplevel;
    }
  return NULL;
}

static gboolean
is_open (gpointer type)
{
  return find_toplevel (type) != NULL;
}

static gboolean
is_closed (gpointer type)
{
  return find_toplevel (type) == NULL;
}

/* ---- Keys ---- */

static void
check_space (KinSession *session, const char *where)
{
  g_test_message ("Space from %s", where);
  press ("space");
  test_wait (is_playing, session, LIMIT_SECONDS, where);
  press ("space");
  test_wait (is_resting, session, LIMIT_SECONDS, where);
}

/* Whatever was clicked last, and whatever Tab has reached that has no use of its own for Space. */
static void
test_space (void)
{
  KinWindow *window = open_lab (1440, 900);
  KinSession *session = kin_window_get_session (window);
  GtkWidget *tau = find (GTK_WIDGET (window), is_row_of, "tau");

  check_space (session, "where the window opens");
  click_middle (find_type (window, "KinMapCanvas"));
  check_space (session, "the map");
  click_middle (find_type (tau, "GtkScale"));
  check_space (session, "a slider");
  xdotool ("key Tab key Right");
  check_space (session, "a slider that the keyboard has reached");
  click_middle (find_type (tau, "GtkEntry"));
  check_space (session, "the field of a number");
  click_middle (find (GTK_WIDGET (window), is_button_of, "win.choose-dataset"));
  test_wait (is_open, (char[]){ "KinDatasetChooser" }, LIMIT_SECONDS, "the chooser");
  point_at_middle (find_toplevel ("KinDatasetChooser"));
  press ("Escape");
  test_wait (is_closed, (char[]){ "KinDatasetChooser" }, LIMIT_SECONDS, "Escape to close the chooser");
  point_at_middle (find_type (window, "KinCurvesCanvas"));
  check_space (session, "a button whose dialog was closed by Escape");
  close_window (window);
}

static gboolean
has_stepped (gpointer session)
{
  return kin_session_get_snapshot (session)->step > 0 && is_resting (session);
}

static void
test_step (void)
{
  KinWindow *window = open_lab (1440, 900);
  KinSession *session = kin_window_get_session (window);

  g_assert_cmpuint (kin_session_get_snapshot (session)->step, ==, 0);
  press ("period");
  test_wait (has_stepped, session, LIMIT_SECONDS, "a step");
  test_run (0.5);
  g_assert_cmpuint (kin_session_get_snapshot (session)->step, ==, 1);
  close_window (window);
}

/* What a restart is waited for with. */
typedef struct
{
  KinSession *session;
  guint64 run; /* before */
} Restart;

static gboolean
has_restarted (gpointer data)
{
  const Restart *restart = data;
  const KinSnapshot *snapshot = kin_session_get_snapshot (restart->session);

  return snapshot->run > restart->run && snapshot->state == KIN_STATE_READY;
}

static void
check_restart (KinSession *session, const char *key, double seed)
{
  Restart restart = { session, kin_session_get_snapshot (session)->run };

  press (key);
  test_wait (has_restarted, &restart, LIMIT_SECONDS, key);
  g_assert_cmpuint (kin_session_get_snapshot (session)->step, ==, 0);
  g_assert_cmpfloat (kin_config_get (kin_session_get_config (session), "seed"), ==, seed);
}

static void
test_restart (void)
{
  KinWindow *window = open_lab (1440, 900);
  KinSession *session = kin_window_get_session (window);
  double seed = kin_config_get (kin_session_get_config (session), "seed");

  press ("period");
  test_wait (has_stepped, session, LIMIT_SECONDS, "a step");
  check_restart (session, "ctrl+r", seed);
  check_restart (session, "ctrl+shift+r", seed + 1);
  close_window (window);
}

static const char *const panes[] = { "KinViewsPane", "KinSimilarityPane", "KinCurvesPane", "KinMapPane" };

typedef struct
{
  KinWindow *window;
  guint filled; /* 1 to 4, or 0 for all four */
} Filled;

static gboolean
is_filled (gpointer data)
{
  const Filled *filled = data;

  for (guint i = 0; i < G_N_ELEMENTS (panes); i++)
    if (gtk_widget_get_mapped (find_type (filled->window, panes[i])) != (filled->filled == 0 || filled->filled == i + 1))
      return FALSE;
  return TRUE;
}

static void
test_fill (void)
{
  Filled filled = { open_lab (1440, 900), 0 };

  for (filled.filled = 1; filled.filled <= 4; filled.filled++)
    {
      xdotool ("key %u", filled.filled);
      test_wait (is_filled, &filled, LIMIT_SECONDS, panes[filled.filled - 1]);
    }
  press ("Escape");
  filled.filled = 0;
  test_wait (is_filled, &filled, LIMIT_SECONDS, "all four panes");
  close_window (filled.window);
}

/* ---- The map ---- */

static void
place_of_row (KinMapCanvas *canvas, guint row, double *x, double *y)
{
  GtkWidget *widget = GTK_WIDGET (canvas);
  const KinMapData *data = kin_map_canvas_get_data (canvas);
  KinMapTransform transform = kin_map_transform (data, kin_canvas_get_style (KIN_CANVAS (canvas)),
                                                 gtk_widget_get_width (widget), gtk_widget_get_height (widget));

  *x = transform.x + transform.scale * data->xy[2 * row];
  *y = transform.y - transform.scale * data->xy[2 * row + 1];
}

/* The dot that is farthest from any other, so that a click cannot mean its neighbour. */
static guint
loneliest_row (const KinMapData *data)
{
  double best = -1;
  guint found = 0;

  for (guint i = 0; i < data->n; i++)
    {
      double nearest = INFINITY;

      for (guint k = 0; k < data->n; k++)
        if (k != i)
          nearest = MIN (nearest, hypot (data->xy[2 * i] - data->xy[2 * k], data->xy[2 * i + 1] - data->xy[2 * k + 1]));
      if (nearest > best)
        {
          best = nearest;
          found = i;
        }
    }
  return found;
}

static KinMapCanvas *
wait_for_map (KinWindow *window)
{
  KinMapCanvas *canvas = KIN_MAP_CANVAS (find_type (window, "KinMapCanvas"));

  test_wait (map_is_still, canvas, LIMIT_SECONDS, "a map at rest");
  return canvas;
}

typedef struct
{
  KinSession *session;
  int id;
} Image;

static gboolean
is_hovered (gpointer data)
{
  const Image *image = data;

  return kin_session_get_hovered (image->session) == image->id;
}

static gboolean
is_selected (gpointer data)
{
  const Image *image = data;

  return kin_session_get_selected (image->session) == image->id;
}

static gboolean
has_neighbours (gpointer data)
{
  const Image *image = data;
  const KinNearby *nearby = kin_neighbourhood_get (kin_session_get_neighbourhood (image->session));

  return nearby->id == image->id && nearby->n_learned >= KIN_NEIGHBOURS_SHOWN && nearby->n_pixels == KIN_NEIGHBOURS_SHOWN;
}

static guint
count_tiles (GtkWidget *widget)
{
  guint n = g_str_equal (G_OBJECT_TYPE_NAME (widget), "KinImageTile") && gtk_widget_get_mapped (widget);

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    n += count_tiles (child);
  return n;
}

static gboolean
lists_neighbours (gpointer inspector)
{
  return count_tiles (inspector) == 2 * KIN_NEIGHBOURS_SHOWN;
}

static void
test_click_on_dot (void)
{
  KinWindow *window = open_lab (1440, 900);
  KinMapCanvas *canvas = wait_for_map (window);
  const KinMapData *data = kin_map_canvas_get_data (canvas);
  guint row = loneliest_row (data);
  Image image = { kin_window_get_session (window), (int) data->ids[row] };
  double x, y;

  g_assert_cmpint (kin_session_get_selected (image.session), ==, KIN_NO_IMAGE);
  place_of_row (canvas, row, &x, &y);
  point_at (GTK_WIDGET (canvas), x, y);
  test_wait (is_hovered, &image, LIMIT_SECONDS, "the dot to be pointed at");
  xdotool ("click 1");
  test_wait (is_selected, &image, LIMIT_SECONDS, "the dot's image to be selected");
  test_wait (has_neighbours, &image, LIMIT_SECONDS, "its neighbours");
  test_wait (lists_neighbours, find_type (window, "KinInspector"), LIMIT_SECONDS, "the inspector to list them");
  press ("Escape");
  image.id = KIN_NO_IMAGE;
  test_wait (is_selected, &image, LIMIT_SECONDS, "Escape to let it go");
  close_window (window);
}

typedef struct
{
  KinMapCanvas *canvas;
  double zoom; /* to be reached */
} Zoom;

static gboolean
is_zoomed (gpointer data)
{
  const Zoom *zoom = data;

  return fabs (kin_map_canvas_get_data (zoom->canvas)->view.zoom - zoom->zoom) < 1e-6;
}

/* What is under the pointer stays there. */
static void
test_wheel (void)
{
  KinWindow *window = open_lab (1440, 900);
  Zoom zoom = { wait_for_map (window), 1.25 * 1.25 };
  guint row = loneliest_row (kin_map_canvas_get_data (zoom.canvas));
  double x, y, new_x, new_y;

  place_of_row (zoom.canvas, row, &x, &y);
  point_at (GTK_WIDGET (zoom.canvas), x, y);
  xdotool ("click 4 click 4");
  test_wait (is_zoomed, &zoom, LIMIT_SECONDS, "the wheel to zoom in");
  place_of_row (zoom.canvas, row, &new_x, &new_y);
  /* The pointer stands on whole pixels: half of one, enlarged. */
  g_assert_cmpfloat_with_epsilon (new_x, x, 1);
  g_assert_cmpfloat_with_epsilon (new_y, y, 1);
  xdotool ("click 5 click 5");
  zoom.zoom = 1;
  test_wait (is_zoomed, &zoom, LIMIT_SECONDS, "the wheel to zoom out");
  close_window (window);
}

typedef struct
{
  KinMapCanvas *canvas;
  double x, y; /* where row 0 should be, px */
} Place;

static gboolean
is_at (gpointer data)
{
  const Place *place = data;
  double x, y;

  place_of_row (place->canvas, 0, &x, &y);
  return fabs (x - place->x) < 0.01 && fabs (y - place->y) < 0.01;
}

/* A drag pans, and is no click. */
static void
test_drag (void)
{
  KinWindow *window = open_lab (1440, 900);
  Place place = { wait_for_map (window), 0, 0 };
  GtkWidget *widget = GTK_WIDGET (place.canvas);

  place_of_row (place.canvas, 0, &place.x, &place.y);
  drag (widget, gtk_widget_get_width (widget) / 2, gtk_widget_get_height (widget) / 2, 60, -40);
  place.x += 60;
  place.y -= 40;
  test_wait (is_at, &place, LIMIT_SECONDS, "the map to be panned by 60, -40");
  g_assert_cmpint (kin_session_get_selected (kin_window_get_session (window)), ==, KIN_NO_IMAGE);
  close_window (window);
}

/* ---- The matrix ---- */

static gboolean
has_tip (gpointer canvas)
{
  KinTip tip;

  return kin_matrix_canvas_get_tip (canvas, &tip);
}

/* The order of the rows is made with the picture. */
static gboolean
is_drawn (gpointer canvas)
{
  return kin_matrix_canvas_get_data (canvas)->surface != NULL;
}

static gboolean
has_no_tip (gpointer canvas)
{
  return !has_tip (canvas);
}

static void
point_at_cell (KinMatrixCanvas *canvas, guint row, guint column)
{
  GtkWidget *widget = GTK_WIDGET (canvas);
  double x, y, side;

  kin_matrix_cell_rect (kin_matrix_canvas_get_data (canvas), kin_canvas_get_style (KIN_CANVAS (canvas)),
                        gtk_widget_get_width (widget), gtk_widget_get_height (widget), row, column, &x, &y, &side);
  point_at (widget, x + side / 2, y + side / 2);
}

static void
check_tip (KinMatrixCanvas *canvas, guint row, guint column)
{
  const KinMatrixData *data = kin_matrix_canvas_get_data (canvas);
  KinCell cell = kin_similarity_cell (data->similarity, row, column);
  g_autofree char *cosine = g_strdup_printf ("%.2f", cell.cosine);
  KinTip tip;

  g_assert_cmpint (data->hover_row, ==, (int) row);
  g_assert_cmpint (data->hover_column, ==, (int) column);
  g_assert_true (kin_matrix_canvas_get_tip (canvas, &tip));
  g_assert_cmpuint (tip.n_pictures, ==, 2);
  g_assert_nonnull (tip.pictures[0]);
  g_assert_nonnull (tip.pictures[1]);
  g_assert_cmpuint (tip.n_facts, ==, isnan (cell.share) ? 4 : 5);
  g_assert_cmpstr (tip.values[0], ==, cosine);
  g_assert_cmpfloat_with_epsilon (g_ascii_strtod (tip.values[1], NULL), cell.probability, 0.001);
  g_assert_cmpfloat_with_epsilon (g_ascii_strtod (tip.values[2], NULL), cell.loss, 0.01);
  g_assert_cmpfloat_with_epsilon (g_ascii_strtod (tip.values[3], NULL), cell.gradient, 0.001);
}

static void
test_hover_on_cell (void)
{
  KinWindow *window = open_lab (1440, 900);
  KinSession *session = kin_window_get_session (window);
  KinMatrixCanvas *canvas = KIN_MATRIX_CANVAS (find_type (window, "KinMatrixCanvas"));
  KinTip tip;

  press ("period");
  test_wait (has_similarity, session, LIMIT_SECONDS, "the matrix of a step");
  test_wait (is_resting, session, LIMIT_SECONDS, "the end of the step");
  test_wait (is_drawn, canvas, LIMIT_SECONDS, "the matrix to be drawn");
  g_assert_false (kin_matrix_canvas_get_tip (canvas, &tip));
  point_at_cell (canvas, 3, 3 + BATCH);
  test_wait (has_tip, canvas, LIMIT_SECONDS, "the tip of a cell");
  check_tip (canvas, 3, 3 + BATCH);
  g_assert_nonnull (strstr ((kin_matrix_canvas_get_tip (canvas, &tip), tip.text), "positive"));
  point_at_middle (find_type (window, "KinCurvesCanvas"));
  test_wait (has_no_tip, canvas, LIMIT_SECONDS, "the tip to go");
  close_window (window);
}

/* ---- The panel ---- */

typedef struct
{
  KinSession *session;
  double tau, above; /* before; to be exceeded */
} Temperature;

static gboolean
has_risen (gpointer data)
{
  const Temperature *temperature = data;

  return kin_config_get (kin_session_get_snapshot (temperature->session)->config, "tau") > temperature->above;
}

/* The run goes on with the new value: it is live. */
static void
test_temperature (void)
{
  KinWindow *window = open_lab (1440, 900);
  KinSession *session = kin_window_get_session (window);
  GtkWidget *row = find (GTK_WIDGET (window), is_row_of, "tau"), *slider = find_type (row, "GtkScale");
  double tau = kin_config_get (kin_session_get_config (session), "tau");
  Temperature temperature = { session, tau, 1.3 * tau };
  GtkAdjustment *adjustment = gtk_range_get_adjustment (GTK_RANGE (slider));
  GdkRectangle trough;
  double knob; /* px */
  guint64 run;

  press ("space");
  test_wait (has_similarity, session, LIMIT_SECONDS, "training");
  run = kin_session_get_snapshot (session)->run;
  gtk_range_get_range_rect (GTK_RANGE (slider), &trough);
  knob = trough.x
         + trough.width * (gtk_adjustment_get_value (adjustment) - gtk_adjustment_get_lower (adjustment))
             / (gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_lower (adjustment));
  drag (slider, knob, trough.y + trough.height / 2.0, trough.width / 5.0, 0);
  test_wait (has_risen, &temperature, LIMIT_SECONDS, "the run's temperature to follow the slider");
  g_assert_cmpuint (kin_session_get_snapshot (session)->run, ==, run);
  g_assert_cmpfloat (kin_param_row_get_value (KIN_PARAM_ROW (row)), >, temperature.above);
  g_assert_true (kin_session_is_playing (session));
  close_window (window);
}

typedef struct
{
  KinSession *session;
  KinOpKind kind;
  gboolean is_on; /* to be reached */
} Switch;

static gboolean
is_switched (gpointer data)
{
  const Switch *wanted = data;
  const KinPolicy *policy = kin_session_get_snapshot (wanted->session)->config->policy;
  gboolean is_on = FALSE;

  for (guint i = 0; i < policy->n_ops; i++)
    is_on = is_on || (policy->ops[i].kind == wanted->kind && policy->ops[i].is_on);
  return is_on == wanted->is_on;
}

static void
test_switch (void)
{
  KinWindow *window = open_lab (1440, 900);
  Switch flip = { kin_window_get_session (window), KIN_OP_HFLIP, TRUE };
  GtkWidget *row = find (GTK_WIDGET (window), is_row_of_op, &flip.kind);
  gboolean was_on = is_switched (&flip);

  for (int i = 0; i < 2; i++)
    {
      flip.is_on = i == 0 ? !was_on : was_on;
      click_middle (find_type (row, "GtkSwitch"));
      test_wait (is_switched, &flip, LIMIT_SECONDS, "the run's policy to follow the switch");
      row = find (GTK_WIDGET (window), is_row_of_op, &flip.kind);
    }
  close_window (window);
}

/* ---- The window itself ---- */

/* What scrolls, or folds, may be larger than its frame; all else must be inside. NULL when it is. */
static GtkWidget *
find_outside (GtkWidget *widget, GtkWidget *window)
{
  GdkSurface *surface = gtk_native_get_surface (GTK_NATIVE (window));
  graphene_rect_t bounds;
  double left, top;

  if (!gtk_widget_get_mapped (widget) || GTK_IS_NATIVE (widget) != (widget == window))
    return NULL;
  gtk_native_get_surface_transform (GTK_NATIVE (window), &left, &top);
  if (!gtk_widget_compute_bounds (widget, window, &bounds)
      || !(left + bounds.origin.x >= 0 && top + bounds.origin.y >= 0
           && left + bounds.origin.x + bounds.size.width <= gdk_surface_get_width (surface)
           && top + bounds.origin.y + bounds.size.height <= gdk_surface_get_height (surface)))
    return widget;
  if (GTK_IS_SCROLLED_WINDOW (widget) || GTK_IS_REVEALER (widget))
    return NULL;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *outside = find_outside (child, window);

      if (outside != NULL)
        return outside;
    }
  return NULL;
}

/* Folding takes some frames. */
static gboolean
all_is_inside (gpointer window)
{
  GdkSurface *surface = gtk_native_get_surface (window);

  return gdk_surface_get_width (surface) == 1024 && gdk_surface_get_height (surface) == 700
         && find_outside (window, window) == NULL;
}

static gboolean
inspector_is_folded (gpointer window)
{
  return !gtk_widget_get_mapped (find_type (window, "KinInspector"));
}

static void
test_resize (void)
{
  KinWindow *window = open_lab (1440, 900);
  Filled filled = { window, 0 };

  g_assert_false (inspector_is_folded (window));
  /* On the way, as an edge is dragged: with the inspector the window cannot be so narrow. */
  xdotool ("windowsize %lu 1200 800", xid_of (GTK_WIDGET (window)));
  test_wait (inspector_is_folded, window, LIMIT_SECONDS, "the inspector to make room");
  xdotool ("windowsize %lu 1024 700", xid_of (GTK_WIDGET (window)));
  test_wait (all_is_inside, window, LIMIT_SECONDS, "everything to be inside 1024 by 700");
  for (filled.filled = 1; filled.filled <= 4; filled.filled++)
    {
      xdotool ("key %u", filled.filled);
      test_wait (is_filled, &filled, LIMIT_SECONDS, panes[filled.filled - 1]);
      test_wait (all_is_inside, window, LIMIT_SECONDS, "a filling pane to be inside 1024 by 700");
    }
  close_window (window);
}

/* A key opens it, Escape closes it. */
static void
check_dialog (KinWindow *window, const char *key, char *type)
{
  point_at_middle (find_type (window, "KinCurvesCanvas"));
  press (key);
  test_wait (is_open, type, LIMIT_SECONDS, type);
  point_at_middle (find_toplevel (type));
  press ("Escape");
  test_wait (is_closed, type, LIMIT_SECONDS, "Escape to close it");
}

static void
test_dialogs (void)
{
  KinWindow *window = open_lab (1440, 900);

  check_dialog (window, "ctrl+question", (char[]){ "GtkShortcutsWindow" });
  check_dialog (window, "ctrl+o", (char[]){ "GtkFileChooserDialog" });
  check_dialog (window, "ctrl+n", (char[]){ "KinDatasetChooser" });
  /* None of these Escapes and keys has reached the lab below. */
  g_assert_cmpuint (kin_session_get_snapshot (kin_window_get_session (window))->step, ==, 0);
  close_window (window);
}

/* What a window manager is asked for reaches everybody who listens at the root window. */
static gboolean
on_x_event (GdkX11Display *display, XEvent *event, gboolean *is_asked)
{
  if (event->type == ClientMessage
      && event->xclient.message_type == gdk_x11_get_xatom_by_name_for_display (display, "_NET_WM_STATE")
      && (Atom) event->xclient.data.l[1]
           == gdk_x11_get_xatom_by_name_for_display (display, "_NET_WM_STATE_FULLSCREEN"))
    *is_asked = event->xclient.data.l[0] == 1;
  return GDK_EVENT_PROPAGATE;
}

static void
test_fullscreen (void)
{
  KinWindow *window = open_lab (1440, 900);
  GdkDisplay *display = gdk_display_get_default ();
  Display *x = gdk_x11_display_get_xdisplay (display);
  gboolean is_asked = FALSE;
  gulong handler = g_signal_connect (display, "xevent", G_CALLBACK (on_x_event), &is_asked);

  XSelectInput (x, DefaultRootWindow (x), SubstructureNotifyMask | PropertyChangeMask);
  press ("F11");
  test_wait (is_true, &is_asked, LIMIT_SECONDS, "the window to ask for the whole screen");
  g_signal_handler_disconnect (display, handler);
  close_window (window);
}

static void
require_xdotool (void)
{
  g_autofree char *path = g_find_program_in_path ("xdotool");

  if (path == NULL)
    g_error ("xdotool is not installed: real input cannot be tested without it (`make test` installs it)");
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  int status;

  test_init (&argc, &argv);
  require_xdotool ();
  /* Keys with Ctrl belong to the application. */
  application = GTK_APPLICATION (kin_application_new ());
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, &error));
  g_test_add_func ("/ui/input/space", test_space);
  g_test_add_func ("/ui/input/step", test_step);
  g_test_add_func ("/ui/input/restart", test_restart);
  g_test_add_func ("/ui/input/fill", test_fill);
  g_test_add_func ("/ui/input/click-on-dot", test_click_on_dot);
  g_test_add_func ("/ui/input/wheel", test_wheel);
  g_test_add_func ("/ui/input/drag", test_drag);
  g_test_add_func ("/ui/input/hover-on-cell", test_hover_on_cell);
  g_test_add_func ("/ui/input/temperature", test_temperature);
  g_test_add_func ("/ui/input/switch", test_switch);
  g_test_add_func ("/ui/input/resize", test_resize);
  g_test_add_func ("/ui/input/dialogs", test_dialogs);
  g_test_add_func ("/ui/input/fullscreen", test_fullscreen);
  status = g_test_run ();
  g_clear_object (&application);
  return status;
}
