/* fn.h - internal entry points of error.c, fn.c and var.c. */
#ifndef JANK_RUNTIME_FN_H
#define JANK_RUNTIME_FN_H

#include "host/host.h"
#include "runtime/class.h"
#include "runtime/var.h"
#include "value/call.h"
#include "value/string.h"
#include "value/word.h"

/* Calls entries[argc] of a function object; argc <= JANK_MAX_ARITY. */
jank_object *call_invoke(fn_object *f, int argc, jank_object **args);
/* The callee of a var whose root is not a function: calls it by its meaning. */
fn_object *var_make_shim(var_object *var);
/* A function in C of so many arguments: native_call(index, argc, args). */
fn_object *native_fn(string_object *name, int argc, uint32_t index);
bool fn_signature(const char *signature, int *required, bool *variadic);
void fn_init(void);
void fn_add_stubs(void); /* builtins that take any number of arguments */

void fn_trace(jank_object *o);

code_object *fn_code_make(string_object *name, jank_object *patch);
/* signature "2", "2&". false: malformed or defined twice. */
bool fn_code_add_arity(code_object *code, const char *signature, void *fn);
fn_object *fn_make(code_object *code, uint32_t captures);
jank_object *fn_apply(jank_object *f, jank_object *args_seq);
bool fn_is_callable(jank_object *o);
bool fn_has_arity(const code_object *code, int n);
/* A protocol's method: captures [protocol, name, keyword]. */
fn_object *type_stubs_dispatch(string_object *name, jank_object *arglists);
/* Constructors with a variable number of arguments: new*. */
fn_object *type_stubs_constructor(class_object *c);
/* Registers builtins: a table that ends with a NULL name, as a patch's. */
void fn_register_builtins(const struct patch_symbol *table);

#endif
