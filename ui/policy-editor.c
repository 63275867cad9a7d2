#include "ui/policy-editor.h"

#include <glib/gi18n.h>

#include "ui/op-row.h"
#include "ui/short-list.h"

#define ROWS_MAX (KIN_POLICY_OPS_MAX + KIN_N_OPS)

struct _KinPolicyEditor
{
  GtkWidget parent;
  KinPolicy *policy;
  gboolean is_updating;
  GtkWidget *box, *presets, *lines;
  KinOpRow *rows[ROWS_MAX];
  int line_of[ROWS_MAX]; /* line of the policy, or -1 for an operation that it does not use */
  guint n_rows;
};

G_DEFINE_FINAL_TYPE (KinPolicyEditor, kin_policy_editor, GTK_TYPE_WIDGET)

static guint edited_signal;

static void
show_preset (KinPolicyEditor *self)
{
  guint n, selected;
  const KinPolicyPreset *presets = kin_policy_presets (&n);
  const char *id = kin_policy_find_preset (self->policy);

  for (selected = 0; selected < n && g_strcmp0 (presets[selected].id, id) != 0; selected++)
    continue;
  self->is_updating = TRUE;
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->presets), selected);
  gtk_widget_set_tooltip_text (self->presets, selected < n ? _ (presets[selected].help)
                                                           : _ ("A policy of your own; choose one to go back to it"));
  self->is_updating = FALSE;
}

static void
take (KinPolicyEditor *self, KinPolicy *policy)
{
  g_clear_pointer (&self->policy, kin_policy_unref);
  self->policy = policy;
}

static gboolean
uses (const KinPolicy *policy, KinOpKind kind)
{
  for (guint i = 0; i < policy->n_ops; i++)
    if (policy->ops[i].kind == kind)
      return TRUE;
  return FALSE;
}

typedef struct
{
  KinOpKind kind;
  int line;
} Place;

/* Lines in the policy's order; what it does not use stands among them where it would join. */
static guint
plan_rows (const KinPolicy *policy, Place *places)
{
  guint n = 0, next = 0;

  for (guint line = 0; line <= policy->n_ops; line++)
    {
      guint end = line < policy->n_ops ? policy->ops[line].kind : KIN_N_OPS;

      for (; next < end; next++)
        if (!uses (policy, next))
          places[n++] = (Place){ next, -1 };
      if (line < policy->n_ops)
        places[n++] = (Place){ policy->ops[line].kind, (int) line };
    }
  return n;
}

/* An operation joins a policy where the order of KinOpKind puts it: geometry first, then colour, then the rest. */
static void
insert_op (KinPolicy *policy, const KinOp *op)
{
  guint at = policy->n_ops;

  if (policy->n_ops == KIN_POLICY_OPS_MAX)
    return;
  kin_policy_add (policy, op->kind, op->probability);
  for (; at > 0 && policy->ops[at - 1].kind > op->kind; at--)
    policy->ops[at] = policy->ops[at - 1];
  policy->ops[at] = *op;
}

static void show_rows (KinPolicyEditor *self);

static void
on_op_edited (KinOpRow *row, KinPolicyEditor *self)
{
  KinPolicy *policy = kin_policy_copy (self->policy);
  guint i;

  for (i = 0; i < self->n_rows && self->rows[i] != row; i++)
    continue;
  if (i < self->n_rows && self->line_of[i] >= 0)
    policy->ops[self->line_of[i]] = *kin_op_row_get_op (row);
  else if (kin_op_row_get_op (row)->is_on)
    insert_op (policy, kin_op_row_get_op (row));
  take (self, policy);
  show_preset (self);
  show_rows (self);
  g_signal_emit (self, edited_signal, 0);
}

static void
make_rows (KinPolicyEditor *self, const Place *places, guint n)
{
  for (guint i = 0; i < self->n_rows; i++)
    gtk_box_remove (GTK_BOX (self->lines), GTK_WIDGET (self->rows[i]));
  for (guint i = 0; i < n; i++)
    {
      GtkWidget *row = kin_op_row_new (places[i].kind);

      g_signal_connect (row, "edited", G_CALLBACK (on_op_edited), self);
      gtk_box_append (GTK_BOX (self->lines), row);
      self->rows[i] = KIN_OP_ROW (row);
    }
  self->n_rows = n;
}

