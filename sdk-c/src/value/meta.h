/* meta.h - metadata of any value. */
#ifndef JANK_VALUE_META_H
#define JANK_VALUE_META_H

#include "value/word.h"

jank_object *meta_of(jank_object *o);

#endif
