/* string.h - TODO */
#ifndef JANK_VALUE_STRING_H
#define JANK_VALUE_STRING_H

#include "base/buffer.h"
#include "value/word.h"

typedef struct { /* a place in a string: bytes and UTF-16 units in front of it
                  */
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

/* The code point at s[0 .. n), n > 0; *length: its bytes. What is not UTF-8
 * reads as one byte and U+FFFD; surrogates are code points here. */
uint32_t utf8_decode(const char *s, size_t n, uint32_t *length);
void utf8_encode(buffer *out, uint32_t code_point);
uint32_t string_count_units(const char *s, size_t n);

/* Units from .. to, which must be in range; may split a surrogate pair. */
string_object *string_sub(string_object *s, uint32_t from, uint32_t to);
string_object *string_bytes(string_object *s, uint32_t from, uint32_t to);
/* Offset of `what` in s at or after `from`; UINT32_MAX: none. */
uint32_t string_find(string_object *s, const char *what, uint32_t bytes,
                     uint32_t from);

string_object *string_make(const char *utf8, size_t bytes);
string_object *string_from_buffer(buffer *b); /* and frees b, in any case */
/* UTF-16 code unit at `index` (< units). */
uint32_t string_unit(string_object *s, uint32_t index);
size_t string_byte_offset(string_object *s, uint32_t unit_index);
/* Appends a code unit, joining surrogates. */
void string_append_unit(buffer *b, uint32_t unit);

#endif
