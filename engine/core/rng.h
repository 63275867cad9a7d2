#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a stream of random numbers is for. The values are part of every seed's meaning: never renumber. */
typedef enum
{
  KIN_STREAM_INIT = 1,    /* initial weights; item = parameter slice */
  KIN_STREAM_SHUFFLE = 2, /* order of an epoch */
  KIN_STREAM_AUGMENT = 3, /* item = image */
  KIN_STREAM_SPLIT = 4,   /* held-out part */
  KIN_STREAM_SHAPES = 5,  /* item = image */
  KIN_STREAM_PROBE = 6,   /* evaluation: item = image */
  KIN_STREAM_SAMPLE = 7,  /* which images are evaluated */
  KIN_STREAM_TEST = 8,
} KinStream;

/**
 * KinRng:
 *
 * Counter-based random numbers: Philox 4×32-10. A stream is named by (seed, purpose, epoch, item, view), so any part of
 * any run can be drawn again in any order and by any thread. Lives on the stack.
 *
 * Source: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3".
 */
typedef struct
{
  guint32 key[2];
  guint32 counter[4];
  guint32 block[4];
  guint used; /* words of block that are spent */
} KinRng;

void kin_rng_init (KinRng *rng, guint64 seed, KinStream purpose, guint32 epoch, guint32 item, guint32 view);

/* The bare bijection, for known-answer tests. */
void kin_philox (const guint32 counter[4], const guint32 key[2], guint32 out[4]);

guint32 kin_rng_u32 (KinRng *rng);

/* Uniform in [0, 1), 24 bits. */
float kin_rng_unit (KinRng *rng);

/* Uniform in [low, high). */
float kin_rng_range (KinRng *rng, float low, float high);

/* Uniform in [0, n), without bias; n > 0. */
guint32 kin_rng_below (KinRng *rng, guint32 n);

/* Standard normal (Box and Muller, one of the two). */
float kin_rng_normal (KinRng *rng);

/* Fisher–Yates over @n values. */
void kin_rng_shuffle (KinRng *rng, guint32 *values, guint32 n);

G_END_DECLS
