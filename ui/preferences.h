#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * KinPreferences:
 *
 * A window over the GSettings keys: theme, size of the type, processors. A change counts at once; the number of
 * processors with the next set or run that is opened.
 */
#define KIN_TYPE_PREFERENCES (kin_preferences_get_type ())
G_DECLARE_FINAL_TYPE (KinPreferences, kin_preferences, KIN, PREFERENCES, GtkWindow)

GtkWidget *kin_preferences_new (GtkWindow *parent, GSettings *settings);

G_END_DECLS
