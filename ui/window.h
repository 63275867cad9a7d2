#pragma once

#include <gtk/gtk.h>

#include "ui/session.h"

G_BEGIN_DECLS

/**
 * KinWindow:
 *
 * The lab's window: header, experiment panel, four views, inspector, timeline. Owns the session.
 *
 * Properties: `session` (read only), `shows-experiment`, `shows-inspector`, `filled` (the view that fills the window, 1
 * to 4, or 0 for all four).
 */
#define KIN_TYPE_WINDOW (kin_window_get_type ())
G_DECLARE_FINAL_TYPE (KinWindow, kin_window, KIN, WINDOW, GtkApplicationWindow)

/* @settings: (nullable): where size and folded panels are kept */
KinWindow *kin_window_new (GtkApplication *application, GSettings *settings);

KinSession *kin_window_get_session (KinWindow *self);

/* A line that is shown for some seconds. */
void kin_window_tell (KinWindow *self, const char *text);

G_END_DECLS
