/* core_entries.h - the core library, compiled ahead of time by this compiler's
 * C emitter. Stage 0 has none: its table is empty. */
#ifndef JANK_CORE_ENTRIES_H
#define JANK_CORE_ENTRIES_H

#include "jank_patch.h"
#include "runtime/core_source.h"
#include "value/word.h"

extern const patch_entry_fn jank_core_entries[]; /* ends with NULL */
/* Namespaces that are compiled when they are required: ends with NULLs. */
extern const struct core_source jank_core_sources[];
/* Binds and initialises every entry, in order; throws. */
void core_entries_load(void);

#endif
