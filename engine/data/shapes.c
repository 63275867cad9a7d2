#include "engine/data/shapes.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "engine/core/pool.h"
#include "engine/core/rng.h"
#include "engine/data/build.h"

enum
{
  OWN_SIZE = 32,
  TEST_SHARE = 4, /* one held-out image for so many to learn from */
  VERTICES_MAX = 12,
  CLOUD_CELLS = 4,
};

typedef enum
{
  DISC,
  SQUARE,
  TRIANGLE,
  STAR,
  CROSS,
  RING,
  CRESCENT,
  BAR,
  N_SHAPES,
} Shape;

typedef enum
{
  GRADIENT,
  STRIPES,
  CLOUDS,
  N_PATTERNS,
} Pattern;

static const char *const CLASS_NAMES[N_SHAPES]
    = { "disc", "square", "triangle", "star", "cross", "ring", "crescent", "bar" };

typedef struct
{
  float x, y;
} Point;

/* Shapes are made in their own coordinates, in which the circle around each has radius 1. Sizes within it are chosen so
 * that all look equally large. */
#define DISC_RADIUS 0.86f
#define RING_OUTER 0.92f
#define RING_INNER 0.58f
#define CRESCENT_CUT 0.74f
#define CRESCENT_OFFSET 0.48f
#define STAR_INNER 0.46f

static const Point SQUARE_POINTS[] = { { -.76f, -.76f }, { .76f, -.76f }, { .76f, .76f }, { -.76f, .76f } };
static const Point BAR_POINTS[] = { { -.98f, -.24f }, { .98f, -.24f }, { .98f, .24f }, { -.98f, .24f } };
static const Point CROSS_POINTS[]
    = { { -.96f, -.3f }, { -.3f, -.3f }, { -.3f, -.96f }, { .3f, -.96f }, { .3f, -.3f }, { .96f, -.3f },
        { .96f, .3f },   { .3f, .3f },   { .3f, .96f },   { -.3f, .96f }, { -.3f, .3f }, { -.96f, .3f } };

G_STATIC_ASSERT (G_N_ELEMENTS (CROSS_POINTS) <= VERTICES_MAX);

/* What is drawn of one image. The order of the draws is part of every seed's meaning. */
typedef struct
{
  float hue; /* turn */
  float saturation, value;
  float size;       /* radius, in half widths of the picture */
  float rotation;   /* °, counter-clockwise */
  float x, y;       /* shift, in half widths; y down */
  float ground;     /* gray of the plain background */
  float ground_hue; /* turn; the rest for cluttered pictures only */
  float ground_saturation;
  float ground_dark, ground_light; /* ends of its brightness */
  Pattern pattern;
  float angle;  /* ° */
  float period; /* of the stripes, in half widths */
  float phase;  /* turn */
  float cloud[CLOUD_CELLS + 1][CLOUD_CELLS + 1];
} Scene;

enum
{
  FACTOR_HUE,
  FACTOR_SIZE,
  FACTOR_ROTATION,
  FACTOR_X,
  FACTOR_Y,
  N_PLAIN_FACTORS,
  FACTOR_GROUND_HUE = N_PLAIN_FACTORS,
  FACTOR_PATTERN,
  FACTOR_ANGLE,
  N_CLUTTERED_FACTORS,
};

#define SIZE_MIN 0.55f
#define SIZE_MAX 0.85f
#define CLUTTERED_SIZE_MIN 0.38f
#define CLUTTERED_SIZE_MAX 0.58f
#define SHIFT 0.125f /* most, in half widths */
#define CLUTTERED_SHIFT 0.3f
#define NOISE 0.012f /* standard deviation of a sample */

