#include "engine/core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum
{
  BUFFER_BYTES = 1 << 16,
  NAME_ATTEMPTS = 100,
};

struct _KinFileWriter
{
  char *path;      /* what is replaced; symbolic links are followed, so that they stay links */
  char *folder;
  char *temporary; /* NULL when there is nothing to remove any more */
  int fd;
  GError *error; /* the first one */
  gsize used;    /* bytes in buffer */
  char buffer[BUFFER_BYTES];
};

static GError *
error_from_errno (const char *format, const char *path, int code)
{
  g_autofree char *name = g_filename_display_name (path);
  g_autofree char *what = g_strdup_printf (format, name);

  return g_error_new (KIN_ERROR, KIN_ERROR_FILE, "%s: %s", what, g_strerror (code));
}

static void
keep_error (KinFileWriter *writer, int code)
{
  if (writer->error == NULL)
    writer->error = error_from_errno (_("cannot write “%s”"), writer->path, code);
}

/* Opens a file of a new name in the folder. Not mkstemp(): that one takes every right from other users, and the file
 * shall have those of any new file. */
static gboolean
open_temporary (KinFileWriter *writer)
{
  for (int attempt = 0; attempt < NAME_ATTEMPTS; attempt++)
    {
      g_autofree char *name = g_strdup_printf (".kindred-%08x%08x.tmp", g_random_int (), g_random_int ());
      g_autofree char *path = g_build_filename (writer->folder, name, NULL);

      writer->fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
      if (writer->fd >= 0)
        {
          writer->temporary = g_steal_pointer (&path);
          return TRUE;
        }
      if (errno != EEXIST)
        return FALSE;
    }
  return FALSE;
}

/* Renaming over a device, a pipe or a folder would take it from those who use it. */
static gboolean
check_target (const char *path, GError **error)
{
  g_autofree char *name = g_filename_display_name (path);
  struct stat status;

  if (*path == '\0')
    {
      g_set_error_literal (error, KIN_ERROR, KIN_ERROR_FILE, _("a file to write needs a name; the name is empty"));
      return FALSE;
    }
  if (g_str_has_suffix (path, G_DIR_SEPARATOR_S) || (stat (path, &status) == 0 && !S_ISREG (status.st_mode)))
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_FILE, _("cannot write “%s”: it is not the name of an ordinary file"),
                   name);
      return FALSE;
    }
  return TRUE;
}

KinFileWriter *
kin_file_writer_new (const char *path, GError **error)
{
  g_autoptr (KinFileWriter) writer = NULL;
  char *resolved;

  g_return_val_if_fail (path != NULL, NULL);
  if (!check_target (path, error))
    return NULL;
  writer = g_new (KinFileWriter, 1);
  resolved = realpath (path, NULL); /* fails when there is no such file yet */
  writer->path = g_strdup (resolved == NULL ? path : resolved);
  free (resolved);
  writer->folder = g_path_get_dirname (writer->path);
  writer->temporary = NULL;
  writer->error = NULL;
  writer->used = 0;
  if (!open_temporary (writer))
    {
      g_propagate_error (error, error_from_errno (_("cannot write “%s”"), path, errno));
      return NULL;
    }
  return g_steal_pointer (&writer);
}

static void
write_out (KinFileWriter *writer, const char *data, gsize length)
{
  while (length > 0 && writer->error == NULL)
    {
      gssize n = write (writer->fd, data, MIN (length, 1 << 30));

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          keep_error (writer, n < 0 ? errno : ENOSPC);
          return;
        }
      data += n;
      length -= n;
    }
}

static void
flush (KinFileWriter *writer)
{
  write_out (writer, writer->buffer, writer->used);
  writer->used = 0;
}

void
kin_file_writer_write (KinFileWriter *writer, gconstpointer data, gsize length)
{
  if (length == 0 || writer->error != NULL)
    return;
  if (length > BUFFER_BYTES - writer->used)
    flush (writer);
  if (length >= BUFFER_BYTES)
    {
      write_out (writer, data, length);
      return;
    }
  memcpy (writer->buffer + writer->used, data, length);
  writer->used += length;
}

void
kin_file_writer_printf (KinFileWriter *writer, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  kin_file_writer_write (writer, text, strlen (text));
}

/* A new name outlives a power cut once its folder is on the disk. A folder that may not be read, and a file system that
 * cannot sync one, are not worth an error: the file is complete under its name. */
static void
sync_folder (KinFileWriter *writer)
{
  int fd = open (writer->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd < 0)
    return;
  if (fsync (fd) != 0 && errno == EIO)
    keep_error (writer, errno);
  close (fd);
}

