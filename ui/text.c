#include "ui/text.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

char *
kin_text_count (guint64 n)
{
  g_autofree char *digits = g_strdup_printf ("%" G_GUINT64_FORMAT, n);
  gsize length = strlen (digits);
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < length; i++)
    {
      if (i > 0 && (length - i) % 3 == 0)
        g_string_append_c (text, ',');
      g_string_append_c (text, digits[i]);
    }
  return g_string_free (text, FALSE);
}

static char *
time_left (double seconds)
{
  guint s = (guint) MIN (seconds, 359999.0);

  if (s >= 3600)
    return g_strdup_printf (_ ("%u:%02u:%02u left"), s / 3600, s / 60 % 60, s % 60);
  return g_strdup_printf (_ ("%u:%02u left"), s / 60, s % 60);
}

static char *
training_rate (const KinSnapshot *snapshot)
{
  /* A pair is two views of one image: what is read from the set are images. */
  g_autofree char *rate = kin_text_count ((guint64) llround (MAX (snapshot->pairs_per_s, 0)));
  g_autofree char *left = NULL;

  if (!(snapshot->pairs_per_s > 0))
    return g_strdup (_ ("training"));
  if (!(snapshot->seconds_left >= 0))
    return g_strdup_printf (_ ("%s images/s"), rate);
  left = time_left (snapshot->seconds_left);
  return g_strdup_printf (_ ("%s images/s · %s"), rate, left);
}

char *
kin_text_rate (const KinSnapshot *snapshot)
{
  if (snapshot->is_measuring && (snapshot->state != KIN_STATE_TRAINING || snapshot->seconds_left == 0))
    return g_strdup (_ ("measuring"));
  switch (snapshot->state)
    {
    case KIN_STATE_TRAINING:
      return training_rate (snapshot);
    case KIN_STATE_READY:
      return g_strdup (_ ("ready"));
    case KIN_STATE_PAUSED:
      return g_strdup (_ ("paused"));
    case KIN_STATE_FINISHED:
      return g_strdup (_ ("finished"));
    case KIN_STATE_FAILED:
      return g_strdup (_ ("stopped"));
    case KIN_STATE_EMPTY:
    case KIN_STATE_LOADING:
      break;
    }
  return g_strdup ("");
}

const char *
kin_text_method (const char *id)
{
  guint n;
  const KinMethodInfo *methods = kin_methods (&n);

  for (guint i = 0; i < n; i++)
    if (g_strcmp0 (methods[i].id, id) == 0)
      return _ (methods[i].title);
  return id;
}

char *
kin_text_run (const KinConfig *config)
{
  return g_strdup_printf (_ ("%s · %s · seed %.0f"), kin_text_method (config->method), config->encoder,
                          kin_config_get (config, "seed"));
}

char *
kin_text_dataset (const KinDataset *dataset)
{
  g_autofree char *images = kin_text_count (dataset->n_images);
  g_autofree char *sizes = g_strdup_printf (_ ("%s images · %u × %u"), images, dataset->size, dataset->size);

  if (dataset->n_classes == 0)
    return g_strdup_printf (_ ("%s · no labels"), sizes);
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s · %u class", "%s · %u classes", dataset->n_classes), sizes,
                          dataset->n_classes);
}

const char *
kin_text_error_hint (const GError *error)
{
  if (error == NULL || error->domain != KIN_ERROR)
    return "";
  switch ((KinError) error->code)
    {
    case KIN_ERROR_DIVERGED:
      return _ ("The last good state is kept. Try a lower learning rate or a higher temperature, then restart.");
    case KIN_ERROR_TOO_FEW:
      return _ ("Choose a folder that holds at least four images, or a smaller batch.");
    case KIN_ERROR_TOO_LARGE:
      return _ ("Choose fewer images, or make them smaller.");
    case KIN_ERROR_FILE:
      return _ ("Check that the file or folder is there and that you may read it.");
    case KIN_ERROR_FORMAT:
      return _ ("The file says something that cannot be right. Choose another file, or fetch it again.");
    case KIN_ERROR_OPTION:
      return _ ("Check the name, or change the setting that the message names.");
    case KIN_ERROR_CANCELLED:
      return _ ("Open a folder, or go on with a set that comes with Kindred.");
    }
  return "";
}

static guint
decimals_of (const KinParamSpec *spec, double value)
{
  double size = fabs (value);

  if (size == 0 || size >= 100)
    return size == 0 ? (spec->max <= 1 ? 1 : 0) : 0;
  if (size >= 10)
    return 1;
  return size >= 0.1 ? 2 : 3;
}

