/* seq.c - the seq abstraction: stepping through every collection, lazily where
 * it is lazy, and the generic operations that dispatch on a collection's type.
 *
 * A seq is a LIST, CONS or one of the types below; nil is the empty one. A lazy
 * seq calls its thunk once; when the thunk throws, the next look tries again.
 */
#include "seq.h"
#include "docs.h"
#include "object.h"
#include "sorted.h"
#include "tables.h"
#include "trace.h"
#include <string.h>

typedef jank_object *O;

typedef struct { /* ARRAY_SEQ, VECTOR_SEQ, STRING_SEQ */
  jank_object header;
  O source, meta;
  uint32_t index; /* of the first item */
} step_object;

typedef struct { /* CHUNK_SEQ: some items at hand, and a seqable for later */
  jank_object header;
  O source, meta;
  uint32_t index;
  O rest;
} chunk_object;

enum { LAZY_PENDING, LAZY_CALLED, LAZY_DONE };
typedef struct { /* CALLED: value is what the thunk gave; DONE: its seq */
  jank_object header;
  O thunk, value, meta;
} lazy_object;

typedef struct { /* never empty; end nil: without end */
  jank_object header;
  O start, end, step, meta;
} range_object;

/* C functions that recur through user data end with an exception. */
#define CHECK_STACK()                                                          \
  do {                                                                         \
    volatile char guard_[16];                                                  \
    if ((uintptr_t)&guard_[0] < jank_stack_limit())                            \
      jank_stack_overflow();                                                   \
  } while (0)

void seq_trace(O o) {
  if (o->type == JANK_TYPE_LAZY_SEQ) {
    lazy_object *l = (lazy_object *)o;
    gc_mark(l->thunk);
    gc_mark(l->value);
    gc_mark(l->meta);
  } else if (o->type == JANK_TYPE_RANGE) {
    range_object *r = (range_object *)o;
    gc_mark(r->start);
    gc_mark(r->end);
    gc_mark(r->step);
    gc_mark(r->meta);
  } else {
    step_object *s = (step_object *)o;
    gc_mark(s->source);
    gc_mark(s->meta);
    if (o->type == JANK_TYPE_CHUNK_SEQ)
      gc_mark(((chunk_object *)o)->rest);
  }
}

/* ---- Seqs over arrays, vectors, strings ----------------------------------------- */

static O step_make(enum jank_type type, O source, uint32_t index) {
  step_object *s = gc_alloc(type, sizeof *s);
  s->source = source;
  s->index = index;
  return &s->header;
}

O array_seq(array_object *a, uint32_t index) {
  return index < a->count ? step_make(JANK_TYPE_ARRAY_SEQ, &a->header, index)
                          : JANK_NIL;
}

static uint32_t step_end(const step_object *s) {
  switch (s->header.type) {
  case JANK_TYPE_VECTOR_SEQ:
    return vector_count(s->source);
  case JANK_TYPE_STRING_SEQ:
    return ((string_object *)s->source)->units;
  default:
    return ((array_object *)s->source)->count;
  }
}

static O step_next(step_object *s) {
  return s->index + 1 < step_end(s) ? step_make((enum jank_type)s->header.type,
                                                s->source, s->index + 1)
                                    : JANK_NIL;
}

/* ---- Ranges ------------------------------------------------------------------------- */

static bool in_range(O at, O end, O step) {
  if (end == JANK_NIL)
    return true;
  int direction = number_compare(step, fixnum(0));
  return direction > 0   ? jank_lt(at, end)
         : direction < 0 ? jank_gt(at, end)
                         : number_compare(at, end) != 0; /* without end */
}

O range_make(O start, O end, O step) {
  if (!is_number(start) || !is_number(step) ||
      (end != JANK_NIL && !is_number(end)))
    error_type("range", "a number",
               !is_number(start)  ? start
               : !is_number(step) ? step
                                  : end);
  if (!in_range(start, end, step))
    return empty_list;
  range_object *r = gc_alloc(JANK_TYPE_RANGE, sizeof *r);
  r->start = start;
  r->end = end;
  r->step = step;
  return &r->header;
}

static O range_next(range_object *r) {
  O at = jank_add(r->start, r->step);
  if (!in_range(at, r->end, r->step))
    return JANK_NIL;
  range_object *result = gc_alloc(JANK_TYPE_RANGE, sizeof *result);
  result->start = at;
  result->end = r->end;
  result->step = r->step;
  return &result->header;
}

