#include "engine/nn/encoder.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Convolution, norm, ReLU. */
static guint
add_conv_block (KinNetwork *network, guint input, const char *name, guint channels, guint stride)
{
  g_autofree char *conv = g_strdup_printf ("%s.conv", name);
  g_autofree char *norm = g_strdup_printf ("%s.norm", name);

  return kin_network_norm (network, kin_network_conv (network, input, conv, channels, 3, stride), norm, TRUE);
}

/* Two convolutions beside a shortcut, which is a 1×1 convolution where size or channels change.
 * Source: He et al. 2016, arXiv:1512.03385, figure 2 and option B. */
static guint
add_residual_block (KinNetwork *network, guint input, const char *name, guint channels, guint stride)
{
  g_autofree char *first = g_strdup_printf ("%s.0", name);
  g_autofree char *conv = g_strdup_printf ("%s.1.conv", name);
  g_autofree char *norm = g_strdup_printf ("%s.1.norm", name);
  guint main = add_conv_block (network, input, first, channels, stride);
  guint shortcut = input;

  main = kin_network_norm (network, kin_network_conv (network, main, conv, channels, 3, 1), norm, FALSE);
  if (stride != 1 || kin_network_get (network, input)->C != channels)
    {
      g_autofree char *short_conv = g_strdup_printf ("%s.shortcut.conv", name);
      g_autofree char *short_norm = g_strdup_printf ("%s.shortcut.norm", name);

      shortcut = kin_network_conv (network, input, short_conv, channels, 1, stride);
      shortcut = kin_network_norm (network, shortcut, short_norm, FALSE);
    }
  return kin_network_join (network, main, shortcut);
}

static guint
build_conv4 (KinNetwork *network)
{
  static const guint channels[] = { 32, 64, 128, 256 };
  guint node = 0;

  for (guint i = 0; i < G_N_ELEMENTS (channels); i++)
    {
      g_autofree char *name = g_strdup_printf ("enc.%u", i);
      node = add_conv_block (network, node, name, channels[i], i == 0 ? 1 : 2);
    }
  return node;
}

/* A 3×3 stem without max-pool, as small images want, then stages of @n_blocks residual blocks. */
static guint
build_resnet (KinNetwork *network, const guint *channels, guint n_stages, guint n_blocks)
{
  guint node = add_conv_block (network, 0, "enc.stem", channels[0], 1);

  for (guint stage = 0; stage < n_stages; stage++)
    for (guint block = 0; block < n_blocks; block++)
      {
        g_autofree char *name = g_strdup_printf ("enc.%u.%u", stage, block);
        node = add_residual_block (network, node, name, channels[stage], stage > 0 && block == 0 ? 2 : 1);
      }
  return node;
}

static guint
build_resnet8 (KinNetwork *network)
{
  static const guint channels[] = { 16, 32, 64 };

  return build_resnet (network, channels, 3, 1);
}

static guint
build_resnet18 (KinNetwork *network)
{
  static const guint channels[] = { 64, 128, 256, 512 };

  return build_resnet (network, channels, 4, 2);
}

static const KinEncoderInfo infos[] = {
  { "conv4", N_("conv4"),
    N_("Four 3×3 convolutions (32, 64, 128, 256 channels; strides 1, 2, 2, 2), each with batch norm and ReLU, then the "
       "mean over the image: h has 256 numbers. The reference: fast on a laptop."),
    "Kindred's reference encoder" },
  { "resnet8", N_("resnet8"),
    N_("Three residual blocks (16, 32, 64 channels) behind a 3×3 stem: h has 64 numbers. The smallest network; slower "
       "than conv4 at full resolution."),
    "He et al. 2016, arXiv:1512.03385, section 4.2 with n = 1" },
  { "resnet18", N_("resnet18"),
    N_("Eight residual blocks (64, 128, 256, 512 channels) with a 3×3 stem and no max-pool: h has 512 numbers. What "
       "papers use on CIFAR-10; some 30 times the work of conv4."),
    "He et al. 2016, arXiv:1512.03385; stem as Chen et al. 2020, arXiv:2002.05709, appendix B.9" },
};

static guint (*const builders[]) (KinNetwork *) = { build_conv4, build_resnet8, build_resnet18 };

const KinEncoderInfo *
kin_encoders (guint *n)
{
  *n = G_N_ELEMENTS (infos);
  return infos;
}

const KinEncoderInfo *
kin_encoder_find (const char *id)
{
  for (guint i = 0; i < G_N_ELEMENTS (infos); i++)
    if (strcmp (infos[i].id, id) == 0)
      return &infos[i];
  return NULL;
}

KinNetwork *
kin_encoder_build (const char *id, guint channels)
{
  const KinEncoderInfo *info = kin_encoder_find (id);
  KinNetwork *network = kin_network_new (channels);
  guint last;

  g_assert (info != NULL);
  last = builders[info - infos](network);
  network->feature = kin_network_pool (network, last);
  return network;
}

void
kin_encoder_add_head (KinNetwork *network, guint hidden, guint features)
{
  guint node = kin_network_linear (network, network->feature, "head.0", hidden);

  node = kin_network_relu (network, node);
  kin_network_linear (network, node, "head.2", features);
}
