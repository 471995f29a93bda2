/* coll.c - the generic operations on collections: count, nth, get, conj, assoc and
 * their like, by the type of the collection. */
#include "collection/coll.h"
#include "collection/array.h"
#include "collection/entry.h"
#include "collection/kind.h"
#include "collection/list.h"
#include "collection/map.h"
#include "collection/seq.h"
#include "collection/seqs.h"
#include "collection/set.h"
#include "collection/sorted.h"
#include "collection/vector.h"
#include "value/box.h"
#include "value/error.h"
#include "value/string.h"
#include "value/word.h"

/* ---- count, nth, get ----------------------------------------------------- */

/* How many items there are, when that is known without walking. */
static bool counted(O o, int64_t *n) {
  switch (o->type) {
  case JANK_TYPE_EMPTY_LIST:
    *n = 0;
    return true;
  case JANK_TYPE_LIST:
    *n = ((cons_object *)o)->count;
    return true;
  case JANK_TYPE_VECTOR:
    *n = vector_count(o);
    return true;
  case JANK_TYPE_MAP:
    *n = map_count(o);
    return true;
  case JANK_TYPE_SET:
    *n = set_count(o);
    return true;
  case JANK_TYPE_MAP_ENTRY:
    *n = 2;
    return true;
  case JANK_TYPE_STRING:
    *n = ((string_object *)o)->units;
    return true;
  case JANK_TYPE_ARRAY:
    *n = ((array_object *)o)->count;
    return true;
  case JANK_TYPE_ARRAY_SEQ:
  case JANK_TYPE_VECTOR_SEQ:
  case JANK_TYPE_STRING_SEQ:
    *n = seqs_step_end((step_object *)o) - ((step_object *)o)->index;
    return true;
  case JANK_TYPE_RANGE:
    *n = seqs_range_count((range_object *)o);
    return true;
  case JANK_TYPE_TRANSIENT_VECTOR:
    *n = vector_transient_count(o);
    return true;
  case JANK_TYPE_TRANSIENT_MAP:
    *n = map_transient_count(o);
    return true;
  case JANK_TYPE_TRANSIENT_SET:
    *n = set_transient_count(o);
    return true;
  case JANK_TYPE_SORTED_MAP:
  case JANK_TYPE_SORTED_SET:
    *n = sorted_count(o);
    return true;
  case JANK_TYPE_TREE_SEQ:
    *n = sorted_seq_count(o);
    return true;
  default:
    return kind_of(o) && kind_of(o)->count && kind_of(o)->count(o, n);
  }
}

/* Walks, up to a rest that is counted. */
int64_t coll_count(O coll) {
  int64_t n = 0, more;
  if (coll == JANK_NIL)
    return 0;
  if (!is_heap(coll))
    goto unsupported;
  if (counted(coll, &n))
    return n;
  if (!seq_is(coll))
    goto unsupported;
  for (O s = seq(coll); s != JANK_NIL; s = seq_next_polled(s), n++)
    if (counted(s, &more))
      return n + more;
  return n;
unsupported:
  error_throw("UnsupportedOperationException",
              "count not supported on this type: %s", error_type_name(coll));
}

void coll_out_of_bounds(int64_t i, int64_t n) {
  error_throw("IndexOutOfBoundsException",
              "index %lld out of bounds for length %lld", (long long)i,
              (long long)n);
}

static O at_index(O coll, int64_t i) {
  switch (coll->type) {
  case JANK_TYPE_VECTOR:
    return vector_nth(coll, (uint32_t)i);
  case JANK_TYPE_STRING:
    return make_char(string_unit((string_object *)coll, (uint32_t)i));
  case JANK_TYPE_ARRAY:
    return ((array_object *)coll)->items[i];
  case JANK_TYPE_MAP_ENTRY:
    return i ? ((map_entry_object *)coll)->value
             : ((map_entry_object *)coll)->key;
  default: /* a transient is laid out as a vector */
    return vector_nth(coll, (uint32_t)i);
  }
}

