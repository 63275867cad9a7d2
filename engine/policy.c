#include "engine/policy.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>

enum
{
  TEXT_MAX = 64 * 1024, /* bytes of a policy file */
};

/* The probability belongs to every operation. */
static const KinParamSpec probability_spec = {
  .id = "p",
  .title = N_ ("Probability"),
  .formal = "p",
  .group = "",
  .kind = KIN_PARAM_REAL,
  .min = 0,
  .max = 1,
  .def = 1,
  .unit = "",
  .is_live = TRUE,
  .help = N_ ("Share of the views that the operation is applied to."),
  .source = "",
};

KinPolicy *
kin_policy_new (void)
{
  return g_atomic_rc_box_new0 (KinPolicy);
}

KinPolicy *
kin_policy_copy (const KinPolicy *policy)
{
  KinPolicy *copy = kin_policy_new ();

  *copy = *policy;
  return copy;
}

KinPolicy *
kin_policy_ref (KinPolicy *policy)
{
  return g_atomic_rc_box_acquire (policy);
}

void
kin_policy_unref (KinPolicy *policy)
{
  g_atomic_rc_box_release (policy);
}

static gboolean
op_equal (const KinOp *a, const KinOp *b)
{
  if (a->kind != b->kind || a->is_on != b->is_on || a->probability != b->probability)
    return FALSE;
  for (guint i = 0; i < kin_op_info (a->kind)->n_params; i++)
    if (a->value[i] != b->value[i])
      return FALSE;
  return TRUE;
}

gboolean
kin_policy_equal (const KinPolicy *a, const KinPolicy *b)
{
  if (a->n_ops != b->n_ops)
    return FALSE;
  for (guint i = 0; i < a->n_ops; i++)
    if (!op_equal (&a->ops[i], &b->ops[i]))
      return FALSE;
  return TRUE;
}

static KinOp
default_op (KinOpKind kind, double probability)
{
  const KinOpInfo *info = kin_op_info (kind);
  KinOp op = { .kind = kind, .is_on = TRUE, .probability = probability };

  for (guint i = 0; i < info->n_params; i++)
    op.value[i] = info->params[i].def;
  return op;
}

KinOp *
kin_policy_add (KinPolicy *policy, KinOpKind kind, double probability)
{
  g_return_val_if_fail (policy->n_ops < KIN_POLICY_OPS_MAX, NULL);
  g_return_val_if_fail ((guint) kind < KIN_N_OPS, NULL);
  policy->ops[policy->n_ops] = default_op (kind, probability);
  return &policy->ops[policy->n_ops++];
}

/* Strengths a and b of @info are the ends of a range. */
static gboolean
check_ends (const KinOpInfo *info, const KinOp *op, guint a, guint b, GError **error)
{
  g_autofree char *low = NULL;
  g_autofree char *high = NULL;

  if (op->value[a] <= op->value[b])
    return TRUE;
  low = kin_param_format (&info->params[a], op->value[a]);
  high = kin_param_format (&info->params[b], op->value[b]);
  g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION, _("%s = %s is more than %s = %s"), info->params[a].id, low,
               info->params[b].id, high);
  return FALSE;
}

static gboolean
check_op (const KinOp *op, GError **error)
{
  const KinOpInfo *info = kin_op_info (op->kind);

  if (!kin_param_check (&probability_spec, op->probability, error))
    return FALSE;
  for (guint i = 0; i < info->n_params; i++)
    if (!kin_param_check (&info->params[i], op->value[i], error))
      return FALSE;
  if (op->kind == KIN_OP_CROP)
    return check_ends (info, op, 0, 1, error);
  if (op->kind == KIN_OP_BLUR)
    {
      if ((guint) op->value[0] % 2 == 0)
        {
          g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION, _("kernel = %u is even: an odd number, 1 to %g"),
                       (guint) op->value[0], info->params[0].max);
          return FALSE;
        }
      return check_ends (info, op, 1, 2, error);
    }
  return TRUE;
}

