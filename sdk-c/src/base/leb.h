/* leb.h - reading bytes from outside. What reads past the end, or a number that
 * is too long, is 0 and makes the cursor fail; one look at the end tells. */
#ifndef JANK_BASE_LEB_H
#define JANK_BASE_LEB_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
  const uint8_t *p, *end;
  bool failed;
} cursor;

static inline uint8_t cursor_byte(cursor *c) {
  if (c->p == c->end) {
    c->failed = true;
    return 0;
  }
  return *c->p++;
}

/* LEB128, of 32 bits. */
static inline uint32_t cursor_uleb(cursor *c) {
  uint64_t result = 0;
  for (unsigned shift = 0; shift < 35; shift += 7) {
    uint8_t b = cursor_byte(c);
    result |= (uint64_t)(b & 0x7f) << shift;
    if (!(b & 0x80)) {
      c->failed |= result > UINT32_MAX;
      return (uint32_t)result;
    }
  }
  c->failed = true;
  return 0;
}

#endif
