#include "ui/map-canvas.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "ui/tip.h"

#define MOVE_US (200 * G_TIME_SPAN_MILLISECOND)
#define ZOOM_STEP 1.25

struct _KinMapCanvas
{
  KinCanvas parent;
  KinSession *session;
  KinDataset *dataset;
  KinEmbedding *embedding;
  KinMapCache *cache;
  KinMapIndex *index; /* of the embedding's map; NULL while the dots move */
  KinMapData data;
  float *from, *shown; /* (n, 2) where the dots come from and where they are, while they move */
  KinMapBounds from_bounds;
  gint64 moved_from_us;
  guint tick_id;
  guint32 neighbours[KIN_NEIGHBOURS_SHOWN];
  char *caption;
  cairo_surface_t *hovered_picture;
  int hovered_id; /* of the picture */
  double pointer_x, pointer_y, drag_x, drag_y;
  gboolean has_pointer;
};

G_DEFINE_FINAL_TYPE (KinMapCanvas, kin_map_canvas, KIN_TYPE_CANVAS)

const KinMapData *
kin_map_canvas_get_data (KinMapCanvas *self)
{
  return &self->data;
}

static double
mix (double a, double b, double share)
{
  return a + share * (b - a);
}

static void
stop_moving (KinMapCanvas *self)
{
  if (self->tick_id != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->tick_id);
  self->tick_id = 0;
  if (self->embedding != NULL && self->embedding->map != NULL)
    {
      kin_map_data_from_embedding (&self->data, self->dataset, self->embedding);
      g_clear_pointer (&self->index, kin_map_index_free);
      self->index = kin_map_index_new (self->data.xy, self->data.n);
    }
  kin_canvas_redraw (KIN_CANVAS (self));
}

/* Smooth at both ends, so that a dot is not seen to jerk. */
static gboolean
on_tick (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  KinMapCanvas *self = KIN_MAP_CANVAS (widget);
  double t = (double) (gdk_frame_clock_get_frame_time (clock) - self->moved_from_us) / MOVE_US;
  float share = (float) (t * t * (3 - 2 * t));
  const float *to = self->embedding->map;
  KinMapBounds end = kin_map_bounds (to, self->embedding->n);

  if (!(t < 1))
    {
      self->tick_id = 0;
      stop_moving (self);
      return G_SOURCE_REMOVE;
    }
  for (gsize i = 0; i < 2 * (gsize) self->embedding->n; i++)
    self->shown[i] = self->from[i] + MAX (share, 0) * (to[i] - self->from[i]);
  self->data.xy = self->shown;
  self->data.bounds = (KinMapBounds){ mix (self->from_bounds.min_x, end.min_x, share),
                                      mix (self->from_bounds.min_y, end.min_y, share),
                                      mix (self->from_bounds.max_x, end.max_x, share),
                                      mix (self->from_bounds.max_y, end.max_y, share) };
  kin_canvas_redraw (KIN_CANVAS (self));
  return G_SOURCE_CONTINUE;
}

/* Dots can only move from where they are when they are the same dots. */
static gboolean
can_move (KinMapCanvas *self, const KinEmbedding *next)
{
  return self->embedding != NULL && self->embedding->map != NULL && next->map != NULL && self->data.xy != NULL
         && self->embedding->n == next->n && gtk_widget_get_mapped (GTK_WIDGET (self))
         && memcmp (self->embedding->ids, next->ids, next->n * sizeof *next->ids) == 0;
}

static void
begin_moving (KinMapCanvas *self, KinEmbedding *next)
{
  gsize n = 2 * (gsize) next->n;
  GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (self));

  self->from = g_renew (float, self->from, n);
  memmove (self->from, self->data.xy, n * sizeof (float));
  self->from_bounds = self->data.bounds;
  self->shown = g_renew (float, self->shown, n);
  memcpy (self->shown, self->from, n * sizeof (float));
  g_clear_pointer (&self->index, kin_map_index_free);
  kin_embedding_unref (self->embedding);
  self->embedding = kin_embedding_ref (next);
  self->data.xy = self->shown;
  self->data.ids = next->ids;
  self->moved_from_us = clock == NULL ? g_get_monotonic_time () : gdk_frame_clock_get_frame_time (clock);
  if (self->tick_id == 0)
    self->tick_id = gtk_widget_add_tick_callback (GTK_WIDGET (self), on_tick, NULL, NULL);
}

