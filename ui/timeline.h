#pragma once

#include "ui/canvas.h"
#include "ui/session.h"

G_BEGIN_DECLS

/**
 * KinTimeline:
 *
 * How far the run is, in epochs: what is done is filled, evaluations are marked.
 *
 * Property: `session`.
 */
#define KIN_TYPE_TIMELINE (kin_timeline_get_type ())
G_DECLARE_FINAL_TYPE (KinTimeline, kin_timeline, KIN, TIMELINE, KinCanvas)

G_END_DECLS
