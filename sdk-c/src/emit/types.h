/* types.h - which values need no object: integers and doubles of a method. */
#ifndef JANK_EMIT_TYPES_H
#define JANK_EMIT_TYPES_H

#include "analyze/ast.h"
#include "emit/notes.h"
#include "value/word.h"

/* Gives every let and loop local of the method its type. */
void types_infer(const notes *k, const method *m);
/* What the node's value is known to be. VALUE_NONE: it has none (recur, throw). */
value_type types_of(const notes *k, const node *n);
/* Both operands are numbers of known types. */
bool types_known(const notes *k, const node *op);

/* Words that the loop does not change and combines with its integers: at most
 * `most`. None when another loop is inside. */
int types_invariants(const notes *k, const node *loop, local **found, int most);

#endif
