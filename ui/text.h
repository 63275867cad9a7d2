#pragma once

#include "engine/snapshot.h"

G_BEGIN_DECLS

/* Numbers and states as the window says them. All (transfer full) unless const. */

/* "948 images/s · 0:38 left", "paused", "ready", "finished"; never NULL. */
char *kin_text_rate (const KinSnapshot *snapshot);

/* "SimCLR · conv4 · seed 1" */
char *kin_text_run (const KinConfig *config);

/* "2,000 images · 32 × 32 · 8 classes" */
char *kin_text_dataset (const KinDataset *dataset);

/* What a person can do about @error; "" for NULL. */
const char *kin_text_error_hint (const GError *error);

/* "2,000" */
char *kin_text_count (guint64 n);

/* A value of a parameter with its unit, as short as it stays clear: "0.20", "64 pairs", "on", "adamw". */
char *kin_text_param (const KinParamSpec *spec, double value);

/* Plain name, formal name, range, source and what the parameter does: the tooltip of its row. */
char *kin_text_param_help (const KinParamSpec *spec);

/* A word for an operation: "Crop". Its full title is for tooltips. */
const char *kin_text_op_name (KinOpKind kind);

/* The strengths of one line of a policy, short: "50–100 %", "±180°", "p 0.3". */
char *kin_text_op (const KinOp *op);

/* A factor's value with its unit: "−36°". */
char *kin_text_factor (const KinFactor *factor, guint id);

/* Title of the method with that id, or the id. */
const char *kin_text_method (const char *id);

G_END_DECLS
