#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  KIN_ISA_REF,
  KIN_ISA_AVX2,   /* with FMA */
  KIN_ISA_AVX512, /* F, BW, DQ, VL */
} KinIsa;

/**
 * kin_cpu_best_isa:
 *
 * Returns: the widest instruction set of this machine, or the one that the environment's KIN_ISA (`ref`, `avx2`,
 *   `avx512`) names if the machine has it
 */
KinIsa kin_cpu_best_isa (void);
gboolean kin_cpu_has_isa (KinIsa isa);
const char *kin_isa_name (KinIsa isa);

/**
 * kin_cpu_describe:
 *
 * Returns: (transfer full): "AMD EPYC, 2 cores, avx512", for reports of measurements
 */
char *kin_cpu_describe (void);

G_END_DECLS