gboolean
kin_policy_check (const KinPolicy *policy, GError **error)
{
  if (policy->n_ops > KIN_POLICY_OPS_MAX)
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION, _("policy has %u operations: at most %d"), policy->n_ops,
                   KIN_POLICY_OPS_MAX);
      return FALSE;
    }
  for (guint i = 0; i < policy->n_ops; i++)
    {
      if ((guint) policy->ops[i].kind >= KIN_N_OPS)
        {
          g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION, _("policy, line %u: operation %d is not known: 0 to %d"),
                       i + 1, (int) policy->ops[i].kind, KIN_N_OPS - 1);
          return FALSE;
        }
      if (!check_op (&policy->ops[i], error))
        {
          g_prefix_error (error, _("policy, line %u: %s: "), i + 1, kin_op_info (policy->ops[i].kind)->id);
          return FALSE;
        }
    }
  return TRUE;
}

static void
append_assignment (GString *text, const KinParamSpec *spec, double value)
{
  g_autofree char *shown = kin_param_format (spec, value);

  g_string_append_printf (text, " %s=%s", spec->id, shown);
}

char *
kin_policy_to_text (const KinPolicy *policy)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < policy->n_ops; i++)
    {
      const KinOp *op = &policy->ops[i];
      const KinOpInfo *info = kin_op_info (op->kind);

      g_string_append_printf (text, "%s%s", op->is_on ? "" : "off ", info->id);
      append_assignment (text, &probability_spec, op->probability);
      for (guint j = 0; j < info->n_params; j++)
        append_assignment (text, &info->params[j], op->value[j]);
      g_string_append_c (text, '\n');
    }
  return g_string_free (text, FALSE);
}

static gboolean
find_kind (const char *id, KinOpKind *kind, GError **error)
{
  g_autoptr (GString) known = g_string_new (NULL);
  g_autofree char *shown = NULL;

  for (guint i = 0; i < KIN_N_OPS; i++)
    {
      if (strcmp (kin_op_info (i)->id, id) == 0)
        {
          *kind = i;
          return TRUE;
        }
      g_string_append_printf (known, "%s%s", i > 0 ? ", " : "", kin_op_info (i)->id);
    }
  shown = kin_error_excerpt (id);
  g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION, _("there is no operation “%s”; known: %s"), shown, known->str);
  return FALSE;
}

static void
set_unknown_strength (GError **error, const KinOpInfo *info, const char *id)
{
  g_autoptr (GString) known = g_string_new ("p");
  g_autofree char *shown = kin_error_excerpt (id);

  for (guint i = 0; i < info->n_params; i++)
    g_string_append_printf (known, ", %s", info->params[i].id);
  g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION, _("%s has no “%s”; known: %s"), info->id, shown, known->str);
}

/* "hue=0.1" into @op. Bit i of @given: strength i was set; bit KIN_OP_PARAMS_MAX: the probability. */
static gboolean
parse_assignment (KinOp *op, char *word, guint *given, GError **error)
{
  const KinOpInfo *info = kin_op_info (op->kind);
  const KinParamSpec *spec = &probability_spec;
  double *value = &op->probability;
  guint bit = KIN_OP_PARAMS_MAX;
  char *equals = strchr (word, '=');

  if (equals == NULL)
    {
      g_autofree char *shown = kin_error_excerpt (word);

      g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION, _("“%s” is not NAME=VALUE"), shown);
      return FALSE;
    }
  *equals = '\0';
  if (strcmp (word, probability_spec.id) != 0)
    {
      for (bit = 0; bit < info->n_params && strcmp (word, info->params[bit].id) != 0; bit++)
        ;
      if (bit == info->n_params)
        {
          set_unknown_strength (error, info, word);
          return FALSE;
        }
      spec = &info->params[bit];
      value = &op->value[bit];
    }
  if (*given & (1u << bit))
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION, _("%s is given twice"), spec->id);
      return FALSE;
    }
  *given |= 1u << bit;
  return kin_param_parse (spec, equals + 1, value, error);
}

