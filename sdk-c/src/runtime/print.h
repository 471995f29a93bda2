/* print.h - TODO */
#ifndef JANK_RUNTIME_PRINT_H
#define JANK_RUNTIME_PRINT_H

#include "base/buffer.h"
#include "host/host.h"
#include "value/word.h"

void print_value(buffer *out, jank_object *o, bool readably);
/* As print_value, readably, until there are so many bytes: then "...". Where
 * *print-length* says nothing, 1000 items. */
void print_bounded(buffer *out, jank_object *o, size_t bytes);
void print_json(buffer *out, jank_object *o);

buffer print_text_of(jank_object *items, bool readably, bool line);
jank_object *print_write(jank_object *items, bool readably, bool line);

#endif
