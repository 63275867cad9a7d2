#include "engine/kernels/kernels.h"

const KinKernels *
kin_kernels_get_for (KinIsa isa)
{
  if (!kin_cpu_has_isa (isa))
    return NULL;
  switch (isa)
    {
    case KIN_ISA_REF:
      return &kin_kernels_ref;
#ifdef KIN_HAVE_X86_KERNELS
    case KIN_ISA_AVX2:
      return &kin_kernels_avx2;
    case KIN_ISA_AVX512:
      return &kin_kernels_avx512;
#else
    case KIN_ISA_AVX2:
    case KIN_ISA_AVX512:
      return NULL;
#endif
    }
  return NULL;
}

const KinKernels *
kin_kernels_get (void)
{
  const KinKernels *kernels = kin_kernels_get_for (kin_cpu_best_isa ());

  return kernels == NULL ? &kin_kernels_ref : kernels;
}
