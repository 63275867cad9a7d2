#pragma once

#include "engine/config.h"
#include "engine/snapshot.h"

G_BEGIN_DECLS

/**
 * KinRun:
 *
 * One training run on one set: the model, its optimizer and its place in the schedule. Has no thread of its own (its
 * pool only works inside a call) and is used from one thread at a time. The same config and the same live changes at
 * the same steps give the same bits, at any number of threads.
 */
typedef struct _KinRun KinRun;

/**
 * kin_run_new:
 *
 * Checks @config against @dataset, then plans and takes all memory of the run.
 */
KinRun *kin_run_new (const KinConfig *config, KinDataset *dataset, GError **error);
void kin_run_free (KinRun *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KinRun, kin_run_free)

const KinConfig *kin_run_get_config (const KinRun *run);
KinDataset *kin_run_get_dataset (const KinRun *run); /* (transfer none) */
guint64 kin_run_get_step (const KinRun *run);
guint kin_run_get_steps_per_epoch (const KinRun *run);
guint64 kin_run_get_steps_total (const KinRun *run);
gboolean kin_run_is_finished (const KinRun *run);
guint kin_run_get_n_parameters (const KinRun *run);
guint kin_run_get_feature_size (const KinRun *run);    /* D of h */
guint kin_run_get_projection_size (const KinRun *run); /* D of z */
double kin_run_get_chance (const KinRun *run);

/**
 * kin_run_set:
 *
 * A live parameter, from the next step on; written to the command log of the run. %KIN_ERROR_OPTION for one that is
 * not live.
 */
gboolean kin_run_set (KinRun *run, const char *id, double value, GError **error);
gboolean kin_run_set_policy (KinRun *run, KinPolicy *policy, GError **error);

/**
 * kin_run_get_log:
 *
 * Returns: (transfer none): every live change so far, one line each: "STEP set NAME VALUE" or "STEP policy TEXT" (lines
 *   of the policy joined by "; "). kin_run_replay() of the same log gives the same parameters, bit for bit.
 */
const char *kin_run_get_log (const KinRun *run);

/**
 * kin_run_replay:
 * @log: text of kin_run_get_log()
 *
 * Reads @log and does its changes at their steps, from now on. A line that cannot be right is an error that names it, and
 * leaves the run without a replay of it.
 */
gboolean kin_run_replay (KinRun *run, const char *log, GError **error);

/**
 * kin_run_step:
 * @sample: (out)
 *
 * One batch: augment, forward, loss, backward, update. Allocates nothing. A loss or gradient that is not finite ends
 * with %KIN_ERROR_DIVERGED, names the step and what to try, and leaves the parameters as they were before the step.
 */
gboolean kin_run_step (KinRun *run, KinSample *sample, GError **error);

/**
 * kin_run_set_cancel:
 * @flag: (nullable): when *@flag becomes non-zero (atomically), step and evaluation return %KIN_ERROR_CANCELLED within
 *   the time of a layer. A cancelled step changes nothing and can be done again.
 */
void kin_run_set_cancel (KinRun *run, const gint *flag);

/**
 * kin_run_evaluate:
 * @evaluation: (out)
 * @embedding: (out) (optional) (transfer full): the features of the evaluated images (no map)
 *
 * Measures the frozen encoder (see #KinEvaluation). Uses a random stream of its own and running statistics: calling it
 * or not changes nothing that is learned. The means since the evaluation before begin anew.
 */
gboolean kin_run_evaluate (KinRun *run, KinEvaluation *evaluation, KinEmbedding **embedding, GError **error);

/**
 * kin_run_evaluate_initial:
 *
 * As kin_run_evaluate() at step 0, whenever it is called: the untrained encoder, made again from the seed. So a window
 * need not wait for it before the first step.
 */
gboolean kin_run_evaluate_initial (KinRun *run, KinEvaluation *evaluation, KinEmbedding **embedding, GError **error);

