#pragma once

#include "engine/core/arena.h"
#include "engine/data/loader.h"
#include "engine/method/method.h"
#include "engine/nn/encoder.h"
#include "engine/nn/network.h"
#include "engine/run.h"
#include "engine/train/optimizer.h"

G_BEGIN_DECLS

/* The images that are measured: a fixed sample of the training images and of the held-out ones. */
typedef struct
{
  guint n, n_train;
  guint32 *ids;      /* (n) ascending */
  gboolean *is_test; /* (n) */
  guint n_probe;     /* training images whose views are compared */
  guint32 *probe;    /* (n_probe) */
} KinEvaluationSet;

/* A live change read from a log; see run-log.c. */
typedef struct _KinChange KinChange;

struct _KinRun
{
  KinConfig *config; /* with all live changes so far */
  KinConfig *begun;  /* without them */
  KinDataset *dataset;
  guint64 seed;

  const KinMethod *method;
  KinNetwork *network;
  KinPool *pool;
  const KinKernels *kernels;
  KinLoader *loader;
  KinTape *tape;  /* of training */
  KinTape *infer; /* of measuring, KIN_INFER_IMAGES at a time */

  KinArena *arena;
  real *parameters, *gradients; /* network->parameters->n each */
  real *slots;                  /* of the optimizer */
  real *statistics;
  KinBatch batch;

  guint64 step;
  guint steps_per_epoch;
  guint32 *order; /* (n_train) ids in the order of order_epoch */
  guint64 order_epoch;
  const gint *cancel;

  /* The batch of the last step. */
  guint32 *batch_ids; /* (N) */
  guint32 batch_epoch;
  KinPolicy *batch_policy; /* NULL where the rows in @batch are not those of a step that was done */
  double batch_tau, batch_loss;

  /* Since the evaluation before. */
  double loss_sum, top1_sum;
  guint64 n_since;
  double seconds_since, seconds_total;
  double gradient_norm;

  KinEvaluationSet measured;
  double knn_pixels, knn_random; /* once has_pixels, has_random */
  gboolean has_pixels, has_random;

  GString *log;
  GPtrArray *replay; /* of KinChange, to be done at their steps; or NULL */
  guint replay_next;
};

enum
{
  KIN_INFER_IMAGES = 128,
  KIN_PROBE_IMAGES = 512,
};

/* The network's numbers that are measured: those of now, or others. */
typedef struct
{
  const real *parameters, *statistics;
} KinWeights;

/* A forward pass of the @N images that are in run->infer. FALSE when cancelled. */
gboolean kin_run_infer (KinRun *run, const KinWeights *weights, guint N);

void kin_evaluation_set_init (KinEvaluationSet *set, const KinDataset *dataset, guint most, guint64 seed);
void kin_evaluation_set_clear (KinEvaluationSet *set);

/* The ids of the batch of the step after @step. */
const guint32 *kin_run_get_batch_ids (KinRun *run, guint64 step);

/* Returns: (transfer full): what is still to come of the replayed log, as text */
char *kin_run_dup_replay (const KinRun *run);

/* Does the changes of the replayed log that are due. */
gboolean kin_run_apply_replay (KinRun *run, GError **error);

void kin_run_set_cancelled_error (GError **error);

G_END_DECLS