static gboolean
rows_fit (KinPolicyEditor *self, const Place *places, guint n)
{
  if (self->n_rows != n)
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (kin_op_row_get_op (self->rows[i])->kind != places[i].kind)
      return FALSE;
  return TRUE;
}

/* A row that is being slid must stay the same widget: rows are made anew only when their order changes. */
static void
show_rows (KinPolicyEditor *self)
{
  Place places[ROWS_MAX];
  guint n = plan_rows (self->policy, places);

  if (!rows_fit (self, places, n))
    make_rows (self, places, n);
  for (guint i = 0; i < n; i++)
    {
      KinOp op = *kin_op_row_get_op (self->rows[i]);

      self->line_of[i] = places[i].line;
      op.is_on = FALSE;
      if (places[i].line >= 0)
        op = self->policy->ops[places[i].line];
      kin_op_row_set_op (self->rows[i], &op);
    }
}

static void
on_preset (GtkDropDown *drop_down, GParamSpec *pspec, KinPolicyEditor *self)
{
  guint n, selected = gtk_drop_down_get_selected (drop_down);
  const KinPolicyPreset *presets = kin_policy_presets (&n);

  if (self->is_updating || selected >= n)
    {
      if (!self->is_updating && self->policy != NULL)
        show_preset (self);
      return;
    }
  take (self, kin_policy_from_text (presets[selected].text, NULL));
  show_preset (self);
  show_rows (self);
  g_signal_emit (self, edited_signal, 0);
}

KinPolicy *
kin_policy_editor_get_policy (KinPolicyEditor *self)
{
  return self->policy;
}

void
kin_policy_editor_set_policy (KinPolicyEditor *self, KinPolicy *policy)
{
  if (self->policy == policy || (self->policy != NULL && kin_policy_equal (self->policy, policy)))
    return;
  take (self, kin_policy_ref (policy));
  show_preset (self);
  show_rows (self);
}

void
kin_policy_editor_switch (KinPolicyEditor *self, KinOpKind kind, gboolean is_on)
{
  for (guint i = 0; i < self->n_rows; i++)
    if (kin_op_row_get_op (self->rows[i])->kind == kind)
      {
        kin_op_row_switch (self->rows[i], is_on);
        return;
      }
}

static void
kin_policy_editor_dispose (GObject *object)
{
  KinPolicyEditor *self = KIN_POLICY_EDITOR (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  self->n_rows = 0;
  g_clear_pointer (&self->policy, kin_policy_unref);
  G_OBJECT_CLASS (kin_policy_editor_parent_class)->dispose (object);
}

static void
kin_policy_editor_class_init (KinPolicyEditorClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = kin_policy_editor_dispose;
  edited_signal = g_signal_new ("edited", KIN_TYPE_POLICY_EDITOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                0);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/kindred/Kindred/ui/policy-editor.ui");
  gtk_widget_class_bind_template_child (widget_class, KinPolicyEditor, box);
  gtk_widget_class_bind_template_child (widget_class, KinPolicyEditor, presets);
  gtk_widget_class_bind_template_child (widget_class, KinPolicyEditor, lines);
  gtk_widget_class_bind_template_callback (widget_class, on_preset);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
kin_policy_editor_init (KinPolicyEditor *self)
{
  guint n;
  const KinPolicyPreset *presets = kin_policy_presets (&n);
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);

  self->is_updating = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  for (guint i = 0; i < n; i++)
    gtk_string_list_append (list, _ (presets[i].title));
  gtk_string_list_append (list, _ ("Your own"));
  kin_drop_down_shorten (GTK_DROP_DOWN (self->presets), 13);
  gtk_drop_down_set_model (GTK_DROP_DOWN (self->presets), G_LIST_MODEL (list));
  self->is_updating = FALSE;
}
