#include "ui/op-row.h"

#include <glib/gi18n.h>
#include <string.h>

#include "ui/param-row.h"
#include "ui/text.h"

struct _KinOpRow
{
  GtkWidget parent;
  KinOp op;
  gboolean is_updating;
  GtkWidget *box, *toggle, *title, *summary, *unfold, *revealer, *strengths;
  KinParamRow *probability, *rows[KIN_OP_PARAMS_MAX];
};

G_DEFINE_FINAL_TYPE (KinOpRow, kin_op_row, GTK_TYPE_WIDGET)

static guint edited_signal;

static const KinParamSpec probability_spec = {
  .id = "p",
  .title = N_ ("Probability"),
  .formal = "p",
  .kind = KIN_PARAM_REAL,
  .min = 0,
  .max = 1,
  .def = 1,
  .unit = "",
  .is_live = TRUE,
  .help = N_ ("How often the operation is applied to a view."),
  .source = "",
};

static void
show_summary (KinOpRow *self)
{
  g_autofree char *summary = kin_text_op (&self->op);

  gtk_label_set_text (GTK_LABEL (self->summary), summary);
  if (self->op.is_on)
    gtk_widget_remove_css_class (GTK_WIDGET (self), "off");
  else
    gtk_widget_add_css_class (GTK_WIDGET (self), "off");
}

static void
report (KinOpRow *self)
{
  show_summary (self);
  g_signal_emit (self, edited_signal, 0);
}

static void
on_toggled (GtkSwitch *toggle, GParamSpec *pspec, KinOpRow *self)
{
  if (self->is_updating)
    return;
  self->op.is_on = gtk_switch_get_active (toggle);
  report (self);
}

static void
on_probability (KinParamRow *row, double value, KinOpRow *self)
{
  self->op.probability = value;
  report (self);
}

/* A lower bound that is raised above its upper one takes it along, and the other way round. */
static void
keep_order (KinOpRow *self, guint edited, guint low, guint high)
{
  double *value = self->op.value;

  if (value[low] <= value[high])
    return;
  value[edited == low ? high : low] = value[edited];
  kin_param_row_set_value (self->rows[edited == low ? high : low], value[edited]);
}

static gboolean
is_pair (const char *low, const char *high)
{
  gsize stem = strlen (low) < 4 ? 0 : strlen (low) - 4;

  return stem > 0 && g_str_has_suffix (low, "_min") && g_str_has_suffix (high, "_max") && strlen (high) == stem + 4
         && strncmp (low, high, stem) == 0;
}

static void
on_strength (KinParamRow *row, double value, KinOpRow *self)
{
  const KinOpInfo *info = kin_op_info (self->op.kind);

  for (guint i = 0; i < info->n_params; i++)
    if (self->rows[i] == row)
      self->op.value[i] = value;
  for (guint i = 0; i + 1 < info->n_params; i++)
    if ((self->rows[i] == row || self->rows[i + 1] == row) && is_pair (info->params[i].id, info->params[i + 1].id))
      keep_order (self, self->rows[i] == row ? i : i + 1, i, i + 1);
  /* A kernel has a middle: its side is odd. */
  if (self->op.kind == KIN_OP_BLUR && row == self->rows[0] && (guint) value % 2 == 0)
    {
      self->op.value[0] = value + 1 > info->params[0].max ? value - 1 : value + 1;
      kin_param_row_set_value (row, self->op.value[0]);
    }
  report (self);
}

static void
show_values (KinOpRow *self)
{
  self->is_updating = TRUE;
  gtk_switch_set_active (GTK_SWITCH (self->toggle), self->op.is_on);
  if (self->probability != NULL)
    kin_param_row_set_value (self->probability, self->op.probability);
  for (guint i = 0; i < KIN_OP_PARAMS_MAX && self->rows[i] != NULL; i++)
    kin_param_row_set_value (self->rows[i], self->op.value[i]);
  self->is_updating = FALSE;
  show_summary (self);
}

