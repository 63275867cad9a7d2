#pragma once

#include "engine/core/real.h"

G_BEGIN_DECLS

#define KIN_SLICE_RANK_MAX 4

/* A named piece of a flat block of numbers. */
typedef struct
{
  char *name; /* "enc.0.conv.weight": PyTorch's name for it */
  guint rank;
  gsize shape[KIN_SLICE_RANK_MAX];
  gsize n;            /* product of the shape */
  gsize offset;       /* in the block */
  gboolean no_decay;  /* norms and biases: weight decay leaves them alone */
} KinSlice;

/**
 * KinLayout:
 *
 * Where each parameter lies in one flat block. Optimizers, averaged copies, checkpoints and gradient checks are loops
 * over slices of one array. Each slice begins on a 64-byte boundary; the gaps hold zeros.
 */
typedef struct
{
  GArray *slices; /* of KinSlice */
  gsize n;        /* reals in the block */
} KinLayout;

KinLayout *kin_layout_new (void);
void kin_layout_free (KinLayout *layout);

/* Returns: index of the new slice. @name: (transfer full) */
guint kin_layout_add (KinLayout *layout, char *name, guint rank, const gsize *shape, gboolean no_decay);

static inline const KinSlice *
kin_layout_get (const KinLayout *layout, guint index)
{
  return &g_array_index (layout->slices, KinSlice, index);
}

/* Numbers in all slices, gaps not counted. */
gsize kin_layout_count (const KinLayout *layout);

G_END_DECLS
