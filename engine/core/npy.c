#include "engine/core/npy.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "engine/core/file.h"

static const char magic[6] = { '\x93', 'N', 'U', 'M', 'P', 'Y' };

/* 2 GiB of values in double precision: five times Fashion-MNIST's pixels. */
static const gsize values_max = (gsize) 1 << 28;

typedef enum
{
  VALUE_F32,
  VALUE_F64,
  VALUE_I32,
  VALUE_I64,
  VALUE_U8,
} ValueType;

static const struct
{
  const char *descr;
  gsize size;
} value_types[] = {
  [VALUE_F32] = { "<f4", 4 }, [VALUE_F64] = { "<f8", 8 }, [VALUE_I32] = { "<i4", 4 },
  [VALUE_I64] = { "<i8", 8 }, [VALUE_U8] = { "|u1", 1 },
};

typedef struct
{
  ValueType type;
  gboolean has_descr, has_order, has_shape;
  KinNpy array; /* shape and rank only */
} Header;

G_GNUC_PRINTF (2, 3)
static gboolean
fail (GError **error, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  if (error != NULL)
    *error = g_error_new_valist (KIN_ERROR, KIN_ERROR_FORMAT, format, arguments);
  va_end (arguments);
  return FALSE;
}

/* The header is a dictionary written as Python writes it, 0-terminated here. */

static gboolean
take (const char **at, char wanted)
{
  while (g_ascii_isspace (**at))
    (*at)++;
  if (**at != wanted)
    return FALSE;
  (*at)++;
  return TRUE;
}

/* Returns: the text between two quotes of either kind, or NULL. No name or type of NumPy holds a backslash. */
static char *
take_string (const char **at)
{
  char quote = take (at, '\'') ? '\'' : take (at, '"') ? '"' : '\0';
  const char *begin = *at, *end = quote == '\0' ? NULL : strchr (begin, quote);

  if (end == NULL)
    return NULL;
  *at = end + 1;
  return g_strndup (begin, end - begin);
}

static gboolean
take_type (const char **at, ValueType *type, GError **error)
{
  g_autofree char *descr = take_string (at);

  if (descr == NULL)
    return fail (error, _("its values are records; plain numbers can be read"));
  for (guint i = 0; i < G_N_ELEMENTS (value_types); i++)
    if (strcmp (descr, value_types[i].descr) == 0)
      {
        *type = i;
        return TRUE;
      }
  return fail (error, _("values of type “%.20s” are not read; <f4, <f8, <i4, <i8 and |u1 are"), descr);
}

static gboolean
take_order (const char **at, GError **error)
{
  while (g_ascii_isspace (**at))
    (*at)++;
  if (g_str_has_prefix (*at, "True"))
    return fail (error, _("it is in Fortran order; numpy.ascontiguousarray() puts it in C order"));
  if (!g_str_has_prefix (*at, "False"))
    return fail (error, _("“fortran_order” is neither True nor False"));
  *at += strlen ("False");
  return TRUE;
}

static gboolean
take_shape (const char **at, KinNpy *array, GError **error)
{
  if (!take (at, '('))
    return fail (error, _("“shape” is not a tuple"));
  for (array->rank = 0; !take (at, ')'); array->rank++)
    {
      const char *begin;
      char *end;
      guint64 size;

      while (g_ascii_isspace (**at))
        (*at)++;
      begin = *at;
      if (!g_ascii_isdigit (*begin))
        return fail (error, _("“shape” holds “%.20s” where a size of 0 or more should be"), begin);
      if (array->rank == KIN_NPY_RANK_MAX)
        return fail (error, _("it has more than %d dimensions"), KIN_NPY_RANK_MAX);
      size = g_ascii_strtoull (begin, &end, 10);
      if (size > G_MAXSSIZE)
        return fail (error, _("a size of %.*s is out of range"), (int) MIN (end - begin, 40), begin);
      array->shape[array->rank] = size;
      *at = *end == 'L' ? end + 1 : end; /* Python 2 wrote long integers so */
      if (!take (at, ',') && **at != ')')
        return fail (error, _("“shape” is not a tuple"));
    }
  return TRUE;
}

