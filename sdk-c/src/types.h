/* types.h - which function marks the children of an object: one table. A trace
 * function takes an object and calls gc_mark on every word that it holds. */
#ifndef JANK_TYPES_H
#define JANK_TYPES_H

#include "host/host.h"
#include "value/word.h"

void array_trace(jank_object *o);

extern void (*const trace_table[256])(jank_object *);

#endif
