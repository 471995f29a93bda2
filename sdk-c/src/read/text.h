/* text.h - the reader's strings and characters; the opening quote or backslash
 * is behind the cursor. */
#ifndef JANK_READ_TEXT_H
#define JANK_READ_TEXT_H

#include "base/buffer.h"
#include "read/source.h"
#include "value/word.h"

/* What `fill` appends, up to the closing quote. `start` is for errors. */
string_object *text_read(context *c, place start,
                         void (*fill)(context *, place, buffer *));
void text_fill_string(context *c, place start, buffer *out);
void text_fill_regex(context *c, place start, buffer *out);
/* A character: \a, \newline, \u0041, \o101. */
jank_object *text_read_char(context *c, place start);

#endif
