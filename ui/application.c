#include "ui/application.h"

#include <glib/gi18n.h>

#include "resources/kin-resources.h"
#include "ui/preferences.h"
#include "ui/screenshot.h"
#include "ui/settings.h"
#include "ui/theme.h"
#include "ui/window.h"

#define AFTER_SECONDS 4.0
#define SCREENSHOT_RETRY_MS 50
#define SCREENSHOT_TRIES 200
#define SIDE_MIN 320
#define SIDE_MAX 16384

/* What the command line asks for. */
typedef struct
{
  gboolean plays, is_dark, is_light, shows_version;
  double after;
  char *screenshot, *size, *dataset;
  char **folders;
} Options;

struct _KinApplication
{
  GtkApplication parent;
  GSettings *settings;
  KinThemeWatcher *theme;
  Options options;
  guint screenshot_tries;
  int exit_status;
};

G_DEFINE_FINAL_TYPE (KinApplication, kin_application, GTK_TYPE_APPLICATION)

int
kin_application_get_exit_status (KinApplication *self)
{
  return self->exit_status;
}

static KinWindow *
get_window (KinApplication *self)
{
  for (GList *list = gtk_application_get_windows (GTK_APPLICATION (self)); list != NULL; list = list->next)
    if (KIN_IS_WINDOW (list->data))
      return list->data;
  return NULL;
}

static void
apply_settings (KinApplication *self)
{
  KinWindow *window = get_window (self);
  KinTheme theme = self->settings == NULL ? KIN_THEME_SYSTEM : g_settings_get_enum (self->settings, "theme");

  if (self->options.is_dark || self->options.is_light)
    theme = self->options.is_dark ? KIN_THEME_DARK : KIN_THEME_LIGHT;
  kin_theme_watcher_set_theme (self->theme, theme);
  if (window == NULL || self->settings == NULL)
    return;
  if (g_settings_get_boolean (self->settings, "presentation-size"))
    gtk_widget_add_css_class (GTK_WIDGET (window), "presentation");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (window), "presentation");
  kin_session_set_threads (kin_window_get_session (window), (guint) g_settings_get_int (self->settings, "threads"));
}

static void
on_preferences (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  KinApplication *self = user_data;
  KinWindow *window = get_window (self);

  if (self->settings != NULL)
    gtk_window_present (GTK_WINDOW (kin_preferences_new (GTK_WINDOW (window), self->settings)));
  else if (window != NULL)
    kin_window_tell (window, _ ("The settings schema is not installed: preferences cannot be kept."));
}

/* To the other side of what is seen now. */
static void
on_toggle_dark (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  KinApplication *self = user_data;
  gboolean is_dark;

  g_object_get (gtk_settings_get_default (), "gtk-application-prefer-dark-theme", &is_dark, NULL);
  self->options.is_dark = self->options.is_light = FALSE;
  if (self->settings != NULL)
    g_settings_set_enum (self->settings, "theme", is_dark ? KIN_THEME_LIGHT : KIN_THEME_DARK);
  kin_theme_watcher_set_theme (self->theme, is_dark ? KIN_THEME_LIGHT : KIN_THEME_DARK);
}

static void
on_about (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  static const char *const authors[] = { "Kindred's contributors", NULL };

  gtk_show_about_dialog (GTK_WINDOW (get_window (user_data)), "program-name", _ ("Kindred"), "version", KIN_VERSION,
                         "comments", _ ("A laboratory for contrastive self-supervised learning"), "logo-icon-name",
                         "org.kindred.Kindred", "license-type", GTK_LICENSE_MIT_X11, "authors", authors,
                         "translator-credits", _ ("translator-credits"), NULL);
}

/* Windows are asked, so that they keep their size. */
static void
on_quit (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  KinWindow *window = get_window (user_data);

  if (window != NULL)
    gtk_window_close (GTK_WINDOW (window));
  g_application_quit (user_data);
}

