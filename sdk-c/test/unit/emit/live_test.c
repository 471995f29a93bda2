/* Liveness: a local that is needed after a call that may collect is kept in memory,
 * and no other; loops keep what their next round needs; a slow path knows what it
 * must save. */
#include "emit/live.h"
#include "emit/program.h"
#include "emit/types.h"
#include "value/word.h"

/* What lives across a hot call of (fn* self [a b c] ...): letters of the locals, and S
 * for self, in the order of their slots. */
static const char *spilled(const char *body) {
  static char letters[16];
  char source[600];
  snprintf(source, sizeof source, "(def f (fn* self [a b c] %s))", body);
  program *p = program_of(source);
  notes k = notes_make(p);
  const method *m = method_of(p, 3);
  types_infer(&k, m);
  local_set set = live_analyze(&k, m);
  int n = 0;
  for (uint32_t i = 0; i <= (uint32_t)m->slots; i++)
    if (live_has(set, i))
      letters[n++] = i == 0   ? 'S'
                     : i <= 3 ? (char)('a' + i - 1)
                              : (char)('x' + i - 4);
  letters[n] = 0;
  ast_program_free(p);
  return letters;
}

#define SPILLS(body, expected)                                                 \
  do {                                                                         \
    const char *found_ = spilled(body);                                        \
    if (strcmp(found_, expected))                                              \
      fprintf(stderr, "%s spills %s\n", body, found_);                         \
    CHECK(strcmp(found_, expected) == 0);                                      \
  } while (0)

static void what_is_needed_after_a_call_is_kept_and_nothing_else(void) {
  SPILLS("a", "");
  SPILLS("(first a)", "");
  SPILLS("(do (first a) b)", "b");
  SPILLS("(do (first a) (first b))", "b");
  SPILLS("(do (first a) a)", "a");
  SPILLS("(first (rest a))", "");
  SPILLS("(list (rest a) (rest b))", "b"); /* needed while the first runs */
  SPILLS("(list a (rest b))", "a");
  SPILLS("(list (rest a) b)", "b");
  SPILLS("(a b c)", "");
  SPILLS("(do (a b) c)", "c");
  SPILLS("((first a) b)", "b");
}

static void what_calls_nothing_keeps_nothing(void) {
  SPILLS("(if a b c)", "");
  SPILLS("(let* [x a] (if x b x))", "");
  SPILLS("(identical? a b)", "");
  SPILLS("(if (nil? a) b c)", "");
  SPILLS("(+ a (+ b c))", ""); /* a slow path saves for itself */
  SPILLS("(loop* [i 0] (if (< i a) (recur (inc i)) b))", "");
}

static void branches_are_apart(void) {
  SPILLS("(if a (do (first b) b) c)", "b");
  SPILLS("(if a (first b) (do (first c) c))", "c");
  SPILLS("(do (if a (first b) 1) c)", "c");
  SPILLS("(do (if a b (first b)) a)", "a");
  SPILLS("(if (first a) b c)", "bc");
  SPILLS("(do (first a) (if b c 1))", "bc");
}

static void what_is_bound_is_kept_from_there_on(void) {
  SPILLS("(let* [x (first a)] (do (first b) x))", "bx");
  SPILLS("(let* [x (first a) y (first b)] (list x y))", "bx");
  SPILLS("(let* [x (first a)] (first x))", "");
  SPILLS("(let* [x a] (do (first b) x))", "x"); /* a is not needed then */
}

static void a_loop_keeps_what_its_next_round_needs(void) {
  SPILLS("(loop* [] (if (first a) (recur) b))", "ab");
  SPILLS("(loop* [x a] (if (first b) (recur (rest x)) c))", "bcx");
  SPILLS("(loop* [x a] (if x (recur (rest x)) b))", "b");
  SPILLS("(do (loop* [x a] (if x (recur (rest x)) b)) c)", "bc");
  /* made in each round, so it is not needed at its head */
  SPILLS("(loop* [] (let* [x (first a)] (if x (recur) x)))", "a");
}

static void a_closure_needs_what_it_captures(void) {
  SPILLS("(fn* [] a)", "a"); /* filled in after it was made */
  SPILLS("(do (first a) (fn* [] b))", "b");
  SPILLS("(fn* [] 1)", "");
  SPILLS("(do (first a) (self b c a))", "Sabc");
  SPILLS("(do (first a) self)", "S");
}

static void an_unboxed_number_is_never_kept(void) {
  SPILLS("(let* [x (long a)] (do (first b) x))", "");
  SPILLS("(loop* [i 0] (do (first a) (if b (recur (inc i)) i)))", "ab");
}

static void a_throw_ends_what_lives(void) {
  SPILLS("(do (throw (first a)) b)", "");
  SPILLS("(if a (throw (first b)) c)", "");
}

