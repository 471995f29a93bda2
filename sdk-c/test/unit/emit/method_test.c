/* The code of a method: a frame when a call may collect while something is needed,
 * made as late as can be and cleared; none where there is no such call; the stack
 * pointer comes back; a method that needs too much of the stack is refused with its
 * place. */
#include "emit/method.h"
#include "emit/program.h"
#include "value/word.h"

#define SET_STACK "global.set __stack_pointer"

static void what_calls_nothing_has_no_frame(void) {
  EMITS_NOT("(def f (fn* [a] a))", SET_STACK);
  EMITS_NOT("(def f (fn* [a b] (if a b 1)))", SET_STACK);
  EMITS_NOT("(def f (fn* [a b] (identical? a b)))", SET_STACK);
  CHECK(emits_in("(def f (fn* [a] a))", 0, "local.get 1; end", 1));
}

static void a_function_with_a_call_has_a_frame_and_gives_it_back(void) {
  const char *source = "(def f (fn* [a] (first a)))";
  EMITS_TIMES(source, SET_STACK, 2);
  EMITS_TIMES(source, "call jank_check_stack", 1);
  /* The limit rises by what a call costs. */
  EMITS(source, "i32.const 16; i32.add; i32.store");
  EMITS(source, "i32.add; global.set __stack_pointer; end");
  EMITS(source, "i64.const 0; i64.store 0"); /* no word is left from others */
}

static void what_lives_across_the_call_is_in_the_frame(void) {
  EMITS("(def f (fn* [a b] (do (first a) b)))", "local.get 2; i32.store 0");
  EMITS_NOT("(def f (fn* [a b] (first a)))", "local.get 2; i32.store");
}

static void a_branch_without_a_call_makes_no_frame(void) {
  /* The test comes before the frame. */
  emitted e = emit_text("(def f (fn* [a] (if a (first a) 1)))");
  buffer text = view_function(&e.v, 0);
  const char *test = strstr(buffer_cstring(&text), "if:i");
  const char *frame = strstr(text.data, SET_STACK);
  CHECK(test && frame && test < frame);
  const char *other = strstr(text.data, "else; i32.const 3");
  CHECK(other != NULL); /* 1, and no frame is given back there */
  CHECK(other && !strstr(other, SET_STACK));
  buffer_free(&text);
  emitted_free(&e);
}

static void a_slow_path_has_a_frame_of_its_own(void) {
  const char *source = "(def f (fn* [a b c] (if (+ a b) c 1)))";
  EMITS_TIMES(source, SET_STACK, 2); /* and c is stored meanwhile */
  EMITS(source, "local.get 3; i32.store 0");
  EMITS_NOT(source, "call jank_check_stack");
  EMITS_NOT("(def f (fn* [a b] (+ a b)))", SET_STACK); /* nothing is needed */
}

static void unboxed_numbers_have_locals_of_their_type(void) {
  emitted e = emit_text("(def f (fn* [n] (loop* [i 0 d 1.5] (if (< i n) (recur "
                        "(inc i) (* d 2)) d))))");
  const uint8_t *body = e.v.bodies[0].at;
  cursor c = {body, body + e.v.bodies[0].size, false};
  CHECK(cursor_uleb(&c) == 4); /* groups: words, longs, doubles, temporaries */
  static const uint8_t types[] = {0x7f, 0x7e, 0x7c, 0x7f};
  for (int i = 0; i < 4; i++) {
    uint32_t n = cursor_uleb(&c);
    CHECK(cursor_byte(&c) == types[i] && n < 40);
    CHECK(i != 1 || n >= 2);
    CHECK(i != 2 || n >= 2);
  }
  emitted_free(&e);
}

static void a_method_that_recurs_to_its_head_polls(void) {
  const char *source = "(def f (fn* [a] (if a (recur nil) a)))";
  EMITS_TIMES(source, "loop:i", 2);
  EMITS_TIMES(source, "call jank_poll", 1);
  EMITS_TIMES(source, "br_if", 1);
}

#ifndef JANK_GC_STRESS /* so much source takes its time */
static O emit_one(void *source) {
  program *p = program_of(source);
  buffer out = {0};
  emit_wasm(p, "test", &out);
  buffer_free(&out);
  ast_program_free(p);
  return JANK_NIL;
}

static void a_method_that_needs_too_much_of_the_stack_is_refused(void) {
  buffer source = {0};
  buffer_text(&source, "\n\n  (def f (fn* [a] (list ");
  for (int i = 0; i < 5000; i++)
    buffer_text(&source, "(first a) ");
  buffer_text(&source, ")))");
  O e = thrown(emit_one, buffer_cstring(&source));
  CHECK(is_exception(e, "CompilerException",
                     "the form is too large: it needs more than 16384 bytes"));
  buffer_free(&source);
}

#endif

static void many_parameters_are_passed_one_by_one(void) {
  buffer source = {0};
  buffer_text(&source, "(def f (fn* [");
  for (int i = 0; i < JANK_MAX_ARITY; i++)
    buffer_format(&source, "a%d ", i);
  buffer_text(&source, "& more] (first more)))");
  emitted e = emit_text(buffer_cstring(&source));
  CHECK(strlen(e.v.types[e.v.function_types[0]].params) == JANK_MAX_ARITY + 2);
  buffer_free(&source);
  emitted_free(&e);
}

static const struct test tests[] = {
    TEST(what_calls_nothing_has_no_frame),
    TEST(a_function_with_a_call_has_a_frame_and_gives_it_back),
    TEST(what_lives_across_the_call_is_in_the_frame),
    TEST(a_branch_without_a_call_makes_no_frame),
    TEST(a_slow_path_has_a_frame_of_its_own),
    TEST(unboxed_numbers_have_locals_of_their_type),
    TEST(a_method_that_recurs_to_its_head_polls),
#ifndef JANK_GC_STRESS
    TEST(a_method_that_needs_too_much_of_the_stack_is_refused),
#endif
    TEST(many_parameters_are_passed_one_by_one),
};

MAIN(start_compiler, tests)
