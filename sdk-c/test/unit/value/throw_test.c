/* Unwinding: what is thrown goes to the innermost handler, past all frames between;
 * a handler that has ended is none; the chain can be kept and set again. */
#include "test.h"
#include "value/gc.h"
#include "value/throw.h"
#include "value/word.h"

static int steps;

static O gives(void *context) { return context; }

static O throws_it(void *context) { jank_throw(context); }

static O (*volatile at_the_bottom)(void *) = throws_it;

static O throws_deep(void *context) {
  volatile char frame[1000];
  frame[0] = 1;
  steps++;
  O result = steps < 100 ? throws_deep(context) : at_the_bottom(context);
  return frame[0] ? result : JANK_NIL;
}

static O catches(void *context) {
  O result = fixnum(0), exception = fixnum(0);
  CHECK(!throw_catch(throws_it, fixnum(1), &result, &exception));
  CHECK(exception == fixnum(1) && result == fixnum(0));
  jank_throw(context);
}

static void what_is_given_is_the_result(void) {
  O result = JANK_NIL, exception = fixnum(0);
  CHECK(throw_catch(gives, fixnum(5), &result, &exception));
  CHECK(result == fixnum(5) && exception == fixnum(0));
}

static void what_is_thrown_passes_the_frames_between(void) {
  O result = fixnum(0), exception = JANK_NIL;
  steps = 0;
  CHECK(!throw_catch(throws_deep, fixnum(7), &result, &exception));
  CHECK(exception == fixnum(7) && result == fixnum(0) && steps == 100);
}

static void any_value_can_be_thrown(void) {
  O values[] = {JANK_NIL, JANK_FALSE, JANK_UNBOUND, make_char('x')};
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    O result = fixnum(0), exception = fixnum(0);
    CHECK(!throw_catch(throws_it, values[i], &result, &exception));
    CHECK(exception == values[i]);
  }
}

static void the_innermost_handler_gets_it_and_then_the_next(void) {
  O result = JANK_NIL, exception = JANK_NIL;
  CHECK(!throw_catch(catches, fixnum(2), &result, &exception));
  CHECK(exception == fixnum(2));
}

static O looks(void *before) {
  CHECK(throw_handlers() != NULL && throw_handlers() != before);
  return JANK_NIL;
}

static void a_handler_is_in_force_as_long_as_its_body_runs(void) {
  O result = JANK_NIL, exception = JANK_NIL;
  void *before = throw_handlers();
  throw_catch(looks, before, &result, &exception);
  CHECK(throw_handlers() == before);
  throw_catch(throws_it, JANK_NIL, &result, &exception);
  CHECK(throw_handlers() == before);
}

/* ---- Owners ------------------------------------------------------------------------ */

static int released[4], release_count;

static void release(void *what) { released[release_count++] = *(int *)what; }

static O owns(void *inner) {
  int one = 1, two = 2, three = 3;
  throw_owner a, b, c;
  throw_own(&a, release, &one);
  throw_own(&b, release, &two);
  throw_own(&c, release, &three);
  throw_keep(&c); /* it is somebody else's */
  if (inner)
    jank_throw(fixnum(5));
  throw_release(&b);
  throw_release(&a);
  return JANK_NIL;
}

static void what_a_frame_owns_is_released_once_and_backwards(void) {
  static int throws_too;
  for (int i = 0; i < 2; i++) { /* by itself, and when it throws */
    O result = JANK_NIL, exception = JANK_NIL;
    void *before = throw_handlers();
    release_count = 0;
    CHECK(throw_catch(owns, i ? &throws_too : NULL, &result, &exception) == !i);
    CHECK(release_count == 2 && released[0] == 2 && released[1] == 1);
    CHECK(throw_handlers() == before && (!i || exception == fixnum(5)));
  }
}

static O owns_around(void *context) {
  int one = 1;
  throw_owner a;
  throw_own(&a, release, &one);
  O result = JANK_NIL, exception = JANK_NIL;
  throw_catch(throws_it, fixnum(1), &result, &exception);
  CHECK(release_count == 0); /* the handler is within */
  throw_release(&a);
  return exception;
}

static void an_owner_around_a_handler_is_left_alone(void) {
  O result = JANK_NIL, exception = JANK_NIL;
  release_count = 0;
  CHECK(throw_catch(owns_around, NULL, &result, &exception));
  CHECK(result == fixnum(1) && release_count == 1);
}

/* As after a trap: the engine has unwound the frames of two handlers. */
static void *kept;

static O is_trapped(void *context) {
  O result = JANK_NIL, exception = JANK_NIL;
  kept = throw_handlers();
  throw_reset();
  CHECK(throw_handlers() == NULL);
  CHECK(!throw_catch(throws_it, fixnum(3), &result, &exception));
  CHECK(throw_handlers() == NULL && exception == fixnum(3));
  throw_set_handlers(kept);
  jank_throw(fixnum(4));
}

static void a_chain_that_was_kept_is_in_force_again(void) {
  O result = JANK_NIL, exception = JANK_NIL;
  CHECK(!throw_catch(is_trapped, NULL, &result, &exception));
  CHECK(exception == fixnum(4) && throw_handlers() == NULL);
}

static O runs_out(void *context) { throw_out_of_memory(); }

static void when_memory_ends_what_was_made_in_time_is_thrown(void) {
  O result = JANK_NIL, exception = JANK_NIL;
  throw_set_out_of_memory(fixnum(9));
  CHECK(!throw_catch(runs_out, NULL, &result, &exception));
  CHECK(exception == fixnum(9));
}

static const struct test tests[] = {
    TEST(what_is_given_is_the_result),
    TEST(what_is_thrown_passes_the_frames_between),
    TEST(any_value_can_be_thrown),
    TEST(the_innermost_handler_gets_it_and_then_the_next),
    TEST(a_handler_is_in_force_as_long_as_its_body_runs),
    TEST(what_a_frame_owns_is_released_once_and_backwards),
    TEST(an_owner_around_a_handler_is_left_alone),
    TEST(a_chain_that_was_kept_is_in_force_again),
    TEST(when_memory_ends_what_was_made_in_time_is_thrown),
};

int main(int argc, char **argv) {
  test_begin(argc, argv);
  RUN_TESTS(tests);
  return test_report();
}
