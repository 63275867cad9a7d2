/* Numbers and states as the window says them. */

#include <math.h>

#include "tests/ui/helpers.h"
#include "ui/text.h"

/* Takes @text. */
static void
check (char *text, const char *want)
{
  g_assert_cmpstr (text, ==, want);
  g_free (text);
}

static void
test_counts (void)
{
  check (kin_text_count (0), "0");
  check (kin_text_count (999), "999");
  check (kin_text_count (2000), "2,000");
  check (kin_text_count (1234567), "1,234,567");
}

static void
test_rate (void)
{
  g_autoptr (KinSnapshot) snapshot = kin_snapshot_new ();

  snapshot->state = KIN_STATE_TRAINING;
  check (kin_text_rate (snapshot), "training");
  snapshot->pairs_per_s = 948.2;
  check (kin_text_rate (snapshot), "948 images/s");
  snapshot->seconds_left = 38.4;
  check (kin_text_rate (snapshot), "948 images/s · 0:38 left");
  snapshot->seconds_left = 3725;
  check (kin_text_rate (snapshot), "948 images/s · 1:02:05 left");
  snapshot->seconds_left = NAN;
  check (kin_text_rate (snapshot), "948 images/s");
  snapshot->seconds_left = INFINITY;
  check (kin_text_rate (snapshot), "948 images/s · 99:59:59 left");
  snapshot->state = KIN_STATE_PAUSED;
  check (kin_text_rate (snapshot), "paused");
}

static void
test_params (void)
{
  check (kin_text_param (kin_config_find_spec ("tau"), 0.2), "0.20");
  check (kin_text_param (kin_config_find_spec ("tau"), 0.005), "0.005");
  check (kin_text_param (kin_config_find_spec ("lr"), 2e-3), "0.002");
  check (kin_text_param (kin_config_find_spec ("lr"), 1e-6), "1.0e-06");
  check (kin_text_param (kin_config_find_spec ("batch"), 64), "64 pairs");
  check (kin_text_param (kin_config_find_spec ("nesterov"), 1), "on");
  check (kin_text_param (kin_config_find_spec ("optimizer"), 0), "adamw");
}

static void
test_ops (void)
{
  g_autoptr (KinPolicy) policy = kin_policy_from_name ("shapes", NULL);
  g_autoptr (KinPolicy) gray = kin_policy_from_name ("gray", NULL);
  const char *wants[] = { "50–100 %", "p 0.5", "±180°", "hue ±0.5", "p 0.3" };

  for (guint i = 0; i < G_N_ELEMENTS (wants); i++)
    check (kin_text_op (&policy->ops[i]), wants[i]);
  check (kin_text_op (&gray->ops[2]), "±0.8");
}

/* Each kind of trouble comes with something to do about it. */
static void
test_hints (void)
{
  for (int code = KIN_ERROR_OPTION; code <= KIN_ERROR_CANCELLED; code++)
    {
      g_autoptr (GError) error = g_error_new_literal (KIN_ERROR, code, "x");

      g_assert_cmpstr (kin_text_error_hint (error), !=, "");
    }
  g_assert_cmpstr (kin_text_error_hint (NULL), ==, "");
}

/* Every parameter and operation has a text, whatever its value, and a tooltip with its range. */
static void
test_all_have_texts (void)
{
  guint n;
  const KinParamSpec *specs = kin_config_specs (&n);

  for (guint i = 0; i < n; i++)
    {
      const double values[] = { specs[i].min, specs[i].def, specs[i].max };
      g_autofree char *help = kin_text_param_help (&specs[i]), *range = kin_param_describe_range (&specs[i]);

      g_assert_nonnull (strstr (help, range));
      for (guint v = 0; v < G_N_ELEMENTS (values); v++)
        {
          g_autofree char *text = kin_text_param (&specs[i], values[v]);

          g_assert_cmpstr (text, !=, "");
        }
    }
  for (int kind = 0; kind < KIN_N_OPS; kind++)
    g_assert_cmpstr (kin_text_op_name (kind), !=, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/text/counts", test_counts);
  g_test_add_func ("/ui/text/rate", test_rate);
  g_test_add_func ("/ui/text/params", test_params);
  g_test_add_func ("/ui/text/ops", test_ops);
  g_test_add_func ("/ui/text/hints", test_hints);
  g_test_add_func ("/ui/text/all-have-texts", test_all_have_texts);
  return g_test_run ();
}
