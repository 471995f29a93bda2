/* text.h - numbers from text and to text, in Clojure's syntax. */
#ifndef JANK_NUMBER_TEXT_H
#define JANK_NUMBER_TEXT_H

#include "base/buffer.h"
#include "value/word.h"

/* All of p .. end - 1 as digits; false: there are none, or something else is among
 * them. *large: they are more than 64 bits, and *out is of no use. */
bool number_magnitude(const char *p, const char *end, int radix, uint64_t *out,
                      bool *large);

jank_object *number_parse(const char *text, size_t n); /* NULL: not a number */
/* Appends it as Clojure prints it. */
void number_print(buffer *out, jank_object *n);

#endif
