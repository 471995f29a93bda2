/* Loops: every one polls, in whatever way it goes round; one that counts by one up to
 * an end is cut into strips whose rounds are free; the words that it compares with are
 * looked at before it; new values are there before the first local changes. */
#include "emit/loops.h"
#include "emit/program.h"
#include "value/word.h"

#define LOOP(bindings, body)                                                   \
  "(def f (fn* [n m] (loop* [" bindings "] " body ")))"

static void a_loop_counts_its_rounds_and_polls(void) {
  const char *source = LOOP("x n", "(if x (recur m) x)");
  EMITS_TIMES(source, "loop:i", 2); /* the rounds, and around them the poll */
  EMITS(source, "i32.const 0; i32.le_s; if:v; call jank_poll; i32.const 4096");
  EMITS_TIMES(source, "i32.const 1; i32.sub; local.tee", 1);
  EMITS_TIMES(source, "br_if", 1);
  EMITS_TIMES(source, "; br ", 1);
}

static void a_loop_that_goes_on_in_two_ways_counts_both(void) {
  const char *source = LOOP("x n", "(if x (recur m) (if m (recur n) x))");
  EMITS_TIMES(source, "i32.const 1; i32.sub; local.tee", 2);
  EMITS_TIMES(source, "call jank_poll", 1);
}

#define STRIP "i64.const 4096; i64.lt_u"

static void a_loop_up_to_an_end_runs_in_strips(void) {
  const char *source = LOOP("i 0", "(if (< i 100) (recur (inc i)) i)");
  EMITS_TIMES(source, STRIP, 1);
  EMITS_TIMES(source, "call jank_poll", 1);
  EMITS_NOT(source, "i32.const 1; i32.sub"); /* its rounds are free */
  EMITS_NOT(source, "call jank_integer_overflow");
  EMITS(LOOP("i 0 s 0", "(if (< i 100) (recur (inc i) (+ s i)) s)"), STRIP);
  EMITS(LOOP("i 0", "(if (> 100 i) (recur (+ i 1)) i)"), STRIP);
  EMITS(LOOP("i 0 x n", "(if (< i 9) (if x (recur (inc i) m) i) x)"), STRIP);
}

static void one_that_does_not_count_by_one_does_not(void) {
  EMITS_NOT(LOOP("i 0", "(if (< i 100) (recur (+ i 2)) i)"), STRIP);
  EMITS_NOT(LOOP("i 0", "(if (< i 100) (recur (dec i)) i)"), STRIP);
  EMITS_NOT(LOOP("i 0", "(if (<= i 100) (recur (inc i)) i)"), STRIP);
  EMITS_NOT(LOOP("i 0 e 9", "(if (< i e) (recur (inc i) (inc e)) i)"), STRIP);
  EMITS_NOT(LOOP("i 0", "(if (< i 100) (if n (recur (inc i)) (recur i)) i)"),
            STRIP);
  EMITS_NOT(LOOP("i n", "(if (< i 100) (recur (inc i)) i)"), STRIP);
  EMITS_NOT(LOOP("i 0", "(do n (if (< i 100) (recur (inc i)) i))"), STRIP);
}

/* The poll is of whole strips: a way round that no strip counts must count by
 * itself. */
static void a_way_round_past_the_end_polls_as_well(void) {
  static const char *const sources[] = {
      LOOP("i 0", "(if (< i 10) (recur (inc i)) (recur (inc i)))"),
      LOOP("i 0", "(if (< i 10) (recur (inc i)) (if n i (recur (inc i))))"),
      LOOP("i 0", "(if (< i 10) i (recur (inc i)))")};
  for (size_t i = 0; i < COUNT(sources); i++) {
    EMITS_NOT(sources[i], STRIP);
    EMITS(sources[i], "i32.const 1; i32.sub; local.tee");
  }
}