static void
add_actions (KinApplication *self)
{
  static const GActionEntry actions[] = {
    { .name = "preferences", .activate = on_preferences },
    { .name = "toggle-dark", .activate = on_toggle_dark },
    { .name = "about", .activate = on_about },
    { .name = "quit", .activate = on_quit },
  };
  static const char *const keys[][2] = {
    { "app.preferences", "<Ctrl>comma" },      { "app.toggle-dark", "<Ctrl>d" },
    { "app.quit", "<Ctrl>q" },                 { "win.open-folder", "<Ctrl>o" },
    { "win.open-run", "<Ctrl><Shift>o" },      { "win.save-run", "<Ctrl>s" },
    { "win.write-report", "<Ctrl>p" },         { "win.restart", "<Ctrl>r" },
    { "win.restart-new-seed", "<Ctrl><Shift>r" }, { "win.find", "<Ctrl>f" },
    { "win.choose-dataset", "<Ctrl>n" },       { "win.shows-experiment", "F9" },
    { "win.shows-inspector", "<Shift>F9" },    { "win.fullscreen", "F11" },
    { "win.show-help-overlay", "<Ctrl>question" },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (self), keys[i][0], (const char *[]){ keys[i][1], NULL });
}

static void
kin_application_startup (GApplication *application)
{
  KinApplication *self = KIN_APPLICATION (application);
  g_autoptr (GtkCssProvider) css = gtk_css_provider_new ();

  /* A name in the object file of the resources: without it a static library leaves them out. */
  g_resources_register (kin_get_resource ());
  G_APPLICATION_CLASS (kin_application_parent_class)->startup (application);
  gtk_css_provider_load_from_resource (css, "/org/kindred/Kindred/style.css");
  gtk_style_context_add_provider_for_display (gdk_display_get_default (), GTK_STYLE_PROVIDER (css),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  gtk_window_set_default_icon_name ("org.kindred.Kindred");
  self->settings = kin_settings_new ();
  self->theme = kin_theme_watcher_new ();
  if (self->settings != NULL)
    g_signal_connect_swapped (self->settings, "changed", G_CALLBACK (apply_settings), self);
  add_actions (self);
}

static gboolean
parse_size (const char *text, int *width, int *height)
{
  char rest;

  return sscanf (text, "%dx%d%c", width, height, &rest) == 2 && *width >= SIDE_MIN && *height >= SIDE_MIN
         && *width <= SIDE_MAX && *height <= SIDE_MAX;
}

static gboolean
on_screenshot (gpointer data)
{
  KinApplication *self = data;
  g_autoptr (GError) error = NULL;

  if (!kin_screenshot_is_ready (GTK_WIDGET (get_window (self))) && self->screenshot_tries++ < SCREENSHOT_TRIES)
    {
      g_timeout_add (SCREENSHOT_RETRY_MS, on_screenshot, self);
      return G_SOURCE_REMOVE;
    }
  if (!kin_screenshot_write (GTK_WIDGET (get_window (self)), self->options.screenshot, &error))
    {
      g_printerr ("kindred: %s\n", error->message);
      self->exit_status = 1;
    }
  g_application_quit (G_APPLICATION (self));
  return G_SOURCE_REMOVE;
}

/* A path that is there is made absolute, so that a saved run finds it from anywhere; else it is the name of a set. */
static char *
source_of (const Options *options)
{
  const char *text = options->folders != NULL ? options->folders[0] : options->dataset;

  if (text == NULL)
    return g_strdup ("shapes");
  return g_file_test (text, G_FILE_TEST_EXISTS) ? g_canonicalize_filename (text, NULL) : g_strdup (text);
}

static void
kin_application_activate (GApplication *application)
{
  KinApplication *self = KIN_APPLICATION (application);
  const Options *options = &self->options;
  KinWindow *window = get_window (self);
  KinSession *session;
  g_autofree char *source = NULL;
  int width, height;

  if (window != NULL)
    {
      gtk_window_present (GTK_WINDOW (window));
      return;
    }
  window = kin_window_new (GTK_APPLICATION (self), self->settings);
  session = kin_window_get_session (window);
  apply_settings (self);
  if (options->size != NULL && parse_size (options->size, &width, &height))
    {
      gtk_window_unmaximize (GTK_WINDOW (window));
      gtk_window_set_default_size (GTK_WINDOW (window), width, height);
    }
  gtk_window_present (GTK_WINDOW (window));
  source = source_of (options);
  kin_session_open_source (session, source);
  if (options->plays)
    kin_session_play_when_ready (session);
  if (options->screenshot != NULL)
    g_timeout_add ((guint) (1000 * (options->after > 0 ? options->after : AFTER_SECONDS)), on_screenshot, self);
}

static int G_GNUC_PRINTF (1, 2)
usage_error (const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_printerr ("kindred: %s\n", message);
  return 2;
}

/* Runs before GTK opens a display, so --help and --version need none. */
static int
kin_application_handle_local_options (GApplication *application, GVariantDict *dict)
{
  KinApplication *self = KIN_APPLICATION (application);
  const Options *options = &self->options;
  int width, height;

  if (options->shows_version)
    {
      g_print ("kindred %s\n", KIN_VERSION);
      return 0;
    }
  if (options->size != NULL && !parse_size (options->size, &width, &height))
    return usage_error (_ ("--size %s: write WIDTHxHEIGHT, each 320 to 16384, as 1440x900"), options->size);
  if (!(options->after >= 0 && options->after <= 1e6))
    return usage_error (_ ("--after %g: seconds, 0 to 1000000"), options->after);
  if (options->is_dark && options->is_light)
    return usage_error (_ ("--dark and --light: choose one of them"));
  if (options->folders != NULL && (options->folders[1] != NULL || options->dataset != NULL))
    return usage_error (_ ("%s: only one set can be opened"), options->folders[options->folders[1] != NULL ? 1 : 0]);
  if (!gtk_init_check ())
    {
      g_printerr (_ ("kindred: there is no display. kindred-cli trains without one.\n"));
      return 1;
    }
  return -1;
}

/* The trainer's thread must have ended before the process does: it uses what exit () takes down. */
static void
kin_application_shutdown (GApplication *application)
{
  GtkWindow *window;

  while ((window = GTK_WINDOW (get_window (KIN_APPLICATION (application)))) != NULL)
    gtk_window_destroy (window);
  G_APPLICATION_CLASS (kin_application_parent_class)->shutdown (application);
}

static void
kin_application_finalize (GObject *object)
{
  KinApplication *self = KIN_APPLICATION (object);

  g_clear_object (&self->settings);
  g_clear_object (&self->theme);
  g_free (self->options.screenshot);
  g_free (self->options.size);
  g_free (self->options.dataset);
  g_strfreev (self->options.folders);
  G_OBJECT_CLASS (kin_application_parent_class)->finalize (object);
}

static void
kin_application_class_init (KinApplicationClass *class)
{
  G_OBJECT_CLASS (class)->finalize = kin_application_finalize;
  G_APPLICATION_CLASS (class)->startup = kin_application_startup;
  G_APPLICATION_CLASS (class)->shutdown = kin_application_shutdown;
  G_APPLICATION_CLASS (class)->activate = kin_application_activate;
  G_APPLICATION_CLASS (class)->handle_local_options = kin_application_handle_local_options;
}

static void
kin_application_init (KinApplication *self)
{
  Options *options = &self->options;
  const GOptionEntry entries[] = {
    { "play", 0, 0, G_OPTION_ARG_NONE, &options->plays, N_ ("Train as soon as the images are there"), NULL },
    { "dataset", 0, 0, G_OPTION_ARG_STRING, &options->dataset,
      N_ ("What to open: shapes, shapes-cluttered, fashion-mnist, idx:…, cifar10:… or a folder"), N_ ("SOURCE") },
    { "screenshot", 0, 0, G_OPTION_ARG_FILENAME, &options->screenshot,
      N_ ("Draw the window into this PNG file, and quit"), N_ ("FILE") },
    { "after", 0, 0, G_OPTION_ARG_DOUBLE, &options->after, N_ ("Wait so long before the screenshot; 4"),
      N_ ("SECONDS") },
    { "size", 0, 0, G_OPTION_ARG_STRING, &options->size, N_ ("Size of the window, px"), N_ ("WxH") },
    { "dark", 0, 0, G_OPTION_ARG_NONE, &options->is_dark, N_ ("Dark, whatever the preferences say"), NULL },
    { "light", 0, 0, G_OPTION_ARG_NONE, &options->is_light, N_ ("Light, whatever the preferences say"), NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &options->shows_version, N_ ("Print the version"), NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->folders, NULL, N_ ("[FOLDER]") },
    { NULL },
  };

  g_application_add_main_option_entries (G_APPLICATION (self), entries);
  g_application_set_option_context_summary (G_APPLICATION (self),
                                            _ ("Kindred is a laboratory for contrastive self-supervised learning. "
                                               "FOLDER holds images; each of its first-level folders is a class."));
}

KinApplication *
kin_application_new (void)
{
  return g_object_new (KIN_TYPE_APPLICATION, "application-id", "org.kindred.Kindred", "resource-base-path",
                       "/org/kindred/Kindred", "flags", G_APPLICATION_NON_UNIQUE, NULL);
}
