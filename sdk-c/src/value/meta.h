/* meta.h - metadata of any value. */
#ifndef JANK_VALUE_META_H
#define JANK_VALUE_META_H

#include "value/word.h"

/* A map or nil, of anything. jank_with_meta (jank_patch.h) sets it. */
jank_object *meta_of(jank_object *o);

#endif
