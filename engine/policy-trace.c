#include "engine/policy.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* " · NAME +.31UNIT": no zero before the point, since the line is short and values are mostly below 1. */
static void
append_value (GString *text, const char *name, const char *format, float value, const char *unit)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  char *digits;

  g_ascii_formatd (number, sizeof number, format, value);
  if (g_ascii_strtod (number, NULL) == 0)
    g_ascii_formatd (number, sizeof number, format, 0.0); /* never "-.00" */
  digits = number + (*number == '+' || *number == '-');
  g_string_append_printf (text, " · %s %.*s%s%s", name, (int) (digits - number), number,
                          digits + g_str_has_prefix (digits, "0."), unit);
}

static void
append_jitter (GString *text, const float *drawn)
{
  /* What a strength of 0 leaves alone is exactly 1 (a turn of exactly 0), and not worth a word. */
  if (drawn[1] != 1)
    append_value (text, _("brightness"), "%.2f", drawn[1], "");
  if (drawn[2] != 1)
    append_value (text, _("contrast"), "%.2f", drawn[2], "");
  if (drawn[3] != 1)
    append_value (text, _("saturation"), "%.2f", drawn[3], "");
  if (drawn[4] != 0)
    append_value (text, _("hue"), "%+.2f", drawn[4], "");
}

static void
append_step (GString *text, const KinTraceStep *step)
{
  const float *drawn = step->drawn;

  switch ((KinOpKind) step->kind)
    {
    case KIN_OP_CROP:
      append_value (text, _("crop"), "%.0f", 100 * drawn[4], " %");
      return;
    case KIN_OP_HFLIP:
      g_string_append_printf (text, " · %s", _("flip"));
      return;
    case KIN_OP_VFLIP:
      g_string_append_printf (text, " · %s", _("upside down"));
      return;
    case KIN_OP_ROTATE:
      append_value (text, _("rotate"), "%.0f", drawn[0], "°");
      return;
    case KIN_OP_TRANSLATE:
      g_string_append_printf (text, " · %s %+d %+d px", _("shift"), (int) drawn[0], (int) drawn[1]);
      return;
    case KIN_OP_JITTER:
      append_jitter (text, drawn);
      return;
    case KIN_OP_GRAYSCALE:
      g_string_append_printf (text, " · %s", _("gray"));
      return;
    case KIN_OP_SOLARIZE:
      append_value (text, _("solarize"), "%.2f", drawn[0], "");
      return;
    case KIN_OP_BLUR:
      append_value (text, _("blur"), "%.2f", drawn[1], " px");
      return;
    case KIN_OP_NOISE:
      append_value (text, _("noise"), "%.2f", drawn[0], "");
      return;
    case KIN_OP_CUTOUT:
      append_value (text, _("cutout"), "%.0f", drawn[2], " px");
      return;
    case KIN_N_OPS:
      break;
    }
  g_assert_not_reached ();
}

char *
kin_trace_to_text (const KinTrace *trace)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < trace->n_steps; i++)
    if (trace->steps[i].is_applied)
      append_step (text, &trace->steps[i]);
  if (text->len == 0)
    return g_strdup (_("unchanged"));
  return g_strdup (text->str + strlen (" · "));
}
