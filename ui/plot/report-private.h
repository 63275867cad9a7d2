#pragma once

#include "ui/plot/report.h"

G_BEGIN_DECLS

/* What the page is written from; everything is borrowed. */
typedef struct
{
  const KinDataset *dataset;
  const KinConfig *config;
  const KinHistory *history;
  const KinSimilarity *similarity; /* (nullable) */
  const KinEmbedding *embedding;   /* (nullable) */
} KinReport;

char *kin_report_page (const KinReport *report);

/**
 * kin_report_command:
 *
 * Returns: (transfer full): the command line that does this run again; the policy is a preset's name, or policy.txt of
 *   the report
 */
char *kin_report_command (const KinConfig *config);

G_END_DECLS