static bool is_indexed(O o) {
  return is_type(o, JANK_TYPE_VECTOR) || is_type(o, JANK_TYPE_STRING) ||
         is_type(o, JANK_TYPE_ARRAY) || is_type(o, JANK_TYPE_MAP_ENTRY) ||
         is_type(o, JANK_TYPE_TRANSIENT_VECTOR);
}

O coll_nth(O coll, int64_t i, O not_found, bool has_default) {
  if (coll == JANK_NIL)
    return not_found;
  int64_t n = 0;
  if (is_indexed(coll)) {
    counted(coll, &n);
    if (i >= 0 && i < n)
      return at_index(coll, i);
  } else if (seq_is(coll)) {
    O s = i < 0 ? JANK_NIL : seq(coll);
    for (; s != JANK_NIL && n < i; n++)
      s = seq_next_polled(s);
    if (s != JANK_NIL)
      return seq_first(s);
  } else if (kind_of(coll) && kind_of(coll)->nth) {
    O result = not_found;
    if (kind_of(coll)->nth(coll, i, &result, has_default))
      return result;
    goto unsupported;
  } else {
  unsupported:
    error_throw("UnsupportedOperationException",
                "nth not supported on this type: %s", error_type_name(coll));
  }
  if (!has_default)
    coll_out_of_bounds(i, n);
  return not_found;
}

/* Vectors and strings are associative by their indices; a key that is no small integer
 * is none of them. */
static bool index_of_key(O coll, O key, int64_t *i) {
  int64_t n;
  if (!is_fixnum(key) || !counted(coll, &n))
    return false;
  *i = fixnum_value(key);
  return *i >= 0 && *i < n;
}

O coll_get(O coll, O key, O not_found) {
  int64_t i;
  if (!is_heap(coll))
    return not_found;
  switch (coll->type) {
  case JANK_TYPE_MAP:
    return map_get(coll, key, not_found);
  case JANK_TYPE_SET:
    return set_get(coll, key, not_found);
  case JANK_TYPE_TRANSIENT_MAP:
    return map_transient_get(coll, key, not_found);
  case JANK_TYPE_TRANSIENT_SET:
    return set_transient_get(coll, key, not_found);
  case JANK_TYPE_SORTED_MAP:
  case JANK_TYPE_SORTED_SET:
    return sorted_get(coll, key, not_found);
  default:
    if (kind_of(coll) && kind_of(coll)->get)
      return kind_of(coll)->get(coll, key, not_found);
    return is_indexed(coll) && index_of_key(coll, key, &i) ? at_index(coll, i)
                                                           : not_found;
  }
}

bool coll_contains(O coll, O key) {
  int64_t i;
  if (coll == JANK_NIL)
    return false;
  if (is_type(coll, JANK_TYPE_MAP))
    return map_find(coll, key) != NULL;
  if (is_type(coll, JANK_TYPE_SET))
    return set_contains(coll, key);
  if (is_type(coll, JANK_TYPE_SORTED_MAP) ||
      is_type(coll, JANK_TYPE_SORTED_SET))
    return sorted_contains(coll, key);
  if (is_type(coll, JANK_TYPE_TRANSIENT_MAP))
    return map_transient_get(coll, key, JANK_UNBOUND) != JANK_UNBOUND;
  if (is_type(coll, JANK_TYPE_TRANSIENT_SET))
    return set_transient_get(coll, key, JANK_UNBOUND) != JANK_UNBOUND;
  if (is_indexed(coll) &&
      (!is_type(coll, JANK_TYPE_STRING) || box_is_number(key)))
    return index_of_key(coll, key, &i);
  bool result;
  const struct coll_kind *kind = kind_of(coll);
  if (kind && kind->contains && kind->contains(coll, key, &result))
    return result;
  error_throw("IllegalArgumentException", "contains? not supported on type: %s",
              error_type_name(coll));
}

