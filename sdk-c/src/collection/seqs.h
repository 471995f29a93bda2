/* seqs.h - the types of seqs that step through something: how they are laid out
 * and made. seq.h is what steps through any of them. */
#ifndef JANK_COLLECTION_SEQS_H
#define JANK_COLLECTION_SEQS_H

#include "collection/array.h"
#include "value/word.h"

typedef struct { /* ARRAY_SEQ, VECTOR_SEQ, STRING_SEQ */
  jank_object header;
  O source, meta;
  uint32_t index; /* of the first item */
} step_object;

typedef struct { /* CHUNK_SEQ: some items at hand, and a seqable for later */
  jank_object header;
  O source, meta;
  uint32_t index;
  O rest;
} chunk_object;

enum { LAZY_PENDING, LAZY_CALLED, LAZY_DONE };
typedef struct { /* CALLED: value is what the thunk gave; DONE: its seq */
  jank_object header;
  O thunk, value, meta;
} lazy_object;

typedef struct { /* never empty; end nil: without end */
  jank_object header;
  O start, end, step, meta;
} range_object;

/* A seq of that type over the source, from the index on, which must be in range. */
jank_object *seqs_step(enum jank_type type, jank_object *source,
                       uint32_t index);
uint32_t
seqs_step_end(const step_object *s); /* its items, from the source's first */
jank_object *seqs_step_next(step_object *s);
jank_object *seqs_over_array(array_object *a,
                             uint32_t index); /* nil at the end */
/* end nil: without end. The empty list when nothing is in it. */
jank_object *seqs_range(jank_object *start, jank_object *end,
                        jank_object *step);
jank_object *seqs_range_next(range_object *r); /* nil at the end */
/* All its items are small integers. */
bool seqs_range_is_small(const range_object *r);
int64_t seqs_range_count(range_object *r);  /* walks one that is not small */
jank_object *seqs_lazy(jank_object *thunk); /* a function of no arguments */
bool seqs_lazy_is_realized(jank_object *lazy);
/* Chunks: some items of a seq at a time. The others take a chunked seq. */
jank_object *seqs_chunk(array_object *items, uint32_t index, jank_object *rest);
bool seqs_is_chunked(jank_object *s);
array_object *seqs_chunk_first(jank_object *s); /* a copy, 32 items at most */
jank_object *seqs_chunk_rest(jank_object *s);   /* a seqable */
jank_object *seqs_chunk_cons(array_object *items, jank_object *rest_items);

/* For the table of types. */
void seqs_step_trace(jank_object *o); /* ARRAY_SEQ, VECTOR_SEQ, STRING_SEQ */
void seqs_chunk_trace(jank_object *o);
void seqs_range_trace(jank_object *o);
void seqs_lazy_trace(jank_object *o);
jank_object *seqs_meta(jank_object *o);
jank_object *seqs_range_with_meta(jank_object *o, jank_object *meta);
jank_object *seqs_step_with_meta(jank_object *o, jank_object *meta);

#endif
