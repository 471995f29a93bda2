/* notes.c - room for the notes, all zero: see notes.h. */
#include "emit/notes.h"
#include "analyze/ast.h"
#include "base/arena.h"
#include "value/word.h"

notes notes_make(const program *p) {
  notes k = {.p = p};
  size_t nodes = (size_t)p->node_count + 1, locals = (size_t)p->local_count + 1;
  k.nodes = arena_alloc(p->arena, nodes * sizeof *k.nodes);
  k.locals = arena_alloc(p->arena, locals * sizeof *k.locals);
  return k;
}
