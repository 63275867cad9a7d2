#pragma once

#include "engine/error.h"

G_BEGIN_DECLS

/**
 * KinFileWriter:
 *
 * A file written beside its name (in the same folder), synced, and renamed over it by kin_file_writer_commit(). Until
 * then the earlier file is untouched, and dropping the writer leaves no trace.
 */
typedef struct _KinFileWriter KinFileWriter;

KinFileWriter *kin_file_writer_new (const char *path, GError **error);

/* Errors are kept: the first one is reported by commit. */
void kin_file_writer_write (KinFileWriter *writer, gconstpointer data, gsize length);
void kin_file_writer_printf (KinFileWriter *writer, const char *format, ...) G_GNUC_PRINTF (2, 3);

/**
 * kin_file_writer_commit:
 *
 * Flushes, syncs, renames, syncs the folder. Returns: FALSE with %KIN_ERROR_FILE naming the file and the reason
 */
gboolean kin_file_writer_commit (KinFileWriter *writer, GError **error);
void kin_file_writer_free (KinFileWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KinFileWriter, kin_file_writer_free)

/**
 * kin_file_write:
 *
 * All of the above for text that is at hand.
 */
gboolean kin_file_write (const char *path, gconstpointer data, gsize length, GError **error);

/**
 * kin_file_read:
 * @limit: largest size that is taken, bytes; over it %KIN_ERROR_TOO_LARGE, before memory is taken
 * @length: (out) (optional)
 *
 * Returns: (transfer full): the bytes, with a 0 behind them that is not counted
 */
char *kin_file_read (const char *path, gsize limit, gsize *length, GError **error);

G_END_DECLS
