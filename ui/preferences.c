#include "ui/preferences.h"

struct _KinPreferences
{
  GtkWindow parent;
  GSettings *settings;
  GtkWidget *theme, *presentation_size, *threads;
};

G_DEFINE_FINAL_TYPE (KinPreferences, kin_preferences, GTK_TYPE_WINDOW)

static void
on_theme (GtkDropDown *theme, GParamSpec *pspec, KinPreferences *self)
{
  if (self->settings != NULL)
    g_settings_set_enum (self->settings, "theme", (int) gtk_drop_down_get_selected (theme));
}

static void
kin_preferences_dispose (GObject *object)
{
  g_clear_object (&KIN_PREFERENCES (object)->settings);
  G_OBJECT_CLASS (kin_preferences_parent_class)->dispose (object);
}

static void
kin_preferences_class_init (KinPreferencesClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = kin_preferences_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/kindred/Kindred/ui/preferences.ui");
  gtk_widget_class_bind_template_child (widget_class, KinPreferences, theme);
  gtk_widget_class_bind_template_child (widget_class, KinPreferences, presentation_size);
  gtk_widget_class_bind_template_child (widget_class, KinPreferences, threads);
  gtk_widget_class_bind_template_callback (widget_class, on_theme);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
kin_preferences_init (KinPreferences *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
kin_preferences_new (GtkWindow *parent, GSettings *settings)
{
  KinPreferences *self = g_object_new (KIN_TYPE_PREFERENCES, "transient-for", parent, NULL);

  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->theme), (guint) g_settings_get_enum (settings, "theme"));
  self->settings = g_object_ref (settings);
  g_settings_bind (settings, "presentation-size", self->presentation_size, "active", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "threads", self->threads, "value", G_SETTINGS_BIND_DEFAULT);
  return GTK_WIDGET (self);
}