/* ---- conj, assoc, dissoc ------------------------------------------------- */

O coll_entry_vector(O o) {
  if (!is_type(o, JANK_TYPE_MAP_ENTRY))
    return o;
  map_entry_object *e = (map_entry_object *)o;
  return jank_make_vector(2, (O[]){e->key, e->value});
}

O coll_add_entries(O map, O x) {
  x = coll_entry_vector(x);
  if (is_type(x, JANK_TYPE_VECTOR)) {
    if (vector_count(x) != 2)
      error_throw("IllegalArgumentException",
                  "Vector arg to map conj must be a pair");
    return coll_assoc(map, vector_nth(x, 0), vector_nth(x, 1));
  }
  for (O s = seq(x); s != JANK_NIL; s = seq_next_polled(s)) {
    O item = seq_first(s);
    if (!is_type(item, JANK_TYPE_MAP_ENTRY))
      error_type("conj", "a map entry", item);
    map = coll_assoc(map, ((map_entry_object *)item)->key,
                     ((map_entry_object *)item)->value);
  }
  return map;
}

O coll_conj(O coll, O x) {
  if (coll == JANK_NIL)
    return list_cons(x, list_empty);
  if (!is_heap(coll))
    error_type("conj", "a collection", coll);
  switch (coll->type) {
  case JANK_TYPE_VECTOR:
    return vector_conj(coll, x);
  case JANK_TYPE_MAP:
    return coll_add_entries(coll, x);
  case JANK_TYPE_SET:
    return set_conj(coll, x);
  case JANK_TYPE_LIST:
  case JANK_TYPE_EMPTY_LIST: {
    O meta = ((cons_object *)coll)->meta, list = list_cons(x, coll);
    return meta == JANK_NIL ? list : list_with_meta(list, meta);
  }
  case JANK_TYPE_MAP_ENTRY:
    return vector_conj(coll_entry_vector(coll), x);
  case JANK_TYPE_SORTED_MAP:
    return coll_add_entries(coll, x);
  case JANK_TYPE_SORTED_SET:
    return sorted_conj(coll, x);
  default:
    if (kind_of(coll) && kind_of(coll)->conj)
      return kind_of(coll)->conj(coll, x);
    if (!seq_is(coll))
      error_type("conj", "a collection", coll);
    return seq_cons(x, coll);
  }
}

O coll_assoc(O coll, O key, O value) {
  if (coll == JANK_NIL)
    return map_assoc(map_empty, key, value);
  if (is_type(coll, JANK_TYPE_MAP))
    return map_assoc(coll, key, value);
  if (is_type(coll, JANK_TYPE_SORTED_MAP))
    return sorted_assoc(coll, key, value);
  if (kind_of(coll) && kind_of(coll)->assoc)
    return kind_of(coll)->assoc(coll, key, value);
  coll = coll_entry_vector(coll);
  if (!is_type(coll, JANK_TYPE_VECTOR))
    error_type("assoc", "a map, vector or nil", coll);
  if (!box_is_integer(key))
    error_throw("IllegalArgumentException", "Key must be integer");
  int64_t i = jank_unbox_integer(key);
  if (i < 0 || i > vector_count(coll))
    coll_out_of_bounds(i, vector_count(coll));
  return vector_assoc(coll, (uint32_t)i, value);
}

O coll_dissoc(O coll, O key) {
  if (coll == JANK_NIL)
    return JANK_NIL;
  if (is_type(coll, JANK_TYPE_SORTED_MAP))
    return sorted_without(coll, key);
  if (kind_of(coll) && kind_of(coll)->dissoc)
    return kind_of(coll)->dissoc(coll, key);
  if (!is_type(coll, JANK_TYPE_MAP))
    error_type("dissoc", "a map", coll);
  return map_dissoc(coll, key);
}

O coll_entry_with_meta(O o, O meta) {
  return jank_with_meta(coll_entry_vector(o), meta);
}
