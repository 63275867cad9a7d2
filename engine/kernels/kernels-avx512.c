#define KIN_KERNELS kin_kernels_avx512
#define KIN_KERNELS_ISA KIN_ISA_AVX512
#include "engine/kernels/kernels-body.h"
