#include "engine/core/ids.h"

int
kin_ids_find (const guint32 *ids, guint n, guint32 id)
{
  guint low = 0, high = n;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (ids[middle] < id)
        low = middle + 1;
      else
        high = middle;
    }
  return low < n && ids[low] == id ? (int) low : -1;
}