static void
show_at_once (KinMapCanvas *self, KinEmbedding *next)
{
  g_clear_pointer (&self->embedding, kin_embedding_unref);
  g_clear_pointer (&self->index, kin_map_index_free);
  self->embedding = next == NULL ? NULL : kin_embedding_ref (next);
  self->data.hovered = self->data.selected = -1;
  self->data.n_neighbours = 0;
  kin_map_data_from_embedding (&self->data, self->dataset, self->embedding);
  stop_moving (self);
}

static int
row_of (KinMapCanvas *self, int id)
{
  return id < 0 || self->embedding == NULL ? -1 : kin_embedding_find_row (self->embedding, (guint) id);
}

static void
update_linked (KinMapCanvas *self)
{
  const KinNearby *nearby = kin_neighbourhood_get (kin_session_get_neighbourhood (self->session));
  guint n = 0;

  self->data.hovered = row_of (self, kin_session_get_hovered (self->session));
  self->data.selected = row_of (self, kin_session_get_selected (self->session));
  for (guint i = 0; nearby->id >= 0 && i < MIN (nearby->n_learned, KIN_NEIGHBOURS_SHOWN); i++)
    {
      int row = row_of (self, (int) nearby->learned[i].id);

      if (row >= 0)
        self->neighbours[n++] = (guint32) row;
    }
  self->data.neighbours = self->neighbours;
  self->data.n_neighbours = self->data.selected < 0 ? 0 : n;
  kin_canvas_redraw (KIN_CANVAS (self));
}

static void
on_embedding_changed (KinMapCanvas *self)
{
  KinEmbedding *next = kin_session_get_embedding (self->session);
  g_autofree char *numbers = NULL;

  if (next != NULL && can_move (self, next))
    begin_moving (self, next);
  else
    show_at_once (self, next);
  g_clear_pointer (&self->caption, g_free);
  if (next != NULL && next->map != NULL)
    self->caption = kin_map_dup_caption (next);
  self->data.caption = self->caption;
  numbers = g_strdup_printf (_ ("%u images. %s"), self->data.n, self->caption == NULL ? "" : self->caption);
  kin_canvas_describe (KIN_CANVAS (self), _ ("Map of the images"), numbers);
  update_linked (self);
}

static void
on_dataset_changed (KinMapCanvas *self)
{
  KinDataset *dataset = kin_session_get_dataset (self->session);

  g_clear_pointer (&self->dataset, kin_dataset_unref);
  self->dataset = dataset == NULL ? NULL : kin_dataset_ref (dataset);
  self->data.view = (KinMapView) KIN_MAP_VIEW_INIT;
  self->data.coloring = KIN_MAP_COLOR_CLASS;
  self->data.highlighted_class = -1;
  g_clear_pointer (&self->hovered_picture, cairo_surface_destroy);
  self->hovered_id = KIN_NO_IMAGE;
  show_at_once (self, kin_session_get_embedding (self->session));
}

