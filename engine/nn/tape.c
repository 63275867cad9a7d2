#include "engine/nn/layer.h"

#include <unistd.h>

/* The timeline of a tape: node i runs forward at time i, and backward at time 2·count - 1 - i. */
static guint
backward_time (const KinTape *tape, guint node)
{
  return 2 * (tape->last + 1) - 1 - node;
}

static const KinNode *
node_of (const KinTape *tape, guint node)
{
  return kin_network_get (tape->network, node);
}

/* The node whose memory @node's output lies in. */
static guint
data_root (const KinTape *tape, guint node)
{
  while (node_of (tape, node)->layer->is_lazy)
    node = node_of (tape, node)->inputs[0];
  return node;
}

/* The node whose gradient memory @node's gradient lies in: the last one of a chain that works in place. */
static guint
gradient_root (const KinTape *tape, guint node)
{
  for (guint reader = node + 1; reader <= tape->last; reader++)
    if (node_of (tape, reader)->layer->gradient_in_place && node_of (tape, reader)->inputs[0] == node)
      return gradient_root (tape, reader);
  return node;
}

static void
plan_shape (KinTape *tape, guint index, guint H, guint W)
{
  const KinNode *node = node_of (tape, index);
  KinValue *value = &tape->values[index];
  const KinValue *input = node->n_inputs > 0 ? &tape->values[node->inputs[0]] : NULL;

  if (input != NULL)
    H = input->H, W = input->W;
  value->H = node->is_rows ? 1 : H;
  value->W = node->is_rows ? 1 : W;
  value->needs_gradient = index > 0;
  if (node->kernel > 0)
    {
      value->H = (H + 2 * node->pad - node->kernel) / node->stride + 1;
      value->W = (W + 2 * node->pad - node->kernel) / node->stride + 1;
      value->window = (KinWindow){ .C = node_of (tape, node->inputs[0])->C, .H = H, .W = W, .Ho = value->H,
                                   .Wo = value->W, .kernel = node->kernel, .stride = node->stride, .pad = node->pad };
    }
  for (guint i = 0; i < node->n_inputs; i++)
    {
      KinValue *read = &tape->values[node->inputs[i]];

      read->first_reader = index;
      if (read->last_reader == 0)
        read->last_reader = index;
    }
}

/* When the data of @index is read for the last time, through any lazy reader too. */
static guint
last_read (const KinTape *tape, guint index)
{
  const KinLayer *own = node_of (tape, index)->layer;
  gboolean train = tape->mode == KIN_TAPE_TRAIN;
  guint last = train && own->backward_reads_output ? backward_time (tape, index) : index;

  if (index == tape->last)
    last = MAX (last, tape->last + 1); /* the loss reads it */
  for (guint reader = index + 1; reader <= tape->last; reader++)
    {
      const KinNode *node = node_of (tape, reader);

      for (guint i = 0; i < node->n_inputs; i++)
        if (node->inputs[i] == index)
          {
            last = MAX (last, reader);
            if (train && node->layer->backward_reads_input && i == 0)
              last = MAX (last, backward_time (tape, reader));
            if (node->layer->is_lazy)
              last = MAX (last, last_read (tape, reader));
          }
    }
  return last;
}

typedef struct
{
  guint data, gradient;           /* pieces */
  guint scale, shift, mean, slope, bend, offset, sums, variance;
} Pieces;

