/* buffer.c - an owned, growing byte buffer. In: bytes. Out: bytes. It knows
 * nothing of values; JSON and LEB128 are here because every writer shares them.
 * When memory ends it throws OutOfMemoryError; the buffer stays valid. */
#include "base/buffer.h"
#include "base/grow.h"
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void reserve(buffer *b, size_t more) {
  size_t needed = more > SIZE_MAX - b->size ? SIZE_MAX : b->size + more;
  b->data = grow(b->data, &b->capacity, needed, 1);
}

void buffer_add(buffer *b, const void *bytes, size_t n) {
  if (n == 0)
    return;
  reserve(b, n);
  memcpy(b->data + b->size, bytes, n);
  b->size += n;
}

void buffer_byte(buffer *b, int byte) {
  reserve(b, 1);
  b->data[b->size++] = (char)byte;
}

void buffer_text(buffer *b, const char *text) {
  buffer_add(b, text, strlen(text));
}

void buffer_format(buffer *b, const char *format, ...) {
  va_list args, again;
  va_start(args, format);
  va_copy(again, args);
  int n = vsnprintf(NULL, 0, format, args);
  va_end(args);
  if (n > 0) {
    reserve(b, (size_t)n + 1);
    vsnprintf(b->data + b->size, (size_t)n + 1, format, again);
    b->size += (size_t)n;
  }
  va_end(again);
}

void buffer_json_string(buffer *b, const char *text, size_t n) {
  buffer_byte(b, '"');
  for (size_t i = 0; i < n; i++) {
    unsigned char c = (unsigned char)text[i];
    if (c == '"' || c == '\\') {
      buffer_byte(b, '\\');
      buffer_byte(b, c);
    } else if (c < 0x20) {
      buffer_format(b, "\\u%04x", c);
    } else {
      buffer_byte(b, c);
    }
  }
  buffer_byte(b, '"');
}

void buffer_uleb(buffer *b, uint64_t n) {
  do {
    int byte = (int)(n & 0x7f);
    n >>= 7;
    buffer_byte(b, n ? byte | 0x80 : byte);
  } while (n);
}

void buffer_sleb(buffer *b, int64_t n) {
  for (;;) {
    int byte = (int)(n & 0x7f);
    n >>= 7;
    if ((n == 0 && !(byte & 0x40)) || (n == -1 && (byte & 0x40))) {
      buffer_byte(b, byte);
      return;
    }
    buffer_byte(b, byte | 0x80);
  }
}

char *buffer_cstring(buffer *b) {
  reserve(b, 1);
  b->data[b->size] = 0;
  return b->data;
}

void buffer_clear(buffer *b) { b->size = 0; }

void buffer_free(buffer *b) {
  free(b->data);
  *b = (buffer){0};
}

void buffer_release(void *b) { buffer_free(b); }
