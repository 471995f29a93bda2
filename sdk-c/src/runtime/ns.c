/* ns.c - namespaces: each maps symbols to vars (its own and the referred ones) and
 * aliases to namespaces; public names of clojure.core are visible in all. What changes
 * is told to the journal, which takes it back when a patch fails.
 */
#include "runtime/ns.h"
#include "collection/map.h"
#include "runtime/hooks.h"
#include "runtime/journal.h"
#include "runtime/var.h"
#include "value/gc.h"
#include "value/symbol.h"
#include "value/throw.h"
#include "value/word.h"

static O namespaces; /* map: symbol -> namespace */
namespace_object *ns_core;
var_object *ns_var;

namespace_object *ns_find(symbol_object *name) {
  return (namespace_object *)map_get(namespaces, &name->header, JANK_NIL);
}

namespace_object *ns_find_or_make(symbol_object *name) {
  namespace_object *ns = ns_find(name);
  if (ns)
    return ns;
  ns = gc_alloc(JANK_TYPE_NAMESPACE, sizeof *ns);
  ns->name = name->meta == JANK_NIL
                 ? name
                 : symbol_make(name->ns, name->name); /* without metadata */
  ns->mappings = map_empty;
  ns->aliases = map_empty;
  namespaces = map_assoc(namespaces, &ns->name->header, &ns->header);
  return ns;
}

namespace_object *ns_from_name(const char *name) {
  return ns_find_or_make(symbol_from(NULL, name));
}

namespace_object *ns_current(void) { return (namespace_object *)ns_var->root; }

void ns_set_current(namespace_object *ns) {
  gc_write(&ns_var->header);
  ns_var->root = &ns->header;
  ns_var->header.flags |= VAR_CHANGED;
}

bool ns_has(namespace_object *ns) {
  return ns && !ns->failed &&
         (ns->loaded || (map_count(ns->mappings) > 0 &&
                         !jank_core_source(ns->name->name->text)));
}

void ns_remove_name(namespace_object *ns, symbol_object *name) {
  O var = map_get(ns->mappings, &name->header, JANK_NIL);
  O names = map_dissoc(ns->mappings, &name->header);
  journal_change(&ns->header);
  ns->mappings = names;
  if (var != JANK_NIL)
    hooks_changed((var_object *)var, ((var_object *)var)->header.flags);
}

bool ns_hides_core(const namespace_object *ns, symbol_object *name) {
  return ns != ns_core &&
         map_get(ns_core->mappings, &name->header, JANK_NIL) != JANK_NIL;
}

O ns_all(void) { return namespaces; }

void ns_remove(O name) { namespaces = map_dissoc(namespaces, name); }

/* ---- As a value ---------------------------------------------------------- */

void ns_trace(O o) {
  namespace_object *ns = (namespace_object *)o;
  gc_mark((O)ns->name);
  gc_mark(ns->mappings);
  gc_mark(ns->aliases);
  gc_mark(ns->meta);
}

O ns_meta(O o) { return ((namespace_object *)o)->meta; }

/* ---- What the journal takes back ----------------------------------------- */

enum { LOADED = 1, FAILED = 2 };

static void save(O o, journal_state *state) {
  const namespace_object *ns = (namespace_object *)o;
  state->words[0] = ns->mappings;
  state->words[1] = ns->aliases;
  state->words[2] = ns->meta;
  state->flags =
      (uint8_t)((ns->loaded ? LOADED : 0) | (ns->failed ? FAILED : 0));
}

typedef struct {
  namespace_object *ns;
  O old, result;
} names;

static bool keep_name(void *context, O name, O var) {
  names *n = context;
  bool is_new = ((var_object *)var)->ns == n->ns && !map_find(n->old, name);
  if (is_new && !ns_hides_core(n->ns, (symbol_object *)name))
    n->result = map_assoc(n->result, name, var);
  return true;
}

static O merge_names(void *context) {
  names *n = context;
  map_each(n->ns->mappings, keep_name, n);
  return n->result;
}

/* One that was not there, or empty, is not loaded: a require tries again. */
static void restore(O o, const journal_state *state) {
  namespace_object *ns = (namespace_object *)o;
  names n = {ns, state->words[0], state->words[0]};
  O merged = n.old, exception;
  if (ns->mappings != n.old &&
      !throw_catch(merge_names, &n, &merged, &exception))
    merged = n.old; /* no memory: without the new ones */
  ns->aliases = state->words[1];
  ns->meta = state->words[2];
  ns->loaded = state->flags & LOADED;
  ns->mappings = n.old;
  ns->failed = (state->flags & FAILED) || !ns_has(ns);
  ns->mappings = merged;
}

const struct journal_kind ns_journal = {true, save, restore};

static bool put_back(void *context, O name, O ns) {
  if (map_get(namespaces, name, JANK_NIL) != ns)
    namespaces = map_assoc(namespaces, name, ns);
  return true;
}

static O put_all_back(void *old) {
  map_each(old, put_back, NULL);
  return JANK_NIL;
}

static void put_back_missing(O old) {
  O result, exception;
  if (old != namespaces && !throw_catch(put_all_back, old, &result, &exception))
    namespaces = old; /* no memory */
}

void ns_init(void) {
  static O core;
  jank_add_root(&namespaces);
  jank_add_root(&core);
  journal_init(ns_all, put_back_missing);
  namespaces = map_empty;
  ns_core = ns_from_name("clojure.core");
  ns_core->loaded = true;
  core = &ns_core->header;
}
