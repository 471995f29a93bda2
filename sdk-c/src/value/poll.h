/* poll.h - TODO */
#ifndef JANK_VALUE_POLL_H
#define JANK_VALUE_POLL_H

#include "value/word.h"

extern int32_t poll_left;

/* ---- poll.c ------------------------------------------------------------------- */
/* In C that may loop without calling compiled code; as jank_poll. */
static inline void poll(void) {
  if (--poll_left < 0)
    jank_poll();
}

#endif
