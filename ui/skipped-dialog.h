#pragma once

#include <gtk/gtk.h>

#include "engine/dataset.h"

G_BEGIN_DECLS

/**
 * KinSkippedDialog:
 *
 * The files of a folder that could not be read, each with its reason; the list can be copied.
 */
#define KIN_TYPE_SKIPPED_DIALOG (kin_skipped_dialog_get_type ())
G_DECLARE_FINAL_TYPE (KinSkippedDialog, kin_skipped_dialog, KIN, SKIPPED_DIALOG, GtkWindow)

GtkWidget *kin_skipped_dialog_new (GtkWindow *parent, const KinDataset *dataset);

G_END_DECLS