static bool range_is_small(const range_object *r) {
  return is_fixnum(r->start) && is_fixnum(r->end) && is_fixnum(r->step) &&
         fixnum_value(r->step) != 0;
}

static int64_t range_count(range_object *r) {
  if (range_is_small(r)) {
    int64_t step = fixnum_value(r->step);
    int64_t distance = fixnum_value(r->end) - fixnum_value(r->start);
    return (distance + step + (step > 0 ? -1 : 1)) / step;
  }
  int64_t n = 0;
  for (O s = &r->header; s != JANK_NIL; s = range_next((range_object *)s), n++)
    poll();
  return n;
}

/* ---- Lazy seqs -------------------------------------------------------------------------- */

O lazy_seq_make(O thunk) {
  lazy_object *l = gc_alloc(JANK_TYPE_LAZY_SEQ, sizeof *l);
  l->thunk = thunk;
  return &l->header;
}

static O lazy_call(lazy_object *l) {
  if (l->header.flags == LAZY_PENDING) {
    O value = jank_call0(l->thunk);
    if (l->header.flags == LAZY_PENDING) {
      gc_write(&l->header);
      l->value = value;
      l->thunk = JANK_NIL;
      l->header.flags = LAZY_CALLED;
    }
  }
  return l->value;
}

static O lazy_force(lazy_object *l) {
  if (l->header.flags == LAZY_DONE)
    return l->value;
  CHECK_STACK();
  O value = lazy_call(l);
  while (is_type(value, JANK_TYPE_LAZY_SEQ)) {
    gc_write(&l->header);
    l->value = value; /* lets go of those that were passed */
    poll();
    value = lazy_call((lazy_object *)value);
  }
  value = seq(value);
  gc_write(&l->header);
  l->value = value;
  l->header.flags = LAZY_DONE;
  return value;
}

bool lazy_is_realized(O o) { return o->flags != LAZY_PENDING; }

/* ---- seq, first, next, rest ------------------------------------------------------------------ */

bool is_seq(O o) {
  if (!is_heap(o))
    return false;
  switch (o->type) {
  case JANK_TYPE_EMPTY_LIST:
  case JANK_TYPE_LIST:
  case JANK_TYPE_CONS:
  case JANK_TYPE_LAZY_SEQ:
  case JANK_TYPE_ARRAY_SEQ:
  case JANK_TYPE_VECTOR_SEQ:
  case JANK_TYPE_MAP_SEQ:
  case JANK_TYPE_STRING_SEQ:
  case JANK_TYPE_RANGE:
  case JANK_TYPE_TREE_SEQ:
  case JANK_TYPE_CHUNK_SEQ:
    return true;
  default:
    return instance_is(o, "ISeq");
  }
}

bool is_sequential(O o) {
  return is_seq(o) || is_type(o, JANK_TYPE_VECTOR) ||
         is_type(o, JANK_TYPE_MAP_ENTRY) || instance_is(o, "Sequential");
}

bool is_map(O o) {
  return is_type(o, JANK_TYPE_MAP) || is_type(o, JANK_TYPE_SORTED_MAP) ||
         instance_is(o, "IPersistentMap");
}

bool is_set(O o) {
  return is_type(o, JANK_TYPE_SET) || is_type(o, JANK_TYPE_SORTED_SET) ||
         instance_is(o, "IPersistentSet");
}

/* An instance may be a seq itself. */
static O instance_seq(O o) {
  if (is_record(o))
    return record_seq(o);
  O s = instance_call(o, METHOD_seq, 0, NULL);
  return is_type(s, JANK_TYPE_INSTANCE) ? s : seq(s);
}

static O entry_seq(O o) {
  map_entry_object *e = (map_entry_object *)o;
  return list_cons(e->key, list_cons(e->value, empty_list));
}

/* What an array or another iterable of JavaScript has now. */
static O js_items(O o) {
  int64_t n = jank_unbox_integer(js_operate(JS_OP_length, 1, &o));
  array_object *a =
      gc_alloc(JANK_TYPE_ARRAY, sizeof *a + (size_t)n * sizeof *a->items);
  a->count = (uint32_t)n;
  O items = js_operate(JS_OP_items, 1, &o);
  for (uint32_t i = 0; i < a->count; i++)
    a->items[i] = js_operate(JS_OP_get, 2, (O[]){items, fixnum(i)});
  return array_seq(a, 0);
}

