#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * KinArena:
 *
 * One block of memory, planned before it is taken: reserve what is needed, commit once, then ask where each piece lies.
 * Pieces are 64-byte aligned (a cache line, an AVX-512 vector). Each piece is live during [first, last] of a timeline of
 * the planner's choosing; pieces that are never live together share memory.
 */
typedef struct _KinArena KinArena;

KinArena *kin_arena_new (void);
void kin_arena_free (KinArena *arena);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KinArena, kin_arena_free)

/* Returns: a handle for kin_arena_get(). A piece of 0 bytes is allowed. */
guint kin_arena_reserve (KinArena *arena, gsize bytes, guint first, guint last);

/* For pieces that live as long as the arena. */
guint kin_arena_reserve_always (KinArena *arena, gsize bytes);

/* Places every piece (largest first, lowest free address). Returns: bytes that commit will take */
gsize kin_arena_plan (KinArena *arena);

/* Plans, if that has not been done, and takes the memory, zeroed. */
void kin_arena_commit (KinArena *arena);

/* The same in the memory of @lender, which has been committed, where that is large enough: for two that are never used at
 * the same time. @lender must live as long; nothing is zeroed then. */
void kin_arena_commit_in (KinArena *arena, KinArena *lender);

gpointer kin_arena_get (const KinArena *arena, guint piece);
gsize kin_arena_get_size (const KinArena *arena);

G_END_DECLS
