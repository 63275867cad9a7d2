#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * KinError:
 * @KIN_ERROR_OPTION: an option or parameter has an unknown name or a value out of range
 * @KIN_ERROR_FILE: a file cannot be opened, read or written
 * @KIN_ERROR_FORMAT: a file was read, but what it says cannot be right
 * @KIN_ERROR_TOO_LARGE: a size is over a limit; nothing was allocated
 * @KIN_ERROR_TOO_FEW: not enough images, labels, … for what was asked
 * @KIN_ERROR_DIVERGED: the loss or a parameter is no longer a finite number
 * @KIN_ERROR_CANCELLED: the caller asked to stop
 *
 * Everything that can go wrong through a user or through data. The message names the thing, the value, and what
 * would be right.
 */
typedef enum
{
  KIN_ERROR_OPTION,
  KIN_ERROR_FILE,
  KIN_ERROR_FORMAT,
  KIN_ERROR_TOO_LARGE,
  KIN_ERROR_TOO_FEW,
  KIN_ERROR_DIVERGED,
  KIN_ERROR_CANCELLED,
} KinError;

#define KIN_ERROR (kin_error_quark ())
GQuark kin_error_quark (void);

/**
 * kin_error_excerpt:
 * @text: anything, not even UTF-8
 *
 * Returns: (transfer full): the first 40 characters of @text, valid and printable, to be quoted in a message
 */
char *kin_error_excerpt (const char *text);

/**
 * KinProgressFunc:
 * @fraction: in [0, 1], or negative when the end is not known
 * @what: what is being done, for people; never NULL
 *
 * Called from the thread that does the work, a few times a second. Returns: FALSE to cancel it (the work then ends
 * with %KIN_ERROR_CANCELLED).
 */
typedef gboolean (*KinProgressFunc) (double fraction, const char *what, gpointer user_data);

G_END_DECLS
