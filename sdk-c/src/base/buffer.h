/* buffer.h - a growing buffer of bytes, owned by whoever declares it.
 *
 * `{0}` is an empty one. `data` is NULL until the first byte is added, has no
 * NUL at its end, and moves when the buffer grows. What adds bytes throws
 * OutOfMemoryError and leaves the buffer as it was; who holds one across a call
 * that may throw gives it to throw_own (value/throw.h).
 */
#ifndef JANK_BASE_BUFFER_H
#define JANK_BASE_BUFFER_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
  char *data;
  size_t size;
  size_t capacity;
} buffer;

/* Each of these appends. */
void buffer_add(buffer *b, const void *bytes, size_t n);
void buffer_byte(buffer *b, int byte);
void buffer_text(buffer *b, const char *text);
void buffer_format(buffer *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void buffer_json_string(buffer *b, const char *text, size_t n); /* quoted */
void buffer_uleb(buffer *b, uint64_t n); /* LEB128, 1 to 10 bytes */
void buffer_sleb(buffer *b, int64_t n);
char *buffer_cstring(buffer *b); /* NUL-terminates; still owned by b */
void buffer_clear(buffer *b);    /* empty; keeps its memory */
void buffer_free(buffer *b);     /* empty, and without memory */
void buffer_release(void *b);    /* buffer_free, for throw_own */

#endif
