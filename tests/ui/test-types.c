/* Every type of the window: made, its defaults, each property set and read back, shown, and gone again. */

#include "engine/config.h"
#include "tests/ui/helpers.h"
#include "ui/curves-canvas.h"
#include "ui/curves-pane.h"
#include "ui/dataset-chooser.h"
#include "ui/experiment-panel.h"
#include "ui/image-tile.h"
#include "ui/inspector.h"
#include "ui/map-canvas.h"
#include "ui/map-pane.h"
#include "ui/matrix-canvas.h"
#include "ui/neighbourhood.h"
#include "ui/op-row.h"
#include "ui/pairs-canvas.h"
#include "ui/param-row.h"
#include "ui/policy-editor.h"
#include "ui/preferences.h"
#include "ui/settings.h"
#include "ui/similarity-pane.h"
#include "ui/skipped-dialog.h"
#include "ui/theme.h"
#include "ui/thumbnail.h"
#include "ui/timeline.h"
#include "ui/views-pane.h"
#include "ui/window.h"

static gboolean
is_ours (const GParamSpec *pspec)
{
  return g_str_has_prefix (g_type_name (pspec->owner_type), "Kin");
}

static void
check_round_trip (GObject *object, GParamSpec *pspec, const GValue *wanted)
{
  g_auto (GValue) got = G_VALUE_INIT;

  g_object_set_property (object, pspec->name, wanted);
  g_value_init (&got, pspec->value_type);
  g_object_get_property (object, pspec->name, &got);
  if (g_param_values_cmp (pspec, wanted, &got) != 0)
    {
      g_autofree char *a = g_strdup_value_contents (wanted), *b = g_strdup_value_contents (&got);

      g_error ("%s:%s was set to %s and reads %s", G_OBJECT_TYPE_NAME (object), pspec->name, a, b);
    }
}

static void
count_notify (GObject *object, GParamSpec *pspec, guint *count)
{
  (*count)++;
}

/* Changing a property tells it once; setting it to what it is tells nothing. */
static void
check_notify (GObject *object, GParamSpec *pspec, const GValue *other)
{
  g_autofree char *detail = g_strdup_printf ("notify::%s", pspec->name);
  guint count = 0;
  gulong id = g_signal_connect (object, detail, G_CALLBACK (count_notify), &count);

  g_object_set_property (object, pspec->name, other);
  g_assert_cmpuint (count, ==, 1);
  g_object_set_property (object, pspec->name, other);
  g_assert_cmpuint (count, ==, 1);
  g_signal_handler_disconnect (object, id);
}

static void
check_property (GObject *object, GParamSpec *pspec)
{
  g_auto (GValue) first = G_VALUE_INIT, other = G_VALUE_INIT;

  g_value_init (&first, pspec->value_type);
  g_value_init (&other, pspec->value_type);
  if (!(pspec->flags & G_PARAM_READABLE))
    return;
  g_object_get_property (object, pspec->name, &first);
  if (!(pspec->flags & G_PARAM_WRITABLE))
    return;
  if (G_IS_PARAM_SPEC_BOOLEAN (pspec))
    g_value_set_boolean (&other, !g_value_get_boolean (&first));
  else if (G_IS_PARAM_SPEC_UINT (pspec))
    g_value_set_uint (&other, G_PARAM_SPEC_UINT (pspec)->maximum);
  else if (G_IS_PARAM_SPEC_INT (pspec) && G_PARAM_SPEC_INT (pspec)->maximum < G_MAXINT)
    g_value_set_int (&other, G_PARAM_SPEC_INT (pspec)->maximum);
  else if (G_IS_PARAM_SPEC_STRING (pspec))
    g_value_set_string (&other, "another text");
  else
    return;
  check_notify (object, pspec, &other);
  check_round_trip (object, pspec, &other);
  check_round_trip (object, pspec, &first);
}

static void
check_properties (GObject *object)
{
  guint n;
  g_autofree GParamSpec **pspecs = g_object_class_list_properties (G_OBJECT_GET_CLASS (object), &n);

  for (guint i = 0; i < n; i++)
    if (is_ours (pspecs[i]))
      check_property (object, pspecs[i]);
}

/* --- How each is made --- */

static KinSession *session;

static GtkWidget *
make_param_row (gconstpointer id)
{
  return kin_param_row_new (kin_config_find_spec (id));
}

static GtkWidget *
make_op_row (gconstpointer data)
{
  return kin_op_row_new (KIN_OP_CROP);
}

static GtkWidget *
make_tile (gconstpointer data)
{
  return kin_image_tile_new (session, 32);
}

static GtkWidget *
make_with_session (gconstpointer type)
{
  return g_object_new (GPOINTER_TO_SIZE (type), "session", session, NULL);
}

static GtkWidget *
make_plain (gconstpointer type)
{
  return g_object_new (GPOINTER_TO_SIZE (type), NULL);
}

static GtkWidget *
make_chooser (gconstpointer data)
{
  return kin_dataset_chooser_new (NULL, session);
}

