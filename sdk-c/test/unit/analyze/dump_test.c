/* An analyzed program as text: what is told of each kind of node, of locals, methods
 * and definitions; that it is the same each time, and ends whatever is in it. */
#include "analyze/ast.h"
#include "analyze/dump.h"
#include "analyze/program.h"
#include "base/buffer.h"
#include "collection/list.h"
#include "collection/seqs.h"
#include "runtime/ns.h"
#include "test.h"
#include "value/string.h"
#include "value/symbol.h"
#include "value/word.h"
#include <stdio.h>
#include <string.h>

typedef jank_object *O;

/* A line break and what indents the next line: one space. */
static void flatten(buffer *out, const char *text) {
  for (; *text; text++)
    if (*text != '\n')
      buffer_byte(out, *text);
    else if (text[1] == ' ' || text[1] == '(') {
      text += strspn(text + 1, " ");
      buffer_byte(out, ' ');
    }
}

/* What is told of the source's last form, or of all; "": it was refused. */
static const char *dump_of(const char *source, bool whole) {
  static buffer result;
  jank_unit *u = jank_unit_open(source, "t.jank", "t", 1);
  int status;
  buffer_clear(&result);
  while ((status = jank_unit_next(u, "x")) == 1) {
    buffer_clear(&result);
    CHECK(jank_unit_emit_ast(u, "x") == 1);
    flatten(&result, (const char *)jank_unit_patch(u));
  }
  if (status < 0 || whole)
    buffer_clear(&result);
  if (status == 0 && whole && jank_unit_emit_ast(u, "x") == 1)
    buffer_text(&result, (const char *)jank_unit_patch(u));
  jank_unit_close(u);
  return buffer_cstring(&result);
}

static bool has(const char *text, const char *part) {
  if (!strstr(text, part))
    fprintf(stderr, "no %s\nin %s\n", part, text);
  return strstr(text, part) != NULL;
}

/* ---- Nodes --------------------------------------------------------------- */

#define BEFORE "(def x 1) (def f)\n"

static const struct {
  const char *form, *told;
} nodes[] = {
    {"\\a", "(word 2:1 \\a)"},
    {":k", "(constant 2:1 :k)"},
    {"(quote (a 1.5))", "(constant 2:1 (a 1.5))"},
    {"x", "(var 2:1 t/x)"},
    {"(var x)", "(constant 2:1 #'t/x)"},
    {"(def y)", "(def 2:1 t/y {:file \"t.jank\", :line 2, :column 1, :name y, "
                ":ns t})"},
    {"(def y x)", ":ns t} (var 2:8 t/x))"},
    {"(set! x 1)", "(set! 2:1 t/x (word 2:1 1))"},
    {"(if x 1 2)", "(if 2:1 (var 2:5 t/x) (word 2:1 1) (word 2:1 2))"},
    {"(if (do x nil) 1)", "(if 2:1 (do 2:5 (var 2:9 t/x) (word 2:5 nil)) "},
    {"(let* [a 1 b a] b)",
     ":slots 2 (let 2:1 (bind a let 0 (word 2:1 1)) (bind b let 1 (local 2:14 "
     "a let 0)) (local 2:17 b let 1))"},
    {"(loop* [i 0] (recur i))",
     "(loop 2:1 :label 1 (bind i loop 0 (word 2:1 0)) (recur 2:14 :to 1 (bind "
     "i loop 0 (local 2:21 i loop 0))))"},
    {"(loop* [i 0] (if (loop* [] (recur)) (recur 1)))",
     "(loop 2:18 :label 2 (recur 2:28 :to 2)) (recur 2:37 :to 1"},
    {"(letfn* [g (fn* [] g)] g)",
     "(letfn 2:1 (bind g let 0 (fn 2:12 t/fn--1 :captures [(g let 0)] (method "
     "0 :line 2 :slots 0 [] (local 2:20 g capture 0)))) (local 2:24 g let 0))"},
    {"(f x 1)", "(invoke 2:1 (var 2:2 t/f) (var 2:4 t/x) (word 2:1 1))"},
    {"(+ x 1)", "(op 2:1 ADD (var 2:4 t/x) (word 2:1 1))"},
    {"(throw x)", "(throw 2:1 (var 2:8 t/x))"},
    {"(try x (finally 1))",
     "(try 2:1 (body (fn 2:1 t/fn--1 (method 0 :line 2 :slots 0 [] (var 2:6 "
     "t/x)))) (finally (fn "},
    {"(try x (catch E e 1))", "(catch (fn 2:1 t/fn--2 (method 1 :line 2"},
    {"(case* x 1 :a 2 nil 3)",
     "(case 2:1 (var 2:8 t/x) (when (constant 2:1 :a) (word 2:1 2)) (when "
     "(word 2:1 nil) (word 2:1 3)) (else (word 2:1 1)))"},
    {"[x 1]", "(vector 2:1 (var 2:2 t/x) (word 2:1 1))"},
    {"#{x}", "(set 2:1 (var 2:3 t/x))"},
    {"{1 x}", "(map 2:1 (word 2:1 1) (var 2:4 t/x))"},
    {"^{:m x} [f]",
     "(with-meta 2:1 (vector 2:1 (var 2:10 t/f)) (map 2:1 (constant 2:1 :m) "
     "(var 2:6 t/x)))"},
};

