#include "ui/pairs-canvas.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#define RENEW_INTERVAL_US (700 * G_TIME_SPAN_MILLISECOND) /* while training: slow enough to be read */
#define ASKED_INTERVAL_US (6 * G_USEC_PER_SEC) /* what the user has asked for stays longer */
#define ROWS_WANTED 5 /* in one of four panes */
#define TALL_EM 36    /* a pane that fills the window shows as many as fit */

struct _KinPairsCanvas
{
  KinCanvas parent;
  KinSession *session;
  KinPairs *pairs;
  KinPairsData data;
  guint offset;       /* images skipped */
  guint32 more_draws; /* epochs added by kin_pairs_canvas_draw_again() */
  guint make_id;
  gint64 keep_until_us; /* while training */
  KinPolicy *policy; /* that made the pairs */
  char *source_text;
};

G_DEFINE_FINAL_TYPE (KinPairsCanvas, kin_pairs_canvas, KIN_TYPE_CANVAS)

enum
{
  PROP_SOURCE_TEXT = 1,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static guint
n_pairs_wanted (KinPairsCanvas *self)
{
  const KinPlotStyle *style = kin_canvas_get_style (KIN_CANVAS (self));
  GtkWidget *widget = GTK_WIDGET (self);
  double height = gtk_widget_get_height (widget);
  KinPairsLayout layout;

  kin_pairs_layout (&layout, height > TALL_EM * style->font_px ? 0 : ROWS_WANTED, style, gtk_widget_get_width (widget),
                    height);
  return layout.columns * layout.rows;
}

/* The batch is what the encoder has seen; it says nothing about a policy that has been changed since. */
static gboolean
shows_batch (KinPairsCanvas *self)
{
  const KinSimilarity *similarity = kin_session_get_similarity (self->session);
  const KinConfig *config = kin_session_get_config (self->session);

  return similarity != NULL && config != NULL && self->more_draws == 0
         && kin_policy_equal (similarity->policy, config->policy);
}

static void
take_source_text (KinPairsCanvas *self, char *text)
{
  g_free (self->source_text);
  self->source_text = text;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SOURCE_TEXT]);
}

static void
take_pairs (KinPairsCanvas *self, KinPairs *pairs, const KinPolicy *policy)
{
  g_clear_pointer (&self->pairs, kin_pairs_free);
  g_clear_pointer (&self->policy, kin_policy_unref);
  self->pairs = pairs;
  self->policy = kin_policy_copy (policy);
  self->data.pairs = pairs;
  self->data.hovered = -1;
}

static void
make_from_batch (KinPairsCanvas *self, guint n)
{
  const KinSimilarity *similarity = kin_session_get_similarity (self->session);
  g_autofree guint32 *ids = g_new (guint32, n);
  g_autofree double *cosines = g_new (double, n);

  n = MIN (n, similarity->N);
  for (guint i = 0; i < n; i++)
    {
      guint pair = (self->offset + i) % similarity->N;

      ids[i] = similarity->ids[pair];
      cosines[i] = kin_similarity_cell (similarity, pair, pair + similarity->N).cosine;
    }
  take_pairs (self,
              kin_pairs_new (kin_session_get_dataset (self->session), similarity->policy, similarity->seed,
                             similarity->epoch, ids, n, cosines),
              similarity->policy);
  take_source_text (self, g_strdup_printf (_ ("batch of step %" G_GUINT64_FORMAT), similarity->step));
}

/* One of each class in turn, so that a few rows show what there is; without labels, spread evenly. */
static guint32
pick_image (const KinDataset *dataset, guint k, guint n)
{
  guint wanted = k / MAX (dataset->n_classes, 1);

  if (dataset->labels == NULL)
    return dataset->train_ids[((guint64) k * dataset->n_train / n + k / n) % dataset->n_train];
  for (guint i = 0; i < dataset->n_train; i++)
    if ((guint) dataset->labels[dataset->train_ids[i]] == k % dataset->n_classes && wanted-- == 0)
      return dataset->train_ids[i];
  return dataset->train_ids[k % dataset->n_train];
}

static void
make_from_set (KinPairsCanvas *self, guint n)
{
  KinDataset *dataset = kin_session_get_dataset (self->session);
  const KinConfig *config = kin_session_get_config (self->session);
  guint32 epoch = (guint32) kin_session_get_epoch (self->session) + self->more_draws;
  g_autofree guint32 *ids = g_new (guint32, n);

  n = MIN (n, dataset->n_train);
  for (guint i = 0; i < n; i++)
    ids[i] = pick_image (dataset, self->offset + i, n);
  take_pairs (self,
              kin_pairs_new (dataset, config->policy, (guint64) kin_config_get (config, "seed"), epoch, ids, n, NULL),
              config->policy);
  take_source_text (self, g_strdup_printf (_ ("drawn for epoch %u"), epoch));
}

