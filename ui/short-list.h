#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * kin_drop_down_shorten:
 * @max_chars: about so wide is the button at the most
 *
 * Lets the button of a list of strings shorten a long entry instead of widening the panel; the open list shows it
 * whole.
 */
void kin_drop_down_shorten (GtkDropDown *drop_down, int max_chars);

G_END_DECLS
