#pragma once

#include <gtk/gtk.h>

#include "ui/session.h"

G_BEGIN_DECLS

/* What a pane can write to a file. */
typedef enum
{
  KIN_EXPORT_PNG,
  KIN_EXPORT_SVG,
  KIN_EXPORT_PDF,
  KIN_EXPORT_CSV,
} KinExportKind;

/**
 * KinViewPane:
 *
 * The card that each view stands on: a title, controls (`<child type="control">` in a template), a switch that lets it
 * fill the window, and the view itself (any other child).
 *
 * Properties: `title`, `name-id` (stem of exported files), `is-filling`, `session`.
 */
#define KIN_TYPE_VIEW_PANE (kin_view_pane_get_type ())
G_DECLARE_DERIVABLE_TYPE (KinViewPane, kin_view_pane, KIN, VIEW_PANE, GtkWidget)

struct _KinViewPaneClass
{
  GtkWidgetClass parent;
  /* Called once, when the session is there to be listened to. Chain up is not needed. */
  void (*connect) (KinViewPane *self, KinSession *session);
  /* Writes the view (or its numbers) to @path. */
  gboolean (*write) (KinViewPane *self, KinExportKind kind, const char *path, GError **error);
};

KinSession *kin_view_pane_get_session (KinViewPane *self);
gboolean kin_view_pane_get_is_filling (KinViewPane *self);
const char *kin_view_pane_get_title (KinViewPane *self);
gboolean kin_view_pane_write (KinViewPane *self, KinExportKind kind, const char *path, GError **error);

G_END_DECLS
