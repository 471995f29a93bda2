/* A function that is being emitted: its temporaries are a stack, its frame has a limit,
 * what lives across a slow path is saved for it and no more; constants and captures
 * are loads; a line is told when a call follows. */
#include "emit/function.h"
#include "emit/live.h"
#include "emit/nodes.h"
#include "emit/program.h"
#include "emit/types.h"
#include "value/word.h"

static emitter e;
static wasm_code code;

/* Of the method with that many parameters, as before its code. */
static function function_of(program *p, int parameters) {
  const method *m = method_of(p, parameters);
  wasm_code_clear(&code);
  e = (emitter){.p = p, .notes = notes_make(p)};
  e.stack_pointer = 0;
  e.module.memory_base = 1;
  e.words_offset = 100;
  types_infer(&e.notes, m);
  function f = {.e = &e, .m = m, .nodes = &nodes_emitters, .code = &code};
  f.fp = (uint32_t)m->slots + 1;
  f.first_temp = f.fp + 1;
  return f;
}

static void end(program *p) {
  wasm_free(&e.module);
  wasm_code_free(&code);
  ast_program_free(p);
}

static bool emitted_bytes(const char *expected, size_t n) {
  return code.bytes.size == n && memcmp(code.bytes.data, expected, n) == 0;
}
#define BYTES_ARE(expected) emitted_bytes(expected, sizeof(expected) - 1)

static void temporaries_are_a_stack(void) {
  program *p = program_of("(def f (fn* [a b] a))");
  function f = function_of(p, 2);
  mark m = function_mark_temps(&f);
  uint32_t a = function_new_temp(&f), b = function_new_temp(&f);
  CHECK(a == f.first_temp && b == a + 1 && f.most_temps == 2);
  mark inner = function_mark_temps(&f);
  CHECK(function_new_temp(&f) == b + 1);
  function_release(&f, inner);
  CHECK(function_new_temp(&f) == b + 1 && f.most_temps == 3);
  function_release(&f, m);
  CHECK(function_new_temp(&f) == a && f.most_temps == 3);
  end(p);
}

static void a_temporary_may_be_stored_in_the_frame(void) {
  program *p = program_of("(def f (fn* [a] a))");
  function f = function_of(p, 1);
  uint32_t t = function_pop_to_temp(&f, false);
  CHECK(BYTES_ARE("\x21\x03") && *function_home_of(&f, t) == 0);
  wasm_code_clear(&code);
  uint32_t stored = function_pop_to_temp(&f, true);
  CHECK(stored == t + 1 && *function_home_of(&f, stored) == 1);
  CHECK(BYTES_ARE("\x21\x04\x20\x02\x20\x04\x36\x02\x00"));
  CHECK(f.most_words == 1);
  /* The next that has its number is not at home yet. */
  function_release(&f, (mark){0, 0});
  function_new_temp(&f);
  CHECK(function_new_temp(&f) == stored && *function_home_of(&f, stored) == 0);
  *function_home_of(&f, 1000) = 7; /* as far as one likes */
  CHECK(*function_home_of(&f, 1000) == 7 && *function_home_of(&f, 999) == 0);
  end(p);
}

static O take_too_many(void *f) {
  function_take_words(f, 1);
  function_take_words(f, 16384 / 4);
  return JANK_NIL;
}

static void a_frame_has_a_limit(void) {
  program *p = program_of("\n (def f (fn* [a] a))");
  function f = function_of(p, 1);
  CHECK(function_take_words(&f, 3) == 0 && function_take_words(&f, 1) == 3);
  mark m = function_mark_temps(&f);
  CHECK(function_take_words(&f, 10) == 4 && f.most_words == 14);
  function_release(&f, m);
  CHECK(function_take_words(&f, 1) == 4 && f.most_words == 14);
  CHECK(
      throws(take_too_many, &f, "CompilerException", "the form is too large"));
  end(p);
}

static void a_slow_path_saves_what_lives_and_is_nowhere(void) {
  program *p = program_of("(def f (fn* [a b c] a))");
  function f = function_of(p, 3);
  uint32_t live[1] = {1u << 2 | 1u << 3}; /* b and c */
  slow_path slow = function_enter_slow(&f, live, 0);
  CHECK(slow.bytes == 16); /* a frame of its own, as there is none */
  CHECK(BYTES_ARE("\x23\x00\x41\x10\x6b\x22\x04\x24\x00" /* make it */
                  "\x20\x04\x20\x02\x36\x02\x00"
                  "\x20\x04\x20\x03\x36\x02\x04"));
  wasm_code_clear(&code);
  function_leave_slow(&f, slow);
  CHECK(BYTES_ARE("\x20\x04\x41\x10\x6a\x24\x00"));
  wasm_code_clear(&code);
  slow = function_enter_slow(&f, NULL, 0);
  CHECK(slow.bytes == 0 && code.bytes.size == 0); /* nothing to save */
  function_leave_slow(&f, slow);
  CHECK(code.bytes.size == 0);
  /* In a frame that is there: behind what is in it. */
  uint32_t spilled[1] = {1u << 2};
  f.hot = true;
  f.spilled = spilled; /* b is in it always */
  f.words = 5;
  slow = function_enter_slow(&f, live, 0);
  CHECK(slow.bytes == 0 && BYTES_ARE("\x20\x04\x20\x03\x36\x02\x14"));
  CHECK(f.words == 5 && f.most_words == 6);
  /* And temporaries that wait. */
  wasm_code_clear(&code);
  function_new_temp(&f);
  function_enter_slow(&f, NULL, 1);
  CHECK(BYTES_ARE("\x20\x04\x20\x05\x36\x02\x14"));
  end(p);
}

