/* reference.c - values that stand for another value: atoms, volatiles and
 * delays, as objects. swap! and its like, and deref, are in
 * builtins/reference.c.
 *
 * A delay keeps its function in `validator` until it has run; its flags say
 * what became of it. Of an atom the journal takes back the value, but only
 * where somebody asks for it (journal*): what a program keeps in its atoms
 * stays.
 */
#include "runtime/reference.h"
#include "runtime/journal.h"
#include "value/gc.h"
#include "value/word.h"

void reference_trace(jank_object *o) {
  ref_object *r = (ref_object *)o;
  gc_mark(r->value);
  gc_mark(r->meta);
  gc_mark(r->watches);
  gc_mark(r->validator);
}

/* ---- As values ----------------------------------------------------------- */

bool reference_is_realized(jank_object *o) { return o->flags != DELAY_PENDING; }

O reference_meta(O o) { return ((ref_object *)o)->meta; }

static void save(O o, journal_state *state) {
  state->words[0] = ((ref_object *)o)->value;
}

static void restore(O o, const journal_state *state) {
  ((ref_object *)o)->value = state->words[0];
}

const struct journal_kind reference_journal = {false, save, restore};
