#pragma once

#include <gtk/gtk.h>

#include "engine/param.h"

G_BEGIN_DECLS

/**
 * KinParamRow:
 *
 * One parameter, with the control that its KinParamSpec asks for: a slider and a field to type in, a field with steps
 * (seeds), a switch, or a list of choices. Says whether the parameter may change while training runs.
 *
 * Signal `edited (value)`: the user has set a value that is in range. Setting it from the program is silent.
 */
#define KIN_TYPE_PARAM_ROW (kin_param_row_get_type ())
G_DECLARE_FINAL_TYPE (KinParamRow, kin_param_row, KIN, PARAM_ROW, GtkWidget)

/* @spec: static */
GtkWidget *kin_param_row_new (const KinParamSpec *spec);

const KinParamSpec *kin_param_row_get_spec (KinParamRow *self);
double kin_param_row_get_value (KinParamRow *self);
void kin_param_row_set_value (KinParamRow *self, double value);
/* As if the user had typed @text and pressed Enter. */
void kin_param_row_type (KinParamRow *self, const char *text);
/* Whether to mark a live parameter; where all of them are, it need not be said. */
void kin_param_row_set_shows_live (KinParamRow *self, gboolean shows_live);

G_END_DECLS
