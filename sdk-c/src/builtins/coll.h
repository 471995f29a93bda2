/* coll.h - of coll.c, what other builtins use. */
#ifndef JANK_BUILTINS_COLL_H
#define JANK_BUILTINS_COLL_H

#include "value/word.h"

jank_object *coll_set_from(jank_object *coll); /* of any seqable */

#endif
