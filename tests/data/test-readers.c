#include <glib/gstdio.h>
#include <math.h>
#include <png.h>
#include <string.h>
#include <unistd.h>

#include "engine/data/build.h"
#include "files.h"

#define UBYTE 0x08

static void
expect (const char *source, KinError code, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KinDataset) dataset = test_open (source, 0, &error);

  g_assert_null (dataset);
  g_assert_error (error, KIN_ERROR, (int) code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, words));
}

static KinDataset *
open_well (const char *source, guint limit)
{
  g_autoptr (GError) error = NULL;
  KinDataset *dataset = test_open (source, limit, &error);

  g_assert_no_error (error);
  g_assert_nonnull (dataset);
  return dataset;
}

/* Every id is in one part, once; both are ascending. */
static void
check_split (const KinDataset *dataset)
{
  g_autofree guint *seen = g_new0 (guint, dataset->n_images);

  g_assert_cmpuint (dataset->n_train + dataset->n_test, ==, dataset->n_images);
  for (guint i = 0; i < dataset->n_train; i++)
    {
      g_assert_true (i == 0 || dataset->train_ids[i - 1] < dataset->train_ids[i]);
      seen[dataset->train_ids[i]]++;
    }
  for (guint i = 0; i < dataset->n_test; i++)
    {
      g_assert_true (i == 0 || dataset->test_ids[i - 1] < dataset->test_ids[i]);
      seen[dataset->test_ids[i]]++;
    }
  for (guint i = 0; i < dataset->n_images; i++)
    g_assert_cmpuint (seen[i], ==, 1);
}

/* IDX */

enum
{
  IDX_N = 50,
  IDX_SIDE = 20,
  IDX_BYTES = IDX_N * IDX_SIDE * IDX_SIDE,
};

static GByteArray *
idx_images (void)
{
  const guint32 shape[] = { IDX_N, IDX_SIDE, IDX_SIDE };
  g_autofree guint8 *data = g_malloc (IDX_BYTES);

  for (guint i = 0; i < IDX_BYTES; i++)
    data[i] = (i * 2654435761u) >> 24;
  return test_idx (UBYTE, 3, shape, data, IDX_BYTES);
}

static GByteArray *
idx_labels (guint32 n)
{
  g_autofree guint8 *data = g_malloc0 (n);

  for (guint32 i = 0; i < n; i++)
    data[i] = i % 7;
  return test_idx (UBYTE, 1, &n, data, n);
}

static void
test_idx_plain_and_gzip (void)
{
  char *folder = test_folder_new ();
  g_autofree char *plain = test_path (folder, "images");
  g_autofree char *packed = test_path (folder, "images.gz");
  g_autofree char *labels = test_path (folder, "labels.gz");
  g_autofree char *plain_source = g_strdup_printf ("idx:%s", plain);
  g_autofree char *packed_source = g_strdup_printf ("idx:%s,%s", packed, labels);
  g_autoptr (GByteArray) images = idx_images ();
  g_autoptr (GByteArray) numbers = idx_labels (IDX_N);
  g_autoptr (KinDataset) a = NULL;
  g_autoptr (KinDataset) b = NULL;

  test_write (plain, images->data, images->len);
  test_write_gzip (packed, images->data, images->len);
  test_write_gzip (labels, numbers->data, numbers->len);
  a = open_well (plain_source, 0);
  b = open_well (packed_source, 0);

  g_assert_cmpuint (a->n_images, ==, IDX_N);
  g_assert_cmpuint (a->size, ==, IDX_SIDE);
  g_assert_cmpuint (a->channels, ==, 1);
  g_assert_cmpmem (a->pixels, IDX_BYTES, images->data + 16, IDX_BYTES);
  g_assert_cmpmem (b->pixels, IDX_BYTES, images->data + 16, IDX_BYTES);
  g_assert_null (a->labels);
  g_assert_cmpuint (b->n_classes, ==, 7);
  g_assert_cmpstr (b->class_names[6], ==, "6");
  for (guint i = 0; i < IDX_N; i++)
    g_assert_cmpint (b->labels[i], ==, i % 7);
  g_assert_cmpuint (b->n_test, ==, 10);
  g_assert_cmpstr (kin_source_default_policy (a), ==, "gray");
  check_split (b);
  test_folder_free (folder);
}

