#pragma once

#include "ui/view-pane.h"

G_BEGIN_DECLS

/* The similarity matrix of the batch. */
#define KIN_TYPE_SIMILARITY_PANE (kin_similarity_pane_get_type ())
G_DECLARE_FINAL_TYPE (KinSimilarityPane, kin_similarity_pane, KIN, SIMILARITY_PANE, KinViewPane)

G_END_DECLS
