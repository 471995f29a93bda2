/* Interruption: what C steps through ends when the host says so, and no sooner;
 * nothing is left half done. */
#include "collection/list.h"
#include "collection/seqs.h"
#include "collection/set.h"
#include "collection/vector.h"
#include "host/native.h"
#include "runtime/fn.h"
#include "test.h"
#include "value/call.h"
#include "value/equal.h"
#include "value/error.h"
#include "value/poll.h"
#include "value/string.h"
#include "value/symbol.h"
#include "value/throw.h"
#include "value/word.h"
#include <string.h>

typedef jank_object *O;

static int asked, limit; /* a yes at that question and later; 0: never */

static bool answer(void) { return ++asked >= limit && limit > 0; }

typedef struct {
  const char *name;
  int argc;
  O args[3];
} attempt;

static O run_attempt(void *context) {
  attempt *a = context;
  return jank_call_n(jank_deref_var("clojure.core", a->name), a->argc, a->args);
}

/* What the call gives; *exception: what it throws, or nil. */
static O run(attempt a, int yes_at, O *exception) {
  O result = JANK_NIL;
  asked = 0;
  limit = yes_at;
  *exception = JANK_NIL;
  throw_catch(run_attempt, &a, &result, exception);
  limit = 0;
  return result;
}

static bool is_interrupted(attempt a) {
  O e;
  run(a, 3, &e);
  return error_is_interrupt(e) && asked == 3 &&
         strcmp(((exception_object *)e)->class_name->text,
                "InterruptedException") == 0;
}
#define INTERRUPTED(...) CHECK(is_interrupted((attempt){__VA_ARGS__}))

static O endless(void) { return seqs_range(fixnum(0), JANK_NIL, fixnum(1)); }
static O core(const char *name) { return jank_deref_var("clojure.core", name); }

/* ---- Functions of the program ---------------------------------------------------- */

static bool open_ended;
static int calls;

static O spins(O self) {
  calls++;
  while (open_ended)
    poll();
  return fixnum(42);
}

static O counts(O self) {
  calls++;
  return JANK_NIL;
}
static O handles(O self, O exception) {
  calls += 100;
  return JANK_NIL;
}
static O throws(O self) {
  calls++;
  error_throw("ArithmeticException", "another");
}

static O function(const char *signature, void *code) {
  code_object *c = fn_code_make(string_make("test", 4), JANK_NIL);
  fn_code_add_arity(c, signature, code);
  return &fn_make(c, 0)->header;
}

/* ---- Promises ---------------------------------------------------------------------- */

static void an_endless_seq_is_interrupted(void) {
  O plus = core("+");
  INTERRUPTED("count", 1, {endless()});
  INTERRUPTED("vec", 1, {endless()});
  INTERRUPTED("dorun", 1, {endless()});
  INTERRUPTED("into", 2, {vector_empty, endless()});
  INTERRUPTED("into", 2, {set_empty, endless()});
  INTERRUPTED("reduce", 3, {plus, fixnum(0), endless()});
  INTERRUPTED(
      "reduce", 3,
      {plus, fixnum(0), seqs_range(fixnum(0), fixnum(1 << 29), fixnum(1))});
  INTERRUPTED("apply", 2, {plus, endless()});
  INTERRUPTED("apply", 2, {core("hash-map"), endless()});
  INTERRUPTED("apply", 2, {core("str"), endless()});
  INTERRUPTED("nth", 2, {endless(), fixnum(1 << 29)});
  INTERRUPTED("sort", 1, {endless()});
  INTERRUPTED("=", 2, {endless(), endless()});
  INTERRUPTED("hash", 1, {endless()});
  INTERRUPTED("pr-str", 1, {endless()});
  CHECK(value_equal(
      run((attempt){"count",
                    1,
                    {seqs_range(fixnum(0), fixnum(9999), fixnum(1))}},
          0, &(O){JANK_NIL}),
      fixnum(9999)));
}

static void what_was_interrupted_is_realised_later(void) {
  O thunk = function("0", (void *)spins), e;
  O lazy = seqs_lazy(function("0", (void *)counts));
  O delay = jank_call1(core("delay*"), thunk);
  open_ended = true;
  calls = 0;
  INTERRUPTED("force", 1, {delay});
  INTERRUPTED("force", 1, {delay});
  INTERRUPTED("seq", 1, {seqs_lazy(thunk)});
  CHECK(calls == 3);
  open_ended = false;
  CHECK(value_equal(run((attempt){"force", 1, {delay}}, 0, &e), fixnum(42)));
  CHECK(run((attempt){"seq", 1, {lazy}}, 0, &e) == JANK_NIL && e == JANK_NIL);
}

typedef struct {
  O body, handler, finally;
} attempted;

static O run_try(void *context) {
  attempted *t = context;
  return jank_try(t->body, t->handler, t->finally);
}

