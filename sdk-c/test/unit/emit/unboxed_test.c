/* Numbers without objects: what is known to be a long or a double is worked with as
 * one, checked as words are; a word is unboxed once, and boxed when it must be one
 * again. */
#include "emit/program.h"
#include "emit/unboxed.h"
#include "value/word.h"

#define OF_LONGS(expression)                                                   \
  "(def f (fn* [w v] (let* [x (long w) y (long v)] " expression ")))"
#define OF_DOUBLES(expression)                                                 \
  "(def f (fn* [w v] (let* [x (double w) y (double v)] " expression ")))"

static void longs_are_worked_with_as_they_are(void) {
  EMITS(OF_LONGS("(+ x y)"), "i64.add");
  EMITS(OF_LONGS("(- x y)"), "i64.sub");
  EMITS(OF_LONGS("(* x y)"), "i64.mul");
  EMITS(OF_LONGS("(bit-and x y)"), "i64.and");
  EMITS(OF_LONGS("(bit-or x y)"), "i64.or");
  EMITS(OF_LONGS("(bit-xor x y)"), "i64.xor");
  EMITS(OF_LONGS("(bit-shift-left x y)"), "i64.shl");
  EMITS(OF_LONGS("(bit-shift-right x y)"), "i64.shr_s");
  EMITS(OF_LONGS("(quot x y)"), "i32.const 0; call jank_raw_quot");
  EMITS(OF_LONGS("(rem x y)"), "i32.const 1; call jank_raw_quot");
  EMITS_NOT(OF_LONGS("(+ x y)"), "call jank_add");
}

static void what_goes_over_is_an_exception(void) {
  EMITS(OF_LONGS("(+ x y)"),
        "if:v; call jank_integer_overflow; unreachable; end");
  EMITS(OF_LONGS("(- x y)"), "call jank_integer_overflow");
  EMITS(OF_LONGS("(* x y)"),
        "else; local.get 7; local.get 8; call jank_raw_mul");
  EMITS(OF_LONGS("(+ x 1)"), "i64.lt_s; if:v; call jank_integer_overflow");
  EMITS(OF_LONGS("(- x 1)"), "i64.gt_s; if:v; call jank_integer_overflow");
  EMITS(OF_LONGS("(+ x -1)"), "i64.gt_s; if:v; call jank_integer_overflow");
  EMITS(OF_LONGS("(- x -1)"), "i64.lt_s; if:v; call jank_integer_overflow");
  EMITS_NOT(OF_LONGS("(bit-and x y)"), "call jank_integer_overflow");
  /* Nothing to add is not less than before: that takes the other way. */
  EMITS_NOT(OF_LONGS("(+ x 0)"), "i64.gt_s; if:v");
  EMITS(OF_LONGS("(+ x -9223372036854775808)"),
        "i64.const -9223372036854775808; "
        "i64.add");
}

static void one_more_than_what_is_below_another_cannot_go_over(void) {
  EMITS_NOT(OF_LONGS("(if (< x y) (inc x) y)"), "call jank_integer_overflow");
  EMITS_NOT(OF_LONGS("(if (> y x) (+ x 1) y)"), "call jank_integer_overflow");
  EMITS(OF_LONGS("(if (< x y) (+ x 2) y)"), "call jank_integer_overflow");
  EMITS(OF_LONGS("(if (< x y) (inc y) y)"), "call jank_integer_overflow");
  EMITS(OF_LONGS("(if (< x y) y (inc x))"), "call jank_integer_overflow");
  EMITS(OF_LONGS("(if (<= x y) (inc x) y)"), "call jank_integer_overflow");
}

static void doubles_are_worked_with_as_they_are(void) {
  EMITS(OF_DOUBLES("(+ x y)"), "f64.add");
  EMITS(OF_DOUBLES("(- x y)"), "f64.sub");
  EMITS(OF_DOUBLES("(* x y)"), "f64.mul");
  EMITS(OF_DOUBLES("(/ x y)"), "f64.div");
  EMITS(OF_DOUBLES("(* x 2)"), "i64.const 2; f64.convert_i64_s; f64.mul");
  EMITS(OF_DOUBLES("(+ 1.5 x)"), "f64.const 1.5; local.get");
  EMITS_NOT(OF_DOUBLES("(+ x y)"), "call jank_integer_overflow");
}

