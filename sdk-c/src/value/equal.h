/* equal.h - `=`, `hash` and `compare` over every type of value. */
#ifndef JANK_VALUE_EQUAL_H
#define JANK_VALUE_EQUAL_H

#include "value/word.h"

/* `=`. Of an instance or a lazy seq it runs code of the program, which may throw. */
bool value_equal(jank_object *a, jank_object *b);
uint32_t value_hash(jank_object *o); /* `hash`, as on the JVM; kept in o */
int value_compare(jank_object *a, jank_object *b); /* `compare`; throws */

/* Of a collection, from what was computed over its items, and their number. */
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
