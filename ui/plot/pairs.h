#pragma once

#include "engine/preview.h"
#include "ui/plot/style.h"

G_BEGIN_DECLS

/* An image with two of its views. */
typedef struct
{
  guint32 image;
  cairo_surface_t *original, *views[2];
  char *traces[2];   /* what was drawn for each view, as text */
  double similarity; /* cosine of the two views as the encoder sees them; NAN when not known */
} KinPair;

/* A sheet of pairs; owns its pictures. */
typedef struct
{
  guint n;
  KinPair *pairs; /* (n) */
} KinPairs;

/**
 * kin_pairs_new:
 * @ids: (n) images
 * @similarities: (n) (nullable): cosine of each pair, NAN where not known
 *
 * Makes views 0 and 1 of each image, as training with this policy, seed and epoch makes them.
 */
KinPairs *kin_pairs_new (const KinDataset *dataset, const KinPolicy *policy, guint64 seed, guint32 epoch,
                         const guint32 *ids, guint n, const double *similarities);
void kin_pairs_free (KinPairs *pairs);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KinPairs, kin_pairs_free)

typedef enum
{
  KIN_PAIR_ORIGINAL,
  KIN_PAIR_VIEW_A,
  KIN_PAIR_VIEW_B,
  KIN_PAIR_TEXT,
} KinPairPart;

typedef struct
{
  const KinPairs *pairs; /* (nullable): the empty state */
  guint first;           /* the first pair shown: scrolling */
  int hovered;           /* pair, or -1 */
  int selected;          /* pair, or -1 */
} KinPairsData;

#define KIN_PAIRS_DATA_INIT { .hovered = -1, .selected = -1 }

/* A grid of rows; each row holds three pictures and, where there is room, their text. */
typedef struct
{
  guint columns, rows;
  double x, y;                     /* of the first row, px */
  double column_width, row_height; /* px */
  double side;                     /* of a picture, px */
  double gap;                      /* between pictures, px */
  double text_width;               /* px, 0: no room for text */
} KinPairsLayout;

/**
 * kin_pairs_layout:
 * @n: how many pairs there are to show; 0 for as many as fit
 *
 * Pictures grow until the rows fill the height. columns * rows pairs are shown, column by column; fewer than @n when there
 * is no room for more.
 */
void kin_pairs_layout (KinPairsLayout *layout, guint n, const KinPlotStyle *style, double width, double height);

/**
 * kin_pairs_hit:
 *
 * Returns: the pair under the pointer, or -1; @part: (out) (optional)
 */
int kin_pairs_hit (const KinPairsData *data, const KinPlotStyle *style, double width, double height, double x, double y,
                   KinPairPart *part);

void kin_plot_pairs_draw (cairo_t *cr, const KinPairsData *data, const KinPlotStyle *style, double width, double height);

G_END_DECLS
