#pragma once

#include "engine/kernels/window.h"

G_BEGIN_DECLS

/* Winograd's minimal filtering for 3×3 convolutions, two by two outputs at a time. In one dimension, with weights g:
 *
 * stride 1, F(2, 3): four products instead of six,
 *
 *     inputs  d0 d1 d2 d3     parts  d0 - d2,  d1 + d2,  d2 - d1,  d1 - d3
 *     weights                        g0,  (g0 + g1 + g2) / 2,  (g0 - g1 + g2) / 2,  g2
 *     outputs                 y0 = m0 + m1 + m2,   y1 = m1 - m2 - m3
 *
 * stride 2: five instead of six. Even and odd inputs see weights of their own, the odd ones two of them at stride 1, for
 * which F(2, 2) holds; the even ones are added where that adds up anyway,
 *
 *     inputs  d0 … d4         parts  d0 - d2,  d1,  d2,       d4 - d2,  d3
 *     weights                        g0,       g1,  g0 + g2,  g2,       g1
 *     points                         m0 = 0 and 1,  m1 = 2,   m2 = 3 and 4
 *     outputs                 y0 = m0 + m1,   y1 = m1 + m2
 *
 * In two dimensions both are nested: 16 products instead of 36, or 25. A point is a sum over channels and its parts, so
 * for T tiles it is one product of matrices,
 *
 *     M_p (T, K) = V_p (T, depth_p) · U_p (depth_p, K)
 *
 * and back, as everything here is linear in each of its factors,
 *
 *     dU_p = V_pᵀ · dM_p,     dV_p = dM_p · U_pᵀ
 *
 * with the transforms transposed. Source: Lavin & Gray 2016, arXiv:1509.09308; Winograd 1980, Arithmetic complexity of
 * computations, for F(2, 2). */

enum
{
  KIN_WINOGRAD_SIDE = 2, /* outputs of a tile in one dimension */
  KIN_WINOGRAD_PARTS_MAX = 5,
  KIN_WINOGRAD_POINTS_MAX = 4,
};

/* Where a point's matrices begin in their blocks. */
typedef struct
{
  gsize depth;
  gsize v_at, v_row; /* V (T, depth), rows v_row apart */
  gsize m_at;        /* M (T, K) */
  gsize u_at;        /* U (depth, K) or Uᵀ (K, depth), by panels */
  gsize du_at;       /* dU (depth, K) */
} KinWinogradPoint;

typedef struct
{
  KinWindow window;
  guint K, T, panel;
  guint n_parts, n_points;   /* in one dimension */
  guint step;                /* input px from tile to tile */
  guint tiles_x, tiles_y;    /* of an image */
  gsize m_row;
  KinWinogradPoint points[KIN_WINOGRAD_POINTS_MAX * KIN_WINOGRAD_POINTS_MAX];

  /* Part (y, x) is at y · n_parts + x. */
  guint part_point[KIN_WINOGRAD_PARTS_MAX * KIN_WINOGRAD_PARTS_MAX];
  gsize part_slot[KIN_WINOGRAD_PARTS_MAX * KIN_WINOGRAD_PARTS_MAX]; /* first channel of it in its point's depth */

  gsize v_size, m_size, u_size, du_size; /* reals in each block; U and Uᵀ alike */
} KinWinograd;

/**
 * kin_winograd_suits:
 *
 * Returns: whether a convolution to @K channels can be done so: 3×3, with whole vectors of channels
 */
gboolean kin_winograd_suits (const KinWindow *window, guint K);

/**
 * kin_winograd_init:
 * @T: tiles in a block, at most
 * @panel: of the kernels that will work on it
 */
void kin_winograd_init (KinWinograd *winograd, const KinWindow *window, guint K, guint T, guint panel);

G_END_DECLS