/**
 * KinMeasurement:
 *
 * The same in short pieces, so that learning goes on in between: 128 images, or some 100 ms of k-NN, or the spectrum of
 * the features. Measured are weights, policy and votes of when it began, whatever the run does afterwards.
 */
typedef struct _KinMeasurement KinMeasurement;

/* @run: must live as long. @is_initial: as kin_run_evaluate_initial() */
KinMeasurement *kin_measurement_new (KinRun *run, gboolean is_initial);
void kin_measurement_free (KinMeasurement *measurement);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KinMeasurement, kin_measurement_free)

/* Does a piece; cancelled, leaves it to be done again. Returns: whether there is more to do */
gboolean kin_measurement_advance (KinMeasurement *measurement);

/* When there is no more to do. Returns: (transfer full): the features, no map */
KinEmbedding *kin_measurement_finish (KinMeasurement *measurement, KinEvaluation *evaluation);

/* Whether the untrained encoder has been measured with the votes of now: its line is known. */
gboolean kin_run_has_random (const KinRun *run);

/* Whether a measurement is due after the step that was just done: `eval_every` epochs have passed, or it was the last. */
gboolean kin_run_is_evaluation_due (const KinRun *run);

/**
 * kin_run_get_similarity:
 * @n_pairs: at most so many
 *
 * Returns: (transfer full) (nullable): the batch of the last step; NULL before the first step, and
 *   after one that was cancelled or diverged, which has overwritten it
 */
KinSimilarity *kin_run_get_similarity (KinRun *run, guint n_pairs);

/**
 * kin_run_probe_similarity:
 * @n_pairs: at most so many
 *
 * The same views as the frozen encoder sees them now (running statistics, no learning): those of the batch of the last
 * step, or, before the first, of the batch to come. So a run that was loaded has one too. Changes nothing that is learned.
 *
 * Returns: (transfer full) (nullable): NULL with %KIN_ERROR_CANCELLED
 */
KinSimilarity *kin_run_probe_similarity (KinRun *run, guint n_pairs, GError **error);

typedef enum
{
  KIN_SPACE_H,      /* backbone output: what is used afterwards */
  KIN_SPACE_Z,      /* projection: what the loss sees */
  KIN_SPACE_PIXELS, /* (size·size·channels) in [0, 1] */
} KinSpace;

gboolean kin_space_parse (const char *text, KinSpace *space, GError **error);

/**
 * kin_run_embed:
 * @pixels: (n, size, size, channels)
 * @rows: (out caller-allocates): (n, D) float, not normalised; D by @space
 */
gboolean kin_run_embed (KinRun *run, const guint8 *pixels, guint n, KinSpace space, float *rows, GError **error);
guint kin_run_get_space_size (const KinRun *run, KinSpace space);

/**
 * kin_run_save:
 * @folder: made when it is not there
 *
 * Writes checkpoint, config.ini and commands.log, each beside, synced and renamed: whatever happens, the folder holds the
 * run before or the run now. config.ini is the configuration that the run began with: a new run of it that replays
 * commands.log gets the same bits.
 */
gboolean kin_run_save (KinRun *run, const char *folder, GError **error);

/**
 * kin_run_load:
 * @dataset: (nullable): used when it is the set the run was made with; else the set is opened
 *
 * Returns: (transfer full): the run, going on bit for bit as if it had never stopped
 */
KinRun *kin_run_load (const char *folder, KinDataset *dataset, KinProgressFunc progress, gpointer user_data,
                      GError **error);

/**
 * kin_run_export:
 * @file: a safetensors file with PyTorch's names and shapes: Conv2d, BatchNorm2d and Linear of the encoder and the
 *   head load it as it is; the metadata says how pixels are normalised
 */
gboolean kin_run_export (KinRun *run, const char *file, GError **error);

/**
 * kin_run_get_fingerprint:
 *
 * Returns: a 64-bit hash of the bits of all parameters and running statistics
 */
guint64 kin_run_get_fingerprint (const KinRun *run);

G_END_DECLS
