#pragma once

#include "engine/command.h"
#include "engine/config.h"
#include "engine/embedding.h"
#include "engine/preview.h"

G_BEGIN_DECLS

/* One training step. */
typedef struct
{
  guint64 step;         /* counted from 1 */
  double epoch;         /* step / steps an epoch */
  double loss;          /* nats, mean over the batch */
  double chance;        /* the loss when nothing is learned: ln (2N - 1) for NT-Xent */
  double top1;          /* share of the anchors whose positive is the most similar of the batch, [0, 1] */
  double learning_rate;
  double gradient_norm; /* Euclidean, over all parameters */
} KinSample;

/* What the frozen encoder can do at one moment. A number that does not exist (no labels, no held-out part) is NAN. */
typedef struct
{
  guint64 step;
  double epoch;
  double loss;           /* mean of the steps since the evaluation before; NAN at step 0 */
  double chance;
  double knn;            /* leave-one-out k-NN agreement of h with the labels, training images, [0, 1] */
  double knn_test;       /* the same for held-out images against the training images */
  double knn_pixels;     /* leave-one-out, raw pixels */
  double knn_random;     /* leave-one-out, the untrained encoder of this seed */
  double chance_label;   /* the share of the largest class: what guessing it reaches */
  double alignment;      /* E |f(x) - f(x+)|^2 of unit z; 0 is perfect */
  double uniformity;     /* log E exp (-2 |f(x) - f(y)|^2) of unit z; lower is more uniform */
  double effective_rank; /* RankMe of h, in [1, D] */
  double std;            /* mean over the dimensions of the standard deviation of unit z */
  double std_full;       /* 1 / sqrt (dimensions of z): what evenly spread rows reach */
  double gradient_norm;  /* of the last step */
  double top1;           /* mean of the steps since the evaluation before */
  double pairs_per_s;    /* training alone, since the evaluation before; 0 at step 0 */
  double train_seconds;  /* spent in steps so far */
} KinEvaluation;

/**
 * KinSimilarity:
 *
 * The batch of one step as the loss saw it. Rows n and n + N are the two views of ids[n]. Immutable, reference counted.
 */
typedef struct
{
  guint N;       /* pairs shown */
  guint N_batch; /* pairs in the batch; N < N_batch when the batch is larger than what is watched */
  guint64 step;
  guint32 epoch; /* for KinViewKey */
  guint64 seed;
  double tau;
  double loss;      /* of the whole batch */
  guint32 *ids;     /* (N) */
  float *cosine;    /* (2N, 2N) */
  float *log_sum;   /* (2N) ln sum_{k != i} exp (s_ik / tau), over the whole batch: P_ij = exp (s_ij / tau - log_sum_i) */
  KinPolicy *policy; /* what made the views */
} KinSimilarity;

KinSimilarity *kin_similarity_new (guint N);
KinSimilarity *kin_similarity_ref (KinSimilarity *similarity);
void kin_similarity_unref (KinSimilarity *similarity);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KinSimilarity, kin_similarity_unref)

/**
 * kin_similarity_new_at:
 * @tau: temperature, > 0
 *
 * Returns: (transfer full): the same cosines as a loss at another temperature would see them; its batch are the pairs
 *   that are shown
 */
KinSimilarity *kin_similarity_new_at (const KinSimilarity *similarity, double tau);

/**
 * KinCell:
 *
 * What softmax and loss make of one cell: the anchor i is the row, j the column.
 *
 * Source: Chen et al. 2020, eq. 1, and its derivative.
 */
typedef struct
{
  double cosine;      /* s_ij */
  double probability; /* P_ij, over all other rows of the batch; NAN on the diagonal */
  double loss;        /* of the anchor i: -ln P_ij(i), nats */
  double gradient;    /* d loss / d s_ij: P_ij / tau for a negative, (P_ij - 1) / tau for the positive; NAN on the
                         diagonal */
  double share;       /* of all that pushes the anchor away: P_ij / (1 - P_ij(i)); NAN but for negatives, and where
                         nothing pushes */
  gboolean is_self, is_positive;
} KinCell;

KinCell kin_similarity_cell (const KinSimilarity *similarity, guint row, guint column);

typedef enum
{
  KIN_STATE_EMPTY,    /* no set yet */
  KIN_STATE_LOADING,  /* reading a set; progress and message tell how far */
  KIN_STATE_READY,    /* a run is there and has not begun */
  KIN_STATE_TRAINING,
  KIN_STATE_PAUSED,
  KIN_STATE_FINISHED, /* all epochs are done */
  KIN_STATE_FAILED,   /* error says why; dataset and config, where there are any, are the last good ones */
} KinState;

/**
 * KinSnapshot:
 *
 * Everything a spectator may know of a lab at one moment. Immutable after publication, reference counted. The members
 * in the first part are the latest; @samples, @evaluations and @events hold all that came since the last snapshot that
 * was taken, none twice, none lost.
 */
typedef struct
{
  gint sealed; /* set last by the trainer, read first by whoever looks: see mailbox.h */
  guint64 serial;
  KinState state;
  double progress; /* of loading, [0, 1], negative when not known */
  char *message;   /* (nullable) of loading */
  GError *error;   /* (nullable) of KIN_STATE_FAILED */

  guint64 run;     /* counts restarts and opened sets: curves begin anew when it changes */
  KinDataset *dataset; /* (nullable) */
  KinConfig *config;   /* (nullable) with all live changes so far */
  guint n_parameters;  /* of the encoder and its head */

  guint64 step;
  guint steps_per_epoch;
  gboolean is_measuring; /* the encoder is being measured, between steps or while none is done */
  double pairs_per_s;  /* over the last second or so; 0 when not training */
  double seconds_left; /* negative when not known */

  GArray *samples;     /* of KinSample, by step */
  GArray *evaluations; /* of KinEvaluation, by step */
  GPtrArray *events;   /* of KinEvent, in order */

  KinSimilarity *similarity; /* (nullable) */
  KinEmbedding *embedding;   /* (nullable) */
} KinSnapshot;

KinSnapshot *kin_snapshot_new (void);
void kin_snapshot_unref (KinSnapshot *snapshot);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KinSnapshot, kin_snapshot_unref)

G_END_DECLS
