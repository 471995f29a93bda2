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
#include "value/throw.h"
#include "value/word.h"

int32_t poll_left;

void jank_poll(void) {
  poll_left = JANK_POLL_LOOPS;
  /* Without a handler the runtime itself is at work: it has an end. */
  if (throw_handlers() && host_poll())
    jank_throw(error_interrupt());
}
