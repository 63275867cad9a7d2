#include "engine/core/safetensors.h"

#include <glib/gi18n-lib.h>
#include <json-c/json.h>
#include <string.h>

#define METADATA "__metadata__"

enum
{
  PREFIX_BYTES = 8, /* length of the header, unsigned, little endian */
  NESTING_MAX = 8,
};

/* The reference implementation's limit for the header; and 8 GiB for the whole, which no run here comes near. */
static const gsize header_max = 100000000;
static const gsize file_max = (gsize) 1 << 33;

static const struct
{
  const char *name;
  gsize size;
} dtypes[] = {
  [KIN_DTYPE_F32] = { "F32", 4 },
  [KIN_DTYPE_F64] = { "F64", 8 },
  [KIN_DTYPE_I64] = { "I64", 8 },
};

struct _KinSafetensors
{
  GArray *tensors;   /* of KinTensor */
  GHashTable *index; /* name → place in tensors + 1 */
  GHashTable *texts; /* name → text */
  GPtrArray *names;  /* of the texts, in order */
  char *bytes;       /* the file that was read */
  GPtrArray *copies; /* values that lay where their type must not */
};

G_DEFINE_AUTOPTR_CLEANUP_FUNC (json_object, json_object_put)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (json_tokener, json_tokener_free)

static void
tensor_clear (gpointer data)
{
  g_free (((KinTensor *) data)->name);
}

KinSafetensors *
kin_safetensors_new (void)
{
  KinSafetensors *file = g_new0 (KinSafetensors, 1);

  file->tensors = g_array_new (FALSE, TRUE, sizeof (KinTensor));
  g_array_set_clear_func (file->tensors, tensor_clear);
  file->index = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  file->texts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  file->names = g_ptr_array_new_with_free_func (g_free);
  file->copies = g_ptr_array_new_with_free_func (g_free);
  return file;
}

void
kin_safetensors_free (KinSafetensors *file)
{
  if (file == NULL)
    return;
  g_array_unref (file->tensors);
  g_hash_table_unref (file->index);
  g_hash_table_unref (file->texts);
  g_ptr_array_unref (file->names);
  g_ptr_array_unref (file->copies);
  g_free (file->bytes);
  g_free (file);
}

void
kin_safetensors_set_text (KinSafetensors *file, const char *name, const char *text)
{
  if (g_hash_table_replace (file->texts, g_strdup (name), g_strdup (text)))
    g_ptr_array_add (file->names, g_strdup (name));
}

const char *
kin_safetensors_get_text (const KinSafetensors *file, const char *name)
{
  return g_hash_table_lookup (file->texts, name);
}

static void
append (KinSafetensors *file, const KinTensor *tensor)
{
  g_array_append_vals (file->tensors, tensor, 1);
  g_hash_table_insert (file->index, g_strdup (tensor->name), GUINT_TO_POINTER (file->tensors->len));
}

void
kin_safetensors_add (KinSafetensors *file, const char *name, KinDtype dtype, guint rank, const gsize *shape,
                     gconstpointer data)
{
  KinTensor tensor = { .dtype = dtype, .rank = rank, .n = 1, .data = data };

  g_return_if_fail (rank <= KIN_TENSOR_RANK_MAX && strcmp (name, METADATA) != 0);
  g_return_if_fail (kin_safetensors_find (file, name) == NULL);
  for (guint i = 0; i < rank; i++)
    {
      tensor.shape[i] = shape[i];
      tensor.n *= shape[i];
    }
  tensor.name = g_strdup (name);
  append (file, &tensor);
}

const KinTensor *
kin_safetensors_find (const KinSafetensors *file, const char *name)
{
  guint place = GPOINTER_TO_UINT (g_hash_table_lookup (file->index, name));

  return place == 0 ? NULL : &g_array_index (file->tensors, KinTensor, place - 1);
}

guint
kin_safetensors_get_n_tensors (const KinSafetensors *file)
{
  return file->tensors->len;
}

/* Writing */

/* Wider types first, else as they were added: every tensor then lies at a multiple of its own size. */
static int
by_size_then_place (gconstpointer a, gconstpointer b)
{
  const KinTensor *p = *(const KinTensor *const *) a, *q = *(const KinTensor *const *) b;

  if (dtypes[p->dtype].size != dtypes[q->dtype].size)
    return dtypes[p->dtype].size > dtypes[q->dtype].size ? -1 : 1;
  return p < q ? -1 : p > q;
}

static gsize
tensor_bytes (const KinTensor *tensor)
{
  return tensor->n * dtypes[tensor->dtype].size;
}

