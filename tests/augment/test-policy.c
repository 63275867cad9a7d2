#include "engine/core/rng.h"
#include "engine/policy.h"

#include <glib/gstdio.h>
#include <string.h>

static KinPolicy *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  KinPolicy *policy = kin_policy_from_text (text, &error);

  g_assert_no_error (error);
  g_assert_nonnull (policy);
  return policy;
}

/* A policy with random lines, strengths anywhere in their ranges. */
static KinPolicy *
random_policy (KinRng *rng)
{
  KinPolicy *policy = kin_policy_new ();
  guint n = kin_rng_below (rng, KIN_POLICY_OPS_MAX + 1);

  for (guint i = 0; i < n; i++)
    {
      KinOp *op = kin_policy_add (policy, kin_rng_below (rng, KIN_N_OPS), kin_rng_unit (rng));
      const KinOpInfo *info = kin_op_info (op->kind);

      op->is_on = kin_rng_below (rng, 2);
      for (guint j = 0; j < info->n_params; j++)
        {
          const KinParamSpec *spec = &info->params[j];

          op->value[j] = spec->kind == KIN_PARAM_REAL
                             ? spec->min + (spec->max - spec->min) * (kin_rng_u32 (rng) / 4294967296.0)
                             : kin_rng_below (rng, 2);
        }
      if (op->kind == KIN_OP_CROP && op->value[0] > op->value[1])
        op->value[0] = op->value[1];
      if (op->kind == KIN_OP_BLUR)
        {
          op->value[0] = 1 + 2 * kin_rng_below (rng, 16);
          op->value[2] = MAX (op->value[1], op->value[2]);
        }
    }
  return policy;
}

static void
test_round_trip (void)
{
  KinRng rng;

  kin_rng_init (&rng, 1, KIN_STREAM_TEST, 0, 0, 0);
  for (int i = 0; i < 300; i++)
    {
      g_autoptr (KinPolicy) policy = random_policy (&rng);
      g_autofree char *text = kin_policy_to_text (policy);
      g_autoptr (KinPolicy) back = parse (text);
      g_autofree char *line = g_strdelimit (g_strdup (text), "\n", ';');
      g_autoptr (KinPolicy) on_one_line = parse (line);

      g_assert_true (kin_policy_check (policy, NULL));
      if (!kin_policy_equal (policy, back))
        g_error ("read back differently:\n%s", text);
      g_assert_true (kin_policy_equal (policy, on_one_line));
    }
}

static void
test_text_form (void)
{
  g_autoptr (KinPolicy) policy = parse (
      "# two lines; not three\n\n  crop\tarea_min=0.5  p=0.25 \r\noff rotate fill=black # upright\n;;hflip; vflip p=0");
  g_autofree char *text = kin_policy_to_text (policy);

  g_assert_cmpstr (text, ==,
                   "crop p=0.25 area_min=0.5 area_max=1 aspect=1.3333333333333333\n"
                   "off rotate p=1 degrees=180 fill=black\n"
                   "hflip p=1\n"
                   "vflip p=0\n");
}

static void
assert_refused (const char *text, int code, const char *message)
{
  g_autoptr (GError) error = NULL;
  KinPolicy *policy = kin_policy_from_text (text, &error);

  if (policy != NULL)
    g_error ("taken as a policy: %s", text);
  g_assert_error (error, KIN_ERROR, code);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_cmpuint (strlen (error->message), <, 500);
  if (message != NULL)
    g_assert_cmpstr (error->message, ==, message);
}

