/* utf8.h - see utf8.c. */
#ifndef JANK_BASE_UTF8_H
#define JANK_BASE_UTF8_H

#include <stdbool.h>

bool utf8_is_continuation(const char *s);

#endif
