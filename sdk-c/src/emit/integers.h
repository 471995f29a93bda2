/* integers.h - operations whose operands are words. */
#ifndef JANK_EMIT_INTEGERS_H
#define JANK_EMIT_INTEGERS_H

#include "analyze/ast.h"
#include "emit/function.h"
#include "value/word.h"

/* Leaves the result of an operation: a word, or raw truth. */
void integers_op(function *f, const node *n);
bool integers_is_truth(const node *n); /* the result is raw truth */

#endif
