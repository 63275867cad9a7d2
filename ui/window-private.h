#pragma once

#include "ui/view-pane.h"
#include "ui/window.h"

#define KIN_N_PANES 4

struct _KinWindow
{
  GtkApplicationWindow parent;
  KinSession *session;
  GSettings *settings;
  gboolean shows_experiment, shows_inspector;
  gboolean is_narrow, wants_inspector; /* what the user wants where there is room */
  guint filled;
  guint told_id;

  KinViewPane *views, *similarity, *curves, *map;
  GtkWidget *upper, *lower, *toast, *toast_text, *find, *find_text, *find_error;
};

/* In the order of the keys 1 to 4. */
KinViewPane *kin_window_get_pane (KinWindow *self, guint i);

void kin_window_class_install_actions (GtkWidgetClass *class);

/* The one place that says which commands make sense now. */
void kin_window_update_actions (KinWindow *self);
