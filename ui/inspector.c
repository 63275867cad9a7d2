#include "ui/inspector.h"

#include <glib/gi18n.h>

#include "ui/image-tile.h"
#include "ui/text.h"
#include "ui/thumbnail.h"

#define COLUMNS 4
#define TILE_PX 48
#define FACTS_MAX 8

struct _KinInspector
{
  GtkWidget parent;
  KinSession *session;
  GtkWidget *root, *none, *image, *number, *name, *picture, *facts, *learned, *pixels, *learned_hint, *agreement;
  KinImageTile *learned_tiles[KIN_NEIGHBOURS_SHOWN], *pixel_tiles[KIN_NEIGHBOURS_SHOWN];
};

G_DEFINE_FINAL_TYPE (KinInspector, kin_inspector, GTK_TYPE_WIDGET)

enum
{
  PROP_SESSION = 1,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static void
add_fact (KinInspector *self, int row, const char *name, const char *value)
{
  GtkWidget *left = gtk_label_new (name), *right = gtk_label_new (value);

  gtk_label_set_xalign (GTK_LABEL (left), 0);
  gtk_label_set_ellipsize (GTK_LABEL (left), PANGO_ELLIPSIZE_END);
  gtk_widget_set_tooltip_text (right, value);
  gtk_label_set_xalign (GTK_LABEL (right), 1);
  gtk_label_set_ellipsize (GTK_LABEL (right), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (right, TRUE);
  gtk_widget_add_css_class (left, "dim-label");
  gtk_widget_add_css_class (right, "numeric");
  gtk_grid_attach (GTK_GRID (self->facts), left, 0, row, 1, 1);
  gtk_grid_attach (GTK_GRID (self->facts), right, 1, row, 1, 1);
}

static void
show_facts (KinInspector *self, const KinDataset *dataset, guint id)
{
  const char *class_name = kin_session_get_class_name (self->session, id);
  GtkWidget *child;
  int row = 0;

  while ((child = gtk_widget_get_first_child (self->facts)) != NULL)
    gtk_grid_remove (GTK_GRID (self->facts), child);
  if (class_name != NULL)
    add_fact (self, row++, _ ("class"), class_name);
  for (guint i = 0; i < dataset->n_factors && row < FACTS_MAX; i++)
    {
      g_autofree char *value = kin_text_factor (&dataset->factors[i], id);

      add_fact (self, row++, dataset->factors[i].name, value);
    }
  add_fact (self, row++, _ ("part"), kin_dataset_is_held_out (dataset, id) ? _ ("held out") : _ ("training"));
}

static void
show_learned (KinInspector *self, const KinNearby *nearby)
{
  guint n = MIN (nearby->n_learned, KIN_NEIGHBOURS_SHOWN);

  for (guint i = 0; i < KIN_NEIGHBOURS_SHOWN; i++)
    {
      g_autofree char *caption = i < n ? g_strdup_printf ("%.3f", nearby->learned[i].similarity) : NULL;

      kin_image_tile_set (self->learned_tiles[i], i < n ? (int) nearby->learned[i].id : KIN_NO_IMAGE, caption);
    }
  gtk_widget_set_visible (self->learned_hint, n == 0);
  gtk_label_set_text (GTK_LABEL (self->learned_hint),
                      kin_session_get_embedding (self->session) == NULL
                        ? _ ("Train an epoch to see what the encoder finds alike.")
                        : _ ("This image is not among those that are measured."));
}

static void
show_pixels (KinInspector *self, const KinNearby *nearby)
{
  for (guint i = 0; i < KIN_NEIGHBOURS_SHOWN; i++)
    {
      g_autofree char *caption = i < nearby->n_pixels ? g_strdup_printf ("%.2f", nearby->distances[i]) : NULL;

      kin_image_tile_set (self->pixel_tiles[i], i < nearby->n_pixels ? (int) nearby->pixels[i] : KIN_NO_IMAGE, caption);
    }
}

static void
show_agreement (KinInspector *self, const KinNearby *nearby)
{
  const char *class_name = nearby->id < 0 ? NULL : kin_session_get_class_name (self->session, (guint) nearby->id);
  g_autofree char *text = NULL;

  if (class_name != NULL && nearby->n_learned > 0)
    text = g_strdup_printf (_ ("%u of its %u nearest are of its class too (%s)."), nearby->n_same_class,
                            nearby->n_learned, class_name);
  gtk_label_set_text (GTK_LABEL (self->agreement), text == NULL ? "" : text);
  gtk_widget_set_visible (self->agreement, text != NULL);
}

static void
on_neighbours_changed (KinInspector *self)
{
  const KinNearby *nearby = kin_neighbourhood_get (kin_session_get_neighbourhood (self->session));

  show_learned (self, nearby);
  show_pixels (self, nearby);
  show_agreement (self, nearby);
}

static void
on_selected (KinInspector *self)
{
  const KinDataset *dataset = kin_session_get_dataset (self->session);
  int id = kin_session_get_selected (self->session);
  g_autofree char *number = NULL, *name = NULL;

  gtk_widget_set_visible (self->none, dataset == NULL || id < 0);
  gtk_widget_set_visible (self->image, dataset != NULL && id >= 0);
  kin_thumbnail_set_image (KIN_THUMBNAIL (self->picture), dataset, id);
  if (dataset == NULL || id < 0)
    return;
  number = g_strdup_printf ("#%d", id);
  gtk_label_set_text (GTK_LABEL (self->number), number);
  name = kin_dataset_dup_image_name (dataset, (guint) id);
  gtk_label_set_text (GTK_LABEL (self->name), name);
  gtk_widget_set_tooltip_text (self->name, name);
  gtk_widget_set_visible (self->name, dataset->names != NULL);
  show_facts (self, dataset, (guint) id);
}

static void
add_tiles (KinInspector *self, GtkWidget *grid, KinImageTile **tiles)
{
  for (int i = 0; i < KIN_NEIGHBOURS_SHOWN; i++)
    {
      tiles[i] = KIN_IMAGE_TILE (kin_image_tile_new (self->session, TILE_PX));
      gtk_grid_attach (GTK_GRID (grid), GTK_WIDGET (tiles[i]), i % COLUMNS, i / COLUMNS, 1, 1);
    }
}

static void
set_session (KinInspector *self, KinSession *session)
{
  if (session == NULL || self->session != NULL)
    return;
  self->session = g_object_ref (session);
  add_tiles (self, self->learned, self->learned_tiles);
  add_tiles (self, self->pixels, self->pixel_tiles);
  g_signal_connect_object (session, "notify::selected", G_CALLBACK (on_selected), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "dataset-changed", G_CALLBACK (on_selected), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (kin_session_get_neighbourhood (session), "changed", G_CALLBACK (on_neighbours_changed), self,
                           G_CONNECT_SWAPPED);
  on_selected (self);
  on_neighbours_changed (self);
}

static void
kin_inspector_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_SESSION)
    g_value_set_object (value, KIN_INSPECTOR (object)->session);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
kin_inspector_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_SESSION)
    set_session (KIN_INSPECTOR (object), g_value_get_object (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
kin_inspector_dispose (GObject *object)
{
  KinInspector *self = KIN_INSPECTOR (object);

  g_clear_pointer (&self->root, gtk_widget_unparent);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (kin_inspector_parent_class)->dispose (object);
}

static void
kin_inspector_class_init (KinInspectorClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->get_property = kin_inspector_get_property;
  object_class->set_property = kin_inspector_set_property;
  object_class->dispose = kin_inspector_dispose;
  props[PROP_SESSION] = g_param_spec_object ("session", NULL, NULL, KIN_TYPE_SESSION,
                                             G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
  g_type_ensure (KIN_TYPE_THUMBNAIL);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/kindred/Kindred/ui/inspector.ui");
  gtk_widget_class_bind_template_child (widget_class, KinInspector, root);
  gtk_widget_class_bind_template_child (widget_class, KinInspector, none);
  gtk_widget_class_bind_template_child (widget_class, KinInspector, image);
  gtk_widget_class_bind_template_child (widget_class, KinInspector, number);
  gtk_widget_class_bind_template_child (widget_class, KinInspector, name);
  gtk_widget_class_bind_template_child (widget_class, KinInspector, picture);
  gtk_widget_class_bind_template_child (widget_class, KinInspector, facts);
  gtk_widget_class_bind_template_child (widget_class, KinInspector, learned);
  gtk_widget_class_bind_template_child (widget_class, KinInspector, pixels);
  gtk_widget_class_bind_template_child (widget_class, KinInspector, learned_hint);
  gtk_widget_class_bind_template_child (widget_class, KinInspector, agreement);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "inspector");
}

static void
kin_inspector_init (KinInspector *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
