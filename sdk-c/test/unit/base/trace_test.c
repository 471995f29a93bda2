/* What trace.h says of its lines. This program alone is built with all switches on:
 * see CMakeLists.txt. */
#include "base/trace.h"
#include "host/native.h"
#include "load/patch.h"
#include "runtime/var.h"
#include "test.h"
#include "value/error.h"
#include "value/gc.h"
#include "value/poll.h"
#include "value/string.h"
#include "value/throw.h"
#include "value/word.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef jank_object *O;

/* ---- Listening ----------------------------------------------------------- */

/* Room for a line at each allocation: of unit-stress. */
static char told[1 << 20];

/* What the body prints to stderr becomes `told`. */
static void listen_to(void (*body)(void)) {
  FILE *file = tmpfile();
  fflush(stderr);
  int before = dup(STDERR_FILENO);
  dup2(fileno(file), STDERR_FILENO);
  body();
  fflush(stderr);
  dup2(before, STDERR_FILENO);
  close(before);
  rewind(file);
  told[fread(told, 1, sizeof told - 1, file)] = 0;
  fclose(file);
}

/* The first line that begins so; NULL: there is none. */
static const char *line(const char *beginning) {
  for (const char *at = told; at; at = strchr(at, '\n')) {
    at += *at == '\n';
    if (strncmp(at, beginning, strlen(beginning)) == 0)
      return at;
  }
  fprintf(stderr, "no line %s\nin %s\n", beginning, told);
  return NULL;
}

/* Until what was thrown. */
static void attempt(O (*body)(void *)) {
  O result, exception;
  throw_catch(body, NULL, &result, &exception);
}

static O var(const char *name) { return jank_var_intern_c("t", name); }

/* ---- Lines --------------------------------------------------------------- */

static void collect(void) {
  gc_collect(true);
  gc_collect(false);
}

static void a_collection(void) {
  size_t number, before, after, old;
  double time;
  listen_to(collect);
  const char *major = line("[GC] major "), *minor = line("[GC] minor ");
  CHECK(major && minor && major < minor);
  CHECK(sscanf(minor,
               "[GC] minor %zu: %zu bytes to %zu, %zu of them old, %lf ms",
               &number, &before, &after, &old, &time) == 5);
  CHECK(number == gc_collections() && before >= after && after >= old);
}

static O give(O self, O x) { return x; }

static struct patch_symbol *own_entry(int *count) {
  static struct patch_symbol symbols[] = {{"t/give", "1", (void *)give}};
  *count = 1;
  return symbols;
}

static void load_some(void) {
  patch_load_entry(own_entry);
  jank_hot_reload_load_patch("none.wasm", "jank_patch_symbols_1");
}

static void a_load(void) {
  listen_to(load_some);
  CHECK(line("[LOAD] an entry of the program: 1 symbols, 0 constants, 0 table "
             "slots\n"));
  CHECK(line("[LOAD] jank_patch_symbols_1 of none.wasm: error -1, cannot read "
             "the patch file none.wasm\n"));
}

static void take_back(void) {
  jank_hot_reload_begin();
  jank_var_bind_root(var("a"), fixnum(1));
  jank_var_bind_root(var("a"), fixnum(2));
  jank_hot_reload_rollback();
  jank_hot_reload_begin();
  patch_load_entry(own_entry);
  jank_hot_reload_commit();
}

static void a_rollback(void) {
  var("a");
  listen_to(take_back);
  const char *begin = line("[JOURNAL] begin 1\n"),
             *keeps = line("[JOURNAL] 1 keeps a Var\n"),
             *rollback = line("[JOURNAL] rollback 1: 1 states\n");
  CHECK(begin && begin < keeps && keeps < rollback);
  CHECK(line("[JOURNAL] begin 2\n"));
  CHECK(line("[JOURNAL] commit 2: 1 states, 1 of them for the outer "
             "transaction\n"));
  CHECK(line("[JOURNAL] commit 1: 1 states, 0 of them for the outer "
             "transaction\n"));
}

static void compile_some(void) {
  jank_unit *u = jank_unit_open("(def x\n  (t/give x))", "t.jank", "t", 1);
  jank_unit_next(u, "x");
  jank_unit_close(u);
}

static void a_form_that_is_compiled(void) {
  int nodes, functions;
  size_t bytes;
  double analyzed, emitted;
  listen_to(compile_some);
  const char *at = line("[COMPILE] t.jank:1:1: ");
  CHECK(at && sscanf(at,
                     "[COMPILE] t.jank:1:1: %d nodes, %d functions in %lf ms, "
                     "%zu bytes in %lf ms",
                     &nodes, &functions, &analyzed, &bytes, &emitted) == 5);
  CHECK(nodes == 4 && functions == 1 && bytes > 100);
}

static O expand(O self, O form, O environment) { return fixnum(42); }

static struct patch_symbol *macro_entry(int *count) {
  static struct patch_symbol symbols[] = {{"t/macro", "2", (void *)expand}};
  *count = 1;
  return symbols;
}

static void compile_macro(void) {
  jank_unit *u = jank_unit_open("\n (macro)", "t.jank", "t", 1);
  CHECK(jank_unit_next(u, "x") == 1);
  jank_unit_close(u);
}

static void a_macro(void) {
  patch_load_entry(macro_entry);
  O macro = jank_make_keyword("", "macro");
  jank_var_reset_meta(var("macro"), jank_make_map(1, (O[]){macro, JANK_TRUE}));
  listen_to(compile_macro);
  CHECK(line("[EXPAND] t.jank:2:2 t/macro\n"));
}

static bool says_no(void) { return false; }
static bool says_yes(void) { return true; }
static O ask(void *context) {
  jank_poll();
  return JANK_NIL;
}
static O overflow(void *context) { jank_stack_overflow(); }

static void poll_some(void) {
  host_poll_hook = says_no;
  attempt(ask);
  host_poll_hook = says_yes;
  attempt(ask);
  host_poll_hook = says_no;
  poll_budget budget;
  poll_begin_budget(&budget, 1);
  attempt(ask);
  poll_end_budget(&budget);
  attempt(overflow);
}

static void an_interruption(void) {
  listen_to(poll_some);
  CHECK(line("[POLL] goes on\n"));
  CHECK(line("[POLL] interrupted by the host\n"));
  CHECK(line("[POLL] interrupted: its budget is spent\n"));
  CHECK(line("[POLL] the stack is used up\n"));
}

static O fail(void *context) {
  error_throw("ArithmeticException", "Divide by %s", "zero");
}
static void fail_once(void) { attempt(fail); }

static void an_error(void) {
  listen_to(fail_once);
  CHECK(line("[ERROR] ArithmeticException: Divide by zero\n"));
}

static const struct test tests[] = {
    TEST(a_collection), TEST(a_load),
    TEST(a_rollback),   TEST(a_form_that_is_compiled),
    TEST(a_macro),      TEST(an_interruption),
    TEST(an_error),
};

static int started;
static void start(void) { started = jank_runtime_init(); }

int main(int argc, char **argv) {
  test_begin(argc, argv);
  listen_to(start);
  CHECK(started == 0 && line("[GC] frozen: "));
  RUN_TESTS(tests);
  return test_report();
}