static json_object *
describe_tensor (const KinTensor *tensor, gsize begin)
{
  json_object *entry = json_object_new_object ();
  json_object *shape = json_object_new_array ();
  json_object *offsets = json_object_new_array ();

  for (guint i = 0; i < tensor->rank; i++)
    json_object_array_add (shape, json_object_new_int64 (tensor->shape[i]));
  json_object_array_add (offsets, json_object_new_int64 (begin));
  json_object_array_add (offsets, json_object_new_int64 (begin + tensor_bytes (tensor)));
  json_object_object_add (entry, "dtype", json_object_new_string (dtypes[tensor->dtype].name));
  json_object_object_add (entry, "shape", shape);
  json_object_object_add (entry, "data_offsets", offsets);
  return entry;
}

static json_object *
describe_file (const KinSafetensors *file, GPtrArray *order)
{
  json_object *header = json_object_new_object ();
  gsize begin = 0;

  if (file->names->len > 0)
    {
      json_object *texts = json_object_new_object ();

      for (guint i = 0; i < file->names->len; i++)
        {
          const char *name = g_ptr_array_index (file->names, i);

          json_object_object_add (texts, name, json_object_new_string (kin_safetensors_get_text (file, name)));
        }
      json_object_object_add (header, METADATA, texts);
    }
  for (guint i = 0; i < order->len; i++)
    {
      const KinTensor *tensor = g_ptr_array_index (order, i);

      json_object_object_add (header, tensor->name, describe_tensor (tensor, begin));
      begin += tensor_bytes (tensor);
    }
  return header;
}

gboolean
kin_safetensors_write (const KinSafetensors *file, const char *path, GError **error)
{
  g_autoptr (KinFileWriter) writer = kin_file_writer_new (path, error);
  g_autoptr (GPtrArray) order = g_ptr_array_new ();
  g_autoptr (json_object) header = NULL;
  const char *text;
  size_t length;
  guint64 padded;

  if (writer == NULL)
    return FALSE;
  for (guint i = 0; i < file->tensors->len; i++)
    g_ptr_array_add (order, &g_array_index (file->tensors, KinTensor, i));
  g_ptr_array_sort (order, by_size_then_place);
  header = describe_file (file, order);
  text = json_object_to_json_string_length (header, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &length);

  padded = GUINT64_TO_LE ((guint64) (length + 7) / 8 * 8);
  kin_file_writer_write (writer, &padded, sizeof padded);
  kin_file_writer_write (writer, text, length);
  kin_file_writer_write (writer, "       ", (8 - length % 8) % 8);
  for (guint i = 0; i < order->len; i++)
    {
      const KinTensor *tensor = g_ptr_array_index (order, i);

      kin_file_writer_write (writer, tensor->data, tensor_bytes (tensor));
    }
  return kin_file_writer_commit (writer, error);
}

/* Reading */

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

/* Returns: the end of the string that begins at @quote, behind its closing quote. The text is known to be good JSON. */
static const char *
skip_string (const char *quote)
{
  const char *at = quote + 1;

  while (*at != '"')
    at += *at == '\\' ? 2 : 1;
  return at + 1;
}

/* json-c keeps the last of two members of one name and says nothing, cuts a name at a zero, and takes single quotes.
 * Each would let a file mean one thing here and another elsewhere, so names are looked at once more in the text, which
 * json-c has found well formed by now. */
static gboolean
check_names (const char *text, GError **error)
{
  g_autoptr (GPtrArray) levels = g_ptr_array_new_with_free_func ((GDestroyNotify) g_hash_table_unref);
  const char *end;

  for (const char *at = text; *at != '\0'; at = end)
    {
      end = at + 1;
      if (*at == '{' || *at == '[')
        g_ptr_array_add (levels, g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL));
      else if (*at == '}' || *at == ']')
        g_ptr_array_set_size (levels, levels->len - 1);
      else if (*at == '\'')
        return fail (error, _("its header is not JSON: a name in single quotes at byte %" G_GSIZE_FORMAT),
                     (gsize) (at - text));
      else if (*at == '"')
        {
          const char *colon = end = skip_string (at);
          g_autofree char *raw = g_strndup (at, end - at);
          g_autoptr (json_object) name = NULL;

          while (g_ascii_isspace (*colon))
            colon++;
          if (*colon != ':')
            continue;
          name = json_tokener_parse (raw);
          if (strlen (json_object_get_string (name)) != (gsize) json_object_get_string_len (name))
            return fail (error, _("a name in its header holds a zero"));
          if (!g_hash_table_add (g_ptr_array_index (levels, levels->len - 1),
                                 g_strdup (json_object_get_string (name))))
            return fail (error, _("its header has the name “%s” twice"), json_object_get_string (name));
        }
    }
  return TRUE;
}