static _Noreturn void no_seq(O o) {
  error_throw("IllegalArgumentException",
              "Don't know how to create ISeq from: %s",
              class_of(o)->name->name->text);
}

O seq(O coll) {
  if (coll == JANK_NIL)
    return JANK_NIL;
  if (!is_heap(coll))
    no_seq(coll);
  switch (coll->type) {
  case JANK_TYPE_EMPTY_LIST:
    return JANK_NIL;
  case JANK_TYPE_LIST:
  case JANK_TYPE_CONS:
  case JANK_TYPE_ARRAY_SEQ:
  case JANK_TYPE_VECTOR_SEQ:
  case JANK_TYPE_MAP_SEQ:
  case JANK_TYPE_STRING_SEQ:
  case JANK_TYPE_RANGE:
  case JANK_TYPE_TREE_SEQ:
  case JANK_TYPE_CHUNK_SEQ:
    return coll;
  case JANK_TYPE_SORTED_MAP:
  case JANK_TYPE_SORTED_SET:
    return sorted_seq(coll, false);
  case JANK_TYPE_LAZY_SEQ:
    return lazy_force((lazy_object *)coll);
  case JANK_TYPE_VECTOR:
    return vector_count(coll) ? step_make(JANK_TYPE_VECTOR_SEQ, coll, 0)
                              : JANK_NIL;
  case JANK_TYPE_MAP:
    return map_seq(coll);
  case JANK_TYPE_SET:
    return set_seq(coll);
  case JANK_TYPE_MAP_ENTRY:
    return entry_seq(coll);
  case JANK_TYPE_ARRAY:
    return array_seq((array_object *)coll, 0);
  case JANK_TYPE_STRING:
    return ((string_object *)coll)->units
               ? step_make(JANK_TYPE_STRING_SEQ, coll, 0)
               : JANK_NIL;
  case JANK_TYPE_JS:
    return js_items(coll);
  case JANK_TYPE_INSTANCE:
    if (is_record(coll) || instance_method(coll, METHOD_seq))
      return instance_seq(coll);
    no_seq(coll);
  default:
    no_seq(coll);
  }
}

O first(O coll) {
  if (is_type(coll, JANK_TYPE_VECTOR))
    return vector_count(coll) ? vector_nth(coll, 0) : JANK_NIL;
  O s = seq(coll);
  if (s == JANK_NIL)
    return JANK_NIL;
  step_object *step = (step_object *)s;
  switch (s->type) {
  case JANK_TYPE_ARRAY_SEQ:
  case JANK_TYPE_CHUNK_SEQ:
    return ((array_object *)step->source)->items[step->index];
  case JANK_TYPE_VECTOR_SEQ:
    return vector_nth(step->source, step->index);
  case JANK_TYPE_MAP_SEQ:
    return map_seq_first(s);
  case JANK_TYPE_STRING_SEQ:
    return make_char(string_unit((string_object *)step->source, step->index));
  case JANK_TYPE_RANGE:
    return ((range_object *)s)->start;
  case JANK_TYPE_TREE_SEQ:
    return tree_seq_first(s);
  case JANK_TYPE_INSTANCE:
    return instance_call(s, METHOD_first, 0, NULL);
  default:
    return ((cons_object *)s)->first;
  }
}

static O chunk_make(array_object *items, uint32_t index, O rest) {
  chunk_object *c = gc_alloc(JANK_TYPE_CHUNK_SEQ, sizeof *c);
  c->source = &items->header;
  c->index = index;
  c->rest = rest;
  return &c->header;
}

static O chunk_next(chunk_object *c) {
  array_object *items = (array_object *)c->source;
  return c->index + 1 < items->count ? chunk_make(items, c->index + 1, c->rest)
                                     : seq(c->rest);
}

O next(O coll) {
  O s = seq(coll);
  if (s == JANK_NIL)
    return JANK_NIL;
  switch (s->type) {
  case JANK_TYPE_ARRAY_SEQ:
  case JANK_TYPE_VECTOR_SEQ:
  case JANK_TYPE_STRING_SEQ:
    return step_next((step_object *)s);
  case JANK_TYPE_MAP_SEQ:
    return map_seq_next(s);
  case JANK_TYPE_RANGE:
    return range_next((range_object *)s);
  case JANK_TYPE_TREE_SEQ:
    return tree_seq_next(s);
  case JANK_TYPE_CHUNK_SEQ:
    return chunk_next((chunk_object *)s);
  case JANK_TYPE_INSTANCE:
    return seq(instance_call(s, METHOD_next, 0, NULL));
  default:
    return seq(((cons_object *)s)->rest);
  }
}

