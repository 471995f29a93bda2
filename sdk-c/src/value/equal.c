/* equal.c - `=`, `hash` and `compare`: which of two values is asked, and the
 * answers of numbers, texts and names. All other types answer by their row.
 *
 * Equality is Clojure's: integers and doubles are never equal. Hashes are the
 * numbers that Clojure computes on the JVM, so that hash maps and sets have the
 * same order. They are kept in the object's header. Collections answer in
 * collection/same.c.
 */
#include "value/equal.h"
#include "value/box.h"
#include "value/error.h"
#include "value/string.h"
#include "value/symbol.h"
#include "value/types.h"
#include "value/word.h"
#include <math.h>
#include <string.h>

/* ---- Equality ------------------------------------------------------------ */

static bool same_text(string_object *a, string_object *b) {
  if (a == b)
    return true;
  return a && b && a->bytes == b->bytes &&
         memcmp(a->text, b->text, a->bytes) == 0;
}

bool value_equal_longs(O a, O b) {
  return is_type(a, JANK_TYPE_LONG) && is_type(b, JANK_TYPE_LONG) &&
         ((long_object *)a)->value == ((long_object *)b)->value;
}

bool value_equal_doubles(O a, O b) {
  return is_type(a, JANK_TYPE_DOUBLE) && is_type(b, JANK_TYPE_DOUBLE) &&
         ((double_object *)a)->value == ((double_object *)b)->value;
}

bool value_equal_strings(O a, O b) {
  return is_type(a, JANK_TYPE_STRING) && is_type(b, JANK_TYPE_STRING) &&
         same_text((string_object *)a, (string_object *)b);
}

bool value_equal_symbols(O a, O b) {
  symbol_object *x = (symbol_object *)a, *y = (symbol_object *)b;
  return is_type(a, JANK_TYPE_SYMBOL) && is_type(b, JANK_TYPE_SYMBOL) &&
         same_text(x->name, y->name) && same_text(x->ns, y->ns);
}

static bool ask(const type_row *row, O a, O b) {
  return row->equal && row->equal(a, b);
}

/* Of two objects the later type is asked. But a number, a text or a name on the
 * left knows by itself: no instance is asked whether it is equal to that.
 *
 * These types are what maps compare their keys by. They are cases of a switch, though
 * their rows say the same: a call through the table for each key is what a lookup
 * would mostly consist of. */
static bool equal_objects(O a, O b) {
  switch (a->type) {
  case JANK_TYPE_KEYWORD:
    return false;
  case JANK_TYPE_STRING:
    return value_equal_strings(a, b);
  case JANK_TYPE_SYMBOL:
    return value_equal_symbols(a, b);
  case JANK_TYPE_LONG:
  case JANK_TYPE_DOUBLE:
    if (b->type != JANK_TYPE_BIGNUM)
      return ask(&types[a->type], a, b);
    break;
  default:
    break;
  }
  return ask(&types[a->type > b->type ? a->type : b->type], a, b);
}

/* The same word first: keywords, small integers, and whatever is compared with itself,
 * end here. */
bool value_equal(O a, O b) {
  if (a == b) /* but NaN is not equal to itself */
    return !is_type(a, JANK_TYPE_DOUBLE) || !isnan(((double_object *)a)->value);
  if (is_heap(a) && is_heap(b))
    return equal_objects(a, b);
  O big = is_heap(a) ? a : b; /* 1 and 1N are equal */
  return is_type(big, JANK_TYPE_BIGNUM) && ask(&types[JANK_TYPE_BIGNUM], a, b);
}

int jank_equal(O a, O b) { return value_equal(a, b); }

/* ---- Hashes: Murmur3 over the JVM's own hash codes ----------------------- */

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

uint32_t value_hash_int(uint32_t n) {
  return n == 0 ? 0 : mix_end(mix_word(0, n), 4);
}

static uint32_t hash_integer(int64_t n) {
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

uint32_t value_hash_mix(uint32_t h, uint32_t count) {
  return mix_end(mix_word(0, h), count);
}

uint32_t value_hash_address(O o) { /* nothing moves */
  return value_hash_int((uint32_t)((uintptr_t)o >> 3));
}

uint32_t value_hash_long(O o) {
  return hash_integer(((long_object *)o)->value);
}

uint32_t value_hash_double(O o) {
  return hash_double(((double_object *)o)->value);
}

uint32_t value_hash_string(O o) {
  return value_hash_int(java_hash((string_object *)o));
}

uint32_t value_hash_symbol(O o) { return hash_symbol((symbol_object *)o); }

uint32_t value_hash_keyword(O o) {
  return hash_symbol((symbol_object *)o) + 0x9e3779b9u;
}

uint32_t value_hash(O o) {
  if (is_heap(o)) {
    if (!o->hash)
      o->hash =
          types[o->type].hash ? types[o->type].hash(o) : value_hash_address(o);
    return o->hash;
  }
  if (is_fixnum(o))
    return hash_integer(fixnum_value(o));
  if (is_char(o))
    return char_value(o);
  return o == JANK_TRUE ? 1231 : o == JANK_FALSE ? 1237 : 0;
}

/* ---- Order --------------------------------------------------------------- */

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

int value_compare_strings(O a, O b) {
  if (!is_type(b, JANK_TYPE_STRING))
    error_type("compare", "a string", b);
  return compare_text((string_object *)a, (string_object *)b);
}

int value_compare_symbols(O a, O b) {
  if (!is_type(b, (enum jank_type)a->type))
    error_type("compare",
               a->type == JANK_TYPE_KEYWORD ? "a keyword" : "a symbol", b);
  return compare_symbols((symbol_object *)a, (symbol_object *)b);
}

static int compare_immediate(O a, O b) {
  if (is_fixnum(a))
    return types[JANK_TYPE_LONG].compare(a, b);
  if (is_char(a)) {
    if (!is_char(b))
      error_type("compare", "a character", b);
    return (int)char_value(a) - (int)char_value(b);
  }
  if (!is_boolean(a))
    error_type("compare", "something that has an order", a);
  if (!is_boolean(b))
    error_type("compare", "a boolean", b);
  return a == JANK_TRUE ? 1 : -1;
}

int value_compare(O a, O b) {
  if (a == b)
    return 0;
  if (a == JANK_NIL || b == JANK_NIL)
    return a == JANK_NIL ? -1 : 1;
  if (!is_heap(a))
    return compare_immediate(a, b);
  if (!types[a->type].compare)
    error_type("compare", "something that has an order", a);
  return types[a->type].compare(a, b);
}