static void
test_idx_limit (void)
{
  char *folder = test_folder_new ();
  g_autofree char *path = test_path (folder, "images");
  g_autofree char *source = g_strdup_printf ("idx:%s", path);
  g_autoptr (GByteArray) images = idx_images ();

  test_write (path, images->data, images->len);
  for (guint limit = 4; limit <= IDX_N + 5; limit++)
    {
      g_autoptr (KinDataset) dataset = open_well (source, limit);

      check_split (dataset);
      g_assert_cmpuint (dataset->n_train, <=, limit);
      g_assert_cmpuint (dataset->n_train, >=, MIN (limit, IDX_N * 4 / 5));
      g_assert_true (fabs (dataset->n_test - 0.25 * dataset->n_train) <= 1.0);
      g_assert_cmpmem (dataset->pixels, dataset->n_images * 400, images->data + 16, dataset->n_images * 400);
    }
  test_folder_free (folder);
}

static void
test_split_depends_on_seed (void)
{
  char *folder = test_folder_new ();
  g_autofree char *path = test_path (folder, "images");
  g_autofree char *source = g_strdup_printf ("idx:%s", path);
  g_autoptr (GByteArray) images = idx_images ();
  KinDataSpec spec = { .source = source, .holdout = 0.5, .seed = 1 };
  g_autoptr (KinDataset) a = NULL;
  g_autoptr (KinDataset) b = NULL;
  g_autoptr (KinDataset) c = NULL;
  g_autoptr (KinDataset) none = NULL;

  test_write (path, images->data, images->len);
  a = kin_dataset_open (&spec, NULL, NULL, NULL);
  b = kin_dataset_open (&spec, NULL, NULL, NULL);
  spec.seed = 2;
  c = kin_dataset_open (&spec, NULL, NULL, NULL);
  spec.holdout = 0;
  none = kin_dataset_open (&spec, NULL, NULL, NULL);
  g_assert_cmpuint (a->n_test, ==, IDX_N / 2);
  g_assert_cmpmem (a->test_ids, a->n_test * 4, b->test_ids, b->n_test * 4);
  g_assert_cmpint (memcmp (a->test_ids, c->test_ids, a->n_test * 4), !=, 0);
  g_assert_cmpuint (none->n_test, ==, 0);
  check_split (c);
  check_split (none);
  test_folder_free (folder);
}

/* Writes a header and @length bytes, plain and packed, and expects both to be refused. */
static void
expect_idx (const char *folder, guint8 type, guint rank, const guint32 *shape, gsize length, KinError code,
            const char *words)
{
  g_autofree char *plain = test_path (folder, "bad");
  g_autofree char *packed = test_path (folder, "bad.gz");
  g_autofree char *plain_source = g_strdup_printf ("idx:%s", plain);
  g_autofree char *packed_source = g_strdup_printf ("idx:%s", packed);
  g_autofree guint8 *data = g_malloc0 (length + 1);
  g_autoptr (GByteArray) bytes = test_idx (type, rank, shape, data, length);

  test_write (plain, bytes->data, bytes->len);
  test_write_gzip (packed, bytes->data, bytes->len);
  expect (plain_source, code, words);
  expect (packed_source, code, words);
}

static void
test_idx_lying_headers (void)
{
  char *folder = test_folder_new ();

  expect_idx (folder, UBYTE, 3, (guint32[]){ 0xffffffff, 28, 28 }, 100, KIN_ERROR_TOO_LARGE, "-1");
  expect_idx (folder, UBYTE, 3, (guint32[]){ 1000001, 28, 28 }, 100, KIN_ERROR_TOO_LARGE, "1000001");
  expect_idx (folder, UBYTE, 3, (guint32[]){ 4, 0xffffffff, 0xffffffff }, 100, KIN_ERROR_TOO_LARGE, "4294967295");
  expect_idx (folder, UBYTE, 3, (guint32[]){ 4, 0, 28 }, 100, KIN_ERROR_FORMAT, "at least 1");
  expect_idx (folder, UBYTE, 3, (guint32[]){ 1000000, 10000, 10000 }, 100, KIN_ERROR_FORMAT, "promises");
  expect_idx (folder, UBYTE, 3, (guint32[]){ 0, 28, 28 }, 0, KIN_ERROR_TOO_FEW, "4 or more");
  expect_idx (folder, UBYTE, 3, (guint32[]){ 3, 20, 20 }, 1200, KIN_ERROR_TOO_FEW, "4 or more");
  expect_idx (folder, 0x0d, 3, (guint32[]){ 4, 20, 20 }, 1600, KIN_ERROR_FORMAT, "00 00 08 03");
  expect_idx (folder, UBYTE, 1, (guint32[]){ 4 }, 4, KIN_ERROR_FORMAT, "00 00 08 03");
  expect_idx (folder, UBYTE, 3, (guint32[]){ 4, 20, 20 }, 1599, KIN_ERROR_FORMAT, "promises");
  expect_idx (folder, UBYTE, 3, (guint32[]){ 4, 20, 20 }, 1601, KIN_ERROR_FORMAT, "promises");
  test_folder_free (folder);
}

