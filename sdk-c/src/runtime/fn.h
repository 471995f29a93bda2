/* fn.h - internal entry points of error.c, fn.c and var.c. */
#ifndef JANK_RUNTIME_FN_H
#define JANK_RUNTIME_FN_H

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

/* Drops all handlers: the engine has unwound the stack by itself. */
void throw_reset(void);
/* The chain of handlers in force, to be set again after a trap. */
void *throw_handlers(void);
void throw_set_handlers(void *handlers);
void poll_set_stack_limit(uintptr_t limit);

void var_init(void);
void var_set_root(var_object *var, jank_object *value);
/* As var_set_root, for what no transaction takes back: *1 and the like. */
void var_show(var_object *var, jank_object *value);
/* Takes value and metadata away; where it hides a name of clojure.core, also
 * its name. Whether it had a value. */
bool var_unbind(var_object *var);
bool var_is_core_name(const namespace_object *ns, symbol_object *name);
void ns_remove_name(namespace_object *ns, symbol_object *name);
/* A map of all, for the journal: who is missing now comes back. */
jank_object *var_namespaces(void);
void var_restore_namespaces(jank_object *old);
namespace_object *ns_from_name(const char *name);
extern var_object *var_ns; /* *ns* */
extern namespace_object *ns_core;
bool ns_has(namespace_object *ns);
/* `binding` frames in force, and undoing those above; nothing when these are
 * not in force any more. */
jank_object *var_binding_frames(void);
void var_unwind_bindings(jank_object *frames);

#endif
