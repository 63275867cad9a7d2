#include "ui/param-row.h"

#include <glib/gi18n.h>
#include <math.h>

#include "ui/short-list.h"
#include "ui/text.h"

#define SLIDER_INT_MAX 20000 /* a longer range of whole numbers is typed, not slid */

struct _KinParamRow
{
  GtkWidget parent;
  const KinParamSpec *spec;
  double value;
  gboolean is_updating;
  GtkWidget *box, *title, *formal, *live, *unit, *entry, *toggle, *choice, *slider;
};

G_DEFINE_FINAL_TYPE (KinParamRow, kin_param_row, GTK_TYPE_WIDGET)

static guint edited_signal;

static gboolean
is_slid (const KinParamSpec *spec)
{
  if (spec->kind == KIN_PARAM_REAL)
    return TRUE;
  return spec->kind == KIN_PARAM_INT && (spec->is_log || spec->max - spec->min <= SLIDER_INT_MAX);
}

/* A slider moves by ratio where the parameter does; zero has no logarithm. */
static double
to_slider (const KinParamSpec *spec, double value)
{
  return spec->is_log && spec->min > 0 ? log (value) : value;
}

static double
round_to_figures (double value, int figures)
{
  double unit;

  if (value == 0)
    return 0;
  unit = pow (10, floor (log10 (fabs (value))) - figures + 1);
  return round (value / unit) * unit;
}

/* Whole numbers on a ratio scale stop at round ones: 48, 64, 96, 128. */
static double
round_log_int (double value)
{
  double power = exp2 (floor (log2 (MAX (value, 1))));
  double part = power >= 8 ? power / 4 : 1;

  return round (value / part) * part;
}

static double
from_slider (const KinParamSpec *spec, double position)
{
  double value = position;

  if (spec->is_log && spec->min > 0)
    value = spec->kind == KIN_PARAM_INT ? round_log_int (exp (position)) : round_to_figures (exp (position), 2);
  else if (spec->kind == KIN_PARAM_INT)
    value = round (position);
  else
    value = round_to_figures (position, 3);
  return CLAMP (value, spec->min, spec->max);
}

static void
show_value (KinParamRow *self)
{
  const KinParamSpec *spec = self->spec;
  KinParamSpec bare = *spec;
  g_autofree char *text = NULL;

  self->is_updating = TRUE;
  bare.unit = "";
  text = kin_text_param (&bare, self->value);
  gtk_editable_set_text (GTK_EDITABLE (self->entry), text);
  gtk_widget_remove_css_class (self->entry, "error");
  gtk_switch_set_active (GTK_SWITCH (self->toggle), self->value != 0);
  if (spec->kind == KIN_PARAM_CHOICE)
    gtk_drop_down_set_selected (GTK_DROP_DOWN (self->choice), (guint) self->value);
  if (is_slid (spec))
    {
      g_autofree char *spoken = kin_text_param (spec, self->value);

      gtk_range_set_value (GTK_RANGE (self->slider), to_slider (spec, self->value));
      gtk_accessible_update_property (GTK_ACCESSIBLE (self->slider), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, spoken, -1);
    }
  self->is_updating = FALSE;
}

static void
edit (KinParamRow *self, double value)
{
  if (self->is_updating || value == self->value || !kin_param_check (self->spec, value, NULL))
    return;
  self->value = value;
  show_value (self);
  g_signal_emit (self, edited_signal, 0, value);
}

static void
on_slider (GtkRange *range, KinParamRow *self)
{
  if (!self->is_updating)
    edit (self, from_slider (self->spec, gtk_range_get_value (range)));
}

static void
on_toggled (GtkSwitch *toggle, GParamSpec *pspec, KinParamRow *self)
{
  edit (self, gtk_switch_get_active (toggle) ? 1 : 0);
}

static void
on_chosen (GtkDropDown *choice, GParamSpec *pspec, KinParamRow *self)
{
  if (gtk_drop_down_get_selected (choice) != GTK_INVALID_LIST_POSITION)
    edit (self, gtk_drop_down_get_selected (choice));
}

/* What cannot be read is marked, and says why, until it is mended or left. */
static void
on_typed (GtkEntry *entry, KinParamRow *self)
{
  g_autoptr (GError) error = NULL;
  double value;

  if (self->is_updating || self->spec == NULL)
    return;
  if (!kin_param_parse (self->spec, gtk_editable_get_text (GTK_EDITABLE (entry)), &value, &error)
      || !kin_param_check (self->spec, value, &error))
    {
      gtk_widget_add_css_class (self->entry, "error");
      gtk_widget_set_tooltip_text (self->entry, error->message);
      return;
    }
  gtk_widget_remove_css_class (self->entry, "error");
  gtk_widget_set_tooltip_text (self->entry, NULL);
  edit (self, value);
}

void
kin_param_row_type (KinParamRow *self, const char *text)
{
  gtk_editable_set_text (GTK_EDITABLE (self->entry), text);
  on_typed (GTK_ENTRY (self->entry), self);
}

static void
on_left (GtkEventControllerFocus *focus, KinParamRow *self)
{
  on_typed (GTK_ENTRY (self->entry), self);
  gtk_widget_set_tooltip_text (self->entry, NULL);
  show_value (self);
}

