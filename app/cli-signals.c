#include "app/cli.h"

#include <signal.h>

static gint interrupted = 0;

/* One atomic store: all that a signal handler may do. */
static void
on_signal (int number)
{
  g_atomic_int_set (&interrupted, 1);
}

void
cli_catch_signals (void)
{
  /* A second signal ends the program at once; files are renamed into place, so that this harms none. */
  const struct sigaction stop = { .sa_handler = on_signal, .sa_flags = SA_RESETHAND | SA_RESTART };
  const struct sigaction ignore = { .sa_handler = SIG_IGN };
  const int stopping[] = { SIGINT, SIGTERM, SIGHUP };

  for (guint i = 0; i < G_N_ELEMENTS (stopping); i++)
    {
      struct sigaction before;

      /* nohup: whoever started us does not want this one. */
      if (stopping[i] != SIGHUP || (sigaction (SIGHUP, NULL, &before) == 0 && before.sa_handler != SIG_IGN))
        sigaction (stopping[i], &stop, NULL);
    }
  /* A closed pipe is an error of writing, told where it happens. */
  sigaction (SIGPIPE, &ignore, NULL);
#ifdef SIGXFSZ
  sigaction (SIGXFSZ, &ignore, NULL); /* so is a file that may not grow */
#endif
}

const gint *
cli_get_interrupted (void)
{
  return &interrupted;
}
