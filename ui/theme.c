#include "ui/theme.h"

#include <gtk/gtk.h>

#define NAMESPACE "org.freedesktop.appearance"
#define KEY "color-scheme"
#define PREFERS_DARK 1

struct _KinThemeWatcher
{
  GObject parent;
  KinTheme theme;
  gboolean is_gtk_dark;    /* GTK's own setting, before anybody changed it */
  gboolean is_system_dark; /* the portal's word, when there is one */
  gboolean has_system;
  GDBusProxy *portal;
  GCancellable *connecting;
};

G_DEFINE_FINAL_TYPE (KinThemeWatcher, kin_theme_watcher, G_TYPE_OBJECT)

static void
apply (KinThemeWatcher *self)
{
  GtkSettings *settings = gtk_settings_get_default ();
  gboolean is_dark = self->has_system ? self->is_system_dark : self->is_gtk_dark;

  if (self->theme != KIN_THEME_SYSTEM)
    is_dark = self->theme == KIN_THEME_DARK;
  if (settings != NULL)
    g_object_set (settings, "gtk-application-prefer-dark-theme", is_dark, NULL);
}

/* The portal wraps the value once or twice. */
static void
take_scheme (KinThemeWatcher *self, GVariant *value)
{
  g_autoptr (GVariant) scheme = g_variant_ref (value);

  while (g_variant_is_of_type (scheme, G_VARIANT_TYPE_VARIANT))
    {
      GVariant *inner = g_variant_get_variant (scheme);

      g_variant_unref (scheme);
      scheme = inner;
    }
  if (!g_variant_is_of_type (scheme, G_VARIANT_TYPE_UINT32))
    return;
  self->has_system = TRUE;
  self->is_system_dark = g_variant_get_uint32 (scheme) == PREFERS_DARK;
  apply (self);
}

static void
on_signal (GDBusProxy *portal, const char *sender, const char *signal, GVariant *parameters, KinThemeWatcher *self)
{
  const char *space, *key;
  g_autoptr (GVariant) value = NULL;

  if (g_strcmp0 (signal, "SettingChanged") != 0 || !g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(ssv)")))
    return;
  g_variant_get (parameters, "(&s&sv)", &space, &key, &value);
  if (g_strcmp0 (space, NAMESPACE) == 0 && g_strcmp0 (key, KEY) == 0)
    take_scheme (self, value);
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GVariant) answer = g_dbus_proxy_call_finish (G_DBUS_PROXY (source), result, NULL);
  g_autoptr (GVariant) value = NULL;

  if (answer == NULL || !g_variant_is_of_type (answer, G_VARIANT_TYPE ("(v)")))
    return;
  value = g_variant_get_child_value (answer, 0);
  take_scheme (user_data, value);
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GDBusProxy *portal = g_dbus_proxy_new_for_bus_finish (result, NULL);
  KinThemeWatcher *self = user_data;
  g_autofree char *owner = portal == NULL ? NULL : g_dbus_proxy_get_name_owner (portal);

  /* NULL when the watcher is gone already, too. */
  if (portal == NULL)
    return;
  if (owner == NULL)
    {
      g_object_unref (portal);
      return;
    }
  self->portal = portal;
  g_signal_connect_object (portal, "g-signal", G_CALLBACK (on_signal), self, 0);
  g_dbus_proxy_call (portal, "Read", g_variant_new ("(ss)", NAMESPACE, KEY), G_DBUS_CALL_FLAGS_NONE, -1,
                     self->connecting, on_read, self);
}

void
kin_theme_watcher_set_theme (KinThemeWatcher *self, KinTheme theme)
{
  self->theme = theme;
  apply (self);
}

static void
kin_theme_watcher_dispose (GObject *object)
{
  KinThemeWatcher *self = KIN_THEME_WATCHER (object);

  if (self->connecting != NULL)
    g_cancellable_cancel (self->connecting);
  g_clear_object (&self->connecting);
  g_clear_object (&self->portal);
  G_OBJECT_CLASS (kin_theme_watcher_parent_class)->dispose (object);
}

static void
kin_theme_watcher_class_init (KinThemeWatcherClass *class)
{
  G_OBJECT_CLASS (class)->dispose = kin_theme_watcher_dispose;
}

static void
kin_theme_watcher_init (KinThemeWatcher *self)
{
  GtkSettings *settings = gtk_settings_get_default ();

  if (settings != NULL)
    g_object_get (settings, "gtk-application-prefer-dark-theme", &self->is_gtk_dark, NULL);
  self->connecting = g_cancellable_new ();
  g_dbus_proxy_new_for_bus (G_BUS_TYPE_SESSION, G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START, NULL,
                            "org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop",
                            "org.freedesktop.portal.Settings", self->connecting, on_connected, self);
}

KinThemeWatcher *
kin_theme_watcher_new (void)
{
  return g_object_new (KIN_TYPE_THEME_WATCHER, NULL);
}
