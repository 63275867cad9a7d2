#pragma once

#include "engine/config.h"
#include "engine/nn/network.h"

G_BEGIN_DECLS

/* The two views of a batch, as the loss sees them. Memory of the run, planned for the largest batch. */
typedef struct
{
  guint N;         /* pairs */
  guint D;         /* of z */
  real *z;         /* (2N, D) unit rows */
  real *norms;     /* (2N) */
  real *log_sum;   /* (2N) see KinSimilarity */
  real *workspace; /* KinMethod.workspace() reals */
} KinBatch;

typedef struct
{
  double loss; /* nats */
  double top1;
} KinMethodResult;

/**
 * KinMethod:
 *
 * All that one method is: one of these in a file of its own, and one line in registry.c.
 */
typedef struct
{
  KinMethodInfo info;

  guint n_views; /* of each image, in one pass of n_views · N */

  /* Appends the method's heads behind the backbone. */
  void (*build) (KinNetwork *network, const KinConfig *config);

  /* Reals of workspace for a batch of N. */
  gsize (*workspace) (guint N, guint D);

  /* The loss when nothing has been learned. */
  double (*chance) (guint N);

  /* The images are in the tape: forward, loss, backward. @pass->gradients are zero before. FALSE when cancelled. */
  gboolean (*step) (const KinPass *pass, const KinConfig *config, KinBatch *batch, KinMethodResult *result);
} KinMethod;

/* Returns: (nullable): the method @id */
const KinMethod *kin_method_find (const char *id);

extern const KinMethod kin_method_simclr;

G_END_DECLS
