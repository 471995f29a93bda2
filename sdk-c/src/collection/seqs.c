/* seqs.c - the seqs that step through something: arrays, vectors, strings, ranges,
 * and chunks, which are some items of a seq at a time. */
#include "collection/seqs.h"
#include "collection/array.h"
#include "collection/list.h"
#include "collection/vector.h"
#include "number/number.h"
#include "value/box.h"
#include "value/error.h"
#include "value/gc.h"
#include "value/poll.h"
#include "value/string.h"
#include "value/word.h"

void seqs_step_trace(O o) {
  step_object *s = (step_object *)o;
  gc_mark(s->source);
  gc_mark(s->meta);
}

void seqs_chunk_trace(O o) {
  seqs_step_trace(o);
  gc_mark(((chunk_object *)o)->rest);
}

void seqs_range_trace(O o) {
  range_object *r = (range_object *)o;
  gc_mark(r->start);
  gc_mark(r->end);
  gc_mark(r->step);
  gc_mark(r->meta);
}

void seqs_lazy_trace(O o) {
  lazy_object *l = (lazy_object *)o;
  gc_mark(l->thunk);
  gc_mark(l->value);
  gc_mark(l->meta);
}

/* ---- Seqs over arrays, vectors, strings ---------------------------------- */

O seqs_step(enum jank_type type, O source, uint32_t index) {
  step_object *s = gc_alloc(type, sizeof *s);
  s->source = source;
  s->index = index;
  return &s->header;
}

O seqs_over_array(array_object *a, uint32_t index) {
  return index < a->count ? seqs_step(JANK_TYPE_ARRAY_SEQ, &a->header, index)
                          : JANK_NIL;
}

uint32_t seqs_step_end(const step_object *s) {
  switch (s->header.type) {
  case JANK_TYPE_VECTOR_SEQ:
    return vector_count(s->source);
  case JANK_TYPE_STRING_SEQ:
    return ((string_object *)s->source)->units;
  default:
    return ((array_object *)s->source)->count;
  }
}

O seqs_step_next(step_object *s) {
  return s->index + 1 < seqs_step_end(s)
             ? seqs_step((enum jank_type)s->header.type, s->source,
                         s->index + 1)
             : JANK_NIL;
}

/* ---- Ranges -------------------------------------------------------------- */

/* end nil: always. A step of 0 goes on for ever, unless start is the end. */
static bool in_range(O at, O end, O step) {
  if (end == JANK_NIL)
    return true;
  int direction = number_compare(step, fixnum(0));
  return direction > 0   ? jank_lt(at, end)
         : direction < 0 ? jank_gt(at, end)
                         : number_compare(at, end) != 0; /* without end */
}

O seqs_range(O start, O end, O step) {
  if (!box_is_number(start) || !box_is_number(step) ||
      (end != JANK_NIL && !box_is_number(end)))
    error_type("range", "a number",
               !box_is_number(start)  ? start
               : !box_is_number(step) ? step
                                      : end);
  if (!in_range(start, end, step))
    return list_empty;
  range_object *r = gc_alloc(JANK_TYPE_RANGE, sizeof *r);
  r->start = start;
  r->end = end;
  r->step = step;
  return &r->header;
}

O seqs_range_next(range_object *r) {
  O at = jank_add(r->start, r->step);
  if (!in_range(at, r->end, r->step))
    return JANK_NIL;
  range_object *result = gc_alloc(JANK_TYPE_RANGE, sizeof *result);
  result->start = at;
  result->end = r->end;
  result->step = r->step;
  return &result->header;
}

bool seqs_range_is_small(const range_object *r) {
  return is_fixnum(r->start) && is_fixnum(r->end) && is_fixnum(r->step) &&
         fixnum_value(r->step) != 0;
}

