#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

typedef enum
{
  KIN_THEME_SYSTEM,
  KIN_THEME_LIGHT,
  KIN_THEME_DARK,
} KinTheme;

/**
 * KinThemeWatcher:
 *
 * Makes GTK light or dark: as told, or as the desktop says through its settings portal. Without a portal "as the system
 * says" leaves GTK's own setting alone.
 */
#define KIN_TYPE_THEME_WATCHER (kin_theme_watcher_get_type ())
G_DECLARE_FINAL_TYPE (KinThemeWatcher, kin_theme_watcher, KIN, THEME_WATCHER, GObject)

KinThemeWatcher *kin_theme_watcher_new (void);
void kin_theme_watcher_set_theme (KinThemeWatcher *self, KinTheme theme);

G_END_DECLS
