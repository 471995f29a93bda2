/* text.h - see text.c. */
#ifndef JANK_NUMBER_TEXT_H
#define JANK_NUMBER_TEXT_H

#include "value/word.h"

/* All of the text as digits; false: something else, or too large. */
bool magnitude(const char *p, const char *end, int radix, uint64_t *out,
               bool *large);

#endif
