/* seq.h - stepping through any collection. */
#ifndef JANK_COLLECTION_SEQ_H
#define JANK_COLLECTION_SEQ_H

#include "value/word.h"

jank_object *seq(jank_object *coll); /* nil when empty; throws if not seqable */
jank_object *seq_first(jank_object *coll); /* nil when empty */
jank_object *seq_next(jank_object *coll);  /* a non-empty seq or nil */
jank_object *seq_rest(jank_object *coll);  /* a seqable, () at the end */
/* `next` in a loop that may have no end: it can be interrupted there. */
jank_object *seq_next_polled(jank_object *coll);
jank_object *seq_cons(jank_object *x, jank_object *coll); /* of any seqable */
bool seq_is(jank_object *o); /* `seq?`: a vector is none, () is one */
bool seq_is_sequential(jank_object *o);
/* Of a program's own types, too. */
bool seq_is_map(jank_object *o);
bool seq_is_set(jank_object *o);

/* (name ...) */
bool seq_head_is(jank_object *form, const char *name);
/* x of (quote x); anything else as it is. */
jank_object *seq_unquote(jank_object *form);
/* As seq and next, in place, without running anything of a program; false: then they
 * cannot be told. */
bool seq_known(jank_object **s);
bool seq_next_known(jank_object **s);

/* For the table of types. */
jank_object *seq_lazy_with_meta(jank_object *o, jank_object *meta);
/* Of seqs that have no place for metadata: a cell in front of their rest. */
jank_object *seq_cell_with_meta(jank_object *o, jank_object *meta);

#endif