static void a_word_to_compare_with_is_looked_at_before(void) {
  const char *source = LOOP("i 0", "(if (< i n) (recur (inc i)) i)");
  EMITS_TIMES(source, STRIP, 1);                   /* when n is small */
  EMITS_TIMES(source, "call jank_raw_compare", 1); /* and for anything */
  EMITS_TIMES(source, "i32.const 1; i32.and; if:i", 2);
  EMITS(source, "local.get 1; i32.const 1; i32.shr_s; i64.extend_i32_s; "
                "local.set");
  const char *both = LOOP("i 0 s 0", "(if (< i n) (recur (inc i) (if (< i m) s "
                                     "0)) s)");
  EMITS(both, "local.get 1; local.get 2; i32.and; i32.const 1; i32.and; if");
}

static void a_loop_in_a_loop_has_its_own_rounds(void) {
  const char *source = LOOP("i 0", "(if (< i 10) (do (loop* [k 0] (if (< k 20) "
                                   "(recur (inc k)) k)) (recur (inc i))) i)");
  EMITS_TIMES(source, STRIP, 2);
  EMITS_TIMES(source, "call jank_poll", 2);
  /* The count is read once, and written back once. */
  emitted e = emit_text(source);
  CHECK(e.v.function_count > 0);
  emitted_free(&e);
}

static void new_values_are_there_before_a_local_changes(void) {
  /* Words: all are pushed, then set from the last on. */
  EMITS(LOOP("x n y m", "(if x (recur y x) y)"),
        "local.get 4; local.get 3; local.set 4; local.set 3");
  /* Numbers: each waits in a local of its own. */
  emitted e = emit_text(LOOP("a 0 b 1", "(if n (recur b a) a)"));
  buffer text = view_function(&e.v, 0);
  int l[8] = {0}, found = 0;
  for (const char *at = buffer_cstring(&text); (at = strstr(at, "local.get"));
       at++)
    found += sscanf(at,
                    "local.get %d; local.set %d; local.get %d; local.set %d; "
                    "local.get %d; local.set %d; local.get %d; local.set %d",
                    l, l + 1, l + 2, l + 3, l + 4, l + 5, l + 6, l + 7) == 8 &&
             l[1] == l[4] && l[3] == l[6] && l[5] == l[2] && l[7] == l[0];
  CHECK(found == 1);
  buffer_free(&text);
  emitted_free(&e);
}

static void a_loop_leaves_what_is_wanted(void) {
  EMITS(LOOP("i 0", "(if (< i 9) (recur (inc i)) i)"), "loop:i");
  /* As a number, when it is one that is used as one. */
  EMITS("(def f (fn* [n] (+ 1 (loop* [i 0] (if (< i 9) (recur (inc i)) i)))))",
        "loop:l");
  EMITS("(def f (fn* [n] (* 1.5 (loop* [d 0.5] (if n (recur (* d 2)) d)))))",
        "loop:d");
  EMITS("(def f (fn* [n] (if (loop* [x n] (if x (recur nil) x)) 1 2)))",
        "loop:i");
}

static void a_loop_without_end_or_locals_is_one_too(void) {
  EMITS_TIMES("(def f (fn* [] (loop* [] (recur))))", "call jank_poll", 1);
  EMITS_TIMES("(def f (fn* [n] (loop* [i 0] (recur (inc i)))))",
              "call jank_poll", 1);
}

static const struct test tests[] = {
    TEST(a_loop_counts_its_rounds_and_polls),
    TEST(a_loop_that_goes_on_in_two_ways_counts_both),
    TEST(a_loop_up_to_an_end_runs_in_strips),
    TEST(one_that_does_not_count_by_one_does_not),
    TEST(a_way_round_past_the_end_polls_as_well),
    TEST(a_word_to_compare_with_is_looked_at_before),
    TEST(a_loop_in_a_loop_has_its_own_rounds),
    TEST(new_values_are_there_before_a_local_changes),
    TEST(a_loop_leaves_what_is_wanted),
    TEST(a_loop_without_end_or_locals_is_one_too),
};

MAIN(start_compiler, tests)
