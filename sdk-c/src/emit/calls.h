/* calls.h - calls, arguments, and operands that are read more than once. */
#ifndef JANK_EMIT_CALLS_H
#define JANK_EMIT_CALLS_H

#include "analyze/ast.h"
#include "emit/function.h"
#include "value/word.h"

typedef struct {
  bool constant; /* a word that is known: `word`; else it is in `local` */
  int32_t word;
  uint32_t local;
} operand;

/* Does one of the items from .. count - 1 make a hot call? */
bool calls_hot_after(const function *f, node *const *items, int from,
                     int count);
/* Leaves the items on wasm's stack. */
void calls_push_args(function *f, node *const *items, int count);
/* Stores the items in the frame and pushes `number` and their address. */
void calls_push_array(function *f, node *const *items, int count, int number);
void calls_push_operand(function *f, operand x);
/* Evaluates into something that can be read again and again. hot_follows: a hot call
 * comes while it waits. */
operand calls_make_operand(function *f, const node *n, bool hot_follows);
void calls_invoke(function *f, const node *n);

#endif
