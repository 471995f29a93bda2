/* vector.h - persistent vectors and their transients. The type is not checked:
 * who calls knows that it is a VECTOR (a TRANSIENT_VECTOR for those with bang).
 */
#ifndef JANK_COLLECTION_VECTOR_H
#define JANK_COLLECTION_VECTOR_H

#include "value/word.h"

extern jank_object *vector_empty; /* [] */

void vector_trace(jank_object *o);
uint32_t vector_count(jank_object *v);
jank_object *vector_nth(jank_object *v, uint32_t i); /* in range */
jank_object *vector_conj(jank_object *v, jank_object *x);
/* i: up to the count, where it is added. */
jank_object *vector_assoc(jank_object *v, uint32_t i, jank_object *x);
jank_object *vector_pop(jank_object *v); /* throws when it is empty */
jank_object *vector_meta(jank_object *v);
jank_object *vector_with_meta(jank_object *v, jank_object *meta); /* a copy */
/* A transient is changed in place, and is the result of each bang. All throw after
 * vector_persistent, and for an index that is out of bounds. */
jank_object *vector_transient(jank_object *v);
jank_object *vector_persistent(jank_object *t);
jank_object *vector_conj_bang(jank_object *t, jank_object *x);
jank_object *vector_assoc_bang(jank_object *t, jank_object *i, jank_object *x);
jank_object *vector_pop_bang(jank_object *t);
uint32_t vector_transient_count(jank_object *t);
void vector_init(void);
void vector_freeze(jank_object *node);
void vector_node_trace(jank_object *o);

#endif
