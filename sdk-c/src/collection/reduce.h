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

/* f over the items, until it gives a REDUCED; what it holds is the result. */
jank_object *reduce(jank_object *f, jank_object *init, jank_object *coll);
jank_object *reduce_done(jank_object *value); /* a REDUCED */
void reduce_trace(jank_object *o);
/* f over the items of a chunked seq's first chunk: the results (MAP), those that are
 * not nil (KEEP), or the items for which it is true (FILTER) or not (REMOVE). */
array_object *reduce_chunk(jank_object *f, jank_object *s,
                           enum chunk_kind kind);

#endif
