#include "engine/train/schedule.h"

#include <math.h>

double
kin_schedule_rate (KinSchedule schedule, double rate, guint64 step, guint64 total, guint64 warmup)
{
  double done;

  if (step <= warmup)
    return rate * step / warmup;
  if (schedule == KIN_SCHEDULE_CONSTANT || total <= warmup)
    return rate;
  done = MIN ((double) (step - 1 - warmup) / (total - warmup), 1);
  return rate * 0.5 * (1 + cos (G_PI * done));
}
