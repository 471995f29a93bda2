/* coll.c - clojure.core's functions over collections, by their arities.
 *
 * Most are thin names for operations of collection/. Here are the work that
 * only a builtin does (sorting, keys and vals, into), transients by the type of
 * their collection, the constructors list, hash-map, hash-set, and predicates.
 */
#include "collection/coll.h"
#include "builtins/builtin.h"
#include "builtins/tables.h"
#include "collection/array.h"
#include "collection/entry.h"
#include "collection/list.h"
#include "collection/map.h"
#include "collection/reduce.h"
#include "collection/seq.h"
#include "collection/seqs.h"
#include "collection/set.h"
#include "collection/sorted.h"
#include "collection/vector.h"
#include "number/number.h"
#include "runtime/class.h"
#include "runtime/instance.h"
#include "runtime/reference.h"
#include "value/box.h"
#include "value/equal.h"
#include "value/error.h"
#include "value/gc.h"
#include "value/meta.h"
#include "value/poll.h"
#include "value/word.h"

/* ---- Access -------------------------------------------------------------- */

static O core_seq(O self, O x) { return seq(x); }

static O core_first(O self, O x) { return seq_first(x); }

static O core_next(O self, O x) { return seq_next(x); }

static O core_rest(O self, O x) { return seq_rest(x); }

static O core_cons(O self, O x, O coll) { return seq_cons(x, coll); }

static O core_count(O self, O x) { return jank_box_integer(coll_count(x)); }

static O get2(O self, O coll, O key) { return coll_get(coll, key, JANK_NIL); }

static O get3(O self, O coll, O key, O d) { return coll_get(coll, key, d); }

static O core_contains(O self, O coll, O key) {
  return boolean(coll_contains(coll, key));
}

static int64_t index_arg(const char *who, O i) {
  if (is_fixnum(i))
    return fixnum_value(i);
  if (!box_is_number(i))
    error_type(who, "an integer", i);
  return (int64_t)jank_unbox_double(i);
}

static O nth2(O self, O coll, O i) {
  return coll_nth(coll, index_arg("nth", i), JANK_NIL, false);
}

static O nth3(O self, O coll, O i, O d) {
  return coll_nth(coll, index_arg("nth", i), d, true);
}

static O core_find(O self, O coll, O key) {
  if (coll == JANK_NIL)
    return JANK_NIL;
  if (is_type(coll, JANK_TYPE_MAP)) {
    O entry = map_find(coll, key);
    return entry ? entry : JANK_NIL;
  }
  if (is_type(coll, JANK_TYPE_INSTANCE) &&
      instance_method(coll, METHOD_entryAt))
    return instance_call(coll, METHOD_entryAt, 1, &key);
  coll = coll_entry_vector(coll);
  if (!seq_is_map(coll) && !is_type(coll, JANK_TYPE_VECTOR) &&
      !is_type(coll, JANK_TYPE_TRANSIENT_VECTOR) &&
      !is_type(coll, JANK_TYPE_TRANSIENT_MAP))
    error_throw("IllegalArgumentException", "find not supported on type: %s",
                error_type_name(coll));
  return coll_contains(coll, key)
             ? entry_make(key, coll_get(coll, key, JANK_NIL))
             : JANK_NIL;
}

static O entry_part(const char *who, O e, int part) {
  if (is_type(e, JANK_TYPE_MAP_ENTRY))
    return part ? ((map_entry_object *)e)->value : ((map_entry_object *)e)->key;
  error_type(who, "a map entry", e);
}

static O core_key(O self, O e) { return entry_part("key", e, 0); }

static O core_val(O self, O e) { return entry_part("val", e, 1); }

/* keys and vals: an eager seq, as long as the map. */
static O entry_parts(const char *who, O m, int part) {
  O s = seq(m);
  if (s == JANK_NIL)
    return JANK_NIL;
  int64_t n = coll_count(s);
  array_object *a =
      gc_alloc(JANK_TYPE_ARRAY, sizeof *a + (size_t)n * sizeof *a->items);
  a->count = (uint32_t)n;
  for (uint32_t i = 0; s != JANK_NIL; s = seq_next_polled(s), i++)
    a->items[i] = entry_part(who, seq_first(s), part);
  return seqs_over_array(a, 0);
}

static O core_keys(O self, O m) { return entry_parts("keys", m, 0); }

static O core_vals(O self, O m) { return entry_parts("vals", m, 1); }

static bool is_list(O x) {
  return is_type(x, JANK_TYPE_LIST) || is_type(x, JANK_TYPE_EMPTY_LIST);
}

static O core_peek(O self, O x) {
  if (x == JANK_NIL)
    return JANK_NIL;
  x = coll_entry_vector(x);
  if (is_type(x, JANK_TYPE_VECTOR))
    return vector_count(x) ? vector_nth(x, vector_count(x) - 1) : JANK_NIL;
  if (is_list(x))
    return seq_first(x);
  if (is_type(x, JANK_TYPE_INSTANCE) && instance_method(x, METHOD_peek))
    return instance_call(x, METHOD_peek, 0, NULL);
  error_type("peek", "a list or vector", x);
}

