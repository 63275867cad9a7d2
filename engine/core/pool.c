#include "engine/core/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

/* A loop of some 10 µs ends sooner than a sleeping thread wakes up, so both sides look for new work this often before
 * they sleep. */
enum
{
  SPINS = 2000,
};

typedef struct
{
  KinPool *pool;
  guint index;
  pthread_t thread;
} Worker;

struct _KinPool
{
  guint n_threads;
  Worker *workers; /* (n_threads - 1); the caller is worker 0 */

  pthread_mutex_t lock;
  pthread_cond_t wake, idle;

  /* The loop under way. Written by the caller while all workers wait, read by them after they have seen the new
   * generation. */
  KinPoolFunc func;
  gpointer data;
  guint n_items;

  atomic_uint generation;
  atomic_uint next;   /* item to be claimed */
  atomic_uint active; /* workers that have not finished this generation */
  atomic_bool quit;
};

static inline void
relax (void)
{
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause ();
#endif
}

static void
work (KinPool *pool, guint worker)
{
  guint item;

  while ((item = atomic_fetch_add_explicit (&pool->next, 1, memory_order_relaxed)) < pool->n_items)
    pool->func (pool->data, item, worker);
}

/* Returns the generation that is not @seen any more. */
static guint
wait_for_generation (KinPool *pool, guint seen)
{
  guint now;

  for (int i = 0; i < SPINS; i++)
    {
      now = atomic_load_explicit (&pool->generation, memory_order_acquire);
      if (now != seen)
        return now;
      relax ();
    }
  pthread_mutex_lock (&pool->lock);
  while ((now = atomic_load_explicit (&pool->generation, memory_order_acquire)) == seen)
    pthread_cond_wait (&pool->wake, &pool->lock);
  pthread_mutex_unlock (&pool->lock);
  return now;
}

static void *
worker_main (void *argument)
{
  Worker *self = argument;
  KinPool *pool = self->pool;
  guint seen = 0;

  for (;;)
    {
      seen = wait_for_generation (pool, seen);
      if (atomic_load_explicit (&pool->quit, memory_order_relaxed))
        return NULL;
      work (pool, self->index);
      if (atomic_fetch_sub_explicit (&pool->active, 1, memory_order_acq_rel) == 1)
        {
          pthread_mutex_lock (&pool->lock);
          pthread_cond_signal (&pool->idle);
          pthread_mutex_unlock (&pool->lock);
        }
    }
}

static void
next_generation (KinPool *pool)
{
  pthread_mutex_lock (&pool->lock);
  atomic_fetch_add_explicit (&pool->generation, 1, memory_order_release);
  pthread_cond_broadcast (&pool->wake);
  pthread_mutex_unlock (&pool->lock);
}

KinPool *
kin_pool_new (guint n_threads)
{
  KinPool *pool = g_new0 (KinPool, 1);

  if (n_threads == 0)
    n_threads = g_get_num_processors ();
  pool->n_threads = CLAMP (n_threads, 1, KIN_THREADS_MAX);
  pool->workers = g_new0 (Worker, pool->n_threads);
  pthread_mutex_init (&pool->lock, NULL);
  pthread_cond_init (&pool->wake, NULL);
  pthread_cond_init (&pool->idle, NULL);

  for (guint i = 1; i < pool->n_threads; i++)
    {
      Worker *worker = &pool->workers[i - 1];

      worker->pool = pool;
      worker->index = i;
      if (pthread_create (&worker->thread, NULL, worker_main, worker) != 0)
        {
          /* Fewer hands do the same work. */
          pool->n_threads = i;
          break;
        }
    }
  return pool;
}

void
kin_pool_free (KinPool *pool)
{
  if (pool == NULL)
    return;
  atomic_store (&pool->quit, TRUE);
  next_generation (pool);
  for (guint i = 1; i < pool->n_threads; i++)
    pthread_join (pool->workers[i - 1].thread, NULL);
  pthread_cond_destroy (&pool->idle);
  pthread_cond_destroy (&pool->wake);
  pthread_mutex_destroy (&pool->lock);
  g_free (pool->workers);
  g_free (pool);
}

guint
kin_pool_get_n_threads (const KinPool *pool)
{
  return pool->n_threads;
}

void
kin_pool_run (KinPool *pool, guint n_items, KinPoolFunc func, gpointer data)
{
  if (pool->n_threads == 1 || n_items <= 1)
    {
      for (guint item = 0; item < n_items; item++)
        func (data, item, 0);
      return;
    }

  pool->func = func;
  pool->data = data;
  pool->n_items = n_items;
  atomic_store_explicit (&pool->next, 0, memory_order_relaxed);
  atomic_store_explicit (&pool->active, pool->n_threads - 1, memory_order_relaxed);
  next_generation (pool);

  work (pool, 0);

  for (int i = 0; i < SPINS; i++)
    {
      if (atomic_load_explicit (&pool->active, memory_order_acquire) == 0)
        return;
      relax ();
    }
  pthread_mutex_lock (&pool->lock);
  while (atomic_load_explicit (&pool->active, memory_order_acquire) != 0)
    pthread_cond_wait (&pool->idle, &pool->lock);
  pthread_mutex_unlock (&pool->lock);
}
