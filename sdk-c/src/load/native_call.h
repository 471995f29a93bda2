/* native_call.h - functions in C as jank sees and calls them: for native.c. */
#ifndef JANK_LOAD_NATIVE_CALL_H
#define JANK_LOAD_NATIVE_CALL_H

#include "jank_hot.h"
#include "value/word.h"

/* The letter of its result (0) or of parameter i (1 ...), as in jank_hot.h; 'p' for any
 * pointer, 'x' for what is not known. */
char native_call_kind(const struct jank_hot_function *f, int i);
int native_call_arity(const struct jank_hot_function *f);
/* A var's metadata: its arglists, text, file and line. */
jank_object *native_call_meta(const struct jank_hot_function *f);
/* Calls it with as many arguments as it takes. Throws when one is not of its
 * parameter's type or range, or a struct is passed by value. */
jank_object *native_call(const struct jank_hot_function *f, int argc,
                         jank_object **args);

#endif
