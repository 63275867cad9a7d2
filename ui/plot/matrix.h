#pragma once

#include "engine/snapshot.h"
#include "ui/plot/style.h"

G_BEGIN_DECLS

/* What the colour of a cell tells. */
typedef enum
{
  KIN_MATRIX_COSINE,      /* s */
  KIN_MATRIX_PROBABILITY, /* P, on a logarithmic scale */
  KIN_MATRIX_GRADIENT,    /* how strongly the loss pulls (the positive) or pushes (negatives) */
  KIN_MATRIX_CLASS,       /* which pairs have the same label */
  KIN_MATRIX_HISTOGRAM,   /* no cells: how the cosines are spread */
  KIN_N_MATRIX_ENCODINGS
} KinMatrixEncoding;

/* In which order the pairs stand. */
typedef enum
{
  KIN_MATRIX_AS_DRAWN,
  KIN_MATRIX_BY_CLASS,
  KIN_MATRIX_BY_LOSS,     /* the pairs that the loss finds hardest first */
  KIN_MATRIX_BY_LIKENESS, /* each pair beside the one that it resembles most of those left */
  KIN_N_MATRIX_SORTS
} KinMatrixSort;

/**
 * KinMatrixData:
 *
 * The 2N × 2N cosines of a batch. A *place* is where a row stands in the picture, a *row* is its index in the
 * similarity; @order joins the two. View A of every pair stands before view B of every pair, so the positives are always
 * the two diagonals N off the middle one.
 */
typedef struct
{
  const KinSimilarity *similarity; /* (nullable): the empty state */
  KinMatrixEncoding encoding;
  const KinDataset *dataset; /* (nullable): its labels, for %KIN_MATRIX_CLASS */
  cairo_surface_t *surface;        /* (nullable) of kin_matrix_surface_new(); made for this drawing when NULL */
  const guint32 *order;            /* (N) (nullable) the pair at each place; NULL for the batch's own order */
  int hover_row, hover_column;     /* rows of the similarity; -1 for none */
  int pinned_row, pinned_column;   /* the same, drawn more strongly */
} KinMatrixData;

#define KIN_MATRIX_DATA_INIT { .hover_row = -1, .hover_column = -1, .pinned_row = -1, .pinned_column = -1 }

/* Where the matrix and its colour bar stand, px. */
typedef struct
{
  double x, y, side;
  double cell; /* side / 2N */
  double bar_x, bar_width; /* bar_width 0: no room for it */
} KinMatrixLayout;

void kin_matrix_layout (KinMatrixLayout *layout, const KinSimilarity *similarity, const KinPlotStyle *style,
                        double width, double height);

/**
 * kin_matrix_surface_new:
 *
 * One pixel a cell: made once for a batch, an encoding and a style, then only scaled.
 */
cairo_surface_t *kin_matrix_surface_new (const KinMatrixData *data, const KinPlotStyle *style);

/* The colour of one cell. */
KinColor kin_matrix_cell_color (const KinMatrixData *data, const KinPlotStyle *style, guint row, guint column);

/**
 * kin_matrix_order_new:
 * @dataset: (nullable)
 *
 * Returns: (transfer full) (nullable): (N) the pair at each place; pairs that are equal stand as they were drawn. NULL as
 *   drawn, and by class where there are no labels
 */
guint32 *kin_matrix_order_new (const KinSimilarity *similarity, const KinDataset *dataset, KinMatrixSort sort);

guint kin_matrix_row_at (const KinSimilarity *similarity, const guint32 *order, guint place);
guint kin_matrix_place_of (const KinSimilarity *similarity, const guint32 *order, guint row);

/**
 * kin_matrix_hit:
 * @row, @column: (out): rows of the similarity
 *
 * Returns: FALSE outside the matrix
 */
gboolean kin_matrix_hit (const KinMatrixData *data, const KinPlotStyle *style, double width, double height, double x,
                         double y, guint *row, guint *column);

/* The rectangle of a cell, px: where a tooltip points to. */
void kin_matrix_cell_rect (const KinMatrixData *data, const KinPlotStyle *style, double width, double height, guint row,
                           guint column, double *x, double *y, double *side);

void kin_plot_matrix_draw (cairo_t *cr, const KinMatrixData *data, const KinPlotStyle *style, double width,
                           double height);

typedef enum
{
  KIN_SPREAD_POSITIVES,
  KIN_SPREAD_NEGATIVES,  /* of another class, or of any where there are no labels */
  KIN_SPREAD_SAME_CLASS, /* negatives all the same: likely false ones */
  KIN_N_SPREADS
} KinSpreadKind;

#define KIN_SPREAD_BINS 40

/* How the cosines of one kind are spread. */
typedef struct
{
  guint n;
  double mean;
  double bins[KIN_SPREAD_BINS]; /* share of them, over [-1, 1] */
} KinSpread;

/* @dataset: (nullable). Cells that are no number, and the diagonal, are left out. */
void kin_matrix_spread (const KinSimilarity *similarity, const KinDataset *dataset, KinSpread spreads[KIN_N_SPREADS]);

/* Returns: (transfer none): one sentence on what the colours of @encoding tell */
const char *kin_matrix_encoding_help (KinMatrixEncoding encoding);

/**
 * kin_matrix_dup_caption:
 *
 * Returns: (transfer full): "step 372 · 64 of 256 pairs · τ 0.2"
 */
char *kin_matrix_dup_caption (const KinSimilarity *similarity);

/**
 * kin_matrix_describe:
 *
 * Returns: (transfer full): mean similarity of positives and of negatives in one sentence, for a screen reader
 */
char *kin_matrix_describe (const KinSimilarity *similarity);

G_END_DECLS