static GtkWidget *
make_skipped (gconstpointer data)
{
  static KinSkippedFile files[] = {
    { (char *) "a/b.png", (char *) "not a PNG" },
    { (char *) "c\xff.png", (char *) "x" },
  };
  static KinDataset dataset = { .n_skipped = 2, .skipped = files };

  return kin_skipped_dialog_new (NULL, &dataset);
}

static GtkWidget *
make_preferences (gconstpointer data)
{
  g_autoptr (GSettings) settings = kin_settings_new ();

  g_assert_nonnull (settings);
  return kin_preferences_new (NULL, settings);
}

static GtkWidget *
make_window (gconstpointer data)
{
  return GTK_WIDGET (kin_window_new (NULL, NULL));
}

typedef struct
{
  const char *path;
  GtkWidget *(*make) (gconstpointer data);
  gconstpointer data;
} Type;

/* Shown on its own or inside a window, drawn, and then gone without a trace. */
static void
test_widget (gconstpointer data)
{
  const Type *type = data;
  GtkWidget *widget = type->make (type->data), *window = widget;
  gpointer alive = widget;

  if (!GTK_IS_WINDOW (widget))
    {
      window = gtk_window_new ();
      gtk_window_set_default_size (GTK_WINDOW (window), 500, 400);
      gtk_window_set_child (GTK_WINDOW (window), widget);
    }
  g_object_add_weak_pointer (G_OBJECT (widget), &alive);
  gtk_window_present (GTK_WINDOW (window));
  test_run (0.15);
  check_properties (G_OBJECT (widget));
  test_run (0.1);
  gtk_window_destroy (GTK_WINDOW (window));
  test_run (0.1);
  g_assert_null (alive);
}

static void
test_objects (void)
{
  GObject *objects[] = { G_OBJECT (kin_session_new ()), G_OBJECT (kin_neighbourhood_new ()),
                         G_OBJECT (kin_theme_watcher_new ()) };

  for (guint i = 0; i < G_N_ELEMENTS (objects); i++)
    {
      gpointer alive = objects[i];

      check_properties (objects[i]);
      g_object_add_weak_pointer (objects[i], &alive);
      g_object_unref (objects[i]);
      test_run (0.05);
      g_assert_null (alive);
    }
}

static void
test_session_defaults (void)
{
  g_autoptr (KinSession) fresh = kin_session_new ();
  g_autofree char *page = NULL, *label = NULL;
  gboolean has_run, can_play, is_playing, has_error;
  int selected, hovered;

  g_object_get (fresh, "page", &page, "play-label", &label, "has-run", &has_run, "can-play", &can_play, "is-playing",
                &is_playing, "has-error", &has_error, "selected", &selected, "hovered", &hovered, NULL);
  g_assert_cmpstr (page, ==, "empty");
  g_assert_cmpstr (label, ==, "Play");
  g_assert_false (has_run || can_play || is_playing || has_error);
  g_assert_cmpint (selected, ==, KIN_NO_IMAGE);
  g_assert_cmpint (hovered, ==, KIN_NO_IMAGE);
  /* Without a set no image can be selected. */
  kin_session_select (fresh, 3);
  g_assert_cmpint (kin_session_get_selected (fresh), ==, KIN_NO_IMAGE);
}

static void
on_edited (KinParamRow *row, double value, double *got)
{
  *got = value;
}

/* What the program sets is silent; what is typed is told when it is in range, and refused when it is not. */
static void
test_param_row_edits (void)
{
  KinParamRow *row = KIN_PARAM_ROW (g_object_ref_sink (kin_param_row_new (kin_config_find_spec ("tau"))));
  double got = -1;

  g_signal_connect (row, "edited", G_CALLBACK (on_edited), &got);
  kin_param_row_set_value (row, 0.3);
  g_assert_cmpfloat (got, ==, -1);
  g_assert_cmpfloat (kin_param_row_get_value (row), ==, 0.3);
  kin_param_row_type (row, "0.07");
  g_assert_cmpfloat (got, ==, 0.07);
  kin_param_row_type (row, "nonsense");
  kin_param_row_type (row, "-4");
  kin_param_row_type (row, "nan");
  g_assert_cmpfloat (got, ==, 0.07);
  g_assert_cmpfloat (kin_param_row_get_value (row), ==, 0.07);
  g_object_unref (row);
}

static void
on_policy_edited (KinPolicyEditor *editor, guint *count)
{
  (*count)++;
}

