#include <glib/gi18n.h>

#include "ui/dataset-chooser.h"
#include "ui/map-pane.h"
#include "ui/plot/report.h"
#include "ui/skipped-dialog.h"
#include "ui/window-private.h"

static void
on_play (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KinWindow *self = KIN_WINDOW (widget);

  if (kin_session_is_playing (self->session))
    kin_session_pause (self->session);
  else
    kin_session_play (self->session);
}

static void
on_step (GtkWidget *widget, const char *name, GVariant *parameter)
{
  kin_session_step (KIN_WINDOW (widget)->session);
}

static void
on_restart (GtkWidget *widget, const char *name, GVariant *parameter)
{
  kin_session_restart (KIN_WINDOW (widget)->session, g_str_equal (name, "win.restart"));
}

static void
on_cancel_loading (GtkWidget *widget, const char *name, GVariant *parameter)
{
  kin_session_cancel_loading (KIN_WINDOW (widget)->session);
}

static void
on_dismiss_error (GtkWidget *widget, const char *name, GVariant *parameter)
{
  kin_session_dismiss_error (KIN_WINDOW (widget)->session);
}

static void
on_open_shapes (GtkWidget *widget, const char *name, GVariant *parameter)
{
  kin_session_open_source (KIN_WINDOW (widget)->session, "shapes");
}

typedef void (*PathFunc) (KinWindow *self, const char *path);

/* GTK's own chooser, or the desktop's; it lives as long as the question. */
static void
on_path_chosen (GtkNativeDialog *dialog, int response, KinWindow *self)
{
  PathFunc use = (PathFunc) g_object_get_data (G_OBJECT (dialog), "use");
  g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  g_autofree char *path = file == NULL ? NULL : g_file_get_path (file);

  if (response == GTK_RESPONSE_ACCEPT && path == NULL)
    kin_window_tell (self, _ ("Only folders and files of this computer can be opened."));
  else if (response == GTK_RESPONSE_ACCEPT)
    use (self, path);
  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);
}

static void
choose_path (KinWindow *self, const char *title, GtkFileChooserAction action, const char *accept, const char *suggested,
             PathFunc use)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (title, GTK_WINDOW (self), action, accept, NULL);

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  if (suggested != NULL)
    gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), suggested);
  g_object_set_data (G_OBJECT (dialog), "use", (gpointer) use);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_path_chosen), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
open_folder (KinWindow *self, const char *path)
{
  kin_session_open_source (self->session, path);
}

