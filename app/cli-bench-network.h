#pragma once

#include "engine/config.h"
#include "engine/core/pool.h"
#include "engine/dataset.h"

G_BEGIN_DECLS

/**
 * CliBenchNetwork:
 *
 * A network with memory and a batch of its own, to time its passes without augmentation: a run keeps its to itself.
 */
typedef struct _CliBenchNetwork CliBenchNetwork;

/* @dataset: what shape the images have. @pool: must live as long */
CliBenchNetwork *cli_bench_network_new (const KinConfig *config, const KinDataset *dataset, KinPool *pool,
                                        GError **error);
void cli_bench_network_free (CliBenchNetwork *self);

guint cli_bench_network_get_pairs (const CliBenchNetwork *self);

void cli_bench_network_forward (CliBenchNetwork *self);
void cli_bench_network_forward_backward (CliBenchNetwork *self);

/* Forward, NT-Xent, backward, AdamW: all of a step but the views. */
void cli_bench_network_learn (CliBenchNetwork *self);

/* --- Convolution by convolution --- */

guint cli_bench_network_get_n_layers (const CliBenchNetwork *self);

/* Returns: (transfer full): "enc.1.conv" */
char *cli_bench_network_dup_layer_name (const CliBenchNetwork *self, guint layer);

/**
 * cli_bench_network_time_layers:
 * @forward: (out): GFLOP/s of each
 * @backward: (out): GFLOP/s of each, both gradients together
 *
 * One pass there and back. Counted is the arithmetic of the definition, 2·K·C·k² for each output pixel, so what needs
 * less of it can exceed what the machine does in a second.
 */
void cli_bench_network_time_layers (CliBenchNetwork *self, double *forward, double *backward);

G_END_DECLS
