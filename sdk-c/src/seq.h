/* seq.h - what coll.c uses of seq.c beyond object.h. */
#ifndef JANK_SEQ_H
#define JANK_SEQ_H

#include "object.h"

jank_object *array_seq(array_object *a, uint32_t index); /* nil at the end */
/* end nil: without end. The empty list when nothing is in it. */
jank_object *range_make(jank_object *start, jank_object *end,
                        jank_object *step);
bool lazy_is_realized(jank_object *lazy);
/* A map entry as a vector of two; anything else as it is. */
jank_object *entry_vector(jank_object *o);

#endif
