/* reach.h - which code is needed at run time, and which of it must be fast. */
#ifndef JANK_EMIT_REACH_H
#define JANK_EMIT_REACH_H

#include "analyze/ast.h"
#include "value/word.h"

/* Of each definition: is it needed when the program runs, not just to expand its
 * macros? In the program's arena. */
bool *reach_at_run_time(const program *p);
/* Of each method: may its code be small rather than fast? It runs for a macro,
 * or once, or is a function of the namespace without a loop. */
bool *reach_cold_methods(const program *p);

#endif
