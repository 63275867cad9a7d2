#pragma once

#include "engine/snapshot.h"

G_BEGIN_DECLS

/**
 * KinHistory:
 *
 * The numbers of a run over time, and their two files in the run folder: steps.csv (a row a step) and metrics.csv (a
 * row an evaluation).
 */
typedef struct
{
  GArray *samples;     /* of KinSample, by step */
  GArray *evaluations; /* of KinEvaluation, by step */
} KinHistory;

KinHistory *kin_history_new (void);
void kin_history_free (KinHistory *history);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KinHistory, kin_history_free)

void kin_history_clear (KinHistory *history);

/**
 * kin_history_add_evaluation:
 * @rows: of KinEvaluation, by step
 *
 * Puts @evaluation at its step, in place of one that is there: the untrained encoder may be measured after the first
 * steps, and a step may be measured again.
 */
void kin_history_add_evaluation (GArray *rows, const KinEvaluation *evaluation);

/**
 * kin_history_truncate:
 *
 * Drops all that came after @step: a run that is resumed from a checkpoint goes on from there.
 */
void kin_history_truncate (KinHistory *history, guint64 step);

/* Writes both files, each beside, synced and renamed. */
gboolean kin_history_save (const KinHistory *history, const char *folder, GError **error);

/* A missing file is an empty history; a damaged one is an error that names file and line. */
KinHistory *kin_history_load (const char *folder, GError **error);

G_END_DECLS
