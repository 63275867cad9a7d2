#include "ui/experiment-panel.h"

#include <glib/gi18n.h>
#include <string.h>

#include "ui/image-tile.h"
#include "ui/param-row.h"
#include "ui/policy-editor.h"
#include "ui/short-list.h"
#include "ui/text.h"

#define STRIP_IMAGES 8
#define STRIP_PX 24

struct _KinExperimentPanel
{
  GtkWidget parent;
  KinSession *session;
  gboolean is_updating;
  GtkWidget *root, *strip, *data_text, *skipped, *method, *encoder, *encoder_text;
  GtkWidget *method_rows, *encoder_rows, *training_rows, *evaluation_rows, *training_text;
  KinPolicyEditor *policy;
  KinImageTile *tiles[STRIP_IMAGES];
  GPtrArray *rows; /* of KinParamRow, borrowed */
};

G_DEFINE_FINAL_TYPE (KinExperimentPanel, kin_experiment_panel, GTK_TYPE_WIDGET)

enum
{
  PROP_SESSION = 1,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static void
on_row_edited (KinParamRow *row, double value, KinExperimentPanel *self)
{
  if (self->session != NULL && !self->is_updating)
    kin_session_set_param (self->session, kin_param_row_get_spec (row)->id, value);
}

/* Where a row stands. The size of the batch is a part of a contrastive method: it brings the negatives. */
static GtkWidget *
place_of (KinExperimentPanel *self, const KinParamSpec *spec)
{
  if (strcmp (spec->id, "batch") == 0 || strcmp (spec->group, "method") == 0)
    return self->method_rows;
  if (strcmp (spec->group, "encoder") == 0)
    return self->encoder_rows;
  if (strcmp (spec->group, "training") == 0)
    return self->training_rows;
  if (strcmp (spec->group, "evaluation") == 0)
    return self->evaluation_rows;
  return NULL;
}

static void
make_rows (KinExperimentPanel *self)
{
  guint n;
  const KinParamSpec *specs = kin_config_specs (&n);

  for (guint i = 0; i < n; i++)
    {
      GtkWidget *place = place_of (self, &specs[i]);
      GtkWidget *row;

      if (place == NULL)
        continue;
      row = kin_param_row_new (&specs[i]);
      g_signal_connect (row, "edited", G_CALLBACK (on_row_edited), self);
      gtk_box_append (GTK_BOX (place), row);
      g_ptr_array_add (self->rows, row);
    }
}

static void
fill_lists (KinExperimentPanel *self)
{
  guint n;
  const KinMethodInfo *methods = kin_methods (&n);
  g_autoptr (GtkStringList) method_list = gtk_string_list_new (NULL);
  g_autoptr (GtkStringList) encoder_list = gtk_string_list_new (NULL);
  const KinEncoderInfo *encoders;

  for (guint i = 0; i < n; i++)
    gtk_string_list_append (method_list, _ (methods[i].title));
  encoders = kin_encoders (&n);
  for (guint i = 0; i < n; i++)
    gtk_string_list_append (encoder_list, _ (encoders[i].title));
  self->is_updating = TRUE;
  kin_drop_down_shorten (GTK_DROP_DOWN (self->method), 16);
  kin_drop_down_shorten (GTK_DROP_DOWN (self->encoder), 16);
  gtk_drop_down_set_model (GTK_DROP_DOWN (self->method), G_LIST_MODEL (method_list));
  gtk_drop_down_set_model (GTK_DROP_DOWN (self->encoder), G_LIST_MODEL (encoder_list));
  self->is_updating = FALSE;
}

static void
on_method (GtkDropDown *drop_down, GParamSpec *pspec, KinExperimentPanel *self)
{
  guint n, selected = gtk_drop_down_get_selected (drop_down);
  const KinMethodInfo *methods = kin_methods (&n);

  if (!self->is_updating && self->session != NULL && selected < n)
    kin_session_set_method (self->session, methods[selected].id);
}

static void
on_encoder (GtkDropDown *drop_down, GParamSpec *pspec, KinExperimentPanel *self)
{
  guint n, selected = gtk_drop_down_get_selected (drop_down);
  const KinEncoderInfo *encoders = kin_encoders (&n);

  if (!self->is_updating && self->session != NULL && selected < n)
    kin_session_set_encoder (self->session, encoders[selected].id);
}

static void
on_policy (KinPolicyEditor *editor, KinExperimentPanel *self)
{
  if (self->session != NULL)
    kin_session_set_policy (self->session, kin_policy_editor_get_policy (editor));
}

static gboolean
belongs_to (const KinMethodInfo *method, const char *id)
{
  for (guint i = 0; i < method->n_params; i++)
    if (strcmp (method->params[i].id, id) == 0)
      return TRUE;
  return FALSE;
}

static void
show_method (KinExperimentPanel *self, const KinConfig *config)
{
  guint n;
  const KinMethodInfo *methods = kin_methods (&n);

  for (guint i = 0; i < n; i++)
    {
      if (g_strcmp0 (methods[i].id, config->method) != 0)
        continue;
      gtk_drop_down_set_selected (GTK_DROP_DOWN (self->method), i);
      gtk_widget_set_tooltip_text (self->method, _ (methods[i].help));
      for (guint r = 0; r < self->rows->len; r++)
        {
          const KinParamSpec *spec = kin_param_row_get_spec (g_ptr_array_index (self->rows, r));

          if (strcmp (spec->group, "method") == 0)
            gtk_widget_set_visible (g_ptr_array_index (self->rows, r), belongs_to (&methods[i], spec->id));
        }
    }
}

static void
show_encoder (KinExperimentPanel *self, const KinConfig *config)
{
  guint n, n_parameters = kin_session_get_snapshot (self->session)->n_parameters;
  const KinEncoderInfo *encoders = kin_encoders (&n);
  g_autofree char *count = kin_text_count (n_parameters);
  g_autofree char *text = g_strdup_printf (_ ("%s parameters with its head"), count);

  for (guint i = 0; i < n; i++)
    if (g_strcmp0 (encoders[i].id, config->encoder) == 0)
      {
        gtk_drop_down_set_selected (GTK_DROP_DOWN (self->encoder), i);
        gtk_widget_set_tooltip_text (self->encoder, _ (encoders[i].help));
      }
  gtk_label_set_text (GTK_LABEL (self->encoder_text), text);
  gtk_widget_set_visible (self->encoder_text, n_parameters > 0);
}

static void
show_training (KinExperimentPanel *self, const KinConfig *config)
{
  const KinParamSpec *optimizer = kin_config_find_spec ("optimizer");
  g_autofree char *name = kin_text_param (optimizer, kin_config_get (config, "optimizer"));
  g_autofree char *text = g_strdup_printf (_ ("%s, %.0f epochs"), name, kin_config_get (config, "epochs"));

  gtk_label_set_text (GTK_LABEL (self->training_text), text);
}

static void
on_config_changed (KinExperimentPanel *self)
{
  const KinConfig *config = kin_session_get_config (self->session);

  gtk_widget_set_sensitive (self->root, config != NULL);
  if (config == NULL)
    return;
  self->is_updating = TRUE;
  for (guint i = 0; i < self->rows->len; i++)
    {
      KinParamRow *row = g_ptr_array_index (self->rows, i);

      kin_param_row_set_value (row, kin_config_get (config, kin_param_row_get_spec (row)->id));
    }
  show_method (self, config);
  show_encoder (self, config);
  show_training (self, config);
  kin_policy_editor_set_policy (self->policy, config->policy);
  self->is_updating = FALSE;
}

/* One image a class first, so that the strip shows what there is. */
static int
pick_image (const KinDataset *dataset, guint i)
{
  guint at = (guint) ((guint64) i * dataset->n_train / STRIP_IMAGES);

  if (dataset->labels == NULL || dataset->n_classes < STRIP_IMAGES)
    return (int) dataset->train_ids[at];
  for (guint k = 0; k < dataset->n_train; k++)
    if ((guint) dataset->labels[dataset->train_ids[k]] == i * dataset->n_classes / STRIP_IMAGES)
      return (int) dataset->train_ids[k];
  return (int) dataset->train_ids[at];
}

static void
on_dataset_changed (KinExperimentPanel *self)
{
  const KinDataset *dataset = kin_session_get_dataset (self->session);
  g_autofree char *text = NULL, *skipped = NULL;

  for (guint i = 0; i < STRIP_IMAGES; i++)
    kin_image_tile_set (self->tiles[i],
                        dataset == NULL || i >= dataset->n_train ? KIN_NO_IMAGE : pick_image (dataset, i), NULL);
  gtk_widget_set_visible (self->skipped, dataset != NULL && dataset->n_skipped > 0);
  if (dataset == NULL)
    return;
  text = kin_text_dataset (dataset);
  gtk_label_set_text (GTK_LABEL (self->data_text), text);
  skipped = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u file could not be read…", "%u files could not be read…",
                                          dataset->n_skipped),
                             dataset->n_skipped);
  gtk_button_set_label (GTK_BUTTON (self->skipped), skipped);
}

