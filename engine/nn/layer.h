#pragma once

#include "engine/core/arena.h"
#include "engine/core/rng.h"
#include "engine/nn/network.h"

G_BEGIN_DECLS

/**
 * KinLayer:
 *
 * What a kind of operation does. Has no state: numbers come in the pass, activations lie in its tape.
 */
struct _KinLayer
{
  const char *name;

  /* What must outlive the forward pass, and what may share memory. */
  gboolean backward_reads_input;  /* the data of its first input */
  gboolean backward_reads_output; /* its own data */
  gboolean is_lazy;               /* output is the input's memory, read through scale and shift */
  gboolean gradient_in_place;     /* the gradient of its first input takes the place of its own */

  /* Reals of memory that it needs while it runs: for one worker, for all of them together, and for one lane's gradients
   * of its parameters. @N: images of a pass, at most; @backward: for the pass back too. NULL: none, or one for each
   * parameter. */
  gsize (*scratch) (const KinNode *node, const KinWindow *window, guint N, gboolean backward);
  gsize (*shared) (const KinNode *node, const KinWindow *window, guint N, gboolean backward);
  gsize (*partial) (const KinNode *node, const KinWindow *window, guint N);

  /* Initial values, drawn from a stream of @seed for each slice; NULL: it has no parameters. */
  void (*init) (const KinNetwork *network, const KinNode *node, guint64 seed, real *parameters, real *statistics);

  void (*forward) (const KinPass *pass, guint node);

  /* Adds to pass->gradients and overwrites (or, where a reader before it has left a gradient, adds to) those of its
   * inputs. */
  void (*backward) (const KinPass *pass, guint node);

  /* Looks at images [first, first + n) of a lane of its input (or of its own gradient) as soon as they are complete and
   * while they are still in the cache; in training only. A lane's images come in order, the first one first; lanes come
   * at the same time. The input is shown to its lowest reader only. NULL: does not look. */
  void (*see_input) (const KinPass *pass, guint node, guint lane, guint first, guint n);
  void (*see_gradient) (const KinPass *pass, guint node, guint lane, guint first, guint n);
};

extern const KinLayer kin_layer_images, kin_layer_conv, kin_layer_norm, kin_layer_join, kin_layer_pool,
    kin_layer_linear, kin_layer_relu;

/* What a pass keeps of one node. */
typedef struct
{
  guint H, W;        /* of its output; 1 × 1 for rows */
  real *data;        /* (N, H, W, C) or (N, C) */
  real *gradient;    /* as data; NULL where none is needed */
  gboolean needs_gradient;
  guint first_reader; /* the highest node that reads it: it overwrites the gradient, the others add */
  guint last_reader;  /* the lowest: with it the gradient is complete. 0: nothing reads it */
  KinLazy lazy;
  KinLazyGradient lazy_gradient; /* of a convolution before a norm */
  KinWindow window; /* conv */

  /* Batch norm: (C) each. */
  real *scale, *shift, *mean;
  real *slope, *bend, *offset; /* as KinLazyGradient has them */
  double *sums;     /* (lanes, 2, C) partial sums */
  double *variance; /* (C) of the batch, biased */
} KinValue;

struct _KinTape
{
  const KinNetwork *network;
  KinTapeMode mode;
  guint N, last, n_threads;
  KinArena *arena;
  KinValue *values; /* (last + 1) */
  real *scratch;    /* (n_threads, scratch_size) */
  gsize scratch_size;
  real *shared;     /* by the workers of the layer under way */
  real *partials;   /* (KIN_LANES, partial_size): gradients of one layer's parameters, a lane each */
  gsize partial_size;
};

static inline KinValue *
kin_pass_value (const KinPass *pass, guint node)
{
  return &pass->tape->values[node];
}

/* Numbers of one image of a node. */
static inline gsize
kin_value_size (const KinPass *pass, guint node)
{
  const KinValue *value = kin_pass_value (pass, node);

  return (gsize) kin_network_get (pass->network, node)->C * value->H * value->W;
}

static inline real *
kin_pass_scratch (const KinPass *pass, guint worker)
{
  return pass->tape->scratch + worker * pass->tape->scratch_size;
}

static inline real *
kin_pass_partial (const KinPass *pass, guint lane)
{
  return pass->tape->partials + lane * pass->tape->partial_size;
}

/* To be called by whoever writes node @node's data, for images [first, first + n) of a lane that are complete. */
void kin_pass_data_done (const KinPass *pass, guint node, guint lane, guint first, guint n);

/* The same for the gradient of node @node, by its reader @writer, whether or not others add to it still. */
void kin_pass_gradient_done (const KinPass *pass, guint writer, guint node, guint lane, guint first, guint n);

/* Adds @n numbers of each lane's partial gradients, from @at on, to @gradients, in lane order. */
void kin_pass_add_partials (const KinPass *pass, gsize at, gsize n, real *gradients);

/* Uniform in ±1/sqrt (@fan_in). */
void kin_init_uniform (guint64 seed, guint slice, gsize fan_in, real *values, gsize n);

G_END_DECLS
