#pragma once

#include "engine/history.h"
#include "ui/plot/map.h"
#include "ui/plot/style.h"

G_BEGIN_DECLS

/* Draws a plot of @width × @height px with its upper left corner at the origin. */
typedef void (*KinPlotDrawFunc) (cairo_t *cr, const KinPlotStyle *style, double width, double height,
                                 gpointer user_data);

#define KIN_EXPORT_SIDE_MAX 16384 /* device px */

/**
 * kin_plot_export:
 * @path: the name's extension, .png, .svg or .pdf, decides the format
 * @width, @height: of the whole sheet, px (SVG: px; PDF: points of 1/72 in)
 * @scale: device pixels a px, PNG only
 * @title: (nullable): above the plot
 * @caption: (nullable): below the plot
 *
 * The plot on an opaque card. Written beside, synced and renamed: when anything fails the file that was there is as it was.
 *
 * Returns: FALSE with %KIN_ERROR_OPTION for another extension or a size out of range, %KIN_ERROR_FILE naming file and
 *   reason
 */
gboolean kin_plot_export (const char *path, double width, double height, double scale, const KinPlotStyle *style,
                          const char *title, const char *caption, KinPlotDrawFunc draw, gpointer user_data,
                          GError **error);

/* A row a step, a row an evaluation; empty fields where a number does not exist. Written like all else: whole or not. */
gboolean kin_export_steps_csv (const char *path, const KinSample *samples, guint n, GError **error);
gboolean kin_export_evaluations_csv (const char *path, const KinEvaluation *evaluations, guint n, GError **error);

/* row, column, image_a, view_a, image_b, view_b, cosine, probability, positive: a row for each cell above the diagonal */
gboolean kin_export_matrix_csv (const char *path, const KinSimilarity *similarity, GError **error);

/* image, x, y, split, name, class, then a column a factor */
gboolean kin_export_map_csv (const char *path, const KinMapData *data, GError **error);

/**
 * kin_export_sprite:
 * @path: a PNG file
 * @side: (out): of a picture, px: the set's own, or less where the sheet would be larger than 8,192 px
 *
 * All pictures of the set in the order of their ids, row by row on a square sheet, edge to edge.
 */
gboolean kin_export_sprite (const char *path, const KinDataset *dataset, guint *side, GError **error);

/**
 * kin_csv_quote:
 *
 * Returns: (transfer full): @text as one field of a CSV file (RFC 4180); a leading = + - @ is kept from being a formula
 *   in a spreadsheet
 */
char *kin_csv_quote (const char *text);

G_END_DECLS
