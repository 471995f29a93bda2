/* utf8.c - TODO */
#include "base/utf8.h"
#include <stdbool.h>

bool utf8_is_continuation(const char *s) {
  return ((unsigned char)*s & 0xc0) == 0x80;
}
