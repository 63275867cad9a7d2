#pragma once

#include <glib-object.h>

#include "engine/dataset.h"
#include "engine/embedding.h"

G_BEGIN_DECLS

#define KIN_NEIGHBOURS_SHOWN 8
#define KIN_NEIGHBOURS_JUDGED 20

/* What is near to one image. */
typedef struct
{
  int id; /* of the image, or -1: the rest is empty */
  guint n_learned, n_pixels;
  KinNeighbour learned[KIN_NEIGHBOURS_JUDGED]; /* by cosine of h, nearest first */
  guint32 pixels[KIN_NEIGHBOURS_SHOWN];        /* by Euclidean distance of the pixels, nearest first */
  double distances[KIN_NEIGHBOURS_SHOWN];      /* of pixels in [0, 1] */
  guint n_same_class;                          /* of the learned ones */
} KinNearby;

/**
 * KinNeighbourhood:
 *
 * Looks for the neighbours of one image in a thread of its own and tells about them by `changed`. Only the answer to
 * the latest question is kept.
 */
#define KIN_TYPE_NEIGHBOURHOOD (kin_neighbourhood_get_type ())
G_DECLARE_FINAL_TYPE (KinNeighbourhood, kin_neighbourhood, KIN, NEIGHBOURHOOD, GObject)

KinNeighbourhood *kin_neighbourhood_new (void);

/**
 * kin_neighbourhood_ask:
 * @dataset, @embedding: (nullable)
 * @id: image, or -1
 */
void kin_neighbourhood_ask (KinNeighbourhood *self, KinDataset *dataset, KinEmbedding *embedding, int id);

/* (transfer none): the answer so far; its id is the one asked for, or it is empty. */
const KinNearby *kin_neighbourhood_get (KinNeighbourhood *self);

G_END_DECLS