static void
draw_tip (KinMapCanvas *self, cairo_t *cr, const KinPlotStyle *style, double width, double height)
{
  guint id = self->data.ids[self->data.hovered];
  KinMapTransform transform = kin_map_transform (&self->data, style, width, height);
  const float *at = self->data.xy + 2 * (gsize) self->data.hovered;
  const char *class_name = kin_session_get_class_name (self->session, id);
  KinTip tip = { .n_pictures = 1 };

  if (self->hovered_id != (int) id)
    {
      g_clear_pointer (&self->hovered_picture, cairo_surface_destroy);
      self->hovered_picture = kin_plot_image_surface (kin_dataset_get_pixels (self->dataset, id), self->dataset->size,
                                                      self->dataset->channels);
      self->hovered_id = (int) id;
    }
  tip.pictures[0] = self->hovered_picture;
  kin_tip_add (&tip, class_name == NULL ? "" : class_name, "#%u", id);
  for (guint i = 0; i < MIN (self->dataset->n_factors, 2); i++)
    kin_tip_add (&tip, self->dataset->factors[i].name, "%.3g", self->dataset->factors[i].values[id]);
  kin_tip_draw (cr, &tip, style, transform.x + transform.scale * at[0], transform.y - transform.scale * at[1], 16,
                width, height);
}

static void
kin_map_canvas_draw (KinCanvas *canvas, cairo_t *cr, const KinPlotStyle *style, double width, double height)
{
  KinMapCanvas *self = KIN_MAP_CANVAS (canvas);

  kin_plot_map_draw (cr, &self->data, self->cache, style, width, height);
  if (self->has_pointer && self->dataset != NULL && self->data.hovered >= 0)
    draw_tip (self, cr, style, width, height);
}

/* Width, height and style of the widget, as every function of the map wants them. */
#define FRAME(self)                                                                                                    \
  kin_canvas_get_style (KIN_CANVAS (self)), gtk_widget_get_width (GTK_WIDGET (self)),                                  \
    gtk_widget_get_height (GTK_WIDGET (self))

void
kin_map_canvas_zoom (KinMapCanvas *self, double factor)
{
  if (factor <= 0)
    self->data.view = (KinMapView) KIN_MAP_VIEW_INIT;
  else
    kin_map_zoom_at (&self->data, FRAME (self), gtk_widget_get_width (GTK_WIDGET (self)) / 2.0,
                     gtk_widget_get_height (GTK_WIDGET (self)) / 2.0, factor);
  kin_canvas_redraw (KIN_CANVAS (self));
}

void
kin_map_canvas_set_coloring (KinMapCanvas *self, KinMapColoring coloring, guint factor)
{
  self->data.coloring = coloring;
  self->data.factor = factor;
  self->data.highlighted_class = -1;
  kin_canvas_redraw (KIN_CANVAS (self));
}

void
kin_map_canvas_set_mode (KinMapCanvas *self, KinMapMode mode)
{
  self->data.mode = mode;
  kin_canvas_redraw (KIN_CANVAS (self));
}

static void
on_motion (GtkEventControllerMotion *motion, double x, double y, KinMapCanvas *self)
{
  int row, class_index;

  if (self->session == NULL || self->data.n == 0)
    return;
  self->pointer_x = x;
  self->pointer_y = y;
  self->has_pointer = TRUE;
  class_index = kin_map_legend_hit (&self->data, FRAME (self), x, y);
  row = class_index >= 0 ? -1 : kin_map_hit (&self->data, self->index, FRAME (self), x, y);
  if (class_index != self->data.highlighted_class)
    {
      self->data.highlighted_class = class_index;
      kin_canvas_redraw (KIN_CANVAS (self));
    }
  kin_session_hover (self->session, row < 0 ? KIN_NO_IMAGE : (int) self->data.ids[row]);
}

static void
on_leave (GtkEventControllerMotion *motion, KinMapCanvas *self)
{
  self->has_pointer = FALSE;
  self->data.highlighted_class = -1;
  if (self->session != NULL)
    kin_session_hover (self->session, KIN_NO_IMAGE);
  kin_canvas_redraw (KIN_CANVAS (self));
}

static void
on_drag_begin (GtkGestureDrag *drag, double x, double y, KinMapCanvas *self)
{
  self->drag_x = self->drag_y = 0;
}

static void
on_drag_update (GtkGestureDrag *drag, double x, double y, KinMapCanvas *self)
{
  /* A hand is never quite still in a click. */
  if (self->drag_x == 0 && self->drag_y == 0 && hypot (x, y) < 4)
    return;
  if (self->data.n == 0)
    return;
  kin_map_pan (&self->data, FRAME (self), x - self->drag_x, y - self->drag_y);
  self->drag_x = x;
  self->drag_y = y;
  kin_canvas_redraw (KIN_CANVAS (self));
}

