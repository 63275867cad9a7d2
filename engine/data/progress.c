#include "engine/data/progress.h"

#include <glib/gi18n-lib.h>

enum
{
  INTERVAL_US = 50000,
};

void
kin_progress_init (KinProgress *progress, KinProgressFunc func, gpointer user_data)
{
  progress->func = func;
  progress->user_data = user_data;
  progress->next_us = 0;
  atomic_init (&progress->is_cancelled, FALSE);
}

gboolean
kin_progress_tell (KinProgress *progress, double fraction, const char *what)
{
  gint64 now_us;

  if (progress->func == NULL)
    return TRUE;
  if (kin_progress_is_cancelled (progress))
    return FALSE;
  now_us = g_get_monotonic_time ();
  if (now_us < progress->next_us)
    return TRUE;
  progress->next_us = now_us + INTERVAL_US;
  if (progress->func (fraction, what, progress->user_data))
    return TRUE;
  atomic_store_explicit (&progress->is_cancelled, TRUE, memory_order_relaxed);
  return FALSE;
}

gboolean
kin_progress_is_cancelled (KinProgress *progress)
{
  return atomic_load_explicit (&progress->is_cancelled, memory_order_relaxed);
}

void
kin_progress_set_error (GError **error)
{
  g_set_error_literal (error, KIN_ERROR, KIN_ERROR_CANCELLED, _("Reading the images was cancelled"));
}
