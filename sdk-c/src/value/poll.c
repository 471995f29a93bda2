/* poll.c - interruption: whether what runs is to go on.
 *
 * Compiled code comes here from loops and calls, once in some thousands, and so
 * does C that may loop without calling compiled code. The host is asked, in the
 * engine's own thread; when it wants an end, that is an exception like any
 * other, which no `catch` gets. It is thrown where throwing is allowed: where
 * nothing is half done.
 */
#include "value/poll.h"
#include "base/trace.h"
#include "host/host.h"
#include "value/error.h"
#include "value/throw.h"
#include "value/word.h"

int32_t poll_left;

/* ---- Budgets ------------------------------------------------------------- */

/* It is in force as long as it is in the chain of handlers and owners, which whoever
 * catches a trap sets back. */
static void charge_outer(void *budget);

static poll_budget *in_force(void) { return throw_owned(charge_outer); }

static void spend(poll_budget *b, int polls) {
  b->left = b->left > polls ? b->left - polls : 0;
}

static void charge_outer(void *budget) {
  const poll_budget *b = budget;
  poll_budget *outer = in_force();
  if (outer)
    spend(outer, b->given - b->left);
}

void poll_begin_budget(poll_budget *b, int polls) {
  const poll_budget *outer = in_force();
  b->given = b->left = outer && outer->left < polls ? outer->left : polls;
  throw_own(&b->owner, charge_outer, b);
}

void poll_end_budget(poll_budget *b) { throw_release(&b->owner); }

/* At 0 it stays: what runs on while it unwinds ends at its next poll. */
static bool is_over_budget(void) {
  poll_budget *b = in_force();
  if (!b)
    return false;
  spend(b, 1);
  return b->left == 0;
}

/* ---- Polls --------------------------------------------------------------- */

void jank_poll(void) {
  poll_left = JANK_POLL_LOOPS;
  if (is_over_budget()) {
    TRACE(POLL, "interrupted: its budget is spent");
    jank_throw(error_interrupt());
  }
  /* Without a handler the runtime itself is at work: it has an end. */
  if (throw_handlers() && host_poll()) {
    TRACE(POLL, "interrupted by the host");
    jank_throw(error_interrupt());
  }
  TRACE(POLL, "goes on");
}

static uintptr_t stack_limit;

void poll_set_stack_limit(uintptr_t limit) { stack_limit = limit; }

uintptr_t jank_stack_limit(void) { return stack_limit; }

/* So many bytes above the limit a function begins to count its calls. */
#define CALLS_BETWEEN_POLLS 8192

/* The limit that is given back is so far below the stack pointer as many calls raise it
 * to there (JANK_CALL_COST each): then the caller comes again. Near the true limit it
 * is that one, and calls come here more often. */
uintptr_t jank_check_stack(uintptr_t stack_pointer) {
  if (stack_pointer < stack_limit)
    jank_stack_overflow();
  jank_poll();
  uintptr_t room = CALLS_BETWEEN_POLLS * JANK_CALL_COST;
  return stack_pointer - stack_limit < room ? stack_limit
                                            : stack_pointer - room;
}

void jank_stack_overflow(void) {
  TRACE(POLL, "the stack is used up");
  error_throw("StackOverflowError", "stack overflow: recursion is too deep");
}
