/* dump.h - what `jank-hot patch --emit ast` writes: see analyze/dump.c. */
#ifndef JANK_ANALYZE_DUMP_H
#define JANK_ANALYZE_DUMP_H

#include "analyze/ast.h"
#include "base/buffer.h"
#include "value/word.h"

/* Appends the program as text. An emitter as the others, but that a name is of no use
 * to it. */
void dump_program(const program *p, const char *name, buffer *out);

#endif