static O core_pop(O self, O x) {
  if (x == JANK_NIL)
    return JANK_NIL;
  x = coll_entry_vector(x);
  if (is_type(x, JANK_TYPE_VECTOR))
    return vector_pop(x);
  if (is_type(x, JANK_TYPE_EMPTY_LIST))
    error_throw("IllegalStateException", "Can't pop empty list");
  if (is_type(x, JANK_TYPE_LIST)) {
    O meta = meta_of(x), more = ((cons_object *)x)->rest;
    return more == list_empty && meta != JANK_NIL ? list_with_meta(more, meta)
                                                  : more;
  }
  if (is_type(x, JANK_TYPE_INSTANCE) && instance_method(x, METHOD_pop))
    return instance_call(x, METHOD_pop, 0, NULL);
  error_type("pop", "a list or vector", x);
}

/* ---- Building ------------------------------------------------------------ */

static O conj0(O self) { return vector_empty; }

static O conj1(O self, O coll) { return coll; }

static O conj2(O self, O coll, O x) { return coll_conj(coll, x); }

static O conj_rest(O self, O coll, O x, O more) {
  coll = coll_conj(coll, x);
  for (O s = seq(more); s != JANK_NIL; s = seq_next_polled(s))
    coll = coll_conj(coll, seq_first(s));
  return coll;
}

static O assoc3(O self, O coll, O k, O v) { return coll_assoc(coll, k, v); }

static O assoc_rest(O self, O coll, O k, O v, O more) {
  coll = coll_assoc(coll, k, v);
  for (O s = seq(more); s != JANK_NIL; s = seq_next_polled(seq_next(s))) {
    if (seq_next(s) == JANK_NIL)
      error_throw("IllegalArgumentException",
                  "assoc expects even number of arguments after map/vector, "
                  "found odd number");
    coll = coll_assoc(coll, seq_first(s), seq_first(seq_next(s)));
  }
  return coll;
}

static O dissoc1(O self, O coll) { return coll; }

static O dissoc2(O self, O coll, O k) { return coll_dissoc(coll, k); }

static O dissoc_rest(O self, O coll, O k, O more) {
  coll = coll_dissoc(coll, k);
  for (O s = seq(more); s != JANK_NIL; s = seq_next_polled(s))
    coll = coll_dissoc(coll, seq_first(s));
  return coll;
}

static O disj_one(O s, O x) {
  if (s == JANK_NIL)
    return JANK_NIL;
  if (is_type(s, JANK_TYPE_SORTED_SET))
    return sorted_without(s, x);
  if (is_type(s, JANK_TYPE_INSTANCE) && instance_method(s, METHOD_disjoin))
    return instance_call(s, METHOD_disjoin, 1, &x);
  if (!is_type(s, JANK_TYPE_SET))
    error_type("disj", "a set", s);
  return set_disj(s, x);
}

static O disj1(O self, O s) { return s; }

static O disj2(O self, O s, O x) { return disj_one(s, x); }

static O disj_rest(O self, O s, O x, O more) {
  s = disj_one(s, x);
  for (O xs = seq(more); xs != JANK_NIL; xs = seq_next_polled(xs))
    s = disj_one(s, seq_first(xs));
  return s;
}

static O vec(O coll) {
  if (is_type(coll, JANK_TYPE_VECTOR))
    return meta_of(coll) == JANK_NIL ? coll : vector_with_meta(coll, JANK_NIL);
  if (is_type(coll, JANK_TYPE_MAP_ENTRY))
    return coll_entry_vector(coll);
  O t = vector_transient(vector_empty);
  for (O s = seq(coll); s != JANK_NIL; s = seq_next_polled(s))
    vector_conj_bang(t, seq_first(s));
  return vector_persistent(t);
}

static O core_vec(O self, O coll) { return vec(coll); }

static O core_vector(O self, O items) { return vec(items); }

static O subvec_of(O v, int64_t start, int64_t end) {
  v = coll_entry_vector(v);
  if (!is_type(v, JANK_TYPE_VECTOR))
    error_type("subvec", "a vector", v);
  if (start < 0 || end < start || end > vector_count(v))
    error_throw("IndexOutOfBoundsException",
                "subvec: %lld to %lld is out of a vector of %u",
                (long long)start, (long long)end, vector_count(v));
  O t = vector_transient(vector_empty);
  for (int64_t i = start; i < end; i++)
    vector_conj_bang(t, vector_nth(v, (uint32_t)i));
  return vector_persistent(t);
}

static O subvec2(O self, O v, O start) {
  return subvec_of(v, index_arg("subvec", start), coll_count(v));
}

static O subvec3(O self, O v, O start, O end) {
  return subvec_of(v, index_arg("subvec", start), index_arg("subvec", end));
}

