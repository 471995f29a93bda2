/* utf8.h - where characters of UTF-8 text begin. value/string.h decodes them.
 */
#ifndef JANK_BASE_UTF8_H
#define JANK_BASE_UTF8_H

#include <stdbool.h>

/* Is the byte not the first of its character? */
bool utf8_is_continuation(const char *s);

#endif
