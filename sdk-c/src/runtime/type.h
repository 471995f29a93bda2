/* type.h - TODO */
#ifndef JANK_RUNTIME_TYPE_H
#define JANK_RUNTIME_TYPE_H

#include "host/host.h"
#include "runtime/class.h"
#include "value/symbol.h"
#include "value/word.h"

typedef struct {
  jank_object header; /* aux: number of fields */
  class_object *class;
  jank_object *meta;
  jank_object *extra; /* record: map of what is beyond the fields, or nil */
  jank_object *fields[];
} instance_object;

typedef struct {
  jank_object header;
  symbol_object *name; /* user/Shape */
  jank_object *sigs;   /* map: keyword -> {:name :arglists :doc} */
  jank_object *impls;  /* map: class or nil -> map: keyword -> function */
  jank_object *meta;   /* {:extend-via-metadata true ...} or nil */
} protocol_object;

/* What deftype's interfaces call the operations of the generic functions. */
#define TYPE_METHODS(X)                                                        \
  X(seq)                                                                       \
  X(first)                                                                     \
  X(next)                                                                      \
  X(more)                                                                      \
  X(count)                                                                     \
  X(nth)                                                                       \
  X(valAt)                                                                     \
  X(containsKey)                                                               \
  X(contains)                                                                  \
  X(get)                                                                       \
  X(assoc)                                                                     \
  X(without)                                                                   \
  X(cons)                                                                      \
  X(disjoin)                                                                   \
  X(meta)                                                                      \
  X(withMeta)                                                                  \
  X(invoke)                                                                    \
  X(applyTo)                                                                   \
  X(deref)                                                                     \
  X(equiv)                                                                     \
  X(equals)                                                                    \
  X(hasheq)                                                                    \
  X(hashCode)                                                                  \
  X(compareTo)                                                                 \
  X(empty)                                                                     \
  X(peek)                                                                      \
  X(pop)                                                                       \
  X(reduce)                                                                    \
  X(kvreduce)                                                                  \
  X(rseq) X(print) X(toString) X(isRealized) X(entryAt) X(reset) X(swap)

enum type_method {
#define X(name) METHOD_##name,
  TYPE_METHODS(X)
#undef X
      METHOD_COUNT
};

/* What was found for a method's function and a class: a function. */
typedef struct {
  jank_object *method, *class, *function;
} dispatch_entry;

enum { DISPATCH_CACHE = 512 };

#define DISPATCH_SLOT(method, class)                                           \
  ((((uintptr_t)(method) >> 3) ^ ((uintptr_t)(class) >> 4)) % DISPATCH_CACHE)

void type_init(void); /* the names of methods */
void type_trace(jank_object *o);
/* The instance's method; NULL: it has none of this name. */
jank_object *instance_method(jank_object *o, enum type_method m);
jank_object *instance_method_named(jank_object *o, jank_object *symbol);
/* Calls it; args begin after the instance. Throws when there is none. */
jank_object *instance_call(jank_object *o, enum type_method m, int argc,
                           jank_object **args);
bool is_record(jank_object *o);
jank_object *record_get(jank_object *r, jank_object *key,
                        jank_object *otherwise);
jank_object *record_assoc(jank_object *r, jank_object *key, jank_object *value);
jank_object *record_dissoc(jank_object *r, jank_object *key);
jank_object *record_seq(jank_object *r); /* entries */
int64_t record_count(jank_object *r);
bool record_equal(jank_object *a, jank_object *b);
uint32_t record_hash(jank_object *r);
/* Fields by name; throw when there is none. */
jank_object *instance_get_field(jank_object *o, jank_object *name);
jank_object *instance_set_field(jank_object *o, jank_object *name,
                                jank_object *value);
/* A method's result, or a field when there are no arguments; false: neither. */
bool instance_find_member(jank_object *o, jank_object *name, jank_object *args,
                          jank_object **result);
jank_object *instance_with_meta(jank_object *o, jank_object *meta);
extern dispatch_entry type_dispatch_cache[DISPATCH_CACHE];
void type_forget_dispatch(void); /* types or protocols have changed */
/* The function that implements a protocol's method for an argument; `self` is
 * the method. */
jank_object *type_dispatch(jank_object *self, jank_object *argument);
/* A new instance of the class args[0]. */
jank_object *type_construct(int argc, jank_object **args);

uint32_t type_field_count(const class_object *c);
instance_object *type_instance_make(class_object *c, uint32_t n);

#endif
