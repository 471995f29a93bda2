/* live.h - which values must be in memory when the collector may run. */
#ifndef JANK_EMIT_LIVE_H
#define JANK_EMIT_LIVE_H

#include "analyze/ast.h"
#include "value/word.h"

/* A call is hot (taken every time) or cold (an operation's slow path, which the
 * usual run never enters). */
typedef enum { CALLS_NONE, CALLS_COLD, CALLS_HOT } call_level;

/* A set of wasm locals: 0 is the function object, 1 + n is slot n. */
typedef uint32_t *local_set;

struct note {
  call_level calls; /* the strongest in this node and below */
  local_set live;   /* OP, CASE: across the slow path; LOOP: at its recur;
                       INVOKE: after it, when an argument is a local */
  /* LOOP: emit_code.c's labels and an i64 local for ends of strips; or 0 */
  uint32_t round, poll, last;
};

uint32_t
live_index(const local *l); /* of the wasm local that holds or has it */
bool live_has(local_set set, uint32_t index); /* NULL: the empty set */
/* Reading it has no effect and can be done at any time. */
bool live_is_direct(const node *n);
/* Equality with this constant is equality of words. */
bool live_is_word(const program *p, const node *n);

/* Notes every node of the method. Gives the locals that live across a hot
 * call: those are kept in memory from where they are set. */
local_set live_analyze(const program *p, method *m);

#endif
