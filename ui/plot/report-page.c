#include "ui/plot/report-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "ui/plot/axis.h"

static const char style_sheet[]
    = ":root{color-scheme:light dark;--bg:#f6f5f4;--card:#fff;--fg:#2a2e33;--muted:#676c75;--line:#e6e7ea;"
      "--accent:#1c71d8}\n"
      "@media(prefers-color-scheme:dark){:root{--bg:#1d1d20;--card:#27272b;--fg:#eeeeec;--muted:#a6a9b0;"
      "--line:#3d3d43;--accent:#78aeed}}\n"
      "body{margin:0 auto;padding:2rem 1.25rem 4rem;max-width:62rem;background:var(--bg);color:var(--fg);"
      "font:16px/1.5 Cantarell,system-ui,sans-serif}\n"
      "h1{margin:0;font-size:1.7rem}h2{margin:2.5rem 0 .5rem;font-size:1.2rem}p{margin:.4rem 0}\n"
      ".lead,figcaption{color:var(--muted)}a{color:var(--accent)}\n"
      "figure{margin:0;padding:1rem;background:var(--card);border:1px solid var(--line);border-radius:12px}\n"
      "img{display:block;width:100%;height:auto;background:#fff;border-radius:8px}figcaption{margin-top:.75rem}\n"
      "table{width:100%;border-collapse:collapse;background:var(--card);border:1px solid var(--line)}\n"
      "th,td{padding:.5rem .75rem;text-align:left;vertical-align:top;border-top:1px solid var(--line)}\n"
      "tr:first-child>*{border-top:0}th{font-weight:600;white-space:nowrap}\n"
      "td.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\n"
      "pre{padding:1rem;overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:12px;"
      "font-size:.85rem}\n";

static void G_GNUC_PRINTF (2, 3)
append_escaped (GString *page, const char *format, ...)
{
  g_autofree char *text = NULL, *valid = NULL, *escaped = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  valid = g_utf8_make_valid (text, -1);
  escaped = g_markup_escape_text (valid, -1);
  g_string_append (page, escaped);
}

static void
append_element (GString *page, const char *tag, const char *text)
{
  g_string_append_printf (page, "<%s>", tag);
  append_escaped (page, "%s", text);
  g_string_append_printf (page, "</%s>\n", tag);
}

/* A number with what it means; left out where it does not exist. */
static void
append_number (GString *page, const char *name, double value, double step, const char *unit, const char *meaning)
{
  g_autofree char *number = kin_axis_format (value, step);

  if (!isfinite (value))
    return;
  g_string_append (page, "<tr><th>");
  append_escaped (page, "%s", name);
  g_string_append (page, "</th><td class=\"number\">");
  append_escaped (page, "%s%s%s", number, unit[0] != 0 ? " " : "", unit);
  g_string_append (page, "</td><td>");
  append_escaped (page, "%s", meaning);
  g_string_append (page, "</td></tr>\n");
}

static void
append_loss (GString *page, const KinEvaluation *last)
{
  append_number (page, _("Loss"), last->loss, 0.01, _("nats"),
                 _("How badly an image's other view is told from the rest of the batch, averaged since the evaluation "
                   "before. Lower is better."));
  append_number (page, _("Chance line"), last->chance, 0.01, _("nats"),
                 _("The loss of an encoder that finds all images equally alike; for NT-Xent with N pairs a batch it is "
                   "ln(2N−1). A loss that stays here has learned nothing."));
  append_number (page, _("Positive is nearest"), last->top1, 0.001, "",
                 _("Share of the views whose partner was the most similar of the whole batch."));
}

static void
append_knn (GString *page, const KinEvaluation *last)
{
  append_number (page, _("k-NN agreement"), last->knn, 0.001, "",
                 _("Share of the training images whose label their nearest neighbours in learned space guess, each image "
                   "left out of its own vote. Labels serve this measure alone; they are never learned from."));
  append_number (page, _("k-NN, held-out"), last->knn_test, 0.001, "",
                 _("The same for images that were kept out of learning."));
  append_number (page, _("k-NN, raw pixels"), last->knn_pixels, 0.001, "",
                 _("What neighbours by bare pixels reach. Learning pays off above this line."));
  append_number (page, _("k-NN, untrained"), last->knn_random, 0.001, "",
                 _("What the same encoder reached before its first step."));
  append_number (page, _("Guessing"), last->chance_label, 0.001, "",
                 _("The share of the largest class: what always naming it reaches."));
}

