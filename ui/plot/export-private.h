#pragma once

#include "ui/plot/export.h"

G_BEGIN_DECLS

/* Beside, synced, renamed: whatever happens, @path holds what it held or all of @data. */
gboolean kin_export_write (const char *path, gconstpointer data, gsize length, GError **error);

G_END_DECLS
