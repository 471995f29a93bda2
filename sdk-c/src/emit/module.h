/* module.h - the emitter of side modules. */
#ifndef JANK_EMIT_MODULE_H
#define JANK_EMIT_MODULE_H

#include "analyze/ast.h"
#include "base/buffer.h"
#include "value/word.h"

void emit_wasm(const program *p, const char *patch_id, buffer *out);

#endif
