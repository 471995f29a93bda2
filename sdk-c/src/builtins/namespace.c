/* namespace.c - namespaces and vars for a program: require and refer, what a
 * namespace has, roots and bindings of vars. Each change is told to the
 * journal, so that a patch that fails takes it back. No file is loaded here:
 * require finds a namespace or throws, and the host has loaded it before
 * (unit.c). */
#include "builtins/builtin.h"
#include "builtins/tables.h"
#include "collection/list.h"
#include "collection/map.h"
#include "collection/seq.h"
#include "runtime/binding.h"
#include "runtime/fn.h"
#include "runtime/journal.h"
#include "runtime/ns.h"
#include "runtime/var.h"
#include "value/error.h"
#include "value/gc.h"
#include "value/symbol.h"
#include "value/word.h"

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
    if (symbol_is_keyword(seq_first(s), "as-alias"))
      ns = ns_find_or_make((symbol_object *)name);
  if (!ns)
    error_throw("FileNotFoundException",
                "Could not locate namespace %s: no file of the application "
                "defines it",
                ((symbol_object *)name)->name->text);
  namespace_object *here = ns_current();
  for (O s = options; s != JANK_NIL; s = seq_next(seq_next(s))) {
    O key = seq_first(s), value = seq_first(seq_next(s));
    if (symbol_is_keyword(key, "as") || symbol_is_keyword(key, "as-alias"))
      add_alias(here, want_symbol("require :as", value), ns);
    else if (symbol_is_keyword(key, "refer"))
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
    if (symbol_is_keyword(seq_first(s), "only") ||
        symbol_is_keyword(seq_first(s), "refer"))
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
  for (O s = seq(ns_all()); s != JANK_NIL; s = seq_next(s))
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
  ns_remove(name);
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

static O thread_bindings(O self) { return binding_values(); }

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

static O push_bindings(O self, O bindings) {
  binding_push(bindings);
  return JANK_NIL;
}

static O pop_bindings(O self) {
  binding_pop();
  return JANK_NIL;
}

const struct patch_symbol namespace_builtins[] = {
    CORE("in-ns", "[name]", in_ns,
         "Makes the namespace the current one, and creates it when it is not "
         "there."),
    CORE("in-ns*", "[name]", in_ns),
    CORE("refer-core*", "[]", refer_core),
    CORE("require*", "[& libspecs]", require),
    CORE("alias", "[alias namespace-sym]", alias,
         "Adds an alias for another namespace to the current one. Throws when "
         "there is no such namespace."),
    CORE("refer", "[ns-sym & filters]", refer,
         "Makes the public names of a namespace known in the current one: all, "
         "or those of the filter :only."),
    CORE("resolve", "[sym]", resolve,
         "The var that the symbol names in the current namespace, or nil."),
    CORE("ns-resolve", "[ns sym]", ns_resolve,
         "The var that the symbol names in the namespace, or nil. Throws when "
         "there is no such namespace."),
    CORE("find-ns", "[sym]", find_ns, "The namespace of that name, or nil."),
    CORE("create-ns", "[sym]", create_ns,
         "The namespace of that name, which is created when it is not there."),
    CORE("the-ns", "[x]", the_ns,
         "The namespace of that name, or x itself when it is one. Throws when "
         "there is no such namespace."),
    CORE("ns-name", "[ns]", ns_name, "The name of the namespace, a symbol."),
    CORE("ns-aliases", "[ns]", ns_aliases,
         "A map from the aliases of the namespace to the namespaces they stand "
         "for."),
    CORE("ns-map", "[ns]", ns_map,
         "A map from all names of the namespace, its own and referred ones, to "
         "their vars."),
    CORE("ns-publics", "[ns]", ns_publics,
         "A map from the public names of the namespace to their vars."),
    CORE("ns-interns", "[ns]", ns_interns,
         "A map from all names that the namespace has defined, private ones "
         "too, to their vars."),
    CORE("all-ns", "[]", all_ns, "A seq of all namespaces."),
    CORE("var?", "[v]", var_p, "True when v is a var."),
    CORE("var-get", "[x]", var_get,
         "The value of the var: of its binding where it has one, else its "
         "root."),
    CORE("bound?", "[& vars]", bound_p, "True when all vars have a value."),
    CORE("alter-var-root", "[v f & args]", alter_var_root,
         "Sets the root of the var to (f root args ...) and returns that."),
    CORE("intern", "[ns name]", intern2,
         "The var of that name in the namespace, which is made when it is not "
         "there, with val as its root."),
    CORE("intern", "[ns name val]", intern3),
    CORE("ns-unmap", "[ns sym]", ns_unmap,
         "Removes a name from the namespace. Code that is compiled keeps the "
         "var."),
    CORE("ns-unalias", "[ns sym]", ns_unalias,
         "Removes an alias from the namespace."),
    CORE("remove-ns", "[sym]", remove_ns,
         "Removes the namespace of that name, and returns it. clojure.core "
         "cannot be removed."),
    CORE("var-set", "[x val]", var_set,
         "Sets the binding of the var and returns val. Throws "
         "IllegalStateException outside of binding or with-local-vars."),
    CORE("thread-bound?", "[& vars]", thread_bound_p,
         "True when all vars have a binding now."),
    CORE("get-thread-bindings", "[]", thread_bindings,
         "A map from the vars that have a binding now to their values."),
    CORE("local-var*", "[]", local_var),
    CORE("reset-meta!", "[iref metadata-map]", reset_meta,
         "Sets the metadata of a var or namespace, and returns the map."),
    CORE("var->symbol*", "[v]", var_symbol),
    CORE("push-thread-bindings*", "[bindings]", push_bindings),
    CORE("pop-thread-bindings*", "[]", pop_bindings),
    {0},
};