static void each_node_is_told_with_its_place_and_parts(void) {
  for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++) {
    char source[256];
    snprintf(source, sizeof source, BEFORE "%s", nodes[i].form);
    CHECK(has(dump_of(source, false), nodes[i].told));
  }
}

/* ---- Functions ----------------------------------------------------------- */

static void a_definition_is_told_with_methods_and_metadata(void) {
  const char *text = dump_of("(def x 1)\n"
                             "(def f (fn* f ([a] (f a nil))\n"
                             "              ([a & b] (recur a b))))",
                             true);
  CHECK(has(text, "(program \"t.jank\" :kind def :ns t :ns-after t)\n"));
  CHECK(has(text,
            "\n\n(definition t/f {:file \"t.jank\", :line 2, :column 1, "
            ":name f, :ns t}\n"
            "  (fn t/f\n"
            "    (method 1 :line 2 :slots 1 [(a param 0)]\n"
            "      (invoke 2:20\n"
            "        (local 2:21 f self)\n"
            "        (local 2:23 a param 0)\n"
            "        (word 2:20 nil)))\n"
            "    (method 1+ :line 2 :slots 2 [(a param 0) & (b param 1)]\n"
            "      (recur 3:24 :to method\n"
            "        (bind a param 0\n"
            "          (local 3:31 a param 0))\n"
            "        (bind b param 1\n"
            "          (local 3:33 b param 1))))))\n\n(form :line 1"));
}

static void captures_are_told_as_the_enclosing_method_knows_them(void) {
  const char *text =
      dump_of("(def f (fn* [a] (fn* [b] (fn* [] [a b]))))", false);
  CHECK(has(text, "(fn 1:17 t/f--1 :captures [(a param 0)] (method 1"));
  CHECK(has(text, "(fn 1:26 t/f--2 :captures [(a capture 0) (b param 0)]"));
  CHECK(has(text, "(local 1:35 a capture 0) (local 1:37 b capture 1)"));
}

/* ---- Promises ------------------------------------------------------------ */

static void the_same_source_is_the_same_text(void) {
  const char *source = "(def f (fn* [x] {:a #{x 1} :b \"text\"}))\n(f 1)";
  char first[4096];
  snprintf(first, sizeof first, "%s", dump_of(source, true));
  CHECK(*first && strcmp(first, dump_of(source, true)) == 0);
}

static void a_source_that_is_refused_is_not_told(void) {
  CHECK(!*dump_of("(def f", false));
  CHECK(!*dump_of("(+ 1 unknown)", false));
  CHECK(strstr(jank_last_error_json(), "unknown") != NULL);
  jank_unit *u = jank_unit_open("1", "t.jank", "t", 1);
  CHECK(jank_unit_next(u, "x") == 1);
  CHECK(jank_unit_emit_ast(u, "no id") == -1);
  CHECK(jank_unit_emit_ast(u, "x") == 1);
  jank_unit_close(u);
}

/* The text of a program that has the constant alone. */
static buffer dump_constant(O value) {
  O quote[] = {&symbol_from(NULL, "quote")->header, value};
  program *p = ast_program_make("t.jank", ns_from_name("t"));
  buffer out = {0};
  program_add(p, list_from_array(2, quote), (span){1, 1, 1, 1});
  dump_program(p, "x", &out);
  ast_program_free(p);
  buffer_cstring(&out);
  return out;
}

static void no_constant_makes_it_long(void) {
  char text[5000];
  memset(text, 'a', sizeof text);
  O values[] = {seqs_range(fixnum(0), JANK_NIL, fixnum(1)),
                &string_make(text, sizeof text)->header,
                list_from_array(1, (O[]){list_empty})};
  for (int i = 0; i < 1000; i++)
    values[2] = list_from_array(1, &values[2]);
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    buffer out = dump_constant(values[i]);
    CHECK(has(out.data, "(constant 1:1 ") && out.size < 400);
    buffer_free(&out);
  }
}

/* A sum of many is as many nodes deep. */
static void depth_does_not_make_it_wide(void) {
  static buffer source;
  buffer_text(&source, "(def x 1)\n(+ x");
  for (int i = 0; i < 1000; i++)
    buffer_text(&source, " 1");
  buffer_byte(&source, ')');
  jank_unit *u = jank_unit_open(buffer_cstring(&source), "t.jank", "t", 1);
  while (jank_unit_next(u, "x") == 1)
    ;
  CHECK(jank_unit_emit_ast(u, "x") == 1);
  CHECK(jank_unit_patch_size(u) < 250000);
  jank_unit_close(u);
  buffer_free(&source);
}

static const struct test tests[] = {
    TEST(each_node_is_told_with_its_place_and_parts),
    TEST(a_definition_is_told_with_methods_and_metadata),
    TEST(captures_are_told_as_the_enclosing_method_knows_them),
    TEST(the_same_source_is_the_same_text),
    TEST(a_source_that_is_refused_is_not_told),
    TEST(no_constant_makes_it_long),
    TEST(depth_does_not_make_it_wide),
};

int main(int argc, char **argv) {
  test_begin(argc, argv);
  CHECK(jank_runtime_init() == 0);
  RUN_TESTS(tests);
  return test_report();
}
