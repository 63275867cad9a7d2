#include "ui/dataset-chooser.h"

#include <glib/gi18n.h>
#include <string.h>

#define SOURCES_MAX 16

/* One line of the list. */
typedef struct
{
  const KinSourceInfo *info;
  GtkWidget *radio, *paths_text;
  char *source; /* NULL until files have been chosen */
} Choice;

struct _KinDatasetChooser
{
  GtkWindow parent;
  KinSession *session;
  GtkWidget *list, *limit, *size, *fit, *open;
  Choice choices[SOURCES_MAX];
  guint n_choices;
  GtkFileChooserNative *dialog;
  Choice *asking; /* whose files are being chosen */
};

G_DEFINE_FINAL_TYPE (KinDatasetChooser, kin_dataset_chooser, GTK_TYPE_WINDOW)

static gboolean
is_folder (const KinSourceInfo *info)
{
  return strchr (info->id, ':') == NULL && !info->is_builtin && strcmp (info->id, "FOLDER") == 0;
}

char *
kin_dataset_chooser_join_source (const char *id, const char *const *paths)
{
  const char *colon = strchr (id, ':');
  g_autofree char *kind = NULL, *joined = NULL, *first = NULL;
  const char *ordered[3] = { paths[0], paths[1], NULL };

  if (colon == NULL)
    return g_strdup (paths[0]);
  kind = g_strndup (id, (gsize) (colon - id));
  first = g_path_get_basename (paths[0]);
  if (strcmp (kind, "idx") == 0 && paths[1] != NULL && strstr (first, "label") != NULL)
    {
      ordered[0] = paths[1];
      ordered[1] = paths[0];
    }
  joined = strcmp (kind, "idx") == 0 ? g_strjoinv (",", (char **) ordered) : g_strjoinv (",", (char **) paths);
  return g_strdup_printf ("%s:%s", kind, joined);
}

static Choice *
chosen (KinDatasetChooser *self)
{
  for (guint i = 0; i < self->n_choices; i++)
    if (gtk_check_button_get_active (GTK_CHECK_BUTTON (self->choices[i].radio)))
      return &self->choices[i];
  return NULL;
}

static void
update (KinDatasetChooser *self)
{
  const Choice *choice = chosen (self);

  gtk_widget_set_sensitive (self->open, choice != NULL && choice->source != NULL);
  gtk_widget_set_sensitive (self->fit, choice != NULL && is_folder (choice->info));
}

static void
take_files (KinDatasetChooser *self, Choice *choice, GListModel *files)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) paths = NULL;
  g_autofree char *names = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (files); i++)
    {
      g_autoptr (GFile) file = g_list_model_get_item (files, i);
      g_autofree char *path = g_file_get_path (file);

      if (path != NULL)
        g_strv_builder_add (builder, path);
    }
  paths = g_strv_builder_end (builder);
  if (paths[0] == NULL)
    return;
  g_free (choice->source);
  choice->source = kin_dataset_chooser_join_source (choice->info->id, (const char *const *) paths);
  names = g_strjoinv (", ", paths);
  gtk_label_set_text (GTK_LABEL (choice->paths_text), names);
  gtk_widget_set_visible (choice->paths_text, TRUE);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (choice->radio), TRUE);
  update (self);
}

static void
on_files_chosen (GtkNativeDialog *dialog, int response, KinDatasetChooser *self)
{
  g_autoptr (GListModel) files = gtk_file_chooser_get_files (GTK_FILE_CHOOSER (dialog));

  if (response == GTK_RESPONSE_ACCEPT)
    take_files (self, self->asking, files);
  gtk_native_dialog_destroy (dialog);
  g_clear_object (&self->dialog);
}

static void
on_browse (GtkButton *button, KinDatasetChooser *self)
{
  gboolean folder;

  for (guint i = 0; i < self->n_choices; i++)
    if (g_object_get_data (G_OBJECT (button), "choice") == &self->choices[i])
      self->asking = &self->choices[i];
  folder = is_folder (self->asking->info);
  g_clear_object (&self->dialog);
  self->dialog = gtk_file_chooser_native_new (_ (self->asking->info->title), GTK_WINDOW (self),
                                              folder ? GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER
                                                     : GTK_FILE_CHOOSER_ACTION_OPEN,
                                              _ ("_Choose"), NULL);
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (self->dialog), !folder);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->dialog), TRUE);
  g_signal_connect_object (self->dialog, "response", G_CALLBACK (on_files_chosen), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->dialog));
}

static void
on_open (GtkButton *button, KinDatasetChooser *self)
{
  const Choice *choice = chosen (self);
  KinDataSpec spec = { 0 };

  if (choice == NULL || choice->source == NULL)
    return;
  spec.source = choice->source;
  spec.limit = (guint) gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (self->limit));
  spec.size = (guint) gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (self->size));
  /* Between 0, the set's own, and the smallest side there is nothing. */
  if (spec.size > 0)
    spec.size = MAX (spec.size, KIN_SIZE_MIN);
  spec.fit = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->fit)) == 1 ? KIN_FIT_FIT : KIN_FIT_FILL;
  kin_session_open (self->session, &spec);
  gtk_window_close (GTK_WINDOW (self));
}

static GtkWidget *
dim_label (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 52);
  gtk_widget_add_css_class (label, "dim-label");
  return label;
}

