/* sorted.h - sorted maps and sets. The type is not checked. A comparator may be
 * any function of the program and may throw; then nothing has changed. */
#ifndef JANK_COLLECTION_SORTED_H
#define JANK_COLLECTION_SORTED_H

#include "value/word.h"

/* o: SORTED_MAP or SORTED_SET. What gives one gives a new one, or o. */
uint32_t sorted_count(jank_object *o);
jank_object *sorted_get(jank_object *o, jank_object *key,
                        jank_object *otherwise);
bool sorted_contains(jank_object *o, jank_object *key);
jank_object *sorted_assoc(jank_object *o, jank_object *key, jank_object *value);
jank_object *sorted_conj(jank_object *o, jank_object *x); /* of a set */
jank_object *sorted_without(jank_object *o, jank_object *key);
jank_object *sorted_empty(jank_object *o);
jank_object *sorted_meta(jank_object *o);
jank_object *sorted_with_meta(jank_object *o, jank_object *meta);
/* A TREE_SEQ, or nil. */
jank_object *sorted_seq(jank_object *o, bool descending);
jank_object *sorted_seq_first(jank_object *s);
jank_object *sorted_seq_next(jank_object *s);
uint32_t sorted_seq_count(jank_object *s);

void sorted_trace(jank_object *o);
void sorted_seq_trace(jank_object *o);

/* An empty SORTED_MAP or SORTED_SET; comparator nil: `compare`. */
jank_object *sorted_new(enum jank_type type, jank_object *comparator);
/* From the first item that is not before key, in the direction. */
jank_object *sorted_seq_from(jank_object *o, jank_object *key, bool descending);
/* A builtin: the order of a and b in o, as a number. */
jank_object *sorted_compare_in(jank_object *self, jank_object *o,
                               jank_object *a, jank_object *b);
void sorted_tree_trace(jank_object *o);

#endif