static void
draw_scene (Scene *scene, gboolean is_cluttered, KinRng *rng)
{
  float shift = is_cluttered ? CLUTTERED_SHIFT : SHIFT;

  scene->hue = kin_rng_unit (rng);
  scene->saturation = kin_rng_range (rng, 0.66f, 0.86f);
  scene->value = kin_rng_range (rng, 0.74f, 0.88f);
  scene->size = is_cluttered ? kin_rng_range (rng, CLUTTERED_SIZE_MIN, CLUTTERED_SIZE_MAX)
                             : kin_rng_range (rng, SIZE_MIN, SIZE_MAX);
  scene->rotation = kin_rng_range (rng, -180.0f, 180.0f);
  scene->x = kin_rng_range (rng, -shift, shift);
  scene->y = kin_rng_range (rng, -shift, shift);
  scene->ground = kin_rng_range (rng, 0.84f, 0.94f);
  if (!is_cluttered)
    return;

  scene->ground_hue = kin_rng_unit (rng);
  scene->ground_saturation = kin_rng_range (rng, 0.25f, 0.5f);
  scene->ground_dark = kin_rng_range (rng, 0.4f, 0.65f);
  scene->ground_light = kin_rng_range (rng, 0.8f, 1.0f);
  scene->pattern = (Pattern) kin_rng_below (rng, N_PATTERNS);
  scene->angle = kin_rng_range (rng, -180.0f, 180.0f);
  scene->period = kin_rng_range (rng, 0.35f, 0.8f);
  scene->phase = kin_rng_unit (rng);
  for (guint i = 0; i <= CLOUD_CELLS; i++)
    for (guint j = 0; j <= CLOUD_CELLS; j++)
      scene->cloud[i][j] = kin_rng_unit (rng);
}

/* Six-sided hue wheel, as colour choosers have it. */
static void
hsv_to_rgb (float hue, float saturation, float value, float rgb[3])
{
  static const float offsets[3] = { 5.0f, 3.0f, 1.0f };

  for (guint c = 0; c < 3; c++)
    {
      float k = fmodf (offsets[c] + 6.0f * hue, 6.0f);

      rgb[c] = value * (1.0f - saturation * CLAMP (MIN (k, 4.0f - k), 0.0f, 1.0f));
    }
}

/* A polygon with @n corners on a circle, every second one on @inner. */
static guint
make_corners (guint n, float inner, Point *points)
{
  for (guint i = 0; i < n; i++)
    {
      float angle = 2.0f * (float) G_PI * i / n - (float) G_PI / 2.0f;
      float radius = i % 2 == 1 ? inner : 1.0f;

      points[i] = (Point) { radius * cosf (angle), radius * sinf (angle) };
    }
  return n;
}

static guint
copy_corners (const Point *from, guint n, Point *points)
{
  for (guint i = 0; i < n; i++)
    points[i] = from[i];
  return n;
}

/* Returns: the number of corners, 0 for the shapes that are made of circles */
static guint
shape_corners (Shape shape, Point points[VERTICES_MAX])
{
  switch (shape)
    {
    case SQUARE:
      return copy_corners (SQUARE_POINTS, G_N_ELEMENTS (SQUARE_POINTS), points);
    case TRIANGLE:
      return make_corners (3, 1.0f, points);
    case STAR:
      return make_corners (10, STAR_INNER, points);
    case CROSS:
      return copy_corners (CROSS_POINTS, G_N_ELEMENTS (CROSS_POINTS), points);
    case BAR:
      return copy_corners (BAR_POINTS, G_N_ELEMENTS (BAR_POINTS), points);
    case DISC:
    case RING:
    case CRESCENT:
    case N_SHAPES:
      return 0;
    }
  return 0;
}

/* Signed distance to a polygon, negative inside: the nearest edge, with the sign of the winding rule.
 * Source: Quilez, "2D distance functions", polygon. */
static float
polygon_distance (const Point *points, guint n, float x, float y)
{
  float nearest = G_MAXFLOAT, sign = 1.0f;

  for (guint i = 0, j = n - 1; i < n; j = i++)
    {
      float ex = points[j].x - points[i].x, ey = points[j].y - points[i].y;
      float wx = x - points[i].x, wy = y - points[i].y;
      float t = CLAMP ((wx * ex + wy * ey) / (ex * ex + ey * ey), 0.0f, 1.0f);
      float dx = wx - t * ex, dy = wy - t * ey;
      gboolean above = y >= points[i].y;
      gboolean below = y < points[j].y;
      gboolean left = ex * wy > ey * wx;

      nearest = MIN (nearest, dx * dx + dy * dy);
      if ((above && below && left) || (!above && !below && !left))
        sign = -sign;
    }
  return sign * sqrtf (nearest);
}

static float
shape_distance (Shape shape, const Point *points, guint n, float x, float y)
{
  float radius = sqrtf (x * x + y * y);

  switch (shape)
    {
    case DISC:
      return radius - DISC_RADIUS;
    case RING:
      return MAX (radius - RING_OUTER, RING_INNER - radius);
    case CRESCENT:
      return MAX (radius - RING_OUTER, CRESCENT_CUT - hypotf (x + CRESCENT_OFFSET, y));
    case SQUARE:
    case TRIANGLE:
    case STAR:
    case CROSS:
    case BAR:
    case N_SHAPES:
      return polygon_distance (points, n, x, y);
    }
  return 0.0f;
}

