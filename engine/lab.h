#pragma once

#include "engine/command.h"
#include "engine/snapshot.h"

G_BEGIN_DECLS

/**
 * KinLab:
 *
 * Owns the training thread. Commands go in, snapshots come out; neither side ever waits for the other. All functions
 * here are for one thread, the one that made the lab.
 */
typedef struct _KinLab KinLab;

/**
 * kin_lab_new:
 * @notify: called in the main context that was the thread's default when the lab was made, at a priority below
 *   redraw, when a snapshot waits. At most one call is outstanding, however many snapshots are published.
 */
KinLab *kin_lab_new (GSourceFunc notify, gpointer user_data);

/**
 * kin_lab_free:
 *
 * Cancels what is under way (within the time of a layer), ends the thread and waits for it.
 */
void kin_lab_free (KinLab *lab);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KinLab, kin_lab_free)

/**
 * kin_lab_send:
 * @command: (transfer full)
 *
 * Returns: the serial that the event which answers it will carry
 */
guint64 kin_lab_send (KinLab *lab, KinCommand *command);

/**
 * kin_lab_take:
 *
 * Returns: (transfer full) (nullable): the newest snapshot, with all samples, evaluations and events since the last
 *   one taken; NULL when nothing is new
 */
KinSnapshot *kin_lab_take (KinLab *lab);

G_END_DECLS