O next_polled(O coll) {
  poll();
  return next(coll);
}

O rest(O coll) {
  O s = seq(coll);
  if (s == JANK_NIL)
    return empty_list;
  chunk_object *c = (chunk_object *)s;
  bool last = s->type == JANK_TYPE_CHUNK_SEQ &&
              c->index + 1 == ((array_object *)c->source)->count;
  O more = last ? c->rest
           : s->type == JANK_TYPE_CONS || s->type == JANK_TYPE_LIST
               ? ((cons_object *)s)->rest
               : next(s);
  return more == JANK_NIL ? empty_list : more;
}

O cons(O x, O coll) {
  if (coll == JANK_NIL)
    return list_cons(x, empty_list);
  if (is_seq(coll))
    return cons_make(x, coll);
  O s = seq(coll);
  return s == JANK_NIL ? list_cons(x, empty_list) : cons_make(x, s);
}

/* ---- count, nth, get ------------------------------------------------------------------------------ */

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
    *n = step_end((step_object *)o) - ((step_object *)o)->index;
    return true;
  case JANK_TYPE_RANGE:
    *n = range_count((range_object *)o);
    return true;
  case JANK_TYPE_TRANSIENT_VECTOR:
    *n = transient_vector_count(o);
    return true;
  case JANK_TYPE_TRANSIENT_MAP:
    *n = transient_map_count(o);
    return true;
  case JANK_TYPE_TRANSIENT_SET:
    *n = transient_set_count(o);
    return true;
  case JANK_TYPE_SORTED_MAP:
  case JANK_TYPE_SORTED_SET:
    *n = sorted_count(o);
    return true;
  case JANK_TYPE_TREE_SEQ:
    *n = tree_seq_count(o);
    return true;
  case JANK_TYPE_JS:
    *n = jank_unbox_integer(js_operate(JS_OP_length, 1, &o));
    return true;
  case JANK_TYPE_INSTANCE:
    if (is_record(o))
      *n = record_count(o);
    else if (instance_method(o, METHOD_count))
      *n = jank_unbox_integer(instance_call(o, METHOD_count, 0, NULL));
    else
      return false;
    return true;
  default:
    return false;
  }
}

int64_t count(O coll) {
  int64_t n = 0, more;
  if (coll == JANK_NIL)
    return 0;
  if (!is_heap(coll))
    goto unsupported;
  if (counted(coll, &n))
    return n;
  if (!is_seq(coll))
    goto unsupported;
  for (O s = seq(coll); s != JANK_NIL; s = next_polled(s), n++)
    if (counted(s, &more))
      return n + more;
  return n;
unsupported:
  error_throw("UnsupportedOperationException",
              "count not supported on this type: %s", type_name(coll));
}

