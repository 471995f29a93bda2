/* text.h - see text.c. */
#ifndef JANK_NUMBER_TEXT_H
#define JANK_NUMBER_TEXT_H

#include "base/buffer.h"
#include "value/word.h"

/* All of the text as digits; false: something else, or too large. */
bool number_magnitude(const char *p, const char *end, int radix, uint64_t *out,
                      bool *large);

jank_object *number_parse(const char *text, size_t n); /* NULL: not a number */
void number_print(buffer *out, jank_object *n); /* as Clojure prints it */

#endif