/* The words of @text, without the empty ones that two blanks in a row make. */
static char **
split_words (const char *text)
{
  char **words = g_strsplit_set (text, " \t\r", -1);
  guint n = 0;

  for (guint i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0')
      words[n++] = words[i];
    else
      g_free (words[i]);
  words[n] = NULL;
  return words;
}

/* One operation; blank @text adds nothing. */
static gboolean
parse_op (KinPolicy *policy, const char *text, GError **error)
{
  g_auto (GStrv) words = split_words (text);
  char **word = words;
  gboolean is_on = g_strcmp0 (*word, "off") != 0;
  guint given = 0;
  KinOpKind kind;
  KinOp *op;

  if (*word == NULL)
    return TRUE;
  if (!is_on)
    word++;
  if (!find_kind (*word != NULL ? *word : "", &kind, error))
    return FALSE;
  if (policy->n_ops == KIN_POLICY_OPS_MAX)
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION, _("more than %d operations"), KIN_POLICY_OPS_MAX);
      return FALSE;
    }
  op = kin_policy_add (policy, kind, probability_spec.def);
  op->is_on = is_on;
  for (word++; *word != NULL; word++)
    if (!parse_assignment (op, *word, &given, error))
      break;
  if (*word == NULL && check_op (op, error))
    return TRUE;
  g_prefix_error (error, "%s: ", kin_op_info (kind)->id);
  return FALSE;
}

/* @line is changed. */
static gboolean
parse_line (KinPolicy *policy, char *line, GError **error)
{
  g_auto (GStrv) ops = NULL;

  line[strcspn (line, "#")] = '\0';
  ops = g_strsplit (line, ";", -1);
  for (guint i = 0; ops[i] != NULL; i++)
    if (!parse_op (policy, ops[i], error))
      return FALSE;
  return TRUE;
}

KinPolicy *
kin_policy_from_text (const char *text, GError **error)
{
  g_autoptr (KinPolicy) policy = kin_policy_new ();
  g_auto (GStrv) lines = NULL;

  if (strnlen (text, TEXT_MAX + 1) > TEXT_MAX)
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_TOO_LARGE, _("policy: more than %d bytes"), TEXT_MAX);
      return NULL;
    }
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (!parse_line (policy, lines[i], error))
      {
        g_prefix_error (error, _("policy, line %u: "), i + 1);
        return NULL;
      }
  return g_steal_pointer (&policy);
}

static void
set_unknown_name (GError **error, const char *name, int error_number)
{
  g_autoptr (GString) known = g_string_new (NULL);
  g_autofree char *shown = kin_error_excerpt (name);
  const KinPolicyPreset *presets;
  guint n;

  presets = kin_policy_presets (&n);
  for (guint i = 0; i < n; i++)
    g_string_append_printf (known, "%s%s", i > 0 ? ", " : "", presets[i].id);
  g_set_error (error, KIN_ERROR, KIN_ERROR_FILE,
               _("policy “%s” is neither a preset (%s) nor a file that can be read: %s"), shown, known->str,
               g_strerror (error_number));
}

/* Whatever @path is (a pipe, a device, a file that grows), no more than TEXT_MAX + 1 bytes of it are read. */
static KinPolicy *
read_file (const char *path, GError **error)
{
  g_autofree char *text = g_malloc (TEXT_MAX + 2);
  g_autofree char *shown = kin_error_excerpt (path);
  FILE *file = fopen (path, "re");
  KinPolicy *policy;
  gsize length;
  int failed;

  if (file == NULL)
    {
      set_unknown_name (error, path, errno);
      return NULL;
    }
  length = fread (text, 1, TEXT_MAX + 1, file);
  failed = ferror (file) ? errno : 0;
  fclose (file);
  if (failed != 0)
    {
      set_unknown_name (error, path, failed);
      return NULL;
    }
  text[length] = '\0';
  if (memchr (text, '\0', length) != NULL)
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_FORMAT, _("%s is not a policy: it has a zero byte"), shown);
      return NULL;
    }
  policy = kin_policy_from_text (text, error);
  if (policy == NULL)
    g_prefix_error (error, "%s: ", shown);
  return policy;
}

KinPolicy *
kin_policy_from_name (const char *name, GError **error)
{
  const KinPolicyPreset *presets;
  guint n;

  presets = kin_policy_presets (&n);
  for (guint i = 0; i < n; i++)
    if (strcmp (presets[i].id, name) == 0)
      return kin_policy_from_text (presets[i].text, error);
  return read_file (name, error);
}
