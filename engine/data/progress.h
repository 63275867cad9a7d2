#pragma once

#include "engine/error.h"

#include <stdatomic.h>

G_BEGIN_DECLS

/**
 * KinProgress:
 *
 * Carries a KinProgressFunc through a long reading: calls it some twenty times a second at most, from the thread that
 * made it, and remembers its answer for the workers.
 */
typedef struct
{
  KinProgressFunc func;
  gpointer user_data;
  gint64 next_us; /* monotonic time before which nothing is told */
  atomic_bool is_cancelled;
} KinProgress;

void kin_progress_init (KinProgress *progress, KinProgressFunc func, gpointer user_data);

/* Only from the thread that made @progress. Returns: FALSE once the work is to end */
gboolean kin_progress_tell (KinProgress *progress, double fraction, const char *what);

/* From any thread. */
gboolean kin_progress_is_cancelled (KinProgress *progress);

/* Sets %KIN_ERROR_CANCELLED. */
void kin_progress_set_error (GError **error);

G_END_DECLS
