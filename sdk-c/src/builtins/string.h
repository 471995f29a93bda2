/* string.h - text, for string.c and format.c: what Unicode says of a character,
 * and `str`. */
#ifndef JANK_BUILTINS_STRING_H
#define JANK_BUILTINS_STRING_H

#include "base/buffer.h"
#include "value/word.h"

/* By Unicode's simple mapping, one to one. */
uint32_t string_upper(uint32_t code_point);

/* As `str`; may throw. */
void string_append(buffer *out, jank_object *x);

#endif