static float
cloud_at (const Scene *scene, float x, float y)
{
  float u = CLAMP ((x + 1.0f) / 2.0f, 0.0f, 0.9999f) * CLOUD_CELLS;
  float v = CLAMP ((y + 1.0f) / 2.0f, 0.0f, 0.9999f) * CLOUD_CELLS;
  guint i = (guint) v, j = (guint) u;
  float fx = u - j, fy = v - i;

  fx = fx * fx * (3.0f - 2.0f * fx);
  fy = fy * fy * (3.0f - 2.0f * fy);
  return (1.0f - fy) * ((1.0f - fx) * scene->cloud[i][j] + fx * scene->cloud[i][j + 1])
         + fy * ((1.0f - fx) * scene->cloud[i + 1][j] + fx * scene->cloud[i + 1][j + 1]);
}

/* How light the background is at a place, in [0, 1]; @x and @y in half widths from the centre. */
static float
pattern_at (const Scene *scene, float cosine, float sine, float px, float x, float y)
{
  float along = x * cosine + y * sine;

  switch (scene->pattern)
    {
    case GRADIENT:
      return CLAMP (0.5f + along / 2.4f, 0.0f, 1.0f);
    case STRIPES:
      {
        /* A triangle wave, steep enough that its edges are one pixel wide. */
        float turn = along / scene->period + scene->phase;
        float wave = fabsf (turn - floorf (turn) - 0.5f) - 0.25f;

        return CLAMP (0.5f + wave * scene->period / px, 0.0f, 1.0f);
      }
    case CLOUDS:
    case N_PATTERNS:
      return cloud_at (scene, x, y);
    }
  return 0.0f;
}

/* Sum of two uniform numbers, with standard deviation NOISE: cheap, bounded, and bell-shaped enough to look at. */
static float
draw_noise (KinRng *rng)
{
  guint32 word = kin_rng_u32 (rng);
  float triangle = ((float) (word & 0xffff) - (float) (word >> 16)) / 65536.0f;

  return NOISE * 2.4494897f * triangle;
}

static void
paint (const Scene *scene, Shape shape, gboolean is_cluttered, guint size, KinRng *rng, guint8 *out)
{
  float px = 2.0f / size; /* in half widths */
  float turn = scene->rotation * (float) G_PI / 180.0f, angle = scene->angle * (float) G_PI / 180.0f;
  float cosine = cosf (turn), sine = sinf (turn), ground_cosine = cosf (angle), ground_sine = sinf (angle);
  float color[3], dark[3], light[3];
  Point points[VERTICES_MAX];
  guint n_points = shape_corners (shape, points);

  hsv_to_rgb (scene->hue, scene->saturation, scene->value, color);
  hsv_to_rgb (scene->ground_hue, is_cluttered ? scene->ground_saturation : 0.0f,
              is_cluttered ? scene->ground_dark : scene->ground, dark);
  hsv_to_rgb (scene->ground_hue, scene->ground_saturation, scene->ground_light, light);

  for (guint i = 0; i < size; i++)
    for (guint j = 0; j < size; j++, out += 3)
      {
        float x = (j + 0.5f) * px - 1.0f, y = (i + 0.5f) * px - 1.0f;
        float dx = (x - scene->x) / scene->size, dy = (y - scene->y) / scene->size;
        /* Rows grow downwards, so this turns the shape counter-clockwise. */
        float distance = shape_distance (shape, points, n_points, cosine * dx - sine * dy, sine * dx + cosine * dy);
        float coverage = CLAMP (0.5f - distance * scene->size / px, 0.0f, 1.0f);
        float mix = is_cluttered ? pattern_at (scene, ground_cosine, ground_sine, px, x, y) : 0.0f;

        for (guint c = 0; c < 3; c++)
          {
            float ground = dark[c] + mix * (light[c] - dark[c]);
            float value = ground + coverage * (color[c] - ground) + draw_noise (rng);

            out[c] = (guint8) (255.0f * CLAMP (value, 0.0f, 1.0f) + 0.5f);
          }
      }
}