/* 64 MB of zeros in 64 kB, with a header that says 4 small images: read no further than it takes to know. */
static void
test_idx_gzip_bomb (void)
{
  char *folder = test_folder_new ();
  g_autofree char *path = test_path (folder, "bomb.gz");
  g_autofree char *source = g_strdup_printf ("idx:%s", path);
  gsize length = 64 << 20;
  g_autofree guint8 *data = g_malloc0 (length);
  g_autoptr (GByteArray) bytes = test_idx (UBYTE, 3, (guint32[]){ 4, 20, 20 }, data, length);

  test_write_gzip (path, bytes->data, bytes->len);
  expect (source, KIN_ERROR_FORMAT, "goes on");
  test_folder_free (folder);
}

static void
test_idx_cut_off (void)
{
  char *folder = test_folder_new ();
  g_autofree char *plain = test_path (folder, "images");
  g_autofree char *packed = test_path (folder, "images.gz");
  g_autofree char *plain_source = g_strdup_printf ("idx:%s", plain);
  g_autofree char *packed_source = g_strdup_printf ("idx:%s", packed);
  g_autoptr (GByteArray) images = idx_images ();
  g_autofree char *bytes = NULL;
  gsize length;

  test_write_gzip (packed, images->data, images->len);
  g_assert_true (g_file_get_contents (packed, &bytes, &length, NULL));
  for (gsize i = 0; i < images->len; i += i < 20 ? 1 : 997)
    {
      test_write (plain, images->data, i);
      expect (plain_source, KIN_ERROR_FORMAT, plain);
    }
  for (gsize i = 0; i < length; i += i < 20 ? 1 : 499)
    {
      test_write (packed, bytes, i);
      expect (packed_source, KIN_ERROR_FORMAT, packed);
    }
  bytes[length / 2] ^= 0x55;
  test_write (packed, bytes, length);
  expect (packed_source, KIN_ERROR_FORMAT, packed);
  test_folder_free (folder);
}

static void
test_idx_labels (void)
{
  char *folder = test_folder_new ();
  g_autofree char *path = test_path (folder, "images");
  g_autofree char *labels = test_path (folder, "labels");
  g_autofree char *source = g_strdup_printf ("idx:%s,%s", path, labels);
  g_autofree char *three = g_strdup_printf ("idx:%s,%s,%s", path, labels, labels);
  g_autofree char *no_images = g_strdup_printf ("idx:%s", folder);
  g_autoptr (GByteArray) images = idx_images ();
  g_autoptr (GByteArray) few = idx_labels (IDX_N - 1);
  g_autoptr (GByteArray) many = idx_labels (IDX_N + 1);

  test_write (path, images->data, images->len);
  expect (source, KIN_ERROR_FILE, "labels");
  test_write (labels, few->data, few->len);
  expect (source, KIN_ERROR_FORMAT, "49 labels for 50 images");
  test_write (labels, many->data, many->len);
  expect (source, KIN_ERROR_FORMAT, "51 labels for 50 images");
  test_write (labels, images->data, images->len);
  expect (source, KIN_ERROR_FORMAT, "00 00 08 01");
  test_write (labels, "", 0);
  expect (source, KIN_ERROR_FORMAT, "cut off");
  expect (three, KIN_ERROR_OPTION, "idx:IMAGES");
  expect ("idx:", KIN_ERROR_OPTION, "idx:IMAGES");
  expect (no_images, KIN_ERROR_FILE, folder);
  test_folder_free (folder);
}

