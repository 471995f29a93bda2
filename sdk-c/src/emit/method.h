/* method.h - one method as wasm code. */
#ifndef JANK_EMIT_METHOD_H
#define JANK_EMIT_METHOD_H

#include "analyze/ast.h"
#include "emit/imports.h"
#include "emit/wasm.h"
#include "value/word.h"

/* Appends the function to `out`, which must be empty. Throws CompilerException when
 * the method is too large to run. */
void emit_method(emitter *e, const method *m, wasm_code *out);

#endif
