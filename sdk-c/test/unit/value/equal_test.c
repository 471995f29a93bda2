/* `=`, `hash` and `compare`: what is equal has one hash, and both are what Clojure
 * says on the JVM; what has no order throws, in whatever order it comes; what is
 * nested too deeply throws and no more. */
#include "collection/list.h"
#include "collection/map.h"
#include "collection/set.h"
#include "collection/vector.h"
#include "value/equal.h"
#include "value/poll.h"
#include "value/word.h"
#include "values.h"
#include <math.h>

static O vector2(O a, O b) { return jank_make_vector(2, (O[]){a, b}); }

/* ---- Equality -------------------------------------------------------------------- */

static void what_is_equal_in_clojure_is_equal(void) {
  O a = keyword("a");
  O items[] = {integer(1), text("x"), a};
  O vector = jank_make_vector(3, items), list = jank_make_list(3, items);
  CHECK(value_equal(vector, list) && value_equal(list, vector));
  CHECK(!value_equal(vector, jank_make_list(2, items)));
  CHECK(!value_equal(jank_make_list(0, NULL), JANK_NIL));
  CHECK(value_equal(vector_empty, list_empty));
  CHECK(!value_equal(map_empty, set_empty) &&
        !value_equal(map_empty, vector_empty));
  CHECK(!value_equal(integer(1), jank_box_double(1)));
  CHECK(value_equal(jank_box_double(0.0), jank_box_double(-0.0)));
  O nan = jank_box_double(NAN);
  CHECK(!value_equal(nan, nan));
  CHECK(value_equal(jank_make_symbol("n", "a"), jank_make_symbol("n", "a")));
  CHECK(!value_equal(jank_make_symbol("n", "a"), jank_make_symbol(NULL, "a")));
  CHECK(!value_equal(a, jank_make_symbol(NULL, "a")));
  CHECK(value_equal(integer(INT64_C(1) << 50), integer(INT64_C(1) << 50)));
  CHECK(jank_equal(vector, list) == 1 && jank_equal(vector, a) == 0);
}

/* Each is equal to itself, made twice, and to nothing else. */
static O sample(int i) {
  switch (i) {
  case 0:
    return JANK_NIL;
  case 1:
    return JANK_TRUE;
  case 2:
    return JANK_FALSE;
  case 3:
    return integer(1);
  case 4:
    return integer(JANK_FIXNUM_MAX + 1);
  case 5:
    return integer(INT64_MIN);
  case 6:
    return jank_box_double(1);
  case 7:
    return jank_box_double(-INFINITY);
  case 8:
    return jank_make_character('1');
  case 9:
    return text("1");
  case 10:
    return text("");
  case 11:
    return keyword("a");
  case 12:
    return jank_make_keyword("a", "a");
  case 13:
    return symbol("a");
  case 14:
    return jank_make_symbol("a", "a");
  case 15:
    return text("a");
  case 16:
    return vector_empty;
  case 17:
    return map_empty;
  case 18:
    return set_empty;
  case 19:
    return jank_make_vector(1, (O[]){JANK_NIL});
  case 20:
    return jank_make_set(1, (O[]){JANK_NIL});
  case 21:
    return jank_make_map(1, (O[]){JANK_NIL, JANK_NIL});
  case 22:
    return text("a\0b");
  case 23:
    return jank_make_string_n("a\0b", 3);
  default:
    return jank_make_string_n("a\0c", 3);
  }
}

enum { SAMPLES = 25 };

static void a_value_is_equal_to_its_like_and_to_no_other(void) {
  for (int i = 0; i < SAMPLES; i++)
    for (int k = 0; k < SAMPLES; k++) {
      /* A C text ends at its NUL. */
      bool same = i == k || (i == 22 && k == 15) || (i == 15 && k == 22);
      O a = sample(i), b = sample(k);
      CHECK(value_equal(a, b) == same && value_equal(b, a) == same);
      CHECK(!same || value_hash(a) == value_hash(b));
    }
}

/* ---- Hashes ---------------------------------------------------------------------- */

static int32_t h(O o) { return (int32_t)value_hash(o); }

static void a_hash_is_what_clojure_computes(void) {
  O one = integer(1), two = integer(2), a = keyword("a");
  CHECK(h(text("abc")) == 74834163);
  CHECK(h(text("")) == 0);
  CHECK(h(text("a")) == 1455541201);
  CHECK(h(text("h\xc3\xa9llo")) == 162369042);
  CHECK(h(text("\xf0\x9f\x98\x80!")) == 141366000);
  CHECK(h(text("Aa")) == -506449132 && h(text("BB")) == -506449132);
  CHECK(h(a) == -2123407586);
  CHECK(h(jank_make_keyword("a", "b")) == 1482224565);
  CHECK(h(jank_make_symbol(NULL, "a")) == -482876059);
  CHECK(h(jank_make_symbol("x", "y")) == -117328369);
  CHECK(h(vector2(one, two)) == 156247261);
  CHECK(h(jank_make_list(2, (O[]){one, two})) == 156247261);
  CHECK(h(vector_empty) == -2017569654 && h(list_empty) == -2017569654);
  CHECK(h(map_empty) == -15128758 && h(set_empty) == -15128758);
  CHECK(h(map_assoc(map_empty, a, one)) == 1772842048);
  O nested[] = {a, one, keyword("b"), vector2(two, text("x"))};
  CHECK(h(jank_make_map(2, nested)) == -1131235864);
  CHECK(h(jank_make_set(3, (O[]){one, two, integer(3)})) == 439094965);
  O list[] = {one, text("x"), keyword("k")};
  CHECK(h(jank_make_list(3, list)) == -2057261612);
  CHECK(h(integer(0)) == 0 && h(one) == 1392991556);
  CHECK(h(integer(-1)) == 1651860712);
  CHECK(h(integer(INT64_C(1) << 32)) == 987256456);
  CHECK(h(integer(INT64_MIN)) == 1366273829);
  CHECK(h(jank_box_double(1.5)) == 1073217536);
  CHECK(h(jank_box_double(100)) == 1079574528);
  CHECK(h(jank_box_double(-0.0)) == 0);
  CHECK(h(jank_box_double(NAN)) == 2146959360);
  CHECK(h(jank_make_character('a')) == 97);
  CHECK(h(JANK_NIL) == 0 && h(JANK_TRUE) == 1231 && h(JANK_FALSE) == 1237);
}

