#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * kin_ids_find:
 * @ids: (n), ascending
 *
 * Returns: the place of @id in @ids, or -1
 */
int kin_ids_find (const guint32 *ids, guint n, guint32 id);

G_END_DECLS