static void
discard (KinFileWriter *writer)
{
  if (writer->fd >= 0)
    close (writer->fd);
  writer->fd = -1;
  if (writer->temporary != NULL)
    unlink (writer->temporary);
  g_clear_pointer (&writer->temporary, g_free);
}

/* Makes the bytes safe before the name changes hands: the other order may leave an empty file after a power cut. */
static void
replace (KinFileWriter *writer)
{
  int fd = writer->fd;

  flush (writer);
  if (writer->error == NULL && fsync (fd) != 0)
    keep_error (writer, errno);
  if (writer->error != NULL)
    return;
  writer->fd = -1;
  if (close (fd) != 0 || rename (writer->temporary, writer->path) != 0)
    {
      keep_error (writer, errno);
      return;
    }
  g_clear_pointer (&writer->temporary, g_free);
  sync_folder (writer);
}

gboolean
kin_file_writer_commit (KinFileWriter *writer, GError **error)
{
  g_return_val_if_fail (writer->fd >= 0, FALSE);
  replace (writer);
  discard (writer);
  if (writer->error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&writer->error));
  return FALSE;
}

void
kin_file_writer_free (KinFileWriter *writer)
{
  if (writer == NULL)
    return;
  discard (writer);
  g_clear_error (&writer->error);
  g_free (writer->path);
  g_free (writer->folder);
  g_free (writer);
}

gboolean
kin_file_write (const char *path, gconstpointer data, gsize length, GError **error)
{
  g_autoptr (KinFileWriter) writer = kin_file_writer_new (path, error);

  if (writer == NULL)
    return FALSE;
  kin_file_writer_write (writer, data, length);
  return kin_file_writer_commit (writer, error);
}

static GError *
error_too_large (const char *path, gsize limit)
{
  g_autofree char *name = g_filename_display_name (path);

  return g_error_new (KIN_ERROR, KIN_ERROR_TOO_LARGE,
                      _("“%s” is larger than the %" G_GSIZE_FORMAT " bytes that are taken"), name, limit);
}

/* Makes room for more than @capacity bytes, up to one over @limit, which is how a file over the limit is noticed. */
static gboolean
grow (char **bytes, gsize *capacity, gsize limit)
{
  gsize wanted = *capacity < limit / 2 ? 2 * *capacity + BUFFER_BYTES : limit + 1;
  char *larger = g_try_realloc (*bytes, MIN (wanted, limit + 1));

  if (larger == NULL)
    return FALSE;
  *bytes = larger;
  *capacity = MIN (wanted, limit + 1);
  return TRUE;
}

/* Reads to the end. The size that the system tells is a hint: a pipe has none, and a file may grow meanwhile. One byte
 * is always spare, for the 0 behind the last. */
static char *
read_all (int fd, const char *path, gsize hint, gsize limit, gsize *length, GError **error)
{
  gsize capacity = hint + 1, used = 0;
  g_autofree char *bytes = g_try_malloc (capacity);
  gssize n;

  while (bytes != NULL && (n = read (fd, bytes + used, MIN (capacity - used, 1 << 30))) != 0)
    {
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          g_propagate_error (error, error_from_errno (_("cannot read “%s”"), path, errno));
          return NULL;
        }
      used += n;
      if (used > limit)
        {
          g_propagate_error (error, error_too_large (path, limit));
          return NULL;
        }
      if (used == capacity && !grow (&bytes, &capacity, limit))
        g_clear_pointer (&bytes, g_free);
    }
  if (bytes == NULL)
    {
      g_propagate_error (error, error_from_errno (_("cannot read “%s”"), path, ENOMEM));
      return NULL;
    }
  bytes[used] = '\0';
  *length = used;
  return g_steal_pointer (&bytes);
}

char *
kin_file_read (const char *path, gsize limit, gsize *length, GError **error)
{
  struct stat status;
  gsize size = 0;
  char *bytes = NULL;
  int fd;

  g_return_val_if_fail (path != NULL && limit < G_MAXSSIZE, NULL);
  fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || fstat (fd, &status) != 0)
    g_propagate_error (error, error_from_errno (_("cannot read “%s”"), path, errno));
  else if (S_ISDIR (status.st_mode))
    g_propagate_error (error, error_from_errno (_("cannot read “%s”"), path, EISDIR));
  else if (S_ISREG (status.st_mode) && (guint64) status.st_size > limit)
    g_propagate_error (error, error_too_large (path, limit));
  else
    bytes = read_all (fd, path, S_ISREG (status.st_mode) ? status.st_size : 0, limit, &size, error);
  if (fd >= 0)
    close (fd);
  if (bytes != NULL && length != NULL)
    *length = size;
  return bytes;
}