static void
test_fashion_mnist_labels_out_of_range (void)
{
  static const char *const names[]
      = { "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte" };
  char *folder = test_folder_new ();
  g_autoptr (GByteArray) images = idx_images ();
  g_autoptr (GByteArray) labels = idx_labels (IDX_N);
  g_autoptr (KinDataset) dataset = NULL;

  for (guint i = 0; i < 4; i++)
    {
      g_autofree char *name = g_build_filename ("fashion-mnist", names[i], NULL);
      g_autofree char *path = test_path (folder, name);
      GByteArray *bytes = i % 2 == 0 ? images : labels;

      test_write (path, bytes->data, bytes->len);
    }
  g_setenv ("KIN_DATASETS_DIR", folder, TRUE);
  dataset = open_well ("fashion-mnist", 10);
  g_assert_cmpuint (dataset->n_train, ==, 10);
  g_assert_cmpuint (dataset->n_test, ==, 10);
  g_assert_cmpstr (dataset->class_names[9], ==, "ankle boot");

  labels->data[8 + 3] = 10;
  {
    g_autofree char *path = test_path (folder, "fashion-mnist/t10k-labels-idx1-ubyte");

    test_write (path, labels->data, labels->len);
  }
  expect ("fashion-mnist", KIN_ERROR_FORMAT, "0 to 9");
  g_unsetenv ("KIN_DATASETS_DIR");
  test_folder_free (folder);
}

static void
test_fashion_mnist (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KinDataset) dataset = test_open ("fashion-mnist", 0, &error);
  g_autoptr (KinDataset) part = NULL;
  guint counts[10] = { 0 };

  if (g_error_matches (error, KIN_ERROR, KIN_ERROR_FILE))
    {
      g_assert_nonnull (strstr (error->message, "dataset-fashion-mnist"));
      g_test_skip ("the package dataset-fashion-mnist is not installed");
      return;
    }
  g_assert_no_error (error);
  g_assert_cmpuint (dataset->n_train, ==, 60000);
  g_assert_cmpuint (dataset->n_test, ==, 10000);
  g_assert_cmpuint (dataset->size, ==, 28);
  g_assert_cmpuint (dataset->channels, ==, 1);
  g_assert_cmpstr (dataset->class_names[0], ==, "T-shirt/top");
  for (guint i = 0; i < dataset->n_images; i++)
    counts[dataset->labels[i]]++;
  for (guint i = 0; i < 10; i++)
    g_assert_cmpuint (counts[i], ==, 7000);

  part = open_well ("fashion-mnist", 600);
  g_assert_cmpuint (part->n_train, ==, 600);
  g_assert_cmpuint (part->n_test, ==, 100);
  g_assert_cmpmem (part->pixels, 600 * 784, dataset->pixels, 600 * 784);
  g_assert_cmpmem (kin_dataset_get_pixels (part, 600), 100 * 784, kin_dataset_get_pixels (dataset, 60000), 100 * 784);
  g_assert_cmpint (part->labels[600], ==, dataset->labels[60000]);
}

/* CIFAR */

static void
write_cifar (const char *path, guint n, guint n_labels, guint first)
{
  gsize record = n_labels + 3072;
  g_autofree guint8 *bytes = g_malloc (n * record);

  for (guint i = 0; i < n; i++)
    {
      memset (bytes + i * record, (first + i) % 10, n_labels);
      for (guint c = 0; c < 3; c++)
        memset (bytes + i * record + n_labels + c * 1024, 10 * (c + 1) + (first + i) % 100, 1024);
    }
  test_write (path, bytes, n * record);
}

