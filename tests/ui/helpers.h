#pragma once

#include <gtk/gtk.h>

#include "ui/session.h"

/* g_test_init(), GTK, resources and style; a test program of the window begins with it. */
void test_init (int *argc, char ***argv);

typedef gboolean (*TestCondition) (gpointer data);

/* Lets the main loop run until @is_met; aborts the test when that takes longer than @seconds. */
void test_wait (TestCondition is_met, gpointer data, double seconds, const char *what);

/* Lets the main loop run for @seconds. */
void test_run (double seconds);

/* A small set that is drawn in a moment. */
void test_open_shapes (KinSession *session, guint n);

gboolean test_has_run (gpointer session);
gboolean test_has_failed (gpointer session);