static O core_empty(O self, O coll) {
  O meta = meta_of(coll), result = JANK_NIL;
  if (is_type(coll, JANK_TYPE_VECTOR))
    result = vector_empty;
  else if (is_type(coll, JANK_TYPE_MAP))
    result = map_empty;
  else if (is_type(coll, JANK_TYPE_SET))
    result = set_empty;
  else if (is_list(coll))
    result = list_empty;
  else if (is_type(coll, JANK_TYPE_SORTED_MAP) ||
           is_type(coll, JANK_TYPE_SORTED_SET))
    return sorted_empty(coll);
  else if (instance_is_record(coll))
    error_throw("UnsupportedOperationException", "Can't create empty: %s",
                class_of(coll)->name->name->text);
  else if (is_type(coll, JANK_TYPE_INSTANCE) &&
           instance_method(coll, METHOD_empty))
    return instance_call(coll, METHOD_empty, 0, NULL);
  else
    return seq_is(coll) ? list_empty : JANK_NIL;
  return meta == JANK_NIL ? result : jank_with_meta(result, meta);
}

static O core_rseq(O self, O v) {
  if (is_type(v, JANK_TYPE_SORTED_MAP) || is_type(v, JANK_TYPE_SORTED_SET))
    return sorted_seq(v, true);
  if (is_type(v, JANK_TYPE_INSTANCE) && instance_method(v, METHOD_rseq))
    return seq(instance_call(v, METHOD_rseq, 0, NULL));
  v = coll_entry_vector(v);
  if (!is_type(v, JANK_TYPE_VECTOR))
    error_type("rseq", "a vector", v);
  uint32_t n = vector_count(v);
  array_object *a = gc_alloc(JANK_TYPE_ARRAY, sizeof *a + n * sizeof *a->items);
  a->count = n;
  for (uint32_t i = 0; i < n; i++)
    a->items[i] = vector_nth(v, n - 1 - i);
  return seqs_over_array(a, 0);
}

static array_object *array_of(O coll) {
  O v = vec(coll);
  uint32_t n = vector_count(v);
  array_object *a = gc_alloc(JANK_TYPE_ARRAY, sizeof *a + n * sizeof *a->items);
  a->count = n;
  for (uint32_t i = 0; i < n; i++)
    a->items[i] = vector_nth(v, i);
  return a;
}

static O to_array(O self, O coll) { return &array_of(coll)->header; }

static O core_meta(O self, O x) { return meta_of(x); }

static O core_with_meta(O self, O x, O meta) { return jank_with_meta(x, meta); }

/* ---- Seqs ---------------------------------------------------------------- */

static O core_lazy_seq(O self, O thunk) { return seqs_lazy(thunk); }

static O range0(O self) { return seqs_range(fixnum(0), JANK_NIL, fixnum(1)); }

static O range3(O self, O start, O end, O step) {
  if (end == JANK_NIL)
    error_type("range", "a number", end);
  return seqs_range(start, end, step);
}

static O range1(O self, O end) {
  return range3(self, fixnum(0), end, fixnum(1));
}

static O range2(O self, O start, O end) {
  return range3(self, start, end, fixnum(1));
}

static O chunked_p(O self, O s) {
  return boolean(seqs_is_chunked(s) || class_is(s, "IChunkedSeq"));
}

static O want_chunked(const char *who, O s) {
  if (!seqs_is_chunked(s))
    error_type(who, "a chunked seq", s);
  return s;
}

static O core_chunk_first(O self, O s) {
  return &seqs_chunk_first(want_chunked("chunk-first", s))->header;
}

static O core_chunk_rest(O self, O s) {
  return seqs_chunk_rest(want_chunked("chunk-rest", s));
}

static O core_chunk_cons(O self, O items, O more) {
  return seqs_chunk_cons(array_of(items), more);
}

/* (chunk-...* f s more): the chunk of s, changed, in front of more. */
#define CHUNKED(name, kind)                                                    \
  static O name(O self, O f, O s, O more) {                                    \
    return seqs_chunk_cons(reduce_chunk(f, want_chunked("map", s), kind),      \
                           more);                                              \
  }
CHUNKED(chunk_mapped, CHUNK_MAP)
CHUNKED(chunk_filtered, CHUNK_FILTER)
CHUNKED(chunk_removed, CHUNK_REMOVE)
CHUNKED(chunk_kept, CHUNK_KEEP)

static O dorun1(O self, O coll) {
  for (O s = seq(coll); s != JANK_NIL; s = seq_next_polled(s))
    ;
  return JANK_NIL;
}

static O dorun2(O self, O n, O coll) {
  int64_t left = index_arg("dorun", n);
  for (O s = seq(coll); s != JANK_NIL && left > 0; s = seq_next_polled(s))
    left--;
  return JANK_NIL;
}

static O doall1(O self, O coll) {
  dorun1(self, coll);
  return coll;
}

static O doall2(O self, O n, O coll) {
  dorun2(self, n, coll);
  return coll;
}