/* Sliders are made when they are first looked at: most rows stay folded. */
static void
on_unfolded (GtkToggleButton *unfold, GParamSpec *pspec, KinOpRow *self)
{
  const KinOpInfo *info = kin_op_info (self->op.kind);

  if (self->probability != NULL)
    return;
  self->probability = KIN_PARAM_ROW (kin_param_row_new (&probability_spec));
  kin_param_row_set_shows_live (self->probability, FALSE);
  gtk_box_append (GTK_BOX (self->strengths), GTK_WIDGET (self->probability));
  g_signal_connect (self->probability, "edited", G_CALLBACK (on_probability), self);
  for (guint i = 0; i < info->n_params; i++)
    {
      self->rows[i] = KIN_PARAM_ROW (kin_param_row_new (&info->params[i]));
      kin_param_row_set_shows_live (self->rows[i], FALSE);
      gtk_box_append (GTK_BOX (self->strengths), GTK_WIDGET (self->rows[i]));
      g_signal_connect (self->rows[i], "edited", G_CALLBACK (on_strength), self);
    }
  show_values (self);
}

void
kin_op_row_set_op (KinOpRow *self, const KinOp *op)
{
  g_return_if_fail (op->kind == self->op.kind);
  self->op = *op;
  show_values (self);
}

const KinOp *
kin_op_row_get_op (KinOpRow *self)
{
  return &self->op;
}

void
kin_op_row_switch (KinOpRow *self, gboolean is_on)
{
  gtk_switch_set_active (GTK_SWITCH (self->toggle), is_on);
}

static void
kin_op_row_dispose (GObject *object)
{
  g_clear_pointer (&KIN_OP_ROW (object)->box, gtk_widget_unparent);
  G_OBJECT_CLASS (kin_op_row_parent_class)->dispose (object);
}

static void
kin_op_row_class_init (KinOpRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = kin_op_row_dispose;
  edited_signal = g_signal_new ("edited", KIN_TYPE_OP_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/kindred/Kindred/ui/op-row.ui");
  gtk_widget_class_bind_template_child (widget_class, KinOpRow, box);
  gtk_widget_class_bind_template_child (widget_class, KinOpRow, toggle);
  gtk_widget_class_bind_template_child (widget_class, KinOpRow, title);
  gtk_widget_class_bind_template_child (widget_class, KinOpRow, summary);
  gtk_widget_class_bind_template_child (widget_class, KinOpRow, unfold);
  gtk_widget_class_bind_template_child (widget_class, KinOpRow, revealer);
  gtk_widget_class_bind_template_child (widget_class, KinOpRow, strengths);
  gtk_widget_class_bind_template_callback (widget_class, on_toggled);
  gtk_widget_class_bind_template_callback (widget_class, on_unfolded);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "oprow");
}

static void
kin_op_row_init (KinOpRow *self)
{
  self->is_updating = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  self->is_updating = FALSE;
}

/* The defaults of an operation that a policy does not use yet. */
static KinOp
default_op (KinOpKind kind)
{
  g_autoptr (KinPolicy) policy = kin_policy_new ();
  KinOp op = *kin_policy_add (policy, kind, kind == KIN_OP_CROP ? 1 : 0.5);

  op.is_on = FALSE;
  return op;
}

GtkWidget *
kin_op_row_new (KinOpKind kind)
{
  KinOpRow *self = g_object_new (KIN_TYPE_OP_ROW, NULL);
  const KinOpInfo *info = kin_op_info (kind);
  g_autofree char *source = *info->source == '\0' ? g_strdup ("") : g_strdup_printf (_ ("\nSource: %s"), info->source);
  g_autofree char *tooltip = g_strdup_printf ("%s\n%s%s", _ (info->title), _ (info->help), source);

  self->op = default_op (kind);
  gtk_label_set_text (GTK_LABEL (self->title), kin_text_op_name (kind));
  gtk_widget_set_tooltip_text (self->title, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->toggle), GTK_ACCESSIBLE_PROPERTY_LABEL, _ (info->title), -1);
  show_values (self);
  return GTK_WIDGET (self);
}
