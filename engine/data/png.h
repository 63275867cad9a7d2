#pragma once

#include "engine/data/image.h"

G_BEGIN_DECLS

typedef enum
{
  KIN_PNG_READ,
  KIN_PNG_ANOTHER, /* its first bytes are not a PNG's, whatever its name says */
  KIN_PNG_FAILED,
} KinPngResult;

/**
 * kin_png_read:
 * @image: (out): 1 channel for gray files, else 3; untouched on failure
 *
 * Every colour type, depth and interlacing; 16 bits are scaled to 8; transparency is laid on white; a gAMA chunk is
 * turned into the 1/2.2 of sRGB unless the file says that it is sRGB. The size in the header is checked against
 * %KIN_IMAGE_PIXELS_MAX and against the length of the file before memory is taken.
 *
 * Returns: %KIN_PNG_FAILED with %KIN_ERROR_FILE when the file cannot be opened, with %KIN_ERROR_FORMAT when it is empty
 *   or damaged
 *
 * Source: PNG specification, third edition, 11.2.1 and 13.13.
 */
KinPngResult kin_png_read (const char *path, KinImage *image, GError **error);

G_END_DECLS
