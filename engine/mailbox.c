#include "engine/mailbox.h"

/* GLib's atomics are full barriers, but a GLib that is not built for it hides that from ThreadSanitizer; "sealed", an
 * atomic of our own, shows the hand-over to it as well. */
static void
seal (KinSnapshot *snapshot)
{
  __atomic_store_n (&snapshot->sealed, 1, __ATOMIC_RELEASE);
}

static void
unseal (KinSnapshot *snapshot)
{
  if (snapshot != NULL)
    g_assert (__atomic_load_n (&snapshot->sealed, __ATOMIC_ACQUIRE) == 1);
}

/* Puts what @old holds in front of what @new holds. */
static void
carry_over (KinSnapshot *new, KinSnapshot *old)
{
  if (new->run == old->run)
    {
      g_array_prepend_vals (new->samples, old->samples->data, old->samples->len);
      g_array_prepend_vals (new->evaluations, old->evaluations->data, old->evaluations->len);
    }
  for (guint i = 0; i < old->events->len; i++)
    g_ptr_array_insert (new->events, i, g_ptr_array_index (old->events, i));
  g_ptr_array_set_free_func (old->events, NULL); /* they have moved */
  g_ptr_array_set_size (old->events, 0);
  if (new->similarity == NULL && new->run == old->run)
    new->similarity = g_steal_pointer (&old->similarity);
  if (new->embedding == NULL && new->run == old->run)
    new->embedding = g_steal_pointer (&old->embedding);
}

void
kin_mailbox_post (KinMailbox *mailbox, KinSnapshot *snapshot)
{
  KinSnapshot *old = __atomic_exchange_n (&mailbox->slot, NULL, __ATOMIC_ACQ_REL);

  unseal (old);
  if (old != NULL)
    {
      carry_over (snapshot, old);
      kin_snapshot_unref (old);
    }
  seal (snapshot);
  /* The slot is empty: only this thread fills it. */
  old = __atomic_exchange_n (&mailbox->slot, snapshot, __ATOMIC_ACQ_REL);
  g_assert (old == NULL);
}

KinSnapshot *
kin_mailbox_take (KinMailbox *mailbox)
{
  KinSnapshot *snapshot = __atomic_exchange_n (&mailbox->slot, NULL, __ATOMIC_ACQ_REL);

  unseal (snapshot);
  return snapshot;
}
