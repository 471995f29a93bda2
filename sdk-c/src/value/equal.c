/* equal.c - `=`, `hash` and `compare` over every type of value.
 *
 * Equality is Clojure's: integers and doubles are never equal; sequential
 * collections are equal when their elements are, whatever their types; maps and
 * sets by content; all else by identity. Hashes are the numbers that Clojure
 * computes on the JVM, so that hash maps and sets have the same order. They are
 * kept in the object's header.
 *
 * Long collections are walked in a loop; nested ones recurse, until the stack
 * limit throws StackOverflowError.
 */
#include "value/equal.h"
#include "collection/entry.h"
#include "collection/list.h"
#include "collection/map.h"
#include "collection/seq.h"
#include "collection/set.h"
#include "collection/vector.h"
#include "number/number.h"
#include "number/tower.h"
#include "runtime/type.h"
#include "value/box.h"
#include "value/string.h"
#include "value/symbol.h"
#include "value/throw.h"
#include "value/word.h"
#include <math.h>
#include <string.h>

/* Throws when the stack is used up. The array makes the frame of a caller that
 * recurses as large for the linear stack as it is for the engine's own. */
#define STACK_GUARD()                                                          \
  volatile char guard_[128];                                                   \
  guard_[0] = 0;                                                               \
  if ((uintptr_t)&guard_[0] < jank_stack_limit())                              \
  jank_stack_overflow()

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

/* ---- Equality
 * ------------------------------------------------------------------- */

static bool same_text(string_object *a, string_object *b) {
  if (a == b)
    return true;
  return a && b && a->bytes == b->bytes &&
         memcmp(a->text, b->text, a->bytes) == 0;
}

static bool equal_symbols(O a, O b) {
  symbol_object *x = (symbol_object *)a, *y = (symbol_object *)b;
  return same_text(x->name, y->name) && same_text(x->ns, y->ns);
}

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

