#include "ui/matrix-canvas.h"

#include <glib/gi18n.h>
#include <math.h>

#include "engine/preview.h"

struct _KinMatrixCanvas
{
  KinCanvas parent;
  KinSession *session;
  KinMatrixSort sort;
  double tau;                /* the loss is looked at as with this temperature; 0: with the batch's own */
  KinSimilarity *similarity; /* as it is drawn */
  KinMatrixData data; /* lends similarity, surface and order from here */
  guint32 *order;
  gboolean surface_is_dark;
  cairo_surface_t *views[2]; /* of the cell under the pointer, or of the pinned one */
  int views_row, views_column;
};

G_DEFINE_FINAL_TYPE (KinMatrixCanvas, kin_matrix_canvas, KIN_TYPE_CANVAS)

enum
{
  PROP_ENCODING = 1,
  PROP_SORT,
  PROP_TAU,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static void
drop_views (KinMatrixCanvas *self)
{
  g_clear_pointer (&self->views[0], cairo_surface_destroy);
  g_clear_pointer (&self->views[1], cairo_surface_destroy);
  self->views_row = self->views_column = -1;
}

static void
drop_picture (KinMatrixCanvas *self)
{
  g_clear_pointer (&self->data.surface, cairo_surface_destroy);
  g_clear_pointer (&self->order, g_free);
  self->data.order = NULL;
  kin_canvas_redraw (KIN_CANVAS (self));
}

static void
prepare (KinMatrixCanvas *self, const KinPlotStyle *style)
{
  KinDataset *dataset = kin_session_get_dataset (self->session);

  if (self->data.similarity == NULL)
    return;
  self->data.dataset = dataset;
  if (self->order == NULL)
    self->data.order = self->order = kin_matrix_order_new (self->data.similarity, dataset, self->sort);
  if (self->data.encoding == KIN_MATRIX_HISTOGRAM)
    return;
  if (self->data.surface == NULL || self->surface_is_dark != style->is_dark)
    {
      g_clear_pointer (&self->data.surface, cairo_surface_destroy);
      self->data.surface = kin_matrix_surface_new (&self->data, style);
      self->surface_is_dark = style->is_dark;
    }
}

/* Made again from its key: no picture of the batch is kept. */
static cairo_surface_t *
make_view (KinMatrixCanvas *self, guint row)
{
  const KinSimilarity *similarity = self->data.similarity;
  const KinDataset *dataset = kin_session_get_dataset (self->session);
  KinViewKey key = { similarity->seed, similarity->epoch, similarity->ids[row % similarity->N], row / similarity->N };
  g_autofree guint8 *rgb = g_malloc ((gsize) dataset->size * dataset->size * dataset->channels);

  kin_preview_view (dataset, similarity->policy, &key, rgb, NULL);
  return kin_plot_image_surface (rgb, dataset->size, dataset->channels);
}

static void
make_views (KinMatrixCanvas *self, int row, int column)
{
  if (self->views_row == row && self->views_column == column && self->views[0] != NULL)
    return;
  drop_views (self);
  self->views[0] = make_view (self, (guint) row);
  self->views[1] = make_view (self, (guint) column);
  self->views_row = row;
  self->views_column = column;
}

static gboolean
is_same_class (KinMatrixCanvas *self, guint row, guint column)
{
  const KinDataset *dataset = kin_session_get_dataset (self->session);
  const guint32 *ids = self->data.similarity->ids;
  guint N = self->data.similarity->N;

  return dataset->labels != NULL && dataset->labels[ids[row % N]] == dataset->labels[ids[column % N]];
}

static void
say_what_it_is (KinMatrixCanvas *self, KinTip *tip, const KinCell *cell, guint row, guint column)
{
  guint id = self->data.similarity->ids[row % self->data.similarity->N];
  const char *name = kin_session_get_class_name (self->session, id);

  if (cell->is_self)
    g_strlcpy (tip->text, _ ("the same view: left out of the loss"), sizeof tip->text);
  else if (cell->is_positive)
    g_snprintf (tip->text, sizeof tip->text, _ ("positive: the two views of #%u"), id);
  else if (is_same_class (self, row, column))
    {
      g_snprintf (tip->text, sizeof tip->text, _ ("negative of the same class (%s):"), name);
      g_strlcpy (tip->strong, _ ("likely a false negative"), sizeof tip->strong);
    }
  else
    g_strlcpy (tip->text, _ ("negative: another image, pushed away"), sizeof tip->text);
}

static void
fill_tip (KinMatrixCanvas *self, KinTip *tip, int row, int column)
{
  KinCell cell = kin_similarity_cell (self->data.similarity, (guint) row, (guint) column);

  make_views (self, row, column);
  *tip = (KinTip){ .n_pictures = 2, .pictures = { self->views[0], self->views[1] } };
  kin_tip_add (tip, _ ("similarity s"), "%.2f", cell.cosine);
  if (!cell.is_self)
    {
      kin_tip_add (tip, _ ("probability P"), cell.probability < .001 ? "%.1e" : "%.3f", cell.probability);
      kin_tip_add (tip, _ ("anchor's loss"), _ ("%.2f nats"), cell.loss);
      kin_tip_add (tip, cell.is_positive ? _ ("pull (P − 1)/τ") : _ ("push P/τ"),
                   fabs (cell.gradient) < .001 ? "%.1e" : "%.3f", cell.gradient);
      if (!isnan (cell.share))
        kin_tip_add (tip, _ ("of the anchor's push"), "%.1f %%", 100 * cell.share);
    }
  say_what_it_is (self, tip, &cell, (guint) row, (guint) column);
}

/* The cell that is spoken about: the one under the pointer, else the pinned one. */
static gboolean
find_tipped_cell (KinMatrixCanvas *self, int *row, int *column)
{
  const KinMatrixData *data = &self->data;
  gboolean is_hovering = data->hover_row >= 0;

  *row = is_hovering ? data->hover_row : data->pinned_row;
  *column = is_hovering ? data->hover_column : data->pinned_column;
  return data->similarity != NULL && *row >= 0 && data->encoding != KIN_MATRIX_HISTOGRAM;
}

const KinSimilarity *
kin_matrix_canvas_get_similarity (KinMatrixCanvas *self)
{
  return self->similarity;
}

const KinMatrixData *
kin_matrix_canvas_get_data (KinMatrixCanvas *self)
{
  return &self->data;
}

gboolean
kin_matrix_canvas_get_tip (KinMatrixCanvas *self, KinTip *tip)
{
  int row, column;

  if (!find_tipped_cell (self, &row, &column))
    return FALSE;
  fill_tip (self, tip, row, column);
  return TRUE;
}

static void
draw_tip (KinMatrixCanvas *self, cairo_t *cr, const KinPlotStyle *style, double width, double height)
{
  KinTip tip;
  double x, y, side;
  int row, column;

  if (!find_tipped_cell (self, &row, &column))
    return;
  fill_tip (self, &tip, row, column);
  kin_matrix_cell_rect (&self->data, style, width, height, (guint) row, (guint) column, &x, &y, &side);
  kin_tip_draw (cr, &tip, style, x + side / 2, y + side / 2, 14 + side / 2, width, height);
}

static void
kin_matrix_canvas_draw (KinCanvas *canvas, cairo_t *cr, const KinPlotStyle *style, double width, double height)
{
  KinMatrixCanvas *self = KIN_MATRIX_CANVAS (canvas);

  if (self->session != NULL)
    prepare (self, style);
  kin_plot_matrix_draw (cr, &self->data, style, width, height);
  draw_tip (self, cr, style, width, height);
}

void
kin_matrix_canvas_draw_plain (KinMatrixCanvas *self, cairo_t *cr, const KinPlotStyle *style, double width,
                              double height)
{
  KinMatrixData data = KIN_MATRIX_DATA_INIT;

  data.similarity = self->data.similarity;
  data.order = self->data.order;
  data.encoding = self->data.encoding;
  data.dataset = self->data.dataset;
  kin_plot_matrix_draw (cr, &data, style, width, height);
}

static void
on_similarity_changed (KinMatrixCanvas *self)
{
  KinMatrixData *data = &self->data;
  KinSimilarity *similarity = kin_session_get_similarity (self->session);

  drop_views (self);
  if (similarity == NULL || self->similarity == NULL || similarity->N != self->similarity->N)
    data->hover_row = data->hover_column = data->pinned_row = data->pinned_column = -1;
  g_clear_pointer (&self->similarity, kin_similarity_unref);
  if (similarity != NULL)
    self->similarity = self->tau > 0 ? kin_similarity_new_at (similarity, self->tau) : kin_similarity_ref (similarity);
  data->similarity = self->similarity;
  drop_picture (self);
  if (data->similarity != NULL)
    {
      g_autofree char *numbers = kin_matrix_describe (data->similarity);

      kin_canvas_describe (KIN_CANVAS (self), _ ("Similarity matrix of the batch"), numbers);
    }
}

static gboolean
find_cell (KinMatrixCanvas *self, double x, double y, guint *row, guint *column)
{
  GtkWidget *widget = GTK_WIDGET (self);

  return self->data.similarity != NULL
         && kin_matrix_hit (&self->data, kin_canvas_get_style (KIN_CANVAS (self)), gtk_widget_get_width (widget),
                            gtk_widget_get_height (widget), x, y, row, column);
}

static void
on_motion (GtkEventControllerMotion *motion, double x, double y, KinMatrixCanvas *self)
{
  guint row, column;
  int hover_row = -1, hover_column = -1;

  if (find_cell (self, x, y, &row, &column))
    {
      hover_row = (int) row;
      hover_column = (int) column;
      kin_session_hover (self->session, (int) self->data.similarity->ids[row % self->data.similarity->N]);
    }
  if (hover_row == self->data.hover_row && hover_column == self->data.hover_column)
    return;
  self->data.hover_row = hover_row;
  self->data.hover_column = hover_column;
  kin_canvas_redraw (KIN_CANVAS (self));
}

static void
on_leave (GtkEventControllerMotion *motion, KinMatrixCanvas *self)
{
  self->data.hover_row = self->data.hover_column = -1;
  if (self->session != NULL)
    kin_session_hover (self->session, KIN_NO_IMAGE);
  kin_canvas_redraw (KIN_CANVAS (self));
}

/* A click on the pinned cell, or beside the matrix, lets it go. */
static void
on_pressed (GtkGestureClick *click, int n_press, double x, double y, KinMatrixCanvas *self)
{
  KinMatrixData *data = &self->data;
  guint row, column;

  if (!find_cell (self, x, y, &row, &column) || (data->pinned_row == (int) row && data->pinned_column == (int) column))
    data->pinned_row = data->pinned_column = -1;
  else
    {
      data->pinned_row = (int) row;
      data->pinned_column = (int) column;
      kin_session_select (self->session, (int) data->similarity->ids[row % data->similarity->N]);
    }
  kin_canvas_redraw (KIN_CANVAS (self));
}

void
kin_matrix_canvas_set_session (KinMatrixCanvas *self, KinSession *session)
{
  g_return_if_fail (self->session == NULL);
  self->session = g_object_ref (session);
  g_signal_connect_object (session, "similarity-changed", G_CALLBACK (on_similarity_changed), self, G_CONNECT_SWAPPED);
  on_similarity_changed (self);
}

static void
kin_matrix_canvas_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  KinMatrixCanvas *self = KIN_MATRIX_CANVAS (object);

