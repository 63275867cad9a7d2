#pragma once

#include "ui/view-pane.h"

G_BEGIN_DECLS

/* Originals with their views. */
#define KIN_TYPE_VIEWS_PANE (kin_views_pane_get_type ())
G_DECLARE_FINAL_TYPE (KinViewsPane, kin_views_pane, KIN, VIEWS_PANE, KinViewPane)

G_END_DECLS
