/* type.h - protocols, and making instances. */
#ifndef JANK_RUNTIME_TYPE_H
#define JANK_RUNTIME_TYPE_H

#include "value/symbol.h"
#include "value/word.h"

typedef struct {
  jank_object header;
  symbol_object *name; /* user/Shape */
  jank_object *sigs;   /* map: keyword -> {:name :arglists :doc} */
  jank_object *impls;  /* map: class or nil -> map: keyword -> function */
  jank_object *meta;   /* {:extend-via-metadata true ...} or nil */
} protocol_object;

/* What was found for a method's function and a class: a function. */
typedef struct {
  jank_object *method, *class, *function;
} dispatch_entry;
enum { DISPATCH_CACHE = 512 };
#define DISPATCH_SLOT(method, class)                                           \
  ((((uintptr_t)(method) >> 3) ^ ((uintptr_t)(class) >> 4)) % DISPATCH_CACHE)
extern dispatch_entry type_dispatch_cache[DISPATCH_CACHE];
void type_forget_dispatch(void); /* types or protocols have changed */
/* The function that implements a protocol's method for an argument; `self` is
 * the method. Throws when there is none. */
jank_object *type_dispatch(jank_object *self, jank_object *argument);

/* `new`: an instance of the class args[0], an exception, or an object of JavaScript,
 * of the other arguments. */
jank_object *type_construct(int argc, jank_object **args);

/* For the table of types. */
void type_trace(jank_object *o); /* of a PROTOCOL */
extern const struct journal_kind type_class_journal, type_protocol_journal;

#endif