static _Noreturn void out_of_bounds(int64_t i, int64_t n) {
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

O nth(O coll, int64_t i, O not_found, bool has_default) {
  if (coll == JANK_NIL)
    return not_found;
  int64_t n = 0;
  if (is_indexed(coll)) {
    counted(coll, &n);
    if (i >= 0 && i < n)
      return at_index(coll, i);
  } else if (is_seq(coll)) {
    O s = i < 0 ? JANK_NIL : seq(coll);
    for (; s != JANK_NIL && n < i; n++)
      s = next_polled(s);
    if (s != JANK_NIL)
      return first(s);
  } else if (is_type(coll, JANK_TYPE_JS)) {
    counted(coll, &n);
    if (i >= 0 && i < n)
      return js_operate(JS_OP_get, 2, (O[]){coll, jank_box_integer(i)});
  } else if (is_type(coll, JANK_TYPE_INSTANCE) &&
             instance_method(coll, METHOD_nth)) {
    O args[] = {jank_box_integer(i), not_found};
    return instance_call(coll, METHOD_nth, has_default ? 2 : 1, args);
  } else {
    error_throw("UnsupportedOperationException",
                "nth not supported on this type: %s", type_name(coll));
  }
  if (!has_default)
    out_of_bounds(i, n);
  return not_found;
}

static bool index_of_key(O coll, O key, int64_t *i) {
  int64_t n;
  if (!is_fixnum(key) || !counted(coll, &n))
    return false;
  *i = fixnum_value(key);
  return *i >= 0 && *i < n;
}

static O instance_get(O coll, O key, O not_found) {
  O args[] = {key, not_found};
  if (is_record(coll))
    return record_get(coll, key, not_found);
  if (instance_method(coll, METHOD_valAt))
    return instance_call(coll, METHOD_valAt, not_found == JANK_NIL ? 1 : 2,
                         args);
  if (instance_method(coll, METHOD_get) && is_set(coll))
    return contains(coll, key) ? instance_call(coll, METHOD_get, 1, args)
                               : not_found;
  return not_found;
}

O get(O coll, O key, O not_found) {
  int64_t i;
  if (!is_heap(coll))
    return not_found;
  switch (coll->type) {
  case JANK_TYPE_MAP:
    return map_get(coll, key, not_found);
  case JANK_TYPE_SET:
    return set_get(coll, key, not_found);
  case JANK_TYPE_TRANSIENT_MAP:
    return transient_map_get(coll, key, not_found);
  case JANK_TYPE_TRANSIENT_SET:
    return transient_set_get(coll, key, not_found);
  case JANK_TYPE_SORTED_MAP:
  case JANK_TYPE_SORTED_SET:
    return sorted_get(coll, key, not_found);
  case JANK_TYPE_INSTANCE:
    return instance_get(coll, key, not_found);
  default:
    return is_indexed(coll) && index_of_key(coll, key, &i) ? at_index(coll, i)
                                                           : not_found;
  }
}

bool contains(O coll, O key) {
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
    return transient_map_get(coll, key, JANK_UNBOUND) != JANK_UNBOUND;
  if (is_type(coll, JANK_TYPE_TRANSIENT_SET))
    return transient_set_get(coll, key, JANK_UNBOUND) != JANK_UNBOUND;
  if (is_indexed(coll) && (!is_type(coll, JANK_TYPE_STRING) || is_number(key)))
    return index_of_key(coll, key, &i);
  if (is_record(coll))
    return record_get(coll, key, JANK_UNBOUND) != JANK_UNBOUND;
  if (is_type(coll, JANK_TYPE_INSTANCE)) {
    if (instance_method(coll, METHOD_containsKey))
      return truthy(instance_call(coll, METHOD_containsKey, 1, &key));
    if (instance_method(coll, METHOD_contains))
      return truthy(instance_call(coll, METHOD_contains, 1, &key));
  }
  error_throw("IllegalArgumentException", "contains? not supported on type: %s",
              type_name(coll));
}

/* ---- conj, assoc, dissoc ------------------------------------------------------------------------------ */

O entry_vector(O o) {
  if (!is_type(o, JANK_TYPE_MAP_ENTRY))
    return o;
  map_entry_object *e = (map_entry_object *)o;
  return jank_make_vector(2, (O[]){e->key, e->value});
}

static O map_conj(O map, O x) {
  x = entry_vector(x);
  if (is_type(x, JANK_TYPE_VECTOR)) {
    if (vector_count(x) != 2)
      error_throw("IllegalArgumentException",
                  "Vector arg to map conj must be a pair");
    return assoc(map, vector_nth(x, 0), vector_nth(x, 1));
  }
  for (O s = seq(x); s != JANK_NIL; s = next_polled(s)) {
    O item = first(s);
    if (!is_type(item, JANK_TYPE_MAP_ENTRY))
      error_type("conj", "a map entry", item);
    map = assoc(map, ((map_entry_object *)item)->key,
                ((map_entry_object *)item)->value);
  }
  return map;
}

O coll_conj(O coll, O x) {
  if (coll == JANK_NIL)
    return list_cons(x, empty_list);
  if (!is_heap(coll))
    error_type("conj", "a collection", coll);
  switch (coll->type) {
  case JANK_TYPE_VECTOR:
    return vector_conj(coll, x);
  case JANK_TYPE_MAP:
    return map_conj(coll, x);
  case JANK_TYPE_SET:
    return set_conj(coll, x);
  case JANK_TYPE_LIST:
  case JANK_TYPE_EMPTY_LIST: {
    O meta = ((cons_object *)coll)->meta, list = list_cons(x, coll);
    return meta == JANK_NIL ? list : list_with_meta(list, meta);
  }
  case JANK_TYPE_MAP_ENTRY:
    return vector_conj(entry_vector(coll), x);
  case JANK_TYPE_SORTED_MAP:
    return map_conj(coll, x);
  case JANK_TYPE_SORTED_SET:
    return sorted_conj(coll, x);
  case JANK_TYPE_INSTANCE:
    if (is_record(coll))
      return map_conj(coll, x);
    if (instance_method(coll, METHOD_cons))
      return instance_call(coll, METHOD_cons, 1, &x);
    error_type("conj", "a collection", coll);
  default:
    if (!is_seq(coll))
      error_type("conj", "a collection", coll);
    return cons(x, coll);
  }
}

O assoc(O coll, O key, O value) {
  if (coll == JANK_NIL)
    return map_assoc(empty_map, key, value);
  if (is_type(coll, JANK_TYPE_MAP))
    return map_assoc(coll, key, value);
  if (is_type(coll, JANK_TYPE_SORTED_MAP))
    return sorted_assoc(coll, key, value);
  if (is_record(coll))
    return record_assoc(coll, key, value);
  if (is_type(coll, JANK_TYPE_INSTANCE) && instance_method(coll, METHOD_assoc))
    return instance_call(coll, METHOD_assoc, 2, (O[]){key, value});
  coll = entry_vector(coll);
  if (!is_type(coll, JANK_TYPE_VECTOR))
    error_type("assoc", "a map, vector or nil", coll);
  if (!is_integer(key))
    error_throw("IllegalArgumentException", "Key must be integer");
  int64_t i = jank_unbox_integer(key);
  if (i < 0 || i > vector_count(coll))
    out_of_bounds(i, vector_count(coll));
  return vector_assoc(coll, (uint32_t)i, value);
}

O dissoc(O coll, O key) {
  if (coll == JANK_NIL)
    return JANK_NIL;
  if (is_type(coll, JANK_TYPE_SORTED_MAP))
    return sorted_without(coll, key);
  if (is_record(coll))
    return record_dissoc(coll, key);
  if (is_type(coll, JANK_TYPE_INSTANCE) &&
      instance_method(coll, METHOD_without))
    return instance_call(coll, METHOD_without, 1, &key);
  if (!is_type(coll, JANK_TYPE_MAP))
    error_type("dissoc", "a map", coll);
  return map_dissoc(coll, key);
}

/* ---- Metadata -------------------------------------------------------------------------------------------- */

/* Where an object keeps its metadata; NULL: it has none. */
static O *meta_slot(O o) {
  if (!is_heap(o))
    return NULL;
  switch (o->type) {
  case JANK_TYPE_LIST:
  case JANK_TYPE_EMPTY_LIST:
  case JANK_TYPE_CONS:
    return &((cons_object *)o)->meta;
  case JANK_TYPE_LAZY_SEQ:
    return &((lazy_object *)o)->meta;
  case JANK_TYPE_RANGE:
    return &((range_object *)o)->meta;
  case JANK_TYPE_ARRAY_SEQ:
  case JANK_TYPE_VECTOR_SEQ:
  case JANK_TYPE_STRING_SEQ:
    return &((step_object *)o)->meta;
  case JANK_TYPE_MAP:
    return &((map_object *)o)->meta;
  case JANK_TYPE_SET:
    return &((set_object *)o)->meta;
  case JANK_TYPE_SYMBOL:
    return &((symbol_object *)o)->meta;
  case JANK_TYPE_FN:
    return &((fn_object *)o)->meta;
  case JANK_TYPE_VAR:
    return &((var_object *)o)->meta;
  case JANK_TYPE_NAMESPACE:
    return &((namespace_object *)o)->meta;
  case JANK_TYPE_ATOM:
    return &((ref_object *)o)->meta;
  default:
    return NULL;
  }
}

O get_meta(O o) {
  if (is_type(o, JANK_TYPE_VAR))
    return docs_meta((var_object *)o);
  if (is_type(o, JANK_TYPE_VECTOR))
    return vector_meta(o);
  if (is_type(o, JANK_TYPE_INSTANCE))
    return !is_record(o) && instance_method(o, METHOD_meta)
               ? instance_call(o, METHOD_meta, 0, NULL)
               : ((instance_object *)o)->meta;
  if (is_type(o, JANK_TYPE_SORTED_MAP) || is_type(o, JANK_TYPE_SORTED_SET))
    return sorted_meta(o);
  O *slot = meta_slot(o);
  return slot ? *slot : JANK_NIL;
}

static O fn_copy(fn_object *f) {
  fn_object *copy = fn_make(f->code, f->header.aux);
  memcpy(copy->captures, f->captures, f->header.aux * sizeof *copy->captures);
  return &copy->header;
}

static O copy_for_meta(O o) {
  switch (o->type) {
  case JANK_TYPE_LAZY_SEQ: {
    O s = seq(o);
    lazy_object *copy = gc_alloc(JANK_TYPE_LAZY_SEQ, sizeof *copy);
    copy->value = s;
    copy->header.flags = LAZY_DONE;
    return &copy->header;
  }
  case JANK_TYPE_RANGE: {
    range_object *r = (range_object *)o;
    return range_make(r->start, r->end, r->step);
  }
  case JANK_TYPE_ARRAY_SEQ:
  case JANK_TYPE_VECTOR_SEQ:
  case JANK_TYPE_STRING_SEQ: {
    step_object *s = (step_object *)o;
    return step_make((enum jank_type)o->type, s->source, s->index);
  }
  case JANK_TYPE_MAP_SEQ:
  case JANK_TYPE_TREE_SEQ:
  case JANK_TYPE_CHUNK_SEQ:
    return cons_make(first(o), rest(o));
  case JANK_TYPE_SYMBOL:
    return &symbol_make(((symbol_object *)o)->ns, ((symbol_object *)o)->name)
                ->header;
  case JANK_TYPE_FN:
    return fn_copy((fn_object *)o);
  default:
    error_type("with-meta", "an object that can carry metadata", o);
  }
}

O jank_with_meta(O o, O meta) {
  if (meta != JANK_NIL && !is_type(meta, JANK_TYPE_MAP))
    error_type("with-meta", "a map or nil", meta);
  if (!is_heap(o))
    error_type("with-meta", "an object that can carry metadata", o);
  o = entry_vector(o);
  switch (o->type) {
  case JANK_TYPE_LIST:
  case JANK_TYPE_EMPTY_LIST:
  case JANK_TYPE_CONS:
    return list_with_meta(o, meta);
  case JANK_TYPE_VECTOR:
    return vector_with_meta(o, meta);
  case JANK_TYPE_MAP:
    return map_with_meta(o, meta);
  case JANK_TYPE_SET:
    return set_with_meta(o, meta);
  case JANK_TYPE_SORTED_MAP:
  case JANK_TYPE_SORTED_SET:
    return sorted_with_meta(o, meta);
  case JANK_TYPE_INSTANCE:
    return instance_with_meta(o, meta);
  default: {
    O copy = copy_for_meta(o);
    *meta_slot(copy) = meta;
    return copy;
  }
  }
}

/* ---- reduce ------------------------------------------------------------------------------------------------- */

static bool is_reduced(O o) { return is_type(o, JANK_TYPE_REDUCED); }
static O unwrap(O o) { return is_reduced(o) ? ((ref_object *)o)->value : o; }

static O reduce_vector(O f, O acc, O v, uint32_t from) {
  for (uint32_t i = from; i < vector_count(v) && !is_reduced(acc); i++) {
    poll();
    acc = jank_call2(f, acc, vector_nth(v, i));
  }
  return acc;
}

static O reduce_array(O f, O acc, array_object *a, uint32_t from) {
  for (uint32_t i = from; i < a->count && !is_reduced(acc); i++) {
    poll();
    acc = jank_call2(f, acc, a->items[i]);
  }
  return acc;
}

static O reduce_range(O f, O acc, range_object *r) {
  int64_t step = fixnum_value(r->step), end = fixnum_value(r->end);
  for (int64_t i = fixnum_value(r->start);
       (step > 0 ? i < end : i > end) && !is_reduced(acc); i += step) {
    poll();
    acc = jank_call2(f, acc, fixnum(i));
  }
  return acc;
}

O reduce(O f, O init, O coll) {
  if (is_type(coll, JANK_TYPE_INSTANCE) && instance_method(coll, METHOD_reduce))
    return unwrap(instance_call(coll, METHOD_reduce, 2, (O[]){f, init}));
  O acc = init, s = is_type(coll, JANK_TYPE_VECTOR) ? coll : seq(coll);
  while (s != JANK_NIL && !is_reduced(acc)) {
    if (s->type == JANK_TYPE_VECTOR)
      return unwrap(reduce_vector(f, acc, s, 0));
    if (s->type == JANK_TYPE_VECTOR_SEQ)
      return unwrap(reduce_vector(f, acc, ((step_object *)s)->source,
                                  ((step_object *)s)->index));
    if (s->type == JANK_TYPE_ARRAY_SEQ)
      return unwrap(reduce_array(f, acc,
                                 (array_object *)((step_object *)s)->source,
                                 ((step_object *)s)->index));
    if (s->type == JANK_TYPE_CHUNK_SEQ) {
      chunk_object *c = (chunk_object *)s;
      acc = reduce_array(f, acc, (array_object *)c->source, c->index);
      if (!is_reduced(acc))
        s = seq(c->rest);
      continue;
    }
    if (s->type == JANK_TYPE_RANGE && range_is_small((range_object *)s))
      return unwrap(reduce_range(f, acc, (range_object *)s));
    acc = jank_call2(f, acc, first(s));
    if (!is_reduced(acc))
      s = next_polled(s);
  }
  return unwrap(acc);
}

/* ---- Chunks: what map and filter work on ------------------------------------------------------------------------------ */

enum { CHUNK = 32 };

bool is_chunked(O s) {
  if (!is_heap(s))
    return false;
  switch (s->type) {
  case JANK_TYPE_VECTOR_SEQ:
  case JANK_TYPE_ARRAY_SEQ:
  case JANK_TYPE_CHUNK_SEQ:
    return true;
  case JANK_TYPE_RANGE:
    return range_is_small((range_object *)s);
  default:
    return false;
  }
}

static uint32_t at_most(uint64_t n) { return n < CHUNK ? (uint32_t)n : CHUNK; }

/* Items of a chunked seq, from its first on. */
static uint32_t chunk_size(O s) {
  step_object *step = (step_object *)s;
  switch (s->type) {
  case JANK_TYPE_VECTOR_SEQ: /* to the end of a leaf */
    return at_most((step->index | (CHUNK - 1)) + 1 < step_end(step)
                       ? CHUNK - (step->index & (CHUNK - 1))
                       : step_end(step) - step->index);
  case JANK_TYPE_RANGE:
    return at_most((uint64_t)range_count((range_object *)s));
  default:
    return at_most(((array_object *)step->source)->count - step->index);
  }
}

array_object *chunk_first(O s) {
  uint32_t n = chunk_size(s);
  array_object *a = (array_object *)array_make(n);
  step_object *step = (step_object *)s;
  for (uint32_t i = 0; i < n; i++)
    switch (s->type) {
    case JANK_TYPE_VECTOR_SEQ:
      a->items[i] = vector_nth(step->source, step->index + i);
      break;
    case JANK_TYPE_RANGE: {
      range_object *r = (range_object *)s;
      a->items[i] =
          fixnum(fixnum_value(r->start) + (int64_t)i * fixnum_value(r->step));
      break;
    }
    default:
      a->items[i] = ((array_object *)step->source)->items[step->index + i];
    }
  return a;
}

/* What comes after chunk_first: a seqable. */
O chunk_rest(O s) {
  uint32_t n = chunk_size(s);
  step_object *step = (step_object *)s;
  if (s->type == JANK_TYPE_RANGE) {
    range_object *r = (range_object *)s;
    int64_t start = fixnum_value(r->start) + (int64_t)n * fixnum_value(r->step);
    return range_make(jank_box_integer(start), r->end, r->step);
  }
  if (step->index + n < (s->type == JANK_TYPE_CHUNK_SEQ
                             ? ((array_object *)step->source)->count
                             : step_end(step)))
    return s->type == JANK_TYPE_CHUNK_SEQ
               ? chunk_make((array_object *)step->source, step->index + n,
                            ((chunk_object *)s)->rest)
               : step_make((enum jank_type)s->type, step->source,
                           step->index + n);
  return s->type == JANK_TYPE_CHUNK_SEQ ? ((chunk_object *)s)->rest
                                        : empty_list;
}

O chunk_cons(array_object *items, O rest_items) {
  return items->count ? chunk_make(items, 0, rest_items) : rest_items;
}

/* f over the items; with `keep` only where the result, or for `itself` the
 * item, stays. */
array_object *chunk_map(O f, O s, enum chunk_kind kind) {
  array_object *from = chunk_first(s);
  array_object *to = (array_object *)array_make(from->count);
  uint32_t n = 0;
  for (uint32_t i = 0; i < from->count; i++) {
    O y = jank_call1(f, from->items[i]);
    bool stays = kind == CHUNK_MAP      ? true
                 : kind == CHUNK_FILTER ? truthy(y)
                 : kind == CHUNK_REMOVE ? !truthy(y)
                                        : y != JANK_NIL;
    if (stays)
      to->items[n++] =
          kind == CHUNK_MAP || kind == CHUNK_KEEP ? y : from->items[i];
  }
  to->count = n;
  return to;
}
