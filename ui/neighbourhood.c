#include "ui/neighbourhood.h"

#include <gio/gio.h>
#include <math.h>

struct _KinNeighbourhood
{
  GObject parent;
  GCancellable *search; /* the latest one */
  KinNearby nearby;
};

G_DEFINE_FINAL_TYPE (KinNeighbourhood, kin_neighbourhood, G_TYPE_OBJECT)

static guint changed_signal;

typedef struct
{
  KinDataset *dataset;
  KinEmbedding *embedding;
  guint id;
} Question;

static void
question_free (gpointer data)
{
  Question *question = data;

  g_clear_pointer (&question->dataset, kin_dataset_unref);
  g_clear_pointer (&question->embedding, kin_embedding_unref);
  g_free (question);
}

static guint64
squared_distance (const guint8 *a, const guint8 *b, gsize n)
{
  guint64 sum = 0;

  /* 32 bits hold 65536 squares of a byte. */
  for (gsize begin = 0; begin < n; begin += 65536)
    {
      gsize end = MIN (n, begin + 65536);
      guint32 part = 0;

      for (gsize i = begin; i < end; i++)
        {
          gint d = (gint) a[i] - b[i];

          part += (guint32) (d * d);
        }
      sum += part;
    }
  return sum;
}

static void
find_in_pixels (const Question *question, GCancellable *search, KinNearby *nearby)
{
  const KinDataset *dataset = question->dataset;
  gsize D = (gsize) dataset->size * dataset->size * dataset->channels;
  const guint8 *query = kin_dataset_get_pixels (dataset, question->id);
  guint64 found[KIN_NEIGHBOURS_SHOWN];
  guint n = 0;

  for (guint id = 0; id < dataset->n_images && !((id & 1023) == 0 && g_cancellable_is_cancelled (search)); id++)
    {
      guint64 distance;
      guint at;

      if (id == question->id)
        continue;
      distance = squared_distance (query, kin_dataset_get_pixels (dataset, id), D);
      if (n == KIN_NEIGHBOURS_SHOWN && distance >= found[n - 1])
        continue;
      if (n < KIN_NEIGHBOURS_SHOWN)
        n++;
      for (at = n - 1; at > 0 && found[at - 1] > distance; at--)
        {
          found[at] = found[at - 1];
          nearby->pixels[at] = nearby->pixels[at - 1];
        }
      found[at] = distance;
      nearby->pixels[at] = id;
    }
  for (guint i = 0; i < n; i++)
    nearby->distances[i] = sqrt ((double) found[i]) / 255;
  nearby->n_pixels = n;
}

static void
find_learned (const Question *question, KinNearby *nearby)
{
  const KinEmbedding *embedding = question->embedding;
  const KinDataset *dataset = question->dataset;
  int row = kin_embedding_find_row (embedding, question->id);

  if (row < 0)
    return;
  nearby->n_learned = kin_neighbours_of_row (embedding->features, embedding->ids, embedding->n, embedding->D,
                                             embedding->features + (gsize) row * embedding->D, row,
                                             KIN_NEIGHBOURS_JUDGED, nearby->learned);
  if (dataset->labels == NULL)
    return;
  for (guint i = 0; i < nearby->n_learned; i++)
    if (dataset->labels[nearby->learned[i].id] == dataset->labels[question->id])
      nearby->n_same_class++;
}

static void
search_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *search)
{
  const Question *question = data;
  KinNearby *nearby = g_new0 (KinNearby, 1);

  nearby->id = (int) question->id;
  if (question->embedding != NULL)
    find_learned (question, nearby);
  find_in_pixels (question, search, nearby);
  g_task_return_pointer (task, nearby, g_free);
}

/* A question that has been replaced was cancelled, and its task returns an error. */
static void
on_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  KinNeighbourhood *self = KIN_NEIGHBOURHOOD (source);
  g_autofree KinNearby *nearby = g_task_propagate_pointer (G_TASK (result), NULL);

  if (nearby == NULL)
    return;
  self->nearby = *nearby;
  g_signal_emit (self, changed_signal, 0);
}

void
kin_neighbourhood_ask (KinNeighbourhood *self, KinDataset *dataset, KinEmbedding *embedding, int id)
{
  g_autoptr (GTask) task = NULL;
  Question *question;

  if (self->search != NULL)
    g_cancellable_cancel (self->search);
  g_clear_object (&self->search);
  if (self->nearby.id != id || dataset == NULL)
    {
      self->nearby = (KinNearby){ .id = -1 };
      g_signal_emit (self, changed_signal, 0);
    }
  if (id < 0 || dataset == NULL)
    return;
  question = g_new0 (Question, 1);
  question->dataset = kin_dataset_ref (dataset);
  question->embedding = embedding == NULL ? NULL : kin_embedding_ref (embedding);
  question->id = (guint) id;
  self->search = g_cancellable_new ();
  task = g_task_new (self, self->search, on_found, NULL);
  g_task_set_task_data (task, question, question_free);
  g_task_run_in_thread (task, search_in_thread);
}

const KinNearby *
kin_neighbourhood_get (KinNeighbourhood *self)
{
  return &self->nearby;
}

static void
kin_neighbourhood_dispose (GObject *object)
{
  KinNeighbourhood *self = KIN_NEIGHBOURHOOD (object);

  if (self->search != NULL)
    g_cancellable_cancel (self->search);
  g_clear_object (&self->search);
  G_OBJECT_CLASS (kin_neighbourhood_parent_class)->dispose (object);
}

static void
kin_neighbourhood_class_init (KinNeighbourhoodClass *class)
{
  G_OBJECT_CLASS (class)->dispose = kin_neighbourhood_dispose;
  changed_signal = g_signal_new ("changed", KIN_TYPE_NEIGHBOURHOOD, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                 0);
}

static void
kin_neighbourhood_init (KinNeighbourhood *self)
{
  self->nearby.id = -1;
}

KinNeighbourhood *
kin_neighbourhood_new (void)
{
  return g_object_new (KIN_TYPE_NEIGHBOURHOOD, NULL);
}
