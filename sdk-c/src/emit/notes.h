/* notes.h - what the wasm emitter's passes find out about a program's nodes and
 * locals. The tree itself is not changed. */
#ifndef JANK_EMIT_NOTES_H
#define JANK_EMIT_NOTES_H

#include "analyze/ast.h"
#include "value/word.h"

/* What a value is known to be; a WORD can be anything. */
typedef enum { VALUE_WORD, VALUE_LONG, VALUE_DOUBLE, VALUE_NONE } value_type;

/* A call is hot (taken every time) or cold (an operation's slow path, which the
 * usual run never enters). */
typedef enum { CALLS_NONE, CALLS_COLD, CALLS_HOT } call_level;

/* A set of wasm locals: 0 is the function object, 1 + n is slot n. */
typedef uint32_t *local_set;

typedef struct {
  call_level calls; /* live.c: the strongest in this node and below */
  local_set live; /* live.c. OP, CASE: across the slow path; LOOP: at its recur;
                       INVOKE: after it, when an argument is a local */
  /* LOOP: loops.c's labels, and an i64 local for the ends of strips; or 0 */
  uint32_t round, poll, last;
} node_note;

typedef struct {
  value_type type;     /* types.c: LONG and DOUBLE are kept unboxed */
  bool captured;       /* types.c: by a closure of the method */
  bool shadowed;       /* for now a small integer, which `raw` has as well */
  bool below;          /* for now less than another integer: + 1 is safe */
  uint32_t raw, fresh; /* method.c: where it is unboxed; its next value */
} local_note;

typedef struct {
  const program *p;
  node_note *nodes;   /* by number, in the program's arena */
  local_note *locals; /* by number */
} notes;

notes notes_make(const program *p);

static inline node_note *notes_node(const notes *k, const node *n) {
  return &k->nodes[n->number];
}
static inline local_note *notes_local(const notes *k, const local *l) {
  return &k->locals[l->number];
}

#endif
