#include "app/cli.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum
{
  CELLS = 20, NARROW_CELLS = 8, /* of the bar */
  NARROW_COLUMNS = 100,
  DEFAULT_COLUMNS = 80,
  REDRAW_INTERVAL_US = 100000,
};

static gboolean is_drawn = FALSE;

gboolean
cli_has_bar (void)
{
  const char *terminal = g_getenv ("TERM");

  return isatty (STDERR_FILENO) && terminal != NULL && strcmp (terminal, "dumb") != 0
         && !(cli_is_json () && isatty (STDOUT_FILENO));
}

static guint
count_columns (void)
{
  struct winsize size;

  return ioctl (STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : DEFAULT_COLUMNS;
}

static void
append_cells (GString *line, double fraction, guint cells)
{
  guint full = CLAMP (fraction, 0, 1) * cells + 0.5;

  for (guint i = 0; i < cells; i++)
    g_string_append (line, i < full ? "█" : "░");
}

/* A line that wraps cannot be redrawn: @text is cut at @columns. */
static char *
cut (const char *text, guint columns)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  return g_utf8_substring (valid, 0, MIN (g_utf8_strlen (valid, -1), (glong) columns));
}

void
cli_bar_draw (double fraction, const char *title, const char *const *facts)
{
  static gint64 drawn_us = 0;
  gint64 now_us = g_get_monotonic_time ();
  g_autoptr (GString) line = g_string_new (NULL);
  g_autofree char *shown = NULL;
  guint columns;

  if (!cli_has_bar () || (is_drawn && now_us - drawn_us < REDRAW_INTERVAL_US))
    return;
  drawn_us = now_us;
  columns = count_columns () - 1;
  g_string_append (line, title);
  if (fraction >= 0)
    {
      g_string_append_c (line, ' ');
      append_cells (line, fraction, columns < NARROW_COLUMNS ? NARROW_CELLS : CELLS);
      g_string_append_printf (line, " %3.0f %%", 100 * CLAMP (fraction, 0, 1));
    }
  for (guint i = 0; facts != NULL && facts[i] != NULL; i++)
    if (g_utf8_strlen (line->str, -1) + 3 + g_utf8_strlen (facts[i], -1) <= columns)
      g_string_append_printf (line, " · %s", facts[i]);
  shown = cut (line->str, columns);
  fprintf (stderr, "\r%s\033[K", shown);
  fflush (stderr);
  is_drawn = TRUE;
}

void
cli_bar_clear (void)
{
  if (!is_drawn)
    return;
  fputs ("\r\033[K", stderr);
  fflush (stderr);
  is_drawn = FALSE;
}

gboolean
cli_on_progress (double fraction, const char *what, gpointer user_data)
{
  cli_bar_draw (fraction, what, NULL);
  return !g_atomic_int_get (cli_get_interrupted ());
}