static void
reserve (KinTape *tape, guint index, Pieces *pieces)
{
  const KinNode *node = node_of (tape, index);
  const KinValue *value = &tape->values[index];
  gsize bytes = (gsize) tape->N * node->C * value->H * value->W * sizeof (real);
  /* What is asked for after the pass stays until its end. */
  gboolean is_asked = index == tape->network->feature || index == tape->last;

  if (!node->layer->is_lazy)
    pieces->data = kin_arena_reserve (tape->arena, bytes, index,
                                      is_asked ? 2 * tape->last + 2 : last_read (tape, index));
  if (node->layer == &kin_layer_norm)
    {
      pieces->scale = kin_arena_reserve_always (tape->arena, node->C * sizeof (real));
      pieces->shift = kin_arena_reserve_always (tape->arena, node->C * sizeof (real));
      pieces->mean = kin_arena_reserve_always (tape->arena, node->C * sizeof (real));
      pieces->slope = kin_arena_reserve_always (tape->arena, node->C * sizeof (real));
      pieces->bend = kin_arena_reserve_always (tape->arena, node->C * sizeof (real));
      pieces->offset = kin_arena_reserve_always (tape->arena, node->C * sizeof (real));
      pieces->sums = kin_arena_reserve_always (tape->arena, KIN_LANES * 2 * node->C * sizeof (double));
      pieces->variance = kin_arena_reserve_always (tape->arena, node->C * sizeof (double));
    }
  if (tape->mode == KIN_TAPE_TRAIN && value->needs_gradient && gradient_root (tape, index) == index)
    {
      guint first = index == tape->last ? tape->last : backward_time (tape, value->first_reader);
      guint end = index;

      /* The chain that works in this memory ends where its first input stops being in place. */
      while (node_of (tape, end)->layer->gradient_in_place)
        end = node_of (tape, end)->inputs[0];
      pieces->gradient = kin_arena_reserve (tape->arena, bytes, first, backward_time (tape, end));
    }
}

static void
place (KinTape *tape, guint index, const Pieces *pieces)
{
  const KinNode *node = node_of (tape, index);
  KinValue *value = &tape->values[index];
  guint root = data_root (tape, index), gradient = gradient_root (tape, index);

  value->data = kin_arena_get (tape->arena, pieces[root].data);
  if (node->layer == &kin_layer_norm)
    {
      value->scale = kin_arena_get (tape->arena, pieces[index].scale);
      value->shift = kin_arena_get (tape->arena, pieces[index].shift);
      value->mean = kin_arena_get (tape->arena, pieces[index].mean);
      value->slope = kin_arena_get (tape->arena, pieces[index].slope);
      value->bend = kin_arena_get (tape->arena, pieces[index].bend);
      value->offset = kin_arena_get (tape->arena, pieces[index].offset);
      value->sums = kin_arena_get (tape->arena, pieces[index].sums);
      value->variance = kin_arena_get (tape->arena, pieces[index].variance);
      value->lazy = (KinLazy){ value->scale, value->shift, node->relu };
      tape->values[node->inputs[0]].lazy_gradient
          = (KinLazyGradient){ value->scale, value->shift, node->relu, value->slope, value->bend, value->offset };
    }
  if (tape->mode == KIN_TAPE_TRAIN && value->needs_gradient)
    value->gradient = kin_arena_get (tape->arena, pieces[gradient].gradient);
}

/* Layers run one after another: the largest need of each kind serves all. Returns: reals shared by a layer's workers */
static gsize
plan_scratch (KinTape *tape, guint index)
{
  const KinNode *node = node_of (tape, index);
  const KinWindow *window = &tape->values[index].window;
  gboolean train = tape->mode == KIN_TAPE_TRAIN;
  gsize n = 0;

  if (node->layer->scratch != NULL)
    n = node->layer->scratch (node, window, tape->N, train);
  tape->scratch_size = MAX (tape->scratch_size, (n + 15) / 16 * 16);
  if (train && node->layer->init != NULL)
    {
      /* Weight and, behind it, bias. */
      n = node->layer->partial != NULL ? node->layer->partial (node, window, tape->N)
                                       : kin_layout_get (tape->network->parameters, node->parameter)->n + 16 + node->C;
      tape->partial_size = MAX (tape->partial_size, (n + 15) / 16 * 16);
    }
  return node->layer->shared == NULL ? 0 : node->layer->shared (node, window, tape->N, train);
}

static gboolean
check_memory (KinTape *tape, guint size, GError **error)
{
  double needed = kin_arena_plan (tape->arena);
  double machine = (double) sysconf (_SC_PHYS_PAGES) * sysconf (_SC_PAGESIZE);

  if (needed <= 0.75 * machine)
    return TRUE;
  g_set_error (error, KIN_ERROR, KIN_ERROR_TOO_LARGE,
               "A pass of %u images of %u px needs %.1f GB of memory and this machine has %.1f GB; a smaller batch or "
               "image side fits",
               tape->N, size, needed / 1e9, machine / 1e9);
  return FALSE;
}

