#include "ui/window.h"

#include <glib/gi18n.h>

#include "ui/curves-pane.h"
#include "ui/experiment-panel.h"
#include "ui/inspector.h"
#include "ui/map-pane.h"
#include "ui/similarity-pane.h"
#include "ui/timeline.h"
#include "ui/views-pane.h"
#include "ui/window-private.h"

#define NARROW_PX 1250 /* below, the inspector is folded until it is asked for */
#define TOLD_SECONDS 6
#define SIMILARITY_HZ 10
#define PAIRS_WATCHED 64
#define PAIRS_WATCHED_FILLED 128

G_DEFINE_FINAL_TYPE (KinWindow, kin_window, GTK_TYPE_APPLICATION_WINDOW)

enum
{
  PROP_SESSION = 1,
  PROP_SHOWS_EXPERIMENT,
  PROP_SHOWS_INSPECTOR,
  PROP_FILLED,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

KinSession *
kin_window_get_session (KinWindow *self)
{
  return self->session;
}

KinViewPane *
kin_window_get_pane (KinWindow *self, guint i)
{
  KinViewPane *panes[KIN_N_PANES] = { self->views, self->similarity, self->curves, self->map };

  return panes[i];
}

static gboolean
on_told_enough (gpointer data)
{
  KinWindow *self = data;

  self->told_id = 0;
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->toast), FALSE);
  return G_SOURCE_REMOVE;
}

void
kin_window_tell (KinWindow *self, const char *text)
{
  /* A report may be written after the window has been closed. */
  if (self->session == NULL)
    return;
  gtk_label_set_text (GTK_LABEL (self->toast_text), text);
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->toast), TRUE);
  g_clear_handle_id (&self->told_id, g_source_remove);
  self->told_id = g_timeout_add_seconds (TOLD_SECONDS, on_told_enough, self);
}

static void
on_reported (KinSession *session, const char *text, KinWindow *self)
{
  kin_window_tell (self, text);
}

/* Nothing is computed that nobody sees. */
static void
update_watch (KinWindow *self)
{
  KinWatch watch = { .map = TRUE };

  if (gtk_widget_get_mapped (GTK_WIDGET (self->similarity)) || gtk_widget_get_mapped (GTK_WIDGET (self->views)))
    watch.similarity_hz = SIMILARITY_HZ;
  watch.similarity_pairs = self->filled == 2 ? PAIRS_WATCHED_FILLED : PAIRS_WATCHED;
  kin_session_watch (self->session, &watch);
}

static void
set_filled (KinWindow *self, guint filled)
{
  if (self->filled == filled || filled > KIN_N_PANES)
    return;
  self->filled = filled;
  for (guint i = 0; i < KIN_N_PANES; i++)
    {
      KinViewPane *pane = kin_window_get_pane (self, i);

      gtk_widget_set_visible (GTK_WIDGET (pane), filled == 0 || filled == i + 1);
      g_object_set (pane, "is-filling", filled == i + 1, NULL);
    }
  gtk_widget_set_visible (self->upper, filled <= 2);
  gtk_widget_set_visible (self->lower, filled == 0 || filled > 2);
  kin_window_update_actions (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_FILLED]);
}

static void
on_is_filling (KinViewPane *pane, GParamSpec *pspec, KinWindow *self)
{
  gboolean is_filling;

  g_object_get (pane, "is-filling", &is_filling, NULL);
  for (guint i = 0; i < KIN_N_PANES; i++)
    if (kin_window_get_pane (self, i) == pane && is_filling != (self->filled == i + 1))
      set_filled (self, is_filling ? i + 1 : 0);
}

static void
set_shows_inspector (KinWindow *self, gboolean shows)
{
  if (self->shows_inspector == shows)
    return;
  self->shows_inspector = shows;
  if (!self->is_narrow)
    self->wants_inspector = shows;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SHOWS_INSPECTOR]);
}

static void
set_shows_experiment (KinWindow *self, gboolean shows)
{
  if (self->shows_experiment == shows)
    return;
  self->shows_experiment = shows;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SHOWS_EXPERIMENT]);
}

/* Crossing the limit folds or unfolds; in between, the user decides. */
static void
fit_to_width (KinWindow *self, int width)
{
  gboolean is_narrow = width < NARROW_PX;

  if (is_narrow == self->is_narrow)
    return;
  self->is_narrow = is_narrow;
  if (is_narrow)
    gtk_widget_add_css_class (GTK_WIDGET (self), "narrow");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "narrow");
  set_shows_inspector (self, !is_narrow && self->wants_inspector);
}

static void
on_layout (GdkSurface *surface, int width, int height, KinWindow *self)
{
  fit_to_width (self, width);
}

/* Before it is shown: a small window must not be opened with the sizes of a wide one. */
static void
on_default_width (KinWindow *self)
{
  int width, height;

  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  if (!gtk_widget_get_realized (GTK_WIDGET (self)))
    fit_to_width (self, width);
}

