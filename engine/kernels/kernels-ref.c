#define KIN_KERNELS kin_kernels_ref
#define KIN_KERNELS_ISA KIN_ISA_REF
#include "engine/kernels/kernels-body.h"
