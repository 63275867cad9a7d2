#pragma once

#include "engine/error.h"

G_BEGIN_DECLS

typedef enum
{
  KIN_PARAM_REAL,
  KIN_PARAM_INT,
  KIN_PARAM_BOOL,
  KIN_PARAM_CHOICE, /* the value is an index into choices */
} KinParamKind;

/**
 * KinParamSpec:
 *
 * One number that a person may set, described once. The command line's `--set`, the window's rows, the key file of a
 * run and the range checks are all made from it. Every value is a double; @kind says how to read it.
 */
typedef struct
{
  const char *id;     /* "tau"; lower case, '_' */
  const char *title;  /* plain name, translatable: "Temperature" */
  const char *formal; /* name in the literature, or "": "τ" */
  const char *group;  /* "data", "method", "encoder", "training", "evaluation", or an augmentation's id */
  KinParamKind kind;
  double min, max, def;
  const char *const *choices; /* NULL-terminated ids, for KIN_PARAM_CHOICE */
  const char *unit;           /* "", "px", "°", "epochs", … */
  gboolean is_log;            /* a slider should move by ratio */
  gboolean is_live;           /* may change while a run is under way */
  const char *help;           /* what it does, one or two sentences, translatable */
  const char *source;         /* paper or software that it follows, or "" */
} KinParamSpec;

/**
 * kin_param_check:
 *
 * Returns: FALSE with %KIN_ERROR_OPTION naming parameter, value and range when @value is outside, not finite, or not
 *   whole where it must be
 */
gboolean kin_param_check (const KinParamSpec *spec, double value, GError **error);

/**
 * kin_param_parse:
 * @text: by the kind of @spec a decimal number in the C locale, `true`/`false`/`on`/`off`/`yes`/`no`/`1`/`0`, or a
 *   choice's id
 * @value: (out)
 */
gboolean kin_param_parse (const KinParamSpec *spec, const char *text, double *value, GError **error);

/**
 * kin_param_format:
 *
 * Returns: (transfer full): text that kin_param_parse() turns into the same bits
 */
char *kin_param_format (const KinParamSpec *spec, double value);

/**
 * kin_param_describe_range:
 *
 * Returns: (transfer full): "0.005 to 2", "adamw, sgd or lars", "on or off"
 */
char *kin_param_describe_range (const KinParamSpec *spec);

G_END_DECLS
