/* start.h - the runtime's start in parts, for tests that want no more of it. */
#ifndef JANK_START_H
#define JANK_START_H

#include "value/word.h"

/* The table of types and the collector: before the first value is made. */
void start_memory(void);
/* What every value needs, down to namespaces; no builtins. Throws. */
void start_values(void);
void start_builtins(void);

#endif