KinTape *
kin_tape_new (const KinNetwork *network, KinTapeMode mode, guint N, guint H, guint W, guint n_threads, guint last,
              KinTape *lender, GError **error)
{
  g_autoptr (KinTape) tape = g_new0 (KinTape, 1);
  g_autofree Pieces *pieces = g_new0 (Pieces, last + 1);
  gsize shared_size = 0;
  guint scratch, shared, partials;

  *tape = (KinTape){ .network = network, .mode = mode, .N = N, .last = last, .n_threads = n_threads };
  tape->values = g_new0 (KinValue, last + 1);
  tape->arena = kin_arena_new ();
  for (guint i = 0; i <= last; i++)
    plan_shape (tape, i, H, W);
  for (guint i = 0; i <= last; i++)
    {
      const KinValue *input = &tape->values[node_of (tape, i)->inputs[0]];
      gsize n;

      /* A gradient in place leaves none for another reader; a norm is told by the convolution of the first one only. */
      g_assert (!node_of (tape, i)->layer->gradient_in_place || input->first_reader == input->last_reader);

      reserve (tape, i, &pieces[i]);
      n = plan_scratch (tape, i);
      shared_size = MAX (shared_size, n);
    }
  scratch = kin_arena_reserve_always (tape->arena, n_threads * tape->scratch_size * sizeof (real));
  shared = kin_arena_reserve_always (tape->arena, shared_size * sizeof (real));
  partials = kin_arena_reserve_always (tape->arena, KIN_LANES * tape->partial_size * sizeof (real));
  if (!check_memory (tape, H, error))
    return NULL;
  if (lender != NULL)
    kin_arena_commit_in (tape->arena, lender->arena);
  else
    kin_arena_commit (tape->arena);
  for (guint i = 0; i <= last; i++)
    place (tape, i, pieces);
  tape->scratch = kin_arena_get (tape->arena, scratch);
  tape->shared = kin_arena_get (tape->arena, shared);
  tape->partials = kin_arena_get (tape->arena, partials);
  return g_steal_pointer (&tape);
}

void
kin_tape_free (KinTape *tape)
{
  if (tape == NULL)
    return;
  kin_arena_free (tape->arena);
  g_free (tape->values);
  g_free (tape);
}

real *
kin_tape_get_image (const KinTape *tape, guint index)
{
  const KinValue *images = &tape->values[0];

  return images->data + (gsize) index * images->H * images->W * node_of (tape, 0)->C;
}

const real *
kin_tape_get_rows (const KinTape *tape, guint node)
{
  g_assert (node_of (tape, node)->is_rows);
  return tape->values[node].data;
}

real *
kin_tape_get_output_gradient (KinTape *tape)
{
  return tape->values[tape->last].gradient;
}

void
kin_pass_data_done (const KinPass *pass, guint node, guint lane, guint first, guint n)
{
  guint reader = kin_pass_value (pass, node)->last_reader;
  const KinLayer *layer = kin_network_get (pass->network, reader)->layer;

  if (reader != 0 && pass->tape->mode == KIN_TAPE_TRAIN && layer->see_input != NULL)
    layer->see_input (pass, reader, lane, first, n);
}

void
kin_pass_gradient_done (const KinPass *pass, guint writer, guint node, guint lane, guint first, guint n)
{
  const KinLayer *layer = kin_network_get (pass->network, node)->layer;

  if (kin_pass_value (pass, node)->last_reader == writer && layer->see_gradient != NULL)
    layer->see_gradient (pass, node, lane, first, n);
}

typedef struct
{
  const KinPass *pass;
  gsize at, n;
  real *gradients;
} AddPartials;

static void
add_partials_part (gpointer data, guint item, guint worker)
{
  const AddPartials *job = data;
  gsize first = job->n * item / KIN_LANES, last = job->n * (item + 1) / KIN_LANES;

  for (guint lane = 0; lane < kin_lanes (job->pass->N); lane++)
    job->pass->kernels->add (kin_pass_partial (job->pass, lane) + job->at + first, last - first, job->gradients + first);
}

void
kin_pass_add_partials (const KinPass *pass, gsize at, gsize n, real *gradients)
{
  AddPartials job = { pass, at, n, gradients };

  kin_pool_run (pass->pool, KIN_LANES, add_partials_part, &job);
}