static void
kin_window_realize (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (kin_window_parent_class)->realize (widget);
  g_signal_connect_object (gtk_native_get_surface (GTK_NATIVE (widget)), "layout", G_CALLBACK (on_layout), widget, 0);
}

static void
load_settings (KinWindow *self)
{
  if (self->settings == NULL)
    return;
  gtk_window_set_default_size (GTK_WINDOW (self), g_settings_get_int (self->settings, "window-width"),
                               g_settings_get_int (self->settings, "window-height"));
  if (g_settings_get_boolean (self->settings, "is-maximized"))
    gtk_window_maximize (GTK_WINDOW (self));
  self->wants_inspector = g_settings_get_boolean (self->settings, "shows-inspector");
  set_shows_inspector (self, self->wants_inspector);
  set_shows_experiment (self, g_settings_get_boolean (self->settings, "shows-experiment"));
}

static void
save_settings (KinWindow *self)
{
  int width, height;

  if (self->settings == NULL)
    return;
  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  g_settings_set_int (self->settings, "window-width", CLAMP (width, 640, 16384));
  g_settings_set_int (self->settings, "window-height", CLAMP (height, 480, 16384));
  g_settings_set_boolean (self->settings, "is-maximized", gtk_window_is_maximized (GTK_WINDOW (self)));
  g_settings_set_boolean (self->settings, "shows-inspector", self->wants_inspector);
  g_settings_set_boolean (self->settings, "shows-experiment", self->shows_experiment);
}

static gboolean
kin_window_close_request (GtkWindow *window)
{
  save_settings (KIN_WINDOW (window));
  return GTK_WINDOW_CLASS (kin_window_parent_class)->close_request (window);
}

/* A number has no spaces: its field has no use for the key. */
static gboolean
types_spaces (GtkWidget *focus)
{
  GtkInputPurpose purpose;

  if (!GTK_IS_TEXT (focus))
    return GTK_IS_EDITABLE (focus);
  g_object_get (focus, "input-purpose", &purpose, NULL);
  return purpose != GTK_INPUT_PURPOSE_NUMBER;
}

/* Space trains or pauses wherever the mouse has left the focus, and in the fields of numbers; where the keyboard has put
 * it (the focus is then visible), or in a text, Space belongs to the widget. */
static gboolean
on_key_pressed (GtkEventControllerKey *key, guint keyval, guint keycode, GdkModifierType modifiers, KinWindow *self)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));

  if (keyval != GDK_KEY_space || (modifiers & gtk_accelerator_get_default_mod_mask ()) != 0)
    return GDK_EVENT_PROPAGATE;
  if (focus != NULL && (GTK_IS_EDITABLE (focus) ? types_spaces (focus)
                                                : gtk_window_get_focus_visible (GTK_WINDOW (self))))
    return GDK_EVENT_PROPAGATE;
  gtk_widget_activate_action (GTK_WIDGET (self), "win.play", NULL);
  return GDK_EVENT_STOP;
}

static gboolean
on_drop (GtkDropTarget *target, const GValue *value, double x, double y, KinWindow *self)
{
  const GSList *files = g_value_get_boxed (value);
  g_autofree char *path = files == NULL ? NULL : g_file_get_path (files->data);

  if (path == NULL)
    {
      kin_window_tell (self, _ ("Only folders and files of this computer can be opened."));
      return FALSE;
    }
  kin_session_open_source (self->session, path);
  return TRUE;
}

static void
on_find (GtkSearchEntry *entry, KinWindow *self)
{
  const KinDataset *dataset = kin_session_get_dataset (self->session);
  g_autoptr (GError) error = NULL;
  guint id;

  if (dataset == NULL)
    return;
  if (!kin_dataset_find_image (dataset, gtk_editable_get_text (GTK_EDITABLE (entry)), &id, &error))
    {
      gtk_label_set_text (GTK_LABEL (self->find_error), error->message);
      gtk_widget_set_visible (self->find_error, TRUE);
      return;
    }
  gtk_widget_set_visible (self->find_error, FALSE);
  kin_session_select (self->session, (int) id);
  set_shows_inspector (self, TRUE);
  gtk_menu_button_popdown (GTK_MENU_BUTTON (self->find));
}

/* A failure beside a set that is still there; without one, a page of its own says it. */
static gboolean
banner_is_shown (KinWindow *self, gboolean has_error, const char *page)
{
  return has_error && g_strcmp0 (page, "run") == 0;
}

static gboolean
progress_is_known (KinWindow *self, double progress)
{
  return progress >= 0;
}

static double
shown_progress (KinWindow *self, double progress)
{
  return CLAMP (progress, 0, 1);
}