static void
test_cifar (void)
{
  char *folder = test_folder_new ();
  g_autofree char *one = test_path (folder, "data_batch_1.bin");
  g_autofree char *two = test_path (folder, "data_batch_2.bin");
  g_autofree char *test = test_path (folder, "test_batch.bin");
  g_autofree char *source = g_strdup_printf ("cifar10:%s,%s", one, two);
  g_autofree char *alone = g_strdup_printf ("cifar10:%s", test);
  g_autoptr (KinDataset) drawn = NULL;
  g_autoptr (KinDataset) own = NULL;
  g_autoptr (KinDataset) only = NULL;

  write_cifar (one, 30, 1, 0);
  write_cifar (two, 30, 1, 30);
  drawn = open_well (source, 0);
  g_assert_cmpuint (drawn->n_images, ==, 60);
  g_assert_cmpuint (drawn->n_test, ==, 12);
  check_split (drawn);

  write_cifar (test, 20, 1, 60);
  own = open_well (source, 30);
  g_assert_cmpuint (own->n_train, ==, 30);
  g_assert_cmpuint (own->n_test, ==, 10);
  g_assert_cmpuint (own->test_ids[0], ==, 30);
  g_assert_cmpuint (own->channels, ==, 3);
  g_assert_cmpuint (own->size, ==, 32);
  for (guint i = 0; i < own->n_images; i++)
    {
      const guint8 *pixels = kin_dataset_get_pixels (own, i);
      guint place = i < 30 ? i : 60 + i - 30;

      g_assert_cmpint (own->labels[i], ==, place % 10);
      for (guint p = 0; p < 1024; p++)
        for (guint c = 0; c < 3; c++)
          g_assert_cmpuint (pixels[3 * p + c], ==, 10 * (c + 1) + place % 100);
    }
  g_assert_cmpstr (own->class_names[9], ==, "truck");
  g_assert_cmpstr (kin_source_default_policy (own), ==, "simclr");

  only = open_well (alone, 0);
  g_assert_cmpuint (only->n_images, ==, 20);
  g_assert_cmpuint (only->n_test, ==, 4);
  test_folder_free (folder);
}

static void
test_cifar_refused (void)
{
  char *folder = test_folder_new ();
  g_autofree char *path = test_path (folder, "a.bin");
  g_autofree char *missing = test_path (folder, "missing.bin");
  g_autofree char *source = g_strdup_printf ("cifar10:%s", path);
  g_autofree char *fine = g_strdup_printf ("cifar100:%s", path);
  g_autofree char *with_missing = g_strdup_printf ("cifar10:%s,%s", path, missing);
  g_autofree char *with_nothing = g_strdup_printf ("cifar10:%s,", path);
  g_autofree char *of_folder = g_strdup_printf ("cifar10:%s", folder);
  g_autofree guint8 *bad = g_malloc0 (3073 * 5);

  test_write (path, "", 0);
  expect (source, KIN_ERROR_FORMAT, "0 bytes");
  test_write (path, bad, 3073 * 5 - 1);
  expect (source, KIN_ERROR_FORMAT, "multiple of 3073");
  expect (fine, KIN_ERROR_FORMAT, "multiple of 3074");
  bad[3073 * 2] = 10;
  test_write (path, bad, 3073 * 5);
  expect (source, KIN_ERROR_FORMAT, "label 10");
  write_cifar (path, 5, 2, 0);
  {
    g_autoptr (KinDataset) dataset = open_well (fine, 0);

    g_assert_cmpuint (dataset->n_classes, ==, 100);
    g_assert_cmpstr (dataset->class_names[99], ==, "worm");
  }
  write_cifar (path, 3, 1, 0);
  expect (source, KIN_ERROR_TOO_FEW, "3 images");
  expect (with_missing, KIN_ERROR_FILE, "missing.bin");
  expect (with_nothing, KIN_ERROR_OPTION, "cifar10:FILE");
  expect (of_folder, KIN_ERROR_FILE, folder);
  test_folder_free (folder);
}

/* Folders */

static void
write_png_in (const char *folder, const char *name, guint8 r, guint8 g, guint8 b)
{
  g_autofree char *path = test_path (folder, name);

  test_write_color (path, 17, 11, r, g, b);
}

static const KinSkippedFile *
find_skipped (const KinDataset *dataset, const char *path)
{
  for (guint i = 0; i < dataset->n_skipped; i++)
    if (g_str_equal (dataset->skipped[i].path, path))
      return &dataset->skipped[i];
  return NULL;
}

