#pragma once

#include <gtk/gtk.h>

#include "ui/session.h"

G_BEGIN_DECLS

/**
 * KinDatasetChooser:
 *
 * A dialog over kin_sources(): the sets that come with Kindred, a folder, or files; how many images, and how large.
 */
#define KIN_TYPE_DATASET_CHOOSER (kin_dataset_chooser_get_type ())
G_DECLARE_FINAL_TYPE (KinDatasetChooser, kin_dataset_chooser, KIN, DATASET_CHOOSER, GtkWindow)

GtkWidget *kin_dataset_chooser_new (GtkWindow *parent, KinSession *session);

/**
 * kin_dataset_chooser_join_source:
 * @id: of a KinSourceInfo: "FOLDER", "idx:IMAGES[,LABELS]", "cifar10:FILE[,FILE…]", …
 * @paths: NULL-terminated, at least one
 *
 * Returns: (transfer full): a source for KinDataSpec. Of two IDX files the one whose name says "label" is the labels.
 */
char *kin_dataset_chooser_join_source (const char *id, const char *const *paths);

G_END_DECLS