static void
add_choice (KinDatasetChooser *self, const KinSourceInfo *info)
{
  Choice *choice = &self->choices[self->n_choices];
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);

  choice->info = info;
  choice->radio = gtk_check_button_new_with_label (_ (info->title));
  if (self->n_choices > 0)
    gtk_check_button_set_group (GTK_CHECK_BUTTON (choice->radio), GTK_CHECK_BUTTON (self->choices[0].radio));
  g_signal_connect_swapped (choice->radio, "toggled", G_CALLBACK (update), self);
  choice->paths_text = dim_label (NULL);
  gtk_label_set_ellipsize (GTK_LABEL (choice->paths_text), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_set_visible (choice->paths_text, FALSE);
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_box_append (GTK_BOX (texts), choice->radio);
  gtk_box_append (GTK_BOX (texts), dim_label (_ (info->help)));
  gtk_box_append (GTK_BOX (texts), choice->paths_text);
  gtk_box_append (GTK_BOX (line), texts);
  if (info->is_builtin)
    choice->source = g_strdup (info->id);
  else
    {
      GtkWidget *browse = gtk_button_new_with_label (is_folder (info) ? _ ("Folder…") : _ ("Files…"));

      gtk_widget_set_valign (browse, GTK_ALIGN_CENTER);
      g_object_set_data (G_OBJECT (browse), "choice", choice);
      g_signal_connect (browse, "clicked", G_CALLBACK (on_browse), self);
      gtk_box_append (GTK_BOX (line), browse);
    }
  gtk_box_append (GTK_BOX (self->list), line);
  self->n_choices++;
}

static void
fill_list (KinDatasetChooser *self)
{
  guint n;
  const KinSourceInfo *sources = kin_sources (&n);

  /* What is there at once stands first; a set that is not installed cannot be chosen by its name. */
  for (guint i = 0; i < n && self->n_choices < SOURCES_MAX; i++)
    if (sources[i].is_builtin)
      add_choice (self, &sources[i]);
  for (guint i = 0; i < n && self->n_choices < SOURCES_MAX; i++)
    if (!sources[i].is_builtin && (is_folder (&sources[i]) || strchr (sources[i].id, ':') != NULL))
      add_choice (self, &sources[i]);
  if (self->n_choices > 0)
    gtk_check_button_set_active (GTK_CHECK_BUTTON (self->choices[0].radio), TRUE);
}

static void
kin_dataset_chooser_dispose (GObject *object)
{
  KinDatasetChooser *self = KIN_DATASET_CHOOSER (object);

  if (self->dialog != NULL)
    gtk_native_dialog_destroy (GTK_NATIVE_DIALOG (self->dialog));
  g_clear_object (&self->dialog);
  for (guint i = 0; i < self->n_choices; i++)
    g_clear_pointer (&self->choices[i].source, g_free);
  G_OBJECT_CLASS (kin_dataset_chooser_parent_class)->dispose (object);
  g_clear_object (&self->session);
}

static void
kin_dataset_chooser_class_init (KinDatasetChooserClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = kin_dataset_chooser_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/kindred/Kindred/ui/dataset-chooser.ui");
  gtk_widget_class_bind_template_child (widget_class, KinDatasetChooser, list);
  gtk_widget_class_bind_template_child (widget_class, KinDatasetChooser, limit);
  gtk_widget_class_bind_template_child (widget_class, KinDatasetChooser, size);
  gtk_widget_class_bind_template_child (widget_class, KinDatasetChooser, fit);
  gtk_widget_class_bind_template_child (widget_class, KinDatasetChooser, open);
  gtk_widget_class_bind_template_callback (widget_class, on_open);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
kin_dataset_chooser_init (KinDatasetChooser *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  fill_list (self);
  update (self);
}

static gboolean
is_built_in (KinDatasetChooser *self, const char *source)
{
  for (guint i = 0; i < self->n_choices; i++)
    if (g_strcmp0 (self->choices[i].info->id, source) == 0)
      return TRUE;
  return FALSE;
}

/* "idx:…" of "idx:IMAGES[,LABELS]"; what has no such beginning and no name of its own is a folder. */
static gboolean
is_of_kind (KinDatasetChooser *self, const Choice *choice, const char *source)
{
  const char *colon = strchr (choice->info->id, ':');

  if (colon != NULL)
    return strncmp (choice->info->id, source, (gsize) (colon - choice->info->id) + 1) == 0;
  return is_folder (choice->info) ? !is_built_in (self, source) : strcmp (choice->info->id, source) == 0;
}

static void
show_source (KinDatasetChooser *self, Choice *choice, const char *source)
{
  const char *colon = strchr (choice->info->id, ':');

  gtk_check_button_set_active (GTK_CHECK_BUTTON (choice->radio), TRUE);
  if (choice->source == NULL)
    {
      choice->source = g_strdup (source);
      gtk_label_set_text (GTK_LABEL (choice->paths_text), colon == NULL ? source : strchr (source, ':') + 1);
      gtk_widget_set_visible (choice->paths_text, TRUE);
    }
  update (self);
}

/* Begins with what is open. */
static void
show_config (KinDatasetChooser *self, const KinConfig *config)
{
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->limit), kin_config_get (config, "limit"));
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->size), kin_config_get (config, "size"));
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->fit), (guint) kin_config_get (config, "fit"));
  for (guint i = 0; i < self->n_choices; i++)
    if (is_of_kind (self, &self->choices[i], config->dataset))
      {
        show_source (self, &self->choices[i], config->dataset);
        return;
      }
}

GtkWidget *
kin_dataset_chooser_new (GtkWindow *parent, KinSession *session)
{
  KinDatasetChooser *self = g_object_new (KIN_TYPE_DATASET_CHOOSER, "transient-for", parent, NULL);
  const KinConfig *config = kin_session_get_config (session);

  self->session = g_object_ref (session);
  if (config != NULL)
    show_config (self, config);
  return GTK_WIDGET (self);
}
