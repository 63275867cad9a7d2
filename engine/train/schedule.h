#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  KIN_SCHEDULE_COSINE,
  KIN_SCHEDULE_CONSTANT,
} KinSchedule;

/**
 * kin_schedule_rate:
 * @step: counted from 1
 * @total: steps of the whole run
 * @warmup: steps
 *
 * Returns: the learning rate of @step: rises linearly to @rate over the warm-up, then stays, or falls to 0 along half a
 *   cosine
 *
 * Source: Loshchilov & Hutter 2017, arXiv:1608.03983, eq. 5, without restarts.
 */
double kin_schedule_rate (KinSchedule schedule, double rate, guint64 step, guint64 total, guint64 warmup);

G_END_DECLS
