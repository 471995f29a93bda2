/* kind.h - collections that this floor does not know: instances of a program's own
 * types, and values of JavaScript. Their operations are in the row of their type. */
#ifndef JANK_COLLECTION_KIND_H
#define JANK_COLLECTION_KIND_H

#include "value/types.h"
#include "value/word.h"

/* An operation that is NULL is not supported. */
struct coll_kind {
  jank_object *(*seq)(jank_object *o); /* throws when it is not seqable */
  jank_object *(*first)(jank_object *seq);
  jank_object *(*next)(jank_object *seq);    /* a seqable */
  bool (*count)(jank_object *o, int64_t *n); /* false: it cannot tell */
  /* false: not supported. *found is what to give when there is none; without a
   * default it throws then. */
  bool (*nth)(jank_object *o, int64_t i, jank_object **found, bool has_default);
  jank_object *(*get)(jank_object *o, jank_object *key, jank_object *not_found);
  bool (*contains)(jank_object *o, jank_object *key, bool *result);
  jank_object *(*conj)(jank_object *o, jank_object *x);
  jank_object *(*assoc)(jank_object *o, jank_object *key, jank_object *value);
  jank_object *(*dissoc)(jank_object *o, jank_object *key);
  bool (*reduce)(jank_object *f, jank_object **acc, jank_object *o);
  /* Whether it implements ISeq, Sequential, IPersistentMap ... */
  bool (*is)(jank_object *o, const char *interface);
  bool (*is_callable)(jank_object *o); /* NULL: when its row has `call` */
};

/* NULL: this floor knows the type, or it is no collection. */
static inline const struct coll_kind *kind_of(const jank_object *o) {
  return is_heap(o) ? types[o->type].coll : NULL;
}
static inline bool kind_is(jank_object *o, const char *interface) {
  const struct coll_kind *kind = kind_of(o);
  return kind && kind->is && kind->is(o, interface);
}

#endif
