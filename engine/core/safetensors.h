#pragma once

#include "engine/core/file.h"

G_BEGIN_DECLS

#define KIN_TENSOR_RANK_MAX 4

typedef enum
{
  KIN_DTYPE_F32,
  KIN_DTYPE_F64,
  KIN_DTYPE_I64,
} KinDtype;

typedef struct
{
  char *name;
  KinDtype dtype;
  guint rank;
  gsize shape[KIN_TENSOR_RANK_MAX];
  gsize n;            /* values */
  gconstpointer data; /* little endian */
} KinTensor;

/**
 * KinSafetensors:
 *
 * Named arrays and text in one file: 8 bytes length of the header, the header in JSON, the numbers. The form that
 * PyTorch's users load without running code. Source: huggingface/safetensors, README, "Format".
 */
typedef struct _KinSafetensors KinSafetensors;

KinSafetensors *kin_safetensors_new (void);
void kin_safetensors_free (KinSafetensors *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KinSafetensors, kin_safetensors_free)

/* Metadata: free text under a name. Names and text may hold anything that is UTF-8. */
void kin_safetensors_set_text (KinSafetensors *file, const char *name, const char *text);
const char *kin_safetensors_get_text (const KinSafetensors *file, const char *name);

/* @data is borrowed until the file is written or freed. */
void kin_safetensors_add (KinSafetensors *file, const char *name, KinDtype dtype, guint rank, const gsize *shape,
                          gconstpointer data);

/* Returns: (transfer none) (nullable) */
const KinTensor *kin_safetensors_find (const KinSafetensors *file, const char *name);
guint kin_safetensors_get_n_tensors (const KinSafetensors *file);

/* Beside, synced, renamed. */
gboolean kin_safetensors_write (const KinSafetensors *file, const char *path, GError **error);

/**
 * kin_safetensors_read:
 *
 * Every offset, shape and type is checked: tensors lie inside the file, do not overlap, and are as long as their shape
 * says. The tensors' data lives as long as the returned file.
 */
KinSafetensors *kin_safetensors_read (const char *path, GError **error);

G_END_DECLS
