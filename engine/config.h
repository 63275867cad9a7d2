#pragma once

#include "engine/dataset.h"
#include "engine/param.h"
#include "engine/policy.h"

G_BEGIN_DECLS

#define KIN_PARAMS_MAX 64

/**
 * KinConfig:
 *
 * The complete description of a run: with the same config (and the same command log) a run gives the same bits.
 * Numbers are read and written by the id of their KinParamSpec.
 */
typedef struct
{
  char *dataset; /* KinDataSpec.source */
  char *method;  /* id of a KinMethodInfo: "simclr" */
  char *encoder; /* id of a KinEncoderInfo: "conv4" */
  KinPolicy *policy;
  double values[KIN_PARAMS_MAX]; /* in the order of kin_config_specs() */
} KinConfig;

/**
 * kin_config_new:
 * @dataset: (nullable): a source, or NULL for `shapes`
 *
 * Returns: (transfer full): the defaults that suit @dataset, as measured (see CONTRIBUTING.md, "Recipes"); nothing is
 *   opened or checked yet
 */
KinConfig *kin_config_new (const char *dataset);
KinConfig *kin_config_copy (const KinConfig *config);
void kin_config_free (KinConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KinConfig, kin_config_free)

/**
 * kin_config_specs:
 *
 * Returns: (transfer none): (n) every parameter that a run has, common ones first, then each method's
 */
const KinParamSpec *kin_config_specs (guint *n);
const KinParamSpec *kin_config_find_spec (const char *id);

/**
 * kin_config_get:
 * @id: must be a known id
 */
double kin_config_get (const KinConfig *config, const char *id);

/**
 * kin_config_set:
 *
 * Returns: FALSE with @error, and @config as it was, for an unknown @id or a value out of range
 */
gboolean kin_config_set (KinConfig *config, const char *id, double value, GError **error);

/**
 * kin_config_set_text:
 * @assignment: "NAME=VALUE"
 */
gboolean kin_config_set_text (KinConfig *config, const char *assignment, GError **error);

/**
 * kin_config_fit:
 *
 * Takes the batch of a recipe down to the training images of a set that has fewer. Not for a batch that was asked for.
 */
void kin_config_fit (KinConfig *config, const KinDataset *dataset);

/**
 * kin_config_check:
 * @dataset: (nullable): checked against it too, when given (a batch larger than the set, …)
 */
gboolean kin_config_check (const KinConfig *config, const KinDataset *dataset, GError **error);

/* Key-file text, for people to read and edit. Reading checks names and ranges. */
char *kin_config_to_text (const KinConfig *config);
KinConfig *kin_config_from_text (const char *text, GError **error);

/**
 * kin_config_data_spec:
 *
 * Returns: what kin_dataset_open() needs; lends config->dataset
 */
KinDataSpec kin_config_data_spec (const KinConfig *config);

typedef struct
{
  const char *id, *title, *help, *source;
} KinEncoderInfo;

typedef struct
{
  const char *id, *title, *help, *paper;
  const KinParamSpec *params;
  guint n_params;
} KinMethodInfo;

const KinEncoderInfo *kin_encoders (guint *n);
const KinMethodInfo *kin_methods (guint *n);

G_END_DECLS
