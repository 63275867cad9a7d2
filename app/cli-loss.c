#include "app/cli.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "engine/core/npy.h"
#include "engine/kernels/gemm.h"
#include "engine/loss/normalize.h"
#include "engine/loss/ntxent.h"

enum
{
  PAIRS_MAX = 4096, /* as in training; the (2N)² similarities take 256 MiB then */
  DIMENSIONS_MAX = 65536,
};

typedef struct
{
  double loss, chance, top1;
  double gradient_norm;
} Answer;

/* @file: of (2N, D) numbers. Returns: (transfer full): them as floats */
static float *
read_z (const char *file, guint *N, guint *D, GError **error)
{
  g_auto (KinNpy) array = { 0 };
  g_autofree float *z = NULL;

  if (!kin_npy_read (file, &array, error))
    return NULL;
  if (array.rank != 2 || array.shape[0] % 2 != 0 || array.shape[0] < 4 || array.shape[0] > 2 * PAIRS_MAX
      || array.shape[1] < 1 || array.shape[1] > DIMENSIONS_MAX)
    {
      g_set_error (error, KIN_ERROR, KIN_ERROR_FORMAT,
                   _("--z: “%s” holds an array of %u dimensions, %zu × %zu; needed are 2: an even number of rows, 4 to %d, "
                     "of 1 to %d columns, rows n and n + N being a pair"),
                   file, array.rank, array.rank > 0 ? array.shape[0] : 0, array.rank > 1 ? array.shape[1] : 0,
                   2 * PAIRS_MAX, DIMENSIONS_MAX);
      return NULL;
    }
  z = g_new (float, array.n);
  for (gsize i = 0; i < array.n; i++)
    {
      z[i] = array.values[i];
      if (!isfinite (z[i]))
        {
          g_set_error (error, KIN_ERROR, KIN_ERROR_FORMAT,
                       _("--z: “%s”, row %zu, column %zu: %g is not a finite number of single precision"), file,
                       i / array.shape[1], i % array.shape[1], array.values[i]);
          return NULL;
        }
    }
  *N = array.shape[0] / 2;
  *D = array.shape[1];
  return g_steal_pointer (&z);
}

static gboolean
read_tau (GPtrArray *settings, double *tau, GError **error)
{
  g_autoptr (KinConfig) config = kin_config_new (NULL);

  for (guint i = 0; i < settings->len; i++)
    {
      const char *setting = g_ptr_array_index (settings, i);

      if (!kin_config_set_text (config, setting, error))
        {
          g_prefix_error (error, "--set: ");
          return FALSE;
        }
      if (!g_str_has_prefix (setting, "tau") || !strchr (" =", setting[strlen ("tau")]))
        {
          g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION, _("--set: the loss has one parameter, tau, not “%s”"), setting);
          return FALSE;
        }
    }
  *tau = kin_config_get (config, "tau");
  return TRUE;
}

/* @z: overwritten with the gradient with respect to what it was */
static Answer
compute (float *z, guint N, guint D, double tau)
{
  gsize rows = 2 * (gsize) N;
  g_autofree float *unit = g_new (float, rows * D), *d_unit = g_new (float, rows * D), *norms = g_new (float, rows);
  g_autofree float *log_sum = g_new (float, rows), *workspace = g_new (float, kin_ntxent_workspace (N));
  KinPool *pool = kin_pool_new (0);
  KinNtxentResult result;
  double sum = 0;

  kin_gemm_init ();
  kin_normalize_rows (z, rows, D, unit, norms);
  result = kin_ntxent (pool, unit, N, D, tau, workspace, log_sum, d_unit);
  kin_normalize_rows_backward (unit, norms, d_unit, rows, D, z);
  kin_pool_free (pool);
  for (gsize i = 0; i < rows * D; i++)
    sum += (double) z[i] * z[i];
  return (Answer){ result.loss, kin_ntxent_chance (N), result.top1, sqrt (sum) };
}