static void a_hash_is_kept_and_an_object_without_one_has_its_address(void) {
  O s = text("abc");
  CHECK(s->hash == 0);
  uint32_t hash = value_hash(s);
  CHECK(s->hash == hash && value_hash(s) == hash);
  O code = jank_make_vector(1, &s); /* its nodes have no hash of their own */
  CHECK(value_hash_address(code) == value_hash_address(code));
  CHECK(value_hash_address(code) != value_hash_address(s));
  CHECK(value_hash_int(0) == 0 && value_hash_int(1) != value_hash_int(2));
  CHECK(value_hash_mix(0, 0) == value_hash(map_empty));
}

/* ---- Order ----------------------------------------------------------------------- */

static O compare_mixed(void *context) {
  return integer(value_compare(text("a"), integer(1)));
}

static O compare_maps(void *context) {
  return integer(value_compare(map_empty, set_empty));
}

static void order_is_clojures(void) {
  O a = keyword("a"), ab = jank_make_keyword("a", "b"),
    ba = jank_make_keyword("b", "a");
  CHECK(value_compare(text("a"), text("c")) == -2);
  CHECK(value_compare(text("ab"), text("a")) == 1);
  CHECK(value_compare(a, ab) == -1 && value_compare(ba, ab) == 1 &&
        value_compare(a, a) == 0);
  CHECK(value_compare(jank_make_symbol(NULL, "a"),
                      jank_make_symbol(NULL, "c")) == -2);
  CHECK(value_compare(JANK_NIL, a) < 0 && value_compare(a, JANK_NIL) > 0);
  CHECK(value_compare(JANK_FALSE, JANK_TRUE) < 0);
  CHECK(value_compare(integer(1), jank_box_double(1.5)) < 0);
  CHECK(value_compare(vector2(a, a), jank_make_vector(1, (O[]){ba})) > 0);
  CHECK(value_compare(vector2(integer(1), integer(2)),
                      vector2(integer(1), integer(3))) < 0);
  CHECK(throws(compare_mixed, NULL, "ClassCastException", ""));
  CHECK(throws(compare_maps, NULL, "ClassCastException", ""));
}

static O nested(int depth) {
  O v = vector_empty;
  while (depth--)
    v = jank_make_vector(1, &v);
  return v;
}

static O hash_deep(void *v) { return integer(value_hash(v)); }

static O equal_deep(void *v) {
  O other = nested(SCALED(200000));
  return value_equal(v, other) ? JANK_TRUE : JANK_FALSE;
}

static void what_is_nested_too_deeply_throws(void) {
  char here;
  poll_set_stack_limit((uintptr_t)&here - 1000000);
  O v = nested(SCALED(200000));
  CHECK(throws(hash_deep, v, "StackOverflowError", ""));
  CHECK(throws(equal_deep, v, "StackOverflowError", ""));
  CHECK(value_equal(nested(500), nested(500)));
  CHECK(value_hash(nested(500)) == value_hash(nested(500)));
}

typedef struct {
  O a, b;
} pair;

static O compare_pair(void *context) {
  pair *p = context;
  return integer(value_compare(p->a, p->b));
}

static void what_has_no_order_says_so(void) {
  static const struct {
    int a, b;
    const char *says;
  } cases[] = {
      {1, 3, "compare: expected a boolean, got Long: 1"},
      {3, 9, "expected a number, got String: \"1\""},
      {8, 9, "compare: expected a character, got String: \"1\""},
      {9, 11, "compare: expected a string, got Keyword: :a"},
      {11, 13, "compare: expected a keyword, got Symbol: a"},
      {13, 11, "compare: expected a symbol, got Keyword: :a"},
      {17, 18, "has an order, got PersistentHashMap: {}"},
      {18, 3, "has an order, got PersistentHashSet: #{}"},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    pair p = {sample(cases[i].a), sample(cases[i].b)};
    CHECK(throws(compare_pair, &p, "ClassCastException", cases[i].says));
  }
}

static void texts_are_ordered_by_their_utf16_units(void) {
  O low = text("\xef\xbf\xbd"), high = text("\xf0\x9f\x98\x80");
  CHECK(value_compare(high, low) < 0); /* d83d is less than fffd */
  CHECK(value_compare(text("a"), text("a")) == 0);
  CHECK(value_compare(text(""), text("abc")) == -3);
  CHECK(value_compare(jank_make_character('b'), jank_make_character('a')) == 1);
  CHECK(value_compare(JANK_TRUE, JANK_FALSE) > 0);
  CHECK(value_compare(JANK_NIL, JANK_NIL) == 0);
}

static const struct test tests[] = {
    TEST(what_is_equal_in_clojure_is_equal),
    TEST(a_value_is_equal_to_its_like_and_to_no_other),
    TEST(a_hash_is_what_clojure_computes),
    TEST(a_hash_is_kept_and_an_object_without_one_has_its_address),
    TEST(order_is_clojures),
    TEST(what_has_no_order_says_so),
    TEST(texts_are_ordered_by_their_utf16_units),
    TEST(what_is_nested_too_deeply_throws),
};

MAIN(start_values, tests)