static void
on_open_folder (GtkWidget *widget, const char *name, GVariant *parameter)
{
  choose_path (KIN_WINDOW (widget), _ ("Open a folder of images"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("_Open"),
               NULL, open_folder);
}

static void
open_run (KinWindow *self, const char *path)
{
  kin_session_load_run (self->session, path);
}

static void
on_open_run (GtkWidget *widget, const char *name, GVariant *parameter)
{
  choose_path (KIN_WINDOW (widget), _ ("Open the folder of a run"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("_Open"),
               NULL, open_run);
}

static void
save_run (KinWindow *self, const char *path)
{
  kin_session_save_run (self->session, path);
}

static char *
file_name (KinWindow *self, const char *what)
{
  const KinDataset *dataset = kin_session_get_dataset (self->session);
  char *name = g_strdup_printf ("%s-%s", dataset == NULL ? "kindred" : dataset->name, what);

  return g_strdelimit (name, "/\\", '-');
}

static void
on_save_run (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KinWindow *self = KIN_WINDOW (widget);
  g_autofree char *suggested = file_name (self, "run");

  choose_path (self, _ ("Save the run into a folder"), GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Save"), suggested, save_run);
}

static void
export_pane (KinWindow *self, const char *path)
{
  static const char *const stems[KIN_N_PANES] = { "views", "similarity", "curves", "map" };
  const char *what = g_object_get_data (G_OBJECT (self), "export");
  g_autofree char *told = g_strdup_printf (_ ("Written: %s"), path);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < KIN_N_PANES; i++)
    if (g_str_has_prefix (what, stems[i]) && what[strlen (stems[i])] == '.')
      {
        gboolean is_done = kin_view_pane_export (kin_window_get_pane (self, i), path, &error);

        kin_window_tell (self, is_done ? told : error->message);
      }
}

static void
on_export (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KinWindow *self = KIN_WINDOW (widget);
  const char *what = g_variant_get_string (parameter, NULL);
  g_autofree char *suggested = file_name (self, what);

  g_object_set_data_full (G_OBJECT (self), "export", g_strdup (what), g_free);
  choose_path (self, _ ("Export the view"), GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Export"), suggested, export_pane);
}

/* What a report is made of, as it was when it was asked for. */
typedef struct
{
  char *path;
  KinDataset *dataset;
  KinConfig *config;
  KinHistory *history;
  KinSimilarity *similarity;
  KinEmbedding *embedding;
} Report;

static void
report_free (gpointer data)
{
  Report *report = data;

  g_free (report->path);
  kin_dataset_unref (report->dataset);
  kin_config_free (report->config);
  kin_history_free (report->history);
  g_clear_pointer (&report->similarity, kin_similarity_unref);
  g_clear_pointer (&report->embedding, kin_embedding_unref);
  g_free (report);
}

static Report *
report_new (KinSession *session, const char *path)
{
  const KinHistory *history = kin_session_get_history (session);
  KinSimilarity *similarity = kin_session_get_similarity (session);
  KinEmbedding *embedding = kin_session_get_embedding (session);
  Report *report = g_new0 (Report, 1);

  report->path = g_strdup (path);
  report->dataset = kin_dataset_ref (kin_session_get_dataset (session));
  report->config = kin_config_copy (kin_session_get_config (session));
  report->history = kin_history_new ();
  g_array_append_vals (report->history->samples, history->samples->data, history->samples->len);
  g_array_append_vals (report->history->evaluations, history->evaluations->data, history->evaluations->len);
  report->similarity = similarity == NULL ? NULL : kin_similarity_ref (similarity);
  report->embedding = embedding == NULL ? NULL : kin_embedding_ref (embedding);
  return report;
}

static void
write_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Report *report = data;
  GError *error = NULL;

  if (kin_report_write (report->path, report->dataset, report->config, report->history, report->similarity,
                        report->embedding, &error))
    g_task_return_pointer (task, g_strdup_printf (_ ("Written: %s/index.html"), report->path), g_free);
  else
    g_task_return_error (task, error);
}

static void
on_report_written (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *told = g_task_propagate_pointer (G_TASK (result), &error);

  kin_window_tell (KIN_WINDOW (source), told == NULL ? error->message : told);
}

/* In a thread of its own: drawing all views twice takes longer than a frame. */
static void
write_report (KinWindow *self, const char *path)
{
  g_autoptr (GTask) task = NULL;

  if (kin_session_get_dataset (self->session) == NULL || kin_session_get_config (self->session) == NULL)
    return;
  task = g_task_new (self, NULL, on_report_written, NULL);
  g_task_set_task_data (task, report_new (self->session, path), report_free);
  g_task_run_in_thread (task, write_in_thread);
}

static void
on_write_report (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KinWindow *self = KIN_WINDOW (widget);
  g_autofree char *suggested = file_name (self, "report");

  choose_path (self, _ ("Write a report into a folder"), GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Write"), suggested,
               write_report);
}

static void
on_choose_dataset (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gtk_window_present (GTK_WINDOW (kin_dataset_chooser_new (GTK_WINDOW (widget), KIN_WINDOW (widget)->session)));
}

static void
on_show_skipped (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KinDataset *dataset = kin_session_get_dataset (KIN_WINDOW (widget)->session);

  if (dataset != NULL)
    gtk_window_present (GTK_WINDOW (kin_skipped_dialog_new (GTK_WINDOW (widget), dataset)));
}

static void
on_fill (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KinWindow *self = KIN_WINDOW (widget);
  guint pane = (guint) g_variant_get_int32 (parameter);

  g_object_set (self, "filled", self->filled == pane ? 0 : MIN (pane, KIN_N_PANES), NULL);
}

static void
on_restore (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KinWindow *self = KIN_WINDOW (widget);

  if (self->filled != 0)
    g_object_set (self, "filled", 0, NULL);
  else if (gtk_window_is_fullscreen (GTK_WINDOW (self)))
    gtk_window_unfullscreen (GTK_WINDOW (self));
  else
    kin_session_select (self->session, KIN_NO_IMAGE);
}

static void
on_fullscreen (GtkWidget *widget, const char *name, GVariant *parameter)
{
  if (gtk_window_is_fullscreen (GTK_WINDOW (widget)))
    gtk_window_unfullscreen (GTK_WINDOW (widget));
  else
    gtk_window_fullscreen (GTK_WINDOW (widget));
}

#define ZOOM_STEP 1.5

static void
on_zoom (GtkWidget *widget, const char *name, GVariant *parameter)
{
  double factor = 0;

  if (g_str_equal (name, "win.zoom-in"))
    factor = ZOOM_STEP;
  else if (g_str_equal (name, "win.zoom-out"))
    factor = 1 / ZOOM_STEP;
  kin_map_pane_zoom (KIN_MAP_PANE (KIN_WINDOW (widget)->map), factor);
}

/* To the image before or after the selected one, round and round. */
static void
on_select (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KinSession *session = KIN_WINDOW (widget)->session;
  const KinDataset *dataset = kin_session_get_dataset (session);
  int n = dataset == NULL ? 0 : (int) dataset->n_images, id = kin_session_get_selected (session);

  if (n == 0)
    return;
  if (g_str_equal (name, "win.select-next"))
    kin_session_select (session, (id + 1) % n);
  else
    kin_session_select (session, id <= 0 ? n - 1 : id - 1);
}

static void
on_find (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KinWindow *self = KIN_WINDOW (widget);

  gtk_menu_button_popup (GTK_MENU_BUTTON (self->find));
  gtk_widget_grab_focus (self->find_text);
}

void
kin_window_update_actions (KinWindow *self)
{
  gboolean has_run, can_play, is_playing;
  char *page;
  const KinDataset *dataset = kin_session_get_dataset (self->session);
  GtkWidget *widget = GTK_WIDGET (self);

  g_object_get (self->session, "has-run", &has_run, "can-play", &can_play, "is-playing", &is_playing, "page", &page,
                NULL);
  gtk_widget_action_set_enabled (widget, "win.play", can_play);
  gtk_widget_action_set_enabled (widget, "win.step", can_play && !is_playing);
  gtk_widget_action_set_enabled (widget, "win.restart", has_run);
  gtk_widget_action_set_enabled (widget, "win.restart-new-seed", has_run);
  gtk_widget_action_set_enabled (widget, "win.save-run", has_run);
  gtk_widget_action_set_enabled (widget, "win.export", has_run);
  gtk_widget_action_set_enabled (widget, "win.write-report", has_run);
  gtk_widget_action_set_enabled (widget, "win.find", dataset != NULL);
  gtk_widget_set_sensitive (self->find, dataset != NULL);
  gtk_widget_action_set_enabled (widget, "win.select-next", dataset != NULL);
  gtk_widget_action_set_enabled (widget, "win.select-previous", dataset != NULL);
  gtk_widget_action_set_enabled (widget, "win.show-skipped", dataset != NULL && dataset->n_skipped > 0);
  gtk_widget_action_set_enabled (widget, "win.cancel-loading", g_strcmp0 (page, "loading") == 0);
  g_free (page);
}

/* Keys without Ctrl are bound on the window, below what has the focus: a digit typed into a field stays a digit. */
static void
add_plain_keys (GtkWidgetClass *class)
{
  gtk_widget_class_add_binding_action (class, GDK_KEY_space, 0, "win.play", NULL);
  gtk_widget_class_add_binding_action (class, GDK_KEY_period, 0, "win.step", NULL);
  gtk_widget_class_add_binding_action (class, GDK_KEY_Escape, 0, "win.restore", NULL);
  gtk_widget_class_add_binding_action (class, GDK_KEY_plus, 0, "win.zoom-in", NULL);
  gtk_widget_class_add_binding_action (class, GDK_KEY_plus, GDK_SHIFT_MASK, "win.zoom-in", NULL);
  gtk_widget_class_add_binding_action (class, GDK_KEY_equal, 0, "win.zoom-in", NULL);
  gtk_widget_class_add_binding_action (class, GDK_KEY_KP_Add, 0, "win.zoom-in", NULL);
  gtk_widget_class_add_binding_action (class, GDK_KEY_minus, 0, "win.zoom-out", NULL);
  gtk_widget_class_add_binding_action (class, GDK_KEY_KP_Subtract, 0, "win.zoom-out", NULL);
  gtk_widget_class_add_binding_action (class, GDK_KEY_0, 0, "win.zoom-all", NULL);
  gtk_widget_class_add_binding_action (class, GDK_KEY_n, 0, "win.select-next", NULL);
  gtk_widget_class_add_binding_action (class, GDK_KEY_p, 0, "win.select-previous", NULL);
  for (int pane = 1; pane <= KIN_N_PANES; pane++)
    gtk_widget_class_add_binding_action (class, GDK_KEY_0 + (guint) pane, 0, "win.fill", "i", pane);
}

void
kin_window_class_install_actions (GtkWidgetClass *class)
{
  gtk_widget_class_install_action (class, "win.play", NULL, on_play);
  gtk_widget_class_install_action (class, "win.step", NULL, on_step);
  gtk_widget_class_install_action (class, "win.restart", NULL, on_restart);
  gtk_widget_class_install_action (class, "win.restart-new-seed", NULL, on_restart);
  gtk_widget_class_install_action (class, "win.cancel-loading", NULL, on_cancel_loading);
  gtk_widget_class_install_action (class, "win.dismiss-error", NULL, on_dismiss_error);
  gtk_widget_class_install_action (class, "win.open-shapes", NULL, on_open_shapes);
  gtk_widget_class_install_action (class, "win.open-folder", NULL, on_open_folder);
  gtk_widget_class_install_action (class, "win.open-run", NULL, on_open_run);
  gtk_widget_class_install_action (class, "win.save-run", NULL, on_save_run);
  gtk_widget_class_install_action (class, "win.export", "s", on_export);
  gtk_widget_class_install_action (class, "win.write-report", NULL, on_write_report);
  gtk_widget_class_install_action (class, "win.choose-dataset", NULL, on_choose_dataset);
  gtk_widget_class_install_action (class, "win.show-skipped", NULL, on_show_skipped);
  gtk_widget_class_install_action (class, "win.fill", "i", on_fill);
  gtk_widget_class_install_action (class, "win.restore", NULL, on_restore);
  gtk_widget_class_install_action (class, "win.fullscreen", NULL, on_fullscreen);
  gtk_widget_class_install_action (class, "win.find", NULL, on_find);
  gtk_widget_class_install_action (class, "win.zoom-in", NULL, on_zoom);
  gtk_widget_class_install_action (class, "win.zoom-out", NULL, on_zoom);
  gtk_widget_class_install_action (class, "win.zoom-all", NULL, on_zoom);
  gtk_widget_class_install_action (class, "win.select-next", NULL, on_select);
  gtk_widget_class_install_action (class, "win.select-previous", NULL, on_select);
  gtk_widget_class_install_property_action (class, "win.shows-experiment", "shows-experiment");
  gtk_widget_class_install_property_action (class, "win.shows-inspector", "shows-inspector");
  add_plain_keys (class);
}
