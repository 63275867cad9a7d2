#pragma once

#include <cairo.h>

#include "engine/dataset.h"
#include "engine/embedding.h"
#include "engine/history.h"
#include "engine/snapshot.h"
#include "ui/plot/style.h"

/* Data as a run makes them, without a run. The same arguments give the same data. */

/* Shapes of @n_classes flat colours, with two factors: "size" and the circular "hue". */
KinDataset *synthetic_dataset (guint n, guint size, guint channels, guint n_classes);
KinHistory *synthetic_history (guint epochs, guint steps_per_epoch);

/* Cosines of random unit rows; the two views of a pair are near each other. */
KinSimilarity *synthetic_similarity (guint N, guint n_images);

/* A map of one heap a class. */
KinEmbedding *synthetic_embedding (const KinDataset *dataset);

/* What a plot draws itself on: a surface painted with the card, in the tests' own pixels. */
typedef struct
{
  cairo_surface_t *surface;
  cairo_t *cr;
  KinPlotStyle style;
} Sheet;

Sheet sheet_new (int width, int height, gboolean is_dark);

/* Fails when cairo is in an error state. */
void sheet_check (Sheet *sheet);
void sheet_clear (Sheet *sheet);
guint32 sheet_pixel (Sheet *sheet, double x, double y); /* 0xRRGGBB */

/* How many pixels differ from the card. */
guint sheet_inked (Sheet *sheet);

/* The largest difference of a channel, in 1/255. */
int color_distance (guint32 pixel, KinColor color);
