/* fn.h - functions: making them, their arities, and `apply`. How a function
 * object is laid out, and how one is called, is in value/call.h. */
#ifndef JANK_RUNTIME_FN_H
#define JANK_RUNTIME_FN_H

#include "base/buffer.h"
#include "value/call.h"
#include "value/string.h"
#include "value/word.h"

/* Appends the arglists of the var that a function's name tells: ": (ggg [v])"; or
 * nothing. */
typedef void (*fn_arglists_function)(buffer *out, const char *function);
void fn_init(fn_arglists_function arglists);

/* signature "2", "2&"; false: malformed. */
bool fn_signature(const char *signature, int *required, bool *variadic);
/* Code without arities: each call of it throws ArityException. `patch`: the PATCH
 * that owns the machine code, or nil. */
code_object *fn_code_make(string_object *name, jank_object *patch);
/* false: malformed or defined twice. */
bool fn_code_add_arity(code_object *code, const char *signature, void *fn);
/* The same by the number of parameters without the rest, 0 to JANK_MAX_ARITY. */
bool fn_code_add_entry(code_object *code, int required, bool variadic,
                       void *fn);
bool fn_has_arity(const code_object *code, int n);
/* Its captures are nil, and for the caller to fill in. */
fn_object *fn_make(code_object *code, uint32_t captures);
/* `apply` of anything callable; the rest of a variadic stays lazy. */
jank_object *fn_apply(jank_object *f, jank_object *args_seq);

/* For the table of types. */
void fn_trace(jank_object *o);
void fn_code_trace(jank_object *o);
jank_object *fn_call(jank_object *f, int argc, jank_object **args);
jank_object *fn_meta(jank_object *f);
jank_object *fn_with_meta(jank_object *f, jank_object *meta);

#endif
