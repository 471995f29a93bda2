/* coll.h - the generic operations on any collection, as clojure.core's
 * functions of these names, with the same exceptions. */
#ifndef JANK_COLLECTION_COLL_H
#define JANK_COLLECTION_COLL_H

#include "value/word.h"

int64_t coll_count(jank_object *coll); /* walks what is not counted */
/* With a default, that when i is out of bounds; else it throws. nil has it anyway. */
jank_object *coll_nth(jank_object *coll, int64_t i, jank_object *not_found,
                      bool has_default);
jank_object *coll_get(jank_object *coll, jank_object *key,
                      jank_object *not_found);
bool coll_contains(jank_object *coll, jank_object *key);
jank_object *coll_conj(jank_object *coll, jank_object *x);
jank_object *coll_assoc(jank_object *coll, jank_object *key,
                        jank_object *value);
jank_object *coll_dissoc(jank_object *coll, jank_object *key);
_Noreturn void coll_out_of_bounds(int64_t i, int64_t n);
/* x as `conj` adds it to a map: a pair, an entry, or a map's entries. */
jank_object *coll_add_entries(jank_object *map, jank_object *x);
/* A map entry as a vector of two; anything else as it is. */
jank_object *coll_entry_vector(jank_object *o);
jank_object *coll_entry_with_meta(jank_object *o, jank_object *meta);

#endif
