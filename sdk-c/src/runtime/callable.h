/* callable.h - calls of what is no function. */
#ifndef JANK_RUNTIME_CALLABLE_H
#define JANK_RUNTIME_CALLABLE_H

#include "value/word.h"

bool callable_is(jank_object *o); /* `ifn?` */

/* For the table of types. (:key coll), (:key coll otherwise) */
jank_object *callable_key(jank_object *f, int argc, jank_object **args);
/* (coll key), (coll key otherwise) */
jank_object *callable_lookup(jank_object *f, int argc, jank_object **args);
/* (vector index) */
jank_object *callable_index(jank_object *f, int argc, jank_object **args);

#endif
