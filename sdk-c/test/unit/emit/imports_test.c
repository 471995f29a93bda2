/* The runtime's functions in a module: each is imported when it is called first, with
 * its type, and only once; functions of words share their types. */
#include "emit/imports.h"
#include "emit/view.h"
#include "value/word.h"

static const struct {
  const char *name, *params;
  char result;
} functions[] = {
#define X(name, params, result) {#name, params, result},
    JANK_RUNTIME_FUNCTIONS(X)
#undef X
};

static void a_function_is_imported_by_its_first_call(void) {
  static view v;
  emitter e = {0};
  wasm_code c = {0};
  buffer out = {0};
  CHECK(e.module.function_imports == 0);
  for (int round = 0; round < 2; round++)
    for (int i = RT_COUNT; i-- > 0;)
      imports_call(&e, &c, (enum runtime_function)i);
  CHECK(e.module.function_imports == RT_COUNT);
  CHECK(c.reference_count == 2 * RT_COUNT);
  for (int i = 0; i < RT_COUNT; i++)
    CHECK(c.references[i].number == c.references[i + RT_COUNT].number &&
          c.references[i].kind == WASM_TO_IMPORT);
  wasm_finish(&e.module, &out);
  CHECK(view_module(&v, &out) && v.import_count == RT_COUNT);
  for (int i = 0; i < RT_COUNT; i++) {
    uint32_t at = e.imports[i] - 1;
    CHECK(strcmp(v.imports[at], functions[i].name) == 0);
    const view_type *t = &v.types[v.import_types[at]];
    CHECK(strcmp(t->params, functions[i].params) == 0 &&
          t->result == functions[i].result);
  }
  buffer_free(&out);
  wasm_code_free(&c);
  wasm_free(&e.module);
}

static void functions_of_words_share_their_types(void) {
  emitter e = {0};
  uint32_t types[JANK_MAX_ARITY + 3];
  for (int n = 0; n <= JANK_MAX_ARITY + 2; n++) /* self, and a rest */
    types[n] = imports_word_type(&e, n);
  for (int n = 0; n <= JANK_MAX_ARITY + 2; n++) {
    CHECK(types[n] == (uint32_t)n && imports_word_type(&e, n) == types[n]);
  }
  CHECK(e.module.type_count == JANK_MAX_ARITY + 3);
  CHECK(wasm_type(&e.module, "iii", 'i') == types[3]);
  wasm_free(&e.module);
}

static const struct test tests[] = {
    TEST(a_function_is_imported_by_its_first_call),
    TEST(functions_of_words_share_their_types),
};

int main(int argc, char **argv) {
  test_begin(argc, argv);
  RUN_TESTS(tests);
  return test_report();
}
