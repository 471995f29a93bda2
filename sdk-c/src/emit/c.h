/* c.h - the emitter of C. */
#ifndef JANK_EMIT_C_H
#define JANK_EMIT_C_H

#include "analyze/ast.h"
#include "base/buffer.h"
#include "value/word.h"

/* Appends C with the entry jank_patch_symbols_<name>. */
void emit_c(const program *p, const char *name, buffer *out);

#endif