static void
test_folder_classes (void)
{
  char *folder = test_folder_new ();
  const char *const names[] = { "beside.png", "birds/a.png", "Äpfel/ß.png", "birds/deep/er/b.png", "birds/z.png" };
  g_autoptr (KinDataset) dataset = NULL;
  guint id;

  write_png_in (folder, "birds/z.png", 10, 0, 0);
  write_png_in (folder, "birds/a.png", 20, 0, 0);
  write_png_in (folder, "birds/deep/er/b.png", 30, 0, 0);
  write_png_in (folder, "Äpfel/ß.png", 40, 0, 0);
  write_png_in (folder, "beside.png", 50, 0, 0);
  write_png_in (folder, ".hidden/x.png", 60, 0, 0);
  dataset = open_well (folder, 0);

  g_assert_cmpuint (dataset->n_images, ==, 5);
  g_assert_cmpuint (dataset->channels, ==, 3);
  for (guint i = 0; i < 5; i++)
    g_assert_cmpstr (dataset->names[i], ==, names[i]);
  g_assert_cmpuint (dataset->pixels[0], ==, 50);
  g_assert_cmpuint (dataset->n_classes, ==, 3);
  g_assert_cmpstr (dataset->class_names[0], ==, "birds");
  g_assert_cmpstr (dataset->class_names[1], ==, "Äpfel");
  g_assert_cmpstr (dataset->class_names[2], ==, dataset->name);
  g_assert_cmpint (dataset->labels[0], ==, 2);
  g_assert_cmpint (dataset->labels[1], ==, 0);
  g_assert_cmpint (dataset->labels[2], ==, 1);
  g_assert_cmpint (dataset->labels[3], ==, 0);
  check_split (dataset);

  g_assert_true (kin_dataset_find_image (dataset, "birds/deep/er/b.png", &id, NULL));
  g_assert_cmpuint (id, ==, 3);
  g_assert_true (kin_dataset_find_image (dataset, "ß.png", &id, NULL));
  g_assert_cmpuint (id, ==, 2);
  {
    g_autofree char *whole = g_build_filename (folder, "birds", "z.png", NULL);

    g_assert_true (kin_dataset_find_image (dataset, whole, &id, NULL));
    g_assert_cmpuint (id, ==, 4);
  }
  test_folder_free (folder);
}

static void
test_folder_ambiguous_name (void)
{
  char *folder = test_folder_new ();
  g_autoptr (KinDataset) dataset = NULL;
  g_autoptr (GError) error = NULL;
  guint id = 77;

  for (guint i = 0; i < 4; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u/same.png", i);

      write_png_in (folder, name, 9, 9, 200);
    }
  dataset = open_well (folder, 0);
  g_assert_false (kin_dataset_find_image (dataset, "same.png", &id, &error));
  g_assert_nonnull (strstr (error->message, "4 images"));
  g_clear_error (&error);
  g_assert_false (kin_dataset_find_image (dataset, "other.png", &id, &error));
  g_assert_nonnull (strstr (error->message, "0 to 3"));
  g_assert_cmpuint (id, ==, 77);
  g_assert_true (kin_dataset_find_image (dataset, "2/same.png", &id, NULL));
  g_assert_cmpuint (id, ==, 2);
  test_folder_free (folder);
}

static void
test_folder_skips_and_says_why (void)
{
  char *folder = test_folder_new ();
  g_autofree char *empty = test_path (folder, "empty.png");
  g_autofree char *lie = test_path (folder, "lie.png");
  g_autofree char *bomb = test_path (folder, "bomb.png");
  g_autofree char *words = test_path (folder, "words.jpg");
  g_autofree char *notes = test_path (folder, "notes.txt");
  g_autofree char *link = test_path (folder, "dead-link.png");
  g_autofree char *secret = test_path (folder, "secret.png");
  gboolean is_root = geteuid () == 0;
  g_autoptr (KinDataset) dataset = NULL;

  for (guint i = 0; i < 6; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u.png", i);

      write_png_in (folder, name, i, 0, 0);
    }
  test_write (empty, "", 0);
  test_write_lying_png (lie, 1000000000, 1000000000);
  test_write_lying_png (bomb, 40000, 40000);
  test_write (words, "words", 5);
  test_write (notes, "notes", 5);
  g_assert_cmpint (symlink ("/nowhere/at/all.png", link), ==, 0);
  write_png_in (folder, "secret.png", 1, 1, 1);
  g_assert_cmpint (g_chmod (secret, 0), ==, 0);
  dataset = open_well (folder, 0);

  g_assert_cmpuint (dataset->n_images, ==, is_root ? 7 : 6);
  g_assert_cmpuint (dataset->n_skipped, ==, is_root ? 5 : 6);
  g_assert_nonnull (strstr (find_skipped (dataset, "empty.png")->reason, "empty"));
  g_assert_nonnull (strstr (find_skipped (dataset, "lie.png")->reason, "1000000000"));
  g_assert_nonnull (strstr (find_skipped (dataset, "bomb.png")->reason, "40000"));
  g_assert_nonnull (strstr (find_skipped (dataset, "words.jpg")->reason, "not an image"));
  g_assert_nonnull (find_skipped (dataset, "dead-link.png"));
  g_assert_null (find_skipped (dataset, "notes.txt"));
  if (!is_root)
    g_assert_nonnull (strstr (find_skipped (dataset, "secret.png")->reason, "ermission"));
  g_assert_null (dataset->labels);
  test_folder_free (folder);
}

