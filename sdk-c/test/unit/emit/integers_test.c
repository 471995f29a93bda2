/* Operations on words: small integers are taken care of where they are, with their
 * overflow; anything else by the runtime's function of that operation; what can be
 * told by the word alone calls nothing. */
#include "emit/integers.h"
#include "emit/program.h"
#include "value/word.h"

static void each_operation_has_its_function_for_what_is_no_small_integer(void) {
  static const struct {
    const char *core, *function;
    bool fast;
  } cases[] = {{"+", "jank_add", true},
               {"-", "jank_sub", true},
               {"*", "jank_mul", true},
               {"<", "jank_lt", true},
               {"<=", "jank_lte", true},
               {">", "jank_gt", true},
               {">=", "jank_gte", true},
               {"==", "jank_num_equal", true},
               {"=", "jank_equal", true},
               {"/", "jank_divide", false},
               {"quot", "jank_quot", false},
               {"rem", "jank_rem", false},
               {"bit-and", "jank_bit_and", false},
               {"bit-or", "jank_bit_or", false},
               {"bit-xor", "jank_bit_xor", false},
               {"bit-shift-left", "jank_shift_left", false},
               {"bit-shift-right", "jank_shift_right", false}};
  for (size_t i = 0; i < COUNT(cases); i++) {
    char source[80], call[64];
    snprintf(source, sizeof source, "(def f (fn* [a b] (%s a b)))",
             cases[i].core);
    snprintf(call, sizeof call, "call %s;", cases[i].function);
    EMITS_TIMES(source, call, 1);
    EMITS_TIMES(source, "i32.eqz; br_if 0", cases[i].fast); /* both are small */
  }
}

static void sums_of_words_are_checked_for_their_edge(void) {
  /* Words are 2n + 1. */
  EMITS("(def f (fn* [a] (+ a 1)))", "local.get 1; i32.const 2; i32.add");
  EMITS("(def f (fn* [a] (+ 1 a)))", "local.get 1; i32.const 2; i32.add");
  EMITS("(def f (fn* [a] (inc a)))", "local.get 1; i32.const 2; i32.add");
  EMITS("(def f (fn* [a] (- a 1)))", "local.get 1; i32.const 2; i32.sub");
  EMITS("(def f (fn* [a] (+ a -1)))", "i32.const -2; i32.add");
  EMITS("(def f (fn* [a] (+ a 1)))", "local.get 1; i32.lt_s; br_if");
  EMITS("(def f (fn* [a] (- a 1)))", "local.get 1; i32.gt_s; br_if");
  EMITS("(def f (fn* [a] (+ a -1)))", "local.get 1; i32.gt_s; br_if");
  EMITS_TIMES("(def f (fn* [a b] (+ a b)))", "i32.xor", 2);
  EMITS("(def f (fn* [a b] (* a b)))", "i64.mul");
  EMITS("(def f (fn* [a b] (* a b)))", "i64.ne; br_if");
}

static void more_than_two_are_folded(void) {
  EMITS_TIMES("(def f (fn* [a b c] (+ a b c)))", "call jank_add", 2);
  EMITS_NOT("(def f (fn* [a b c] (< a b c)))", "call jank_lt;");
}

static void a_comparison_is_truth_or_a_value(void) {
  EMITS("(def f (fn* [a b] (if (< a b) 1 2)))", "i32.lt_s");
  EMITS_NOT("(def f (fn* [a b] (if (< a b) 1 2)))", "i32.shl"); /* not boxed */
  EMITS("(def f (fn* [a b] (< a b)))",
        "i32.const 2; i32.shl; i32.const 2; i32.or");
  EMITS("(def f (fn* [a] (if a 1 2)))",
        "local.get 1; i32.const -3; i32.and; if");
}

static void what_the_word_tells_calls_nothing(void) {
  static const char *const sources[] = {"(def f (fn* [a b] (identical? a b)))",
                                        "(def f (fn* [a] (nil? a)))",
                                        "(def f (fn* [a] (not a)))",
                                        "(def f (fn* [a] (= a nil)))",
                                        "(def f (fn* [a] (= :k a)))",
                                        "(def f (fn* [a] (= a \\c)))",
                                        "(def f (fn* [a] (= a true)))"};
  for (size_t i = 0; i < COUNT(sources); i++)
    EMITS_NOT(sources[i], "call");
  EMITS("(def f (fn* [a] (nil? a)))", "local.get 1; i32.eqz");
  EMITS("(def f (fn* [a] (if (not a) 1 2)))",
        "i32.const -3; i32.and; i32.eqz; if");
  EMITS("(def f (fn* [a] (= a 1)))", "call jank_equal"); /* 1N is equal to 1 */
  EMITS("(def f (fn* [a] (= a \"s\")))", "call jank_equal");
}

static void with_what_is_no_integer_for_sure_there_is_no_fast_path(void) {
  EMITS_NOT("(def f (fn* [a] (+ a nil)))", "i32.add");
  EMITS("(def f (fn* [a] (+ a nil)))", "call jank_add");
  EMITS_NOT("(def f (fn* [a] (< a \\c)))", "i32.lt_s");
}

static void integers_are_a_truth_by_their_kind(void) {
  node n = {.kind = NODE_OP, .op = OP_LT};
  CHECK(integers_is_truth(&n));
  n.op = OP_ADD;
  CHECK(!integers_is_truth(&n));
  n.op = OP_EXCEPTION_IS;
  CHECK(integers_is_truth(&n));
  n.op = OP_FIELD;
  CHECK(!integers_is_truth(&n));
  n = (node){.kind = NODE_WORD, .op = OP_LT};
  CHECK(!integers_is_truth(&n));
}

static const struct test tests[] = {
    TEST(each_operation_has_its_function_for_what_is_no_small_integer),
    TEST(sums_of_words_are_checked_for_their_edge),
    TEST(more_than_two_are_folded),
    TEST(a_comparison_is_truth_or_a_value),
    TEST(what_the_word_tells_calls_nothing),
    TEST(with_what_is_no_integer_for_sure_there_is_no_fast_path),
    TEST(integers_are_a_truth_by_their_kind),
};

MAIN(start_compiler, tests)
