#include "engine/policy.h"

#include <glib/gi18n-lib.h>

/* Chen et al. 2020, arXiv:2002.05709, for small pictures: no blur, since a tenth of 32 px is a kernel of 3. */
#define SIMCLR                                                                                                         \
  "crop p=1 area_min=0.2 area_max=1\n"                                                                                 \
  "hflip p=0.5\n"                                                                                                      \
  "jitter p=0.8 brightness=0.4 contrast=0.4 saturation=0.4 hue=0.1\n"                                                  \
  "grayscale p=0.2\n"

/* Found by sweeps on Fashion-MNIST (CONTRIBUTING, Recipes): tones that change beyond recognition leave outline and pattern
 * to tell a picture by; large crops keep the outline. */
#define GRAY                                                                                                           \
  "crop p=1 area_min=0.8 area_max=1\n"                                                                                 \
  "hflip p=0.5\n"                                                                                                      \
  "jitter p=0.8 brightness=0.8 contrast=0.8 saturation=0 hue=0\n"                                                      \
  "solarize p=0.5 threshold=0.6\n"                                                                                     \
  "solarize p=0.5 threshold=0.3\n"

#define CROP "crop p=1 area_min=0.2 area_max=1\n"

#define COLOR                                                                                                          \
  "jitter p=0.8 brightness=0.4 contrast=0.4 saturation=0.4 hue=0.1\n"                                                  \
  "grayscale p=0.2\n"

#define NONE "# every view is the picture itself\n"

/* Takes colour and pose away, so that the shape is what two views of a picture have in common. */
#define SHAPES                                                                                                         \
  "crop p=1 area_min=0.5 area_max=1\n"                                                                                 \
  "hflip p=0.5\n"                                                                                                      \
  "rotate p=1 degrees=180 fill=background\n"                                                                           \
  "jitter p=0.8 brightness=0.4 contrast=0.4 saturation=0.4 hue=0.5\n"                                                  \
  "grayscale p=0.3\n"

#define SHAPES_WEAK                                                                                                    \
  "crop p=1 area_min=0.5 area_max=1\n"                                                                                 \
  "hflip p=0.5\n"                                                                                                      \
  "jitter p=0.8 brightness=0.4 contrast=0.4 saturation=0.4 hue=0.1\n"                                                  \
  "grayscale p=0.2\n"

static const KinPolicyPreset presets[] = {
  { "simclr", N_ ("SimCLR, small pictures"),
    N_ ("Crop, flip, colour jitter, grayscale: what SimCLR uses at 32 px. For photographs in colour."), SIMCLR },
  { "gray", N_ ("Gray pictures"),
    N_ ("Large crops, flip, strong brightness and contrast, solarized twice: tones stop telling pictures apart, outline and "
        "pattern do. Switch the flip off for letters and digits."), GRAY },
  { "crop", N_ ("Crop only"), N_ ("What cropping alone teaches: mostly colour."), CROP },
  { "color", N_ ("Colour only"), N_ ("What colour changes alone teach: place and outline."), COLOR },
  { "none", N_ ("None"), N_ ("Both views are the picture itself: the task is trivial, and nothing is learned."), NONE },
  { "shapes", N_ ("Shapes"),
    N_ ("Crop, flip, any rotation, any hue: pose and colour stop telling pictures apart, and shape is learned."),
    SHAPES },
  { "shapes-weak", N_ ("Shapes, weak"),
    N_ ("No rotation and little hue: colour and pose tell the pictures apart, and shape is not learned."),
    SHAPES_WEAK },
};

const KinPolicyPreset *
kin_policy_presets (guint *n)
{
  *n = G_N_ELEMENTS (presets);
  return presets;
}

const char *
kin_policy_find_preset (const KinPolicy *policy)
{
  for (guint i = 0; i < G_N_ELEMENTS (presets); i++)
    {
      g_autoptr (KinPolicy) preset = kin_policy_from_text (presets[i].text, NULL);

      if (kin_policy_equal (policy, preset))
        return presets[i].id;
    }
  return NULL;
}
