#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * KinApplication:
 *
 * `kindred [OPTION…] [FOLDER]`: options, preferences, theme, and one window.
 */
#define KIN_TYPE_APPLICATION (kin_application_get_type ())
G_DECLARE_FINAL_TYPE (KinApplication, kin_application, KIN, APPLICATION, GtkApplication)

KinApplication *kin_application_new (void);

/* 0, or what the process should end with when something asked for on the command line did not work. */
int kin_application_get_exit_status (KinApplication *self);

G_END_DECLS
