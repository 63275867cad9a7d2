#pragma once

#include <gtk/gtk.h>

#include "engine/policy.h"

G_BEGIN_DECLS

/**
 * KinOpRow:
 *
 * One line of an augmentation policy: a switch, a summary of its strengths, and (unfolded) a slider for its probability
 * and each strength.
 *
 * Signal `edited`: the user has changed it; kin_op_row_get_op() has the new values.
 */
#define KIN_TYPE_OP_ROW (kin_op_row_get_type ())
G_DECLARE_FINAL_TYPE (KinOpRow, kin_op_row, KIN, OP_ROW, GtkWidget)

GtkWidget *kin_op_row_new (KinOpKind kind);
/* Silent. */
void kin_op_row_set_op (KinOpRow *self, const KinOp *op);
const KinOp *kin_op_row_get_op (KinOpRow *self);
/* As if the user had moved its switch. */
void kin_op_row_switch (KinOpRow *self, gboolean is_on);

G_END_DECLS