static void
kin_window_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  KinWindow *self = KIN_WINDOW (object);

  switch (id)
    {
    case PROP_SESSION:
      g_value_set_object (value, self->session);
      break;
    case PROP_SHOWS_EXPERIMENT:
      g_value_set_boolean (value, self->shows_experiment);
      break;
    case PROP_SHOWS_INSPECTOR:
      g_value_set_boolean (value, self->shows_inspector);
      break;
    case PROP_FILLED:
      g_value_set_uint (value, self->filled);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
kin_window_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  KinWindow *self = KIN_WINDOW (object);

  switch (id)
    {
    case PROP_SHOWS_EXPERIMENT:
      set_shows_experiment (self, g_value_get_boolean (value));
      break;
    case PROP_SHOWS_INSPECTOR:
      set_shows_inspector (self, g_value_get_boolean (value));
      break;
    case PROP_FILLED:
      set_filled (self, g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
kin_window_dispose (GObject *object)
{
  KinWindow *self = KIN_WINDOW (object);

  g_clear_handle_id (&self->told_id, g_source_remove);
  G_OBJECT_CLASS (kin_window_parent_class)->dispose (object);
  g_clear_object (&self->settings);
  g_clear_object (&self->session);
}

static void
install_properties (GObjectClass *class)
{
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  props[PROP_SESSION] = g_param_spec_object ("session", NULL, NULL, KIN_TYPE_SESSION,
                                             G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_SHOWS_EXPERIMENT] = g_param_spec_boolean ("shows-experiment", NULL, NULL, TRUE, flags);
  props[PROP_SHOWS_INSPECTOR] = g_param_spec_boolean ("shows-inspector", NULL, NULL, TRUE, flags);
  props[PROP_FILLED] = g_param_spec_uint ("filled", NULL, NULL, 0, KIN_N_PANES, 0, flags);
  g_object_class_install_properties (class, N_PROPS, props);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class, "/org/kindred/Kindred/ui/window.ui");
  gtk_widget_class_bind_template_child (widget_class, KinWindow, views);
  gtk_widget_class_bind_template_child (widget_class, KinWindow, similarity);
  gtk_widget_class_bind_template_child (widget_class, KinWindow, curves);
  gtk_widget_class_bind_template_child (widget_class, KinWindow, map);
  gtk_widget_class_bind_template_child (widget_class, KinWindow, upper);
  gtk_widget_class_bind_template_child (widget_class, KinWindow, lower);
  gtk_widget_class_bind_template_child (widget_class, KinWindow, toast);
  gtk_widget_class_bind_template_child (widget_class, KinWindow, toast_text);
  gtk_widget_class_bind_template_child (widget_class, KinWindow, find);
  gtk_widget_class_bind_template_child (widget_class, KinWindow, find_text);
  gtk_widget_class_bind_template_child (widget_class, KinWindow, find_error);
  gtk_widget_class_bind_template_callback (widget_class, on_find);
  gtk_widget_class_bind_template_callback (widget_class, on_is_filling);
  gtk_widget_class_bind_template_callback (widget_class, update_watch);
  gtk_widget_class_bind_template_callback (widget_class, banner_is_shown);
  gtk_widget_class_bind_template_callback (widget_class, progress_is_known);
  gtk_widget_class_bind_template_callback (widget_class, shown_progress);
}

static void
kin_window_class_init (KinWindowClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->get_property = kin_window_get_property;
  object_class->set_property = kin_window_set_property;
  object_class->dispose = kin_window_dispose;
  widget_class->realize = kin_window_realize;
  GTK_WINDOW_CLASS (class)->close_request = kin_window_close_request;
  install_properties (object_class);
  g_type_ensure (KIN_TYPE_EXPERIMENT_PANEL);
  g_type_ensure (KIN_TYPE_VIEWS_PANE);
  g_type_ensure (KIN_TYPE_SIMILARITY_PANE);
  g_type_ensure (KIN_TYPE_CURVES_PANE);
  g_type_ensure (KIN_TYPE_MAP_PANE);
  g_type_ensure (KIN_TYPE_INSPECTOR);
  g_type_ensure (KIN_TYPE_TIMELINE);
  bind_template (widget_class);
  kin_window_class_install_actions (widget_class);
}

static void
kin_window_init (KinWindow *self)
{
  GtkDropTarget *drop = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);
  GtkEventController *key = gtk_event_controller_key_new ();

  self->session = kin_session_new ();
  self->shows_experiment = self->shows_inspector = self->wants_inspector = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (self, "notify::default-width", G_CALLBACK (on_default_width), NULL);
  g_signal_connect (drop, "drop", G_CALLBACK (on_drop), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drop));
  gtk_event_controller_set_propagation_phase (key, GTK_PHASE_CAPTURE);
  g_signal_connect (key, "key-pressed", G_CALLBACK (on_key_pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self), key);
  g_signal_connect_object (self->session, "reported", G_CALLBACK (on_reported), self, 0);
  g_signal_connect_object (self->session, "notify", G_CALLBACK (kin_window_update_actions), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "dataset-changed", G_CALLBACK (kin_window_update_actions), self,
                           G_CONNECT_SWAPPED);
  kin_window_update_actions (self);
}

KinWindow *
kin_window_new (GtkApplication *application, GSettings *settings)
{
  KinWindow *self = g_object_new (KIN_TYPE_WINDOW, "application", application, NULL);

  self->settings = settings == NULL ? NULL : g_object_ref (settings);
  load_settings (self);
  return self;
}