static void comparisons_are_of_their_type(void) {
  EMITS(OF_LONGS("(if (< x y) 1 2)"), "i64.lt_s; if");
  EMITS(OF_LONGS("(if (<= x y) 1 2)"), "i64.le_s; if");
  EMITS(OF_LONGS("(if (> x y) 1 2)"), "i64.gt_s; if");
  EMITS(OF_LONGS("(if (>= x y) 1 2)"), "i64.ge_s; if");
  EMITS(OF_LONGS("(if (== x y) 1 2)"), "i64.eq; if");
  EMITS(OF_LONGS("(if (= x y) 1 2)"), "i64.eq; if");
  EMITS(OF_DOUBLES("(if (< x y) 1 2)"), "f64.lt; if");
  EMITS(OF_DOUBLES("(if (<= x y) 1 2)"), "f64.le; if");
  EMITS(OF_DOUBLES("(if (> x y) 1 2)"), "f64.gt; if");
  EMITS(OF_DOUBLES("(if (>= x y) 1 2)"), "f64.ge; if");
  EMITS(OF_DOUBLES("(if (== x y) 1 2)"), "f64.eq; if");
  EMITS(OF_DOUBLES("(if (< x 1) 1 2)"), "f64.convert_i64_s; f64.lt");
  /* 1 and 1.0 are == but not =. */
  EMITS_NOT(OF_DOUBLES("(if (= x 1) 1 2)"), "f64.eq; if");
}

static void a_long_is_compared_with_a_word_by_its_number(void) {
  EMITS(OF_LONGS("(if (< x w) 1 2)"), "i64.lt_s; else");
  EMITS(OF_LONGS("(if (< x w) 1 2)"), "i32.const 0; call jank_raw_compare");
  EMITS(OF_LONGS("(if (<= x w) 1 2)"), "i32.const 1; call jank_raw_compare");
  EMITS(OF_LONGS("(if (> x w) 1 2)"), "i32.const 2; call jank_raw_compare");
  EMITS(OF_LONGS("(if (>= x w) 1 2)"), "i32.const 3; call jank_raw_compare");
  EMITS(OF_LONGS("(if (== x w) 1 2)"), "i32.const 4; call jank_raw_compare");
  /* From the other side, mirrored. */
  EMITS(OF_LONGS("(if (< w x) 1 2)"), "i32.const 2; call jank_raw_compare");
  EMITS(OF_LONGS("(if (<= w x) 1 2)"), "i32.const 3; call jank_raw_compare");
  EMITS(OF_LONGS("(if (> w x) 1 2)"), "i32.const 0; call jank_raw_compare");
  EMITS(OF_LONGS("(if (>= w x) 1 2)"), "i32.const 1; call jank_raw_compare");
  EMITS(OF_LONGS("(if (== w x) 1 2)"), "i32.const 4; call jank_raw_compare");
  EMITS(OF_LONGS("(if (< w x) 1 2)"), "local.get 7; i64.lt_s; else");
}

static void a_word_is_unboxed_once(void) {
  EMITS_TIMES(OF_LONGS("(+ x (+ x x))"), "call jank_raw_long", 2); /* x and y */
  EMITS("(def f (fn* [w] (let* [x (long w)] x)))",
        "i32.const 1; i32.and; if:l; local.get 1; i32.const 1; "
        "i32.shr_s; i64.extend_i32_s; else; local.get 1; call "
        "jank_raw_long; end");
  EMITS_TIMES(OF_DOUBLES("(+ x x)"), "call jank_raw_double", 2);
  EMITS_NOT(OF_LONGS("(long (+ x 1))") " ", "call jank_raw_double");
}

static void a_number_is_boxed_when_it_must_be_a_word(void) {
  EMITS(OF_LONGS("x"), "i64.const 1073741824; i64.add; i64.const 2147483648; "
                       "i64.lt_u; if:i");
  EMITS(OF_LONGS("x"),
        "i32.wrap_i64; i32.const 1; i32.shl; i32.const 1; i32.or; "
        "else");
  EMITS_TIMES(OF_LONGS("x"), "call jank_box_integer", 1);
  EMITS_TIMES(OF_DOUBLES("x"), "call jank_box_double", 1);
  EMITS_TIMES(OF_LONGS("[x y]"), "call jank_box_integer", 2);
  /* What waits for a boxed one is saved meanwhile. */
  EMITS(OF_LONGS("(list w x)"), "call jank_box_integer");
  EMITS_NOT(OF_LONGS("(if (< x y) 1 2)"), "call jank_box_integer");
}

static const struct test tests[] = {
    TEST(longs_are_worked_with_as_they_are),
    TEST(what_goes_over_is_an_exception),
    TEST(one_more_than_what_is_below_another_cannot_go_over),
    TEST(doubles_are_worked_with_as_they_are),
    TEST(comparisons_are_of_their_type),
    TEST(a_long_is_compared_with_a_word_by_its_number),
    TEST(a_word_is_unboxed_once),
    TEST(a_number_is_boxed_when_it_must_be_a_word),
};

MAIN(start_compiler, tests)