static void
test_refusals (void)
{
  const struct
  {
    const char *text, *message;
  } cases[] = {
    { "corp", "policy, line 1: there is no operation “corp”; known: crop, hflip, vflip, rotate, translate, jitter, "
              "grayscale, solarize, blur, noise, cutout" },
    { "off", NULL },
    { "off off crop", NULL },
    { "hflip\n\ncrop p=2", "policy, line 3: crop: p = 2 is out of range: 0 to 1" },
    { "crop p=", "policy, line 1: crop: p = “” is not a number: 0 to 1" },
    { "crop p=nan", NULL },
    { "crop p", "policy, line 1: crop: “p” is not NAME=VALUE" },
    { "crop =1", NULL },
    { "crop p=.5 p=.5", "policy, line 1: crop: p is given twice" },
    { "crop area=1", "policy, line 1: crop: crop has no “area”; known: p, area_min, area_max, aspect" },
    { "crop area_min=0.9 area_max=0.3", "policy, line 1: crop: area_min = 0.9 is more than area_max = 0.3" },
    { "crop area_min=0", NULL },
    { "jitter hue=0.6", "policy, line 1: jitter: hue = 0.6 is out of range: 0 to 0.5 turn" },
    { "rotate fill=pink", "policy, line 1: rotate: fill = “pink” is not known: black or background" },
    { "rotate degrees=181", "policy, line 1: rotate: degrees = 181 is out of range: 0 to 180°" },
    { "blur kernel=4", "policy, line 1: blur: kernel = 4 is even: an odd number, 1 to 31" },
    { "blur kernel=33", NULL },
    { "blur sigma_min=3", NULL },
    { "blur sigma_min=0", NULL },
    { "CROP", NULL },
    { "crop,p=1", NULL },
    { "\xff\xfe\x01", NULL },
    { "crop \x1b[31mp=1", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_refused (cases[i].text, KIN_ERROR_OPTION, cases[i].message);
}

static void
test_too_much (void)
{
  g_autofree char *long_word = g_strnfill (60000, 'x');
  g_autofree char *long_text = g_strnfill (70000, '\n');
  GString *many = g_string_new (NULL);

  for (int i = 0; i < KIN_POLICY_OPS_MAX; i++)
    g_string_append (many, "hflip\n");
  kin_policy_unref (parse (many->str));
  g_string_append (many, "hflip\n");
  assert_refused (many->str, KIN_ERROR_OPTION, "policy, line 17: more than 16 operations");
  assert_refused (long_word, KIN_ERROR_OPTION, NULL);
  assert_refused (long_text, KIN_ERROR_TOO_LARGE, NULL);
  g_string_free (many, TRUE);
}

/* Any bytes give a policy or an error, never anything else; the sanitizer builds watch. */
static void
test_noise (void)
{
  static const char alphabet[] = "crop p=1.5e-;#\n\t off hflip blur kernel=3 \xc3\xa4\xff";
  KinRng rng;

  kin_rng_init (&rng, 2, KIN_STREAM_TEST, 0, 0, 0);
  for (int i = 0; i < 20000; i++)
    {
      char text[64] = "";
      guint n = kin_rng_below (&rng, sizeof text);
      g_autoptr (GError) error = NULL;
      KinPolicy *policy;

      for (guint j = 0; j < n; j++)
        text[j] = alphabet[kin_rng_below (&rng, sizeof alphabet - 1)];
      policy = kin_policy_from_text (text, &error);
      g_assert_true ((policy != NULL) == (error == NULL));
      if (policy != NULL)
        {
          g_assert_true (kin_policy_check (policy, NULL));
          kin_policy_unref (policy);
        }
    }
}

static void
test_presets (void)
{
  static const char *const ids[] = { "simclr", "gray", "crop", "color", "none", "shapes", "shapes-weak" };
  guint n;
  const KinPolicyPreset *presets = kin_policy_presets (&n);

  g_assert_cmpuint (n, ==, G_N_ELEMENTS (ids));
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (KinPolicy) policy = parse (presets[i].text);
      g_autoptr (KinPolicy) by_name = kin_policy_from_name (ids[i], NULL);

      g_assert_cmpstr (presets[i].id, ==, ids[i]);
      g_assert_cmpstr (kin_policy_find_preset (policy), ==, ids[i]); /* no two are the same */
      g_assert_true (kin_policy_equal (policy, by_name));
    }
}

static void
test_find_preset (void)
{
  g_autoptr (KinPolicy) policy = kin_policy_from_name ("simclr", NULL);
  g_autoptr (KinPolicy) empty = kin_policy_new ();

  g_assert_cmpstr (kin_policy_find_preset (policy), ==, "simclr");
  policy->ops[0].value[0] = 0.21;
  g_assert_null (kin_policy_find_preset (policy));
  policy->ops[0].value[0] = 0.2;
  policy->ops[1].is_on = FALSE;
  g_assert_null (kin_policy_find_preset (policy));
  g_assert_cmpstr (kin_policy_find_preset (empty), ==, "none");
}

static void
test_copies (void)
{
  g_autoptr (KinPolicy) policy = kin_policy_from_name ("shapes", NULL);
  g_autoptr (KinPolicy) copy = kin_policy_copy (policy);
  KinPolicy *same = kin_policy_ref (policy);

  g_assert_true (same == policy);
  kin_policy_unref (same);
  g_assert_true (kin_policy_equal (policy, copy));
  copy->ops[0].probability = 0.5;
  g_assert_false (kin_policy_equal (policy, copy));
  g_assert_cmpfloat (policy->ops[0].probability, ==, 1);
}

static void
test_check (void)
{
  g_autoptr (KinPolicy) policy = kin_policy_new ();
  g_autoptr (GError) error = NULL;
  KinOp *op;

  kin_policy_add (policy, KIN_OP_HFLIP, 0.5);
  op = kin_policy_add (policy, KIN_OP_CROP, 1);
  g_assert_true (kin_policy_check (policy, NULL));
  op->value[0] = G_MAXDOUBLE;
  g_assert_false (kin_policy_check (policy, &error));
  g_assert_true (g_str_has_prefix (error->message, "policy, line 2: crop: area_min = "));
  op->value[0] = 0.2;
  op->probability = -0.1;
  g_assert_false (kin_policy_check (policy, NULL));
  op->probability = 1;
  op->kind = 99;
  g_assert_false (kin_policy_check (policy, NULL));
}

static void
test_files (void)
{
  g_autofree char *folder = g_dir_make_tmp ("kindred-policy-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "mine.policy", NULL);
  g_autofree char *missing = g_build_filename (folder, "none-here", NULL);
  const char *const unreadable[] = { missing, folder, "", "simclr " };
  g_autoptr (KinPolicy) policy = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, "crop area_min=0.4\n", -1, NULL));
  policy = kin_policy_from_name (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (policy->n_ops, ==, 1);
  g_assert_cmpfloat (policy->ops[0].value[0], ==, 0.4);

  for (guint i = 0; i < G_N_ELEMENTS (unreadable); i++)
    {
      g_assert_null (kin_policy_from_name (unreadable[i], &error));
      g_assert_error (error, KIN_ERROR, KIN_ERROR_FILE);
      g_assert_nonnull (strstr (error->message, "simclr, gray, crop, color, none, shapes, shapes-weak"));
      g_clear_error (&error);
    }
  g_assert_null (kin_policy_from_name ("/dev/zero", &error)); /* without an end */
  g_assert_error (error, KIN_ERROR, KIN_ERROR_FORMAT);
  g_clear_error (&error);
  g_assert_true (g_file_set_contents (path, "crop\nfoo\n", -1, NULL));
  g_assert_null (kin_policy_from_name (path, &error));
  g_assert_nonnull (strstr (error->message, "kindred-policy-"));
  g_assert_nonnull (strstr (error->message, "line 2"));
  g_unlink (path);
  g_rmdir (folder);
}

static void
test_infos (void)
{
  for (guint kind = 0; kind < KIN_N_OPS; kind++)
    {
      const KinOpInfo *info = kin_op_info (kind);

      g_assert_cmpuint (info->kind, ==, kind);
      g_assert_nonnull (info->title);
      g_assert_nonnull (info->help);
      for (guint i = 0; i < info->n_params; i++)
        {
          g_assert_true (kin_param_check (&info->params[i], info->params[i].def, NULL));
          g_assert_cmpstr (info->params[i].group, ==, info->id);
        }
      for (guint i = 0; i < KIN_OP_DRAWN_MAX; i++)
        g_assert_true ((info->drawn[i] != NULL) == (i < info->n_drawn));
    }
}

static void
test_trace_text (void)
{
  KinTrace trace = {
    .n_steps = 6,
    .steps = {
      { KIN_OP_CROP, TRUE, { 3, 2, 27, 27, 0.7119f } },
      { KIN_OP_HFLIP, TRUE, { 0 } },
      { KIN_OP_VFLIP, FALSE, { 0 } },
      { KIN_OP_ROTATE, TRUE, { 131.7f, 1 } },
      { KIN_OP_TRANSLATE, TRUE, { -3, 2, 1 } },
      { KIN_OP_JITTER, TRUE, { 4, 1.204f, 1, 0.333f, 0.31f } },
    },
  };
  KinTrace none = { .n_steps = 1, .steps = { { KIN_OP_HFLIP, FALSE, { 0 } } } };
  KinTrace zero = { .n_steps = 1, .steps = { { KIN_OP_JITTER, TRUE, { 0, 1, 1, 1, -0.001f } } } };
  g_autofree char *text = kin_trace_to_text (&trace);
  g_autofree char *none_text = kin_trace_to_text (&none);
  g_autofree char *zero_text = kin_trace_to_text (&zero);

  g_assert_cmpstr (text, ==,
                   "crop 71 % · flip · rotate 132° · shift -3 +2 px · brightness 1.20 · saturation .33 · hue +.31");
  g_assert_cmpstr (none_text, ==, "unchanged");
  g_assert_cmpstr (zero_text, ==, "hue +.00");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/policy/round-trip", test_round_trip);
  g_test_add_func ("/policy/text-form", test_text_form);
  g_test_add_func ("/policy/refusals", test_refusals);
  g_test_add_func ("/policy/too-much", test_too_much);
  g_test_add_func ("/policy/noise", test_noise);
  g_test_add_func ("/policy/presets", test_presets);
  g_test_add_func ("/policy/find-preset", test_find_preset);
  g_test_add_func ("/policy/copies", test_copies);
  g_test_add_func ("/policy/check", test_check);
  g_test_add_func ("/policy/files", test_files);
  g_test_add_func ("/policy/infos", test_infos);
  g_test_add_func ("/policy/trace-text", test_trace_text);
  return g_test_run ();
}