static O core_realized(O self, O x) {
  if (is_type(x, JANK_TYPE_LAZY_SEQ))
    return boolean(seqs_lazy_is_realized(x));
  if (is_type(x, JANK_TYPE_DELAY))
    return boolean(reference_is_realized(x));
  if (is_type(x, JANK_TYPE_INSTANCE) && instance_method(x, METHOD_isRealized))
    return instance_call(x, METHOD_isRealized, 0, NULL);
  error_type("realized?", "a lazy seq or delay", x);
}

static O reduce2(O self, O f, O coll) {
  O s = seq(coll);
  if (s == JANK_NIL)
    return jank_call0(f);
  O init = seq_first(s), more = seq_next(s);
  return more == JANK_NIL ? init : reduce(f, init, more);
}

static O reduce3(O self, O f, O init, O coll) { return reduce(f, init, coll); }

typedef struct {
  O f, acc;
} kv_reduction;

static bool reduce_entry(void *context, O key, O value) {
  kv_reduction *r = context;
  poll();
  r->acc = jank_call3(r->f, r->acc, key, value);
  return !is_type(r->acc, JANK_TYPE_REDUCED);
}

static O reduce_kv(O self, O f, O init, O coll) {
  kv_reduction r = {f, init};
  coll = coll_entry_vector(coll);
  if (is_type(coll, JANK_TYPE_MAP)) {
    map_each(coll, reduce_entry, &r);
  } else if (is_type(coll, JANK_TYPE_VECTOR)) {
    for (uint32_t i = 0; i < vector_count(coll); i++)
      if (!reduce_entry(&r, fixnum(i), vector_nth(coll, i)))
        break;
  } else if (is_type(coll, JANK_TYPE_INSTANCE) &&
             instance_method(coll, METHOD_kvreduce)) {
    r.acc = instance_call(coll, METHOD_kvreduce, 2, (O[]){f, init});
  } else if (coll != JANK_NIL) {
    for (O s = seq(coll); s != JANK_NIL; s = seq_next_polled(s))
      if (!reduce_entry(&r, entry_part("reduce-kv", seq_first(s), 0),
                        entry_part("reduce-kv", seq_first(s), 1)))
        break;
  }
  return is_type(r.acc, JANK_TYPE_REDUCED) ? ((ref_object *)r.acc)->value
                                           : r.acc;
}

/* ---- Transients ---------------------------------------------------------- */

static enum jank_type type_of(O o) {
  return is_heap(o) ? (enum jank_type)o->type : JANK_TYPE_COUNT;
}

static O core_transient(O self, O coll) {
  switch (type_of(coll)) {
  case JANK_TYPE_VECTOR:
    return vector_transient(coll);
  case JANK_TYPE_MAP:
    return map_transient(coll);
  case JANK_TYPE_SET:
    return set_transient(coll);
  default:
    error_type("transient", "a vector, map or set", coll);
  }
}

static O core_persistent(O self, O t) {
  switch (type_of(t)) {
  case JANK_TYPE_TRANSIENT_VECTOR:
    return vector_persistent(t);
  case JANK_TYPE_TRANSIENT_MAP:
    return map_persistent(t);
  case JANK_TYPE_TRANSIENT_SET:
    return set_persistent(t);
  default:
    error_type("persistent!", "a transient", t);
  }
}

static O map_conj_bang(O t, O x) {
  x = coll_entry_vector(x);
  if (is_type(x, JANK_TYPE_VECTOR)) {
    if (vector_count(x) != 2)
      error_throw("IllegalArgumentException",
                  "Vector arg to map conj must be a pair");
    return map_assoc_bang(t, vector_nth(x, 0), vector_nth(x, 1));
  }
  for (O s = seq(x); s != JANK_NIL; s = seq_next_polled(s)) {
    O item = seq_first(s);
    t = map_assoc_bang(t, entry_part("conj!", item, 0),
                       entry_part("conj!", item, 1));
  }
  return t;
}

static O conj_bang0(O self) { return vector_transient(vector_empty); }

static O conj_bang1(O self, O t) { return t; }

static O conj_bang2(O self, O t, O x) {
  switch (type_of(t)) {
  case JANK_TYPE_TRANSIENT_VECTOR:
    return vector_conj_bang(t, x);
  case JANK_TYPE_TRANSIENT_MAP:
    return map_conj_bang(t, x);
  case JANK_TYPE_TRANSIENT_SET:
    return set_conj_bang(t, x);
  default:
    error_type("conj!", "a transient", t);
  }
}

static O assoc_bang3(O self, O t, O k, O v) {
  if (type_of(t) == JANK_TYPE_TRANSIENT_VECTOR)
    return vector_assoc_bang(t, k, v);
  if (type_of(t) != JANK_TYPE_TRANSIENT_MAP)
    error_type("assoc!", "a transient map or vector", t);
  return map_assoc_bang(t, k, v);
}

