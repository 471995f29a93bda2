/* utf8.h - characters of UTF-8 text: where they begin, code points as bytes, and back. */
#ifndef JANK_BASE_UTF8_H
#define JANK_BASE_UTF8_H

#include "base/buffer.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Is the byte not the first of its character? */
bool utf8_is_continuation(const char *s);
/* The code point at s[0 .. n), n > 0; *length: its bytes. What is not UTF-8
 * reads as one byte and U+FFFD; surrogates are code points here. */
uint32_t utf8_decode(const char *s, size_t n, uint32_t *length);
void utf8_encode(buffer *out, uint32_t code_point);

#endif