static void
append_geometry (GString *page, const KinEvaluation *last, const KinEmbedding *embedding)
{
  g_autofree char *rank
      = embedding == NULL
            ? g_strdup (_("How many dimensions the features really use (RankMe). A fall towards 1 is a collapse."))
            : g_strdup_printf (_("How many of its %u dimensions the features really use (RankMe). A fall towards 1 is a "
                                 "collapse."),
                               embedding->D);
  g_autofree char *std = g_strdup_printf (
      _("Mean standard deviation of a dimension of the unit projections; evenly spread rows reach %.3f, a complete "
        "collapse 0."),
      last->std_full);

  append_number (page, _("Alignment"), last->alignment, 0.001, "",
                 _("Mean squared distance of the two views of an image on the unit sphere. 0 is perfect."));
  append_number (page, _("Uniformity"), last->uniformity, 0.01, "",
                 _("How evenly all images spread over the sphere: log of the mean of exp(−2 d²). Lower is more even; 0 "
                   "means that all are one point."));
  append_number (page, _("Effective rank"), last->effective_rank, 0.1, "", rank);
  append_number (page, _("Standard deviation"), last->std, 0.001, "", std);
}

static void
append_numbers (GString *page, const KinReport *report)
{
  const GArray *evaluations = report->history->evaluations;
  const KinEvaluation *last;

  append_element (page, "h2", _("In numbers"));
  if (evaluations->len == 0)
    {
      append_element (page, "p", _("The run has not been evaluated yet."));
      return;
    }
  last = &g_array_index (evaluations, KinEvaluation, evaluations->len - 1);
  g_string_append (page, "<table>\n");
  append_loss (page, last);
  append_knn (page, last);
  append_geometry (page, last, report->embedding);
  append_number (page, _("Gradient norm"), last->gradient_norm, 0.001, "",
                 _("Euclidean length of the gradient at the last step, over all parameters."));
  if (last->pairs_per_s > 0)
    append_number (page, _("Speed"), last->pairs_per_s, 1, _("pairs/s"),
                   _("Image pairs learned from in a second of training, augmentation included."));
  append_number (page, _("Training time"), last->train_seconds, 0.1, _("s"),
                 _("Spent in training steps; evaluations are not counted."));
  g_string_append (page, "</table>\n");
}

static void
append_figure (GString *page, const char *title, const char *name, const char *tables, const char *meaning)
{
  append_element (page, "h2", title);
  g_string_append_printf (page, "<figure><a href=\"%s.svg\"><img src=\"%s.png\" alt=\"", name, name);
  append_escaped (page, "%s", title);
  g_string_append (page, "\"></a>\n<figcaption>");
  append_escaped (page, "%s", meaning);
  g_string_append_printf (page, " <a href=\"%s.png\">PNG</a> <a href=\"%s.svg\">SVG</a>%s</figcaption></figure>\n", name,
                          name, tables);
}

static void
append_figures (GString *page, const KinReport *report)
{
  gboolean has_curves = report->history->samples->len + report->history->evaluations->len > 0;
  gboolean has_map = report->embedding != NULL && report->embedding->map != NULL;

  append_figure (page, _("Curves"), "curves",
                 " <a href=\"steps.csv\">steps.csv</a> <a href=\"metrics.csv\">metrics.csv</a>",
                 has_curves ? _("Over the epochs. Dashed lines are what a number is to be measured against.")
                            : _("There are no curves yet: the run has not made a step."));
  append_figure (page, _("Similarity"), "similarity",
                 report->similarity != NULL ? " <a href=\"similarity.csv\">similarity.csv</a>" : "",
                 report->similarity != NULL
                     ? _("Cosine of every view with every other of one batch, sorted by class where labels are known. "
                         "The two marked diagonals are the positives: views of one image.")
                     : _("There is no batch yet: the run has not made a step."));
  append_figure (page, _("Map"), "map", has_map ? " <a href=\"map.csv\">map.csv</a>" : "",
                 has_map ? _("Every image as a point: the two directions in which the learned features vary most.")
                         : _("There is no map yet: the run has not been evaluated."));
  append_figure (page, _("Views"), "pairs", "",
                 _("Images with the two views that are to be found alike, what was drawn for each, and how similar the "
                   "encoder finds them where that is known."));
}

