/* What each kind of node becomes: as a value, as a test, as a number; and whatever
 * stands in whatever, the module is one that an engine takes. */
#include "emit/nodes.h"
#include "emit/program.h"
#include "value/word.h"

/* In (fn* [a b] ...), which is the method with two parameters. */
static bool has(const char *expression, const char *part, int wanted) {
  char source[800];
  snprintf(source, sizeof source, "(def ^:dynamic d 1)(def f (fn* [a b] %s))",
           expression);
  program *p = program_of(source);
  const method *m = method_of(p, 2);
  uint32_t number = m ? (uint32_t)m->index : 0;
  ast_program_free(p);
  return emits_in(source, number, part, wanted);
}

static void every_kind_of_node_becomes_its_code(void) {
  static const struct {
    const char *expression, *part;
  } cases[] = {
      {"nil", "i32.const 0; end"},
      {"true", "i32.const 6; end"},
      {"false", "i32.const 2; end"},
      {"1", "i32.const 3; end"},
      {"-1", "i32.const -1; end"},
      {"\\a", "i32.const 24842; end"},
      {"\"s\"", "global.get __memory_base; i32.load"},
      {":k", "global.get __memory_base; i32.load"},
      {"a", "local.get 1; end"},
      {"first", "i32.load 8; end"},
      {"(var first)", "global.get __memory_base; i32.load"},
      {"(def x a)", "local.get 1; call jank_var_bind_root"},
      {"(def x a)", "call jank_var_reset_meta"},
      {"(def x)", "call jank_var_reset_meta"},
      {"(set! d a)", "local.get 1; call jank_var_set"},
      {"(if a b 1)", "if:i; local.get 2; else; i32.const 3; end"},
      {"(if a b)", "if:i; local.get 2; else; i32.const 0; end"},
      {"(do a b)", "local.get 1; drop; local.get 2; end"},
      {"(do)", "i32.const 0; end"},
      {"(let* [x a] x)", "local.get 1; local.set 3; local.get 3; end"},
      {"(letfn* [g (fn* [] (g))] g)", "call jank_fn_create"},
      {"(fn* [] 1)", "global.get __memory_base; i32.load"},
      {"(fn* [] a)", "i32.const 1; call jank_fn_create"},
      {"(throw a)", "local.get 1; call jank_throw; unreachable; end"},
      {"(try a (catch E e b) (finally b))", "call jank_try"},
      {"(try a (finally b))", "call jank_try"},
      {"[a b]", "i32.const 2; local.get"},
      {"[a b]", "i32.add; call jank_make_vector"},
      {"#{a}", "call jank_make_set"},
      {"{a b}", "i32.const 1; local.get"},
      {"{a b}", "call jank_make_map"},
      {"^{:k a} [b]", "call jank_with_meta"},
      {"(case* a b 1 2)",
       "local.get 1; i32.const 3; i32.eq; if:i; i32.const 5; "
       "else; local.get 2; end"},
      {"(case* a b \"s\" 2)", "local.get 1; call jank_equal"},
      {"(quote (a b))", "global.get __memory_base; i32.load"},
  };
  for (size_t i = 0; i < COUNT(cases); i++)
    CHECK(has(cases[i].expression, cases[i].part, -1));
}

static void a_test_is_nil_or_false_or_else(void) {
  CHECK(has("(if (if a b nil) 1 2)", "i32.const -3; i32.and", 3));
  CHECK(has("(if (do a b) 1 2)", "local.get 2; i32.const -3; i32.and; if", 1));
  CHECK(
      has("(if (let* [x a] x) 1 2)", "local.get 3; i32.const -3; i32.and", 1));
  CHECK(has("(if (nil? a) 1 2)", "i32.eqz; if", 1));
  CHECK(has("(if (not (not a)) 1 2)", "i32.eqz; i32.eqz; if", 1));
  CHECK(has("(if (case* a b 1 2) 1 2)",
            "else; local.get 2; i32.const -3; "
            "i32.and; end; if",
            1));
  CHECK(has("(if (first a) 1 2)", "call_indirect 2; i32.const -3; i32.and", 1));
}