static gboolean
parse_header (const char *text, Header *header, GError **error)
{
  const char *at = text;

  if (!take (&at, '{'))
    return fail (error, _("its header is not a dictionary"));
  while (!take (&at, '}'))
    {
      g_autofree char *key = take_string (&at);
      gboolean *seen;
      gboolean is_good;

      if (key == NULL || !take (&at, ':'))
        return fail (error, _("its header is not a dictionary"));
      if (strcmp (key, "descr") == 0)
        {
          seen = &header->has_descr;
          is_good = take_type (&at, &header->type, error);
        }
      else if (strcmp (key, "fortran_order") == 0)
        {
          seen = &header->has_order;
          is_good = take_order (&at, error);
        }
      else if (strcmp (key, "shape") == 0)
        {
          seen = &header->has_shape;
          is_good = take_shape (&at, &header->array, error);
        }
      else
        return fail (error, _("its header has an unknown entry “%.40s”"), key);
      if (!is_good)
        return FALSE;
      if (*seen)
        return fail (error, _("its header has two entries “%s”"), key);
      *seen = TRUE;
      if (!take (&at, ',') && *at != '}')
        return fail (error, _("its header is not a dictionary"));
    }
  if (!header->has_descr || !header->has_order || !header->has_shape)
    return fail (error, _("its header lacks one of “descr”, “fortran_order” and “shape”"));
  return TRUE;
}

/* Where the header's text lies: 2 bytes of length in format 1, 4 bytes in 2 and 3. */
static gboolean
find_header (const char *bytes, gsize length, gsize *begin, gsize *size, GError **error)
{
  guint8 major;

  if (length < 10 || memcmp (bytes, magic, sizeof magic) != 0)
    return fail (error, _("it does not begin as a NumPy file does"));
  major = bytes[6];
  if (major < 1 || major > 3)
    return fail (error, _("format %u is not known; 1 to 3 are"), major);
  *begin = major == 1 ? 10 : 12;
  if (length < *begin)
    return fail (error, _("it ends inside its header"));
  if (major == 1)
    {
      guint16 little;

      memcpy (&little, bytes + 8, sizeof little);
      *size = GUINT16_FROM_LE (little);
    }
  else
    {
      guint32 little;

      memcpy (&little, bytes + 8, sizeof little);
      *size = GUINT32_FROM_LE (little);
    }
  if (*size > length - *begin)
    return fail (error, _("its header should be %" G_GSIZE_FORMAT " bytes and the file ends before"), *size);
  return TRUE;
}

/* A size of 0 in a later dimension does not excuse an overflow before it: a shape is bounded by its non-zero part. */
static gboolean
count_values (KinNpy *array, GError **error)
{
  gboolean is_empty = FALSE;

  array->n = 1;
  for (guint i = 0; i < array->rank; i++)
    {
      is_empty |= array->shape[i] == 0;
      if (array->shape[i] > values_max / array->n)
        return fail (error, _("its shape has more than %" G_GSIZE_FORMAT " values"), values_max);
      array->n *= MAX (array->shape[i], 1);
    }
  if (is_empty)
    array->n = 0;
  return TRUE;
}

static double
load (const char *bytes, ValueType type)
{
  union
  {
    guint32 u32;
    guint64 u64;
    float f32;
    double f64;
  } value;

  switch (type)
    {
    case VALUE_U8:
      return (guint8) *bytes;
    case VALUE_F32:
    case VALUE_I32:
      memcpy (&value.u32, bytes, 4);
      value.u32 = GUINT32_FROM_LE (value.u32);
      return type == VALUE_F32 ? (double) value.f32 : (double) (gint32) value.u32;
    case VALUE_F64:
    case VALUE_I64:
      memcpy (&value.u64, bytes, 8);
      value.u64 = GUINT64_FROM_LE (value.u64);
      return type == VALUE_F64 ? value.f64 : (double) (gint64) value.u64;
    }
  g_assert_not_reached ();
}

