#pragma once

#include <math.h>

#include "engine/history.h"
#include "ui/plot/axis.h"
#include "ui/plot/style.h"

G_BEGIN_DECLS

typedef enum
{
  KIN_PANEL_LOSS,
  KIN_PANEL_KNN,
  KIN_PANEL_GEOMETRY, /* alignment and uniformity */
  KIN_PANEL_RANK,     /* effective rank */
  KIN_PANEL_STD,
  KIN_PANEL_TOP1,
  KIN_PANEL_GRADIENT,
  KIN_PANEL_LEARNING_RATE,
  KIN_N_PANELS,
} KinPanelKind;

#define KIN_PANEL_BIT(kind) (1u << (kind))
#define KIN_PANELS_ALL ((1u << KIN_N_PANELS) - 1)
#define KIN_PANELS_DEFAULT                                                                                             \
  (KIN_PANEL_BIT (KIN_PANEL_LOSS) | KIN_PANEL_BIT (KIN_PANEL_KNN) | KIN_PANEL_BIT (KIN_PANEL_GEOMETRY)                 \
   | KIN_PANEL_BIT (KIN_PANEL_RANK))

#define KIN_CURVES_MAX 2 /* in one panel */
#define KIN_LINES_MAX 3  /* in one panel */

/* A column of an array of structs: nothing is copied, so a curve costs nothing to make anew for each frame. */
typedef struct
{
  const char *name; /* translated, static */
  const guint8 *base;
  guint n;
  gsize stride;                       /* bytes */
  gsize x_offset, y_offset, step_offset; /* of double epoch, double value, guint64 step */
  guint color;                        /* for kin_plot_class_color() */
  gboolean is_dense;                  /* a value a step: may be smoothed; else points are marked while they are few */
} KinCurve;

/* A level that gives a curve its meaning: chance, raw pixels, untrained. */
typedef struct
{
  char label[64]; /* with its value: "chance ln(2N−1) = 4.84" */
  double value;   /* finite */
} KinLine;

typedef struct
{
  KinPanelKind kind;
  const char *title; /* translated, static: "k-NN agreement" */
  const char *brief; /* the same where there is little room: "k-NN" */
  const char *unit;  /* translated, static: "nats" or "" */
  double base;      /* the range always holds it, where finite */
  gboolean can_log;  /* all values are positive and may span decades */
  guint n_curves, n_lines;
  KinCurve curves[KIN_CURVES_MAX];
  KinLine lines[KIN_LINES_MAX];
} KinPanel;

/* What there is to draw. Borrows the arrays; valid as long as they do not change. */
typedef struct
{
  guint n_panels; /* only those of which there is something: no labels, no k-NN */
  KinPanel panels[KIN_N_PANELS];
  double last_epoch;   /* of the data, 0 without any */
  double epochs_total; /* of the run, or last_epoch when it is not known */
} KinCurvesData;

/* What the person who looks has chosen. */
typedef struct
{
  guint panels;        /* KIN_PANEL_BITs; those that do not fit are left out from the end */
  double x_min, x_max; /* epochs; x_max <= x_min for the whole run */
  double smoothing;    /* [0, 1): share of the average before, at each step; 0 for none */
  gboolean is_log;     /* y axes of loss, gradient norm and learning rate */
  double cursor;       /* epoch of the crosshair; NAN for none */
} KinCurvesView;

#define KIN_CURVES_VIEW_INIT { .panels = KIN_PANELS_DEFAULT, .cursor = NAN }

/**
 * kin_curves_data_from_history:
 * @epochs_total: epochs of the run, the right end of the axis; 0 when not known
 */
void kin_curves_data_from_history (KinCurvesData *data, const KinSample *samples, guint n_samples,
                                   const KinEvaluation *evaluations, guint n_evaluations, double epochs_total);

/* Where a panel stands. */
typedef struct
{
  guint panel; /* index into KinCurvesData.panels */
  KinAxis x, y;
  gboolean has_x_labels;
} KinPanelPlace;

/* Where everything stands: what is drawn and what a hit test looks up are the same numbers. */
typedef struct
{
  guint n;
  KinPanelPlace places[KIN_N_PANELS];
} KinCurvesLayout;

void kin_curves_layout (KinCurvesLayout *layout, const KinCurvesData *data, const KinCurvesView *view,
                        const KinPlotStyle *style, double width, double height);

/* The values of all curves at one moment. */
typedef struct
{
  double epoch; /* of the nearest step that has data */
  guint64 step;
  double values[KIN_N_PANELS][KIN_CURVES_MAX]; /* in the order of data; the latest at or before epoch, NAN for none */
} KinCurvesReading;

/* Returns: FALSE when there are no data */
gboolean kin_curves_read (const KinCurvesData *data, double epoch, KinCurvesReading *reading);

/**
 * kin_curves_hit:
 * @x, @y: px, within the plot
 * @epoch: (out) (optional): for KinCurvesView.cursor
 *
 * Returns: the panel under the pointer (index into KinCurvesData.panels), or -1
 */
int kin_curves_hit (const KinCurvesData *data, const KinCurvesView *view, const KinPlotStyle *style, double width,
                    double height, double x, double y, double *epoch);

/**
 * kin_curve_vertices:
 * @vertices: (out caller-allocates): of KinVertex, px, emptied first
 *
 * The points of @curve that are seen at @place: smoothed, decimated, with gaps where values are not finite (or not
 * positive on a log axis).
 */
void kin_curve_vertices (const KinCurve *curve, const KinPanelPlace *place, double smoothing, GArray *vertices);

/**
 * kin_curve_end:
 * @epoch, @value: (out): its last finite point, smoothed
 *
 * Returns: FALSE when that is not in view
 */
gboolean kin_curve_end (const KinCurve *curve, const KinPanelPlace *place, double smoothing, double *epoch,
                        double *value);

void kin_plot_curves_draw (cairo_t *cr, const KinCurvesData *data, const KinCurvesView *view, const KinPlotStyle *style,
                           double width, double height);

/**
 * kin_curves_describe:
 *
 * Returns: (transfer full): the latest numbers in one sentence, for a screen reader
 */
char *kin_curves_describe (const KinCurvesData *data);

G_END_DECLS
