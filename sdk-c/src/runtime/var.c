/* var.c - namespaces and vars: what a name means, and how it is rebound.
 *
 * A namespace maps symbols to vars (its own and the referred ones) and aliases
 * to namespaces; public names of clojure.core are visible in all. Binding a
 * root also chooses the var's callee, so that a call site need not look at the
 * root. What changes is told to the journal, which takes it back when a patch
 * fails.
 */
#include "runtime/var.h"
#include "collection/list.h"
#include "collection/map.h"
#include "collection/seq.h"
#include "runtime/fn.h"
#include "runtime/hooks.h"
#include "runtime/journal.h"
#include "runtime/session.h"
#include "value/call.h"
#include "value/gc.h"
#include "value/string.h"
#include "value/symbol.h"
#include "value/throw.h"
#include "value/word.h"
#include <string.h>

static O namespaces; /* map: symbol -> namespace */
namespace_object *ns_core;
var_object *var_ns;

/* ---- Objects ----------------------------------------------------------------------- */

void var_trace(O o) {
  if (o->type == JANK_TYPE_VAR) {
    var_object *v = (var_object *)o;
    gc_mark(v->root);
    gc_mark((O)v->callee);
    gc_mark((O)v->ns);
    gc_mark((O)v->name);
    gc_mark(v->meta);
  } else {
    namespace_object *ns = (namespace_object *)o;
    gc_mark((O)ns->name);
    gc_mark(ns->mappings);
    gc_mark(ns->aliases);
    gc_mark(ns->meta);
  }
}

static symbol_object *plain(symbol_object *name) { /* without metadata */
  return name->meta == JANK_NIL ? name : symbol_make(name->ns, name->name);
}

namespace_object *ns_find(symbol_object *name) {
  return (namespace_object *)map_get(namespaces, &name->header, JANK_NIL);
}

namespace_object *ns_find_or_make(symbol_object *name) {
  namespace_object *ns = ns_find(name);
  if (ns)
    return ns;
  ns = gc_alloc(JANK_TYPE_NAMESPACE, sizeof *ns);
  ns->name = plain(name);
  ns->mappings = map_empty;
  ns->aliases = map_empty;
  namespaces = map_assoc(namespaces, &ns->name->header, &ns->header);
  return ns;
}

namespace_object *ns_from_name(const char *name) {
  return ns_find_or_make(symbol_from(NULL, name));
}

namespace_object *ns_current(void) { return (namespace_object *)var_ns->root; }

void ns_set_current(namespace_object *ns) {
  gc_write(&var_ns->header);
  var_ns->root = &ns->header;
  var_ns->header.flags |= VAR_CHANGED;
}

/* Whether it was made by an ns form, or holds anything and has no source of its
 * own in the library: only then is it loaded. */
bool ns_has(namespace_object *ns) {
  return ns && !ns->failed &&
         (ns->loaded || (map_count(ns->mappings) > 0 &&
                         !jank_core_source(ns->name->name->text)));
}

var_object *var_intern(namespace_object *ns, symbol_object *name) {
  O found = map_get(ns->mappings, &name->header, JANK_NIL);
  if (found != JANK_NIL && ((var_object *)found)->ns == ns)
    return (var_object *)found;
  var_object *var = gc_alloc(JANK_TYPE_VAR, sizeof *var);
  var->root = JANK_UNBOUND;
  var->ns = ns;
  var->name = plain(name);
  var->callee = var_make_shim(var);
  O names = map_assoc(ns->mappings, &var->name->header, &var->header);
  journal_change(&ns->header);
  ns->mappings = names;
  return var;
}

void ns_remove_name(namespace_object *ns, symbol_object *name) {
  O var = map_get(ns->mappings, &name->header, JANK_NIL);
  O names = map_dissoc(ns->mappings, &name->header);
  journal_change(&ns->header);
  ns->mappings = names;
  if (var != JANK_NIL)
    hooks_changed((var_object *)var, ((var_object *)var)->header.flags);
}

