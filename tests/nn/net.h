#pragma once

#include "engine/core/npy.h"
#include "engine/nn/layer.h"

/* A network with memory of its own, for tests of layers. */
typedef struct
{
  KinNetwork *network;
  KinTape *tape;
  KinPool *pool;
  guint N, size;
  real *parameters, *gradients, *statistics;
  KinPass pass;
} Net;

/* @network: (transfer full) */
void net_init (Net *net, KinNetwork *network, KinTapeMode mode, guint N, guint size, guint n_threads);
void net_clear (Net *net);

/* Numbers that PyTorch's side of the fixtures can make too (see make-nn.py). */
void net_wave (real *values, gsize n, double phase, double scale);

/* Fills the batch's images from (N, C, H, W). */
void net_set_images (Net *net, const real *images);

/* A node's data (or gradient) as (N, C, H, W), read through what is lazy about it. */
real *net_dup_data (const Net *net, guint node);
real *net_dup_gradient (const Net *net, guint node);

/* Writes (N, C, H, W) as the gradient of the last node. */
void net_set_output_gradient (Net *net, const real *gradient);

/* A fixture below @folder as reals; fails where it is missing. */
real *net_load (const char *folder, const char *name, gsize *n);

/* Fails with the worst element when any |a - b| is over @tolerance · (1 + |b|). NaN fails. */
void net_assert_close (const char *what, const real *a, const real *b, gsize n, double tolerance);
