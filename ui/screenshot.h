#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Whether @window has been drawn: on a busy machine it may be on screen before. */
gboolean kin_screenshot_is_ready (GtkWidget *window);

/**
 * kin_screenshot_write:
 * @window: on screen
 * @path: PNG
 *
 * What the window shows, drawn by its own renderer: needs no help of the desktop.
 *
 * Returns: FALSE with @error in KIN_ERROR when there is nothing to draw or @path cannot be written
 */
gboolean kin_screenshot_write (GtkWidget *window, const char *path, GError **error);

G_END_DECLS
