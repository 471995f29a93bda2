/* imports.h - the runtime's functions that a module calls: imported when the first
 * call of one is emitted. */
#ifndef JANK_EMIT_IMPORTS_H
#define JANK_EMIT_IMPORTS_H

#include "analyze/ast.h"
#include "emit/notes.h"
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
  notes notes;
  wasm_module module;
  uint32_t imports[RT_COUNT]; /* 1 + import number; 0: not used so far */
  uint32_t stack_pointer;     /* a global */
  /* In the patch's data: the stack limit; rounds of loops; constants. */
  uint32_t limit_offset, rounds_offset, words_offset;
  wasm_code scratch; /* the function that is being made */
} emitter;

/* Calls it; what it takes is on wasm's stack. */
void imports_call(emitter *e, wasm_code *c, enum runtime_function f);
/* The type of a function of so many words that returns one. */
uint32_t imports_word_type(emitter *e, int words);

#endif