static void
append_facts (GString *page, const KinReport *report)
{
  const KinDataset *dataset = report->dataset;
  const KinConfig *config = report->config;

  append_element (page, "h1", dataset->name);
  g_string_append (page, "<p class=\"lead\">");
  append_escaped (page, _("%s · %s · seed %.0f"), config->method, config->encoder, kin_config_get (config, "seed"));
  g_string_append (page, "</p>\n<p class=\"lead\">");
  append_escaped (page, _("%u images of %u × %u × %u"), dataset->n_images, dataset->size, dataset->size,
                  dataset->channels);
  append_escaped (page, _(", %u to learn from, %u held out"), dataset->n_train, dataset->n_test);
  if (dataset->n_classes > 0)
    append_escaped (page, _(", %u classes"), dataset->n_classes);
  if (dataset->n_skipped > 0)
    append_escaped (page, _("; %u files could not be read"), dataset->n_skipped);
  g_string_append (page, "</p>\n");
}

static void
append_skipped (GString *page, const KinDataset *dataset)
{
  if (dataset->n_skipped == 0)
    return;
  append_element (page, "h2", _("Files that could not be read"));
  g_string_append (page, "<table>\n");
  for (guint i = 0; i < dataset->n_skipped; i++)
    {
      g_string_append (page, "<tr><td>");
      append_escaped (page, "%s", dataset->skipped[i].path);
      g_string_append (page, "</td><td>");
      append_escaped (page, "%s", dataset->skipped[i].reason);
      g_string_append (page, "</td></tr>\n");
    }
  g_string_append (page, "</table>\n");
}

/* As a person would type it: quoted where the shell needs it. */
static char *
quote (const char *word)
{
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:,+@%";

  return word[0] != 0 && word[strspn (word, plain)] == 0 ? g_strdup (word) : g_shell_quote (word);
}

char *
kin_report_command (const KinConfig *config)
{
  g_autoptr (KinConfig) defaults = kin_config_new (config->dataset);
  g_autofree char *dataset = quote (config->dataset), *method = quote (config->method);
  g_autofree char *encoder = quote (config->encoder);
  const char *preset = kin_policy_find_preset (config->policy);
  GString *command = g_string_new (NULL);
  guint n;
  const KinParamSpec *specs = kin_config_specs (&n);

  g_string_printf (command, "kindred-cli train --dataset %s --method %s --encoder %s --policy %s", dataset, method,
                   encoder, preset != NULL ? preset : "policy.txt");
  for (guint i = 0; i < n; i++)
    if (config->values[i] != defaults->values[i])
      {
        g_autofree char *value = kin_param_format (&specs[i], config->values[i]);

        g_string_append_printf (command, " --set %s=%s", specs[i].id, value);
      }
  return g_string_free (command, FALSE);
}

static void
append_recipe (GString *page, const KinConfig *config)
{
  g_autofree char *command = kin_report_command (config);
  g_autofree char *text = kin_config_to_text (config);
  g_autofree char *policy = kin_policy_to_text (config->policy);

  append_element (page, "h2", _("To do it again"));
  append_element (page, "p",
                  _("The same version, command and seed give the same numbers, bit for bit, at any number of threads; "
                    "changes that were made while it learned are in the run's own command log."));
  append_element (page, "pre", command);
  append_element (page, "h2", _("Augmentations"));
  append_element (page, "pre", policy);
  append_element (page, "h2", _("Configuration"));
  append_element (page, "pre", text);
}

char *
kin_report_page (const KinReport *report)
{
  GString *page = g_string_new ("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");

  append_escaped (page, _("%s · Kindred"), report->dataset->name);
  g_string_append_printf (page, "</title>\n<style>\n%s</style>\n</head>\n<body>\n", style_sheet);
  append_facts (page, report);
  append_numbers (page, report);
  append_figures (page, report);
  append_recipe (page, report->config);
  append_skipped (page, report->dataset);
  g_string_append (page, "<p class=\"lead\">");
  append_escaped (page, _("Written by Kindred %s."), KIN_VERSION);
  g_string_append (page, "</p>\n</body>\n</html>\n");
  return g_string_free (page, FALSE);
}