static void a_constant_is_a_word_of_the_data(void) {
  program *p = program_of("(def f (fn* [a] a))");
  function f = function_of(p, 1);
  function_constant(&f, 7);
  CHECK(BYTES_ARE("\x23\x01\x28\x02\x80\x01")); /* 100 + 4 * 7 */
  wasm_code_clear(&code);
  function_word(&f, JANK_TRUE);
  function_word(&f, fixnum(-1));
  function_word(&f, JANK_NIL);
  CHECK(BYTES_ARE("\x41\x06\x41\x7f\x41\x00"));
  end(p);
}

static void a_label_is_counted_from_where_one_is(void) {
  program *p = program_of("(def f (fn* [a] a))");
  function f = function_of(p, 1);
  uint32_t outer = function_open(&f, WASM_BLOCK, WASM_VOID);
  uint32_t inner = function_open(&f, WASM_LOOP, WASM_I64);
  function_branch(&f, WASM_BR, inner);
  function_branch(&f, WASM_BR_IF, outer);
  function_close(&f);
  function_branch(&f, WASM_BR, outer);
  function_close(&f);
  CHECK(BYTES_ARE("\x02\x40\x03\x7e\x0c\x00\x0d\x01\x0b\x0c\x00\x0b"));
  CHECK(f.depth == 0);
  end(p);
}

static void a_line_is_told_once_and_when_a_call_follows(void) {
  program *p = program_of("(def f (fn* [a] a))");
  function f = function_of(p, 1);
  f.line = 3;
  function_read(&f, 1);
  CHECK(code.reference_count == 0);
  function_call(&f, RT_jank_poll);
  function_call(&f, RT_jank_poll);
  CHECK(code.reference_count == 3); /* the line and two calls */
  CHECK(code.references[0].kind == WASM_TO_LINE &&
        code.references[0].number == 3);
  f.line = 4;
  function_call_function(&f, 0);
  CHECK(code.reference_count == 5 && code.references[3].number == 4);
  f.line = 3;
  function_call_indirect(&f, 0);
  CHECK(code.reference_count == 6 && code.references[5].number == 3);
  end(p);
}

static void types_have_their_blocks(void) {
  CHECK(function_block_type(VALUE_LONG) == WASM_I64);
  CHECK(function_block_type(VALUE_DOUBLE) == WASM_F64);
  CHECK(function_block_type(VALUE_WORD) == WASM_I32);
  CHECK(function_block_type(VALUE_NONE) == WASM_I32);
  CHECK(function_is_raw(VALUE_LONG) && function_is_raw(VALUE_DOUBLE));
  CHECK(!function_is_raw(VALUE_WORD) && !function_is_raw(VALUE_NONE));
}

static void a_constant_long_is_known(void) {
  program *p = program_of("(def f (fn* [a] [1 -5 10000000000 1.5 a nil]))");
  function f = function_of(p, 1);
  static const int64_t expected[] = {1, -5, INT64_C(10000000000)};
  const node *vector = f.m->body;
  for (int i = 0; i < vector->count; i++) {
    int64_t n = 0;
    bool is = function_constant_long(&f, vector->items[i], &n);
    CHECK(is == (i < 3) && (!is || n == expected[i]));
  }
  end(p);
}

static void a_closure_is_made_and_filled(void) {
  const char *source = "(def f (fn* [a b] (fn* [] (list b a))))";
  program *p = program_of(source);
  uint32_t outer = (uint32_t)method_of(p, 2)->index;
  uint32_t inner = (uint32_t)method_of(p, 0)->index;
  ast_program_free(p);
  CHECK(emits_in(source, outer, "i32.const 2; call jank_fn_create; local.set",
                 1));
  CHECK(emits_in(source, outer, "i32.store 16", 1)); /* the captures */
  CHECK(emits_in(source, outer, "i32.store 20", 1));
  CHECK(emits_in(source, inner, "local.get 0; i32.load 16", 1));
  CHECK(emits_in(source, inner, "local.get 0; i32.load 20", 1));
}

static const struct test tests[] = {
    TEST(temporaries_are_a_stack),
    TEST(a_temporary_may_be_stored_in_the_frame),
    TEST(a_frame_has_a_limit),
    TEST(a_slow_path_saves_what_lives_and_is_nowhere),
    TEST(a_constant_is_a_word_of_the_data),
    TEST(a_label_is_counted_from_where_one_is),
    TEST(a_line_is_told_once_and_when_a_call_follows),
    TEST(types_have_their_blocks),
    TEST(a_constant_long_is_known),
    TEST(a_closure_is_made_and_filled),
};

MAIN(start_compiler, tests)
