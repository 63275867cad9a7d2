#include "engine/error.h"

enum
{
  EXCERPT_CHARS = 40,
};

G_DEFINE_QUARK (kin-error, kin_error)

char *
kin_error_excerpt (const char *text)
{
  /* A character has at most six bytes: the first step bounds the work on a text of any length. */
  g_autofree char *head = g_strndup (text, 6 * EXCERPT_CHARS + 1);
  g_autofree char *valid = g_utf8_make_valid (head, -1);
  GString *excerpt = g_string_new (NULL);
  const char *p = valid;

  for (int n = 0; *p && n < EXCERPT_CHARS; n++, p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      g_string_append_unichar (excerpt, g_unichar_isprint (c) ? c : 0xfffd);
    }
  if (*p)
    g_string_append (excerpt, "…");
  return g_string_free (excerpt, FALSE);
}
