/* patch.h - loading patches, for the rest of the runtime. The host loads with
 * jank_hot_reload_load_patch (jank.h). */
#ifndef JANK_LOAD_PATCH_H
#define JANK_LOAD_PATCH_H

#include "base/buffer.h"
#include "value/word.h"

/* Loads a module of our own from memory; the value of its init. Throws. */
jank_object *patch_run(const buffer *bytes, const char *entry);
/* The line of the code at that offset of the patch that the var ns/name has its
 * function from, also for its inner functions ("ns/name--1"); 0: not known. */
int patch_line(const char *function, uint32_t offset);
/* Undoes the loads that a trap has left half done. */
void patch_recover(void);

/* Binds what an entry of the main module defines and runs its init. Throws. */
void patch_load_entry(patch_entry_fn entry);
void patch_trace(jank_object *o);
void patch_finalize(jank_object *o);

#endif
