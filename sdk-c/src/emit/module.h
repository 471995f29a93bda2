/* module.h - TODO */
#ifndef JANK_EMIT_MODULE_H
#define JANK_EMIT_MODULE_H

#include "analyze/ast.h"
#include "base/buffer.h"
#include "emit/imports.h"
#include "emit/wasm.h"
#include "value/word.h"

/* emit_wasm.c: the side module. emit_c.c: C source with the same entry. */
void emit_wasm(const program *p, const char *patch_id, buffer *out);

void emit_runtime_call(emitter *e, wasm_code *c, enum runtime_function f);
/* The type of a function of so many words that returns one. */
uint32_t emit_word_type(emitter *e, int words);

#endif