/* A whole number in [0, @max]. */
static gboolean
get_size (json_object *value, gsize max, gsize *size)
{
  gint64 number;

  if (!json_object_is_type (value, json_type_int))
    return FALSE;
  number = json_object_get_int64 (value);
  if (number < 0 || (guint64) number > max)
    return FALSE;
  *size = number;
  return TRUE;
}

static gboolean
read_dtype (KinTensor *tensor, json_object *entry, GError **error)
{
  json_object *dtype;

  if (!json_object_object_get_ex (entry, "dtype", &dtype) || !json_object_is_type (dtype, json_type_string))
    return fail (error, _("tensor “%s” has no dtype"), tensor->name);
  for (guint i = 0; i < G_N_ELEMENTS (dtypes); i++)
    if (strcmp (json_object_get_string (dtype), dtypes[i].name) == 0)
      {
        tensor->dtype = i;
        return TRUE;
      }
  return fail (error, _("tensor “%s” is of dtype “%.20s”; F32, F64 and I64 are read"), tensor->name,
               json_object_get_string (dtype));
}

/* Zeros are left out of the product that is compared with the bytes there are, so that no order of sizes overflows. */
static gboolean
read_shape (KinTensor *tensor, json_object *entry, gsize n_bytes, GError **error)
{
  gsize n_max = n_bytes / dtypes[tensor->dtype].size;
  gboolean is_empty = FALSE;
  json_object *shape;

  if (!json_object_object_get_ex (entry, "shape", &shape) || !json_object_is_type (shape, json_type_array))
    return fail (error, _("tensor “%s” has no shape"), tensor->name);
  if (json_object_array_length (shape) > KIN_TENSOR_RANK_MAX)
    return fail (error, _("tensor “%s” has %" G_GSIZE_FORMAT " dimensions; at most %d are read"), tensor->name,
                 (gsize) json_object_array_length (shape), KIN_TENSOR_RANK_MAX);
  tensor->rank = json_object_array_length (shape);
  tensor->n = 1;
  for (guint i = 0; i < tensor->rank; i++)
    {
      json_object *size = json_object_array_get_idx (shape, i);

      if (!get_size (size, G_MAXSSIZE, &tensor->shape[i]))
        return fail (error, _("tensor “%s” has the size %.40s; a whole number of 0 or more would be right"),
                     tensor->name, json_object_to_json_string (size));
      is_empty |= tensor->shape[i] == 0;
      if (tensor->shape[i] > G_MAXSSIZE / 8 / tensor->n)
        return fail (error, _("tensor “%s” has a shape of more values than can be counted"), tensor->name);
      tensor->n *= MAX (tensor->shape[i], 1);
    }
  if (is_empty)
    tensor->n = 0;
  if (tensor->n != n_max || n_bytes % dtypes[tensor->dtype].size != 0)
    return fail (error, _("tensor “%s” needs %" G_GSIZE_FORMAT " bytes for its shape and has %" G_GSIZE_FORMAT),
                 tensor->name, tensor_bytes (tensor), n_bytes);
  return TRUE;
}

static gboolean
read_offsets (const KinTensor *tensor, json_object *entry, gsize available, gsize *begin, gsize *end, GError **error)
{
  json_object *offsets;

  if (!json_object_object_get_ex (entry, "data_offsets", &offsets) || !json_object_is_type (offsets, json_type_array)
      || json_object_array_length (offsets) != 2)
    return fail (error, _("tensor “%s” has no pair of data_offsets"), tensor->name);
  if (!get_size (json_object_array_get_idx (offsets, 0), available, begin)
      || !get_size (json_object_array_get_idx (offsets, 1), available, end) || *begin > *end)
    return fail (error, _("tensor “%s” has the data_offsets %.60s; the file has %" G_GSIZE_FORMAT " bytes of values"),
                 tensor->name, json_object_to_json_string_ext (offsets, JSON_C_TO_STRING_PLAIN), available);
  return TRUE;
}

typedef struct
{
  const char *name;
  gsize begin, end;
} Extent;

static int
by_begin (gconstpointer a, gconstpointer b)
{
  const Extent *p = a, *q = b;

  if (p->begin != q->begin)
    return p->begin < q->begin ? -1 : 1;
  return p->end < q->end ? -1 : p->end > q->end;
}

static gboolean
check_overlap (GArray *extents, GError **error)
{
  g_array_sort (extents, by_begin);
  for (guint i = 1; i < extents->len; i++)
    {
      const Extent *before = &g_array_index (extents, Extent, i - 1), *extent = before + 1;

      if (extent->begin < before->end)
        return fail (error, _("tensors “%s” and “%s” overlap at byte %" G_GSIZE_FORMAT), before->name, extent->name,
                     extent->begin);
    }
  return TRUE;
}

/* Another writer may put a tensor at any byte; a double at an odd address is undefined, so it is moved. Only once it is
 * known that no two tensors are the same bytes: the copies then take no more than the file. */
