#pragma once

#include <gtk/gtk.h>

#include "ui/session.h"

G_BEGIN_DECLS

/**
 * KinImageTile:
 *
 * A button that shows one image with a line below it. Pressing it selects the image, pointing at it marks the image in
 * all views.
 */
#define KIN_TYPE_IMAGE_TILE (kin_image_tile_get_type ())
G_DECLARE_FINAL_TYPE (KinImageTile, kin_image_tile, KIN, IMAGE_TILE, GtkButton)

GtkWidget *kin_image_tile_new (KinSession *session, int side_px);
/* @id: image, or -1: an empty tile is not visible; @caption: (nullable) */
void kin_image_tile_set (KinImageTile *self, int id, const char *caption);

G_END_DECLS
