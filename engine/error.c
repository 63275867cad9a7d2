#include "engine/error.h"

G_DEFINE_QUARK (kin-error, kin_error)
