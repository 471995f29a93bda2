/* journal.h - what changes of vars, namespaces and types can be taken back. */
#ifndef JANK_RUNTIME_JOURNAL_H
#define JANK_RUNTIME_JOURNAL_H

#include "host/host.h"
#include "value/word.h"

/* The object (a var, namespace, atom, class or protocol) is about to change:
 * keeps what it is now, if a transaction is open, and is its write barrier. */
void journal_change(jank_object *o);
/* Transactions nest. Begin throws when there is no memory. */
void journal_begin(void);
/* The outer transaction takes over what can be taken back. */
void journal_commit(void);
void journal_rollback(void);
void journal_init(void);

#endif
