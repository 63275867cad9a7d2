#include "engine/core/cpu.h"

#include <string.h>

gboolean
kin_cpu_has_isa (KinIsa isa)
{
  switch (isa)
    {
    case KIN_ISA_REF:
      return TRUE;
    case KIN_ISA_AVX2:
#if defined(__x86_64__)
      return __builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma");
#else
      return FALSE;
#endif
    case KIN_ISA_AVX512:
#if defined(__x86_64__)
      return __builtin_cpu_supports ("avx512f") && __builtin_cpu_supports ("avx512bw")
             && __builtin_cpu_supports ("avx512dq") && __builtin_cpu_supports ("avx512vl");
#else
      return FALSE;
#endif
    }
  return FALSE;
}

const char *
kin_isa_name (KinIsa isa)
{
  static const char *const names[] = { "ref", "avx2", "avx512" };

  return names[isa];
}

KinIsa
kin_cpu_best_isa (void)
{
  const char *wish = g_getenv ("KIN_ISA");

  for (int isa = KIN_ISA_AVX512; isa >= KIN_ISA_REF; isa--)
    if (kin_cpu_has_isa (isa) && (wish == NULL || strcmp (wish, kin_isa_name (isa)) == 0))
      return isa;
  return KIN_ISA_REF;
}

/* The processor's own name for itself; other systems than Linux go without. */
static char *
dup_model_name (void)
{
  g_autofree char *text = NULL;
  char *line, *end;

  if (!g_file_get_contents ("/proc/cpuinfo", &text, NULL, NULL) || (line = strstr (text, "model name")) == NULL
      || (line = strchr (line, ':')) == NULL)
    return g_strdup ("unknown processor");
  end = strchr (line, '\n');
  return g_strstrip (end == NULL ? g_strdup (line + 1) : g_strndup (line + 1, end - line - 1));
}

char *
kin_cpu_describe (void)
{
  g_autofree char *model = dup_model_name ();

  return g_strdup_printf ("%s, %u cores, %s", model, g_get_num_processors (), kin_isa_name (kin_cpu_best_isa ()));
}
