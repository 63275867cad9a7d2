#pragma once

#include "engine/core/pool.h"
#include "engine/error.h"
#include "engine/kernels/kernels.h"
#include "engine/nn/layout.h"

G_BEGIN_DECLS

/* A batch is split into this many lanes (fewer for fewer images), whatever the number of threads: a lane's images are
 * worked on by one thread, and partial sums are added in lane order, so the bits do not depend on the threads. (Where a
 * convolution works point by point instead, a point is worked on by one thread, and nothing is added.) */
#define KIN_LANES 8

typedef struct _KinLayer KinLayer;
typedef struct _KinTape KinTape;

/* One operation of a network. Its output is named by its index. */
typedef struct
{
  const KinLayer *layer;
  guint inputs[2]; /* indices of earlier nodes */
  guint n_inputs;
  guint C;         /* channels or features that it gives */
  gboolean is_rows; /* gives (N, C) rows; else maps (N, H, W, C) */
  guint kernel, stride, pad;
  gboolean relu;   /* of a norm: part of its lazy output */
  guint parameter; /* first slice in parameters */
  guint statistic; /* first slice in statistics */
} KinNode;

/**
 * KinNetwork:
 *
 * A list of operations in the order in which they run; immutable once built. Holds no numbers: parameters and running
 * statistics are flat blocks of whoever uses it, activations live in a tape. So one network serves two views, several
 * sizes and a momentum copy at once.
 */
typedef struct
{
  GArray *nodes;         /* of KinNode; node 0 is the batch of images */
  KinLayout *parameters; /* learned by gradient */
  KinLayout *statistics; /* running means and variances */
  guint feature;         /* node that gives h (N, D) */
  guint output;          /* node that gives z before normalisation */
} KinNetwork;

KinNetwork *kin_network_new (guint channels);
void kin_network_free (KinNetwork *network);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KinNetwork, kin_network_free)

static inline const KinNode *
kin_network_get (const KinNetwork *network, guint node)
{
  return &g_array_index (network->nodes, KinNode, node);
}

/* Each appends an operation that reads node @input and returns its index. @name is the prefix of its parameters. */

/* Square convolution without bias, padding kernel / 2. @kernel 1 or 3, @stride 1 or 2. */
guint kin_network_conv (KinNetwork *network, guint input, const char *name, guint channels, guint kernel, guint stride);

/* Batch norm, eps 1e-5, momentum 0.1, with or without ReLU behind it; left lazy (see KinLazy). @input must be a
 * convolution that has no other reader. */
guint kin_network_norm (KinNetwork *network, guint input, const char *name, gboolean relu);

/* max (a + b, 0): the end of a residual block. @a must have no other reader. */
guint kin_network_join (KinNetwork *network, guint a, guint b);

/* Mean over the image: maps to rows. */
guint kin_network_pool (KinNetwork *network, guint input);

/* Rows times weight, with bias. */
guint kin_network_linear (KinNetwork *network, guint input, const char *name, guint features);

/* max (x, 0) of rows. */
guint kin_network_relu (KinNetwork *network, guint input);

/**
 * kin_network_init:
 * @parameters: network->parameters->n reals
 * @statistics: network->statistics->n reals
 *
 * As PyTorch's modules begin: weights and biases uniform in ±1/sqrt (fan-in) (Kaiming with a = sqrt 5), norms 1 and 0,
 * running mean 0 and variance 1. Depends on @seed alone.
 *
 * Source: He et al. 2015, arXiv:1502.01852; torch.nn.modules.conv and linear, reset_parameters.
 */
void kin_network_init (const KinNetwork *network, guint64 seed, real *parameters, real *statistics);

/* --- Passes --- */

typedef enum
{
  KIN_TAPE_TRAIN, /* batch statistics; all that backward needs is kept */
  KIN_TAPE_INFER, /* running statistics; memory is used again as soon as it has been read */
} KinTapeMode;

/**
 * kin_tape_new:
 * @N: most images of a pass
 * @H, @W: px
 * @n_threads: of the pools that it will be used with
 * @last: last node of the passes: network->output, or network->feature
 * @lender: (nullable): a tape whose memory it may work in, as passes of the two never overlap; must live as long
 *
 * Memory of one pass, planned once: pieces that are never live together share memory.
 *
 * Returns: (nullable): NULL with %KIN_ERROR_TOO_LARGE when it would take more than three quarters of the machine's memory
 */
KinTape *kin_tape_new (const KinNetwork *network, KinTapeMode mode, guint N, guint H, guint W, guint n_threads,
                       guint last, KinTape *lender, GError **error);
void kin_tape_free (KinTape *tape);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KinTape, kin_tape_free)

/* All that a pass needs; a plain struct on the caller's stack. */
typedef struct
{
  const KinNetwork *network;
  KinTape *tape;
  KinPool *pool;
  const KinKernels *kernels;
  guint N;                /* images of this pass */
  const real *parameters;
  const real *statistics; /* read by KIN_TAPE_INFER */
  real *gradients;        /* added to by backward, laid out as parameters */
  const gint *cancel;     /* (nullable): polled before each layer */
} KinPass;


/* Where the image at @index lies: (H, W, C). */
real *kin_tape_get_image (const KinTape *tape, guint index);

/* Returns: (N, C) rows of a node that gives rows, after forward */
const real *kin_tape_get_rows (const KinTape *tape, guint node);

/* Returns: (N, C) where the loss leaves its gradient with respect to the last node, before backward */
real *kin_tape_get_output_gradient (KinTape *tape);

/* Both return FALSE when cancelled. */
gboolean kin_network_forward (const KinPass *pass);
gboolean kin_network_backward (const KinPass *pass);

/**
 * kin_network_update_statistics:
 *
 * Moves the running statistics towards those of the pass that @pass->tape holds, once the step is known to count.
 */
void kin_network_update_statistics (const KinPass *pass, real *statistics);

/* The images of lane @lane of @N: [first, first + count). */
static inline guint
kin_lanes (guint N)
{
  return MIN (N, KIN_LANES);
}

static inline guint
kin_lane_first (guint N, guint lane)
{
  return (guint) ((guint64) N * lane / kin_lanes (N));
}

static inline guint
kin_lane_count (guint N, guint lane)
{
  return kin_lane_first (N, lane + 1) - kin_lane_first (N, lane);
}

G_END_DECLS