static void
print_answer (const Answer *answer, guint N, guint D, double tau, const char *grad)
{
  json_object *object;

  if (!cli_is_json ())
    {
      cli_print (_("loss %.9g nats, chance %.9g, top1 %.6g, |gradient| %.9g; N = %u, D = %u, tau = %g\n"), answer->loss,
                 answer->chance, answer->top1, answer->gradient_norm, N, D, tau);
      if (grad != NULL)
        cli_print (_("gradient: %s\n"), grad);
      return;
    }
  object = json_object_new_object ();
  cli_json_add_text (object, "event", "done");
  cli_json_add_number (object, "loss", answer->loss);
  cli_json_add_number (object, "chance", answer->chance);
  cli_json_add_number (object, "top1", answer->top1);
  cli_json_add_number (object, "gradient_norm", answer->gradient_norm);
  cli_json_add_integer (object, "N", N);
  cli_json_add_integer (object, "D", D);
  cli_json_add_number (object, "tau", tau);
  cli_json_add_text (object, "grad", grad);
  cli_print_json (object);
}

static gboolean
check_method (const char *method, GError **error)
{
  if (strcmp (method, "simclr") == 0)
    return TRUE;
  g_set_error (error, KIN_ERROR, KIN_ERROR_OPTION, _("there is no loss “%s”; known: simclr"), method);
  return FALSE;
}

static CliExit
run (const CliCommand *command, char **arguments)
{
  char *method = NULL, *z_file = NULL, *grad = NULL;
  g_autoptr (GPtrArray) settings = g_ptr_array_new_with_free_func (g_free);
  const CliOption options[] = {
    { CLI_POSITIONAL, "METHOD", 0, NULL, &method, N_("Whose loss: simclr, the NT-Xent.") },
    { CLI_TEXT, "z", 0, "FILE", &z_file,
      N_("NumPy file (float32, float64, int or uint8) of the projections, (2N, D), not normalised; rows n and n + N are the "
         "two views of one image. N: 2 to 4096. Needed.") },
    { CLI_ASSIGNMENT, "set", 0, "tau=VALUE", settings, N_("The temperature, 0.005 to 2. Default: 0.2.") },
    { CLI_TEXT, "grad", 0, "FILE", &grad,
      N_("Write the gradient with respect to the projections, through their normalisation: NumPy, float32, (2N, D).") },
    CLI_OPTION_JSON,
    { 0 },
  };
  g_autofree float *z = NULL;
  GError *error = NULL;
  Answer answer;
  guint N, D;
  double tau;
  CliExit exit;

  if (!cli_parse (command, options, arguments, &exit))
    return exit;
  if (!check_method (method, &error) || !cli_check_given (command, "--z FILE", z_file, &error)
      || !read_tau (settings, &tau, &error) || (z = read_z (z_file, &N, &D, &error)) == NULL)
    return cli_fail (error);
  answer = compute (z, N, D, tau);
  if (grad != NULL && !kin_npy_write_f32 (grad, z, 2, (gsize[]){ 2 * N, D }, &error))
    return cli_fail (error);
  print_answer (&answer, N, D, tau, grad);
  return CLI_DONE;
}

const CliCommand cli_command_loss = {
  .name = "loss",
  .summary = N_("compute a loss and its gradient for numbers from a file"),
  .synopsis = "simclr --z FILE [--set tau=VALUE] [--grad FILE] [--json]",
  .description
  = N_("Normalises the rows of a matrix, computes the loss of a batch as training does, in single precision, and the "
       "gradient with respect to the rows as they were given. To compare with other software, or to see what a temperature "
       "does.\n\n"
       "simclr: the mean over all rows i of -ln (exp (s(i, j(i)) / tau) / sum over k not i of exp (s(i, k) / tau)), s being the "
       "cosine and j(i) the other view (Chen et al. 2020, arXiv:2002.05709, eq. 1). Also printed: chance, ln (2N - 1), and "
       "top1, the share of rows whose other view is the most similar."),
  .examples = "kindred-cli loss simclr --z z.npy --set tau=0.5 --grad dz.npy\n"
              "kindred-cli loss simclr --z z.npy --json",
  .run = run,
};
