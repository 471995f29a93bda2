/* seq.h - what coll.c uses of seq.c beyond object.h. */
#ifndef JANK_COLLECTION_SEQ_H
#define JANK_COLLECTION_SEQ_H

#include "value/word.h"

jank_object *seqs_over_array(array_object *a,
                             uint32_t index); /* nil at the end */
/* end nil: without end. The empty list when nothing is in it. */
jank_object *seqs_range(jank_object *start, jank_object *end,
                        jank_object *step);
/* Chunks: some items of a seq at a time. The others take a chunked seq. */
bool seqs_is_chunked(jank_object *s);
array_object *seqs_chunk_first(jank_object *s);
jank_object *seqs_chunk_rest(jank_object *s);
jank_object *seqs_chunk_cons(array_object *items, jank_object *rest_items);
enum chunk_kind { CHUNK_MAP, CHUNK_FILTER, CHUNK_REMOVE, CHUNK_KEEP };
array_object *reduce_chunk(jank_object *f, jank_object *s,
                           enum chunk_kind kind);
bool seqs_lazy_is_realized(jank_object *lazy);
/* A map entry as a vector of two; anything else as it is. */
jank_object *coll_entry_vector(jank_object *o);

#endif
