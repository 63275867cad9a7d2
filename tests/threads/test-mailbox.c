/* One thread posts, one takes: nothing is lost, nothing comes twice, the last one always arrives. For ThreadSanitizer. */

#include "engine/mailbox.h"

#include <pthread.h>

enum
{
  POSTS = 50000,
};

typedef struct
{
  KinMailbox mailbox;
  gint done;
} Shared;

static void *
post_all (void *argument)
{
  Shared *shared = argument;

  for (guint i = 1; i <= POSTS; i++)
    {
      KinSnapshot *snapshot = kin_snapshot_new ();
      KinSample sample = { .step = i };
      KinCommand command = { .serial = i };

      snapshot->serial = i;
      snapshot->run = 1;
      g_array_append_val (snapshot->samples, sample);
      if (i % 100 == 0)
        g_ptr_array_add (snapshot->events, kin_event_new (&command, i, NULL));
      kin_mailbox_post (&shared->mailbox, snapshot);
    }
  __atomic_store_n (&shared->done, 1, __ATOMIC_RELEASE);
  return NULL;
}

static void
test_nothing_lost (void)
{
  Shared shared = { 0 };
  pthread_t thread;
  guint64 last_step = 0, last_event = 0, last_serial = 0;
  gboolean is_last = FALSE;

  g_assert_cmpint (pthread_create (&thread, NULL, post_all, &shared), ==, 0);
  while (!is_last)
    {
      KinSnapshot *snapshot;

      is_last = __atomic_load_n (&shared.done, __ATOMIC_ACQUIRE);
      snapshot = kin_mailbox_take (&shared.mailbox);
      if (snapshot == NULL)
        continue;
      g_assert_cmpuint (snapshot->serial, >, last_serial);
      last_serial = snapshot->serial;
      for (guint i = 0; i < snapshot->samples->len; i++)
        g_assert_cmpuint (g_array_index (snapshot->samples, KinSample, i).step, ==, ++last_step);
      for (guint i = 0; i < snapshot->events->len; i++)
        {
          const KinEvent *event = g_ptr_array_index (snapshot->events, i);
          g_assert_cmpuint (event->serial, ==, last_event += 100);
        }
      kin_snapshot_unref (snapshot);
    }
  pthread_join (thread, NULL);
  g_assert_cmpuint (last_step, ==, POSTS);
  g_assert_cmpuint (last_event, ==, POSTS);
  g_assert_null (kin_mailbox_take (&shared.mailbox));
}

/* Samples of a run that is no more are not mixed with those of the next. */
static void
test_runs_do_not_mix (void)
{
  KinMailbox mailbox = { 0 };
  KinSnapshot *old = kin_snapshot_new (), *new = kin_snapshot_new (), *taken;
  KinSample sample = { .step = 7 };
  KinCommand command = { .serial = 3 };

  old->run = 1;
  g_array_append_val (old->samples, sample);
  g_ptr_array_add (old->events, kin_event_new (&command, 0, NULL));
  new->run = 2;
  kin_mailbox_post (&mailbox, old);
  kin_mailbox_post (&mailbox, new);
  taken = kin_mailbox_take (&mailbox);
  g_assert_true (taken == new);
  g_assert_cmpuint (taken->samples->len, ==, 0);
  g_assert_cmpuint (taken->events->len, ==, 1); /* an answer is owed all the same */
  kin_snapshot_unref (taken);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mailbox/nothing-lost", test_nothing_lost);
  g_test_add_func ("/mailbox/runs-do-not-mix", test_runs_do_not_mix);
  return g_test_run ();
}
