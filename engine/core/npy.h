#pragma once

#include "engine/error.h"

G_BEGIN_DECLS

#define KIN_NPY_RANK_MAX 4

/* A dense array, row-major. */
typedef struct
{
  guint rank;
  gsize shape[KIN_NPY_RANK_MAX];
  gsize n; /* product of the shape */
  double *values;
} KinNpy;

/**
 * kin_npy_read:
 *
 * Reads a NumPy file, format 1.0 to 3.0, little endian, C order, of float32, float64, int32, int64 or uint8. The shape
 * is checked against the length of the file before memory is taken. Source: numpy.lib.format.
 */
gboolean kin_npy_read (const char *path, KinNpy *array, GError **error);
void kin_npy_clear (KinNpy *array);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (KinNpy, kin_npy_clear)

/* Writes float32 (or float64) of @shape, beside, synced and renamed. */
gboolean kin_npy_write_f32 (const char *path, const float *values, guint rank, const gsize *shape, GError **error);
gboolean kin_npy_write_f64 (const char *path, const double *values, guint rank, const gsize *shape, GError **error);

G_END_DECLS