static void
set_session (KinExperimentPanel *self, KinSession *session)
{
  if (session == NULL || self->session != NULL)
    return;
  self->session = g_object_ref (session);
  for (guint i = 0; i < STRIP_IMAGES; i++)
    {
      self->tiles[i] = KIN_IMAGE_TILE (kin_image_tile_new (session, STRIP_PX));
      gtk_box_append (GTK_BOX (self->strip), GTK_WIDGET (self->tiles[i]));
    }
  g_signal_connect_object (session, "config-changed", G_CALLBACK (on_config_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "dataset-changed", G_CALLBACK (on_dataset_changed), self, G_CONNECT_SWAPPED);
  on_dataset_changed (self);
  on_config_changed (self);
}

static void
kin_experiment_panel_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_SESSION)
    g_value_set_object (value, KIN_EXPERIMENT_PANEL (object)->session);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
kin_experiment_panel_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_SESSION)
    set_session (KIN_EXPERIMENT_PANEL (object), g_value_get_object (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
kin_experiment_panel_dispose (GObject *object)
{
  KinExperimentPanel *self = KIN_EXPERIMENT_PANEL (object);

  g_clear_pointer (&self->root, gtk_widget_unparent);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (kin_experiment_panel_parent_class)->dispose (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class, "/org/kindred/Kindred/ui/experiment-panel.ui");
  gtk_widget_class_bind_template_child (widget_class, KinExperimentPanel, root);
  gtk_widget_class_bind_template_child (widget_class, KinExperimentPanel, strip);
  gtk_widget_class_bind_template_child (widget_class, KinExperimentPanel, data_text);
  gtk_widget_class_bind_template_child (widget_class, KinExperimentPanel, skipped);
  gtk_widget_class_bind_template_child (widget_class, KinExperimentPanel, method);
  gtk_widget_class_bind_template_child (widget_class, KinExperimentPanel, encoder);
  gtk_widget_class_bind_template_child (widget_class, KinExperimentPanel, encoder_text);
  gtk_widget_class_bind_template_child (widget_class, KinExperimentPanel, method_rows);
  gtk_widget_class_bind_template_child (widget_class, KinExperimentPanel, encoder_rows);
  gtk_widget_class_bind_template_child (widget_class, KinExperimentPanel, training_rows);
  gtk_widget_class_bind_template_child (widget_class, KinExperimentPanel, evaluation_rows);
  gtk_widget_class_bind_template_child (widget_class, KinExperimentPanel, training_text);
  gtk_widget_class_bind_template_child (widget_class, KinExperimentPanel, policy);
  gtk_widget_class_bind_template_callback (widget_class, on_method);
  gtk_widget_class_bind_template_callback (widget_class, on_encoder);
  gtk_widget_class_bind_template_callback (widget_class, on_policy);
}

static void
kin_experiment_panel_class_init (KinExperimentPanelClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->get_property = kin_experiment_panel_get_property;
  object_class->set_property = kin_experiment_panel_set_property;
  object_class->dispose = kin_experiment_panel_dispose;
  props[PROP_SESSION] = g_param_spec_object ("session", NULL, NULL, KIN_TYPE_SESSION,
                                             G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
  g_type_ensure (KIN_TYPE_POLICY_EDITOR);
  bind_template (widget_class);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "experimentpanel");
}

static void
kin_experiment_panel_init (KinExperimentPanel *self)
{
  self->rows = g_ptr_array_new ();
  self->is_updating = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  self->is_updating = FALSE;
  fill_lists (self);
  make_rows (self);
}