/* ---- Notes --------------------------------------------------------------------------- */

static call_level calls_of(const char *expression) {
  char source[400];
  snprintf(source, sizeof source, "(def f (fn* [a b] %s))", expression);
  program *p = program_of(source);
  notes k = notes_make(p);
  const method *m = method_of(p, 2);
  types_infer(&k, m);
  live_analyze(&k, m);
  call_level level = notes_node(&k, m->body)->calls;
  ast_program_free(p);
  return level;
}

static void calls_are_hot_cold_or_none(void) {
  static const struct {
    const char *expression;
    call_level level;
  } cases[] = {{"a", CALLS_NONE},
               {"1", CALLS_NONE},
               {"(if a b 1)", CALLS_NONE},
               {"(identical? a b)", CALLS_NONE},
               {"(= a :k)", CALLS_NONE}, /* the same word or not */
               {"(= a nil)", CALLS_NONE},
               {"(= a \\c)", CALLS_NONE},
               {"(= a 1)", CALLS_COLD}, /* 1N */
               {"(= a b)", CALLS_COLD},
               {"(+ a 1)", CALLS_COLD},
               {"(if (+ a 1) a b)", CALLS_COLD},
               {"(throw a)", CALLS_COLD},
               {"(first a)", CALLS_HOT},
               {"(if a (+ a 1) (first b))", CALLS_HOT},
               {"[a]", CALLS_HOT},
               {"#{a}", CALLS_HOT},
               {"{:k a}", CALLS_HOT},
               {"(fn* [] a)", CALLS_HOT},
               {"(fn* [] 1)", CALLS_NONE},
               {"first", CALLS_NONE},
               {"(case* a b 1 2)", CALLS_NONE},
               {"(case* a b \"s\" 2)", CALLS_COLD}};
  for (size_t i = 0; i < COUNT(cases); i++) {
    call_level level = calls_of(cases[i].expression);
    if (level != cases[i].level)
      fprintf(stderr, "  %s: %d\n", cases[i].expression, level);
    CHECK(level == cases[i].level);
  }
}

static void a_slow_path_knows_what_lives_across_it(void) {
  program *p =
      program_of("(def f (fn* [a b c] (let* [x (+ a b)] (list c x))))");
  notes k = notes_make(p);
  const method *m = p->methods[0];
  types_infer(&k, m);
  live_analyze(&k, m);
  local_set live = notes_node(&k, node_at(m, NODE_OP, 0))->live;
  CHECK(live && live_has(live, 3) && !live_has(live, 1) && !live_has(live, 2));
  ast_program_free(p);
}

static void an_index_is_self_or_a_slot(void) {
  local l = {.kind = LOCAL_SELF};
  CHECK(live_index(&l) == 0);
  l = (local){.kind = LOCAL_CAPTURE, .slot = 7};
  CHECK(live_index(&l) == 0);
  l = (local){.kind = LOCAL_PARAM, .slot = 7};
  CHECK(live_index(&l) == 8);
  CHECK(!live_has(NULL, 0) && !live_has(NULL, 1000));
}

static void many_locals_are_more_than_a_word_of_bits(void) {
  buffer source = {0};
  buffer_text(&source, "(def f (fn* [a] (let* [");
  for (int i = 0; i < 100; i++)
    buffer_format(&source, "x%d (first a) ", i);
  buffer_text(&source, "] (do (first a) (list x0 x31 x32 x63 x64 x99)))))");
  program *p = program_of(buffer_cstring(&source));
  notes k = notes_make(p);
  const method *m = p->methods[0];
  types_infer(&k, m);
  local_set set = live_analyze(&k, m);
  for (uint32_t i = 0; i < 100; i++) {
    bool used = i == 0 || i == 31 || i == 32 || i == 63 || i == 64 || i == 99;
    CHECK(live_has(set, i + 2) == used);
  }
  buffer_free(&source);
  ast_program_free(p);
}

static const struct test tests[] = {
    TEST(what_is_needed_after_a_call_is_kept_and_nothing_else),
    TEST(what_calls_nothing_keeps_nothing),
    TEST(branches_are_apart),
    TEST(what_is_bound_is_kept_from_there_on),
    TEST(a_loop_keeps_what_its_next_round_needs),
    TEST(a_closure_needs_what_it_captures),
    TEST(an_unboxed_number_is_never_kept),
    TEST(a_throw_ends_what_lives),
    TEST(calls_are_hot_cold_or_none),
    TEST(a_slow_path_knows_what_lives_across_it),
    TEST(an_index_is_self_or_a_slot),
    TEST(many_locals_are_more_than_a_word_of_bits),
};

MAIN(start_compiler, tests)
