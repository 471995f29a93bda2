/* seq.c - the seq abstraction: stepping through every collection, lazily where
 * it is lazy.
 *
 * A seq is a LIST, CONS or one of the types below; nil is the empty one. A lazy
 * seq calls its thunk once; when the thunk throws, the next look tries again.
 * The other operations that dispatch on a collection's type are in coll.c.
 */
#include "collection/seq.h"
#include "collection/array.h"
#include "collection/entry.h"
#include "collection/kind.h"
#include "collection/list.h"
#include "collection/map.h"
#include "collection/seqs.h"
#include "collection/set.h"
#include "collection/sorted.h"
#include "collection/vector.h"
#include "value/error.h"
#include "value/gc.h"
#include "value/poll.h"
#include "value/string.h"
#include "value/symbol.h"
#include "value/word.h"

/* ---- What is a seq, a map, a set ----------------------------------------- */

bool seq_is(O o) {
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
    return kind_is(o, "ISeq");
  }
}

bool seq_is_sequential(O o) {
  return seq_is(o) || is_type(o, JANK_TYPE_VECTOR) ||
         is_type(o, JANK_TYPE_MAP_ENTRY) || kind_is(o, "Sequential");
}

bool seq_is_map(O o) {
  return is_type(o, JANK_TYPE_MAP) || is_type(o, JANK_TYPE_SORTED_MAP) ||
         kind_is(o, "IPersistentMap");
}

bool seq_is_set(O o) {
  return is_type(o, JANK_TYPE_SET) || is_type(o, JANK_TYPE_SORTED_SET) ||
         kind_is(o, "IPersistentSet");
}

/* ---- Lazy seqs ----------------------------------------------------------- */

/* Calls the thunk, once. It may force this very seq; then the inner call's
 * value counts, and it is LAZY_CALLED when the outer one comes back. When it
 * throws, all is as it was. */
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

/* A lazy seq whose value is a lazy seq, and so on (a filter that drops much):
 * in a loop, not by recursion. Where a thunk in the middle throws, l->value is
 * the seq that it belongs to, and the next look goes on there. */
static O lazy_force(lazy_object *l) {
  if (l->header.flags == LAZY_DONE)
    return l->value;
  STACK_GUARD();
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

/* ---- seq, first, next, rest ---------------------------------------------- */

static O entry_seq(O o) {
  map_entry_object *e = (map_entry_object *)o;
  return list_cons(e->key, list_cons(e->value, list_empty));
}

static _Noreturn void no_seq(O o) {
  error_throw("IllegalArgumentException",
              "Don't know how to create ISeq from: %s", error_class_name(o));
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
    return vector_count(coll) ? seqs_step(JANK_TYPE_VECTOR_SEQ, coll, 0)
                              : JANK_NIL;
  case JANK_TYPE_MAP:
    return map_seq(coll);
  case JANK_TYPE_SET:
    return set_seq(coll);
  case JANK_TYPE_MAP_ENTRY:
    return entry_seq(coll);
  case JANK_TYPE_ARRAY:
    return seqs_over_array((array_object *)coll, 0);
  case JANK_TYPE_STRING:
    return ((string_object *)coll)->units
               ? seqs_step(JANK_TYPE_STRING_SEQ, coll, 0)
               : JANK_NIL;
  default: {
    const struct coll_kind *kind = kind_of(coll);
    if (kind && kind->seq)
      return kind->seq(coll);
    no_seq(coll);
  }
  }
}

O seq_first(O coll) {
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
    return sorted_seq_first(s);
  case JANK_TYPE_LIST:
  case JANK_TYPE_CONS:
    return ((cons_object *)s)->first;
  default:
    return kind_of(s)->first(s);
  }
}

/* What comes after its first item: a seqable. */
static O chunk_rest(chunk_object *c) {
  array_object *items = (array_object *)c->source;
  return c->index + 1 < items->count ? seqs_chunk(items, c->index + 1, c->rest)
                                     : c->rest;
}

static O chunk_next(chunk_object *c) { return seq(chunk_rest(c)); }

O seq_next(O coll) {
  O s = seq(coll);
  if (s == JANK_NIL)
    return JANK_NIL;
  switch (s->type) {
  case JANK_TYPE_ARRAY_SEQ:
  case JANK_TYPE_VECTOR_SEQ:
  case JANK_TYPE_STRING_SEQ:
    return seqs_step_next((step_object *)s);
  case JANK_TYPE_MAP_SEQ:
    return map_seq_next(s);
  case JANK_TYPE_RANGE:
    return seqs_range_next((range_object *)s);
  case JANK_TYPE_TREE_SEQ:
    return sorted_seq_next(s);
  case JANK_TYPE_CHUNK_SEQ:
    return chunk_next((chunk_object *)s);
  case JANK_TYPE_LIST:
  case JANK_TYPE_CONS:
    return seq(((cons_object *)s)->rest);
  default:
    return seq(kind_of(s)->next(s));
  }
}

O seq_next_polled(O coll) {
  poll();
  return seq_next(coll);
}

O seq_rest(O coll) {
  O s = seq(coll);
  if (s == JANK_NIL)
    return list_empty;
  chunk_object *c = (chunk_object *)s;
  bool last = s->type == JANK_TYPE_CHUNK_SEQ &&
              c->index + 1 == ((array_object *)c->source)->count;
  O more = last ? c->rest
           : s->type == JANK_TYPE_CONS || s->type == JANK_TYPE_LIST
               ? ((cons_object *)s)->rest
               : seq_next(s);
  return more == JANK_NIL ? list_empty : more;
}

O seq_cons(O x, O coll) {
  if (coll == JANK_NIL)
    return list_cons(x, list_empty);
  if (seq_is(coll))
    return list_cell(x, coll);
  O s = seq(coll);
  return s == JANK_NIL ? list_cons(x, list_empty) : list_cell(x, s);
}

/* ---- Forms --------------------------------------------------------------- */

bool seq_head_is(O form, const char *name) {
  return seq_is(form) && symbol_is(seq_first(form), NULL, name) &&
         is_type(seq_first(form), JANK_TYPE_SYMBOL);
}

O seq_unquote(O form) {
  return seq_head_is(form, "quote") ? seq_first(seq_next(form)) : form;
}

/* ---- What is known of a seq without running anything --------------------- */

bool seq_known(O *s) {
  while (is_type(*s, JANK_TYPE_LAZY_SEQ)) {
    if ((*s)->flags != LAZY_DONE)
      return false;
    *s = ((lazy_object *)*s)->value;
  }
  if (kind_of(*s))
    return false;
  *s = seq(*s);
  return true;
}

bool seq_next_known(O *s) {
  switch ((*s)->type) {
  case JANK_TYPE_LIST:
  case JANK_TYPE_CONS:
    *s = ((cons_object *)*s)->rest;
    return seq_known(s);
  case JANK_TYPE_CHUNK_SEQ:
    *s = chunk_rest((chunk_object *)*s);
    return seq_known(s);
  default:
    *s = seq_next(*s);
    return true;
  }
}

/* ---- Metadata ------------------------------------------------------------ */

O seq_lazy_with_meta(O o, O meta) {
  O s = seq(o);
  lazy_object *copy = gc_alloc(JANK_TYPE_LAZY_SEQ, sizeof *copy);
  copy->value = s;
  copy->meta = meta;
  copy->header.flags = LAZY_DONE;
  return &copy->header;
}

O seq_cell_with_meta(O o, O meta) {
  O copy = list_cell(seq_first(o), seq_rest(o));
  ((cons_object *)copy)->meta = meta;
  return copy;
}
