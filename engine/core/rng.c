#include "engine/core/rng.h"

#include <math.h>

enum
{
  PHILOX_ROUNDS = 10,
};

void
kin_philox (const guint32 counter[4], const guint32 key[2], guint32 out[4])
{
  guint32 c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
  guint32 k0 = key[0], k1 = key[1];

  for (int round = 0; round < PHILOX_ROUNDS; round++)
    {
      guint64 p0 = (guint64) 0xD2511F53u * c0;
      guint64 p1 = (guint64) 0xCD9E8D57u * c2;

      c0 = (guint32) (p1 >> 32) ^ c1 ^ k0;
      c1 = (guint32) p1;
      c2 = (guint32) (p0 >> 32) ^ c3 ^ k1;
      c3 = (guint32) p0;
      k0 += 0x9E3779B9u;
      k1 += 0xBB67AE85u;
    }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

void
kin_rng_init (KinRng *rng, guint64 seed, KinStream purpose, guint32 epoch, guint32 item, guint32 view)
{
  rng->key[0] = (guint32) seed;
  rng->key[1] = (guint32) (seed >> 32);
  rng->counter[0] = 0;
  rng->counter[1] = ((guint32) purpose << 24) | (view & 0xffffffu);
  rng->counter[2] = item;
  rng->counter[3] = epoch;
  rng->used = 4;
}

guint32
kin_rng_u32 (KinRng *rng)
{
  if (rng->used == 4)
    {
      kin_philox (rng->counter, rng->key, rng->block);
      rng->counter[0]++;
      rng->used = 0;
    }
  return rng->block[rng->used++];
}

float
kin_rng_unit (KinRng *rng)
{
  return (kin_rng_u32 (rng) >> 8) * 0x1p-24f;
}

float
kin_rng_range (KinRng *rng, float low, float high)
{
  return low + (high - low) * kin_rng_unit (rng);
}

guint32
kin_rng_below (KinRng *rng, guint32 n)
{
  /* Lemire 2019, "Fast random integer generation in an interval": multiply, reject the few that would be uneven. */
  guint32 threshold = -n % n;
  guint64 product;

  do
    product = (guint64) kin_rng_u32 (rng) * n;
  while ((guint32) product < threshold);
  return product >> 32;
}

float
kin_rng_normal (KinRng *rng)
{
  float u = 1.0f - kin_rng_unit (rng); /* (0, 1]: the logarithm stays finite */
  float v = kin_rng_unit (rng);

  return sqrtf (-2.0f * logf (u)) * cosf (2.0f * (float) G_PI * v);
}

void
kin_rng_shuffle (KinRng *rng, guint32 *values, guint32 n)
{
  for (guint32 i = n; i > 1; i--)
    {
      guint32 j = kin_rng_below (rng, i);
      guint32 swap = values[i - 1];

      values[i - 1] = values[j];
      values[j] = swap;
    }
}
