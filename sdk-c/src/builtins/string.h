/* string.h - what string.c, format.c and regex.c share. */
#ifndef JANK_BUILTINS_STRING_H
#define JANK_BUILTINS_STRING_H

#include "value/word.h"

typedef struct { /* a place in a string: bytes and UTF-16 units in front of it
                  */
  uint32_t byte, unit;
} text_place;

/* The code point at s[0 .. n), n > 0; *length: its bytes. What is not UTF-8
 * reads as one byte and U+FFFD; surrogates are code points here. */
uint32_t utf8_decode(const char *s, size_t n, uint32_t *length);
void utf8_encode(buffer *out, uint32_t code_point);
uint32_t string_count_units(const char *s, size_t n);
bool string_is_space(uint32_t code_point); /* Character.isWhitespace */
uint32_t string_upper(uint32_t code_point);
uint32_t string_lower(uint32_t code_point);

string_object *error_want_string(const char *who, jank_object *o);
/* Units from .. to, which must be in range; may split a surrogate pair. */
string_object *string_sub(string_object *s, uint32_t from, uint32_t to);
string_object *string_bytes(string_object *s, uint32_t from, uint32_t to);
/* As `str`. When printing x throws, `out` is freed first. */
void string_append(buffer *out, jank_object *x);
/* Offset of `what` in s at or after `from`; UINT32_MAX: none. */
uint32_t string_find(string_object *s, const char *what, uint32_t bytes,
                     uint32_t from);

extern const struct patch_symbol text_builtins[]; /* clojure.string */
jank_object *format_core(jank_object *self, jank_object *pattern,
                         jank_object *args);

#endif
