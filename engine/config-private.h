#pragma once

#include "engine/config.h"
#include "engine/core/pool.h"
#include "engine/train/optimizer.h"
#include "engine/train/schedule.h"

G_BEGIN_DECLS

#define KIN_RECIPE_VALUES_MAX 8

/* Defaults that suit one source. */
typedef struct
{
  const char *source;
  struct
  {
    const char *id;
    double value;
  } values[KIN_RECIPE_VALUES_MAX]; /* up to the first without an id */
} KinRecipe;

const KinParamSpec *kin_config_common_specs (guint *n);
const KinRecipe *kin_config_recipes (guint *n);

G_END_DECLS
