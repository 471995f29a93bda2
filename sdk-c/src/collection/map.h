/* map.h - what set.c uses of map.c beyond object.h. */
#ifndef JANK_COLLECTION_MAP_H
#define JANK_COLLECTION_MAP_H

#include "value/word.h"

#define MAP_SEQ_KEYS 1 /* flag of a MAP_SEQ: its elements are the keys */

/* An empty map that stays a trie: a set is in order of its hashes. */
jank_object *map_empty_hashed(void);
jank_object *map_key_seq(jank_object *m);

#endif
