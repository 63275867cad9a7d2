#pragma once

#include <gtk/gtk.h>

#include "ui/plot/style.h"
#include "ui/session.h"

G_BEGIN_DECLS

/**
 * KinViewPane:
 *
 * The card that each view stands on: a title, controls (`<child type="control">` in a template), a switch that lets it
 * fill the window, and the view itself (any other child).
 *
 * Properties: `title`, `is-filling`, `session`.
 */
#define KIN_TYPE_VIEW_PANE (kin_view_pane_get_type ())
G_DECLARE_DERIVABLE_TYPE (KinViewPane, kin_view_pane, KIN, VIEW_PANE, GtkWidget)

struct _KinViewPaneClass
{
  GtkWidgetClass parent;
  /* Called once, when the session is there to be listened to. */
  void (*connect) (KinViewPane *self, KinSession *session);
  /* The view alone, without pointer or selection, in any style. */
  void (*draw) (KinViewPane *self, cairo_t *cr, const KinPlotStyle *style, double width, double height);
  /* Its numbers. */
  gboolean (*write_csv) (KinViewPane *self, const char *path, GError **error);
  /* (nullable) (transfer full): what stands below an exported picture. */
  char *(*dup_caption) (KinViewPane *self);
};

KinSession *kin_view_pane_get_session (KinViewPane *self);
const char *kin_view_pane_get_title (KinViewPane *self);

/**
 * kin_view_pane_export:
 * @path: its extension, .png, .svg, .pdf or .csv, decides what is written
 */
gboolean kin_view_pane_export (KinViewPane *self, const char *path, GError **error);

G_END_DECLS