char *
kin_text_param (const KinParamSpec *spec, double value)
{
  g_autofree char *number = NULL;
  const char *minus = value < 0 ? "−" : "";

  switch (spec->kind)
    {
    case KIN_PARAM_BOOL:
      return g_strdup (value != 0 ? _ ("on") : _ ("off"));
    case KIN_PARAM_CHOICE:
      return g_strdup (spec->choices[(guint) value]);
    case KIN_PARAM_INT:
      number = g_strdup_printf ("%s%.0f", minus, fabs (value));
      break;
    case KIN_PARAM_REAL:
      if (value != 0 && fabs (value) < 1e-3)
        number = g_strdup_printf ("%s%.1e", minus, fabs (value));
      else
        number = g_strdup_printf ("%s%.*f", minus, decimals_of (spec, value), fabs (value));
      break;
    }
  if (spec->unit == NULL || *spec->unit == '\0')
    return g_steal_pointer (&number);
  return g_strdup_printf (g_str_equal (spec->unit, "°") ? "%s%s" : "%s %s", number, spec->unit);
}

char *
kin_text_param_help (const KinParamSpec *spec)
{
  GString *text = g_string_new (_ (spec->title));
  g_autofree char *range = kin_param_describe_range (spec);

  if (*spec->formal != '\0')
    g_string_append_printf (text, " (%s)", spec->formal);
  g_string_append_printf (text, "\n%s\n%s", _ (spec->help), range);
  if (*spec->unit != '\0' && spec->kind != KIN_PARAM_CHOICE)
    g_string_append_printf (text, " %s", spec->unit);
  g_string_append_printf (text, "\n%s", spec->is_live ? _ ("May change while training runs.")
                                                      : _ ("A change starts the run again."));
  if (spec->source != NULL && *spec->source != '\0')
    g_string_append_printf (text, _ ("\nSource: %s"), spec->source);
  return g_string_free (text, FALSE);
}

const char *
kin_text_op_name (KinOpKind kind)
{
  static const char *const names[KIN_N_OPS] = {
    [KIN_OP_CROP] = N_ ("Crop"),           [KIN_OP_HFLIP] = N_ ("Flip"),
    [KIN_OP_VFLIP] = N_ ("Upside down"),   [KIN_OP_ROTATE] = N_ ("Rotate"),
    [KIN_OP_TRANSLATE] = N_ ("Shift"),     [KIN_OP_JITTER] = N_ ("Colour jitter"),
    [KIN_OP_GRAYSCALE] = N_ ("Grayscale"), [KIN_OP_SOLARIZE] = N_ ("Solarize"),
    [KIN_OP_BLUR] = N_ ("Blur"),           [KIN_OP_NOISE] = N_ ("Noise"),
    [KIN_OP_CUTOUT] = N_ ("Cutout"),
  };

  return _ (names[kind]);
}

/* The value of the strength with that id. */
static double
strength (const KinOp *op, const char *id)
{
  const KinOpInfo *info = kin_op_info (op->kind);

  for (guint i = 0; i < info->n_params; i++)
    if (strcmp (info->params[i].id, id) == 0)
      return op->value[i];
  return NAN;
}

char *
kin_text_op (const KinOp *op)
{
  switch (op->kind)
    {
    case KIN_OP_CROP:
      return g_strdup_printf ("%.0f–%.0f %%", 100 * strength (op, "area_min"), 100 * strength (op, "area_max"));
    case KIN_OP_ROTATE:
      return g_strdup_printf ("±%.0f°", strength (op, "degrees"));
    case KIN_OP_TRANSLATE:
      return g_strdup_printf ("±%.0f %%", 100 * strength (op, "share"));
    case KIN_OP_JITTER:
      /* The strength that changes most what is learned. */
      return strength (op, "hue") > 0 ? g_strdup_printf (_ ("hue ±%.2g"), strength (op, "hue"))
                                      : g_strdup_printf ("±%.2g", strength (op, "brightness"));
    case KIN_OP_BLUR:
      return g_strdup_printf ("σ %.2g–%.2g px", strength (op, "sigma_min"), strength (op, "sigma_max"));
    case KIN_OP_NOISE:
      return g_strdup_printf ("σ %.2g", strength (op, "std"));
    case KIN_OP_CUTOUT:
      return g_strdup_printf ("%.0f %%", 100 * strength (op, "share"));
    case KIN_OP_SOLARIZE:
      return g_strdup_printf ("≥ %.2g", strength (op, "threshold"));
    case KIN_OP_HFLIP:
    case KIN_OP_VFLIP:
    case KIN_OP_GRAYSCALE:
    case KIN_N_OPS:
      break;
    }
  return g_strdup_printf ("p %.2g", op->probability);
}

char *
kin_text_factor (const KinFactor *factor, guint id)
{
  double value = factor->values[id];
  const char *format = factor->max - factor->min >= 20 ? "%s%.0f" : "%s%.2f";
  g_autofree char *number = g_strdup_printf (format, value < 0 ? "−" : "", fabs (value));

  if (*factor->unit == '\0')
    return g_steal_pointer (&number);
  return g_strdup_printf (g_str_equal (factor->unit, "°") ? "%s%s" : "%s %s", number, factor->unit);
}
