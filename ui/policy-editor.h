#pragma once

#include <gtk/gtk.h>

#include "engine/policy.h"

G_BEGIN_DECLS

/**
 * KinPolicyEditor:
 *
 * An augmentation policy: a list of presets, and a row for each line of it, in its order; among them, switched
 * off, the operations that it does not use.
 *
 * Signal `edited`: the user has changed it; kin_policy_editor_get_policy() has the new one.
 */
#define KIN_TYPE_POLICY_EDITOR (kin_policy_editor_get_type ())
G_DECLARE_FINAL_TYPE (KinPolicyEditor, kin_policy_editor, KIN, POLICY_EDITOR, GtkWidget)

/* (transfer none) (nullable): never changes after it was given out. */
KinPolicy *kin_policy_editor_get_policy (KinPolicyEditor *self);
/* Silent. */
void kin_policy_editor_set_policy (KinPolicyEditor *self, KinPolicy *policy);

/* As if the user had moved the switch of the first row with @kind. */
void kin_policy_editor_switch (KinPolicyEditor *self, KinOpKind kind, gboolean is_on);

G_END_DECLS
