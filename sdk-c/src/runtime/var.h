/* var.h - vars: what a name means. A compiled call goes through `callee`, which
 * is why a root is never written but by the functions here. */
#ifndef JANK_RUNTIME_VAR_H
#define JANK_RUNTIME_VAR_H

#include "value/call.h"
#include "value/gc.h"
#include "value/symbol.h"
#include "value/word.h"

/* `callee` is what a call site calls: the root when that is a function, else a
 * function that calls the root by its meaning (keyword, map, ...) or throws. */
typedef struct {
  jank_object header; /* flags: VAR_*; aux: the journal's */
  jank_object *root;
  fn_object *callee;
  struct namespace_object *ns;
  symbol_object *name;
  jank_object *meta;
  uint32_t bindings; /* thread bindings in force */
} var_object;

#define VAR_DYNAMIC 1
#define VAR_MACRO 2
#define VAR_PRIVATE 4
#define VAR_CONST 8
#define VAR_CHANGED GC_CHANGED
#define VAR_BEFORE_LOAD 32
#define VAR_AFTER_LOAD 64
#define VAR_HOOK (VAR_BEFORE_LOAD | VAR_AFTER_LOAD)
#define VAR_HOOK_ASYNC 128 /* it is spelled so */

SAME_OFFSET(var_object, jank_aot_var, root);
SAME_OFFSET(var_object, jank_aot_var, callee);
#ifdef __wasm__
_Static_assert(offsetof(var_object, root) == JANK_VAR_ROOT, "");
_Static_assert(offsetof(var_object, callee) == JANK_VAR_CALLEE, "");
#endif

void var_init(void);
void var_init_ns(void); /* the var *ns* */
/* The namespace's own var of that name, a new one without a value when there is
 * none. The symbol's namespace and metadata do not matter. */
var_object *var_intern(struct namespace_object *ns, symbol_object *name);
/* How `symbol` reads in `ns`: qualified by an alias or a namespace, else its own
 * and referred names, then public ones of clojure.core; NULL: none. */
var_object *var_resolve(struct namespace_object *ns, symbol_object *symbol);
/* The var that a function's name ("ns/name"), or that of one in it ("ns/name--1"),
 * tells; NULL: none. */
var_object *var_of_function(const char *function);
/* Binds it for all; told to the journal. JANK_UNBOUND: it has no value. */
void var_set_root(var_object *var, jank_object *value);
/* As var_set_root, for what no transaction takes back: *1 and the like. */
void var_show(var_object *var, jank_object *value);
/* Takes value and metadata away; where it hides a name of clojure.core, also
 * its name. Whether it had a value. */
bool var_unbind(var_object *var);
/* The callee of a var whose root is not a function: calls it by its meaning. */
fn_object *var_make_shim(var_object *var);

/* For the table of types. */
extern const struct journal_kind var_journal;
void var_trace(jank_object *o);
jank_object *var_call(jank_object *var, int argc, jank_object **args);

#endif
