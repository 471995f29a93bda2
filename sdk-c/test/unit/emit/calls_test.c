/* Calls: of a var through its function's entry, of this patch's own functions
 * directly while they are what the var has, of a value by what it turns out to be;
 * arguments are evaluated once and in order, and what waits is in the frame. */
#include "emit/calls.h"
#include "emit/program.h"
#include "value/word.h"

static void a_var_is_called_through_its_entry(void) {
  /* The callee of the var, its code, the entry for one argument. */
  EMITS("(def f (fn* [a] (first a)))", "i32.load 12; local.tee");
  EMITS("(def f (fn* [a] (first a)))",
        "i32.load 8; i32.load 28; call_indirect 2");
  EMITS("(def f (fn* [a] (list a a a)))", "i32.load 36; call_indirect 4");
  EMITS("(def f (fn* [] (list)))", "i32.load 24; call_indirect 1");
}

static void
a_function_of_this_patch_is_called_directly_while_it_is_there(void) {
  const char *source = "(def g (fn* [a] a))\n(def f (fn* [a] (g a)))";
  CHECK(emits_in(source, 1, "call f0", 1));
  CHECK(emits_in(source, 1, "call_indirect 2", 1));
  CHECK(emits_in(source, 1,
                 "global.get __table_base; i32.const 0; i32.add; "
                 "i32.eq; if",
                 1));
  CHECK(emits_in("(def g (fn* [a] a))\n(def f (fn* [a] (g a a)))", 1, "call f0",
                 0)); /* it takes one */
  CHECK(emits_in("(def g (fn* [& a] a))\n(def f (fn* [a] (g a)))", 1, "call f0",
                 0));
}

static void a_function_that_calls_itself_does_so_directly(void) {
  /* By its var: while that has this very function. */
  EMITS("(def f (fn* [a] (f a)))", "local.get 0; i32.eq; if:i; call f0; else");
  /* By its own name: always. */
  EMITS("(def f (fn* me [a] (me a)))", "local.get 0; local.get 1; call f0");
  EMITS_NOT("(def f (fn* me [a] (me a)))", "call_indirect");
  EMITS("(def f (fn* me [a] (me a a)))", "call_indirect 3"); /* no such arity */
}

static void a_value_is_looked_at_first(void) {
  const char *source = "(def f (fn* [a] (a 1)))";
  EMITS(source, "i32.load8_u 0; i32.const 1; i32.eq"); /* a function? */
  EMITS_TIMES(source, "call_indirect 2", 1);
  EMITS_TIMES(source, "call jank_call1", 1);
  EMITS("(def f (fn* [a] (a)))", "call jank_call0");
  EMITS("(def f (fn* [a] (a 1 2 3 4)))", "call jank_call4");
  EMITS("(def f (fn* [a] (a 1 2 3 4 5)))", "i32.const 5; local.get");
  EMITS("(def f (fn* [a] (a 1 2 3 4 5)))", "call jank_call_n");
  EMITS("(def f (fn* [a] (:k a)))", "call jank_call1");
}

static void more_arguments_than_there_may_be_go_as_an_array(void) {
  buffer source = {0};
  buffer_text(&source, "(def f (fn* [a] (list ");
  for (int i = 0; i < JANK_MAX_ARITY + 1; i++)
    buffer_text(&source, "a ");
  buffer_text(&source, ")))");
  CHECK(emits_in(buffer_cstring(&source), 0, "call jank_call_n", 1));
  CHECK(emits_in(source.data, 0, "call_indirect", 0));
  buffer_free(&source);
}

static void arguments_are_evaluated_once_and_in_their_order(void) {
  emitted e =
      emit_text("(def f (fn* [a b c] (list (first a) (rest b) (next c))))");
  buffer text = view_function(&e.v, 0);
  buffer_cstring(&text);
  CHECK(count_of(text.data, "call_indirect 2") == 3);
  CHECK(count_of(text.data, "call_indirect 4") == 1);
  const char *at = text.data;
  for (int i = 0; i < 3; i++) { /* each parameter is the last that is pushed */
    char pushed[64];
    at = strstr(at, "call_indirect 2");
    snprintf(pushed, sizeof pushed, "local.get %d;", i + 1);
    CHECK(at && at - text.data > 200);
    const char *push = text.data, *last = NULL;
    while ((push = strstr(push, pushed)) && push < at)
      last = push++;
    CHECK(last && at - last < 160);
    at += at != NULL;
  }
  buffer_free(&text);
  emitted_free(&e);
}

static void
what_waits_for_a_call_is_in_the_frame_until_it_is_handed_over(void) {
  const char *source = "(def f (fn* [a b] (list (first a) (rest b))))";
  EMITS_TIMES(source, "i32.const 0; i32.store", 2); /* b, and the first value */
  EMITS_NOT("(def f (fn* [a] (list a (first a))))", "i32.const 0; i32.store 4");
  /* What is needed after the call stays. */
  EMITS_NOT("(def f (fn* [a] (do (first a) a)))", "i32.const 0; i32.store");
}

static const struct test tests[] = {
    TEST(a_var_is_called_through_its_entry),
    TEST(a_function_of_this_patch_is_called_directly_while_it_is_there),
    TEST(a_function_that_calls_itself_does_so_directly),
    TEST(a_value_is_looked_at_first),
    TEST(more_arguments_than_there_may_be_go_as_an_array),
    TEST(arguments_are_evaluated_once_and_in_their_order),
    TEST(what_waits_for_a_call_is_in_the_frame_until_it_is_handed_over),
};

MAIN(start_compiler, tests)
