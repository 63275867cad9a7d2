#pragma once

#include "engine/data/image.h"

G_BEGIN_DECLS

typedef enum
{
  KIN_PNG_NO,
  KIN_PNG_YES,
  KIN_PNG_UNREADABLE,
} KinPngProbe;

/**
 * kin_png_probe:
 *
 * Returns: whether the first bytes are a PNG's, whatever its name says; %KIN_PNG_UNREADABLE with %KIN_ERROR_FILE when
 *   the file cannot be opened, or with %KIN_ERROR_FORMAT when it is empty
 */
KinPngProbe kin_png_probe (const char *path, GError **error);

/**
 * kin_png_read:
 * @image: (out): 1 channel for gray files, else 3; untouched on failure
 *
 * Every colour type, depth and interlacing; 16 bits are scaled to 8; transparency is laid on white; a gAMA chunk is
 * turned into the 1/2.2 of sRGB unless the file says that it is sRGB. The size in the header is checked against
 * %KIN_IMAGE_PIXELS_MAX and against the length of the file before memory is taken.
 *
 * Source: PNG specification, third edition, 11.2.1 and 13.13.
 */
gboolean kin_png_read (const char *path, KinImage *image, GError **error);

G_END_DECLS
