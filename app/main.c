#include <glib/gi18n.h>
#include <locale.h>

#include "ui/application.h"

int
main (int argc, char **argv)
{
  g_autoptr (KinApplication) application = NULL;
  int status;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, KIN_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_prgname ("kindred");
  application = kin_application_new ();
  status = g_application_run (G_APPLICATION (application), argc, argv);
  return status != 0 ? status : kin_application_get_exit_status (application);
}
