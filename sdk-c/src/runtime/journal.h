/* journal.h - what changes of vars, namespaces and types can be taken back. */
#ifndef JANK_RUNTIME_JOURNAL_H
#define JANK_RUNTIME_JOURNAL_H

#include "value/word.h"

enum { JOURNAL_WORDS = 3 };
typedef struct {
  jank_object *words[JOURNAL_WORDS];
  uint32_t bindings; /* of a var: its root was that of so many `binding`s */
  uint8_t flags;
} journal_state;

/* What of a type is taken back; in the row of the type. */
struct journal_kind {
  /* `aux` is the depth of the innermost transaction that has its state; 0: none. */
  bool keeps_depth;
  void (*save)(jank_object *o, journal_state *state);
  void (*restore)(jank_object *o, const journal_state *state);
};

/* The object (a var, namespace, atom, class or protocol) is about to change:
 * keeps what it is now, if a transaction is open, and is its write barrier. */
void journal_change(jank_object *o);
/* Transactions nest. Begin throws when there is no memory. */
void journal_begin(void);
/* The outer transaction takes over what can be taken back. */
void journal_commit(void);
void journal_rollback(void);
/* A map of all namespaces, and what puts back those that are missing in it now. */
void journal_init(jank_object *(*namespaces)(void),
                  void (*restore)(jank_object *old));

#endif
