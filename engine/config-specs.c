#include "engine/config-private.h"

#include <glib/gi18n-lib.h>

static const char *const fits[] = { "fill", "fit", NULL };
static const char *const optimizers[] = { "adamw", "sgd", "lars", NULL };
static const char *const schedules[] = { "cosine", "constant", NULL };

#define LARGEST_SEED 2147483647.0

/* What every run has, whatever its method. Order: as the window shows them. */
static const KinParamSpec common[] = {
  { .id = "limit", .title = N_("Images"), .formal = "n", .group = "data", .kind = KIN_PARAM_INT, .min = 0,
    .max = KIN_IMAGES_MAX, .def = 0, .unit = "",
    .help = N_("Most training images to take. 0 takes all; of the drawn shapes, 2,000.") },
  { .id = "size", .title = N_("Image side"), .formal = "H = W", .group = "data", .kind = KIN_PARAM_INT, .min = 0,
    .max = KIN_SIZE_MAX, .def = 0, .unit = "px",
    .help = N_("Images are made square with this side, 16 to 96 px. 0 keeps the set's own; 32 for folders.") },
  { .id = "fit", .title = N_("Make square by"), .formal = "", .group = "data", .kind = KIN_PARAM_CHOICE, .min = 0,
    .max = 1, .def = KIN_FIT_FILL, .choices = fits, .unit = "",
    .help = N_("fill: the shorter side fills the square and the rest is cut off. fit: the whole image is kept.") },
  { .id = "holdout", .title = N_("Held out"), .formal = "", .group = "data", .kind = KIN_PARAM_REAL, .min = 0,
    .max = 0.5, .def = 0.1, .unit = "",
    .help = N_("Share of the images that is kept from learning and only measured, where the set has no test part.") },
  { .id = "data_seed", .title = N_("Data seed"), .formal = "", .group = "data", .kind = KIN_PARAM_INT, .min = 0,
    .max = LARGEST_SEED, .def = 1, .unit = "",
    .help = N_("Draws the held-out part, and the pictures of the shapes.") },

  { .id = "epochs", .title = N_("Epochs"), .formal = "", .group = "training", .kind = KIN_PARAM_INT, .min = 1,
    .max = 10000, .def = 20, .unit = "", .is_log = TRUE,
    .help = N_("How often every training image is seen. The learning rate falls to zero at the end.") },
  { .id = "batch", .title = N_("Batch"), .formal = "N", .group = "training", .kind = KIN_PARAM_INT, .min = 2,
    .max = 4096, .def = 64, .unit = N_("pairs"), .is_log = TRUE,
    .help = N_("Images in a step. Each gives two views; all other views of the batch are its negatives, 2N - 2 of "
               "them."),
    .source = "Chen et al. 2020, arXiv:2002.05709, section 2.1" },
  { .id = "lr", .title = N_("Learning rate"), .formal = "η", .group = "training", .kind = KIN_PARAM_REAL, .min = 1e-6,
    .max = 10, .def = 2e-3, .unit = "", .is_log = TRUE, .is_live = TRUE,
    .help = N_("Size of a step, at its highest. About 0.002 for adamw, 0.03 to 0.5 for sgd, 1 for lars.") },
  { .id = "optimizer", .title = N_("Optimizer"), .formal = "", .group = "training", .kind = KIN_PARAM_CHOICE, .min = 0,
    .max = 2, .def = KIN_OPTIMIZER_ADAMW, .choices = optimizers, .unit = "",
    .help = N_("How gradients become steps."),
    .source = "arXiv:1711.05101 (AdamW), arXiv:1708.03888 (LARS)" },
  { .id = "momentum", .title = N_("Momentum"), .formal = "", .group = "training", .kind = KIN_PARAM_REAL, .min = 0,
    .max = 0.999, .def = 0.9, .unit = "", .help = N_("Of sgd and lars: how much of the last step is kept.") },
  { .id = "nesterov", .title = N_("Nesterov"), .formal = "", .group = "training", .kind = KIN_PARAM_BOOL, .min = 0,
    .max = 1, .def = 0, .unit = "", .help = N_("Of sgd: look ahead along the momentum.") },
  { .id = "weight_decay", .title = N_("Weight decay"), .formal = "λ", .group = "training", .kind = KIN_PARAM_REAL,
    .min = 0, .max = 0.5, .def = 1e-4, .unit = "",
    .help = N_("Pulls weights towards zero; norms and biases are left alone.") },
  { .id = "schedule", .title = N_("Schedule"), .formal = "", .group = "training", .kind = KIN_PARAM_CHOICE, .min = 0,
    .max = 1, .def = KIN_SCHEDULE_COSINE, .choices = schedules, .unit = "",
    .help = N_("Whether the learning rate falls along a cosine or stays."), .source = "arXiv:1608.03983" },
  { .id = "warmup", .title = N_("Warm-up"), .formal = "", .group = "training", .kind = KIN_PARAM_REAL, .min = 0,
    .max = 100, .def = 0.5, .unit = N_("epochs"), .help = N_("The learning rate rises from zero for so long.") },
  { .id = "seed", .title = N_("Seed"), .formal = "", .group = "training", .kind = KIN_PARAM_INT, .min = 0,
    .max = LARGEST_SEED, .def = 1, .unit = "",
    .help = N_("Draws the first weights, the order and every view. The same seed gives the same run, bit for bit.") },
  { .id = "threads", .title = N_("Threads"), .formal = "", .group = "training", .kind = KIN_PARAM_INT, .min = 0,
    .max = KIN_THREADS_MAX, .def = 0, .unit = "",
    .help = N_("Processors to use; 0 for all. The result does not depend on it.") },

  { .id = "knn_k", .title = N_("Neighbours that vote"), .formal = "k", .group = "evaluation", .kind = KIN_PARAM_INT,
    .min = 1, .max = 200, .def = 20, .unit = "", .is_live = TRUE,
    .help = N_("k-NN agreement: so many nearest images vote for the class."), .source = "arXiv:1805.01978" },
  { .id = "knn_tau", .title = N_("Weight of the votes"), .formal = "τ", .group = "evaluation", .kind = KIN_PARAM_REAL,
    .min = 0.01, .max = 1, .def = 0.1, .unit = "", .is_log = TRUE, .is_live = TRUE,
    .help = N_("A vote counts exp (cosine / τ)."), .source = "arXiv:1805.01978, section 3.4" },
  { .id = "eval_every", .title = N_("Measure every"), .formal = "", .group = "evaluation", .kind = KIN_PARAM_REAL,
    .min = 0.05, .max = 1000, .def = 1, .unit = N_("epochs"), .is_log = TRUE, .is_live = TRUE,
    .help = N_("How often the encoder is measured and the map is drawn anew.") },
  { .id = "eval_images", .title = N_("Images measured"), .formal = "", .group = "evaluation", .kind = KIN_PARAM_INT,
    .min = 100, .max = KIN_IMAGES_MAX, .def = 10000, .unit = "", .is_log = TRUE,
    .help = N_("At most so many training images, drawn by seed, are measured and mapped. More make each measurement "
               "slower.") },
};

/* Where a measured recipe differs from the defaults above. */
static const KinRecipe recipes[] = {
  { "fashion-mnist", { { "batch", 64 }, { "epochs", 20 } } },
};

const KinParamSpec *
kin_config_common_specs (guint *n)
{
  *n = G_N_ELEMENTS (common);
  return common;
}

const KinRecipe *
kin_config_recipes (guint *n)
{
  *n = G_N_ELEMENTS (recipes);
  return recipes;
}
