/* The numbers of a run on disk: what is read is what was written, and a damaged file is an error that says where. */

#include "engine/history.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

static KinHistory *
make_history (void)
{
  KinHistory *history = kin_history_new ();

  for (guint i = 1; i <= 5; i++)
    {
      KinSample sample = { .step = i, .epoch = i / 2.0, .loss = 4.1 / i, .chance = 4.8, .top1 = 0.1 * i,
                           .learning_rate = 1e-5 * i, .gradient_norm = 1e20 };
      KinEvaluation evaluation = { .step = 2 * (i - 1), .knn = 0.5, .loss = NAN, .uniformity = -INFINITY,
                                   .train_seconds = i };

      g_array_append_val (history->samples, sample);
      g_array_append_val (history->evaluations, evaluation);
    }
  return history;
}

static void
test_round_trip (void)
{
  g_autofree char *folder = g_dir_make_tmp ("kindred-history-XXXXXX", NULL);
  g_autoptr (KinHistory) history = make_history (), back = NULL, empty = NULL;
  g_autoptr (GError) error = NULL;

  empty = kin_history_load (folder, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (empty->samples->len + empty->evaluations->len, ==, 0);
  g_assert_true (kin_history_save (history, folder, &error));
  back = kin_history_load (folder, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (back->samples->len, ==, 5);
  g_assert_cmpuint (back->evaluations->len, ==, 5);
  for (guint i = 0; i < 5; i++)
    {
      const KinSample *a = &g_array_index (history->samples, KinSample, i);
      const KinSample *b = &g_array_index (back->samples, KinSample, i);
      const KinEvaluation *c = &g_array_index (back->evaluations, KinEvaluation, i);

      g_assert_cmpuint (a->step, ==, b->step);
      g_assert_cmpfloat_with_epsilon (a->loss, b->loss, 1e-8);
      g_assert_cmpfloat (b->gradient_norm, ==, 1e20);
      g_assert_cmpuint (c->step, ==, 2 * i);
      g_assert_true (isnan (c->loss) && c->uniformity == -INFINITY && c->train_seconds == i + 1);
    }
}

static void
test_truncate (void)
{
  g_autoptr (KinHistory) history = make_history ();

  kin_history_truncate (history, 4);
  g_assert_cmpuint (history->samples->len, ==, 4);
  g_assert_cmpuint (history->evaluations->len, ==, 3);
  kin_history_truncate (history, 0);
  g_assert_cmpuint (history->samples->len, ==, 0);
  g_assert_cmpuint (history->evaluations->len, ==, 1); /* the untrained encoder */
}

#define HEADER "step,epoch,loss,chance,top1,learning_rate,gradient_norm\n"
#define ROW1 "1,0.5,4,4.8,0.1,1e-05,2\n"
#define ROW2 "2,1,3.5,4.8,0.1,1e-05,2\n"

static void
assert_damaged (const char *text, gsize length, const char *place)
{
  g_autofree char *folder = g_dir_make_tmp ("kindred-history-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "steps.csv", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, text, length, NULL));
  g_assert_null (kin_history_load (folder, &error));
  g_assert_error (error, KIN_ERROR, KIN_ERROR_FORMAT);
  if (strstr (error->message, place) == NULL || strstr (error->message, "steps.csv") == NULL)
    g_error ("\"%s\" does not name steps.csv, %s", error->message, place);
  g_remove (path);
  g_rmdir (folder);
}

static void
test_damaged (void)
{
  static const struct
  {
    const char *text, *place;
  } cases[] = {
    { "", "line 1" },
    { "hello\n", "line 1" },
    { ROW1 ROW2, "line 1" },                              /* no names: the first row must not be taken for them */
    { "step,loss\n1,2\n", "line 1" },                     /* another program's */
    { HEADER ROW1 "\n" ROW2, "line 3" },                  /* a gap: what is behind it must not be lost in silence */
    { HEADER ROW1 "2,1,3.5,4.8,0.1,1e-05\n", "line 3" },  /* a number too few */
    { HEADER ROW1 "2,1,3.5,4.8,0.1,1e-05,2,3\n", "line 3" },
    { HEADER "one,0.5,4,4.8,0.1,1e-05,2\n", "line 2" },
    { HEADER "-1,0.5,4,4.8,0.1,1e-05,2\n", "line 2" },
    { HEADER ROW2 ROW1, "line 3" },                       /* backwards */
    { HEADER ROW1 ROW1, "line 3" },                       /* twice */
    { HEADER ROW1 "2,1,3.5,4.8,0.1,1e-05,2", "line 3" },  /* cut off: the last number may have lost digits */
  };
  static const char zero[] = HEADER ROW1 "\0" ROW2;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_damaged (cases[i].text, strlen (cases[i].text), cases[i].place);
  assert_damaged (zero, sizeof zero - 1, "line 3");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/history/round-trip", test_round_trip);
  g_test_add_func ("/history/truncate", test_truncate);
  g_test_add_func ("/history/damaged", test_damaged);
  return g_test_run ();
}
