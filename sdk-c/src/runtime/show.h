/* show.h - what a value looks like, for people who did not ask for all of it: in
 * messages, reports and taps. Nothing here throws, runs for ever or leaks. */
#ifndef JANK_RUNTIME_SHOW_H
#define JANK_RUNTIME_SHOW_H

#include "base/buffer.h"
#include "value/word.h"

/* For an error message: some 60 bytes. Nothing of the program runs for it: of a lazy
 * seq there is what is realized, of an instance its class and fields. */
void show_short(buffer *out, jank_object *value);
/* The same with room for `bytes`, whatever *print-length* and the like say. */
void show_still(buffer *out, jank_object *value, size_t bytes);
/* For a report: up to `bytes`, readably. Lazy seqs are realized and a type's own
 * toString is called, for a moment; what throws or takes longer is shown as above. */
void show_long(buffer *out, jank_object *value, size_t bytes);
/* As show_long, but for as long as it takes; gives what was thrown, or nil: `out` then
 * has a part of it. */
jank_object *show_try(buffer *out, jank_object *value, size_t bytes);

#endif
