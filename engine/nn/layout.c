#include "engine/nn/layout.h"

static void
slice_clear (gpointer data)
{
  g_free (((KinSlice *) data)->name);
}

KinLayout *
kin_layout_new (void)
{
  KinLayout *layout = g_new0 (KinLayout, 1);

  layout->slices = g_array_new (FALSE, TRUE, sizeof (KinSlice));
  g_array_set_clear_func (layout->slices, slice_clear);
  return layout;
}

void
kin_layout_free (KinLayout *layout)
{
  if (layout == NULL)
    return;
  g_array_unref (layout->slices);
  g_free (layout);
}

guint
kin_layout_add (KinLayout *layout, char *name, guint rank, const gsize *shape, gboolean no_decay)
{
  gsize line = 64 / sizeof (real);
  KinSlice slice = { .name = name, .rank = rank, .n = 1, .offset = layout->n, .no_decay = no_decay };

  g_assert (rank <= KIN_SLICE_RANK_MAX);
  for (guint i = 0; i < rank; i++)
    {
      slice.shape[i] = shape[i];
      slice.n *= shape[i];
    }
  layout->n += (slice.n + line - 1) / line * line;
  g_array_append_val (layout->slices, slice);
  return layout->slices->len - 1;
}

gsize
kin_layout_count (const KinLayout *layout)
{
  gsize n = 0;

  for (guint i = 0; i < layout->slices->len; i++)
    n += kin_layout_get (layout, i)->n;
  return n;
}
