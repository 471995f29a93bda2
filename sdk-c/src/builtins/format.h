/* format.h - TODO */
#ifndef JANK_BUILTINS_FORMAT_H
#define JANK_BUILTINS_FORMAT_H

#include "value/word.h"

jank_object *format_core(jank_object *self, jank_object *pattern,
                         jank_object *args);

#endif