static void
update_selected (KinPairsCanvas *self)
{
  int id = self->session == NULL ? KIN_NO_IMAGE : kin_session_get_selected (self->session);

  self->data.selected = -1;
  for (guint i = 0; id >= 0 && self->pairs != NULL && i < self->pairs->n; i++)
    if (self->pairs->pairs[i].image == (guint32) id)
      self->data.selected = (int) i;
}

static void
describe (KinPairsCanvas *self)
{
  g_autofree char *numbers = NULL;

  if (self->pairs == NULL || self->pairs->n == 0)
    return;
  numbers = g_strdup_printf (_ ("%u images with two views each. First: image %u, A: %s, B: %s"), self->pairs->n,
                             self->pairs->pairs[0].image, self->pairs->pairs[0].traces[0],
                             self->pairs->pairs[0].traces[1]);
  kin_canvas_describe (KIN_CANVAS (self), _ ("Augmented views"), numbers);
}

static gboolean
make_pairs (gpointer data)
{
  KinPairsCanvas *self = data;
  KinDataset *dataset = kin_session_get_dataset (self->session);
  guint n = n_pairs_wanted (self);

  self->make_id = 0;
  if (dataset == NULL || kin_session_get_config (self->session) == NULL || n == 0)
    {
      g_clear_pointer (&self->pairs, kin_pairs_free);
      self->data.pairs = NULL;
    }
  else if (shows_batch (self))
    make_from_batch (self, n);
  else
    make_from_set (self, n);
  self->keep_until_us = g_get_monotonic_time () + (self->more_draws > 0 ? ASKED_INTERVAL_US : RENEW_INTERVAL_US);
  update_selected (self);
  describe (self);
  kin_canvas_redraw (KIN_CANVAS (self));
  return G_SOURCE_REMOVE;
}

/* However many edits come before the next frame, the views are made once. */
static void
make_soon (KinPairsCanvas *self)
{
  if (self->make_id == 0 && self->session != NULL)
    self->make_id = g_idle_add_full (GDK_PRIORITY_REDRAW + 5, make_pairs, self, NULL);
}

static void
on_dataset_changed (KinPairsCanvas *self)
{
  self->offset = 0;
  self->more_draws = 0;
  g_clear_pointer (&self->pairs, kin_pairs_free);
  self->data.pairs = NULL;
  make_soon (self);
}

static void
on_config_changed (KinPairsCanvas *self)
{
  const KinConfig *config = kin_session_get_config (self->session);

  if (config == NULL || self->policy == NULL || !kin_policy_equal (config->policy, self->policy) || !shows_batch (self))
    make_soon (self);
}

static void
on_similarity_changed (KinPairsCanvas *self)
{
  if (!kin_session_is_playing (self->session) || g_get_monotonic_time () >= self->keep_until_us)
    {
      self->more_draws = 0;
      make_soon (self);
    }
}

static void
on_selected (KinPairsCanvas *self)
{
  update_selected (self);
  kin_canvas_redraw (KIN_CANVAS (self));
}

static void
on_hovered (KinPairsCanvas *self)
{
  int id = kin_session_get_hovered (self->session), hovered = -1;

  for (guint i = 0; id >= 0 && self->pairs != NULL && i < self->pairs->n; i++)
    if (self->pairs->pairs[i].image == (guint32) id)
      hovered = (int) i;
  if (hovered == self->data.hovered)
    return;
  self->data.hovered = hovered;
  kin_canvas_redraw (KIN_CANVAS (self));
}

void
kin_pairs_canvas_show_next (KinPairsCanvas *self)
{
  self->offset += MAX (self->pairs == NULL ? 1 : self->pairs->n, 1);
  make_soon (self);
}

void
kin_pairs_canvas_draw_again (KinPairsCanvas *self)
{
  self->more_draws++;
  make_soon (self);
}

const KinPairs *
kin_pairs_canvas_get_pairs (KinPairsCanvas *self)
{
  return self->pairs;
}

void
kin_pairs_canvas_draw_plain (KinPairsCanvas *self, cairo_t *cr, const KinPlotStyle *style, double width, double height)
{
  KinPairsData data = KIN_PAIRS_DATA_INIT;

  data.pairs = self->pairs;
  kin_plot_pairs_draw (cr, &data, style, width, height);
}

