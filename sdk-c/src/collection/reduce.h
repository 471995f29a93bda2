/* reduce.h - reduce over any collection. */
#ifndef JANK_COLLECTION_REDUCE_H
#define JANK_COLLECTION_REDUCE_H

#include "collection/array.h"
#include "value/word.h"

typedef struct { /* REDUCED: what ends a reduce */
  jank_object header;
  jank_object *value;
} reduced_object;

enum chunk_kind { CHUNK_MAP, CHUNK_FILTER, CHUNK_REMOVE, CHUNK_KEEP };

jank_object *reduce(jank_object *f, jank_object *init, jank_object *coll);
jank_object *reduce_done(jank_object *value);
void reduce_trace(jank_object *o);
/* f over the items of a chunked seq's first chunk. */
array_object *reduce_chunk(jank_object *f, jank_object *s,
                           enum chunk_kind kind);

#endif
