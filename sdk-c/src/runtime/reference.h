/* reference.h - what other files need of reference.c. */
#ifndef JANK_RUNTIME_REFERENCE_H
#define JANK_RUNTIME_REFERENCE_H

#include "value/word.h"

/* Has the DELAY `o` been forced? */
bool reference_is_realized(jank_object *o);
extern const struct patch_symbol reference_builtins[];

#endif
