/* seq.h - what coll.c uses of seq.c beyond object.h. */
#ifndef JANK_COLLECTION_SEQ_H
#define JANK_COLLECTION_SEQ_H

#include "collection/array.h"
#include "collection/reduce.h"
#include "host/host.h"
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
array_object *reduce_chunk(jank_object *f, jank_object *s,
                           enum chunk_kind kind);
bool seqs_lazy_is_realized(jank_object *lazy);
/* A map entry as a vector of two; anything else as it is. */
jank_object *coll_entry_vector(jank_object *o);

void seqs_trace(jank_object *o);

jank_object *seq(jank_object *coll); /* nil when empty; throws if not seqable */
jank_object *seq_first(jank_object *coll);
jank_object *seq_next(jank_object *coll); /* a non-empty seq or nil */
jank_object *seq_rest(jank_object *coll);
/* `next` in a loop that may have no end: it can be interrupted there. */
jank_object *seq_next_polled(jank_object *coll);
jank_object *seq_cons(jank_object *x, jank_object *coll);
/* `conj` is a C library name. */
jank_object *coll_conj(jank_object *coll, jank_object *x);
int64_t coll_count(jank_object *coll);
jank_object *coll_nth(jank_object *coll, int64_t i, jank_object *not_found,
                      bool has_default);
jank_object *coll_get(jank_object *coll, jank_object *key,
                      jank_object *not_found);
bool coll_contains(jank_object *coll, jank_object *key);
jank_object *coll_assoc(jank_object *coll, jank_object *key,
                        jank_object *value);
jank_object *coll_dissoc(jank_object *coll, jank_object *key);
jank_object *meta_of(jank_object *o);
jank_object *seqs_lazy(jank_object *thunk);
jank_object *reduce(jank_object *f, jank_object *init, jank_object *coll);
bool seq_is_sequential(jank_object *o);
bool seq_is(jank_object *o);
/* Of a program's own types, too. */
bool seq_is_map(jank_object *o);
bool seq_is_set(jank_object *o);

#endif
