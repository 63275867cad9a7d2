#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * kin_settings_new:
 *
 * The preferences, org.kindred.Kindred. Where the schema is not installed it is looked for beside the executable (a
 * build folder) and in $KIN_SCHEMA_DIR; where it is nowhere, there are no settings that could be kept.
 *
 * Returns: (transfer full) (nullable)
 */
GSettings *kin_settings_new (void);

G_END_DECLS