static void
note_factors (KinDataset *dataset, const Scene *scene, guint id)
{
  float half = dataset->size / 2.0f;

  dataset->factors[FACTOR_HUE].values[id] = scene->hue;
  dataset->factors[FACTOR_SIZE].values[id] = scene->size;
  dataset->factors[FACTOR_ROTATION].values[id] = scene->rotation;
  dataset->factors[FACTOR_X].values[id] = scene->x * half;
  dataset->factors[FACTOR_Y].values[id] = scene->y * half;
  if (dataset->n_factors == N_PLAIN_FACTORS)
    return;
  dataset->factors[FACTOR_GROUND_HUE].values[id] = scene->ground_hue;
  dataset->factors[FACTOR_PATTERN].values[id] = scene->pattern;
  dataset->factors[FACTOR_ANGLE].values[id] = scene->angle;
}

static void
take_factors (KinDataset *dataset, gboolean is_cluttered)
{
  float shift = (is_cluttered ? CLUTTERED_SHIFT : SHIFT) * dataset->size / 2.0f;

  kin_build_take_factors (dataset, is_cluttered ? N_CLUTTERED_FACTORS : N_PLAIN_FACTORS);
  kin_build_set_factor (dataset, FACTOR_HUE, "hue", "turn", 0.0f, 1.0f, TRUE);
  kin_build_set_factor (dataset, FACTOR_SIZE, "size", "", is_cluttered ? CLUTTERED_SIZE_MIN : SIZE_MIN,
                        is_cluttered ? CLUTTERED_SIZE_MAX : SIZE_MAX, FALSE);
  kin_build_set_factor (dataset, FACTOR_ROTATION, "rotation", "°", -180.0f, 180.0f, TRUE);
  kin_build_set_factor (dataset, FACTOR_X, "x shift", "px", -shift, shift, FALSE);
  kin_build_set_factor (dataset, FACTOR_Y, "y shift", "px", -shift, shift, FALSE);
  if (!is_cluttered)
    return;
  kin_build_set_factor (dataset, FACTOR_GROUND_HUE, "background hue", "turn", 0.0f, 1.0f, TRUE);
  kin_build_set_factor (dataset, FACTOR_PATTERN, "background pattern", "", GRADIENT, CLOUDS, FALSE);
  kin_build_set_factor (dataset, FACTOR_ANGLE, "background angle", "°", -180.0f, 180.0f, TRUE);
}

typedef struct
{
  KinDataset *dataset;
  guint64 seed;
  gboolean is_cluttered;
  KinProgress *progress;
} Job;

static void
draw_image (gpointer data, guint id, guint worker)
{
  Job *job = data;
  KinDataset *dataset = job->dataset;
  gsize bytes = (gsize) dataset->size * dataset->size * 3;
  Scene scene = { 0 };
  KinRng rng;

  if (kin_progress_is_cancelled (job->progress)
      || (worker == 0 && !kin_progress_tell (job->progress, (double) id / dataset->n_images, _("Drawing shapes"))))
    return;
  kin_rng_init (&rng, job->seed, KIN_STREAM_SHAPES, 0, id, 0);
  draw_scene (&scene, job->is_cluttered, &rng);
  paint (&scene, (Shape) (id % N_SHAPES), job->is_cluttered, dataset->size, &rng, dataset->pixels + id * bytes);
  note_factors (dataset, &scene, id);
  dataset->labels[id] = id % N_SHAPES;
}

KinDataset *
kin_shapes_read (gboolean is_cluttered, const KinDataSpec *spec, KinProgress *progress, GError **error)
{
  g_autoptr (KinDataset) dataset = kin_build_new (is_cluttered ? "shapes-cluttered" : "shapes", spec->source);
  guint n_train = spec->limit != 0 ? spec->limit : KIN_SHAPES_DEFAULT;
  guint n_test = MIN (n_train / TEST_SHARE, KIN_IMAGES_MAX - n_train);
  Job job = { .dataset = dataset, .seed = spec->seed, .is_cluttered = is_cluttered, .progress = progress };
  g_autoptr (KinPool) pool = NULL;

  if (!kin_build_take_memory (dataset, n_train + n_test, kin_build_size (spec, OWN_SIZE), 3, error))
    return NULL;
  kin_build_take_labels (dataset, N_SHAPES, CLASS_NAMES);
  take_factors (dataset, is_cluttered);
  pool = kin_pool_new (0);
  kin_pool_run (pool, dataset->n_images, draw_image, &job);
  if (kin_progress_is_cancelled (progress))
    {
      kin_progress_set_error (error);
      return NULL;
    }
  dataset->n_train = n_train;
  dataset->n_test = n_test;
  return g_steal_pointer (&dataset);
}
