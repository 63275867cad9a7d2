/* Live changes: what they do, the log of them, and doing a log again. */

#include "engine/run-private.h"

#include <string.h>

/* One line of a log, read. */
struct _KinChange
{
  char *line;
  guint64 step;
  const KinParamSpec *spec; /* set, or … */
  double value;
  KinPolicy *policy; /* … another policy */
};

static void
change_free (KinChange *change)
{
  g_clear_pointer (&change->policy, kin_policy_unref);
  g_free (change->line);
  g_free (change);
}

gboolean
kin_run_set (KinRun *run, const char *id, double value, GError **error)
{
  const KinParamSpec *spec = kin_config_find_spec (id);
  g_autofree char *text = NULL;

  if (spec != NULL && !spec->is_live)
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION, "%s cannot change while a run is under way; restart with it", id);
      return FALSE;
    }
  if (!kin_config_set (run->config, id, value, error))
    return FALSE;
  if (strcmp (id, "knn_k") == 0 || strcmp (id, "knn_tau") == 0)
    run->has_pixels = run->has_random = FALSE; /* the lines that h is compared with are drawn by the same votes */
  text = kin_param_format (spec, value);
  g_string_append_printf (run->log, "%" G_GUINT64_FORMAT " set %s %s\n", run->step, id, text);
  return TRUE;
}

gboolean
kin_run_set_policy (KinRun *run, KinPolicy *policy, GError **error)
{
  g_autofree char *text = NULL;

  if (!kin_policy_check (policy, error))
    return FALSE;
  text = kin_policy_to_text (policy);
  kin_policy_ref (policy);
  kin_policy_unref (run->config->policy);
  run->config->policy = policy;
  g_strdelimit (g_strchomp (text), "\n", ';');
  g_string_append_printf (run->log, "%" G_GUINT64_FORMAT " policy %s\n", run->step, text);
  return TRUE;
}

const char *
kin_run_get_log (const KinRun *run)
{
  return run->log->str;
}

/* @rest: what follows the step in a line. */
static gboolean
read_change (KinChange *change, const char *rest, GError **error)
{
  g_auto (GStrv) words = g_strsplit (rest, " ", 3);

  if (g_str_has_prefix (rest, "policy"))
    {
      g_autofree char *text = g_strdelimit (g_strdup (rest + strlen ("policy")), ";", '\n');

      change->policy = kin_policy_from_text (text, error);
      return change->policy != NULL;
    }
  if (g_strv_length (words) == 3 && strcmp (words[0], "set") == 0)
    {
      change->spec = kin_config_find_spec (words[1]);
      if (change->spec != NULL && change->spec->is_live)
        return kin_param_parse (change->spec, words[2], &change->value, error);
    }
  g_set_error (error, KIN_ERROR, KIN_ERROR_FORMAT,
               "\"%s\" is neither \"set NAME VALUE\" with a live parameter nor \"policy TEXT\"", rest);
  return FALSE;
}

static KinChange *
read_line (const char *line, guint64 before, GError **error)
{
  KinChange *change = g_new0 (KinChange, 1);
  char *rest = NULL;

  change->line = g_strdup (line);
  change->step = g_ascii_strtoull (line, &rest, 10);
  if (!g_ascii_isdigit (*line) || *rest != ' ' || change->step < before)
    g_set_error (error, KIN_ERROR, KIN_ERROR_FORMAT, "it does not begin with a step from %" G_GUINT64_FORMAT " on: \"%s\"",
                 before, line);
  else if (read_change (change, rest + 1, error))
    return change;
  change_free (change);
  return NULL;
}

gboolean
kin_run_replay (KinRun *run, const char *log, GError **error)
{
  g_auto (GStrv) lines = g_strsplit (log, "\n", -1);
  g_autoptr (GPtrArray) changes = g_ptr_array_new_with_free_func ((GDestroyNotify) change_free);
  guint64 before = 0;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      KinChange *change;

      if (*lines[i] == '\0')
        continue;
      change = read_line (lines[i], before, error);
      if (change == NULL)
        {
          g_prefix_error (error, "Command log, line %u: ", i + 1);
          return FALSE;
        }
      before = change->step;
      g_ptr_array_add (changes, change);
    }
  g_clear_pointer (&run->replay, g_ptr_array_unref);
  run->replay = g_steal_pointer (&changes);
  run->replay_next = 0;
  return TRUE;
}

char *
kin_run_dup_replay (const KinRun *run)
{
  GString *text = g_string_new (NULL);

  for (guint i = run->replay_next; run->replay != NULL && i < run->replay->len; i++)
    g_string_append_printf (text, "%s\n", ((const KinChange *) g_ptr_array_index (run->replay, i))->line);
  return g_string_free (text, FALSE);
}

gboolean
kin_run_apply_replay (KinRun *run, GError **error)
{
  for (; run->replay != NULL && run->replay_next < run->replay->len; run->replay_next++)
    {
      const KinChange *change = g_ptr_array_index (run->replay, run->replay_next);
      gboolean is_good;

      if (change->step > run->step)
        break;
      is_good = change->policy != NULL ? kin_run_set_policy (run, change->policy, error)
                                       : kin_run_set (run, change->spec->id, change->value, error);
      if (!is_good)
        return FALSE;
    }
  return TRUE;
}
