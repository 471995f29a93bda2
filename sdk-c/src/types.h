/* types.h - which function marks the children of an object: one table. A trace
 * function takes an object and calls gc_mark on every word that it holds. */
#ifndef JANK_TYPES_H
#define JANK_TYPES_H

#include "value/word.h"

void list_trace(jank_object *o);
void seqs_trace(jank_object *o);
void vector_trace(jank_object *o);
void map_trace(jank_object *o);
void set_trace(jank_object *o);
void symbol_trace(jank_object *o);
void regex_trace(jank_object *o); /* REGEX and BIGNUM: the text */
void fn_trace(jank_object *o);
void var_trace(jank_object *o);
void reference_trace(jank_object *o);
void error_trace(jank_object *o);
void type_trace(jank_object *o);
void sorted_trace(jank_object *o);
void sorted_seq_trace(jank_object *o);
void patch_trace(jank_object *o);
void array_trace(jank_object *o);
void regex_finalize(jank_object *o);
void js_finalize(jank_object *o);
void patch_finalize(jank_object *o);

extern void (*const trace_table[256])(jank_object *);

#endif
