#pragma once

#include "engine/snapshot.h"

G_BEGIN_DECLS

/**
 * KinMailbox:
 *
 * One slot between the thread that trains and the one that looks on. Each side exchanges what is in the slot, so the
 * reference travels with the pointer, nobody waits, and the newest snapshot wins. What must not be lost (samples,
 * evaluations, events) is carried over: the trainer takes its own undelivered snapshot back before it posts the next.
 */
typedef struct
{
  gpointer slot; /* KinSnapshot, or NULL */
} KinMailbox;

/**
 * kin_mailbox_post:
 * @snapshot: (transfer full): not changed any more by the caller; may be given samples of an undelivered one here
 *
 * For the one thread that posts.
 */
void kin_mailbox_post (KinMailbox *mailbox, KinSnapshot *snapshot);

/**
 * kin_mailbox_take:
 *
 * For the one thread that looks. Returns: (transfer full) (nullable)
 */
KinSnapshot *kin_mailbox_take (KinMailbox *mailbox);

G_END_DECLS