static void no_handler_gets_it_and_finally_runs(void) {
  O body = function("0", (void *)spins),
    handler = function("1", (void *)handles);
  O finallys[] = {JANK_NIL, function("0", (void *)counts),
                  function("0", (void *)throws)};
  open_ended = true;
  for (int i = 0; i < 3; i++) {
    attempted t = {body, handler, finallys[i]};
    O result = JANK_NIL, e = JANK_NIL;
    calls = asked = 0;
    limit = 3;
    CHECK(!throw_catch(run_try, &t, &result, &e));
    limit = 0;
    CHECK(error_is_interrupt(e));
    CHECK(calls == 1 + (i > 0));
  }
  open_ended = false;
}

static void no_class_is_its(void) {
  O e = error_interrupt();
  const char *const names[] = {"Exception", "Object", "InterruptedException"};
  for (size_t i = 0; i < 3; i++)
    CHECK(!jank_exception_is(e, &symbol_from(NULL, names[i])->header));
  CHECK(!jank_exception_is(e, &symbol_from("js", "Error")->header));
  CHECK(!jank_exception_is(e, &symbol_keyword(NULL, "default")->header));
  CHECK(!error_is_interrupt(JANK_NIL) && !error_is_interrupt(fixnum(1)));
}

static void the_stack_ends_as_before_and_calls_are_counted(void) {
  uintptr_t lowest = jank_stack_limit(), here = lowest + (1u << 20);
  asked = limit = 0;
  uintptr_t next_limit = jank_check_stack(here);
  CHECK(next_limit > lowest && next_limit < here);
  CHECK((here - next_limit) / JANK_CALL_COST > 1000);
  CHECK(jank_check_stack(lowest + 64) == lowest);
}

static O checks_stack(void *below) {
  uintptr_t limit = jank_stack_limit();
  return jank_check_stack(*(uintptr_t *)below + limit) ? JANK_TRUE : JANK_NIL;
}

static void a_stack_that_is_used_up_is_an_exception(void) {
  O result, e = JANK_NIL;
  uintptr_t below = (uintptr_t)-64, above = 1 << 20;
  limit = 0;
  CHECK(throw_catch(checks_stack, &above, &result, &e));
  CHECK(!throw_catch(checks_stack, &below, &result, &e));
  CHECK(strcmp(((exception_object *)e)->class_name->text,
               "StackOverflowError") == 0);
}

/* ---- Budgets ----------------------------------------------------------------- */

static O polls_once(void *context) {
  jank_poll();
  return JANK_NIL;
}

/* How many polls went well before one did not; -1: of a thousand all did. */
static int polls_until_interrupted(void) {
  O result = JANK_NIL, exception = JANK_NIL;
  for (int n = 0; n < 1000; n++)
    if (!throw_catch(polls_once, NULL, &result, &exception))
      return n;
  return -1;
}

static void a_budget_ends_what_polls_too_often_and_no_more_than_that(void) {
  CHECK(polls_until_interrupted() == -1);
  poll_budget budget;
  poll_begin_budget(&budget, 10);
  CHECK(polls_until_interrupted() == 9);
  CHECK(polls_until_interrupted() == 0); /* it stays used up */
  poll_end_budget(&budget);
  CHECK(polls_until_interrupted() == -1);
}

static void
a_budget_within_another_has_no_more_than_that_and_is_charged_to_it(void) {
  poll_budget outer, inner;
  poll_begin_budget(&outer, 10);
  poll_begin_budget(&inner, 4);
  CHECK(polls_until_interrupted() == 3);
  poll_end_budget(&inner);
  poll_begin_budget(&inner, 100);
  CHECK(polls_until_interrupted() == 5);
  poll_end_budget(&inner);
  CHECK(polls_until_interrupted() == 0);
  poll_end_budget(&outer);
  CHECK(polls_until_interrupted() == -1);
}

static O begins_and_throws(void *context) {
  poll_budget budget;
  poll_begin_budget(&budget, 1);
  if (context)
    throw_set_handlers(context); /* as after a trap: the frames are gone */
  jank_throw(fixnum(1));
}

static O begins_and_traps(void *context) {
  return begins_and_throws(throw_handlers());
}

static void a_budget_ends_by_a_throw_and_by_a_trap(void) {
  O result = JANK_NIL, exception = JANK_NIL;
  CHECK(!throw_catch(begins_and_throws, NULL, &result, &exception));
  CHECK(polls_until_interrupted() == -1);
  CHECK(!throw_catch(begins_and_traps, NULL, &result, &exception));
  CHECK(polls_until_interrupted() == -1);
}

static const struct test tests[] = {
    TEST(an_endless_seq_is_interrupted),
    TEST(what_was_interrupted_is_realised_later),
    TEST(no_handler_gets_it_and_finally_runs),
    TEST(no_class_is_its),
    TEST(the_stack_ends_as_before_and_calls_are_counted),
    TEST(a_stack_that_is_used_up_is_an_exception),
    TEST(a_budget_ends_what_polls_too_often_and_no_more_than_that),
    TEST(a_budget_within_another_has_no_more_than_that_and_is_charged_to_it),
    TEST(a_budget_ends_by_a_throw_and_by_a_trap),
};

int main(int argc, char **argv) {
  test_begin(argc, argv);
  CHECK(jank_runtime_init() == 0);
  host_poll_hook = answer;
  RUN_TESTS(tests);
  return test_report();
}