static O assoc_bang_rest(O self, O t, O k, O v, O more) {
  t = assoc_bang3(self, t, k, v);
  for (O s = seq(more); s != JANK_NIL; s = seq_next_polled(seq_next(s)))
    t = assoc_bang3(self, t, seq_first(s), seq_first(seq_next(s)));
  return t;
}

static O dissoc_bang(O self, O t, O k, O more) {
  if (type_of(t) != JANK_TYPE_TRANSIENT_MAP)
    error_type("dissoc!", "a transient map", t);
  t = map_dissoc_bang(t, k);
  for (O s = seq(more); s != JANK_NIL; s = seq_next_polled(s))
    t = map_dissoc_bang(t, seq_first(s));
  return t;
}

static O disj_bang1(O self, O t) { return t; }

static O disj_bang(O self, O t, O x, O more) {
  if (type_of(t) != JANK_TYPE_TRANSIENT_SET)
    error_type("disj!", "a transient set", t);
  t = set_disj_bang(t, x);
  for (O s = seq(more); s != JANK_NIL; s = seq_next_polled(s))
    t = set_disj_bang(t, seq_first(s));
  return t;
}

static O pop_bang(O self, O t) {
  if (type_of(t) != JANK_TYPE_TRANSIENT_VECTOR)
    error_type("pop!", "a transient vector", t);
  return vector_pop_bang(t);
}

static O into0(O self) { return vector_empty; }

static O into1(O self, O to) { return to; }

static O into2(O self, O to, O from) {
  enum jank_type type = type_of(to);
  bool fast = type == JANK_TYPE_VECTOR || type == JANK_TYPE_SET ||
              type == JANK_TYPE_MAP;
  O meta = meta_of(to), acc = fast ? core_transient(JANK_NIL, to) : to;
  for (O s = seq(from); s != JANK_NIL; s = seq_next_polled(s))
    acc = fast ? conj_bang2(JANK_NIL, acc, seq_first(s))
               : coll_conj(acc, seq_first(s));
  if (!fast)
    return acc;
  acc = core_persistent(JANK_NIL, acc);
  return meta == JANK_NIL ? acc : jank_with_meta(acc, meta);
}

/* ---- Sorting: a stable merge sort over arrays that the collector sees ---- */

typedef struct {
  O comparator; /* nil: compare */
  O key;        /* nil: the item itself */
} order;

static bool less(const order *o, O a, O b) {
  poll();
  if (o->key != JANK_NIL) {
    a = jank_call1(o->key, a);
    b = jank_call1(o->key, b);
  }
  if (o->comparator == JANK_NIL)
    return value_compare(a, b) < 0;
  O result = jank_call2(o->comparator, a, b);
  if (box_is_number(result))
    return number_compare(result, fixnum(0)) < 0;
  return truthy(result);
}

static void merge(const order *o, O *from, O *to, size_t left, size_t middle,
                  size_t right) {
  size_t i = left, j = middle;
  for (size_t k = left; k < right; k++)
    to[k] = i < middle && (j >= right || !less(o, from[j], from[i]))
                ? from[i++]
                : from[j++];
}

static size_t at_most(size_t n, size_t limit) { return n < limit ? n : limit; }

static array_object *sort_array(const order *o, array_object *a) {
  size_t n = a->count;
  array_object *b = gc_alloc(JANK_TYPE_ARRAY, sizeof *b + n * sizeof *b->items);
  b->count = a->count;
  for (size_t width = 1; width < n; width *= 2) {
    for (size_t i = 0; i < n; i += 2 * width)
      merge(o, a->items, b->items, i, at_most(i + width, n),
            at_most(i + 2 * width, n));
    array_object *swap = a;
    a = b;
    b = swap;
  }
  return a;
}

static O sorted(O key, O comparator, O coll) {
  array_object *a = array_of(coll);
  if (!a->count)
    return list_empty;
  order o = {comparator, key};
  O result = seqs_over_array(sort_array(&o, a), 0), meta = meta_of(coll);
  return meta == JANK_NIL ? result : jank_with_meta(result, meta);
}

static O sort1(O self, O coll) { return sorted(JANK_NIL, JANK_NIL, coll); }

static O sort2(O self, O by, O coll) { return sorted(JANK_NIL, by, coll); }

static O sort_by2(O self, O key, O coll) { return sorted(key, JANK_NIL, coll); }

static O sort_by3(O self, O key, O by, O coll) { return sorted(key, by, coll); }

/* ---- Predicates ---------------------------------------------------------- */

static bool is_coll(O x) {
  return seq_is_sequential(x) || seq_is_map(x) || seq_is_set(x);
}

static bool is_vector(O x) {
  return is_type(x, JANK_TYPE_VECTOR) || is_type(x, JANK_TYPE_MAP_ENTRY);
}

static O seq_p(O self, O x) { return boolean(seq_is(x)); }

static O list_p(O self, O x) {
  return boolean(is_list(x) || class_is(x, "IPersistentList"));
}

static O vector_p(O self, O x) {
  return boolean(is_vector(x) || class_is(x, "IPersistentVector"));
}

