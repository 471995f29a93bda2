/* set.h - persistent sets and their transients. nil is taken as an empty set;
 * anything else that is no SET throws ClassCastException. */
#ifndef JANK_COLLECTION_SET_H
#define JANK_COLLECTION_SET_H

#include "value/word.h"

extern jank_object *set_empty; /* #{} */

typedef struct { /* SET: each element is a key and its own value */
  jank_object header;
  jank_object *map;
  jank_object *meta;
} set_object;

void set_trace(jank_object *o);
jank_object *set_conj(jank_object *s, jank_object *x);
bool set_contains(jank_object *s, jank_object *x);
uint32_t set_count(jank_object *s);
jank_object *set_disj(jank_object *s, jank_object *x);
/* The element that is equal to x. */
jank_object *set_get(jank_object *s, jank_object *x, jank_object *not_found);
/* A seq of the elements: a MAP_SEQ with flag MAP_SEQ_KEYS. */
jank_object *set_seq(jank_object *s);
jank_object *set_with_meta(jank_object *s, jank_object *meta);
jank_object *set_transient(jank_object *s);
jank_object *set_persistent(jank_object *t);
jank_object *set_conj_bang(jank_object *t, jank_object *x);
jank_object *set_disj_bang(jank_object *t, jank_object *x);
jank_object *set_transient_get(jank_object *t, jank_object *x,
                               jank_object *not_found);
uint32_t set_transient_count(jank_object *t);
void set_init(void);
jank_object *set_meta(jank_object *s);
void set_transient_trace(jank_object *o);

#endif
