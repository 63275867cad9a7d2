#pragma once

#include "ui/plot/style.h"

G_BEGIN_DECLS

#define KIN_TIP_PICTURES 2
#define KIN_TIP_FACTS 6

/* A note beside the pointer: pictures, facts in two columns, and a sentence. */
typedef struct
{
  guint n_pictures;
  cairo_surface_t *pictures[KIN_TIP_PICTURES]; /* borrowed */
  guint n_facts;
  const char *names[KIN_TIP_FACTS]; /* borrowed */
  char values[KIN_TIP_FACTS][32];
  char text[160];   /* below, plain */
  char strong[120]; /* below that, strong; "" for none */
} KinTip;

/* printf into the next fact. */
void kin_tip_add (KinTip *tip, const char *name, const char *format, ...) G_GNUC_PRINTF (3, 4);

/**
 * kin_tip_draw:
 * @x, @y: px, of what it speaks about
 * @clearance: px around that point which stay free
 * @width, @height: of the widget: the note stays inside
 */
void kin_tip_draw (cairo_t *cr, const KinTip *tip, const KinPlotStyle *style, double x, double y, double clearance,
                   double width, double height);

G_END_DECLS
