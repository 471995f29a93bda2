/* Functions in C as jank sees and calls them: their kinds, their metadata, and which
 * values a call refuses, and how the others are passed: to an engine that is played
 * here, as a native program has none. */
#include "base/fail.h"
#include "host/host.h"
#include "jank_hot.h"
#include "load/native_call.h"
#include "runtime/print.h"
#include "test.h"
#include "value/word.h"
#include <stdio.h>
#include <string.h>

static struct jank_hot_function of(const char *name, const char *kinds,
                                   const char *text) {
  static void *pointer;
  return (struct jank_hot_function){name, kinds, text, "a.c", 7, &pointer};
}

/* ---- What a function says of itself --------------------------------------- */

static void kinds_are_those_of_the_compiler_or_of_the_text(void) {
  struct jank_hot_function f = of("add", "iil", "int add(int a, int64_t b)");
  CHECK(native_call_kind(&f, 0) == 'i' && native_call_kind(&f, 2) == 'l');
  f = of("at", "????",
         "struct game * at(struct game *g, int a[], void (*f)(int, int *))");
  CHECK(native_call_kind(&f, 0) == 'p');
  CHECK(native_call_kind(&f, 1) == 'p');
  CHECK(native_call_kind(&f, 2) == 'p');
  CHECK(native_call_kind(&f, 3) == 'p');
  f = of("made", "??", "struct game made(struct game g)");
  CHECK(native_call_kind(&f, 0) == 'x' && native_call_kind(&f, 1) == 'x');
  f = of("odd", "??", "no such name");
  CHECK(native_call_kind(&f, 1) == 'x');
}

static void a_function_of_void_has_no_parameters(void) {
  struct jank_hot_function f = of("none", "iv", "int none(void)");
  CHECK(native_call_arity(&f) == 0);
  f = of("two", "vii", "void two(int a, int b)");
  CHECK(native_call_arity(&f) == 2);
}

static bool shows(const struct jank_hot_function *f, const char *part) {
  buffer text = {0};
  print_value(&text, native_call_meta(f), true);
  bool found = strstr(buffer_cstring(&text), part) != NULL;
  if (!found)
    fprintf(stderr, "%s: %s\n", f->text, buffer_cstring(&text));
  buffer_free(&text);
  return found;
}

static void metadata_has_names_text_and_place(void) {
  struct jank_hot_function f =
      of("ggg", "i?i", "int ggg(struct game *g, int n)");
  CHECK(shows(&f, ":arglists ([g n])"));
  CHECK(shows(&f, ":doc \"int ggg(struct game *g, int n)\""));
  CHECK(shows(&f, ":file \"a.c\", :line 7"));
  f = of("none", "iv", "int none(void)");
  CHECK(shows(&f, ":arglists ([])"));
  f = of("back", "v?", "void back(void (*f)(int a, int b), int n)");
  CHECK(shows(&f, "n]"));
}

/* ---- Calls ------------------------------------------------------------------ */

static int32_t counter = 5;
JANK_HOT(int, twice, (int v)) { return 2 * v; }
JANK_HOT(int, none, (void)) { return counter; }
JANK_HOT(double, mixed, (const char *text, char c, int64_t n, void *p)) {
  return text && p ? (double)n : c;
}

JANK_HOT(_Bool, truth, (_Bool b)) { return b; }
JANK_HOT(unsigned char, small, (short s)) { return (unsigned char)s; }
JANK_HOT(const char *, words, (unsigned u)) { return u ? "a" : "b"; }
JANK_HOT(unsigned long long, large, (unsigned short t)) { return t; }
JANK_HOT(void, nothing, (float f)) { counter += f > 9000; }
struct pair {
  int a, b;
};
JANK_HOT(int, by_value, (struct pair p)) { return p.a; }

static bool is_running; /* an engine that is played here */
static char called[32];
static union {
  int32_t i;
  int64_t l;
  double d;
} given[8], answer;

void host_native_call(uint32_t slot, const char *kinds, int argc, void *words) {
  if (!is_running)
    fail_unsupported("a native program cannot run WebAssembly");
  snprintf(called, sizeof called, "%s", kinds);
  memcpy(given, words, (size_t)argc * sizeof *given);
  memcpy(words, &answer, sizeof answer);
}

