/* var.c - vars: what a name means, and how it is rebound.
 *
 * Binding a root also chooses the var's callee, so that a call site need not
 * look at the root. What changes is told to the journal, which takes it back
 * when a patch fails.
 */
#include "runtime/var.h"
#include "collection/coll.h"
#include "collection/map.h"
#include "runtime/fn.h"
#include "runtime/hooks.h"
#include "runtime/journal.h"
#include "runtime/ns.h"
#include "value/arity.h"
#include "value/call.h"
#include "value/error.h"
#include "value/gc.h"
#include "value/string.h"
#include "value/symbol.h"
#include "value/word.h"
#include <string.h>

/* What a call site calls when a var has no function: its root, by its meaning. */
static O shim(O self, int argc, O *args) {
  var_object *var = (var_object *)((fn_object *)self)->captures[0];
  if (var->root == JANK_UNBOUND)
    error_throw("IllegalStateException",
                "Attempting to call unbound fn: #'%s/%s",
                var->ns->name->name->text, var->name->name->text);
  return call_value(var->root, argc, args);
}

#define X(n) STUB(shim, n)
COUNTS(X)
#undef X
static void *const shim_stubs[] = {
#define X(n) (void *)shim_##n,
    COUNTS(X)
#undef X
};

static code_object *shim_code;

fn_object *var_make_shim(var_object *var) {
  fn_object *f = fn_make(shim_code, 1);
  f->captures[0] = &var->header;
  return f;
}

/* ---- Objects ------------------------------------------------------------- */

var_object *var_intern(namespace_object *ns, symbol_object *name) {
  O found = map_get(ns->mappings, &name->header, JANK_NIL);
  if (found != JANK_NIL && ((var_object *)found)->ns == ns)
    return (var_object *)found;
  var_object *var = gc_alloc(JANK_TYPE_VAR, sizeof *var);
  var->root = JANK_UNBOUND;
  var->ns = ns;
  var->name = name->meta == JANK_NIL
                  ? name
                  : symbol_make(name->ns, name->name); /* without metadata */
  var->callee = var_make_shim(var);
  O names = map_assoc(ns->mappings, &var->name->header, &var->header);
  journal_change(&ns->header);
  ns->mappings = names;
  return var;
}

static namespace_object *ns_of_alias(namespace_object *ns,
                                     string_object *alias) {
  symbol_object *name = symbol_make(NULL, alias);
  O found = map_get(ns->aliases, &name->header, JANK_NIL);
  return found != JANK_NIL ? (namespace_object *)found : ns_find(name);
}

var_object *var_resolve(namespace_object *ns, symbol_object *symbol) {
  if (symbol->ns) {
    namespace_object *target = ns_of_alias(ns, symbol->ns);
    if (!target)
      return NULL;
    symbol_object *name = symbol_make(NULL, symbol->name);
    return (var_object *)map_get(target->mappings, &name->header, JANK_NIL);
  }
  O found = map_get(ns->mappings, &symbol->header, JANK_NIL);
  if (found != JANK_NIL)
    return (var_object *)found;
  var_object *core =
      (var_object *)map_get(ns_core->mappings, &symbol->header, JANK_NIL);
  return core && !(core->header.flags & VAR_PRIVATE) ? core : NULL;
}

var_object *var_of_function(const char *function) {
  const char *slash = strchr(function, '/');
  if (!slash || slash == function || !slash[1])
    return NULL;
  const char *name = slash + 1, *inner = strstr(name + 1, "--");
  size_t size = inner ? (size_t)(inner - name) : strlen(name);
  namespace_object *ns = ns_find(
      symbol_make(NULL, string_make(function, (size_t)(slash - function))));
  O symbol = &symbol_make(NULL, string_make(name, size))->header;
  O var = ns ? map_get(ns->mappings, symbol, JANK_NIL) : JANK_NIL;
  return is_type(var, JANK_TYPE_VAR) ? (var_object *)var : NULL;
}

/* ---- Binding ------------------------------------------------------------- */

/* The callee is made first: what can throw comes before what changes. A shim serves for
 * all values that are no functions, as it looks at the root when it is called. */
void var_set_root(var_object *var, O value) {
  fn_object *callee = is_type(value, JANK_TYPE_FN)       ? (fn_object *)value
                      : is_type(var->root, JANK_TYPE_FN) ? var_make_shim(var)
                                                         : var->callee;
  journal_change(&var->header);
  var->root = value;
  var->callee = callee;
  var->header.flags |= VAR_CHANGED;
  hooks_changed(var, var->header.flags);
}

void var_show(var_object *var, O value) {
  gc_write(&var->header);
  var->root = value;
  var->callee =
      is_type(value, JANK_TYPE_FN) ? (fn_object *)value : var_make_shim(var);
  var->header.flags |= VAR_CHANGED;
}

O jank_var_bind_root(O var, O value) {
  var_set_root((var_object *)var, value);
  return var;
}