static void
kin_pairs_canvas_draw (KinCanvas *canvas, cairo_t *cr, const KinPlotStyle *style, double width, double height)
{
  kin_plot_pairs_draw (cr, &KIN_PAIRS_CANVAS (canvas)->data, style, width, height);
}

static int
pair_at (KinPairsCanvas *self, double x, double y)
{
  GtkWidget *widget = GTK_WIDGET (self);

  if (self->pairs == NULL)
    return -1;
  return kin_pairs_hit (&self->data, kin_canvas_get_style (KIN_CANVAS (self)), gtk_widget_get_width (widget),
                        gtk_widget_get_height (widget), x, y, NULL);
}

static void
on_motion (GtkEventControllerMotion *motion, double x, double y, KinPairsCanvas *self)
{
  int pair = pair_at (self, x, y);

  if (self->session != NULL)
    kin_session_hover (self->session, pair < 0 ? KIN_NO_IMAGE : (int) self->pairs->pairs[pair].image);
}

/* What was drawn, whole: beside the pictures there is seldom room for all of it. */
static gboolean
kin_pairs_canvas_query_tooltip (GtkWidget *widget, int x, int y, gboolean is_keyboard, GtkTooltip *tooltip)
{
  KinPairsCanvas *self = KIN_PAIRS_CANVAS (widget);
  int pair = is_keyboard ? -1 : pair_at (self, x, y);
  g_autofree char *text = NULL;

  if (pair < 0)
    return FALSE;
  text = g_strdup_printf (_ ("Image %u\nA: %s\nB: %s"), self->pairs->pairs[pair].image,
                          self->pairs->pairs[pair].traces[0], self->pairs->pairs[pair].traces[1]);
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

static void
on_leave (GtkEventControllerMotion *motion, KinPairsCanvas *self)
{
  if (self->session != NULL)
    kin_session_hover (self->session, KIN_NO_IMAGE);
}

static void
on_pressed (GtkGestureClick *click, int n_press, double x, double y, KinPairsCanvas *self)
{
  int pair = pair_at (self, x, y);

  if (self->session != NULL && pair >= 0)
    kin_session_select (self->session, (int) self->pairs->pairs[pair].image);
}

static void
kin_pairs_canvas_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  make_soon (KIN_PAIRS_CANVAS (widget));
}

void
kin_pairs_canvas_set_session (KinPairsCanvas *self, KinSession *session)
{
  g_return_if_fail (self->session == NULL);
  self->session = g_object_ref (session);
  g_signal_connect_object (session, "dataset-changed", G_CALLBACK (on_dataset_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "config-changed", G_CALLBACK (on_config_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "similarity-changed", G_CALLBACK (on_similarity_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::selected", G_CALLBACK (on_selected), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::hovered", G_CALLBACK (on_hovered), self, G_CONNECT_SWAPPED);
  make_soon (self);
}

static void
kin_pairs_canvas_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_SOURCE_TEXT)
    g_value_set_string (value, KIN_PAIRS_CANVAS (object)->source_text);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
kin_pairs_canvas_dispose (GObject *object)
{
  KinPairsCanvas *self = KIN_PAIRS_CANVAS (object);

  g_clear_handle_id (&self->make_id, g_source_remove);
  g_clear_pointer (&self->pairs, kin_pairs_free);
  self->data.pairs = NULL;
  g_clear_pointer (&self->policy, kin_policy_unref);
  g_clear_pointer (&self->source_text, g_free);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (kin_pairs_canvas_parent_class)->dispose (object);
}

static void
kin_pairs_canvas_class_init (KinPairsCanvasClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->get_property = kin_pairs_canvas_get_property;
  object_class->dispose = kin_pairs_canvas_dispose;
  props[PROP_SOURCE_TEXT] = g_param_spec_string ("source-text", NULL, NULL, NULL,
                                                 G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
  GTK_WIDGET_CLASS (class)->size_allocate = kin_pairs_canvas_size_allocate;
  GTK_WIDGET_CLASS (class)->query_tooltip = kin_pairs_canvas_query_tooltip;
  KIN_CANVAS_CLASS (class)->draw = kin_pairs_canvas_draw;
}

static void
kin_pairs_canvas_init (KinPairsCanvas *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  self->data = (KinPairsData) KIN_PAIRS_DATA_INIT;
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  g_signal_connect (motion, "motion", G_CALLBACK (on_motion), self);
  g_signal_connect (motion, "leave", G_CALLBACK (on_leave), self);
  g_signal_connect (click, "pressed", G_CALLBACK (on_pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  kin_canvas_describe (KIN_CANVAS (self), _ ("Augmented views"), _ ("No images yet."));
}
