#include "engine/kernels/winograd.h"

enum
{
  VECTOR = 16, /* channels: the widest vector of floats */
};

/* Which point each part belongs to, in one dimension, and the how-manieth of it. */
static const guint points_of[2][KIN_WINOGRAD_PARTS_MAX] = { { 0, 1, 2, 3 }, { 0, 0, 1, 2, 2 } };
static const guint slots_of[2][KIN_WINOGRAD_PARTS_MAX] = { { 0, 0, 0, 0 }, { 0, 1, 0, 0, 1 } };
static const guint depths_of[2][KIN_WINOGRAD_POINTS_MAX] = { { 1, 1, 1, 1 }, { 2, 1, 2 } };

/* Rows a power of two apart would fall into the same few places of a cache. */
static gsize
row_length (gsize n)
{
  return n + VECTOR;
}

static gsize
whole_panels (const KinWinograd *winograd, gsize columns)
{
  return (columns + winograd->panel - 1) / winograd->panel * winograd->panel;
}

gboolean
kin_winograd_suits (const KinWindow *window, guint K)
{
  return window->kernel == 3 && window->C % VECTOR == 0 && K % VECTOR == 0;
}

void
kin_winograd_init (KinWinograd *winograd, const KinWindow *window, guint K, guint T, guint panel)
{
  guint kind = window->stride - 1;

  g_assert (window->W <= KIN_WINDOW_LINE_MAX); /* a strip is on the stack */
  *winograd = (KinWinograd){ .window = *window, .K = K, .T = T, .panel = panel, .m_row = row_length (K),
                             .n_parts = kind == 0 ? 4 : 5, .n_points = kind == 0 ? 4 : 3,
                             .step = KIN_WINOGRAD_SIDE * window->stride,
                             .tiles_x = (window->Wo + 1) / KIN_WINOGRAD_SIDE,
                             .tiles_y = (window->Ho + 1) / KIN_WINOGRAD_SIDE };
  for (guint y = 0; y < winograd->n_points; y++)
    for (guint x = 0; x < winograd->n_points; x++)
      {
        KinWinogradPoint *point = &winograd->points[y * winograd->n_points + x];
        gsize depth = (gsize) depths_of[kind][y] * depths_of[kind][x] * window->C;

        *point = (KinWinogradPoint){ .depth = depth, .v_at = winograd->v_size, .v_row = row_length (depth),
                                     .m_at = winograd->m_size, .u_at = winograd->u_size, .du_at = winograd->du_size };
        winograd->v_size += T * point->v_row;
        winograd->m_size += T * winograd->m_row;
        winograd->u_size += MAX (depth * whole_panels (winograd, K), K * whole_panels (winograd, depth));
        winograd->du_size += depth * K;
      }
  for (guint y = 0; y < winograd->n_parts; y++)
    for (guint x = 0; x < winograd->n_parts; x++)
      {
        guint part = y * winograd->n_parts + x, width = depths_of[kind][points_of[kind][x]];

        winograd->part_point[part] = points_of[kind][y] * winograd->n_points + points_of[kind][x];
        winograd->part_slot[part] = (gsize) (slots_of[kind][y] * width + slots_of[kind][x]) * window->C;
      }
}