static gboolean
parse (const char *bytes, gsize length, KinNpy *array, GError **error)
{
  gsize begin = 0, size = 0, value_size;
  Header header = { 0 };
  g_autofree char *text = NULL;

  if (!find_header (bytes, length, &begin, &size, error))
    return FALSE;
  text = g_strndup (bytes + begin, size);
  if (!parse_header (text, &header, error) || !count_values (&header.array, error))
    return FALSE;
  begin += size;
  value_size = value_types[header.type].size;
  if (length - begin != header.array.n * value_size)
    return fail (error, _("its shape needs %" G_GSIZE_FORMAT " bytes of values and there are %" G_GSIZE_FORMAT),
                 header.array.n * value_size, length - begin);

  header.array.values = g_try_new (double, MAX (header.array.n, 1));
  if (header.array.values == NULL)
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_TOO_LARGE, _("%" G_GSIZE_FORMAT " values do not fit into memory"),
                   header.array.n);
      return FALSE;
    }
  for (gsize i = 0; i < header.array.n; i++)
    header.array.values[i] = load (bytes + begin + i * value_size, header.type);
  *array = header.array;
  return TRUE;
}

gboolean
kin_npy_read (const char *path, KinNpy *array, GError **error)
{
  gsize length;
  g_autofree char *bytes = kin_file_read (path, values_max * sizeof (double) + 65536, &length, error);

  if (bytes == NULL)
    return FALSE;
  if (!parse (bytes, length, array, error))
    {
      g_autofree char *name = g_filename_display_name (path);

      g_prefix_error (error, _("cannot read “%s” as a NumPy file: "), name);
      return FALSE;
    }
  return TRUE;
}

void
kin_npy_clear (KinNpy *array)
{
  g_clear_pointer (&array->values, g_free);
  *array = (KinNpy){ 0 };
}

/* Format 1.0: the header ends in a line feed and is padded so that the values begin at a multiple of 64. */
static void
write_header (KinFileWriter *writer, ValueType type, guint rank, const gsize *shape)
{
  enum
  {
    PREFIX = 10,
    ALIGNMENT = 64,
  };
  g_autoptr (GString) text = g_string_new (NULL);
  guint16 size;

  g_string_printf (text, "{'descr': '%s', 'fortran_order': False, 'shape': (", value_types[type].descr);
  for (guint i = 0; i < rank; i++)
    g_string_append_printf (text, "%" G_GSIZE_FORMAT ",%s", shape[i], i + 1 < rank ? " " : "");
  g_string_append (text, "), }");
  while ((PREFIX + text->len + 1) % ALIGNMENT != 0)
    g_string_append_c (text, ' ');
  g_string_append_c (text, '\n');

  size = GUINT16_TO_LE ((guint16) text->len);
  kin_file_writer_write (writer, magic, sizeof magic);
  kin_file_writer_write (writer, "\1\0", 2);
  kin_file_writer_write (writer, &size, sizeof size);
  kin_file_writer_write (writer, text->str, text->len);
}

static void
write_values (KinFileWriter *writer, gconstpointer values, gsize n, gsize size)
{
  const char *bytes = values;

  if (G_BYTE_ORDER == G_LITTLE_ENDIAN)
    {
      kin_file_writer_write (writer, bytes, n * size);
      return;
    }
  for (gsize i = 0; i < n; i++)
    for (gsize byte = size; byte > 0; byte--)
      kin_file_writer_write (writer, bytes + i * size + byte - 1, 1);
}

static gboolean
write_array (const char *path, ValueType type, gconstpointer values, guint rank, const gsize *shape, GError **error)
{
  g_autoptr (KinFileWriter) writer = NULL;
  gsize n = 1;

  g_return_val_if_fail (rank <= KIN_NPY_RANK_MAX, FALSE);
  writer = kin_file_writer_new (path, error);
  if (writer == NULL)
    return FALSE;
  for (guint i = 0; i < rank; i++)
    n *= shape[i];
  write_header (writer, type, rank, shape);
  write_values (writer, values, n, value_types[type].size);
  return kin_file_writer_commit (writer, error);
}

gboolean
kin_npy_write_f32 (const char *path, const float *values, guint rank, const gsize *shape, GError **error)
{
  return write_array (path, VALUE_F32, values, rank, shape, error);
}

gboolean
kin_npy_write_f64 (const char *path, const double *values, guint rank, const gsize *shape, GError **error)
{
  return write_array (path, VALUE_F64, values, rank, shape, error);
}
