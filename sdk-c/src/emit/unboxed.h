/* unboxed.h - numbers whose type is known. */
#ifndef JANK_EMIT_UNBOXED_H
#define JANK_EMIT_UNBOXED_H

#include "analyze/ast.h"
#include "emit/function.h"
#include "emit/notes.h"
#include "value/word.h"

/* The number on the stack becomes a word; `live`: what lives across that. */
void unboxed_box(function *f, value_type type, local_set live);
/* Leave the number of an operation whose operands have known types. */
void unboxed_long_op(function *f, const node *n);
void unboxed_double_op(function *f, const node *n);
/* (long x): a small integer's word tells at once. */
void unboxed_unbox(function *f, const node *n);
/* A comparison of which both sides, or one, are unboxed; false: no such. */
bool unboxed_compare(function *f, const node *n);

#endif
