/* poll.c - interruption: whether what runs is to go on.
 *
 * Compiled code comes here from loops and calls, once in some thousands, and so
 * does C that may loop without calling compiled code. The host is asked, in the
 * engine's own thread; when it wants an end, that is an exception like any
 * other, which no `catch` gets. It is thrown where throwing is allowed: where
 * nothing is half done.
 */
#include "value/poll.h"
#include "host/host.h"
#include "value/error.h"
#include "value/throw.h"
#include "value/word.h"

int32_t poll_left;

static int budget; /* polls that are left; 0: any number */

int poll_set_budget(int polls) {
  int before = budget;
  budget = polls;
  return before;
}

/* At 1 it stays: what runs on while it unwinds ends at its next poll. */
static bool is_over_budget(void) {
  if (budget > 1)
    budget--;
  return budget == 1;
}

void jank_poll(void) {
  poll_left = JANK_POLL_LOOPS;
  if (is_over_budget())
    jank_throw(error_interrupt());
  /* Without a handler the runtime itself is at work: it has an end. */
  if (throw_handlers() && host_poll())
    jank_throw(error_interrupt());
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
  error_throw("StackOverflowError", "stack overflow: recursion is too deep");
}
