#include "engine/policy.h"

#include <glib/gi18n-lib.h>

#define TORCHVISION(name) "torchvision 0.14, " name

static const char *const fills[] = { "black", "background", NULL };

#define STRENGTH(op, id_, title_, formal_, min_, max_, def_, unit_, help_)                                             \
  {                                                                                                                    \
    .id = id_, .title = title_, .formal = formal_, .group = op, .kind = KIN_PARAM_REAL, .min = min_, .max = max_,      \
    .def = def_, .unit = unit_, .is_live = TRUE, .help = help_, .source = ""                                           \
  }
#define FILL(op)                                                                                                       \
  {                                                                                                                    \
    .id = "fill", .title = N_ ("Outside"), .formal = "fill", .group = op, .kind = KIN_PARAM_CHOICE, .max = 1,          \
    .def = 1, .choices = fills, .unit = "", .is_live = TRUE, .source = "",                                             \
    .help = N_ ("What shows where the picture ends: black, or the mean colour of the picture's own border.")           \
  }

static const KinOpInfo ops[KIN_N_OPS] = {
  [KIN_OP_CROP] = {
    .kind = KIN_OP_CROP,
    .id = "crop",
    .title = N_ ("Random resized crop"),
    .help = N_ ("Cuts out a part of random area and shape, and stretches it to the full size (bilinear)."),
    .source = TORCHVISION ("RandomResizedCrop"),
    .n_params = 3,
    .params = {
      STRENGTH ("crop", "area_min", N_ ("Smallest part"), "scale", 0.02, 1, 0.2, "",
                N_ ("Smallest share of the picture's area that is kept. Small parts force the encoder to tell a thing "
                    "from any piece of it.")),
      STRENGTH ("crop", "area_max", N_ ("Largest part"), "scale", 0.02, 1, 1, "",
                N_ ("Largest share of the picture's area that is kept.")),
      STRENGTH ("crop", "aspect", N_ ("Longest shape"), "ratio", 1, 3, 4.0 / 3, "",
                N_ ("Width over height of the part lies between 1/aspect and aspect, evenly in its logarithm.")),
    },
    .n_drawn = 5,
    .drawn = { "top", "left", "height", "width", "area" },
  },
  [KIN_OP_HFLIP] = {
    .kind = KIN_OP_HFLIP,
    .id = "hflip",
    .title = N_ ("Flip left and right"),
    .help = N_ ("Mirrors the picture. Not for letters and digits: a mirrored one is another one."),
    .source = TORCHVISION ("RandomHorizontalFlip"),
  },
  [KIN_OP_VFLIP] = {
    .kind = KIN_OP_VFLIP,
    .id = "vflip",
    .title = N_ ("Flip top and bottom"),
    .help = N_ ("Turns the picture upside down, mirrored."),
    .source = TORCHVISION ("RandomVerticalFlip"),
  },
  [KIN_OP_ROTATE] = {
    .kind = KIN_OP_ROTATE,
    .id = "rotate",
    .title = N_ ("Rotation"),
    .help = N_ ("Turns the picture about its centre (bilinear); positive angles turn counter-clockwise."),
    .source = TORCHVISION ("RandomRotation"),
    .n_params = 2,
    .params = {
      STRENGTH ("rotate", "degrees", N_ ("Largest angle"), "degrees", 0, 180, 180, "°",
                N_ ("The angle is drawn evenly from −degrees to +degrees.")),
      FILL ("rotate"),
    },
    .n_drawn = 2,
    .drawn = { "angle", "fill" },
  },
  [KIN_OP_TRANSLATE] = {
    .kind = KIN_OP_TRANSLATE,
    .id = "translate",
    .title = N_ ("Shift"),
    .help = N_ ("Moves the picture by whole pixels, right or left and down or up."),
    .source = TORCHVISION ("RandomAffine (translate)"),
    .n_params = 2,
    .params = {
      STRENGTH ("translate", "share", N_ ("Largest shift"), "translate", 0, 0.5, 0.1, "",
                N_ ("Largest shift as a share of the side; each direction is drawn evenly and rounded to pixels.")),
      FILL ("translate"),
    },
    .n_drawn = 3,
    .drawn = { "dx", "dy", "fill" },
  },
  [KIN_OP_JITTER] = {
    .kind = KIN_OP_JITTER,
    .id = "jitter",
    .title = N_ ("Colour jitter"),
    .help = N_ ("Changes brightness, contrast, saturation and hue, in random order."),
    .source = TORCHVISION ("ColorJitter"),
    .n_params = 4,
    .params = {
      STRENGTH ("jitter", "brightness", N_ ("Brightness"), "brightness", 0, 2, 0.4, "",
                N_ ("The factor is drawn evenly from max (0, 1 − b) to 1 + b.")),
      STRENGTH ("jitter", "contrast", N_ ("Contrast"), "contrast", 0, 2, 0.4, "",
                N_ ("Mixes with the picture's mean gray; the factor is drawn evenly from max (0, 1 − c) to 1 + c.")),
      STRENGTH ("jitter", "saturation", N_ ("Saturation"), "saturation", 0, 2, 0.4, "",
                N_ ("Mixes with the gray picture; the factor is drawn evenly from max (0, 1 − s) to 1 + s. "
                    "Not applied to gray pictures.")),
      STRENGTH ("jitter", "hue", N_ ("Hue"), "hue", 0, 0.5, 0.1, "turn",
                N_ ("Turns the colour wheel by −h to +h of a full turn; 0.5 reaches every hue. "
                    "Not applied to gray pictures.")),
    },
    .n_drawn = 5,
    .drawn = { "order", "brightness", "contrast", "saturation", "hue" },
  },
  [KIN_OP_GRAYSCALE] = {
    .kind = KIN_OP_GRAYSCALE,
    .id = "grayscale",
    .title = N_ ("Grayscale"),
    .help = N_ ("Takes the colour away (Rec. 601 luma). Not applied to gray pictures."),
    .source = TORCHVISION ("RandomGrayscale"),
  },
  [KIN_OP_SOLARIZE] = {
    .kind = KIN_OP_SOLARIZE,
    .id = "solarize",
    .title = N_ ("Solarize"),
    .help = N_ ("Inverts what is as bright as the threshold, or brighter."),
    .source = TORCHVISION ("RandomSolarize"),
    .n_params = 1,
    .params = {
      STRENGTH ("solarize", "threshold", N_ ("Threshold"), "threshold", 0, 1, 0.5, "",
                N_ ("Values from here up become one minus themselves; 0 is black, 1 is white.")),
    },
    .n_drawn = 1,
    .drawn = { "threshold" },
  },
  [KIN_OP_BLUR] = {
    .kind = KIN_OP_BLUR,
    .id = "blur",
    .title = N_ ("Gaussian blur"),
    .help = N_ ("Blurs with a Gaussian, mirrored at the border."),
    .source = TORCHVISION ("GaussianBlur"),
    .n_params = 3,
    .params = {
      { .id = "kernel", .title = N_ ("Kernel"), .formal = "kernel_size", .group = "blur", .kind = KIN_PARAM_INT,
        .min = 1, .max = 31, .def = 3, .unit = "px", .is_live = TRUE, .source = "",
        .help = N_ ("Side of the kernel, an odd number; SimCLR takes a tenth of the picture's side.") },
      STRENGTH ("blur", "sigma_min", N_ ("Least blur"), "sigma", 0.01, 10, 0.1, "px",
                N_ ("Smallest standard deviation of the Gaussian.")),
      STRENGTH ("blur", "sigma_max", N_ ("Most blur"), "sigma", 0.01, 10, 2, "px",
                N_ ("Largest standard deviation of the Gaussian.")),
    },
    .n_drawn = 2,
    .drawn = { "kernel", "sigma" },
  },
  [KIN_OP_NOISE] = {
    .kind = KIN_OP_NOISE,
    .id = "noise",
    .title = N_ ("Gaussian noise"),
    .help = N_ ("Adds independent normal noise to every value, clipped to black and white."),
    .source = "",
    .n_params = 1,
    .params = {
      STRENGTH ("noise", "std", N_ ("Strength"), "std", 0, 1, 0.05, "",
                N_ ("Standard deviation of the noise, where 1 is the step from black to white.")),
    },
    .n_drawn = 2,
    .drawn = { "std", "seed" },
  },
  [KIN_OP_CUTOUT] = {
    .kind = KIN_OP_CUTOUT,
    .id = "cutout",
    .title = N_ ("Cutout"),
    .help = N_ ("Paints a square over the picture, anywhere inside it."),
    .source = "DeVries & Taylor 2017, arXiv:1708.04552; " TORCHVISION ("RandomErasing (scale, ratio 1, value)"),
    .n_params = 2,
    .params = {
      STRENGTH ("cutout", "share", N_ ("Side"), "", 0.02, 1, 0.3, "",
                N_ ("Side of the square as a share of the picture's side, rounded to pixels.")),
      STRENGTH ("cutout", "value", N_ ("Gray"), "value", 0, 1, 0.5, "",
                N_ ("What the square is painted with; 0 is black, 1 is white.")),
    },
    .n_drawn = 4,
    .drawn = { "top", "left", "side", "value" },
  },
};

const KinOpInfo *
kin_op_info (KinOpKind kind)
{
  g_return_val_if_fail ((guint) kind < KIN_N_OPS, NULL);
  return &ops[kind];
}
