#include "engine/data/augment.h"

#include "engine/data/augment-private.h"

static const struct
{
  void (*draw) (const KinDrawContext *context, KinRng *rng, float *drawn); /* NULL: nothing to draw */
  void (*apply) (KinPlanes *planes, const float *drawn);
} families[KIN_N_OPS] = {
  [KIN_OP_CROP] = { kin_crop_draw, kin_crop_apply },
  [KIN_OP_HFLIP] = { NULL, kin_hflip_apply },
  [KIN_OP_VFLIP] = { NULL, kin_vflip_apply },
  [KIN_OP_ROTATE] = { kin_rotate_draw, kin_rotate_apply },
  [KIN_OP_TRANSLATE] = { kin_translate_draw, kin_translate_apply },
  [KIN_OP_JITTER] = { kin_jitter_draw, kin_jitter_apply },
  [KIN_OP_GRAYSCALE] = { NULL, kin_grayscale_apply },
  [KIN_OP_SOLARIZE] = { kin_solarize_draw, kin_solarize_apply },
  [KIN_OP_BLUR] = { kin_blur_draw, kin_blur_apply },
  [KIN_OP_NOISE] = { kin_noise_draw, kin_noise_apply },
  [KIN_OP_CUTOUT] = { kin_cutout_draw, kin_cutout_apply },
};

gsize
kin_augment_scratch (guint size, guint channels)
{
  return (gsize) channels * (size + KIN_FRAME) * (size + KIN_FRAME);
}

/* Division, not a multiplication by 1/255: the planes are then exactly what torchvision's ToTensor gives. */
static void
unpack (const guint8 *pixels, guint size, guint channels, float *planes)
{
  gsize n = (gsize) size * size;

  if (channels == 1)
    {
#pragma omp simd
      for (gsize i = 0; i < n; i++)
        planes[i] = pixels[i] / 255.0f;
      return;
    }
  for (gsize i = 0; i < n; i++)
    {
      planes[i] = pixels[3 * i];
      planes[n + i] = pixels[3 * i + 1];
      planes[2 * n + i] = pixels[3 * i + 2];
    }
#pragma omp simd
  for (gsize i = 0; i < 3 * n; i++)
    planes[i] /= 255.0f;
}

/* The stream of one line of a policy: an operation draws the same values whatever stands before it, however strong
 * that is, and whether it is switched on. The nth line of one kind is told apart by @repeat. */
static guint32
line_stream (guint32 view, KinOpKind kind, guint repeat)
{
  G_STATIC_ASSERT (KIN_N_OPS <= 15 && KIN_POLICY_OPS_MAX <= 16);
  return (view & 0xffff) | (guint32) kind << 16 | repeat << 20;
}

static void
draw_step (const KinOp *op, const KinDrawContext *context, KinRng *rng, KinTraceStep *step)
{
  memset (step, 0, sizeof *step);
  step->kind = op->kind;
  step->is_applied = kin_rng_unit (rng) < op->probability; /* [0, 1): never for 0, always for 1 */
  if (op->kind == KIN_OP_GRAYSCALE && context->channels == 1)
    step->is_applied = FALSE;
  if (families[op->kind].draw != NULL)
    families[op->kind].draw (context, rng, step->drawn);
}

void
kin_augment (const KinPolicy *policy, KinStream purpose, const KinViewKey *key, const guint8 *pixels, guint size,
             guint channels, float *out, float *scratch, KinTrace *trace)
{
  KinPlanes planes = { out, size, channels, scratch };
  guint n_lines[KIN_N_OPS] = { 0 };
  guint n_steps = 0;

  g_return_if_fail (size >= KIN_SIZE_MIN && size <= KIN_SIZE_MAX);
  g_return_if_fail (channels == 1 || channels == 3);

  unpack (pixels, size, channels, out);
  for (guint i = 0; i < policy->n_ops; i++)
    {
      const KinOp *op = &policy->ops[i];
      KinDrawContext context = { op->value, size, channels };
      guint repeat = n_lines[op->kind]++;
      KinTraceStep step;
      KinRng rng;

      if (!op->is_on)
        continue;
      kin_rng_init (&rng, key->seed, purpose, key->epoch, key->image, line_stream (key->view, op->kind, repeat));
      draw_step (op, &context, &rng, &step);
      if (step.is_applied)
        families[op->kind].apply (&planes, step.drawn);
      if (trace != NULL)
        trace->steps[n_steps] = step;
      n_steps++;
    }
  if (trace != NULL)
    trace->n_steps = n_steps;
}

void
kin_op_apply (KinOpKind kind, const float *drawn, float *image, guint size, guint channels, float *scratch)
{
  KinPlanes planes = { image, size, channels, scratch };

  g_return_if_fail ((guint) kind < KIN_N_OPS);
  g_return_if_fail (size >= KIN_SIZE_MIN && size <= KIN_SIZE_MAX);
  g_return_if_fail (channels == 1 || channels == 3);
  families[kind].apply (&planes, drawn);
}
