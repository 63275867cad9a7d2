#include "engine/train/optimizer.h"

#include <math.h>

static const double BETA1 = 0.9, BETA2 = 0.999, ADAM_EPS = 1e-8;
static const double LARS_TRUST = 0.001;

guint
kin_optimizer_n_slots (KinOptimizerKind kind)
{
  return kind == KIN_OPTIMIZER_ADAMW ? 2 : 1;
}

static void
adamw (const KinUpdate *update, const KinSlice *slice, gsize n, real *w, const real *g, real *m, real *v)
{
  real keep = slice->no_decay ? 1 : 1 - update->learning_rate * update->weight_decay;
  real rate = update->learning_rate / (1 - pow (BETA1, update->step));
  real root = 1 / sqrt (1 - pow (BETA2, update->step));

#pragma omp simd
  for (gsize i = 0; i < n; i++)
    {
      m[i] += (real) (1 - BETA1) * (g[i] - m[i]);
      v[i] = (real) BETA2 * v[i] + (real) (1 - BETA2) * g[i] * g[i];
#ifdef KIN_REAL_DOUBLE
      w[i] = keep * w[i] - rate * m[i] / (sqrt (v[i]) * root + ADAM_EPS);
#else
      w[i] = keep * w[i] - rate * m[i] / (sqrtf (v[i]) * root + (real) ADAM_EPS);
#endif
    }
}

static void
sgd (const KinUpdate *update, const KinSlice *slice, gsize n, double scale, gboolean nesterov, real *w, const real *g,
     real *m)
{
  real decay = slice->no_decay ? 0 : update->weight_decay, momentum = update->momentum;
  real rate = update->learning_rate;

#pragma omp simd
  for (gsize i = 0; i < n; i++)
    {
      real d = (real) scale * (g[i] + decay * w[i]);

      m[i] = momentum * m[i] + d;
      w[i] -= rate * (nesterov ? d + momentum * m[i] : m[i]);
    }
}

static double
norm (const real *x, gsize n)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += (double) x[i] * x[i];
  return sqrt (sum);
}

/* How much LARS scales the step of a slice: 1 where a norm is zero, and for norms and biases. */
static double
lars_scale (const KinUpdate *update, const KinSlice *slice, const real *w, const real *g)
{
  double weight = norm (w, slice->n), gradient = norm (g, slice->n);

  if (slice->no_decay || weight == 0 || gradient == 0)
    return 1;
  return LARS_TRUST * weight / (gradient + update->weight_decay * weight);
}

enum
{
  PARTS = 8, /* of each slice: the unit of work */
};

typedef struct
{
  const KinUpdate *update;
  const KinLayout *layout;
  real *parameters, *slots;
  const real *gradients;
  double *scales; /* of LARS, one a slice; 1 for the others */
} Job;

static void
update_part (gpointer data, guint part, guint worker)
{
  const Job *job = data;
  const KinUpdate *update = job->update;

  for (guint i = 0; i < job->layout->slices->len; i++)
    {
      const KinSlice *slice = kin_layout_get (job->layout, i);
      gsize first = slice->n * part / PARTS, n = slice->n * (part + 1) / PARTS - first, at = slice->offset + first;
      real *w = job->parameters + at, *m = job->slots + at;
      const real *g = job->gradients + at;

      switch (update->kind)
        {
        case KIN_OPTIMIZER_ADAMW:
          adamw (update, slice, n, w, g, m, m + job->layout->n);
          break;
        case KIN_OPTIMIZER_SGD:
          sgd (update, slice, n, 1, update->nesterov, w, g, m);
          break;
        case KIN_OPTIMIZER_LARS:
          sgd (update, slice, n, job->scales[i], FALSE, w, g, m);
          break;
        }
    }
}

void
kin_optimizer_update (const KinUpdate *update, const KinLayout *layout, KinPool *pool, real *parameters,
                      const real *gradients, real *slots)
{
  double *scales = g_newa (double, layout->slices->len);
  Job job = { update, layout, parameters, slots, gradients, scales };

  for (guint i = 0; update->kind == KIN_OPTIMIZER_LARS && i < layout->slices->len; i++)
    {
      const KinSlice *slice = kin_layout_get (layout, i);

      scales[i] = lars_scale (update, slice, parameters + slice->offset, gradients + slice->offset);
    }
  kin_pool_run (pool, PARTS, update_part, &job);
}
