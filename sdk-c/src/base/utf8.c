/* utf8.c - what even this floor must know of UTF-8: where a character may be
 * cut. */
#include "base/utf8.h"
#include <stdbool.h>

bool utf8_is_continuation(const char *s) {
  return ((unsigned char)*s & 0xc0) == 0x80;
}
