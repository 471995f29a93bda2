/* poll.h - whether what runs is to go on, and how deep it may go. */
#ifndef JANK_VALUE_POLL_H
#define JANK_VALUE_POLL_H

#include "value/throw.h"
#include "value/word.h"

extern int32_t poll_left; /* calls of poll() until it asks */

/* In C that may loop without calling compiled code; as jank_poll. */
static inline void poll(void) {
  if (--poll_left < 0)
    jank_poll();
}

/* What runs between begin and end is interrupted after so many polls, or after those
 * that are left of the budget around it. A throw, and a trap, end it as well. */
typedef struct {
  throw_owner owner;
  int given, left;
} poll_budget;
void poll_begin_budget(poll_budget *b, int polls);
void poll_end_budget(poll_budget *b);
void poll_set_stack_limit(uintptr_t limit); /* stacks grow down to it */

/* Throws when the stack is used up. The array makes the frame of a C function that
 * recurses through a program's data as large for the linear stack as it is for the
 * engine's own. */
#define STACK_GUARD()                                                          \
  volatile char guard_[128];                                                   \
  guard_[0] = 0;                                                               \
  if ((uintptr_t)&guard_[0] < jank_stack_limit())                              \
  jank_stack_overflow()

#endif
