/* equal.h - TODO */
#ifndef JANK_VALUE_EQUAL_H
#define JANK_VALUE_EQUAL_H

#include "host/host.h"
#include "value/word.h"

void collections_init(void); /* the empty collections */

/* equal.c */
bool value_equal(jank_object *a, jank_object *b); /* `=` */
uint32_t value_hash(jank_object *o); /* `hash`, as Clojure's Murmur3 */
int value_compare(jank_object *a, jank_object *b); /* `compare`; throws */

bool equal_is_boolean(jank_object *o);

#endif
