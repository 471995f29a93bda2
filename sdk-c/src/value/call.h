/* call.h - functions as objects, and calls of any value from C. */
#ifndef JANK_VALUE_CALL_H
#define JANK_VALUE_CALL_H

#include "value/string.h"
#include "value/word.h"

typedef jank_object *(*fn0)(jank_object *);

typedef jank_object *(*fn1)(jank_object *, jank_object *);

typedef jank_object *(*fn2)(jank_object *, jank_object *, jank_object *);

typedef jank_object *(*fn3)(jank_object *, jank_object *, jank_object *,
                            jank_object *);

/* What all closures of one fn expression share. entries[n] is a C function for
 * n arguments and is never NULL: an arity that is not defined leads to code
 * that throws ArityException, one beyond a variadic's required count to code
 * that gathers the rest and calls `variadic`. */
typedef struct {
  jank_object header;
  jank_object *patch;  /* PATCH that owns the code, or nil */
  string_object *name; /* "eita/ggg" */
  int32_t required;    /* of the variadic arity; -1: not variadic */
  void *variadic;
  void *entries[JANK_MAX_ARITY + 1];
} code_object;

/* A function, or a closure: what it captured is behind it. */
typedef struct {
  jank_object header; /* aux: number of captures */
  code_object *code;
  jank_object *meta;
  jank_object *captures[];
} fn_object;

SAME_OFFSET(fn_object, jank_aot_fn, code);
SAME_OFFSET(fn_object, jank_aot_fn, captures);
SAME_OFFSET(code_object, jank_aot_code, entries);
#ifdef __wasm__
_Static_assert(offsetof(fn_object, code) == JANK_FN_CODE, "");
_Static_assert(offsetof(fn_object, captures) == JANK_FN_CAPTURES, "");
_Static_assert(offsetof(code_object, entries) == JANK_CODE_ENTRIES, "");
#endif

/* The C function, of self and argc words; argc <= JANK_MAX_ARITY + 1. */
jank_object *call_pointer(void *function, jank_object *self, int argc,
                          jank_object **args);
/* Calls entries[argc] of a function object; argc <= JANK_MAX_ARITY. */
jank_object *call_invoke(fn_object *f, int argc, jank_object **args);
/* What a value does when it is called, by its type; throws when it cannot be. The
 * general way, for functions too: argc may be anything. */
jank_object *call_value(jank_object *f, int argc, jank_object **args);

#endif
