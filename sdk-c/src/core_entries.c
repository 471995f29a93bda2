/* core_entries.c - loads the core library at start. */
#include "core_entries.h"
#include "load/patch.h"
#include "runtime/core_source.h"
#include "value/word.h"

#ifdef JANK_STAGE0
const patch_entry_fn jank_core_entries[] = {0};
const struct core_source jank_core_sources[] = {{0}};
#endif

void core_entries_load(void) {
  for (const patch_entry_fn *entry = jank_core_entries; *entry; entry++)
    patch_load_entry(*entry);
}
