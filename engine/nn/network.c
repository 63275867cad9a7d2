#include "engine/nn/network.h"

#include "engine/nn/layer.h"

#include <math.h>

KinNetwork *
kin_network_new (guint channels)
{
  KinNetwork *network = g_new0 (KinNetwork, 1);
  KinNode images = { .layer = &kin_layer_images, .C = channels };

  network->nodes = g_array_new (FALSE, TRUE, sizeof (KinNode));
  network->parameters = kin_layout_new ();
  network->statistics = kin_layout_new ();
  g_array_append_val (network->nodes, images);
  return network;
}

void
kin_network_free (KinNetwork *network)
{
  if (network == NULL)
    return;
  g_array_unref (network->nodes);
  kin_layout_free (network->parameters);
  kin_layout_free (network->statistics);
  g_free (network);
}

static guint
append (KinNetwork *network, const KinNode *node)
{
  for (guint i = 0; i < node->n_inputs; i++)
    g_assert (node->inputs[i] < network->nodes->len);
  g_array_append_vals (network->nodes, node, 1);
  network->output = network->nodes->len - 1;
  return network->output;
}

guint
kin_network_conv (KinNetwork *network, guint input, const char *name, guint channels, guint kernel, guint stride)
{
  guint C = kin_network_get (network, input)->C;
  gsize shape[4] = { channels, C, kernel, kernel };
  KinNode node = { .layer = &kin_layer_conv, .inputs = { input }, .n_inputs = 1, .C = channels, .kernel = kernel,
                   .stride = stride, .pad = kernel / 2 };

  g_assert ((kernel == 1 || kernel == 3) && (stride == 1 || stride == 2));
  node.parameter = kin_layout_add (network->parameters, g_strdup_printf ("%s.weight", name), 4, shape, FALSE);
  return append (network, &node);
}

guint
kin_network_norm (KinNetwork *network, guint input, const char *name, gboolean relu)
{
  gsize C = kin_network_get (network, input)->C;
  KinNode node = { .layer = &kin_layer_norm, .inputs = { input }, .n_inputs = 1, .C = C, .relu = relu };

  /* It is the convolution that tells it of its images, and applies its gradient. */
  g_assert (kin_network_get (network, input)->layer == &kin_layer_conv);
  node.parameter = kin_layout_add (network->parameters, g_strdup_printf ("%s.weight", name), 1, &C, TRUE);
  kin_layout_add (network->parameters, g_strdup_printf ("%s.bias", name), 1, &C, TRUE);
  node.statistic = kin_layout_add (network->statistics, g_strdup_printf ("%s.running_mean", name), 1, &C, TRUE);
  kin_layout_add (network->statistics, g_strdup_printf ("%s.running_var", name), 1, &C, TRUE);
  return append (network, &node);
}

guint
kin_network_join (KinNetwork *network, guint a, guint b)
{
  KinNode node = { .layer = &kin_layer_join, .inputs = { a, b }, .n_inputs = 2,
                   .C = kin_network_get (network, a)->C };

  g_assert (kin_network_get (network, b)->C == node.C);
  return append (network, &node);
}

guint
kin_network_pool (KinNetwork *network, guint input)
{
  KinNode node = { .layer = &kin_layer_pool, .inputs = { input }, .n_inputs = 1,
                   .C = kin_network_get (network, input)->C, .is_rows = TRUE };

  return append (network, &node);
}

guint
kin_network_linear (KinNetwork *network, guint input, const char *name, guint features)
{
  gsize shape[2] = { features, kin_network_get (network, input)->C };
  KinNode node = { .layer = &kin_layer_linear, .inputs = { input }, .n_inputs = 1, .C = features, .is_rows = TRUE };

  g_assert (kin_network_get (network, input)->is_rows);
  node.parameter = kin_layout_add (network->parameters, g_strdup_printf ("%s.weight", name), 2, shape, FALSE);
  kin_layout_add (network->parameters, g_strdup_printf ("%s.bias", name), 1, shape, TRUE);
  return append (network, &node);
}

guint
kin_network_relu (KinNetwork *network, guint input)
{
  KinNode node = { .layer = &kin_layer_relu, .inputs = { input }, .n_inputs = 1,
                   .C = kin_network_get (network, input)->C, .is_rows = TRUE };

  g_assert (kin_network_get (network, input)->is_rows);
  return append (network, &node);
}

void
kin_network_init (const KinNetwork *network, guint64 seed, real *parameters, real *statistics)
{
  for (guint i = 0; i < network->nodes->len; i++)
    {
      const KinNode *node = kin_network_get (network, i);

      if (node->layer->init != NULL)
        node->layer->init (network, node, seed, parameters, statistics);
    }
}

void
kin_init_uniform (guint64 seed, guint slice, gsize fan_in, real *values, gsize n)
{
  float bound = 1 / sqrtf (fan_in);
  KinRng rng;

  kin_rng_init (&rng, seed, KIN_STREAM_INIT, 0, slice, 0);
  for (gsize i = 0; i < n; i++)
    values[i] = kin_rng_range (&rng, -bound, bound);
}

static gboolean
is_cancelled (const KinPass *pass)
{
  return pass->cancel != NULL && g_atomic_int_get (pass->cancel);
}

gboolean
kin_network_forward (const KinPass *pass)
{
  g_assert (pass->N > 0 && pass->N <= pass->tape->N);
  for (guint node = 0; node <= pass->tape->last; node++)
    {
      if (is_cancelled (pass))
        return FALSE;
      kin_network_get (pass->network, node)->layer->forward (pass, node);
    }
  return TRUE;
}

gboolean
kin_network_backward (const KinPass *pass)
{
  g_assert (pass->tape->mode == KIN_TAPE_TRAIN);
  for (guint node = pass->tape->last; node > 0; node--)
    {
      if (is_cancelled (pass))
        return FALSE;
      kin_network_get (pass->network, node)->layer->backward (pass, node);
    }
  return TRUE;
}
