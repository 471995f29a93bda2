/* calls.h - see calls.c. */
#ifndef JANK_EMIT_CALLS_H
#define JANK_EMIT_CALLS_H

#include "analyze/ast.h"
#include "emit/function.h"
#include "value/word.h"

typedef struct {
  bool constant;
  int32_t word;
  uint32_t local;
} operand;

bool calls_hot_after(const function *f, node *const *items, int from,
                     int count);
void calls_push_args(function *f, node *const *items, int count);
/* Stores the items in the frame and pushes their number and address. */
void calls_push_array(function *f, node *const *items, int count, int number);
void calls_push_operand(function *f, operand x);
/* Evaluates into something that can be read again and again. */
operand calls_make_operand(function *f, const node *n, bool hot_follows);
void calls_invoke(function *f, const node *n);

#endif
