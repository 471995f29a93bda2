/* macro.h - macros and their expansion; also for unit.c and the builtins. */
#ifndef JANK_ANALYZE_MACRO_H
#define JANK_ANALYZE_MACRO_H

#include "read/reader.h"
#include "runtime/var.h"
#include "value/word.h"

/* The macro that the head of a list names; NULL: it is none. Locals are not looked
 * at: who has some asks for them first. */
var_object *macro_of(jank_object *form);
/* Calls it; throws CompilerException at `where`. */
jank_object *macro_expand_once(const char *file, jank_object *form, span where,
                               var_object *macro);
bool macro_is_call(jank_object *form); /* a list, or a seq that a macro gave */

/* Expands until the head is no macro. */
jank_object *macro_expand(const char *file, jank_object *form, span where);

#endif
