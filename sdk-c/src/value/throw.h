/* throw.h - unwinding: what was thrown goes to the innermost handler. */
#ifndef JANK_VALUE_THROW_H
#define JANK_VALUE_THROW_H

#include "value/word.h"

/* Calls body(context); 1 and *result, or 0 and *exception. For C code. */
bool throw_catch(jank_object *(*body)(void *), void *context,
                 jank_object **result, jank_object **exception);
/* OutOfMemoryError, without allocating. */
_Noreturn void throw_out_of_memory(void);
/* The exception for that, made in time: whoever makes it keeps it. */
void throw_set_out_of_memory(jank_object *exception);
/* Drops all handlers: the engine has unwound the stack by itself. */
void throw_reset(void);
/* The chain of handlers in force, to be set again after a trap. */
void *throw_handlers(void);
void throw_set_handlers(void *handlers);

#endif
