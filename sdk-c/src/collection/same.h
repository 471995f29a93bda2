/* same.h - equality, hashes and order of collections. */
#ifndef JANK_COLLECTION_SAME_H
#define JANK_COLLECTION_SAME_H

#include "value/word.h"

/* Equality of contents: both are sequential; maps; sets; whatever their types. */
bool same_sequential(jank_object *a, jank_object *b);
bool same_entries(jank_object *a, jank_object *b);
bool same_elements(jank_object *a, jank_object *b);
uint32_t same_hash(jank_object *o);

/* For the table of types: a or b is one. */
bool same_equal_sequential(jank_object *a, jank_object *b);
bool same_equal_maps(jank_object *a, jank_object *b);
bool same_equal_sets(jank_object *a, jank_object *b);
int same_compare(jank_object *o, jank_object *b); /* a vector or map entry */

#endif
