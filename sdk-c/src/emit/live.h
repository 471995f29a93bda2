/* live.h - which values must be in memory when the collector may run. */
#ifndef JANK_EMIT_LIVE_H
#define JANK_EMIT_LIVE_H

#include "analyze/ast.h"
#include "emit/notes.h"
#include "value/word.h"

uint32_t
live_index(const local *l); /* of the wasm local that holds or has it */
bool live_has(local_set set, uint32_t index); /* NULL: the empty set */
/* Reading it has no effect and can be done at any time: constants do not change, and
 * of locals only a recur changes some, which cannot stand among the items of a call. */
bool live_is_direct(const notes *k, const node *n);
/* A case compares with this constant by its word alone. (Not so `=`: 1N, an object, is
 * equal to 1.) */
bool live_is_word(const program *p, const node *n);

/* Notes every node of the method. Gives the locals that live across a hot
 * call: those are kept in memory from where they are set. */
local_set live_analyze(const notes *k, const method *m);

#endif
