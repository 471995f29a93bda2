/* same.c - equality, hashes and order of collections: sequential ones are equal when
 * their elements are, whatever their types; maps and sets by content.
 *
 * Long collections are walked in a loop; nested ones recurse, until the stack limit
 * throws StackOverflowError.
 */
#include "collection/same.h"
#include "collection/coll.h"
#include "collection/entry.h"
#include "collection/map.h"
#include "collection/seq.h"
#include "collection/set.h"
#include "collection/vector.h"
#include "value/equal.h"
#include "value/error.h"
#include "value/poll.h"
#include "value/word.h"

static bool is_indexed(O o) {
  return o->type == JANK_TYPE_VECTOR || o->type == JANK_TYPE_MAP_ENTRY;
}

static uint32_t indexed_count(O o) {
  return o->type == JANK_TYPE_VECTOR ? vector_count(o) : 2;
}

static O indexed_item(O o, uint32_t i) {
  if (o->type == JANK_TYPE_VECTOR)
    return vector_nth(o, i);
  map_entry_object *e = (map_entry_object *)o;
  return i == 0 ? e->key : e->value;
}

/* ---- Equality ------------------------------------------------------------ */

/* Of equal sizes, so it is enough that all of one is in the other. */
typedef struct {
  O other;
  bool same;
} content;

static bool entry_in(void *context, O key, O value) {
  content *c = context;
  O other = map_get(c->other, key, JANK_UNBOUND);
  c->same = other != JANK_UNBOUND && value_equal(value, other);
  return c->same;
}

static bool element_in(void *context, O key, O value) {
  content *c = context;
  c->same = set_contains(c->other, key);
  return c->same;
}

static bool equal_maps(O a, O b) {
  content c = {b, true};
  if (map_count(a) != map_count(b))
    return false;
  map_each(a, entry_in, &c);
  return c.same;
}

static bool equal_sets(O a, O b) {
  content c = {b, true};
  if (set_count(a) != set_count(b))
    return false;
  map_each(((set_object *)a)->map, element_in, &c);
  return c.same;
}

bool same_sequential(O a, O b) {
  if (is_indexed(a) && is_indexed(b)) {
    uint32_t n = indexed_count(a);
    if (n != indexed_count(b))
      return false;
    for (uint32_t i = 0; i < n; i++)
      if (!value_equal(indexed_item(a, i), indexed_item(b, i)))
        return false;
    return true;
  }
  O s = seq(a), t = seq(b);
  while (s != JANK_NIL && t != JANK_NIL && s != t) {
    if (!value_equal(seq_first(s), seq_first(t)))
      return false;
    s = seq_next_polled(s);
    t = seq_next(t);
  }
  return s == t;
}

/* Maps and sets of which one is a program's own. */
bool same_entries(O a, O b) {
  if (coll_count(a) != coll_count(b))
    return false;
  for (O s = seq(a); s != JANK_NIL; s = seq_next_polled(s)) {
    O key = coll_nth(seq_first(s), 0, JANK_NIL, false);
    O other = coll_get(b, key, JANK_UNBOUND);
    if (other == JANK_UNBOUND ||
        !value_equal(coll_nth(seq_first(s), 1, JANK_NIL, false), other))
      return false;
  }
  return true;
}

bool same_elements(O a, O b) {
  if (coll_count(a) != coll_count(b))
    return false;
  for (O s = seq(a); s != JANK_NIL; s = seq_next_polled(s))
    if (!coll_contains(b, seq_first(s)))
      return false;
  return true;
}

bool same_equal_sequential(O a, O b) {
  STACK_GUARD();
  return seq_is_sequential(a) && seq_is_sequential(b) && same_sequential(a, b);
}

bool same_equal_maps(O a, O b) {
  STACK_GUARD();
  if (a->type == JANK_TYPE_MAP && b->type == JANK_TYPE_MAP)
    return equal_maps(a, b);
  return seq_is_map(a) && seq_is_map(b) && same_entries(a, b);
}

bool same_equal_sets(O a, O b) {
  STACK_GUARD();
  if (a->type == JANK_TYPE_SET && b->type == JANK_TYPE_SET)
    return equal_sets(a, b);
  return seq_is_set(a) && seq_is_set(b) && same_elements(a, b);
}

/* ---- Hashes -------------------------------------------------------------- */

static uint32_t hash_ordered(O o) {
  uint32_t h = 1, n = 0;
  if (is_indexed(o)) {
    for (uint32_t size = indexed_count(o); n < size; n++)
      h = 31 * h + value_hash(indexed_item(o, n));
  } else {
    for (O s = seq(o); s != JANK_NIL; s = seq_next_polled(s), n++)
      h = 31 * h + value_hash(seq_first(s));
  }
  return value_hash_mix(h, n);
}

/* An entry hashes as a vector of two; the sum does not mind the order. */
static bool add_entry(void *sum, O key, O value) {
  *(uint32_t *)sum +=
      value_hash_mix(31 * (31 + value_hash(key)) + value_hash(value), 2);
  return true;
}

static bool add_element(void *sum, O key, O value) {
  *(uint32_t *)sum += value_hash(key);
  return true;
}

uint32_t same_hash(O o) {
  STACK_GUARD();
  uint32_t sum = 0, n = 0;
  bool map = o->type != JANK_TYPE_MAP && seq_is_map(o);
  if (map || (o->type != JANK_TYPE_SET && seq_is_set(o))) {
    for (O s = seq(o); s != JANK_NIL; s = seq_next_polled(s), n++)
      sum += map ? hash_ordered(seq_first(s)) : value_hash(seq_first(s));
    return value_hash_mix(sum, n);
  }
  if (o->type == JANK_TYPE_MAP) {
    map_each(o, add_entry, &sum);
    return value_hash_mix(sum, map_count(o));
  }
  if (o->type == JANK_TYPE_SET) {
    map_each(((set_object *)o)->map, add_element, &sum);
    return value_hash_mix(sum, set_count(o));
  }
  return hash_ordered(o);
}

/* ---- Order --------------------------------------------------------------- */

int same_compare(O a, O b) {
  if (!is_heap(b) || !is_indexed(b))
    error_type("compare", "a vector", b);
  STACK_GUARD();
  uint32_t n = indexed_count(a);
  if (n != indexed_count(b))
    return n < indexed_count(b) ? -1 : 1;
  for (uint32_t i = 0; i < n; i++) {
    int order = value_compare(indexed_item(a, i), indexed_item(b, i));
    if (order)
      return order;
  }
  return 0;
}