static void
on_drag_end (GtkGestureDrag *drag, double x, double y, KinMapCanvas *self)
{
  double start_x, start_y;
  int row;

  if (self->drag_x != 0 || self->drag_y != 0 || self->session == NULL || self->data.n == 0
      || !gtk_gesture_drag_get_start_point (drag, &start_x, &start_y))
    return;
  row = kin_map_hit (&self->data, self->index, FRAME (self), start_x, start_y);
  kin_session_select (self->session, row < 0 ? KIN_NO_IMAGE : (int) self->data.ids[row]);
}

static gboolean
on_scroll (GtkEventControllerScroll *scroll, double dx, double dy, KinMapCanvas *self)
{
  if (self->data.n == 0)
    return GDK_EVENT_PROPAGATE;
  kin_map_zoom_at (&self->data, FRAME (self), self->pointer_x, self->pointer_y, pow (ZOOM_STEP, -dy));
  kin_canvas_redraw (KIN_CANVAS (self));
  return GDK_EVENT_STOP;
}

void
kin_map_canvas_set_session (KinMapCanvas *self, KinSession *session)
{
  g_return_if_fail (self->session == NULL);
  self->session = g_object_ref (session);
  g_signal_connect_object (session, "dataset-changed", G_CALLBACK (on_dataset_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "embedding-changed", G_CALLBACK (on_embedding_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::selected", G_CALLBACK (update_linked), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::hovered", G_CALLBACK (update_linked), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (kin_session_get_neighbourhood (session), "changed", G_CALLBACK (update_linked), self,
                           G_CONNECT_SWAPPED);
  on_dataset_changed (self);
}

static void
kin_map_canvas_dispose (GObject *object)
{
  KinMapCanvas *self = KIN_MAP_CANVAS (object);

  if (self->tick_id != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->tick_id);
  self->tick_id = 0;
  self->data = (KinMapData) KIN_MAP_DATA_INIT;
  g_clear_pointer (&self->index, kin_map_index_free);
  g_clear_pointer (&self->cache, kin_map_cache_free);
  g_clear_pointer (&self->embedding, kin_embedding_unref);
  g_clear_pointer (&self->dataset, kin_dataset_unref);
  g_clear_pointer (&self->hovered_picture, cairo_surface_destroy);
  g_clear_pointer (&self->from, g_free);
  g_clear_pointer (&self->shown, g_free);
  g_clear_pointer (&self->caption, g_free);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (kin_map_canvas_parent_class)->dispose (object);
}

static void
kin_map_canvas_class_init (KinMapCanvasClass *class)
{
  G_OBJECT_CLASS (class)->dispose = kin_map_canvas_dispose;
  KIN_CANVAS_CLASS (class)->draw = kin_map_canvas_draw;
}

static void
add_controllers (KinMapCanvas *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_VERTICAL);
  GtkGesture *drag = gtk_gesture_drag_new ();

  g_signal_connect (motion, "motion", G_CALLBACK (on_motion), self);
  g_signal_connect (motion, "leave", G_CALLBACK (on_leave), self);
  g_signal_connect (scroll, "scroll", G_CALLBACK (on_scroll), self);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (on_drag_begin), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (on_drag_update), self);
  g_signal_connect (drag, "drag-end", G_CALLBACK (on_drag_end), self);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  gtk_widget_add_controller (GTK_WIDGET (self), scroll);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
}

static void
kin_map_canvas_init (KinMapCanvas *self)
{
  self->data = (KinMapData) KIN_MAP_DATA_INIT;
  self->cache = kin_map_cache_new ();
  self->hovered_id = KIN_NO_IMAGE;
  add_controllers (self);
  kin_canvas_describe (KIN_CANVAS (self), _ ("Map of the images"), _ ("Nothing has been trained yet."));
}