static void
test_folder_too_few (void)
{
  char *folder = test_folder_new ();
  g_autofree char *broken = test_path (folder, "broken.png");
  g_autofree char *missing = test_path (folder, "nothing-here");

  expect (folder, KIN_ERROR_TOO_FEW, "0 readable");
  write_png_in (folder, "1.png", 1, 2, 3);
  write_png_in (folder, "2.png", 1, 2, 3);
  write_png_in (folder, "3.png", 1, 2, 3);
  expect (folder, KIN_ERROR_TOO_FEW, "3 readable");
  test_write (broken, "", 0);
  expect (folder, KIN_ERROR_TOO_FEW, "broken.png");
  expect (broken, KIN_ERROR_FILE, "is a file");
  expect (missing, KIN_ERROR_OPTION, "nothing-here");
  test_folder_free (folder);
}

static void
test_folder_gray_is_one_channel (void)
{
  char *folder = test_folder_new ();
  g_autoptr (KinDataset) gray = NULL;
  g_autoptr (KinDataset) color = NULL;

  for (guint i = 0; i < 8; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u.png", i);

      write_png_in (folder, name, 10 * i, 10 * i, 10 * i);
    }
  gray = open_well (folder, 0);
  g_assert_cmpuint (gray->channels, ==, 1);
  g_assert_cmpstr (kin_source_default_policy (gray), ==, "gray");
  for (guint i = 0; i < 8; i++)
    for (guint p = 0; p < 1024; p++)
      g_assert_cmpuint (kin_dataset_get_pixels (gray, i)[p], ==, 10 * i);
  write_png_in (folder, "8.png", 200, 0, 0);
  color = open_well (folder, 0);
  g_assert_cmpuint (color->channels, ==, 3);
  g_assert_cmpuint (kin_dataset_get_pixels (color, 7)[2], ==, 70);
  g_assert_cmpstr (kin_source_default_policy (color), ==, "simclr");
  test_folder_free (folder);
}

static void
test_folder_links_in_circles (void)
{
  char *folder = test_folder_new ();
  g_autofree char *up = test_path (folder, "a/b/up");
  g_autofree char *self = test_path (folder, "a/self");
  g_autoptr (KinDataset) dataset = NULL;

  for (guint i = 0; i < 4; i++)
    {
      g_autofree char *name = g_strdup_printf ("a/%u.png", i);

      write_png_in (folder, name, i, 5, 5);
    }
  g_assert_cmpint (symlink (folder, up), ==, 0);
  g_assert_cmpint (symlink (".", self), ==, 0);
  dataset = open_well (folder, 0);
  g_assert_cmpuint (dataset->n_images, ==, 4);
  test_folder_free (folder);
}

