#pragma once

#include <gtk/gtk.h>

#include "ui/session.h"

G_BEGIN_DECLS

/**
 * KinInspector:
 *
 * The selected image, what is known of it, and what is near to it: as the encoder sees it, beside as raw pixels.
 *
 * Property: `session`.
 */
#define KIN_TYPE_INSPECTOR (kin_inspector_get_type ())
G_DECLARE_FINAL_TYPE (KinInspector, kin_inspector, KIN, INSPECTOR, GtkWidget)

G_END_DECLS
