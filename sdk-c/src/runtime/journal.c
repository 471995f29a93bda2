/* journal.c - the log of a transaction: the first old state of what it changes.
 *
 * A load is a transaction, and so is what the host puts around several loads
 * (load/patch.c). Taken back are vars (root, metadata, flags, callee), namespaces
 * (names, aliases, metadata, whether they are loaded), the methods of multi-
 * methods, and what types and protocols implement. Not taken back is what a
 * program does: values of atoms, output, what it told JavaScript.
 *
 * A var that was made meanwhile stays, unbound: a timer may hold it, and is to
 * see its next definition. Only where it hides another var it goes.
 *
 * `aux` of a var or namespace is the depth of the innermost transaction that has
 * its state; 0: none has. So a change asks one number whether its object is in the
 * log already, and the log has each at most once for each transaction. An entry keeps
 * the number from before, to put it back. Atoms, classes and protocols change seldom:
 * they have no such number, and an entry for each change; the rollback goes backwards,
 * so the oldest one counts in any case.
 */
#include "runtime/journal.h"
#include "base/grow.h"
#include "value/gc.h"
#include "value/types.h"
#include "value/word.h"

typedef struct {
  O object; /* NULL: a transaction begins here; words[0]: all namespaces */
  journal_state state;
  uint16_t depth; /* of the transaction that had its state already */
} entry;

static entry *entries;
static size_t count_of_entries, capacity;
static uint16_t depth;
static O (*all_namespaces)(void);
static void (*restore_namespaces)(O);

static void push(entry e) {
  entries = grow(entries, &capacity, count_of_entries + 1, sizeof *entries);
  entries[count_of_entries++] = e;
}

static void mark_entries(void) {
  for (size_t i = 0; i < count_of_entries; i++) {
    gc_mark(entries[i].object);
    for (int j = 0; j < JOURNAL_WORDS; j++)
      gc_mark(entries[i].state.words[j]);
  }
}

void journal_init(O (*namespaces)(void), void (*restore)(O)) {
  all_namespaces = namespaces;
  restore_namespaces = restore;
  gc_add_marker(mark_entries);
}

/* Whether its `aux` is ours. */
static bool is_counted(const jank_object *o) {
  return types[o->type].journal->keeps_depth;
}

/* Comes before the change: what is saved is the old state. The barrier is first, since
 * what it is for is the same store. Throws OutOfMemoryError, and then nothing has
 * changed. */
void journal_change(O o) {
  gc_write(o);
  if (!depth || (is_counted(o) && o->aux == depth))
    return;
  entry e = {.object = o};
  types[o->type].journal->save(o, &e.state);
  if (is_counted(o)) {
    e.depth = o->aux;
    push(e);
    if (!e.state.bindings) /* a later change is then that of the true root */
      o->aux = depth;
  } else {
    push(e);
  }
}

/* ---- Begin and commit ---------------------------------------------------- */

void journal_begin(void) {
  push((entry){.state.words = {all_namespaces()}});
  depth++;
}

static size_t beginning(void) {
  size_t i = count_of_entries;
  while (entries[--i].object)
    ;
  return i;
}

/* Of what the outer transaction has, too, its older state counts: the entry
 * goes. What it does not have becomes its own, and `aux` goes down to its
 * depth. At depth 0 nothing is kept and every `aux` is 0 again. */
void journal_commit(void) {
  size_t from = beginning(), kept = from;
  for (size_t i = from + 1; i < count_of_entries; i++) {
    entry e = entries[i];
    bool counted = is_counted(e.object);
    if (counted && e.object->aux == depth)
      e.object->aux = (uint16_t)(depth - 1);
    if (depth > 1 && !(counted && e.depth == depth - 1))
      entries[kept++] = e;
  }
  count_of_entries = kept;
  depth--;
}

/* ---- Rollback ------------------------------------------------------------ */

static void restore(const entry *e) {
  const struct journal_kind *kind = types[e->object->type].journal;
  gc_write(e->object);
  if (kind->keeps_depth)
    e->object->aux = e->depth;
  kind->restore(e->object, &e->state);
}

void journal_rollback(void) {
  for (;; count_of_entries--) {
    entry e = entries[count_of_entries - 1];
    if (!e.object) {
      restore_namespaces(e.state.words[0]);
      break;
    }
    restore(&e);
  }
  count_of_entries--;
  depth--;
}
