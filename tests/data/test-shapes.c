#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "engine/dataset.h"

static KinDataset *
open_shapes (const char *source, guint limit, guint size, guint64 seed)
{
  KinDataSpec spec = { .source = source, .limit = limit, .size = size, .seed = seed, .holdout = 0.2 };
  g_autoptr (GError) error = NULL;
  KinDataset *dataset = kin_dataset_open (&spec, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (dataset);
  return dataset;
}

static gsize
image_bytes (const KinDataset *dataset)
{
  return (gsize) dataset->size * dataset->size * dataset->channels;
}

static void
test_defaults (void)
{
  static const char *const names[] = { "disc", "square", "triangle", "star", "cross", "ring", "crescent", "bar" };
  g_autoptr (KinDataset) shapes = open_shapes ("shapes", 0, 0, 1);

  g_assert_cmpuint (shapes->n_train, ==, 2000);
  g_assert_cmpuint (shapes->n_test, ==, 500);
  g_assert_cmpuint (shapes->n_images, ==, 2500);
  g_assert_cmpuint (shapes->size, ==, 32);
  g_assert_cmpuint (shapes->channels, ==, 3);
  g_assert_cmpuint (shapes->n_classes, ==, G_N_ELEMENTS (names));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_cmpstr (shapes->class_names[i], ==, names[i]);
  for (guint i = 0; i < shapes->n_images; i++)
    g_assert_cmpint (shapes->labels[i], ==, i % 8);
  for (guint i = 0; i < shapes->n_train; i++)
    g_assert_cmpuint (shapes->train_ids[i], ==, i);
  for (guint i = 0; i < shapes->n_test; i++)
    g_assert_cmpuint (shapes->test_ids[i], ==, 2000 + i);
}

/* Of a part drawn by seed: neither its first nor its last image, nor one beside it, is taken for the other part's. */
static void
test_held_out (void)
{
  g_autofree char *folder = g_dir_make_tmp ("kindred-held-out-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "images.idx", NULL);
  GString *file = g_string_new_len ("\0\0\10\3\0\0\0\144\0\0\0\20\0\0\0\20", 16); /* 100 × 16 × 16 bytes */
  g_autofree char *source = g_strconcat ("idx:", path, NULL);
  g_autoptr (KinDataset) dataset = NULL;
  guint n_found = 0;

  g_string_set_size (file, 16 + 100 * 16 * 16);
  memset (file->str + 16, 9, 100 * 16 * 16);
  g_assert_true (g_file_set_contents (path, file->str, file->len, NULL));
  g_string_free (file, TRUE);
  dataset = open_shapes (source, 0, 0, 3);
  g_assert_cmpuint (dataset->n_test, ==, 20);
  for (guint i = 0; i < dataset->n_test; i++)
    g_assert_true (kin_dataset_is_held_out (dataset, dataset->test_ids[i]));
  for (guint i = 0; i < dataset->n_train; i++)
    g_assert_false (kin_dataset_is_held_out (dataset, dataset->train_ids[i]));
  for (guint id = 0; id < dataset->n_images; id++)
    n_found += kin_dataset_is_held_out (dataset, id);
  g_assert_cmpuint (n_found, ==, 20);
  g_assert_false (kin_dataset_is_held_out (dataset, dataset->n_images));
  g_remove (path);
  g_rmdir (folder);
}

static void
test_image_depends_on_seed_and_id_alone (void)
{
  static const char *const sources[] = { "shapes", "shapes-cluttered" };

  for (guint s = 0; s < G_N_ELEMENTS (sources); s++)
    {
      g_autoptr (KinDataset) many = open_shapes (sources[s], 400, 0, 7);
      g_autoptr (KinDataset) few = open_shapes (sources[s], 40, 0, 7);
      g_autoptr (KinDataset) other = open_shapes (sources[s], 40, 0, 8);

      g_assert_cmpint (memcmp (many->pixels, few->pixels, image_bytes (few) * few->n_images), ==, 0);
      for (guint f = 0; f < few->n_factors; f++)
        g_assert_cmpint (memcmp (many->factors[f].values, few->factors[f].values, sizeof (float) * few->n_images), ==,
                         0);
      for (guint i = 0; i < other->n_images; i++)
        g_assert_cmpint (memcmp (kin_dataset_get_pixels (few, i), kin_dataset_get_pixels (other, i), image_bytes (few)),
                         !=, 0);
    }
}

static void
check_factors (const KinDataset *dataset, guint n_factors)
{
  g_assert_cmpuint (dataset->n_factors, ==, n_factors);
  for (guint f = 0; f < n_factors; f++)
    {
      const KinFactor *factor = &dataset->factors[f];
      float low = G_MAXFLOAT, high = -G_MAXFLOAT;
      float extent = factor->max - factor->min;

      for (guint i = 0; i < dataset->n_images; i++)
        {
          low = MIN (low, factor->values[i]);
          high = MAX (high, factor->values[i]);
        }
      g_test_message ("%s: drawn %g to %g %s, range %g to %g", factor->name, low, high, factor->unit, factor->min,
                      factor->max);
      g_assert_true (low >= factor->min && high <= factor->max);
      /* 2,500 uniform draws leave more than a fiftieth of the range open at an end with probability e⁻⁵⁰. */
      g_assert_true (low <= factor->min + extent / 50 && high >= factor->max - extent / 50);
    }
}

static void
test_factors_fill_their_ranges (void)
{
  g_autoptr (KinDataset) plain = open_shapes ("shapes", 0, 0, 3);
  g_autoptr (KinDataset) cluttered = open_shapes ("shapes-cluttered", 0, 0, 3);

  g_assert_cmpstr (plain->factors[0].name, ==, "hue");
  g_assert_true (plain->factors[0].is_circular);
  g_assert_cmpstr (plain->factors[1].name, ==, "size");
  g_assert_cmpfloat_with_epsilon (plain->factors[1].min, 0.55, 1e-6);
  g_assert_cmpfloat_with_epsilon (plain->factors[1].max, 0.85, 1e-6);
  g_assert_cmpstr (plain->factors[2].name, ==, "rotation");
  g_assert_true (plain->factors[2].is_circular);
  check_factors (plain, 5);
  check_factors (cluttered, 8);
}

/* Hue of the mean colour of the pixels that differ from gray, in turns. */
static double
measure_hue (const guint8 *rgb, guint n)
{
  double x = 0, y = 0, turn;

  for (guint i = 0; i < n; i++, rgb += 3)
    {
      x += rgb[0] - (rgb[1] + rgb[2]) / 2.0;
      y += sqrt (3.0) / 2.0 * (rgb[1] - rgb[2]);
    }
  turn = atan2 (y, x) / (2 * G_PI);
  return turn < 0 ? turn + 1 : turn;
}

static void
test_hue_is_what_is_painted (void)
{
  g_autoptr (KinDataset) shapes = open_shapes ("shapes", 200, 0, 5);
  double worst = 0;
  guint worst_id = 0;

  for (guint i = 0; i < shapes->n_images; i++)
    {
      double drawn = shapes->factors[0].values[i];
      double seen = measure_hue (kin_dataset_get_pixels (shapes, i), 32 * 32);
      double distance = fabs (seen - drawn);

      distance = MIN (distance, 1 - distance);
      if (!(distance <= worst))
        {
          worst = distance;
          worst_id = i;
        }
    }
  g_test_message ("worst: #%u, %g of a turn", worst_id, worst);
  /* The hexagonal hue wheel and the angle in the plane differ by 1.2° at most; the rest is noise. */
  g_assert_true (worst <= 0.01);
}

/* Centre of what is coloured, px from the middle of the picture. */
static void
measure_centre (const guint8 *rgb, guint size, double *x, double *y)
{
  double sum = 0;

  *x = *y = 0;
  for (guint i = 0; i < size * size; i++, rgb += 3)
    {
      int chroma = MAX (MAX (rgb[0], rgb[1]), rgb[2]) - MIN (MIN (rgb[0], rgb[1]), rgb[2]);

      if (chroma < 40)
        continue;
      sum += chroma;
      *x += chroma * (i % size + 0.5);
      *y += chroma * (i / size + 0.5);
    }
  *x = *x / sum - size / 2.0;
  *y = *y / sum - size / 2.0;
}

static void
test_shift_is_what_is_painted (void)
{
  g_autoptr (KinDataset) shapes = open_shapes ("shapes", 400, 64, 5);

  for (guint i = 0; i < shapes->n_images; i += 8) /* discs: their centre is their middle */
    {
      const guint8 *pixels = kin_dataset_get_pixels (shapes, i);
      double x, y;

      measure_centre (pixels, 64, &x, &y);
      g_test_message ("#%u: seen %g %g, drawn %g %g", i, x, y, shapes->factors[3].values[i],
                      shapes->factors[4].values[i]);
      g_assert_true (fabs (x - shapes->factors[3].values[i]) <= 0.25);
      g_assert_true (fabs (y - shapes->factors[4].values[i]) <= 0.25);
    }
}

static void
test_rotation_is_counter_clockwise (void)
{
  g_autoptr (KinDataset) shapes = open_shapes ("shapes", 400, 64, 5);

  for (guint i = 6; i < shapes->n_images; i += 8) /* crescents: their centre lies to the right when upright */
    {
      double x, y, turned, distance;

      measure_centre (kin_dataset_get_pixels (shapes, i), 64, &x, &y);
      turned = atan2 (-(y - shapes->factors[4].values[i]), x - shapes->factors[3].values[i]) * 180 / G_PI;
      distance = fabs (turned - shapes->factors[2].values[i]);
      distance = MIN (distance, 360 - distance);
      g_test_message ("#%u: seen %g°, drawn %g°", i, turned, shapes->factors[2].values[i]);
      g_assert_true (distance <= 4);
    }
}

static gboolean
cancel_at_once (double fraction, const char *what, gpointer calls)
{
  g_assert_nonnull (what);
  ++*(guint *) calls;
  return FALSE;
}

static void
test_cancel (void)
{
  KinDataSpec spec = { .source = "shapes", .limit = 20000 };
  g_autoptr (GError) error = NULL;
  guint calls = 0;

  g_assert_null (kin_dataset_open (&spec, cancel_at_once, &calls, &error));
  g_assert_error (error, KIN_ERROR, KIN_ERROR_CANCELLED);
  g_assert_cmpuint (calls, ==, 1);
}

static void
test_find_image (void)
{
  g_autoptr (KinDataset) shapes = open_shapes ("shapes", 16, 0, 1);
  g_autofree char *name = kin_dataset_dup_image_name (shapes, 11);
  g_autoptr (GError) error = NULL;
  guint id = 99;

  g_assert_cmpstr (name, ==, "star #11");
  g_assert_true (kin_dataset_find_image (shapes, "17", &id, &error));
  g_assert_cmpuint (id, ==, 17);
  g_assert_false (kin_dataset_find_image (shapes, "20", &id, &error));
  g_assert_error (error, KIN_ERROR, KIN_ERROR_OPTION);
  g_assert_nonnull (strstr (error->message, "20"));
  g_assert_nonnull (strstr (error->message, "0 to 19"));
  g_assert_cmpuint (id, ==, 17);
  g_clear_error (&error);
  g_assert_false (kin_dataset_find_image (shapes, "-1", &id, &error));
  g_clear_error (&error);
  g_assert_false (kin_dataset_find_image (shapes, "", &id, &error));
  g_clear_error (&error);
  g_assert_false (kin_dataset_find_image (shapes, "99999999999999999999999", &id, &error));
}

static void
test_options_name_the_range (void)
{
  static const struct
  {
    KinDataSpec spec;
    const char *words;
  } cases[] = {
    { { .source = "shapes", .size = 15 }, "15" },        { { .source = "shapes", .size = 97 }, "96" },
    { { .source = "shapes", .limit = 3 }, "3" },         { { .source = "shapes", .limit = 1000001 }, "1000000" },
    { { .source = "shapes", .holdout = -0.1 }, "-0.1" }, { { .source = "shapes", .holdout = 0.6 }, "0.5" },
    { { .source = "shapes", .holdout = NAN }, "nan" },   { { .source = "" }, "named" },
    { { .source = "no-such-set" }, "fashion-mnist" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (kin_dataset_open (&cases[i].spec, NULL, NULL, &error));
      g_assert_error (error, KIN_ERROR, KIN_ERROR_OPTION);
      g_test_message ("%s", error->message);
      g_assert_nonnull (strstr (error->message, cases[i].words));
    }
}

static void
test_sources (void)
{
  guint n, n_builtin = 0;
  const KinSourceInfo *sources = kin_sources (&n);

  for (guint i = 0; i < n; i++)
    {
      KinDataSpec spec = { .source = sources[i].id, .limit = 8 };
      g_autoptr (KinDataset) dataset = NULL;

      g_assert_nonnull (sources[i].title);
      g_assert_nonnull (sources[i].help);
      if (!sources[i].is_builtin)
        continue;
      dataset = kin_dataset_open (&spec, NULL, NULL, NULL);
      g_assert_nonnull (dataset);
      g_assert_cmpstr (kin_source_default_policy (dataset), ==, sources[i].policy);
      n_builtin++;
    }
  g_assert_cmpuint (n_builtin, >=, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/shapes/defaults", test_defaults);
  g_test_add_func ("/shapes/image-depends-on-seed-and-id-alone", test_image_depends_on_seed_and_id_alone);
  g_test_add_func ("/shapes/factors-fill-their-ranges", test_factors_fill_their_ranges);
  g_test_add_func ("/shapes/hue-is-what-is-painted", test_hue_is_what_is_painted);
  g_test_add_func ("/shapes/shift-is-what-is-painted", test_shift_is_what_is_painted);
  g_test_add_func ("/shapes/rotation-is-counter-clockwise", test_rotation_is_counter_clockwise);
  g_test_add_func ("/shapes/cancel", test_cancel);
  g_test_add_func ("/dataset/held-out", test_held_out);
  g_test_add_func ("/dataset/find-image", test_find_image);
  g_test_add_func ("/dataset/options-name-the-range", test_options_name_the_range);
  g_test_add_func ("/dataset/sources", test_sources);
  return g_test_run ();
}
