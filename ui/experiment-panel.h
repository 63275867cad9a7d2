#pragma once

#include <gtk/gtk.h>

#include "ui/session.h"

G_BEGIN_DECLS

/**
 * KinExperimentPanel:
 *
 * What the run is made of: data, method, encoder, augmentations, training. The rows come from kin_config_specs(), so a
 * new parameter or method needs nothing here.
 *
 * Property: `session`.
 */
#define KIN_TYPE_EXPERIMENT_PANEL (kin_experiment_panel_get_type ())
G_DECLARE_FINAL_TYPE (KinExperimentPanel, kin_experiment_panel, KIN, EXPERIMENT_PANEL, GtkWidget)

G_END_DECLS