static bool invoke(const char *name, const char *arguments, const char *part) {
  const char *result = jank_invoke(name, arguments);
  if (!strstr(result, part))
    fprintf(stderr, "%s %s: %s\n", name, arguments, result);
  return strstr(result, part) != NULL;
}

static void a_wrong_number_of_arguments_is_refused(void) {
  CHECK(invoke("c/twice", "[]", "twice takes 1 argument, got 0: (twice [v])"));
  CHECK(invoke("c/none", "[1]", "none takes 0 arguments, got 1: (none [])"));
}

static void a_value_that_its_type_does_not_have_is_refused(void) {
  CHECK(invoke("c/twice", "[3000000000]", "out of the range"));
  CHECK(invoke("c/twice", "[:a]", "expected an integer"));
  CHECK(invoke("c/mixed", "[1 1 2 nil]", "expected a string"));
  CHECK(invoke("c/mixed", "[\"a\" 128 2 3]", "out of the range"));
  CHECK(invoke("c/mixed", "[nil -129 2 nil]", "out of the range"));
  CHECK(invoke("c/mixed", "[nil 1 2 -1]", "out of the range"));
}

static void what_is_right_reaches_the_host(void) {
  CHECK(invoke("c/twice", "[1]", "cannot run WebAssembly"));
  CHECK(invoke("c/none", "[]", "cannot run WebAssembly"));
  CHECK(invoke("c/mixed", "[nil 1 2 nil]", "cannot run WebAssembly"));
}

static void arguments_and_results_are_converted(void) {
  is_running = true;
  answer.l = 42;
  CHECK(invoke("c/twice", "[-21]", "\"value\":\"42\""));
  CHECK(strcmp(called, "ii") == 0 && given[0].i == -21);
  answer.d = 2.5;
  CHECK(invoke("c/mixed", "[\"text\" 1 -5 4294967295]", "2.5"));
  CHECK(strcmp(called, "dzaip") == 0 && given[0].i != 0 && given[1].i == 1);
  CHECK(given[2].i == -5 && (uint32_t)given[3].i == UINT32_MAX);
  CHECK(invoke("c/mixed", "[nil 1 2 nil]", "2.5"));
  CHECK(given[0].i == 0 && given[3].i == 0);
  answer.l = 1;
  CHECK(invoke("c/truth", "[nil]", "\"value\":\"true\""));
  CHECK(strcmp(called, "bb") == 0 && given[0].i == 0);
  answer.l = 0;
  CHECK(invoke("c/truth", "[1]", "\"value\":\"false\"") && given[0].i == 1);
  answer.l = 0x1ff; /* no more of it than its type has */
  CHECK(invoke("c/small", "[-32768]", "\"value\":\"255\""));
  CHECK(strcmp(called, "hs") == 0 && given[0].i == -32768);
  CHECK(invoke("c/small", "[32768]", "32768 is out of the range"));
  answer.l = 0;
  CHECK(invoke("c/words", "[4294967295]", "\"value\":\"nil\""));
  CHECK(invoke("c/words", "[-1]", "out of the range"));
  answer.l = INT64_MAX;
  CHECK(invoke("c/large", "[65535]", "9223372036854775807"));
  answer.l = -1;
  CHECK(invoke("c/large", "[0]", "the result is out of the range of a long"));
  CHECK(invoke("c/nothing", "[1]", "\"value\":\"nil\"") && given[0].d == 1.0);
  CHECK(invoke("c/nothing", "[\"1\"]", "expected a number"));
  CHECK(invoke("c/by_value", "[1]", "it passes a struct by value"));
  is_running = false;
}

static const struct test tests[] = {
    TEST(kinds_are_those_of_the_compiler_or_of_the_text),
    TEST(a_function_of_void_has_no_parameters),
    TEST(metadata_has_names_text_and_place),
    TEST(a_wrong_number_of_arguments_is_refused),
    TEST(a_value_that_its_type_does_not_have_is_refused),
    TEST(what_is_right_reaches_the_host),
    TEST(arguments_and_results_are_converted),
};

int main(int argc, char **argv) {
  test_begin(argc, argv);
  CHECK(jank_runtime_init() == 0);
  RUN_TESTS(tests);
  return test_report();
}
