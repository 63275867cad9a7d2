/* The bodies of a kernel table, one family a file, and the table. Included last by each kernels-ISA.c, which is
 * compiled for that instruction set. */

#include "engine/kernels/kernels.h"

#include <string.h>

#include "engine/kernels/columns-body.h"
#include "engine/kernels/elements-body.h"
#include "engine/kernels/multiply-body.h"
#include "engine/kernels/norm-body.h"
#include "engine/kernels/winograd-body.h"

G_STATIC_ASSERT (2 * LANES <= KIN_PANEL_MAX);

const KinKernels KIN_KERNELS = {
  .isa = KIN_KERNELS_ISA,
  .panel = 2 * LANES,
  .multiply = multiply,
  .im2col = im2col,
  .col2im_add = col2im_add,
  .winograd_weights = winograd_weights,
  .winograd_weight_gradients = winograd_weight_gradients,
  .winograd_input = winograd_input,
  .winograd_input_gradient = winograd_input_gradient,
  .winograd_output = winograd_output,
  .winograd_output_gradient = winograd_output_gradient,
  .moments = moments,
  .norm_sums = norm_sums,
  .norm_gradient = norm_gradient,
  .join = join,
  .lazy_mean = lazy_mean,
  .rectify = rectify,
  .mask = mask,
  .add = add,
};
