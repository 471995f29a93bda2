/* module.h - the emitter of side modules. */
#ifndef JANK_EMIT_MODULE_H
#define JANK_EMIT_MODULE_H

#include "analyze/ast.h"
#include "base/buffer.h"
#include "value/word.h"

/* Appends a side module with the entry jank_patch_symbols_<patch_id>. Throws
 * CompilerException when a method is too large, or a constant cannot be embedded. */
void emit_wasm(const program *p, const char *patch_id, buffer *out);

#endif
