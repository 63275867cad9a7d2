#pragma once

#include "engine/data/image.h"

G_BEGIN_DECLS

/**
 * kin_image_file_read:
 * @image: (out): 3 channels; untouched on failure
 *
 * JPEG, WebP, GIF (first picture), BMP, TIFF, … as far as this machine's gdk-pixbuf has loaders. The EXIF orientation
 * is applied. The size in the header is checked before anything is decoded.
 */
gboolean kin_image_file_read (const char *path, KinImage *image, GError **error);

G_END_DECLS