/* An operation that the preset does not use joins it where it belongs, and the others stay as they are. */
static void
test_policy_editor_joins (void)
{
  KinPolicyEditor *editor = KIN_POLICY_EDITOR (g_object_ref_sink (g_object_new (KIN_TYPE_POLICY_EDITOR, NULL)));
  g_autoptr (KinPolicy) policy = kin_policy_from_name ("shapes", NULL);
  KinPolicy *edited;
  guint count = 0;

  g_signal_connect (editor, "edited", G_CALLBACK (on_policy_edited), &count);
  kin_policy_editor_set_policy (editor, policy);
  g_assert_cmpuint (count, ==, 0);
  kin_policy_editor_switch (editor, KIN_OP_BLUR, TRUE);
  g_assert_cmpuint (count, ==, 1);
  edited = kin_policy_editor_get_policy (editor);
  g_assert_cmpuint (edited->n_ops, ==, policy->n_ops + 1);
  for (guint i = 1; i < edited->n_ops; i++)
    g_assert_cmpint (edited->ops[i].kind, >, edited->ops[i - 1].kind);
  kin_policy_editor_switch (editor, KIN_OP_ROTATE, FALSE);
  edited = kin_policy_editor_get_policy (editor);
  g_assert_cmpuint (edited->n_ops, ==, policy->n_ops + 1);
  for (guint i = 0; i < edited->n_ops; i++)
    g_assert_cmpint (edited->ops[i].is_on, ==, edited->ops[i].kind != KIN_OP_ROTATE);
  g_assert_true (kin_policy_equal (policy, policy));
  g_object_unref (editor);
}

static void
test_idx_source (void)
{
  const char *two[] = { "/d/train-labels-idx1-ubyte", "/d/train-images-idx3-ubyte", NULL };
  const char *one[] = { "/d/train-images-idx3-ubyte", NULL };
  g_autofree char *a = kin_dataset_chooser_join_source ("idx:IMAGES[,LABELS]", two);
  g_autofree char *b = kin_dataset_chooser_join_source ("idx:IMAGES[,LABELS]", one);
  g_autofree char *c = kin_dataset_chooser_join_source ("FOLDER", one);

  g_assert_cmpstr (a, ==, "idx:/d/train-images-idx3-ubyte,/d/train-labels-idx1-ubyte");
  g_assert_cmpstr (b, ==, "idx:/d/train-images-idx3-ubyte");
  g_assert_cmpstr (c, ==, "/d/train-images-idx3-ubyte");
}

int
main (int argc, char **argv)
{
  int result;

  test_init (&argc, &argv);
  session = kin_session_new ();
  test_open_shapes (session, 64);
  test_wait (test_has_run, session, 60, "the shapes");
  {
    const Type types[] = {
      { "/ui/types/param-row/real", make_param_row, "tau" },
      { "/ui/types/param-row/int", make_param_row, "batch" },
      { "/ui/types/param-row/bool", make_param_row, "nesterov" },
      { "/ui/types/param-row/choice", make_param_row, "optimizer" },
      { "/ui/types/param-row/seed", make_param_row, "seed" },
      { "/ui/types/op-row", make_op_row, NULL },
      { "/ui/types/policy-editor", make_plain, GSIZE_TO_POINTER (KIN_TYPE_POLICY_EDITOR) },
      { "/ui/types/thumbnail", make_plain, GSIZE_TO_POINTER (KIN_TYPE_THUMBNAIL) },
      { "/ui/types/image-tile", make_tile, NULL },
      { "/ui/types/pairs-canvas", make_plain, GSIZE_TO_POINTER (KIN_TYPE_PAIRS_CANVAS) },
      { "/ui/types/matrix-canvas", make_plain, GSIZE_TO_POINTER (KIN_TYPE_MATRIX_CANVAS) },
      { "/ui/types/curves-canvas", make_plain, GSIZE_TO_POINTER (KIN_TYPE_CURVES_CANVAS) },
      { "/ui/types/map-canvas", make_plain, GSIZE_TO_POINTER (KIN_TYPE_MAP_CANVAS) },
      { "/ui/types/views-pane", make_with_session, GSIZE_TO_POINTER (KIN_TYPE_VIEWS_PANE) },
      { "/ui/types/similarity-pane", make_with_session, GSIZE_TO_POINTER (KIN_TYPE_SIMILARITY_PANE) },
      { "/ui/types/curves-pane", make_with_session, GSIZE_TO_POINTER (KIN_TYPE_CURVES_PANE) },
      { "/ui/types/map-pane", make_with_session, GSIZE_TO_POINTER (KIN_TYPE_MAP_PANE) },
      { "/ui/types/inspector", make_with_session, GSIZE_TO_POINTER (KIN_TYPE_INSPECTOR) },
      { "/ui/types/timeline", make_with_session, GSIZE_TO_POINTER (KIN_TYPE_TIMELINE) },
      { "/ui/types/experiment-panel", make_with_session, GSIZE_TO_POINTER (KIN_TYPE_EXPERIMENT_PANEL) },
      { "/ui/types/dataset-chooser", make_chooser, NULL },
      { "/ui/types/skipped-dialog", make_skipped, NULL },
      { "/ui/types/preferences", make_preferences, NULL },
      { "/ui/types/window", make_window, NULL },
    };

    for (guint i = 0; i < G_N_ELEMENTS (types); i++)
      g_test_add_data_func (types[i].path, &types[i], test_widget);
    g_test_add_func ("/ui/types/objects", test_objects);
    g_test_add_func ("/ui/session/defaults", test_session_defaults);
    g_test_add_func ("/ui/param-row/edits", test_param_row_edits);
    g_test_add_func ("/ui/policy-editor/joins", test_policy_editor_joins);
    g_test_add_func ("/ui/dataset-chooser/idx-source", test_idx_source);
    result = g_test_run ();
  }
  g_object_unref (session);
  return result;
}