static bool equal_sequential(O a, O b) {
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
static bool equal_entries(O a, O b) {
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

static bool equal_elements(O a, O b) {
  if (coll_count(a) != coll_count(b))
    return false;
  for (O s = seq(a); s != JANK_NIL; s = seq_next_polled(s))
    if (!coll_contains(b, seq_first(s)))
      return false;
  return true;
}

static bool equal_instances(O a, O b) {
  if (is_record(a) || is_record(b))
    return is_record(a) && is_record(b) && record_equal(a, b);
  bool left = is_type(a, JANK_TYPE_INSTANCE);
  O own = left ? a : b, other = left ? b : a;
  if (instance_method(own, METHOD_equiv))
    return truthy(instance_call(own, METHOD_equiv, 1, &other));
  if (instance_method(own, METHOD_equals))
    return truthy(instance_call(own, METHOD_equals, 1, &other));
  if (seq_is_map(a) && seq_is_map(b))
    return equal_entries(a, b);
  if (seq_is_set(a) && seq_is_set(b))
    return equal_elements(a, b);
  return seq_is_sequential(a) && seq_is_sequential(b) && equal_sequential(a, b);
}

static bool equal_objects(O a, O b) {
  STACK_GUARD();
  if (a->type == JANK_TYPE_INSTANCE || b->type == JANK_TYPE_INSTANCE)
    return equal_instances(a, b);
  if (seq_is_map(a) && seq_is_map(b) && a->type != b->type)
    return equal_entries(a, b);
  if (seq_is_set(a) && seq_is_set(b) && a->type != b->type)
    return equal_elements(a, b);
  switch (a->type) {
  case JANK_TYPE_MAP:
    return b->type == JANK_TYPE_MAP && equal_maps(a, b);
  case JANK_TYPE_SET:
    return b->type == JANK_TYPE_SET && equal_sets(a, b);
  case JANK_TYPE_SORTED_MAP:
    return b->type == a->type && equal_entries(a, b);
  case JANK_TYPE_SORTED_SET:
    return b->type == a->type && equal_elements(a, b);
  default:
    return seq_is_sequential(a) && seq_is_sequential(b) &&
           equal_sequential(a, b);
  }
}

bool value_equal(O a, O b) {
  if (a == b) /* but NaN is not equal to itself */
    return !is_type(a, JANK_TYPE_DOUBLE) || !isnan(((double_object *)a)->value);
  if (is_type(a, JANK_TYPE_BIGNUM) || is_type(b, JANK_TYPE_BIGNUM))
    return box_is_number(a) && box_is_number(b) &&
           !is_type(a, JANK_TYPE_DOUBLE) && !is_type(b, JANK_TYPE_DOUBLE) &&
           tower_equal(a, b);
  if (!is_heap(a) || !is_heap(b))
    return false;
  switch (a->type) {
  case JANK_TYPE_KEYWORD:
    return false;
  case JANK_TYPE_LONG:
    return b->type == JANK_TYPE_LONG &&
           ((long_object *)a)->value == ((long_object *)b)->value;
  case JANK_TYPE_DOUBLE:
    return b->type == JANK_TYPE_DOUBLE &&
           ((double_object *)a)->value == ((double_object *)b)->value;
  case JANK_TYPE_STRING:
    return b->type == JANK_TYPE_STRING &&
           same_text((string_object *)a, (string_object *)b);
  case JANK_TYPE_SYMBOL:
    return b->type == JANK_TYPE_SYMBOL && equal_symbols(a, b);
  default:
    return equal_objects(a, b);
  }
}

int jank_equal(O a, O b) { return value_equal(a, b); }

/* ---- Hashes: Murmur3 over the JVM's own hash codes
 * ---------------------------------- */

static uint32_t rotate(uint32_t x, int n) { return x << n | x >> (32 - n); }

static uint32_t mix_word(uint32_t h, uint32_t k) {
  k = rotate(k * 0xcc9e2d51u, 15) * 0x1b873593u;
  return rotate(h ^ k, 13) * 5 + 0xe6546b64u;
}

static uint32_t mix_end(uint32_t h, uint32_t length) {
  h ^= length;
  h = (h ^ h >> 16) * 0x85ebca6bu;
  h = (h ^ h >> 13) * 0xc2b2ae35u;
  return h ^ h >> 16;
}

static uint32_t hash_int(uint32_t n) {
  return n == 0 ? 0 : mix_end(mix_word(0, n), 4);
}

static uint32_t hash_long(int64_t n) {
  uint64_t u = (uint64_t)n;
  if (n == 0)
    return 0;
  return mix_end(mix_word(mix_word(0, (uint32_t)u), (uint32_t)(u >> 32)), 8);
}

static uint32_t hash_double(double d) {
  uint64_t bits;
  if (d == 0)
    return 0;
  if (isnan(d))
    return 0x7ff80000;
  memcpy(&bits, &d, sizeof bits);
  return (uint32_t)(bits ^ bits >> 32);
}

/* UTF-16 code units of a string, one after the other. */
typedef struct {
  const unsigned char *at, *end;
  uint32_t low; /* the second unit of a pair, 0: none */
} units;

static units units_of(string_object *s) {
  const unsigned char *text = (const unsigned char *)s->text;
  return (units){text, text + s->bytes, 0};
}

static bool units_next(units *u, uint32_t *unit) {
  if (u->low) {
    *unit = u->low;
    u->low = 0;
    return true;
  }
  if (u->at >= u->end)
    return false;
  uint32_t c = *u->at++;
  int more = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
  if (more)
    c &= 0x3fu >> more;
  while (more-- && u->at < u->end)
    c = c << 6 | (*u->at++ & 0x3fu);
  if (c >= 0x10000) {
    u->low = 0xdc00 + ((c - 0x10000) & 0x3ff);
    c = 0xd800 + ((c - 0x10000) >> 10);
  }
  *unit = c;
  return true;
}

/* String.hashCode. */
static uint32_t java_hash(string_object *s) {
  uint32_t h = 0, unit;
  if (!s)
    return 0;
  for (units u = units_of(s); units_next(&u, &unit);)
    h = h * 31 + unit;
  return h;
}

/* Murmur3 of the units themselves, two in a word. */
static uint32_t hash_units(string_object *s) {
  uint32_t h = 0, low, high;
  for (units u = units_of(s); units_next(&u, &low);) {
    if (units_next(&u, &high)) {
      h = mix_word(h, low | high << 16);
    } else {
      h ^= rotate(low * 0xcc9e2d51u, 15) * 0x1b873593u;
      break;
    }
  }
  return mix_end(h, 2 * s->units);
}

static uint32_t hash_symbol(symbol_object *s) {
  uint32_t h = hash_units(s->name);
  uint32_t shifted = h >> 2 | (h & 0x80000000u ? 0xc0000000u : 0);
  return h ^ (java_hash(s->ns) + 0x9e3779b9u + (h << 6) + shifted);
}

static uint32_t mix_collection(uint32_t h, uint32_t count) {
  return mix_end(mix_word(0, h), count);
}

static uint32_t hash_ordered(O o) {
  uint32_t h = 1, n = 0;
  if (is_indexed(o)) {
    for (uint32_t size = indexed_count(o); n < size; n++)
      h = 31 * h + value_hash(indexed_item(o, n));
  } else {
    for (O s = seq(o); s != JANK_NIL; s = seq_next_polled(s), n++)
      h = 31 * h + value_hash(seq_first(s));
  }
  return mix_collection(h, n);
}

static bool add_entry(void *sum, O key, O value) {
  *(uint32_t *)sum +=
      mix_collection(31 * (31 + value_hash(key)) + value_hash(value), 2);
  return true;
}

static bool add_element(void *sum, O key, O value) {
  *(uint32_t *)sum += value_hash(key);
  return true;
}

static uint32_t hash_collection(O o) {
  STACK_GUARD();
  uint32_t sum = 0, n = 0;
  bool map = o->type != JANK_TYPE_MAP && seq_is_map(o);
  if (map || (o->type != JANK_TYPE_SET && seq_is_set(o))) {
    for (O s = seq(o); s != JANK_NIL; s = seq_next_polled(s), n++)
      sum += map ? hash_ordered(seq_first(s)) : value_hash(seq_first(s));
    return mix_collection(sum, n);
  }
  if (o->type == JANK_TYPE_MAP) {
    map_each(o, add_entry, &sum);
    return mix_collection(sum, map_count(o));
  }
  if (o->type == JANK_TYPE_SET) {
    map_each(((set_object *)o)->map, add_element, &sum);
    return mix_collection(sum, set_count(o));
  }
  return hash_ordered(o);
}

static uint32_t hash_instance(O o) {
  if (is_record(o))
    return record_hash(o);
  static const enum type_method methods[] = {METHOD_hasheq, METHOD_hashCode};
  for (int i = 0; i < 2; i++)
    if (instance_method(o, methods[i]))
      return (uint32_t)jank_unbox_integer(
          instance_call(o, methods[i], 0, NULL));
  if (seq_is_sequential(o) || seq_is_map(o) || seq_is_set(o))
    return hash_collection(o);
  return hash_int((uint32_t)((uintptr_t)o >> 3));
}

static uint32_t hash_object(O o) {
  switch (o->type) {
  case JANK_TYPE_LONG:
    return hash_long(((long_object *)o)->value);
  case JANK_TYPE_DOUBLE:
    return hash_double(((double_object *)o)->value);
  case JANK_TYPE_BIGNUM:
    return tower_hash(o);
  case JANK_TYPE_STRING:
    return hash_int(java_hash((string_object *)o));
  case JANK_TYPE_SYMBOL:
    return hash_symbol((symbol_object *)o);
  case JANK_TYPE_KEYWORD:
    return hash_symbol((symbol_object *)o) + 0x9e3779b9u;
  case JANK_TYPE_MAP:
  case JANK_TYPE_SET:
  case JANK_TYPE_SORTED_MAP:
  case JANK_TYPE_SORTED_SET:
    return hash_collection(o);
  case JANK_TYPE_INSTANCE:
    return hash_instance(o);
  default:
    if (seq_is_sequential(o))
      return hash_collection(o);
    return hash_int((uint32_t)((uintptr_t)o >> 3)); /* nothing moves */
  }
}

uint32_t value_hash(O o) {
  if (is_heap(o)) {
    if (!o->hash)
      o->hash = hash_object(o);
    return o->hash;
  }
  if (is_fixnum(o))
    return hash_long(fixnum_value(o));
  if (is_char(o))
    return char_value(o);
  return o == JANK_TRUE ? 1231 : o == JANK_FALSE ? 1237 : 0;
}

/* ---- Order
 * -----------------------------------------------------------------------------
 */

/* String.compareTo: the difference of the first units that differ, else of the
 * lengths. */
static int compare_text(string_object *a, string_object *b) {
  units u = units_of(a), v = units_of(b);
  uint32_t x, y;
  while (units_next(&u, &x) && units_next(&v, &y))
    if (x != y)
      return (int)x - (int)y;
  return (int)a->units - (int)b->units;
}

static int compare_symbols(symbol_object *a, symbol_object *b) {
  if (!a->ns != !b->ns)
    return a->ns ? 1 : -1;
  int order = a->ns ? compare_text(a->ns, b->ns) : 0;
  return order ? order : compare_text(a->name, b->name);
}

static int compare_indexed(O a, O b) {
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

bool equal_is_boolean(O o) { return o == JANK_TRUE || o == JANK_FALSE; }

/* What `a` can be compared with, NULL: nothing. */
static const char *comparable_with(O a) {
  if (box_is_number(a))
    return "a number";
  if (is_char(a))
    return "a character";
  if (equal_is_boolean(a))
    return "a boolean";
  switch (a->type) {
  case JANK_TYPE_STRING:
    return "a string";
  case JANK_TYPE_KEYWORD:
    return "a keyword";
  case JANK_TYPE_SYMBOL:
    return "a symbol";
  case JANK_TYPE_VECTOR:
  case JANK_TYPE_MAP_ENTRY:
    return "a vector";
  default:
    return NULL;
  }
}

int value_compare(O a, O b) {
  if (a == b)
    return 0;
  if (a == JANK_NIL || b == JANK_NIL)
    return a == JANK_NIL ? -1 : 1;
  if (box_is_number(a) && box_is_number(b))
    return number_compare(a, b);
  if (is_char(a) && is_char(b))
    return (int)char_value(a) - (int)char_value(b);
  if (equal_is_boolean(a) && equal_is_boolean(b))
    return a == JANK_TRUE ? 1 : -1;
  if (is_heap(a) && is_heap(b)) {
    if (a->type == JANK_TYPE_STRING && b->type == JANK_TYPE_STRING)
      return compare_text((string_object *)a, (string_object *)b);
    if (a->type == b->type &&
        (a->type == JANK_TYPE_KEYWORD || a->type == JANK_TYPE_SYMBOL))
      return compare_symbols((symbol_object *)a, (symbol_object *)b);
    if (is_indexed(a) && is_indexed(b))
      return compare_indexed(a, b);
  }
  if (is_type(a, JANK_TYPE_INSTANCE) && instance_method(a, METHOD_compareTo))
    return (int)jank_unbox_integer(instance_call(a, METHOD_compareTo, 1, &b));
  const char *expected = comparable_with(a);
  if (expected)
    error_type("compare", expected, b);
  error_type("compare", "something that has an order", a);
}

/* ---- Builtins
 * ----------------------------------------------------------------------------
 */

void collections_init(void) {
  list_init();
  vector_init();
  map_init();
  set_init();
}