static void a_number_is_left_as_one_where_it_is_used_as_one(void) {
  CHECK(has("(+ 1 (long (if a 1 2)))", "if:l; i64.const 1; else; i64.const 2",
            1));
  CHECK(has("(+ 1.5 (double (do a 2)))", "f64.convert_i64_s", 1));
  CHECK(has("(let* [x (long a)] (+ x (if b 1 (throw a))))", "if:l", -1));
  CHECK(has("(let* [x (double a)] (* x (let* [y 2.5] 0.5)))", "f64.const 0.5",
            1));
}

/* ---- Anything in anything ------------------------------------------------------------ */

static const char *const atoms[] = {"a",  "b",  "nil",   "1", "1.5", "\"s\"",
                                    ":k", "30", "first", "d", "x",   "i"};
static const char *const shapes[] = {
    "(if %s %s %s)",
    "(do %s %s)",
    "(let* [x %s] %s)",
    "(let* [x (long %s) y x] (+ y %s))",
    "(let* [x (double %s)] (* x %s))",
    "(loop* [i 0 x %s] (if (< i 10) (recur (inc i) %s) %s))",
    "(loop* [i %s] (if %s (recur %s) i))",
    "(loop* [i 0] (if (< i a) (recur (inc i)) %s))",
    "(first %s)",
    "(list %s %s %s)",
    "(%s %s)",
    "(+ %s %s)",
    "(- (long %s) %s)",
    "(* %s 3)",
    "(< %s %s)",
    "(= %s %s)",
    "(not %s)",
    "(nil? %s)",
    "(identical? %s %s)",
    "(quot (long %s) (long %s))",
    "(/ %s 2.5)",
    "[%s %s]",
    "#{%s}",
    "{:k %s}",
    "(fn* [] %s)",
    "(fn* me [x & i] (if x (me %s) %s))",
    "(letfn* [x (fn* [] %s)] %s)",
    "(try %s (catch E x %s) (finally %s))",
    "(throw %s)",
    "(case* %s %s 1 %s \"s\" %s)",
    "^{:m %s} [%s]",
    "(set! d %s)",
    "(a %s %s %s %s %s %s)",
    "(bit-and %s (long %s))",
};

static uint32_t seed = 4711;

static uint32_t below(uint32_t n) {
  seed = seed * 1664525u + 1013904223u;
  return (seed >> 8) % n;
}

static void write_any(buffer *out, int depth) {
  if (depth == 0 || below(5) == 0) {
    buffer_text(out, atoms[below(COUNT(atoms))]);
    return;
  }
  for (const char *p = shapes[below(COUNT(shapes))]; *p; p++)
    if (p[0] == '%' && p[1] == 's') {
      write_any(out, depth - 1);
      p++;
    } else {
      buffer_byte(out, *p);
    }
}

static O compile(void *source) {
  emitted e = emit_text(source);
  emitted_free(&e);
  return JANK_NIL;
}

static O analyze_only(void *source) {
  program_text text = {source, "test.jank"};
  program *p = ast_program_make(text.file, ns_current());
  throw_owner owner;
  throw_own(&owner, (void (*)(void *))ast_program_free, p);
  void *context[] = {p, &text};
  add_forms(context);
  throw_release(&owner);
  return JANK_NIL;
}

static void whatever_stands_in_whatever_is_valid(void) {
  int compiled = 0;
  for (int round = 0; round < SCALED(1500); round++) {
    buffer source = {0};
    buffer_text(&source,
                "(def ^:dynamic d 1)(def f (fn* [a b] (let* [x b i a] ");
    write_any(&source, 1 + round % 5);
    buffer_text(&source, ")))");
    if (thrown(analyze_only, buffer_cstring(&source)) == JANK_UNBOUND) {
      O e = thrown(compile, source.data);
      if (e != JANK_UNBOUND)
        fprintf(stderr, "%s\n  %s\n", source.data, message_of(e));
      CHECK(e == JANK_UNBOUND);
      compiled++;
    }
    buffer_free(&source);
  }
  CHECK(compiled > SCALED(1500) / 2);
}

static const struct test tests[] = {
    TEST(every_kind_of_node_becomes_its_code),
    TEST(a_test_is_nil_or_false_or_else),
    TEST(a_number_is_left_as_one_where_it_is_used_as_one),
    TEST(whatever_stands_in_whatever_is_valid),
};

MAIN(start_compiler, tests)
