/* set.c - persistent sets and their transients: a map in which every element
 * is its own value.
 *
 * The map is always a trie, so that a set is seen in order of its elements'
 * hashes, as on the JVM. Everywhere nil is taken as an empty set.
 */
#include "collection/set.h"
#include "collection/map.h"
#include "value/error.h"
#include "value/gc.h"
#include "value/word.h"

typedef struct {
  jank_object header;
  O map; /* a transient map */
} transient_set;

O set_empty;

void set_trace(O o) {
  gc_mark(((set_object *)o)->map);
  gc_mark(((set_object *)o)->meta);
}

void set_transient_trace(O o) { gc_mark(((transient_set *)o)->map); }

static O set_make(O map, O meta) {
  set_object *s = gc_alloc(JANK_TYPE_SET, sizeof *s);
  s->map = map;
  s->meta = meta;
  return (O)s;
}

static set_object *as_set(const char *who, O s) {
  if (s == JANK_NIL)
    s = set_empty;
  if (!is_type(s, JANK_TYPE_SET))
    error_type(who, "a set", s);
  return (set_object *)s;
}

uint32_t set_count(O s) { return map_count(as_set("count", s)->map); }

O set_get(O s, O x, O not_found) {
  return map_get(as_set("get", s)->map, x, not_found);
}

bool set_contains(O s, O x) {
  return set_get(s, x, JANK_UNBOUND) != JANK_UNBOUND;
}

static O set_with_map(set_object *s, O map) {
  return map == s->map ? (O)s : set_make(map, s->meta);
}

O set_conj(O o, O x) {
  set_object *s = as_set("conj", o);
  if (map_get(s->map, x, JANK_UNBOUND) != JANK_UNBOUND)
    return (O)s; /* which keeps the element that it has */
  return set_with_map(s, map_assoc(s->map, x, x));
}

O set_disj(O o, O x) {
  set_object *s = as_set("disj", o);
  return set_with_map(s, map_dissoc(s->map, x));
}

O set_seq(O s) { return map_key_seq(as_set("seq", s)->map); }

O set_with_meta(O o, O meta) {
  set_object *s = as_set("with-meta", o);
  O result = set_make(s->map, meta);
  result->hash = s->header.hash;
  return result;
}

O jank_make_set(size_t n, O *items) {
  if (n == 0)
    return set_empty;
  O t = set_transient(set_empty);
  for (size_t i = 0; i < n; i++)
    set_conj_bang(t, items[i]);
  return set_persistent(t);
}

/* ---- Transients ---------------------------------------------------------- */

static O transient_of(const char *who, O t) {
  if (!is_type(t, JANK_TYPE_TRANSIENT_SET))
    error_type(who, "a transient set", t);
  return ((transient_set *)t)->map;
}

O set_transient(O o) {
  set_object *s = as_set("transient", o);
  transient_set *t = gc_alloc(JANK_TYPE_TRANSIENT_SET, sizeof *t);
  t->map = map_transient(s->map);
  return (O)t;
}

O set_persistent(O t) {
  O map = map_persistent(transient_of("persistent!", t));
  return map_count(map) == 0 ? set_empty : set_make(map, JANK_NIL);
}

O set_conj_bang(O t, O x) {
  O map = transient_of("conj!", t);
  if (map_transient_get(map, x, JANK_UNBOUND) == JANK_UNBOUND)
    map_assoc_bang(map, x, x);
  return t;
}

O set_disj_bang(O t, O x) {
  map_dissoc_bang(transient_of("disj!", t), x);
  return t;
}

O set_transient_get(O t, O x, O not_found) {
  return map_transient_get(transient_of("get", t), x, not_found);
}

uint32_t set_transient_count(O t) {
  return map_transient_count(transient_of("count", t));
}

/* ---- The empty set, metadata --------------------------------------------- */

void set_init(void) {
  gc_add_root_range(&set_empty, 1);
  set_empty = set_make(map_empty_hashed(), JANK_NIL);
}

O set_meta(O o) { return ((set_object *)o)->meta; }
