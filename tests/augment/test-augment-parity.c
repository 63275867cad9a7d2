#include "engine/data/augment.h"

#include <math.h>
#include <string.h>

/* Both sides compute in float32 on values in [0, 1]. Interpolation weights are differences of positions up to 20 px, so
 * they carry an error of a few 20 * 2^-24 = 1.2e-6, which neighbours that differ by 1 pass on in full; a chain of four
 * colour changes multiplies an error by at most 1.9 * 1.7, and a hue by the six sectors of the wheel. 1e-5 holds both
 * with room, and is 1/390 of the step of a byte. */
#define TOLERANCE 1e-5

/* See make-augment.py. */
typedef struct
{
  char id[12];
  guint32 size, channels;
  float drawn[10];
} CaseHeader;

typedef struct
{
  CaseHeader header;
  const guint8 *input;
  const float *expected; /* may lie at any address */
} Case;

G_STATIC_ASSERT (sizeof (CaseHeader) == 60 && G_BYTE_ORDER == G_LITTLE_ENDIAN);

static char *fixture;
static gsize fixture_length;

static KinOpKind
find_kind (const char *id)
{
  for (guint kind = 0; kind < KIN_N_OPS; kind++)
    if (strcmp (kin_op_info (kind)->id, id) == 0)
      return kind;
  g_error ("the fixture has an operation %s", id);
}

static gboolean
next_case (gsize *offset, Case *next)
{
  gsize n;

  if (*offset == fixture_length)
    return FALSE;
  g_assert_cmpuint (*offset + sizeof next->header, <=, fixture_length);
  memcpy (&next->header, fixture + *offset, sizeof next->header);
  n = (gsize) next->header.channels * next->header.size * next->header.size;
  next->input = (const guint8 *) fixture + *offset + sizeof next->header;
  next->expected = (const float *) (next->input + n);
  *offset += sizeof next->header + n + n * sizeof (float);
  g_assert_cmpuint (*offset, <=, fixture_length);
  return TRUE;
}

static void
check_case (const Case *c)
{
  guint size = c->header.size, channels = c->header.channels;
  gsize n = (gsize) channels * size * size;
  g_autofree float *image = g_new (float, n);
  g_autofree float *expected = g_memdup2 (c->expected, n * sizeof (float));
  g_autofree float *scratch = g_new (float, kin_augment_scratch (size, channels));
  double worst = -1;
  gsize at = 0;

  for (gsize i = 0; i < n; i++)
    image[i] = c->input[i] / 255.0f;
  kin_op_apply (find_kind (c->header.id), c->header.drawn, image, size, channels, scratch);
  for (gsize i = 0; i < n; i++)
    {
      double difference = fabs ((double) image[i] - expected[i]);

      if (!(difference <= worst)) /* NaN is the worst */
        {
          worst = difference;
          at = i;
        }
    }
  g_test_message ("%s (%g %g %g %g %g) %u px x %u: worst %.3g", c->header.id, c->header.drawn[0], c->header.drawn[1],
                  c->header.drawn[2], c->header.drawn[3], c->header.drawn[4], size, channels, worst);
  if (!(worst <= TOLERANCE))
    {
      g_test_message ("channel %zu, row %zu, column %zu: %.9g here, %.9g in torchvision", at / (size * size),
                      at / size % size, at % size, image[at], expected[at]);
      g_test_fail ();
    }
}

static void
test_op (gconstpointer data)
{
  const KinOpInfo *info = data;
  gsize offset = 0;
  guint n_cases = 0;
  Case c;

  while (next_case (&offset, &c))
    if (strcmp (c.header.id, info->id) == 0)
      {
        check_case (&c);
        n_cases++;
      }
  g_assert_cmpuint (n_cases, >, 0);
}

int
main (int argc, char **argv)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  g_test_init (&argc, &argv, NULL);
  path = g_build_filename (g_getenv ("KIN_FIXTURES") != NULL ? g_getenv ("KIN_FIXTURES") : ".", "augment.bin", NULL);
  if (!g_file_get_contents (path, &fixture, &fixture_length, &error))
    g_error ("%s", error->message);
  for (guint kind = 0; kind < KIN_N_OPS; kind++)
    if (kind != KIN_OP_NOISE) /* torchvision 0.14 has none: see test-augment-draws.c */
      {
        g_autofree char *name = g_strdup_printf ("/augment/parity/%s", kin_op_info (kind)->id);

        g_test_add_data_func (name, kin_op_info (kind), test_op);
      }
  return g_test_run ();
}
