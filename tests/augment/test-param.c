#include "engine/param.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <string.h>

static const char *const optimizers[] = { "adamw", "sgd", "lars", NULL };
static const KinParamSpec tau = { .id = "tau", .kind = KIN_PARAM_REAL, .min = 0.005, .max = 2, .unit = "" };
static const KinParamSpec anything = { .id = "x", .kind = KIN_PARAM_REAL, .min = -DBL_MAX, .max = DBL_MAX, .unit = "" };
static const KinParamSpec size = { .id = "size", .kind = KIN_PARAM_INT, .min = 16, .max = 96, .unit = "px" };
static const KinParamSpec nesterov = { .id = "nesterov", .kind = KIN_PARAM_BOOL, .unit = "" };
static const KinParamSpec optimizer = { .id = "optimizer", .kind = KIN_PARAM_CHOICE, .choices = optimizers };

static void
assert_round_trip (double value)
{
  g_autofree char *text = kin_param_format (&anything, value);
  g_autoptr (GError) error = NULL;
  double back = NAN;

  kin_param_parse (&anything, text, &back, &error);
  g_assert_no_error (error);
  if (memcmp (&back, &value, sizeof value) != 0)
    g_error ("%a is written as %s and read as %a", value, text, back);
}

static void
test_round_trip (void)
{
  const double special[] = { 0.0, -0.0, 0.1, 1.0 / 3, 4.0 / 3, 1e-300, DBL_MIN, 4.9e-324, DBL_MAX, 1e22, 123456789012 };
  guint64 state = 1;

  for (guint i = 0; i < G_N_ELEMENTS (special); i++)
    {
      assert_round_trip (special[i]);
      assert_round_trip (-special[i]);
    }
  for (int i = 0; i < 20000; i++)
    {
      double value;

      state = state * 6364136223846793005u + 1442695040888963407u;
      memcpy (&value, &state, sizeof value);
      if (isfinite (value))
        assert_round_trip (value);
    }
}

