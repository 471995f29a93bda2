/* equal.h - `=`, `hash` and `compare` over every type of value. */
#ifndef JANK_VALUE_EQUAL_H
#define JANK_VALUE_EQUAL_H

#include "value/word.h"

bool value_equal(jank_object *a, jank_object *b); /* `=` */
uint32_t value_hash(jank_object *o); /* `hash`, as Clojure's Murmur3 */
int value_compare(jank_object *a, jank_object *b); /* `compare`; throws */

/* Of a collection, from the sum over its items. */
uint32_t value_hash_mix(uint32_t h, uint32_t count);
uint32_t value_hash_int(uint32_t n);
uint32_t value_hash_address(jank_object *o);

/* For the table of types. */
bool value_equal_longs(jank_object *a, jank_object *b);
bool value_equal_doubles(jank_object *a, jank_object *b);
bool value_equal_strings(jank_object *a, jank_object *b);
bool value_equal_symbols(jank_object *a, jank_object *b);
uint32_t value_hash_long(jank_object *o);
uint32_t value_hash_double(jank_object *o);
uint32_t value_hash_string(jank_object *o);
uint32_t value_hash_symbol(jank_object *o);
uint32_t value_hash_keyword(jank_object *o);
int value_compare_strings(jank_object *a, jank_object *b);
int value_compare_symbols(jank_object *a, jank_object *b);

#endif
