/* type_stubs.h - functions that deftype and defprotocol make without compiling.
 * All of them are new each time. */
#ifndef JANK_RUNTIME_TYPE_STUBS_H
#define JANK_RUNTIME_TYPE_STUBS_H

#include "runtime/class.h"
#include "value/call.h"
#include "value/string.h"
#include "value/word.h"

/* A protocol's method: captures [protocol, name, keyword], which the caller fills
 * in. Throws when an arglist is empty or too long. */
fn_object *type_stubs_dispatch(string_object *name, jank_object *arglists);
/* A type's ->Name. */
fn_object *type_stubs_constructor(class_object *c);
/* new*, of any number of arguments: the class comes first. */
code_object *type_stubs_new(void);

#endif
