#pragma once

#include <gtk/gtk.h>

#include "ui/plot/style.h"

G_BEGIN_DECLS

/**
 * KinCanvas:
 *
 * A widget that is drawn with cairo, in the plots' style. The picture is kept until kin_canvas_redraw(), a new size, a
 * new scale or a new theme. Colours and type size follow the theme: a bigger font in CSS gives bigger plots.
 */
#define KIN_TYPE_CANVAS (kin_canvas_get_type ())
G_DECLARE_DERIVABLE_TYPE (KinCanvas, kin_canvas, KIN, CANVAS, GtkWidget)

struct _KinCanvasClass
{
  GtkWidgetClass parent;
  /* Draws the whole widget, from the origin; px. Must not change what the user sees elsewhere. */
  void (*draw) (KinCanvas *self, cairo_t *cr, const KinPlotStyle *style, double width, double height);
};

void kin_canvas_redraw (KinCanvas *self);

/* (transfer none): the style of the next drawing, for layouts and hit tests. */
const KinPlotStyle *kin_canvas_get_style (KinCanvas *self);

/* What a screen reader says of it: a name and its current numbers. */
void kin_canvas_describe (KinCanvas *self, const char *name, const char *numbers);

G_END_DECLS