static O map_p(O self, O x) { return boolean(seq_is_map(x)); }

static O set_p(O self, O x) { return boolean(seq_is_set(x)); }

static O entry_p(O self, O x) {
  return boolean(is_type(x, JANK_TYPE_MAP_ENTRY));
}

static O coll_p(O self, O x) {
  return boolean(is_coll(x) || class_is(x, "IPersistentCollection"));
}

static O sequential_p(O self, O x) { return boolean(seq_is_sequential(x)); }

static O associative_p(O self, O x) {
  return boolean(is_vector(x) || seq_is_map(x) || class_is(x, "Associative"));
}

static O counted_p(O self, O x) {
  return boolean(is_vector(x) || is_list(x) || is_type(x, JANK_TYPE_MAP) ||
                 is_type(x, JANK_TYPE_SET) || is_type(x, JANK_TYPE_RANGE) ||
                 is_type(x, JANK_TYPE_VECTOR_SEQ) ||
                 is_type(x, JANK_TYPE_SORTED_MAP) ||
                 is_type(x, JANK_TYPE_SORTED_SET) ||
                 is_type(x, JANK_TYPE_TREE_SEQ) || class_is(x, "Counted"));
}

static O seqable_p(O self, O x) {
  return boolean(x == JANK_NIL || is_coll(x) || is_type(x, JANK_TYPE_STRING) ||
                 is_type(x, JANK_TYPE_ARRAY) || class_is(x, "Seqable"));
}

static O empty_p(O self, O x) { return boolean(seq(x) == JANK_NIL); }