static void
test_shortest (void)
{
  const struct
  {
    double value;
    const char *text;
  } cases[] = {
    { 0.2, "0.2" },
    { 1, "1" },
    { 0.005, "0.005" },
    { 4.0 / 3, "1.3333333333333333" },
    { 0.1 + 0.2, "0.30000000000000004" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = kin_param_format (&anything, cases[i].value);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

static void
assert_refused (const KinParamSpec *spec, const char *text, const char *message)
{
  g_autoptr (GError) error = NULL;
  double value = 42;

  if (kin_param_parse (spec, text, &value, &error))
    g_error ("%s took “%s” as %g", spec->id, text, value);
  g_assert_error (error, KIN_ERROR, KIN_ERROR_OPTION);
  g_assert_cmpfloat (value, ==, 42); /* left alone */
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  if (message != NULL)
    g_assert_cmpstr (error->message, ==, message);
}

static void
test_refusals (void)
{
  g_autofree char *long_text = g_strnfill (100000, '7');
  const char *const bad[] = { "",    " ",  " 1",  "1 ",    "1x", "nan", "inf", "-inf",     "infinity", "0x1",
                              "1,5", "1e", "--1", "1e999", "+",  ".",   "١",   "\xff\xfe", "1\n" };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_refused (&tau, bad[i], NULL);
  assert_refused (&tau, long_text, NULL);
  assert_refused (&tau, "7", "tau = 7 is out of range: 0.005 to 2");
  assert_refused (&tau, "0.0049", "tau = 0.0049 is out of range: 0.005 to 2");
  assert_refused (&tau, "abc", "tau = “abc” is not a number: 0.005 to 2");
  assert_refused (&size, "16.5", "size = 16.5 is not a whole number: 16 to 96 px");
  assert_refused (&size, "1e9", "size = 1000000000 is out of range: 16 to 96 px");
  assert_refused (&nesterov, "maybe", "nesterov = “maybe” is not known: on or off");
  assert_refused (&nesterov, "2", NULL);
  assert_refused (&optimizer, "adam", "optimizer = “adam” is not known: adamw, sgd or lars");
  assert_refused (&optimizer, "0", NULL);
}

static void
test_accepted (void)
{
  const struct
  {
    const KinParamSpec *spec;
    const char *text;
    double value;
  } cases[] = {
    { &tau, "0.005", 0.005 }, { &tau, "2", 2 },           { &tau, "+.5", 0.5 },      { &tau, "5e-1", 0.5 },
    { &size, "16", 16 },      { &size, "3.2e1", 32 },     { &nesterov, "on", 1 },    { &nesterov, "off", 0 },
    { &nesterov, "true", 1 }, { &nesterov, "False", 0 },  { &nesterov, "YES", 1 },   { &nesterov, "no", 0 },
    { &nesterov, "1", 1 },    { &optimizer, "adamw", 0 }, { &optimizer, "lars", 2 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      double value = NAN;

      kin_param_parse (cases[i].spec, cases[i].text, &value, &error);
      g_assert_no_error (error);
      g_assert_cmpfloat (value, ==, cases[i].value);
    }
}

static void
test_kinds_round_trip (void)
{
  for (int i = 0; i < 3; i++)
    {
      g_autofree char *text = kin_param_format (&optimizer, i);
      double value = NAN;

      g_assert_cmpstr (text, ==, optimizers[i]);
      g_assert_true (kin_param_parse (&optimizer, text, &value, NULL));
      g_assert_cmpfloat (value, ==, i);
    }
  for (int i = 0; i < 2; i++)
    {
      g_autofree char *text = kin_param_format (&nesterov, i);
      double value = NAN;

      g_assert_true (kin_param_parse (&nesterov, text, &value, NULL));
      g_assert_cmpfloat (value, ==, i);
    }
}

static void
test_check (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (kin_param_check (&tau, 0.5, NULL));
  g_assert_false (kin_param_check (&tau, NAN, &error));
  g_assert_cmpstr (error->message, ==, "tau = nan is not a finite number: 0.005 to 2");
  g_assert_false (kin_param_check (&tau, INFINITY, NULL));
  g_assert_false (kin_param_check (&tau, -INFINITY, NULL));
  g_assert_false (kin_param_check (&nesterov, 0.5, NULL));
  g_assert_false (kin_param_check (&optimizer, 3, NULL));
  g_assert_false (kin_param_check (&optimizer, -1, NULL));
  g_assert_false (kin_param_check (&optimizer, 1.5, NULL));
  g_assert_true (kin_param_check (&optimizer, 2, NULL));
}

/* Where the decimal point is a comma, files must not change. */
static void
test_locale (void)
{
  g_autofree char *text = NULL;
  double value = NAN;

  if (setlocale (LC_NUMERIC, "de_DE.UTF-8") == NULL)
    g_test_message ("no German locale here: checked in the C locale only");
  text = kin_param_format (&tau, 0.5);
  g_assert_cmpstr (text, ==, "0.5");
  g_assert_true (kin_param_parse (&tau, "0.25", &value, NULL));
  g_assert_cmpfloat (value, ==, 0.25);
  setlocale (LC_NUMERIC, "C");
}

static void
test_excerpt (void)
{
  g_autofree char *plain = kin_error_excerpt ("crop");
  g_autofree char *broken = kin_error_excerpt ("a\xff\nb\x1b[31m");
  g_autofree char *many = g_strnfill (1000, 'x');
  g_autofree char *cut = kin_error_excerpt (many);

  g_assert_cmpstr (plain, ==, "crop");
  g_assert_true (g_utf8_validate (broken, -1, NULL));
  g_assert_null (strpbrk (broken, "\n\x1b"));
  g_assert_cmpint (g_utf8_strlen (cut, -1), ==, 41);
  g_assert_true (g_str_has_suffix (cut, "…"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/param/round-trip", test_round_trip);
  g_test_add_func ("/param/shortest", test_shortest);
  g_test_add_func ("/param/refusals", test_refusals);
  g_test_add_func ("/param/accepted", test_accepted);
  g_test_add_func ("/param/kinds-round-trip", test_kinds_round_trip);
  g_test_add_func ("/param/check", test_check);
  g_test_add_func ("/param/locale", test_locale);
  g_test_add_func ("/param/excerpt", test_excerpt);
  return g_test_run ();
}