/* The binding of `binding`, not the root for all; so the journal is not told. */
O jank_var_set(O var, O value) {
  var_object *v = (var_object *)var;
  if (!v->bindings)
    error_throw("IllegalStateException",
                "Can't change/establish root binding of: %s with set",
                v->name->name->text);
  v->root = value;
  v->header.flags |= VAR_CHANGED;
  v->callee =
      is_type(value, JANK_TYPE_FN) ? (fn_object *)value : var_make_shim(v);
  gc_write(var);
  return value;
}

/* What metadata says about a var; the keywords live for ever. */
static const struct {
  const char *ns, *name;
  uint8_t bits;
} flag_keys[] = {
    {NULL, "dynamic", VAR_DYNAMIC},
    {NULL, "macro", VAR_MACRO},
    {NULL, "private", VAR_PRIVATE},
    {NULL, "const", VAR_CONST},
    {"dev", "before-load", VAR_BEFORE_LOAD},
    {"dev", "after-load", VAR_AFTER_LOAD},
    {"dev", "before-load-async", VAR_BEFORE_LOAD | VAR_HOOK_ASYNC},
    {"dev", "after-load-async", VAR_AFTER_LOAD | VAR_HOOK_ASYNC},
};
enum { FLAGS = sizeof flag_keys / sizeof *flag_keys };

static uint8_t flags_of(O meta) {
  static O keys[FLAGS];
  uint8_t flags = 0;
  for (int i = 0; i < FLAGS; i++) {
    if (!keys[i])
      keys[i] = &symbol_keyword(flag_keys[i].ns, flag_keys[i].name)->header;
    if (truthy(coll_get(meta, keys[i], JANK_NIL)))
      flags |= flag_keys[i].bits;
  }
  return flags;
}

O jank_var_reset_meta(O var, O meta) {
  var_object *v = (var_object *)var;
  uint8_t flags = flags_of(meta), before = v->header.flags;
  journal_change(var);
  v->meta = meta;
  v->header.flags = flags | VAR_CHANGED;
  hooks_changed(v, before);
  return var;
}

bool var_unbind(var_object *var) {
  bool was_bound = var->root != JANK_UNBOUND;
  var_set_root(var, JANK_UNBOUND);
  jank_var_reset_meta(&var->header, JANK_NIL);
  if (ns_hides_core(var->ns, var->name))
    ns_remove_name(var->ns, var->name);
  return was_bound;
}

O jank_var_intern_c(const char *ns, const char *name) {
  return &var_intern(ns_from_name(ns), symbol_from(NULL, name))->header;
}

static var_object *existing(const char *ns, const char *name) {
  namespace_object *n = ns_find(symbol_from(NULL, ns));
  O var = n ? map_get(n->mappings, &symbol_from(NULL, name)->header, JANK_NIL)
            : JANK_NIL;
  if (var == JANK_NIL || ((var_object *)var)->root == JANK_UNBOUND)
    error_throw("IllegalStateException", "no such var: %s/%s", ns, name);
  return (var_object *)var;
}

O jank_deref_var(const char *ns, const char *name) {
  return existing(ns, name)->root;
}

O jank_call_var(const char *ns, const char *name, int argc, O *args) {
  return jank_call_n(existing(ns, name)->root, argc, args);
}

/* ---- As a value ---------------------------------------------------------- */

void var_trace(O o) {
  var_object *v = (var_object *)o;
  gc_mark(v->root);
  gc_mark((O)v->callee);
  gc_mark((O)v->ns);
  gc_mark((O)v->name);
  gc_mark(v->meta);
}

O var_call(O o, int argc, O *args) {
  return call_invoke(((var_object *)o)->callee, argc, args);
}

static void save(O o, journal_state *state) {
  const var_object *v = (var_object *)o;
  state->words[0] = v->root;
  state->words[1] = v->meta;
  state->words[2] = (O)v->callee;
  state->bindings = v->bindings;
  state->flags = o->flags;
}

static void restore(O o, const journal_state *state) {
  var_object *v = (var_object *)o;
  uint8_t flags = o->flags;
  v->meta = state->words[1];
  o->flags = state->flags | VAR_CHANGED;
  /* What was bound then is not any more: the end of `binding` has set it. */
  if (v->bindings >= state->bindings) {
    v->root = state->words[0];
    v->callee = (fn_object *)state->words[2];
  }
  hooks_changed(v, flags);
}

const struct journal_kind var_journal = {true, save, restore};

void var_init(void) {
  jank_add_root((O *)&shim_code);
  shim_code = fn_code_make(string_make("var", 3), JANK_NIL);
  memcpy(shim_code->entries, shim_stubs, sizeof shim_code->entries);
}

void var_init_ns(void) {
  ns_var = (var_object *)jank_var_intern_c("clojure.core", "*ns*");
  ns_var->header.flags = VAR_DYNAMIC;
  ns_var->root = &ns_from_name("user")->header;
  ((namespace_object *)ns_var->root)->loaded = true;
}
