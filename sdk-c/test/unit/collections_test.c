/* Maps, sets and vectors against naive models; their seqs and transients; keys
 * whose hashes collide; the order that Clojure has on the JVM. */
#include "collection/entry.h"
#include "collection/list.h"
#include "collection/map.h"
#include "collection/seq.h"
#include "collection/set.h"
#include "collection/vector.h"
#include "start.h"
#include "test.h"
#include "value/equal.h"
#include "value/error.h"
#include "value/string.h"
#include "value/throw.h"
#include "value/word.h"
#include <stdio.h>
#include <string.h>

/* Collecting at every allocation takes its time. */
#ifdef JANK_GC_STRESS
#define SCALED(n) ((n) / 10)
#else
#define SCALED(n) (n)
#endif

typedef jank_object *O;

static uint32_t random_state = 12345;

static uint32_t random_below(uint32_t n) {
  random_state = random_state * 1664525u + 1013904223u;
  return (random_state >> 8) % n;
}

static O text(const char *s) { return jank_make_string(s); }
static O integer(int64_t n) { return jank_box_integer(n); }
static O keyword(const char *ns, const char *name) {
  return jank_make_keyword(ns, name);
}
static O vector2(O a, O b) { return jank_make_vector(2, (O[]){a, b}); }

#define KEYS 1200

/* The key number i: a new object at each call, different for each i. Every
 * eighth is one of 32 strings that have the same hash. */
static O make_key(uint32_t i) {
  char s[64];
  uint32_t n = i / 8;
  switch (i % 8) {
  case 0:
    return integer(i);
  case 1:
    snprintf(s, sizeof s, "s%u", n);
    return text(s);
  case 2:
    snprintf(s, sizeof s, "k%u", n);
    return keyword(n % 2 ? "ns" : NULL, s);
  case 3:
    for (int bit = 0; bit < 5; bit++)
      memcpy(s + 2 * bit, n >> bit & 1 ? "Aa" : "BB", 2);
    snprintf(s + 10, sizeof s - 10, "%u", n / 32);
    return text(s);
  case 4:
    return jank_box_double(i + 0.5);
  case 5:
    return integer((INT64_C(1) << 40) + i);
  case 6:
    return vector2(integer(i), text("x"));
  default:
    return n == 0 ? JANK_NIL : jank_make_character(0x100 + n);
  }
}

/* ---- Maps
 * --------------------------------------------------------------------- */

typedef struct {
  int32_t values[KEYS]; /* -1: absent */
  uint32_t count;
} model;

static void model_clear(model *m) {
  memset(m->values, 0xff, sizeof m->values);
  m->count = 0;
}

static void model_set(model *m, uint32_t key, int32_t value) {
  m->count += (uint32_t)(value >= 0) - (uint32_t)(m->values[key] >= 0);
  m->values[key] = value;
}

static bool count_entry(void *n, O key, O value) {
  ++*(uint32_t *)n;
  return true;
}

static bool map_matches(O map, const model *m) {
  if (map_count(map) != m->count)
    return false;
  for (uint32_t i = 0; i < KEYS; i++) {
    O value = map_get(map, make_key(i), JANK_UNBOUND);
    if (value != (m->values[i] < 0 ? JANK_UNBOUND : fixnum(m->values[i])))
      return false;
  }
  uint32_t each = 0, stepped = 0;
  map_each(map, count_entry, &each);
  for (O s = map_seq(map); s != JANK_NIL; s = map_seq_next(s), stepped++) {
    map_entry_object *e = (map_entry_object *)map_seq_first(s);
    if (map_get(map, e->key, JANK_UNBOUND) != e->value)
      return false;
  }
  return each == m->count && stepped == m->count;
}

static O map_from_model(const model *m) {
  O map = map_empty;
  for (uint32_t i = KEYS; i-- > 0;)
    if (m->values[i] >= 0)
      map = map_assoc(map, make_key(i), fixnum(m->values[i]));
  return map;
}

