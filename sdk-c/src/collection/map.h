/* map.h - persistent maps, their seqs and their transients. nil is taken as an
 * empty map; anything else that is no MAP throws ClassCastException. */
#ifndef JANK_COLLECTION_MAP_H
#define JANK_COLLECTION_MAP_H

#include "value/word.h"

extern jank_object *map_empty; /* {} */

#define MAP_SEQ_KEYS 1 /* flag of a MAP_SEQ: its elements are the keys */

/* MAP. An array map keeps its pairs in `items`, in order of insertion; one with
 * flag MAP_HASHED is a trie under `root` (NULL: empty) and has no items. */
typedef struct {
  jank_object header;
  uint32_t count;
  struct map_node *root;
  jank_object *meta;
  jank_object *items[];
} map_object;

#define MAP_HASHED 1

/* An empty map that stays a trie: a set is in order of its hashes. */
jank_object *map_empty_hashed(void);
jank_object *map_key_seq(jank_object *m); /* nil when empty */

void map_trace(jank_object *o);
uint32_t map_count(jank_object *m);
jank_object *map_get(jank_object *m, jank_object *key, jank_object *not_found);
jank_object *map_assoc(jank_object *m, jank_object *key, jank_object *value);
jank_object *map_dissoc(jank_object *m, jank_object *key);
/* Calls visit for every entry, in seq order, until it returns false. */
void map_each(jank_object *m,
              bool (*visit)(void *, jank_object *, jank_object *),
              void *context);
jank_object *map_with_meta(jank_object *m, jank_object *meta); /* a copy */
/* The pair as a new MAP_ENTRY, with the key that the map has; NULL: none. */
jank_object *map_find(jank_object *m, jank_object *key);
/* A seq of MAP_ENTRY objects, nil when empty; first and next of such a seq, or of
 * map_key_seq's. */
jank_object *map_seq(jank_object *m);
jank_object *map_seq_first(jank_object *s);
jank_object *map_seq_next(jank_object *s);
/* A transient is changed in place; the map that it came from is not. Each `bang`
 * gives the transient to go on with. All throw after map_persistent. */
jank_object *map_transient(jank_object *m);
jank_object *map_persistent(jank_object *t);
jank_object *map_assoc_bang(jank_object *t, jank_object *key,
                            jank_object *value);
jank_object *map_dissoc_bang(jank_object *t, jank_object *key);
jank_object *map_transient_get(jank_object *t, jank_object *key,
                               jank_object *not_found);
uint32_t map_transient_count(jank_object *t);
/* Makes the empty maps. */
void map_init(void);

extern O map_empty_hash_map; /* an empty trie */
/* Later pairs win, their keys keep the earlier place. */
jank_object *map_array_map_from(uint32_t count, jank_object *const *items);
jank_object *map_meta(jank_object *m);
void map_node_trace(jank_object *o); /* and of a MAP_COLLISION */
void map_transient_trace(jank_object *o);
void map_seq_trace(jank_object *o);

#endif
