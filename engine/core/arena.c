#include "engine/core/arena.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum
{
  ALIGNMENT = 64,
  HUGE_PAGE = 2 * 1024 * 1024,
};

typedef struct
{
  gsize bytes, offset;
  guint first, last;
} Piece;

struct _KinArena
{
  GArray *pieces; /* of Piece */
  char *memory;
  gsize size;
  gboolean is_borrowed;
};

KinArena *
kin_arena_new (void)
{
  KinArena *arena = g_new0 (KinArena, 1);

  arena->pieces = g_array_new (FALSE, TRUE, sizeof (Piece));
  return arena;
}

void
kin_arena_free (KinArena *arena)
{
  if (arena == NULL)
    return;
  g_array_unref (arena->pieces);
  if (!arena->is_borrowed)
    free (arena->memory);
  g_free (arena);
}

guint
kin_arena_reserve (KinArena *arena, gsize bytes, guint first, guint last)
{
  Piece piece = { .bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT, .first = first, .last = last };

  g_return_val_if_fail (arena->memory == NULL && first <= last, 0);
  g_array_append_val (arena->pieces, piece);
  return arena->pieces->len - 1;
}

guint
kin_arena_reserve_always (KinArena *arena, gsize bytes)
{
  return kin_arena_reserve (arena, bytes, 0, G_MAXUINT);
}

static int
by_size (gconstpointer a, gconstpointer b)
{
  const Piece *p = *(const Piece *const *) a, *q = *(const Piece *const *) b;

  if (p->bytes != q->bytes)
    return p->bytes > q->bytes ? -1 : 1;
  return p < q ? -1 : p > q;
}

static int
by_offset (gconstpointer a, gconstpointer b)
{
  const Piece *p = *(const Piece *const *) a, *q = *(const Piece *const *) b;

  return p->offset < q->offset ? -1 : p->offset > q->offset;
}

/* Lowest address at which @piece meets none of @placed that it lives together with. */
static gsize
find_place (const Piece *piece, GPtrArray *placed)
{
  gsize offset = 0;

  g_ptr_array_sort (placed, by_offset);
  for (guint i = 0; i < placed->len; i++)
    {
      const Piece *other = g_ptr_array_index (placed, i);

      if (other->last < piece->first || piece->last < other->first)
        continue;
      if (other->offset >= offset + piece->bytes)
        break;
      offset = MAX (offset, other->offset + other->bytes);
    }
  return offset;
}

gsize
kin_arena_plan (KinArena *arena)
{
  g_autoptr (GPtrArray) order = g_ptr_array_new ();
  g_autoptr (GPtrArray) placed = g_ptr_array_new ();

  for (guint i = 0; i < arena->pieces->len; i++)
    g_ptr_array_add (order, &g_array_index (arena->pieces, Piece, i));
  g_ptr_array_sort (order, by_size);
  for (guint i = 0; i < order->len; i++)
    {
      Piece *piece = g_ptr_array_index (order, i);

      piece->offset = find_place (piece, placed);
      arena->size = MAX (arena->size, piece->offset + piece->bytes);
      g_ptr_array_add (placed, piece);
    }
  arena->size = MAX (arena->size, ALIGNMENT);
  return arena->size;
}

void
kin_arena_commit (KinArena *arena)
{
  g_return_if_fail (arena->memory == NULL);
  if (arena->size == 0)
    kin_arena_plan (arena);
  if (arena->size < HUGE_PAGE)
    arena->memory = aligned_alloc (ALIGNMENT, arena->size);
  else
    arena->memory = aligned_alloc (HUGE_PAGE, (arena->size + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE);
  if (arena->memory == NULL)
    g_error ("out of memory: %" G_GSIZE_FORMAT " bytes for one arena", arena->size);
#ifdef MADV_HUGEPAGE
  /* A pass walks through hundreds of megabytes: with large pages, where the system gives them, the processor finds them
   * without looking up an address for every line of an image. */
  if (arena->size >= HUGE_PAGE)
    madvise (arena->memory, arena->size / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE);
#endif
  memset (arena->memory, 0, arena->size);
}

void
kin_arena_commit_in (KinArena *arena, KinArena *lender)
{
  g_return_if_fail (arena->memory == NULL && lender->memory != NULL);
  if (arena->size == 0)
    kin_arena_plan (arena);
  if (arena->size > lender->size)
    {
      kin_arena_commit (arena);
      return;
    }
  arena->memory = lender->memory;
  arena->is_borrowed = TRUE;
}

gpointer
kin_arena_get (const KinArena *arena, guint piece)
{
  g_return_val_if_fail (arena->memory != NULL && piece < arena->pieces->len, NULL);
  return arena->memory + g_array_index (arena->pieces, Piece, piece).offset;
}

gsize
kin_arena_get_size (const KinArena *arena)
{
  return arena->size;
}