static void
align_values (KinSafetensors *file)
{
  for (guint i = 0; i < file->tensors->len; i++)
    {
      KinTensor *tensor = &g_array_index (file->tensors, KinTensor, i);

      if ((guintptr) tensor->data % dtypes[tensor->dtype].size == 0)
        continue;
      tensor->data = g_memdup2 (tensor->data, tensor_bytes (tensor));
      g_ptr_array_add (file->copies, (gpointer) tensor->data);
    }
}

static gboolean
read_tensor (KinSafetensors *file, const char *name, json_object *entry, const char *values, gsize available,
             GArray *extents, GError **error)
{
  KinTensor tensor = { .name = (char *) name };
  Extent extent;

  if (!json_object_is_type (entry, json_type_object))
    return fail (error, _("tensor “%s” is not described"), name);
  if (!read_dtype (&tensor, entry, error)
      || !read_offsets (&tensor, entry, available, &extent.begin, &extent.end, error)
      || !read_shape (&tensor, entry, extent.end - extent.begin, error))
    return FALSE;
  tensor.data = values + extent.begin;
  tensor.name = g_strdup (name);
  append (file, &tensor);
  extent.name = tensor.name;
  g_array_append_val (extents, extent);
  return TRUE;
}

static gboolean
read_texts (KinSafetensors *file, json_object *texts, GError **error)
{
  if (!json_object_is_type (texts, json_type_object))
    return fail (error, _("its “%s” is not a table of texts"), METADATA);
  json_object_object_foreach (texts, name, text)
    {
      if (!json_object_is_type (text, json_type_string))
        return fail (error, _("“%s” in its “%s” is not a text"), name, METADATA);
      kin_safetensors_set_text (file, name, json_object_get_string (text));
    }
  return TRUE;
}

static json_object *
parse_json (const char *text, GError **error)
{
  g_autoptr (json_tokener) tokener = json_tokener_new_ex (NESTING_MAX);
  g_autoptr (json_object) header = NULL;

  json_tokener_set_flags (tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
  header = json_tokener_parse_ex (tokener, text, -1);
  if (header == NULL)
    {
      fail (error, _("its header is not JSON: %s at byte %" G_GSIZE_FORMAT),
            json_tokener_error_desc (json_tokener_get_error (tokener)), json_tokener_get_parse_end (tokener));
      return NULL;
    }
  if (!json_object_is_type (header, json_type_object))
    {
      fail (error, _("its header is not a table of tensors"));
      return NULL;
    }
  return g_steal_pointer (&header);
}

static gboolean
parse (KinSafetensors *file, gsize length, GError **error)
{
  g_autoptr (json_object) header = NULL;
  g_autoptr (GArray) extents = g_array_new (FALSE, FALSE, sizeof (Extent));
  g_autofree char *text = NULL;
  guint64 size;
  const char *values;

  if (length < PREFIX_BYTES)
    return fail (error, _("it has %" G_GSIZE_FORMAT " bytes, less than the length of a header"), length);
  memcpy (&size, file->bytes, PREFIX_BYTES);
  size = GUINT64_FROM_LE (size);
  if (size > header_max || size > length - PREFIX_BYTES)
    return fail (error, _("its header should be %" G_GUINT64_FORMAT " bytes; at most %" G_GSIZE_FORMAT " are possible"),
                 size, MIN (header_max, length - PREFIX_BYTES));
  text = g_strndup (file->bytes + PREFIX_BYTES, size);
  values = file->bytes + PREFIX_BYTES + size;
  length -= PREFIX_BYTES + size;

  if (strlen (text) != size)
    return fail (error, _("its header holds a zero at byte %" G_GSIZE_FORMAT), (gsize) strlen (text));
  header = parse_json (text, error);
  if (header == NULL || !check_names (text, error))
    return FALSE;
  json_object_object_foreach (header, name, entry)
    if (strcmp (name, METADATA) == 0 ? !read_texts (file, entry, error)
                                     : !read_tensor (file, name, entry, values, length, extents, error))
      return FALSE;
  if (!check_overlap (extents, error))
    return FALSE;
  align_values (file);
  return TRUE;
}

KinSafetensors *
kin_safetensors_read (const char *path, GError **error)
{
  g_autoptr (KinSafetensors) file = kin_safetensors_new ();
  gsize length;

  file->bytes = kin_file_read (path, file_max, &length, error);
  if (file->bytes == NULL)
    return NULL;
  if (!parse (file, length, error))
    {
      g_autofree char *name = g_filename_display_name (path);

      g_prefix_error (error, _("cannot read “%s” as a safetensors file: "), name);
      return NULL;
    }
  return g_steal_pointer (&file);
}
