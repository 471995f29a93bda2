/* string.h - strings and characters as values, and their text as UTF-8.
 *
 * A string never changes once it is made. Its `text` may be used as a C string
 * for as long as the string is reachable; nothing moves. Sizes and offsets are
 * bytes where a name says `bytes` or `from`, UTF-16 units where it says `unit`
 * or `index`. What makes a string throws OutOfMemoryError.
 */
#ifndef JANK_VALUE_STRING_H
#define JANK_VALUE_STRING_H

#include "base/buffer.h"
#include "value/word.h"

typedef struct { /* bytes and UTF-16 units in front of a place */
  uint32_t byte, unit;
} text_place;

/* UTF-8; indices that a program sees count UTF-16 code units as on the JVM. A
 * lone surrogate is kept as its three-byte form (WTF-8). */
typedef struct {
  jank_object header;
  uint32_t bytes;
  uint32_t units; /* UTF-16 length; equal to bytes: all ASCII */
  char text[];    /* and a NUL */
} string_object;

uint32_t string_count_units(const char *s, size_t n);

/* Units from .. to - 1, which must be in range; may split a surrogate pair. */
string_object *string_sub(string_object *s, uint32_t from, uint32_t to);
/* Bytes from .. to - 1, which must be at starts of characters. */
string_object *string_bytes(string_object *s, uint32_t from, uint32_t to);
/* Offset in bytes of `what` in s at or after `from`; UINT32_MAX: none. */
uint32_t string_find(string_object *s, const char *what, uint32_t bytes,
                     uint32_t from);

/* A copy of any bytes, repaired where they are not UTF-8. */
string_object *string_make(const char *utf8, size_t bytes);
string_object *string_from_buffer(buffer *b); /* and frees b, in any case */
/* UTF-16 code unit at `index` (< units). */
uint32_t string_unit(string_object *s, uint32_t index);
/* Of the character that has the unit, or the end. */
size_t string_byte_offset(string_object *s, uint32_t unit_index);
/* Appends a code unit, joining surrogates. */
void string_append_unit(buffer *b, uint32_t unit);

#endif
