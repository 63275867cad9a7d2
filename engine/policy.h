#pragma once

#include "engine/param.h"

G_BEGIN_DECLS

#define KIN_OP_PARAMS_MAX 6  /* strengths of one operation */
#define KIN_OP_DRAWN_MAX 10  /* values that one application draws */
#define KIN_POLICY_OPS_MAX 16

typedef enum
{
  KIN_OP_CROP,
  KIN_OP_HFLIP,
  KIN_OP_VFLIP,
  KIN_OP_ROTATE,
  KIN_OP_TRANSLATE,
  KIN_OP_JITTER,
  KIN_OP_GRAYSCALE,
  KIN_OP_SOLARIZE,
  KIN_OP_BLUR,
  KIN_OP_NOISE,
  KIN_OP_CUTOUT,
  KIN_N_OPS,
} KinOpKind;

/* What an operation is; one static description each. */
typedef struct
{
  KinOpKind kind;
  const char *id;    /* "crop" */
  const char *title; /* "Random resized crop", translatable */
  const char *help;
  const char *source;
  guint n_params;
  KinParamSpec params[KIN_OP_PARAMS_MAX]; /* strengths; the probability is not among them */
  guint n_drawn;
  /* Names of the drawn values, in the order of KinTraceStep.drawn. Positions and sizes are px, `area` is a share, angles
   * are degrees, `fill` is an index into its choices, `order` is the index of the permutation of
   * (brightness, contrast, saturation, hue), 0 to 23 in lexicographic order. With pixels, size and trace at hand the
   * view can be made again exactly: nothing else was drawn. */
  const char *drawn[KIN_OP_DRAWN_MAX];
} KinOpInfo;

const KinOpInfo *kin_op_info (KinOpKind kind);

/* One line of a policy. */
typedef struct
{
  KinOpKind kind;
  gboolean is_on;
  double probability;              /* [0, 1] */
  double value[KIN_OP_PARAMS_MAX]; /* in the order of KinOpInfo.params */
} KinOp;

/**
 * KinPolicy:
 *
 * An ordered list of operations. Shared between threads by reference count; immutable once a second reference exists.
 * To change one, kin_policy_copy() it first.
 */
typedef struct _KinPolicy KinPolicy;
struct _KinPolicy
{
  guint n_ops;
  KinOp ops[KIN_POLICY_OPS_MAX];
};

KinPolicy *kin_policy_new (void);
KinPolicy *kin_policy_copy (const KinPolicy *policy);
KinPolicy *kin_policy_ref (KinPolicy *policy);
void kin_policy_unref (KinPolicy *policy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KinPolicy, kin_policy_unref)

gboolean kin_policy_equal (const KinPolicy *a, const KinPolicy *b);

/**
 * kin_policy_add:
 *
 * Appends @kind, switched on, with its default strengths. Returns: (transfer none): the new line, to be tuned
 */
KinOp *kin_policy_add (KinPolicy *policy, KinOpKind kind, double probability);

/**
 * kin_policy_check:
 *
 * What the types cannot say: every probability and strength within its range, no range upside down, kernels odd.
 *
 * Returns: FALSE with %KIN_ERROR_OPTION naming line, operation, value and range
 */
gboolean kin_policy_check (const KinPolicy *policy, GError **error);

/**
 * kin_policy_to_text:
 *
 * One line an operation, in order: `crop p=1 area_min=0.2 area_max=1 …`; a line that is switched off starts with
 * `off `; `#` starts a comment; a line ends at a newline or at `;`. What is not given has its default (p=1).
 * kin_policy_from_text() reads it back to the same bits.
 */
char *kin_policy_to_text (const KinPolicy *policy);

/**
 * kin_policy_from_text:
 *
 * Returns: (transfer full) (nullable): NULL with @error naming the line, the word, and the range or the known names
 */
KinPolicy *kin_policy_from_text (const char *text, GError **error);

/* A policy that comes with Kindred. */
typedef struct
{
  const char *id;    /* "simclr", "gray", "crop", "color", "none", "shapes", "shapes-weak" */
  const char *title; /* translatable */
  const char *help;
  const char *text; /* for kin_policy_from_text() */
} KinPolicyPreset;

const KinPolicyPreset *kin_policy_presets (guint *n);

/**
 * kin_policy_from_name:
 * @name: a preset's id, or a file written by kin_policy_to_text()
 */
KinPolicy *kin_policy_from_name (const char *name, GError **error);

/**
 * kin_policy_find_preset:
 *
 * Returns: (nullable): id of the preset that is equal to @policy
 */
const char *kin_policy_find_preset (const KinPolicy *policy);

/* What was drawn for one operation of one view. */
typedef struct
{
  guint8 kind; /* KinOpKind */
  gboolean is_applied;
  float drawn[KIN_OP_DRAWN_MAX]; /* named by KinOpInfo.drawn */
} KinTraceStep;

/* What was drawn for one view: one step for each line of the policy that is switched on, in order. */
typedef struct
{
  guint n_steps;
  KinTraceStep steps[KIN_POLICY_OPS_MAX];
} KinTrace;

/**
 * kin_trace_to_text:
 *
 * Returns: (transfer full): the applied operations with their drawn values, for people, short:
 *   "crop 71 % · flip · rotate 132° · hue +.31"; "unchanged" when there is none
 */
char *kin_trace_to_text (const KinTrace *trace);

G_END_DECLS
