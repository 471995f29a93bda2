/* imports.c - imports, made as they are needed; the names and types are the
 * table of jank_patch.h. */
#include "emit/imports.h"
#include "emit/wasm.h"
#include "value/word.h"

static const struct {
  const char *name, *params;
  char result;
} runtime_functions[] = {
#define X(name, params, result) {#name, params, result},
    JANK_RUNTIME_FUNCTIONS(X)
#undef X
};

void imports_call(emitter *e, wasm_code *c, enum runtime_function f) {
  if (!e->imports[f]) {
    uint32_t type = wasm_type(&e->module, runtime_functions[f].params,
                              runtime_functions[f].result);
    e->imports[f] =
        1 + wasm_import_function(&e->module, runtime_functions[f].name, type);
  }
  wasm_call_import(c, e->imports[f] - 1);
}

uint32_t imports_word_type(emitter *e, int words) {
  static const char params[] = "iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii";
  return wasm_type(&e->module, params + sizeof params - 1 - words, 'i');
}
