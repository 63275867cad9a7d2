#include "engine/param.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

static guint
count_choices (const KinParamSpec *spec)
{
  return g_strv_length ((char **) spec->choices);
}

/* As few digits as read back as the same double: 15 hold every decimal that a person writes, 17 every double. */
static char *
format_number (double value)
{
  static const char *const formats[] = { "%.15g", "%.16g", "%.17g" };
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_ascii_formatd (text, sizeof text, formats[i], value);
      if (g_ascii_strtod (text, NULL) == value)
        break;
    }
  return g_strdup (text);
}

/* Decimal digits only: g_ascii_strtod() alone would also take hexadecimal, "nan", "inf" and leading blanks. */
static gboolean
parse_number (const char *text, double *value)
{
  char *end;

  if (*text == '\0' || text[strspn (text, "0123456789+-.eE")] != '\0')
    return FALSE;
  *value = g_ascii_strtod (text, &end);
  return *end == '\0';
}

static gboolean
parse_bool (const char *text, double *value)
{
  static const char *const words[][2] = {
    { "false", "true" },
    { "off", "on" },
    { "no", "yes" },
    { "0", "1" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    for (guint is_true = 0; is_true < 2; is_true++)
      if (g_ascii_strcasecmp (text, words[i][is_true]) == 0)
        {
          *value = is_true;
          return TRUE;
        }
  return FALSE;
}

static gboolean
parse_choice (const KinParamSpec *spec, const char *text, double *value)
{
  for (guint i = 0; spec->choices[i] != NULL; i++)
    if (strcmp (text, spec->choices[i]) == 0)
      {
        *value = i;
        return TRUE;
      }
  return FALSE;
}

static double
range_min (const KinParamSpec *spec)
{
  return spec->kind == KIN_PARAM_REAL || spec->kind == KIN_PARAM_INT ? spec->min : 0;
}

static double
range_max (const KinParamSpec *spec)
{
  switch (spec->kind)
    {
    case KIN_PARAM_REAL:
    case KIN_PARAM_INT:
      return spec->max;
    case KIN_PARAM_BOOL:
      return 1;
    case KIN_PARAM_CHOICE:
      return count_choices (spec) - 1.0;
    }
  g_assert_not_reached ();
}

gboolean
kin_param_check (const KinParamSpec *spec, double value, GError **error)
{
  g_autofree char *shown = NULL;
  g_autofree char *range = NULL;

  if (isfinite (value) && value >= range_min (spec) && value <= range_max (spec)
      && (spec->kind == KIN_PARAM_REAL || value == floor (value)))
    return TRUE;

  shown = format_number (value);
  range = kin_param_describe_range (spec);
  if (!isfinite (value))
    g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION, _("%s = %s is not a finite number: %s"), spec->id, shown, range);
  else if (value >= range_min (spec) && value <= range_max (spec))
    g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION, _("%s = %s is not a whole number: %s"), spec->id, shown, range);
  else
    g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION, _("%s = %s is out of range: %s"), spec->id, shown, range);
  return FALSE;
}

gboolean
kin_param_parse (const KinParamSpec *spec, const char *text, double *value, GError **error)
{
  gboolean is_read = FALSE;
  double parsed = 0;

  switch (spec->kind)
    {
    case KIN_PARAM_REAL:
    case KIN_PARAM_INT:
      is_read = parse_number (text, &parsed);
      break;
    case KIN_PARAM_BOOL:
      is_read = parse_bool (text, &parsed);
      break;
    case KIN_PARAM_CHOICE:
      is_read = parse_choice (spec, text, &parsed);
      break;
    }
  if (!is_read)
    {
      g_autofree char *shown = kin_error_excerpt (text);
      g_autofree char *range = kin_param_describe_range (spec);

      if (spec->kind == KIN_PARAM_REAL || spec->kind == KIN_PARAM_INT)
        g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION, _("%s = “%s” is not a number: %s"), spec->id, shown, range);
      else
        g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION, _("%s = “%s” is not known: %s"), spec->id, shown, range);
      return FALSE;
    }
  if (!kin_param_check (spec, parsed, error))
    return FALSE;
  *value = parsed;
  return TRUE;
}

char *
kin_param_format (const KinParamSpec *spec, double value)
{
  switch (spec->kind)
    {
    case KIN_PARAM_REAL:
    case KIN_PARAM_INT:
      break;
    case KIN_PARAM_BOOL:
      return g_strdup (value != 0 ? "true" : "false");
    case KIN_PARAM_CHOICE:
      g_return_val_if_fail (value >= 0 && value < count_choices (spec), NULL);
      return g_strdup (spec->choices[(guint) value]);
    }
  return format_number (value);
}

static char *
describe_choices (const KinParamSpec *spec)
{
  GString *text = g_string_new (NULL);
  guint n = count_choices (spec);

  for (guint i = 0; i < n; i++)
    {
      if (i > 0)
        g_string_append (text, i + 1 < n ? ", " : _(" or "));
      g_string_append (text, spec->choices[i]);
    }
  return g_string_free (text, FALSE);
}

char *
kin_param_describe_range (const KinParamSpec *spec)
{
  g_autofree char *min = NULL;
  g_autofree char *max = NULL;
  const char *gap;

  switch (spec->kind)
    {
    case KIN_PARAM_REAL:
    case KIN_PARAM_INT:
      break;
    case KIN_PARAM_BOOL:
      return g_strdup (_("on or off"));
    case KIN_PARAM_CHOICE:
      return describe_choices (spec);
    }
  min = format_number (spec->min);
  max = format_number (spec->max);
  gap = spec->unit == NULL || *spec->unit == '\0' || strcmp (spec->unit, "°") == 0 ? "" : " ";
  /* Translators: a range of numbers and its unit: "16 to 96 px" */
  return g_strdup_printf (_("%s to %s%s%s"), min, max, gap, spec->unit != NULL ? spec->unit : "");
}