const struct patch_symbol coll_builtins[] = {
    CORE("seq", "[coll]", core_seq,
         "A seq of the items of a collection, string or array. nil when there "
         "are none, and for nil."),
    CORE("first", "[coll]", core_first,
         "The first item, or nil when there is none. Calls seq on its "
         "argument."),
    CORE("next", "[coll]", core_next,
         "A seq of the items after the first; nil when there are no more."),
    CORE("rest", "[coll]", core_rest,
         "What follows the first item; the empty list when there is nothing. "
         "Unlike next, it does not look whether there is more."),
    CORE("cons", "[x seq]", core_cons,
         "A seq with x in front of the items of seq. seq is not looked at."),
    CORE("count", "[coll]", core_count,
         "The number of items of a collection, string or array; 0 for nil. It "
         "takes linear time on a seq that is not counted, and no end on an "
         "infinite one."),
    CORE("get", "[map key]", get2,
         "The value of the key in a map, set, record, vector (by index) or "
         "string; not-found, or nil, when it is not there or when there is "
         "nothing to look it up in."),
    CORE("get", "[map key not-found]", get3),
    CORE("contains?", "[coll key]", core_contains,
         "True when the collection has the key: for a map or set the key or "
         "member, for a vector or string an index that exists. It does not "
         "search values; throws IllegalArgumentException for lists and seqs."),
    CORE("nth", "[coll index]", nth2,
         "The item at the index, from 0. Out of bounds it returns not-found, "
         "or without one throws IndexOutOfBoundsException; nil has only nils. "
         "Takes linear time on seqs."),
    CORE("nth", "[coll index not-found]", nth3),
    CORE(
        "find", "[map key]", core_find,
        "The entry of the key, as [key value]; nil when the key is not there."),
    CORE("key", "[e]", core_key, "The key of a map entry."),
    CORE("val", "[e]", core_val, "The value of a map entry."),
    CORE("keys", "[map]", core_keys,
         "A seq of the keys of the map, in the order of its seq; nil when it "
         "is empty."),
    CORE("vals", "[map]", core_vals,
         "A seq of the values of the map, in the order of its seq; nil when it "
         "is empty."),
    CORE("peek", "[coll]", core_peek,
         "The item that pop would take away: the last of a vector, the first "
         "of a list. nil when there is none."),
    CORE("pop", "[coll]", core_pop,
         "The collection without one item: a vector without its last, a list "
         "without its first. Throws when it is empty; nil for nil."),
    CORE("conj", "[]", conj0,
         "The collection with the items added where that is cheapest: at the "
         "end of a vector, in front of a list or seq. nil counts as an empty "
         "list; to a map, entries or maps are added."),
    CORE("conj", "[coll]", conj1),
    CORE("conj", "[coll x]", conj2),
    CORE("conj", "[coll x & xs]", conj_rest),
    CORE("assoc", "[map key val]", assoc3,
         "The map with the values at the keys. In a vector the keys are "
         "indices up to its length. nil counts as an empty map."),
    CORE("assoc", "[map key val & kvs]", assoc_rest),
    CORE("dissoc", "[map]", dissoc1, "The map without the keys. nil for nil."),
    CORE("dissoc", "[map key]", dissoc2),
    CORE("dissoc", "[map key & ks]", dissoc_rest),
    CORE("disj", "[set]", disj1, "The set without the members. nil for nil."),
    CORE("disj", "[set key]", disj2),
    CORE("disj", "[set key & ks]", disj_rest),
    CORE("vec", "[coll]", core_vec, "A vector of the items of the collection."),
    CORE("vector", "[& args]", core_vector, "A vector of the arguments."),
    CORE("subvec", "[v start]", subvec2,
         "The vector of the items from index start up to, and without, end; by "
         "default up to the last. Throws IndexOutOfBoundsException when they "
         "are out of bounds."),
    CORE("subvec", "[v start end]", subvec3),
    CORE("to-array", "[coll]", to_array,
         "A new array of the items of the collection."),
    CORE("empty", "[coll]", core_empty,
         "An empty collection of the same kind, with the same metadata; nil "
         "for what is no collection."),
    CORE("rseq", "[rev]", core_rseq,
         "A seq of the items of a vector, sorted map or sorted set, from the "
         "last on; nil when it is empty."),
    CORE("meta", "[obj]", core_meta,
         "The metadata of a value, var or namespace: a map, or nil when there "
         "is none."),
    CORE("with-meta", "[obj m]", core_with_meta,
         "The same value with the map m, or nil, as its metadata."),
    CORE("lazy-seq*", "[thunk]", core_lazy_seq),
    CORE("range", "[]", range0,
         "A lazy seq of numbers from start (0) up to, and without, end (for "
         "ever), step (1) apart. A step of 0 never ends."),
    CORE("range", "[end]", range1),
    CORE("range", "[start end]", range2),
    CORE("range", "[start end step]", range3),
    CORE("chunked-seq?", "[s]", chunked_p,
         "True when s is a seq whose items come in chunks."),
    CORE("chunk-first", "[s]", core_chunk_first,
         "The first chunk of a chunked seq."),
    CORE("chunk-rest", "[s]", core_chunk_rest,
         "What follows the first chunk of a chunked seq; the empty list when "
         "there is nothing."),
    CORE("chunk-cons", "[chunk rest]", core_chunk_cons,
         "A seq of the items of the chunk, followed by rest."),
    CORE("chunk-map*", "[f s rest]", chunk_mapped),
    CORE("chunk-filter*", "[pred s rest]", chunk_filtered),
    CORE("chunk-remove*", "[pred s rest]", chunk_removed),
    CORE("chunk-keep*", "[f s rest]", chunk_kept),
    CORE("dorun", "[coll]", dorun1,
         "Realizes the items of a lazy seq, or the first n of them, for their "
         "effects. Returns nil."),
    CORE("dorun", "[n coll]", dorun2),
    CORE("doall", "[coll]", doall1,
         "Realizes the items of a lazy seq, or the first n of them. Returns "
         "the seq."),
    CORE("doall", "[n coll]", doall2),
    CORE("realized?", "[x]", core_realized,
         "True when a lazy seq, delay, promise or future has its value "
         "already. Throws ClassCastException for anything else."),
    CORE("reduce", "[f coll]", reduce2,
         "Combines the items from left to right with (f result item), from "
         "val, or from the first item, on. Without val an empty collection "
         "gives (f), and a single item is returned as it is. Ends at once with "
         "what reduced has wrapped."),
    CORE("reduce", "[f val coll]", reduce3),
    CORE("reduce-kv", "[f init coll]", reduce_kv,
         "Combines the entries of a map, or the indices and items of a vector, "
         "with (f result key value), from init on. Ends at once with what "
         "reduced has wrapped."),
    CORE("transient", "[coll]", core_transient,
         "A collection of the same items that can be changed in place by "
         "conj!, assoc! and the like. coll itself does not change."),
    CORE("persistent!", "[coll]", core_persistent,
         "The transient as an ordinary collection, in constant time. The "
         "transient cannot be used afterwards."),
    CORE("conj!", "[]", conj_bang0,
         "Adds x to a transient collection, and returns it: use the result in "
         "place of coll."),
    CORE("conj!", "[coll]", conj_bang1),
    CORE("conj!", "[coll x]", conj_bang2),
    CORE("assoc!", "[coll key val]", assoc_bang3,
         "Sets the values of the keys of a transient map or vector, and "
         "returns it: use the result in place of coll."),
    CORE("assoc!", "[coll key val & kvs]", assoc_bang_rest),
    CORE("dissoc!", "[map key & ks]", dissoc_bang,
         "Removes the keys from a transient map, and returns it: use the "
         "result in place of map."),
    CORE("disj!", "[set]", disj_bang1,
         "Removes the members from a transient set, and returns it: use the "
         "result in place of set."),
    CORE("disj!", "[set key & ks]", disj_bang),
    CORE("pop!", "[coll]", pop_bang,
         "Removes the last item of a transient vector, and returns it. Throws "
         "when it is empty."),
    CORE("into", "[]", into0),
    CORE("into", "[to]", into1),
    CORE("into", "[to from]", into2),
    CORE("sort", "[coll]", sort1,
         "A sorted seq of the items, by compare or by the function comp, which "
         "is a predicate or a comparator. Equal items keep their order."),
    CORE("sort", "[comp coll]", sort2),
    CORE("sort-by", "[keyfn coll]", sort_by2,
         "A sorted seq of the items, which are compared by what keyfn gives "
         "for them. Equal ones keep their order."),
    CORE("sort-by", "[keyfn comp coll]", sort_by3),
    CORE("seq?", "[x]", seq_p,
         "True when x is a seq. A vector is none, though seq makes one of it."),
    CORE("list?", "[x]", list_p, "True when x is a list; other seqs are none."),
    CORE("vector?", "[x]", vector_p, "True when x is a vector."),
    CORE("map?", "[x]", map_p, "True when x is a map or a record."),
    CORE("set?", "[x]", set_p, "True when x is a set."),
    CORE("map-entry?", "[x]", entry_p, "True when x is an entry of a map."),
    CORE("coll?", "[x]", coll_p,
         "True when x is a collection of the language: a seq, list, vector, "
         "map or set. Strings and arrays are none."),
    CORE("sequential?", "[coll]", sequential_p,
         "True when the collection is a list, vector or seq: what has an order "
         "of its own."),
    CORE("associative?", "[coll]", associative_p,
         "True when assoc takes it: a map, record or vector."),
    CORE("counted?", "[coll]", counted_p,
         "True when count takes constant time."),
    CORE("seqable?", "[x]", seqable_p,
         "True when seq takes x: a collection, string, array or nil."),
    CORE("empty?", "[coll]", empty_p,
         "True when there are no items. To test the opposite, (seq coll) will "
         "do."),
    {0},
};

