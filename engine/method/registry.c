#include "engine/method/method.h"

#include <string.h>

/* A new method is one file and one line here. */
static const KinMethod *const methods[] = {
  &kin_method_simclr,
};

const KinMethod *
kin_method_find (const char *id)
{
  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    if (strcmp (methods[i]->info.id, id) == 0)
      return methods[i];
  return NULL;
}

const KinMethodInfo *
kin_methods (guint *n)
{
  static KinMethodInfo infos[G_N_ELEMENTS (methods)];
  static gsize done = 0;

  if (g_once_init_enter (&done))
    {
      for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
        infos[i] = methods[i]->info;
      g_once_init_leave (&done, 1);
    }
  *n = G_N_ELEMENTS (methods);
  return infos;
}
