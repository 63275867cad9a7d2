#include "ui/skipped-dialog.h"

#include <glib/gi18n.h>

struct _KinSkippedDialog
{
  GtkWindow parent;
  GtkWidget *summary, *list;
  char *text; /* for the clipboard */
};

G_DEFINE_FINAL_TYPE (KinSkippedDialog, kin_skipped_dialog, GTK_TYPE_WINDOW)

static void
on_copy (GtkButton *button, KinSkippedDialog *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), self->text);
}

static GtkWidget *
new_label (GtkListItem *item, gboolean is_reason)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), is_reason);
  gtk_label_set_ellipsize (GTK_LABEL (label), is_reason ? PANGO_ELLIPSIZE_NONE : PANGO_ELLIPSIZE_MIDDLE);
  if (is_reason)
    gtk_widget_add_css_class (label, "dim-label");
  return label;
}

static void
on_setup (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  gtk_box_append (GTK_BOX (box), new_label (item, FALSE));
  gtk_box_append (GTK_BOX (box), new_label (item, TRUE));
  gtk_list_item_set_child (item, box);
}

/* A line of the model is "path\nreason". */
static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  GtkWidget *path = gtk_widget_get_first_child (gtk_list_item_get_child (item));
  GtkWidget *reason = gtk_widget_get_next_sibling (path);
  g_auto (GStrv) parts = g_strsplit (gtk_string_object_get_string (gtk_list_item_get_item (item)), "\n", 2);

  gtk_label_set_text (GTK_LABEL (path), parts[0]);
  gtk_label_set_text (GTK_LABEL (reason), parts[0] == NULL ? NULL : parts[1]);
  gtk_widget_set_tooltip_text (path, parts[0]);
}

static void
fill (KinSkippedDialog *self, const KinDataset *dataset)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkStringList *files = gtk_string_list_new (NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *summary = g_strdup_printf (
    g_dngettext (GETTEXT_PACKAGE, "%u file of this folder could not be read and was left out.",
                 "%u files of this folder could not be read and were left out.", dataset->n_skipped),
    dataset->n_skipped);

  for (guint i = 0; i < dataset->n_skipped; i++)
    {
      g_autofree char *path = g_utf8_make_valid (dataset->skipped[i].path, -1);
      g_autofree char *reason = g_utf8_make_valid (dataset->skipped[i].reason, -1);
      g_autofree char *line = NULL;

      g_strdelimit (path, "\n", ' ');
      line = g_strdup_printf ("%s\n%s", path, reason);
      gtk_string_list_append (files, line);
      g_string_append_printf (text, "%s\t%s\n", path, reason);
    }
  g_signal_connect (factory, "setup", G_CALLBACK (on_setup), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind), NULL);
  gtk_list_view_set_factory (GTK_LIST_VIEW (self->list), factory);
  g_object_unref (factory);
  gtk_list_view_set_model (GTK_LIST_VIEW (self->list),
                           GTK_SELECTION_MODEL (gtk_no_selection_new (G_LIST_MODEL (files))));
  gtk_label_set_text (GTK_LABEL (self->summary), summary);
  self->text = g_strdup (text->str);
}

static void
kin_skipped_dialog_finalize (GObject *object)
{
  g_free (KIN_SKIPPED_DIALOG (object)->text);
  G_OBJECT_CLASS (kin_skipped_dialog_parent_class)->finalize (object);
}

static void
kin_skipped_dialog_class_init (KinSkippedDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = kin_skipped_dialog_finalize;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/kindred/Kindred/ui/skipped-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, KinSkippedDialog, summary);
  gtk_widget_class_bind_template_child (widget_class, KinSkippedDialog, list);
  gtk_widget_class_bind_template_callback (widget_class, on_copy);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
kin_skipped_dialog_init (KinSkippedDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
kin_skipped_dialog_new (GtkWindow *parent, const KinDataset *dataset)
{
  KinSkippedDialog *self = g_object_new (KIN_TYPE_SKIPPED_DIALOG, "transient-for", parent, NULL);

  fill (self, dataset);
  return GTK_WIDGET (self);
}