static O core_list(O self, O items) {
  size_t n = (size_t)coll_count(items), i = 0;
  array_object *a = gc_alloc(JANK_TYPE_ARRAY, sizeof *a + n * sizeof *a->items);
  a->count = (uint32_t)n;
  for (O s = seq(items); s != JANK_NIL; s = seq_next_polled(s))
    a->items[i++] = seq_first(s);
  return list_from_array(n, a->items);
}

const struct patch_symbol coll_list_builtins[] = {
    CORE("list", "[& items]", core_list, "A list of the items."),
    {0},
};

static _Noreturn void throw_odd(O key) {
  error_throw("IllegalArgumentException", "No value supplied for key: %s",
              error_shown(key));
}

static O hash_map(O self, O args) {
  if (args == JANK_NIL)
    return map_empty;
  O t = map_transient(map_empty_hash_map);
  for (O s = seq(args); s != JANK_NIL;) {
    O key = seq_first(s), more = seq_next(s);
    if (more == JANK_NIL)
      throw_odd(key);
    map_assoc_bang(t, key, seq_first(more));
    s = seq_next_polled(more);
  }
  return map_persistent(t);
}

/* Keeps the order, however many there are. */
static O array_map(O self, O args) {
  uint32_t n = 0;
  for (O s = seq(args); s != JANK_NIL; s = seq_next_polled(s))
    n++;
  if (n == 0)
    return map_empty;
  array_object *pairs =
      gc_alloc(JANK_TYPE_ARRAY, sizeof *pairs + n * sizeof(O));
  pairs->count = n;
  uint32_t i = 0;
  for (O s = seq(args); s != JANK_NIL && i < n; s = seq_next(s))
    pairs->items[i++] = seq_first(s);
  if (n % 2)
    throw_odd(pairs->items[n - 1]);
  return map_array_map_from(n / 2, pairs->items);
}

const struct patch_symbol coll_map_builtins[] = {
    CORE("hash-map", "[& keyvals]", hash_map,
         "A hash map of keys and values in turn; of equal keys the last one "
         "counts. Throws IllegalArgumentException when a value is missing."),
    CORE("array-map", "[& keyvals]", array_map,
         "A map of keys and values in turn. Small ones keep the order of their "
         "keys."),
    {0},
};

static O set_from(O coll) {
  if (is_type(coll, JANK_TYPE_SET))
    return ((set_object *)coll)->meta == JANK_NIL
               ? coll
               : set_with_meta(coll, JANK_NIL);
  if (seq_is_set(coll)) /* sorted, or a program's own: stays what it is */
    return meta_of(coll) == JANK_NIL ? coll : jank_with_meta(coll, JANK_NIL);
  O s = seq(coll);
  if (s == JANK_NIL)
    return set_empty;
  O t = set_transient(set_empty);
  for (; s != JANK_NIL; s = seq_next_polled(s))
    set_conj_bang(t, seq_first(s));
  return set_persistent(t);
}

static O hash_set(O self, O args) { return set_from(args); }

static O set(O self, O coll) { return set_from(coll); }

const struct patch_symbol coll_set_builtins[] = {
    CORE("hash-set", "[& keys]", hash_set, "A hash set of the arguments."),
    CORE("set", "[coll]", set,
         "A hash set of the items of the collection; nil counts as an empty "
         "one."),
    {0},
};
