/* journal.c - the log of a transaction: the first old state of what it changes.
 *
 * A load is a transaction, and so is what the host puts around several loads
 * (patch.c). Taken back are vars (root, metadata, flags, callee), namespaces
 * (names, aliases, metadata, whether they are loaded), the methods of multi-
 * methods, and what types and protocols implement. Not taken back is what a
 * program does: values of atoms, output, what it told JavaScript.
 *
 * A var that was made meanwhile stays, unbound: a timer may hold it, and is to
 * see its next definition. Only where it hides another var it goes.
 *
 * `aux` of a var or namespace is the depth of the innermost transaction that has
 * its state; 0: none has.
 */
#include "runtime/journal.h"
#include "collection/map.h"
#include "host/host.h"
#include "runtime/class.h"
#include "runtime/hooks.h"
#include "runtime/reference.h"
#include "runtime/type.h"
#include "runtime/var.h"
#include "value/call.h"
#include "value/gc.h"
#include "value/symbol.h"
#include "value/throw.h"
#include "value/word.h"
#include <stdlib.h>

enum { WORDS = 3 };

typedef struct {
  O object; /* NULL: a transaction begins here; words[0]: all namespaces */
  O words[WORDS];
  uint32_t bindings; /* of a var: its root was that of so many `binding`s */
  uint16_t depth;    /* of the transaction that had its state already */
  uint8_t flags;
} entry;

static entry *entries;
static size_t count_of_entries, capacity;
static uint16_t depth;

static void push(entry e) {
  if (count_of_entries == capacity) {
    size_t larger = capacity ? capacity * 2 : 32;
    entry *grown = realloc(entries, larger * sizeof *grown);
    if (!grown)
      throw_out_of_memory();
    entries = grown;
    capacity = larger;
  }
  entries[count_of_entries++] = e;
}

static void mark_entries(void) {
  for (size_t i = 0; i < count_of_entries; i++) {
    gc_mark(entries[i].object);
    for (int j = 0; j < WORDS; j++)
      gc_mark(entries[i].words[j]);
  }
}

void journal_init(void) { gc_add_marker(mark_entries); }

/* ---- The words of each kind of object ----------------------------------------- */

typedef struct {
  O *at[WORDS]; /* NULL: it has fewer */
} places;

static places places_of(O o) {
  switch (o->type) {
  case JANK_TYPE_VAR: {
    var_object *v = (var_object *)o;
    return (places){{&v->root, &v->meta, (O *)&v->callee}};
  }
  case JANK_TYPE_NAMESPACE: {
    namespace_object *ns = (namespace_object *)o;
    return (places){{&ns->mappings, &ns->aliases, &ns->meta}};
  }
  case JANK_TYPE_CLASS: {
    class_object *c = (class_object *)o;
    return (places){{&c->supers, &c->fields, &c->methods}};
  }
  case JANK_TYPE_PROTOCOL: {
    protocol_object *p = (protocol_object *)o;
    return (places){{&p->sigs, &p->impls, &p->meta}};
  }
  default:
    return (places){{&((ref_object *)o)->value}};
  }
}

/* Whether its `aux` is ours. */
static bool is_counted(const jank_object *o) {
  return o->type == JANK_TYPE_VAR || o->type == JANK_TYPE_NAMESPACE;
}

enum { NS_LOADED = 1, NS_FAILED = 2 };

static entry state_of(O o) {
  entry e = {.object = o};
  places p = places_of(o);
  for (int i = 0; i < WORDS && p.at[i]; i++)
    e.words[i] = *p.at[i];
  if (o->type == JANK_TYPE_VAR) {
    e.bindings = ((var_object *)o)->bindings;
    e.flags = o->flags;
  } else if (o->type == JANK_TYPE_NAMESPACE) {
    const namespace_object *ns = (namespace_object *)o;
    e.flags =
        (uint8_t)((ns->loaded ? NS_LOADED : 0) | (ns->failed ? NS_FAILED : 0));
  }
  return e;
}

void journal_change(O o) {
  gc_write(o);
  if (!depth || (is_counted(o) && o->aux == depth))
    return;
  entry e = state_of(o);
  if (is_counted(o)) {
    e.depth = o->aux;
    push(e);
    if (!e.bindings) /* a later change is then that of the true root */
      o->aux = depth;
  } else {
    push(e);
  }
}

/* ---- Begin and commit ------------------------------------------------------------ */

void journal_begin(void) {
  push((entry){.words = {var_namespaces()}});
  depth++;
}

static size_t beginning(void) {
  size_t i = count_of_entries;
  while (entries[--i].object)
    ;
  return i;
}

/* Of what the outer transaction has, too, its older state counts. */
void journal_commit(void) {
  size_t from = beginning(), kept = from;
  for (size_t i = from + 1; i < count_of_entries; i++) {
    entry e = entries[i];
    bool counted = is_counted(e.object);
    if (counted && e.object->aux == depth)
      e.object->aux = (uint16_t)(depth - 1);
    if (depth > 1 && !(counted && e.depth == depth - 1))
      entries[kept++] = e;
  }
  count_of_entries = kept;
  depth--;
}

/* ---- Rollback ---------------------------------------------------------------------- */

static void restore_var(const entry *e) {
  var_object *v = (var_object *)e->object;
  uint8_t flags = v->header.flags;
  v->meta = e->words[1];
  v->header.flags = e->flags | VAR_CHANGED;
  /* What was bound then is not any more: the end of `binding` has set it. */
  if (v->bindings >= e->bindings) {
    v->root = e->words[0];
    v->callee = (fn_object *)e->words[2];
  }
  hooks_changed(v, flags);
}

typedef struct {
  namespace_object *ns;
  O old, result;
} names;

static bool keep_name(void *context, O name, O var) {
  names *n = context;
  bool is_new = ((var_object *)var)->ns == n->ns && !map_find(n->old, name);
  if (is_new && !var_is_core_name(n->ns, (symbol_object *)name))
    n->result = map_assoc(n->result, name, var);
  return true;
}

static O merge_names(void *context) {
  names *n = context;
  map_each(n->ns->mappings, keep_name, n);
  return n->result;
}

/* One that was not there, or empty, is not loaded: a require tries again. */
static void restore_ns(const entry *e) {
  namespace_object *ns = (namespace_object *)e->object;
  names n = {ns, e->words[0], e->words[0]};
  O merged = n.old, exception;
  if (ns->mappings != n.old &&
      !throw_catch(merge_names, &n, &merged, &exception))
    merged = n.old; /* no memory: without the new ones */
  ns->aliases = e->words[1];
  ns->meta = e->words[2];
  ns->loaded = e->flags & NS_LOADED;
  ns->mappings = n.old;
  ns->failed = (e->flags & NS_FAILED) || !ns_has(ns);
  ns->mappings = merged;
}

static void restore(const entry *e) {
  O o = e->object;
  gc_write(o);
  if (is_counted(o))
    o->aux = e->depth;
  if (o->type == JANK_TYPE_VAR) {
    restore_var(e);
  } else if (o->type == JANK_TYPE_NAMESPACE) {
    restore_ns(e);
  } else {
    places p = places_of(o);
    for (int i = 0; i < WORDS && p.at[i]; i++)
      *p.at[i] = e->words[i];
    type_forget_dispatch();
  }
}

void journal_rollback(void) {
  for (;; count_of_entries--) {
    entry e = entries[count_of_entries - 1];
    if (!e.object) {
      var_restore_namespaces(e.words[0]);
      break;
    }
    restore(&e);
  }
  count_of_entries--;
  depth--;
}
