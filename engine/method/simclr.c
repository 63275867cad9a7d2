/* SimCLR: two views of each image attract, all other views of the batch repel.
 * Source: Chen et al. 2020, arXiv:2002.05709. */

#include "engine/loss/normalize.h"
#include "engine/loss/ntxent.h"
#include "engine/method/method.h"
#include "engine/nn/encoder.h"

#include <glib/gi18n-lib.h>

static const KinParamSpec params[] = {
  { .id = "tau", .title = N_("Temperature"), .formal = "τ", .group = "method", .kind = KIN_PARAM_REAL, .min = 0.005,
    .max = 2, .def = 0.2, .unit = "", .is_log = TRUE, .is_live = TRUE,
    .help = N_("Divides every similarity before the softmax. Small: only the nearest negatives push. Large: all push "
               "alike."),
    .source = "Chen et al. 2020, eq. 1" },
  { .id = "head_hidden", .title = N_("Head, hidden units"), .formal = "projection head", .group = "method",
    .kind = KIN_PARAM_INT, .min = 8, .max = 4096, .def = 256, .unit = "", .is_log = TRUE,
    .help = N_("Width of the hidden layer between h and z."), .source = "Chen et al. 2020, section 2.1" },
  { .id = "head_dim", .title = N_("Head, dimensions of z"), .formal = "D", .group = "method", .kind = KIN_PARAM_INT,
    .min = 2, .max = 1024, .def = 64, .unit = "", .is_log = TRUE,
    .help = N_("Length of the projection z that the loss compares. Neighbours and metrics use h, in front of it."),
    .source = "Chen et al. 2020, section 4.2" },
};

static void
build (KinNetwork *network, const KinConfig *config)
{
  kin_encoder_add_head (network, kin_config_get (config, "head_hidden"), kin_config_get (config, "head_dim"));
}

static gsize
workspace (guint N, guint D)
{
  return kin_ntxent_workspace (N) + 2 * (gsize) N * D;
}

static gboolean
step (const KinPass *pass, const KinConfig *config, KinBatch *batch, KinMethodResult *result)
{
  guint N = batch->N, D = batch->D, rows = 2 * N;
  real *dz = batch->workspace + kin_ntxent_workspace (N);
  KinNtxentResult loss;

  if (!kin_network_forward (pass))
    return FALSE;
  kin_normalize_rows (kin_tape_get_rows (pass->tape, pass->network->output), rows, D, batch->z, batch->norms);
  loss = kin_ntxent (pass->pool, batch->z, N, D, kin_config_get (config, "tau"), batch->workspace, batch->log_sum, dz);
  kin_normalize_rows_backward (batch->z, batch->norms, dz, rows, D, kin_tape_get_output_gradient (pass->tape));
  *result = (KinMethodResult){ loss.loss, loss.top1 };
  return kin_network_backward (pass);
}

const KinMethod kin_method_simclr = {
  .info = { .id = "simclr", .title = N_("SimCLR"),
            .help = N_("Two views of an image shall be alike, and unlike the views of every other image in the batch."),
            .paper = "Chen et al. 2020, A simple framework for contrastive learning of visual representations, "
                     "arXiv:2002.05709",
            .params = params, .n_params = G_N_ELEMENTS (params) },
  .n_views = 2,
  .build = build,
  .workspace = workspace,
  .chance = kin_ntxent_chance,
  .step = step,
};