/* More files than a block, some of them broken, with several threads: ids are as the names say. */
static void
test_folder_order_and_limit (void)
{
  enum
  {
    N = 1200,
  };
  char *folder = test_folder_new ();
  g_autoptr (KinDataset) all = NULL;
  g_autoptr (KinDataset) some = NULL;

  for (guint i = 0; i < N; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u/%04u.png", i % 3, i);
      g_autofree char *path = test_path (folder, name);

      if (i % 100 == 7)
        test_write (path, "broken", 6);
      else
        test_write_color (path, 4, 4, i % 256, i / 256, 255);
    }
  all = open_well (folder, 0);
  some = open_well (folder, 100);
  g_assert_cmpuint (all->n_images, ==, N - 12);
  g_assert_cmpuint (all->n_skipped, ==, 12);
  for (guint i = 0; i < all->n_images; i++)
    {
      guint number = g_ascii_strtoull (strchr (all->names[i], '/') + 1, NULL, 10);
      const guint8 *pixels = kin_dataset_get_pixels (all, i);

      g_assert_cmpuint (pixels[0], ==, number % 256);
      g_assert_cmpuint (pixels[1], ==, number / 256);
      g_assert_cmpint (all->labels[i], ==, number % 3);
    }
  g_assert_cmpuint (some->n_train, ==, 100);
  g_assert_cmpuint (some->n_test, ==, 25);
  g_assert_cmpuint (some->n_classes, ==, 3);
  for (guint i = 0; i < some->n_images; i++)
    g_assert_cmpstr (some->names[i], ==, all->names[i]);
  g_assert_cmpmem (some->pixels, some->n_images * 3072, all->pixels, some->n_images * 3072);
  test_folder_free (folder);
}

static gboolean
cancel_while_reading (double fraction, const char *what, gpointer data)
{
  return FALSE;
}

static void
test_folder_cancel (void)
{
  char *folder = test_folder_new ();
  KinDataSpec spec = { .source = folder };
  g_autoptr (GError) error = NULL;

  write_png_in (folder, "1.png", 1, 2, 3);
  g_assert_null (kin_dataset_open (&spec, cancel_while_reading, NULL, &error));
  g_assert_error (error, KIN_ERROR, KIN_ERROR_CANCELLED);
  test_folder_free (folder);
}

static void
test_tuxpaint_stamps (void)
{
  const char *stamps = "/usr/share/tuxpaint/stamps";
  g_autoptr (KinDataset) dataset = NULL;

  if (!g_file_test (stamps, G_FILE_TEST_IS_DIR))
    {
      g_test_skip ("the package tuxpaint-stamps-default is not installed");
      return;
    }
  dataset = open_well (stamps, 0);
  g_assert_cmpuint (dataset->n_images, >=, 700);
  g_assert_cmpuint (dataset->n_classes, >=, 10);
  g_assert_cmpstr (dataset->class_names[0], ==, "animals");
  g_assert_cmpuint (dataset->channels, ==, 3);
  g_assert_cmpuint (dataset->n_skipped, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/idx/plain-and-gzip", test_idx_plain_and_gzip);
  g_test_add_func ("/idx/limit", test_idx_limit);
  g_test_add_func ("/idx/split-depends-on-seed", test_split_depends_on_seed);
  g_test_add_func ("/idx/lying-headers", test_idx_lying_headers);
  g_test_add_func ("/idx/gzip-bomb", test_idx_gzip_bomb);
  g_test_add_func ("/idx/cut-off", test_idx_cut_off);
  g_test_add_func ("/idx/labels", test_idx_labels);
  g_test_add_func ("/fashion-mnist/labels-out-of-range", test_fashion_mnist_labels_out_of_range);
  g_test_add_func ("/fashion-mnist/installed", test_fashion_mnist);
  g_test_add_func ("/cifar/reads", test_cifar);
  g_test_add_func ("/cifar/refused", test_cifar_refused);
  g_test_add_func ("/folder/classes", test_folder_classes);
  g_test_add_func ("/folder/ambiguous-name", test_folder_ambiguous_name);
  g_test_add_func ("/folder/skips-and-says-why", test_folder_skips_and_says_why);
  g_test_add_func ("/folder/too-few", test_folder_too_few);
  g_test_add_func ("/folder/gray-is-one-channel", test_folder_gray_is_one_channel);
  g_test_add_func ("/folder/links-in-circles", test_folder_links_in_circles);
  g_test_add_func ("/folder/order-and-limit", test_folder_order_and_limit);
  g_test_add_func ("/folder/cancel", test_folder_cancel);
  g_test_add_func ("/folder/tuxpaint-stamps", test_tuxpaint_stamps);
  return g_test_run ();
}