static void test_map_random(uint32_t keys, int steps) {
  static model now, kept, after;
  O map = map_empty, kept_map = map_empty;
  model_clear(&now);
  model_clear(&kept);
  for (int step = 0; step < steps; step++) {
    uint32_t key = random_below(keys);
    /* Phases in which the map grows and in which it shrinks to nothing. */
    if (random_below(8) < (step / (int)(4 * keys) % 2 ? 1 : 6)) {
      int32_t value = (int32_t)random_below(1000);
      map = map_assoc(map, make_key(key), fixnum(value));
      model_set(&now, key, value);
    } else {
      map = map_dissoc(map, make_key(key));
      model_set(&now, key, -1);
    }
    if (step % 701 == 0) {
      CHECK(map_matches(map, &now));
      CHECK(map_matches(kept_map, &kept));
      O other = map_from_model(&now);
      CHECK(value_equal(map, other) && value_equal(other, map));
      CHECK(value_hash(map) == value_hash(other));
      kept = now;
      kept_map = map;
    }
    if (step % 2003 == 0) {
      after = now;
      O t = map_transient(map);
      for (int i = 0; i < 500; i++) {
        uint32_t k = random_below(keys);
        int32_t value = random_below(3) ? (int32_t)random_below(1000) : -1;
        t = value < 0 ? map_dissoc_bang(t, make_key(k))
                      : map_assoc_bang(t, make_key(k), fixnum(value));
        model_set(&after, k, value);
        k = random_below(keys);
        O found = map_transient_get(t, make_key(k), JANK_UNBOUND);
        CHECK(found ==
              (after.values[k] < 0 ? JANK_UNBOUND : fixnum(after.values[k])));
      }
      CHECK(map_transient_count(t) == after.count);
      O changed = map_persistent(t);
      CHECK(map_matches(map, &now));
      CHECK(map_matches(changed, &after));
      jank_collect_garbage();
      map = changed;
      now = after;
    }
  }
}

static void test_map_random_few_keys(void) {
  test_map_random(12, SCALED(20000));
}
static void test_map_random_some_keys(void) {
  test_map_random(200, SCALED(20000));
}
static void test_map_random_all_keys(void) {
  test_map_random(KEYS, SCALED(40000));
}

static void test_map_small(void) {
  O map = map_empty, a = keyword(NULL, "a"), b = keyword(NULL, "b");
  CHECK(map_seq(map_empty) == JANK_NIL);
  CHECK(map_find(map, a) == NULL);
  map = map_assoc(map_assoc(map, b, integer(1)), a, JANK_NIL);
  CHECK(map_assoc(map, b, integer(1)) == map);
  CHECK(map_dissoc(map, text("a")) == map);
  O entry = map_seq_first(map_seq(map));
  CHECK(((map_entry_object *)entry)->key == b); /* in order of insertion */
  CHECK(value_equal(entry, vector2(b, integer(1))));
  CHECK(map_get(map, a, JANK_UNBOUND) == JANK_NIL);
  CHECK(((map_entry_object *)map_find(map, a))->value == JANK_NIL);
  O meta = map_assoc(map_empty, a, a);
  O with = map_with_meta(map, meta);
  CHECK(value_equal(map, with) && ((map_object *)map)->meta == JANK_NIL);
  for (int i = 0; i < 20; i++)
    with = map_assoc(with, integer(i), JANK_TRUE);
  CHECK(((map_object *)with)->meta == meta && map_count(with) == 22);
  CHECK(((map_object *)map_dissoc(with, a))->meta == meta);
  O same[] = {a, integer(1), b, integer(2), a, integer(3)};
  O made = jank_make_map(3, same);
  CHECK(map_count(made) == 2 && map_get(made, a, JANK_NIL) == integer(3));
}

static O use_after_persistent(void *t) { return map_assoc_bang(t, t, t); }

static O set_use_after_persistent(void *t) { return set_conj_bang(t, t); }

static void check_throws(O (*body)(void *), void *context, const char *name) {
  O result = JANK_NIL, exception = JANK_NIL;
  CHECK(!throw_catch(body, context, &result, &exception));
  CHECK(is_type(exception, JANK_TYPE_EXCEPTION) &&
        strcmp(((exception_object *)exception)->class_name->text, name) == 0);
}

static void test_transients_end(void) {
  O t = map_transient(map_empty);
  map_persistent(t);
  check_throws(use_after_persistent, t, "IllegalAccessError");
  O s = set_transient(set_empty);
  set_persistent(s);
  check_throws(set_use_after_persistent, s, "IllegalAccessError");
}

/* ---- Sets
 * ----------------------------------------------------------------------- */

static void test_set_random(void) {
  static bool in[KEYS];
  uint32_t size = 0;
  O set = set_empty;
  for (int step = 0; step < SCALED(6000); step++) {
    uint32_t key = random_below(KEYS);
    O x = make_key(key);
    bool add = random_below(3) != 0;
    if (step % 50 == 0) {
      O t = set_transient(set);
      t = add ? set_conj_bang(t, x) : set_disj_bang(t, x);
      CHECK((set_transient_get(t, x, JANK_UNBOUND) != JANK_UNBOUND) == add);
      set = set_persistent(t);
    } else {
      set = add ? set_conj(set, x) : set_disj(set, x);
    }
    size += (uint32_t)add - (uint32_t)in[key];
    in[key] = add;
    CHECK(set_contains(set, make_key(key)) == add);
    CHECK(set_count(set) == size);
    CHECK(set_conj(set, x) != set || add);
  }
  uint32_t stepped = 0;
  O copy = set_empty;
  for (O s = set_seq(set); s != JANK_NIL; s = map_seq_next(s), stepped++)
    copy = set_conj(copy, map_seq_first(s));
  CHECK(stepped == size);
  CHECK(value_equal(set, copy) && value_hash(set) == value_hash(copy));
  for (uint32_t i = 0; i < KEYS; i++)
    CHECK(set_contains(set, make_key(i)) == in[i]);
  O stored = text("one");
  set = set_conj(set_empty, stored);
  CHECK(set_get(set, text("one"), JANK_NIL) == stored);
  CHECK(set_get(set, text("two"), JANK_UNBOUND) == JANK_UNBOUND);
  CHECK(set_conj(set, text("one")) == set);
}