  switch (id)
    {
    case PROP_ENCODING:
      g_value_set_uint (value, self->data.encoding);
      break;
    case PROP_SORT:
      g_value_set_uint (value, self->sort);
      break;
    case PROP_TAU:
      g_value_set_double (value, self->tau);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
set_tau (KinMatrixCanvas *self, double tau)
{
  self->tau = tau;
  if (self->session != NULL)
    on_similarity_changed (self);
}

static void
kin_matrix_canvas_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  KinMatrixCanvas *self = KIN_MATRIX_CANVAS (object);

  switch (id)
    {
    case PROP_ENCODING:
      if (self->data.encoding == g_value_get_uint (value))
        return;
      self->data.encoding = g_value_get_uint (value);
      break;
    case PROP_SORT:
      if (self->sort == g_value_get_uint (value))
        return;
      self->sort = g_value_get_uint (value);
      break;
    case PROP_TAU:
      if (self->tau == g_value_get_double (value))
        return;
      set_tau (self, g_value_get_double (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      return;
    }
  drop_picture (self);
  g_object_notify_by_pspec (object, pspec);
}

static void
kin_matrix_canvas_dispose (GObject *object)
{
  KinMatrixCanvas *self = KIN_MATRIX_CANVAS (object);

  drop_views (self);
  g_clear_pointer (&self->data.surface, cairo_surface_destroy);
  g_clear_pointer (&self->order, g_free);
  g_clear_pointer (&self->similarity, kin_similarity_unref);
  self->data = (KinMatrixData) KIN_MATRIX_DATA_INIT;
  g_clear_object (&self->session);
  G_OBJECT_CLASS (kin_matrix_canvas_parent_class)->dispose (object);
}

static void
kin_matrix_canvas_class_init (KinMatrixCanvasClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->get_property = kin_matrix_canvas_get_property;
  object_class->set_property = kin_matrix_canvas_set_property;
  object_class->dispose = kin_matrix_canvas_dispose;
  props[PROP_ENCODING] = g_param_spec_uint ("encoding", NULL, NULL, 0, KIN_N_MATRIX_ENCODINGS - 1, KIN_MATRIX_COSINE,
                                            G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /* By class, what is alike stands together: blocks appear as the classes are learned. */
  props[PROP_SORT] = g_param_spec_uint ("sort", NULL, NULL, 0, KIN_N_MATRIX_SORTS - 1, KIN_MATRIX_BY_CLASS,
                                        G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  props[PROP_TAU] = g_param_spec_double ("tau", NULL, NULL, 0, 10, 0,
                                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, props);
  KIN_CANVAS_CLASS (class)->draw = kin_matrix_canvas_draw;
}

static void
kin_matrix_canvas_init (KinMatrixCanvas *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  self->data = (KinMatrixData) KIN_MATRIX_DATA_INIT;
  self->sort = KIN_MATRIX_BY_CLASS;
  self->views_row = self->views_column = -1;
  g_signal_connect (motion, "motion", G_CALLBACK (on_motion), self);
  g_signal_connect (motion, "leave", G_CALLBACK (on_leave), self);
  g_signal_connect (click, "pressed", G_CALLBACK (on_pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  kin_canvas_describe (KIN_CANVAS (self), _ ("Similarity matrix of the batch"), _ ("Nothing has been trained yet."));
}
