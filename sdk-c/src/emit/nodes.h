/* nodes.h - from a method's tree to the code of its function. */
#ifndef JANK_EMIT_NODES_H
#define JANK_EMIT_NODES_H

#include "analyze/ast.h"
#include "emit/wasm.h"
#include "value/word.h"

enum runtime_function {
#define X(name, params, result) RT_##name,
  JANK_RUNTIME_FUNCTIONS(X)
#undef X
      RT_COUNT
};

/* One module that is being emitted. */
typedef struct {
  const program *p;
  wasm_module module;
  uint32_t imports[RT_COUNT]; /* 1 + import number; 0: not used so far */
  uint32_t stack_pointer;     /* a global */
  /* In the patch's data: the stack limit; rounds of loops; constants. */
  uint32_t limit_offset, rounds_offset, words_offset;
  wasm_code scratch; /* the function that is being made */
} emitter;
/* Throws CompilerException when the method is too large to run. */
void emit_method(emitter *e, method *m, wasm_code *out);

#endif