/* ---- Vectors
 * ----------------------------------------------------------------------- */

#define LONGEST SCALED(40000)

static void test_vector_random(void) {
  static int32_t items[LONGEST];
  uint32_t size = 0;
  O vector = vector_empty, half = vector_empty;
  while (size < LONGEST) {
    if (size && random_below(3) == 0) {
      uint32_t i = random_below(size);
      items[i] = (int32_t)random_below(1000000);
      vector = vector_assoc(vector, i, fixnum(items[i]));
    } else {
      items[size] = (int32_t)random_below(1000000);
      vector = vector_conj(vector, fixnum(items[size]));
      size++;
    }
    if (size == LONGEST / 2 && vector_count(half) == 0)
      half = vector_assoc(vector, 0, JANK_TRUE);
  }
  CHECK(vector_count(vector) == LONGEST);
  CHECK(vector_count(half) == LONGEST / 2 && vector_nth(half, 0) == JANK_TRUE);
  uint32_t wrong = 0, stepped = 0;
  for (uint32_t i = 0; i < LONGEST; i++)
    wrong += vector_nth(vector, i) != fixnum(items[i]);
  CHECK(wrong == 0);
  O copy = vector_empty;
  for (O s = seq(vector); s != JANK_NIL; s = seq_next(s), stepped++) {
    wrong += seq_first(s) != fixnum(items[stepped]);
    copy = vector_conj(copy, seq_first(s));
  }
  CHECK(wrong == 0 && stepped == LONGEST);
  CHECK(value_equal(vector, copy) && value_hash(vector) == value_hash(copy));
  CHECK(value_equal(vector, seq(vector)) &&
        value_hash(vector) == value_hash(seq(vector)));
  CHECK(!value_equal(vector, half));
}

/* ---- Order
 * ------------------------------------------------------------------------ */

/* What (keys (into {} ...)) of 0 to 19 and (seq (set ...)) give on the JVM. */
static void test_order(void) {
  static const int expected[] = {0, 7,  1,  4, 15, 13, 6,  17, 3,  12,
                                 2, 19, 11, 9, 5,  14, 16, 10, 18, 8};
  static const int expected_names[] = {8, 11, 5, 7, 9, 6, 0, 10, 3, 4, 1, 2};
  O map = map_empty, set = set_empty;
  for (int i = 0; i < 20; i++)
    map = map_assoc(map, integer(i), integer(i));
  int n = 0;
  for (O s = map_seq(map); s != JANK_NIL; s = map_seq_next(s))
    CHECK(((map_entry_object *)map_seq_first(s))->key == fixnum(expected[n++]));
  char name[16];
  for (int i = 0; i < 12; i++) {
    snprintf(name, sizeof name, "k%d", i);
    set = set_conj(set, keyword(NULL, name));
  }
  n = 0;
  for (O s = set_seq(set); s != JANK_NIL; s = map_seq_next(s)) {
    snprintf(name, sizeof name, "k%d", expected_names[n++]);
    CHECK(map_seq_first(s) == keyword(NULL, name));
  }
}

static const struct test tests[] = {
    TEST(test_map_small),
    TEST(test_map_random_few_keys),
    TEST(test_map_random_some_keys),
    TEST(test_map_random_all_keys),
    TEST(test_transients_end),
    TEST(test_set_random),
    TEST(test_vector_random),
    TEST(test_order),
};

static O run(void *context) {
  start_values();
  RUN_TESTS(tests);
  return JANK_NIL;
}

int main(int argc, char **argv) {
  test_begin(argc, argv);
  O result = JANK_NIL, exception = JANK_NIL;
  start_memory();
  if (!throw_catch(run, NULL, &result, &exception)) {
    O message = is_type(exception, JANK_TYPE_EXCEPTION)
                    ? ((exception_object *)exception)->message
                    : JANK_NIL;
    fprintf(stderr, "exception: %s\n",
            is_type(message, JANK_TYPE_STRING)
                ? ((string_object *)message)->text
                : "?");
    test_failed++;
  }
  return test_report();
}
