/* utf8.c - see utf8.h. Nothing is allocated, and nothing fails. */
#include "base/utf8.h"
#include "base/buffer.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool utf8_is_continuation(const char *s) {
  return ((unsigned char)*s & 0xc0) == 0x80;
}

uint32_t utf8_decode(const char *s, size_t n, uint32_t *length) {
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  unsigned char c = (unsigned char)*s;
  *length = 1;
  if (c < 0x80)
    return c;
  uint32_t size = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
  if (c < 0xc2 || c > 0xf4 || n < size)
    return 0xfffd;
  uint32_t code = c & (0x7fu >> size);
  for (uint32_t i = 1; i < size; i++) {
    if (!utf8_is_continuation(s + i))
      return 0xfffd;
    code = code << 6 | ((unsigned char)s[i] & 0x3fu);
  }
  if (code < least[size] || code > 0x10ffff)
    return 0xfffd;
  *length = size;
  return code;
}

void utf8_encode(buffer *out, uint32_t c) {
  if (c < 0x80) {
    buffer_byte(out, (int)c);
  } else if (c < 0x800) {
    buffer_byte(out, (int)(0xc0 | c >> 6));
    buffer_byte(out, (int)(0x80 | (c & 0x3f)));
  } else if (c < 0x10000) {
    buffer_byte(out, (int)(0xe0 | c >> 12));
    buffer_byte(out, (int)(0x80 | (c >> 6 & 0x3f)));
    buffer_byte(out, (int)(0x80 | (c & 0x3f)));
  } else {
    buffer_byte(out, (int)(0xf0 | c >> 18));
    buffer_byte(out, (int)(0x80 | (c >> 12 & 0x3f)));
    buffer_byte(out, (int)(0x80 | (c >> 6 & 0x3f)));
    buffer_byte(out, (int)(0x80 | (c & 0x3f)));
  }
}
