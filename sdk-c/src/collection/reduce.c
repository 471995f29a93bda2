/* reduce.c - reduce, and what map and filter do with a chunk: walks through what
 * steps, without a seq for each item. */
#include "collection/reduce.h"
#include "collection/array.h"
#include "collection/kind.h"
#include "collection/seq.h"
#include "collection/seqs.h"
#include "collection/vector.h"
#include "value/gc.h"
#include "value/poll.h"
#include "value/word.h"

void reduce_trace(O o) { gc_mark(((reduced_object *)o)->value); }

O reduce_done(O value) {
  reduced_object *r = gc_alloc(JANK_TYPE_REDUCED, sizeof *r);
  r->value = value;
  return &r->header;
}

static bool is_reduced(O o) { return is_type(o, JANK_TYPE_REDUCED); }
static O unwrap(O o) {
  return is_reduced(o) ? ((reduced_object *)o)->value : o;
}

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
  O acc = init;
  if (kind_of(coll) && kind_of(coll)->reduce &&
      kind_of(coll)->reduce(f, &acc, coll))
    return unwrap(acc);
  O s = is_type(coll, JANK_TYPE_VECTOR) ? coll : seq(coll);
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
    if (s->type == JANK_TYPE_RANGE && seqs_range_is_small((range_object *)s))
      return unwrap(reduce_range(f, acc, (range_object *)s));
    acc = jank_call2(f, acc, seq_first(s));
    if (!is_reduced(acc))
      s = seq_next_polled(s);
  }
  return unwrap(acc);
}

/* f over the items; with `keep` only where the result, or for `itself` the
 * item, stays. */
array_object *reduce_chunk(O f, O s, enum chunk_kind kind) {
  array_object *from = seqs_chunk_first(s);
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