static void
set_up_slider (KinParamRow *self)
{
  const KinParamSpec *spec = self->spec;
  double low = to_slider (spec, spec->min), high = to_slider (spec, spec->max);

  self->is_updating = TRUE;
  gtk_range_set_range (GTK_RANGE (self->slider), low, high);
  gtk_range_set_increments (GTK_RANGE (self->slider),
                            spec->kind == KIN_PARAM_INT && !spec->is_log ? 1 : (high - low) / 100, (high - low) / 10);
  self->is_updating = FALSE;
}

static void
set_spec (KinParamRow *self, const KinParamSpec *spec)
{
  g_autofree char *help = kin_text_param_help (spec);
  gboolean is_number = spec->kind == KIN_PARAM_REAL || spec->kind == KIN_PARAM_INT;

  self->spec = spec;
  self->value = spec->def;
  gtk_label_set_text (GTK_LABEL (self->title), _ (spec->title));
  gtk_label_set_text (GTK_LABEL (self->formal), spec->formal);
  gtk_label_set_text (GTK_LABEL (self->unit), *spec->unit == '\0' ? "" : _ (spec->unit));
  gtk_widget_set_visible (self->formal, *spec->formal != '\0' && g_utf8_strlen (spec->formal, -1) <= 3);
  gtk_widget_set_visible (self->unit, is_number && *spec->unit != '\0');
  gtk_widget_set_visible (self->live, spec->is_live);
  gtk_widget_set_visible (self->entry, is_number);
  gtk_widget_set_visible (self->toggle, spec->kind == KIN_PARAM_BOOL);
  gtk_widget_set_visible (self->choice, spec->kind == KIN_PARAM_CHOICE);
  gtk_widget_set_visible (self->slider, is_slid (spec));
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), help);
  if (spec->kind == KIN_PARAM_CHOICE)
    {
      g_autoptr (GtkStringList) list = gtk_string_list_new (spec->choices);

      self->is_updating = TRUE;
      kin_drop_down_shorten (GTK_DROP_DOWN (self->choice), 12);
      gtk_drop_down_set_model (GTK_DROP_DOWN (self->choice), G_LIST_MODEL (list));
      self->is_updating = FALSE;
    }
  if (is_slid (spec))
    set_up_slider (self);
  for (guint i = 0; i < 4; i++)
    gtk_accessible_update_property (
      GTK_ACCESSIBLE (((GtkWidget *[]){ self->entry, self->toggle, self->choice, self->slider })[i]),
      GTK_ACCESSIBLE_PROPERTY_LABEL, _ (spec->title), -1);
  show_value (self);
}

const KinParamSpec *
kin_param_row_get_spec (KinParamRow *self)
{
  return self->spec;
}

double
kin_param_row_get_value (KinParamRow *self)
{
  return self->value;
}

void
kin_param_row_set_value (KinParamRow *self, double value)
{
  /* What is being typed is not taken from under the hand. */
  if (self->value == value)
    return;
  self->value = value;
  show_value (self);
}

void
kin_param_row_set_shows_live (KinParamRow *self, gboolean shows_live)
{
  gtk_widget_set_visible (self->live, shows_live && self->spec->is_live);
}

static void
kin_param_row_dispose (GObject *object)
{
  g_clear_pointer (&KIN_PARAM_ROW (object)->box, gtk_widget_unparent);
  G_OBJECT_CLASS (kin_param_row_parent_class)->dispose (object);
}

static void
kin_param_row_class_init (KinParamRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = kin_param_row_dispose;
  edited_signal = g_signal_new ("edited", KIN_TYPE_PARAM_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                G_TYPE_DOUBLE);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/kindred/Kindred/ui/param-row.ui");
  gtk_widget_class_bind_template_child (widget_class, KinParamRow, box);
  gtk_widget_class_bind_template_child (widget_class, KinParamRow, title);
  gtk_widget_class_bind_template_child (widget_class, KinParamRow, formal);
  gtk_widget_class_bind_template_child (widget_class, KinParamRow, live);
  gtk_widget_class_bind_template_child (widget_class, KinParamRow, unit);
  gtk_widget_class_bind_template_child (widget_class, KinParamRow, entry);
  gtk_widget_class_bind_template_child (widget_class, KinParamRow, toggle);
  gtk_widget_class_bind_template_child (widget_class, KinParamRow, choice);
  gtk_widget_class_bind_template_child (widget_class, KinParamRow, slider);
  gtk_widget_class_bind_template_callback (widget_class, on_slider);
  gtk_widget_class_bind_template_callback (widget_class, on_toggled);
  gtk_widget_class_bind_template_callback (widget_class, on_chosen);
  gtk_widget_class_bind_template_callback (widget_class, on_typed);
  gtk_widget_class_bind_template_callback (widget_class, on_left);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "paramrow");
}

/* The wheel scrolls the panel. A slider that happens to pass below the pointer must not change, let alone restart the
 * run. */
static void
ignore_wheel (GtkWidget *slider)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (slider);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_EVENT_CONTROLLER_SCROLL (controller))
        gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_NONE);
    }
}

static void
kin_param_row_init (KinParamRow *self)
{
  self->is_updating = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  self->is_updating = FALSE;
  ignore_wheel (self->slider);
}

GtkWidget *
kin_param_row_new (const KinParamSpec *spec)
{
  KinParamRow *self = g_object_new (KIN_TYPE_PARAM_ROW, NULL);

  set_spec (self, spec);
  return GTK_WIDGET (self);
}
