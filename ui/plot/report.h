#pragma once

#include "engine/config.h"
#include "engine/embedding.h"
#include "engine/history.h"

G_BEGIN_DECLS

/**
 * kin_report_write:
 * @folder: made when it is not there; its files of the same names are replaced
 * @history: may be empty
 * @similarity: (nullable): the last batch
 * @embedding: (nullable): with a map
 *
 * The four views (curves, similarity, map, pairs) as PNG and SVG, their numbers as CSV, and index.html, which shows and
 * explains them, with no script and nothing from elsewhere. index.html is written last. A view of which there are no
 * data is drawn as its empty state, and the page says so.
 */
gboolean kin_report_write (const char *folder, const KinDataset *dataset, const KinConfig *config,
                           const KinHistory *history, const KinSimilarity *similarity, const KinEmbedding *embedding,
                           GError **error);

G_END_DECLS
