#define KIN_KERNELS kin_kernels_avx2
#define KIN_KERNELS_ISA KIN_ISA_AVX2
#include "engine/kernels/kernels-body.h"