int64_t seqs_range_count(range_object *r) {
  if (seqs_range_is_small(r)) {
    int64_t step = fixnum_value(r->step);
    int64_t distance = fixnum_value(r->end) - fixnum_value(r->start);
    return (distance + step + (step > 0 ? -1 : 1)) / step;
  }
  int64_t n = 0;
  for (O s = &r->header; s != JANK_NIL;
       s = seqs_range_next((range_object *)s), n++)
    poll();
  return n;
}

/* ---- Lazy seqs: seq.c forces them ---------------------------------------- */

O seqs_lazy(O thunk) {
  lazy_object *l = gc_alloc(JANK_TYPE_LAZY_SEQ, sizeof *l);
  l->thunk = thunk;
  return &l->header;
}

bool seqs_lazy_is_realized(O o) { return o->flags != LAZY_PENDING; }

/* ---- Chunks: what map and filter work on --------------------------------- */

enum { CHUNK = 32 };

O seqs_chunk(array_object *items, uint32_t index, O rest) {
  chunk_object *c = gc_alloc(JANK_TYPE_CHUNK_SEQ, sizeof *c);
  c->source = &items->header;
  c->index = index;
  c->rest = rest;
  return &c->header;
}

/* A range only when its items need no arithmetic that could throw or allocate. */
bool seqs_is_chunked(O s) {
  if (!is_heap(s))
    return false;
  switch (s->type) {
  case JANK_TYPE_VECTOR_SEQ:
  case JANK_TYPE_ARRAY_SEQ:
  case JANK_TYPE_CHUNK_SEQ:
    return true;
  case JANK_TYPE_RANGE:
    return seqs_range_is_small((range_object *)s);
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
    return at_most((step->index | (CHUNK - 1)) + 1 < seqs_step_end(step)
                       ? CHUNK - (step->index & (CHUNK - 1))
                       : seqs_step_end(step) - step->index);
  case JANK_TYPE_RANGE:
    return at_most((uint64_t)seqs_range_count((range_object *)s));
  default:
    return at_most(((array_object *)step->source)->count - step->index);
  }
}

array_object *seqs_chunk_first(O s) {
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

/* What comes after seqs_chunk_first: a seqable. */
O seqs_chunk_rest(O s) {
  uint32_t n = chunk_size(s);
  step_object *step = (step_object *)s;
  if (s->type == JANK_TYPE_RANGE) {
    range_object *r = (range_object *)s;
    int64_t start = fixnum_value(r->start) + (int64_t)n * fixnum_value(r->step);
    return seqs_range(jank_box_integer(start), r->end, r->step);
  }
  if (step->index + n < (s->type == JANK_TYPE_CHUNK_SEQ
                             ? ((array_object *)step->source)->count
                             : seqs_step_end(step)))
    return s->type == JANK_TYPE_CHUNK_SEQ
               ? seqs_chunk((array_object *)step->source, step->index + n,
                            ((chunk_object *)s)->rest)
               : seqs_step((enum jank_type)s->type, step->source,
                           step->index + n);
  return s->type == JANK_TYPE_CHUNK_SEQ ? ((chunk_object *)s)->rest
                                        : list_empty;
}

O seqs_chunk_cons(array_object *items, O rest_items) {
  return items->count ? seqs_chunk(items, 0, rest_items) : rest_items;
}

/* ---- Metadata ------------------------------------------------------------ */

O seqs_meta(O o) {
  switch (o->type) {
  case JANK_TYPE_LAZY_SEQ:
    return ((lazy_object *)o)->meta;
  case JANK_TYPE_RANGE:
    return ((range_object *)o)->meta;
  default:
    return ((step_object *)o)->meta;
  }
}

O seqs_range_with_meta(O o, O meta) {
  const range_object *r = (range_object *)o;
  range_object *copy = (range_object *)seqs_range(r->start, r->end, r->step);
  copy->meta = meta;
  return &copy->header;
}

O seqs_step_with_meta(O o, O meta) {
  const step_object *s = (step_object *)o;
  step_object *copy =
      (step_object *)seqs_step((enum jank_type)o->type, s->source, s->index);
  copy->meta = meta;
  return &copy->header;
}
