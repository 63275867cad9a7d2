#pragma once

#include <glib.h>

/* The number type of nn/, loss/ and method/. The engine is compiled a second time with KIN_REAL_DOUBLE, for gradient
 * checks only, so that finite differences test the very source that trains. */
#ifdef KIN_REAL_DOUBLE
typedef double real;
#define KIN_REAL_EPS 1e-300
#else
typedef float real;
#define KIN_REAL_EPS 1e-30f
#endif
