#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define KIN_TICKS_MAX 24

/**
 * KinAxis:
 *
 * A range of values laid over a range of pixels. @start_px may lie right of or below @end_px: a y axis runs upwards.
 */
typedef struct
{
  double min, max; /* max > min; both > 0 when is_log */
  double start_px, end_px;
  gboolean is_log;
} KinAxis;

double kin_axis_to_px (const KinAxis *axis, double value);
double kin_axis_from_px (const KinAxis *axis, double px);

/**
 * kin_axis_ticks:
 * @most: about how many are wanted, at least 2
 * @ticks: (out caller-allocates): (KIN_TICKS_MAX) ascending, all within [min, max]
 * @step: (out) (optional): their distance; 0 where it is not even (log)
 *
 * Steps of 1, 2 or 5 times a power of ten, at least two of them; on a log axis decades, with 2 and 5, or all whole numbers,
 * between them where there is room.
 *
 * Returns: how many; 0 for an axis that is empty or not finite
 */
guint kin_axis_ticks (const KinAxis *axis, guint most, double *ticks, double *step);

/**
 * kin_axis_format:
 * @step: distance of the ticks, which decides the decimals; 0 for as many as the value needs
 *
 * Returns: (transfer full): "0.25", "−1", "2 000", "1e−5"
 */
char *kin_axis_format (double value, double step);

/**
 * kin_axis_widen:
 * @min, @max: (inout): a range of data, which becomes one that ends on ticks and is never empty
 *
 * Non-finite ends become [0, 1].
 */
void kin_axis_widen (double *min, double *max, gboolean is_log, guint most);

/**
 * kin_axis_spread_labels:
 * @y: (n) (inout): where labels want to be, px
 * @height: of a label, px
 *
 * Moves labels apart until none overlap, as little as possible, within [@low, @high] where they all fit.
 */
void kin_axis_spread_labels (double *y, guint n, double height, double low, double high);

/* One vertex of a curve, px. A gap (a value that is not a number) is a vertex whose y is NAN. */
typedef struct
{
  double x, y;
} KinVertex;

/**
 * KinDecimator:
 *
 * Takes the points of a curve in order of x, px, and keeps of each pixel column the lowest and the highest value in
 * the order in which they came: at most two vertices a column, gaps apart, and no spike is lost. Gaps at either end are
 * dropped.
 */
typedef struct
{
  GArray *vertices; /* of KinVertex, borrowed */
  double column;
  guint n; /* points in this column */
  KinVertex low, high;
  gboolean low_is_first, gap_before, gap_after;
} KinDecimator;

void kin_decimator_begin (KinDecimator *decimator, GArray *vertices);
void kin_decimator_add (KinDecimator *decimator, double x, double y);
void kin_decimator_end (KinDecimator *decimator);

G_END_DECLS