bool var_is_core_name(const namespace_object *ns, symbol_object *name) {
  return ns != ns_core &&
         map_get(ns_core->mappings, &name->header, JANK_NIL) != JANK_NIL;
}

O var_namespaces(void) { return namespaces; }

static bool put_back(void *context, O name, O ns) {
  if (map_get(namespaces, name, JANK_NIL) != ns)
    namespaces = map_assoc(namespaces, name, ns);
  return true;
}

static O put_all_back(void *old) {
  map_each(old, put_back, NULL);
  return JANK_NIL;
}

void var_restore_namespaces(O old) {
  O result, exception;
  if (old != namespaces && !throw_catch(put_all_back, old, &result, &exception))
    namespaces = old; /* no memory */
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

/* ---- Binding ------------------------------------------------------------------------- */

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
  if (var_is_core_name(var->ns, var->name))
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

/* ---- Builtins --------------------------------------------------------------------------- */

static symbol_object *want_symbol(const char *who, O o) {
  if (!is_type(o, JANK_TYPE_SYMBOL))
    error_type(who, "a symbol", o);
  return (symbol_object *)o;
}
static var_object *want_var(const char *who, O o) {
  if (!is_type(o, JANK_TYPE_VAR))
    error_type(who, "a var", o);
  return (var_object *)o;
}
static namespace_object *want_ns(const char *who, O o) {
  if (is_type(o, JANK_TYPE_NAMESPACE))
    return (namespace_object *)o;
  namespace_object *ns = ns_find(want_symbol(who, o));
  if (!ns)
    error_throw("IllegalArgumentException", "No namespace: %s found",
                ((symbol_object *)o)->name->text);
  return ns;
}

static O in_ns(O self, O name) {
  namespace_object *ns = ns_find_or_make(want_symbol("in-ns", name));
  journal_change(&ns->header);
  ns->loaded = true;
  ns->failed = false;
  ns_set_current(ns);
  return &ns->header;
}
static O refer_core(O self) { return JANK_NIL; /* core is visible in all */ }

static void refer_name(namespace_object *to, namespace_object *from, O name) {
  symbol_object *symbol = want_symbol("require", name);
  var_object *var =
      (var_object *)map_get(from->mappings, &symbol->header, JANK_NIL);
  if (!var || var->ns != from)
    error_throw("IllegalStateException", "%s does not exist in %s",
                symbol->name->text, from->name->name->text);
  if (var->header.flags & VAR_PRIVATE)
    error_throw("IllegalStateException", "#'%s/%s is not public",
                from->name->name->text, symbol->name->text);
  O names = map_assoc(to->mappings, name, &var->header);
  journal_change(&to->header);
  to->mappings = names;
}

static O own_vars(namespace_object *ns, bool private_too);

static void refer_names(namespace_object *to, namespace_object *from, O names) {
  if (is_type(names, JANK_TYPE_KEYWORD)) { /* :all */
    for (O s = seq(own_vars(from, false)); s != JANK_NIL; s = seq_next(s))
      refer_name(to, from, seq_first(seq_first(s)));
    return;
  }
  for (O s = seq(names); s != JANK_NIL; s = seq_next(s))
    refer_name(to, from, seq_first(s));
}

static bool key_is(O key, const char *name) {
  return is_type(key, JANK_TYPE_KEYWORD) &&
         strcmp(((symbol_object *)key)->name->text, name) == 0;
}

static void add_alias(namespace_object *here, symbol_object *name,
                      namespace_object *ns) {
  O aliases = map_assoc(here->aliases, &name->header, &ns->header);
  journal_change(&here->header);
  here->aliases = aliases;
}

/* A libspec: foo, [foo :as f :refer [a b]]. */
static void require_one(O spec) {
  bool plain_name = is_type(spec, JANK_TYPE_SYMBOL);
  O name = plain_name ? spec : seq_first(spec);
  namespace_object *ns = ns_find(want_symbol("require", name));
  O options = plain_name ? JANK_NIL : seq_next(spec);
  for (O s = options; s != JANK_NIL; s = seq_next(seq_next(s)))
    if (key_is(seq_first(s), "as-alias"))
      ns = ns_find_or_make((symbol_object *)name);
  if (!ns)
    error_throw("FileNotFoundException",
                "Could not locate namespace %s: no file of the application "
                "defines it",
                ((symbol_object *)name)->name->text);
  namespace_object *here = ns_current();
  for (O s = options; s != JANK_NIL; s = seq_next(seq_next(s))) {
    O key = seq_first(s), value = seq_first(seq_next(s));
    if (key_is(key, "as") || key_is(key, "as-alias"))
      add_alias(here, want_symbol("require :as", value), ns);
    else if (key_is(key, "refer"))
      refer_names(here, ns, value);
  }
}
static O require(O self, O specs) {
  for (O s = seq(specs); s != JANK_NIL; s = seq_next(s))
    if (!is_type(seq_first(s), JANK_TYPE_KEYWORD))
      require_one(seq_first(s));
  return JANK_NIL;
}

static O alias(O self, O name, O ns) {
  add_alias(ns_current(), want_symbol("alias", name), want_ns("alias", ns));
  return JANK_NIL;
}
static O refer(O self, O ns, O options) {
  namespace_object *from = want_ns("refer", ns);
  O names = &symbol_keyword(NULL, "all")->header;
  for (O s = seq(options); s != JANK_NIL; s = seq_next(seq_next(s)))
    if (key_is(seq_first(s), "only") || key_is(seq_first(s), "refer"))
      names = seq_first(seq_next(s));
  refer_names(ns_current(), from, names);
  return JANK_NIL;
}

static O resolve(O self, O symbol) {
  return (O)var_resolve(ns_current(), want_symbol("resolve", symbol));
}
static O ns_resolve(O self, O ns, O symbol) {
  return (O)var_resolve(want_ns("ns-resolve", ns),
                        want_symbol("ns-resolve", symbol));
}
static O find_ns(O self, O name) {
  return (O)ns_find(want_symbol("find-ns", name));
}
static O create_ns(O self, O name) {
  return (O)ns_find_or_make(want_symbol("create-ns", name));
}
static O the_ns(O self, O name) { return (O)want_ns("the-ns", name); }
static O ns_name(O self, O ns) { return (O)want_ns("ns-name", ns)->name; }
static O ns_aliases(O self, O ns) { return want_ns("ns-aliases", ns)->aliases; }
static O ns_map(O self, O ns) { return want_ns("ns-map", ns)->mappings; }

typedef struct {
  namespace_object *ns;
  bool private_too;
  O result;
} collect_vars;
static bool collect_var(void *context, O name, O var) {
  collect_vars *c = context;
  var_object *v = (var_object *)var;
  if (v->ns == c->ns && (c->private_too || !(v->header.flags & VAR_PRIVATE)))
    c->result = map_assoc(c->result, name, var);
  return true;
}
static O own_vars(namespace_object *ns, bool private_too) {
  collect_vars context = {ns, private_too, map_empty};
  map_each(ns->mappings, collect_var, &context);
  return context.result;
}
static O ns_publics(O self, O ns) {
  return own_vars(want_ns("ns-publics", ns), false);
}
static O ns_interns(O self, O ns) {
  return own_vars(want_ns("ns-interns", ns), true);
}
static O all_ns(O self) {
  O result = list_empty;
  for (O s = seq(namespaces); s != JANK_NIL; s = seq_next(s))
    result = seq_cons(seq_first(seq_next(seq_first(s))), result);
  return result;
}

static O var_p(O self, O o) { return boolean(is_type(o, JANK_TYPE_VAR)); }
static O var_get(O self, O var) { return want_var("var-get", var)->root; }
static O bound_p(O self, O vars) {
  for (O s = seq(vars); s != JANK_NIL; s = seq_next(s))
    if (want_var("bound?", seq_first(s))->root == JANK_UNBOUND)
      return JANK_FALSE;
  return JANK_TRUE;
}
static O alter_var_root(O self, O var, O f, O args) {
  var_object *v = want_var("alter-var-root", var);
  O value = fn_apply(f, seq_cons(v->root, args));
  var_set_root(v, value);
  return value;
}
static O intern2(O self, O ns, O name) {
  return (O)var_intern(want_ns("intern", ns), want_symbol("intern", name));
}
static O intern3(O self, O ns, O name, O value) {
  return jank_var_bind_root(intern2(self, ns, name), value);
}
static O ns_unmap(O self, O ns, O name) {
  ns_remove_name(want_ns("ns-unmap", ns), want_symbol("ns-unmap", name));
  return JANK_NIL;
}
static O ns_unalias(O self, O ns, O name) {
  namespace_object *n = want_ns("ns-unalias", ns);
  O aliases = map_dissoc(n->aliases, name);
  journal_change(&n->header);
  n->aliases = aliases;
  return JANK_NIL;
}
static O remove_ns(O self, O name) {
  namespace_object *ns = ns_find(want_symbol("remove-ns", name));
  if (ns == ns_core)
    error_throw("IllegalArgumentException", "Cannot remove clojure namespace");
  namespaces = map_dissoc(namespaces, name);
  return (O)ns;
}
/* (var-set var value) inside `binding` or with-local-vars. */
static O var_set(O self, O var, O value) {
  return jank_var_set(&want_var("var-set", var)->header, value);
}
static O thread_bound_p(O self, O vars) {
  for (O s = seq(vars); s != JANK_NIL; s = seq_next(s))
    if (!want_var("thread-bound?", seq_first(s))->bindings)
      return JANK_FALSE;
  return JANK_TRUE;
}
static O binding_frames;
static O thread_bindings(O self) {
  O result = map_empty;
  for (O f = seq(binding_frames); f != JANK_NIL; f = seq_next(f))
    for (O s = seq(seq_first(f)); s != JANK_NIL; s = seq_next(s)) {
      var_object *v = (var_object *)seq_first(seq_first(s));
      result = map_assoc(result, &v->header, v->root);
    }
  return result;
}
/* A var without a namespace, for with-local-vars. */
static O local_var(O self) {
  var_object *var = gc_alloc(JANK_TYPE_VAR, sizeof *var);
  var->root = JANK_UNBOUND;
  var->ns = ns_core;
  var->name = symbol_from(NULL, "local");
  var->header.flags = VAR_DYNAMIC;
  var->callee = var_make_shim(var);
  return &var->header;
}
static O reset_meta(O self, O o, O meta) {
  if (is_type(o, JANK_TYPE_VAR))
    jank_var_reset_meta(o, meta);
  else if (is_type(o, JANK_TYPE_NAMESPACE)) {
    journal_change(o);
    ((namespace_object *)o)->meta = meta;
  } else {
    error_type("reset-meta!", "a var or namespace", o);
  }
  return meta;
}
static O var_symbol(O self, O var) {
  var_object *v = want_var("var->symbol*", var);
  return (O)symbol_make(v->ns->name->name, v->name->name);
}

/* Thread bindings are shallow: the value is swapped in and out. One frame is a
 * list of [var old-root] pairs on a stack of frames. */
static O push_bindings(O self, O bindings) {
  O frame = JANK_NIL;
  for (O s = seq(bindings); s != JANK_NIL; s = seq_next(s)) {
    var_object *v = want_var("binding", seq_first(seq_first(s)));
    if (!(v->header.flags & VAR_DYNAMIC))
      error_throw("IllegalStateException",
                  "Can't dynamically bind non-dynamic var: %s/%s",
                  v->ns->name->name->text, v->name->name->text);
  }
  for (O s = seq(bindings); s != JANK_NIL; s = seq_next(s)) {
    var_object *v = (var_object *)seq_first(seq_first(s));
    O pair[] = {&v->header, v->root};
    frame = seq_cons(jank_make_vector(2, pair), frame);
    v->bindings++;
    jank_var_set(&v->header, seq_first(seq_next(seq_first(s))));
  }
  binding_frames = seq_cons(frame, binding_frames);
  return JANK_NIL;
}

static O pop_bindings(O self) {
  for (O s = seq(seq_first(binding_frames)); s != JANK_NIL; s = seq_next(s)) {
    var_object *v = (var_object *)seq_first(seq_first(s));
    jank_var_set(&v->header, seq_first(seq_next(seq_first(s))));
    v->bindings--;
  }
  binding_frames = seq_next(binding_frames);
  return JANK_NIL;
}

O var_binding_frames(void) { return binding_frames; }

void var_unwind_bindings(O frames) {
  for (O f = binding_frames; f != frames; f = seq_next(f))
    if (f == JANK_NIL)
      return;
  while (binding_frames != frames)
    pop_bindings(JANK_NIL);
}

const struct patch_symbol var_builtins[] = {
    {"clojure.core/in-ns", "1", (void *)in_ns},
    {"clojure.core/in-ns*", "1", (void *)in_ns},
    {"clojure.core/refer-core*", "0", (void *)refer_core},
    {"clojure.core/require*", "0&", (void *)require},
    {"clojure.core/alias", "2", (void *)alias},
    {"clojure.core/refer", "1&", (void *)refer},
    {"clojure.core/resolve", "1", (void *)resolve},
    {"clojure.core/ns-resolve", "2", (void *)ns_resolve},
    {"clojure.core/find-ns", "1", (void *)find_ns},
    {"clojure.core/create-ns", "1", (void *)create_ns},
    {"clojure.core/the-ns", "1", (void *)the_ns},
    {"clojure.core/ns-name", "1", (void *)ns_name},
    {"clojure.core/ns-aliases", "1", (void *)ns_aliases},
    {"clojure.core/ns-map", "1", (void *)ns_map},
    {"clojure.core/ns-publics", "1", (void *)ns_publics},
    {"clojure.core/ns-interns", "1", (void *)ns_interns},
    {"clojure.core/all-ns", "0", (void *)all_ns},
    {"clojure.core/var?", "1", (void *)var_p},
    {"clojure.core/var-get", "1", (void *)var_get},
    {"clojure.core/bound?", "0&", (void *)bound_p},
    {"clojure.core/alter-var-root", "2&", (void *)alter_var_root},
    {"clojure.core/intern", "2", (void *)intern2},
    {"clojure.core/intern", "3", (void *)intern3},
    {"clojure.core/ns-unmap", "2", (void *)ns_unmap},
    {"clojure.core/ns-unalias", "2", (void *)ns_unalias},
    {"clojure.core/remove-ns", "1", (void *)remove_ns},
    {"clojure.core/var-set", "2", (void *)var_set},
    {"clojure.core/thread-bound?", "0&", (void *)thread_bound_p},
    {"clojure.core/get-thread-bindings", "0", (void *)thread_bindings},
    {"clojure.core/local-var*", "0", (void *)local_var},
    {"clojure.core/reset-meta!", "2", (void *)reset_meta},
    {"clojure.core/var->symbol*", "1", (void *)var_symbol},
    {"clojure.core/push-thread-bindings*", "1", (void *)push_bindings},
    {"clojure.core/pop-thread-bindings*", "0", (void *)pop_bindings},
    {0},
};

void var_init(void) {
  static O core;
  jank_add_root(&namespaces);
  jank_add_root(&core);
  jank_add_root(&binding_frames);
  journal_init();
  hooks_init();
  namespaces = map_empty;
  ns_core = ns_from_name("clojure.core");
  ns_core->loaded = true;
  core = &ns_core->header;
  session_init();
  var_ns = (var_object *)jank_var_intern_c("clojure.core", "*ns*");
  var_ns->header.flags = VAR_DYNAMIC;
  var_ns->root = &ns_from_name("user")->header;
  ((namespace_object *)var_ns->root)->loaded = true;
}
