/* instance.h - instances of a program's own types and records. */
#ifndef JANK_RUNTIME_INSTANCE_H
#define JANK_RUNTIME_INSTANCE_H

#include "base/buffer.h"
#include "runtime/class.h"
#include "value/word.h"

typedef struct {
  jank_object header; /* aux: number of fields */
  class_object *class;
  jank_object *meta;
  jank_object *extra; /* record: map of what is beyond the fields, or nil */
  jank_object *fields[];
} instance_object;

/* What deftype's interfaces call the operations of the generic functions. `print`
 * is no interface's: it is how the core's own types print. */
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

void instance_init(void); /* the names of methods */

uint32_t instance_field_count(const class_object *c); /* that it declares */
/* With n fields, all nil, for the caller to fill in. */
instance_object *instance_make(class_object *c, uint32_t n);
bool instance_is_record(jank_object *o);
jank_object *instance_record_assoc(jank_object *record, jank_object *key,
                                   jank_object *value);

/* The instance's method; NULL: it has none of this name. */
jank_object *instance_method(jank_object *o, enum type_method m);
/* What a class's method is for the instance; of a reify, each has its own. */
jank_object *instance_method_value(jank_object *o, jank_object *found);
/* Calls it; args begin after the instance. Throws when there is none. */
jank_object *instance_call(jank_object *o, enum type_method m, int argc,
                           jank_object **args);
/* Fields by name; throw when there is none. */
jank_object *instance_get_field(jank_object *o, jank_object *name);
jank_object *instance_set_field(jank_object *o, jank_object *name,
                                jank_object *value);
/* A method's result, or a field when there are no arguments; false: neither. */
bool instance_find_member(jank_object *o, jank_object *name, jank_object *args,
                          jank_object **result);

/* For the table of types. */
extern const struct coll_kind instance_kind;
void instance_trace(jank_object *o);
bool instance_equal(jank_object *a, jank_object *b); /* one is an instance */
uint32_t instance_hash(jank_object *o);
int instance_compare(jank_object *o, jank_object *b);
jank_object *instance_invoke(jank_object *f, int argc, jank_object **args);
void instance_print(buffer *out, jank_object *o, bool readably);
jank_object *instance_meta(jank_object *o);
jank_object *instance_with_meta(jank_object *o, jank_object *meta);

#endif
