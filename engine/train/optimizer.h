#pragma once

#include "engine/core/pool.h"
#include "engine/nn/layout.h"

G_BEGIN_DECLS

typedef enum
{
  KIN_OPTIMIZER_ADAMW,
  KIN_OPTIMIZER_SGD,
  KIN_OPTIMIZER_LARS,
} KinOptimizerKind;

/* Values of one update. */
typedef struct
{
  KinOptimizerKind kind;
  guint64 step; /* counted from 1 */
  double learning_rate;
  double momentum;     /* SGD, LARS */
  gboolean nesterov;   /* SGD */
  double weight_decay; /* slices marked no_decay are left alone */
} KinUpdate;

/* Blocks of layout->n reals that the optimizer keeps between updates: 2 for AdamW, 1 for the others. */
guint kin_optimizer_n_slots (KinOptimizerKind kind);

/**
 * kin_optimizer_update:
 * @slots: kin_optimizer_n_slots() blocks, one behind the other, zero before the first step
 * @gradients: as parameters; only read
 *
 * AdamW (beta .9 and .999, eps 1e-8, decoupled decay): Loshchilov & Hutter 2019, arXiv:1711.05101, as torch.optim.AdamW.
 * SGD with momentum, Nesterov's on demand, decay added to the gradient: as torch.optim.SGD.
 * LARS: SGD whose decayed slices are scaled by 0.001 |w| / (|g| + decay |w|): You et al. 2017, arXiv:1708.03888, eq. 6;
 * norms and biases are left unscaled, as SimCLR does it.
 */
void kin_optimizer_update (const KinUpdate *update, const KinLayout *layout, KinPool *pool, real *parameters,
                           const real *gradients, real *slots);

G_END_DECLS
