#include "ui/settings.h"

#include <unistd.h>

#define SCHEMA "org.kindred.Kindred"

static GSettingsSchema *
look_up_in (const char *folder)
{
  g_autoptr (GSettingsSchemaSource) source = NULL;

  if (folder == NULL)
    return NULL;
  source = g_settings_schema_source_new_from_directory (folder, g_settings_schema_source_get_default (), TRUE, NULL);
  return source == NULL ? NULL : g_settings_schema_source_lookup (source, SCHEMA, FALSE);
}

static GSettingsSchema *
look_up_beside_executable (void)
{
  g_autofree char *executable = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = executable == NULL ? NULL : g_path_get_dirname (executable);
  g_autofree char *schemas = folder == NULL ? NULL : g_build_filename (folder, "..", "resources", NULL);

  return look_up_in (schemas);
}

GSettings *
kin_settings_new (void)
{
  GSettingsSchemaSource *installed = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema = NULL;

  if (installed != NULL)
    schema = g_settings_schema_source_lookup (installed, SCHEMA, TRUE);
  if (schema == NULL)
    schema = look_up_in (g_getenv ("KIN_SCHEMA_DIR"));
  if (schema == NULL)
    schema = look_up_beside_executable ();
  return schema == NULL ? NULL : g_settings_new_full (schema, NULL, NULL);
}
