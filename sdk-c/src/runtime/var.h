/* var.h - TODO */
#ifndef JANK_RUNTIME_VAR_H
#define JANK_RUNTIME_VAR_H

#include "host/host.h"
#include "value/call.h"
#include "value/symbol.h"
#include "value/word.h"

/* `callee` is what a call site calls: the root when that is a function, else a
 * function that calls the root by its meaning (keyword, map, ...) or throws. */
typedef struct {
  jank_object header; /* flags: VAR_*; aux: see journal.c, of namespaces, too */
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
#define VAR_CHANGED 16 /* since it was made: a frozen one must be marked */
#define VAR_BEFORE_LOAD 32
#define VAR_AFTER_LOAD 64
#define VAR_HOOK (VAR_BEFORE_LOAD | VAR_AFTER_LOAD)
#define VAR_HOOK_ASYNC 128 /* it is spelled so */

typedef struct namespace_object {
  jank_object header;
  symbol_object *name;
  jank_object *mappings; /* map: symbol -> var, own and referred */
  jank_object *aliases;  /* map: symbol -> namespace */
  jank_object *meta;
  bool loaded; /* its file or ns form was completed */
  bool failed; /* its file was not: a require tries again */
} namespace_object;

SAME_OFFSET(var_object, jank_aot_var, root);
SAME_OFFSET(var_object, jank_aot_var, callee);
#ifdef __wasm__
_Static_assert(offsetof(var_object, root) == JANK_VAR_ROOT, "");
_Static_assert(offsetof(var_object, callee) == JANK_VAR_CALLEE, "");
#endif

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
void var_trace(jank_object *o);

namespace_object *ns_find(symbol_object *name);
namespace_object *ns_find_or_make(symbol_object *name);
namespace_object *ns_current(void);
void ns_set_current(namespace_object *ns);
var_object *var_intern(namespace_object *ns, symbol_object *name);
/* How `symbol` reads in `ns`: own mappings, aliases, qualified; NULL: none. */
/* The var that a function's name ("ns/name"), or that of one in it ("ns/name--1"),
 * tells; NULL: none. */
var_object *var_of_function(const char *function);
var_object *var_resolve(namespace_object *ns, symbol_object *symbol);

#endif
