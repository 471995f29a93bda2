/* Seqs, vectors and the generic operations through clojure.core's names:
 * answers and exceptions as Clojure's on the JVM. */
#include "collection/entry.h"
#include "collection/list.h"
#include "collection/map.h"
#include "collection/seqs.h"
#include "collection/set.h"
#include "collection/vector.h"
#include "runtime/fn.h"
#include "start.h"
#include "test.h"
#include "value/call.h"
#include "value/equal.h"
#include "value/error.h"
#include "value/string.h"
#include "value/throw.h"
#include "value/word.h"
#include <stdio.h>
#include <string.h>

typedef jank_object *O;

static O call(const char *name, int argc, O *args) {
  return jank_call_n(jank_deref_var("clojure.core", name), argc, args);
}
#define ARGS(...)                                                              \
  (int)(sizeof((O[]){__VA_ARGS__}) / sizeof(O)), (O[]) { __VA_ARGS__ }
#define CALL(name, ...) call(name, ARGS(__VA_ARGS__))
#define VEC(...) vector_of(ARGS(__VA_ARGS__))
#define LIST(...) list_of(ARGS(__VA_ARGS__))
#define I(n) fixnum(n)
#define EQ(a, b) CHECK(value_equal(a, b))

static O vector_of(int n, O *items) {
  return jank_make_vector((size_t)n, items);
}
static O list_of(int n, O *items) { return jank_make_list((size_t)n, items); }
static O key(const char *name) { return jank_make_keyword(NULL, name); }
static O text(const char *s) { return jank_make_string(s); }
static O map1(O k, O v) { return map_assoc(map_empty, k, v); }
static O entry(O k, O v) { return entry_make(k, v); }
static O core(const char *name) { return jank_deref_var("clojure.core", name); }

typedef struct {
  const char *name;
  int argc;
  O args[4];
} attempt;

static O run_attempt(void *context) {
  attempt *a = context;
  return call(a->name, a->argc, a->args);
}

/* Does the call throw an exception of that class and message (NULL: any)? */
static bool throws(const char *class_name, const char *message,
                   const char *name, int argc, O *args) {
  attempt a = {name, argc, {0}};
  memcpy(a.args, args, (size_t)argc * sizeof *args);
  O result = JANK_NIL, exception = JANK_NIL;
  if (throw_catch(run_attempt, &a, &result, &exception))
    return false;
  exception_object *e = (exception_object *)exception;
  const char *got = ((string_object *)e->message)->text;
  bool ok = strcmp(e->class_name->text, class_name) == 0 &&
            (!message || strcmp(got, message) == 0);
  if (!ok)
    fprintf(stderr, "%s: %s: %s\n", name, e->class_name->text, got);
  return ok;
}
#define THROWS(class_name, message, name, ...)                                 \
  CHECK(throws(class_name, message, name, ARGS(__VA_ARGS__)))

static O native(const char *signature, void *f) {
  code_object *code = fn_code_make(string_make("test", 4), JANK_NIL);
  fn_code_add_arity(code, signature, f);
  return &fn_make(code, 0)->header;
}

/* ---- Vectors ----------------------------------------------------------------- */

static void check_items(O v, uint32_t n) {
  CHECK(vector_count(v) == n);
  bool same = true;
  for (uint32_t i = 0; i < n; i++)
    same = same && vector_nth(v, i) == I(i);
  CHECK(same);
}

static void vectors(void) {
  enum { N = 33000 }; /* a root of three levels and more */
  static const uint32_t sizes[] = {0,    1,    31,   32,   33,    64,
                                   1024, 1055, 1056, 1057, 32800, N};
  O v = vector_empty, t = vector_transient(vector_empty);
  for (uint32_t i = 0, next_size = 0; i <= N; i++) {
    if (i == sizes[next_size]) {
      check_items(v, i);
      next_size++;
    }
    if (i < N) {
      v = vector_conj(v, I(i));
      t = vector_conj_bang(t, I(i));
    }
  }
  O built = vector_persistent(t);
  check_items(built, N);
  EQ(built, v);
  O other = vector_assoc(built, 77, key("x"));
  CHECK(vector_nth(other, 77) == key("x") && vector_nth(built, 77) == I(77));
  t = vector_transient(built); /* what it changes is not seen by `built` */
  for (uint32_t i = 0; i < N; i++)
    vector_assoc_bang(t, I(i), JANK_NIL);
  for (uint32_t i = 0; i < N; i++)
    vector_pop_bang(t);
  CHECK(vector_transient_count(t) == 0);
  check_items(built, N);
  for (uint32_t i = 0; i < 2000; i++)
    vector_conj_bang(t, I(i));
  check_items(vector_persistent(t), 2000);
  for (uint32_t i = N; i-- > 0;) {
    v = vector_pop(v);
    if (i == 32 || i == 1056 || i == 1024 || i == 32767 || i == 0)
      check_items(v, i);
  }
  check_items(built, N);
  THROWS("IllegalAccessError", "Transient used after persistent! call", "conj!",
         t, I(1));
  THROWS("IllegalArgumentException", "Key must be integer", "assoc!",
         vector_transient(vector_empty), key("a"), I(1));
  THROWS("IllegalStateException", "Can't pop empty vector", "pop",
         vector_empty);
  EQ(CALL("subvec", VEC(I(1), I(2), I(3)), I(1)), VEC(I(2), I(3)));
  THROWS("IndexOutOfBoundsException", NULL, "subvec", VEC(I(1)), I(0), I(2));
  EQ(CALL("rseq", VEC(I(1), I(2))), LIST(I(2), I(1)));
  CHECK(CALL("rseq", vector_empty) == JANK_NIL);
}

static void entries(void) {
  O e = entry(I(1), I(2));
  EQ(e, VEC(I(1), I(2)));
  EQ(CALL("peek", e), I(2));
  EQ(CALL("pop", e), VEC(I(1)));
  EQ(CALL("assoc", e, I(1), I(3)), VEC(I(1), I(3)));
  EQ(CALL("conj", e, I(3)), VEC(I(1), I(2), I(3)));
  EQ(CALL("find", e, I(0)), VEC(I(0), I(1)));
  CHECK(is_type(CALL("vec", e), JANK_TYPE_VECTOR));
  CHECK(CALL("map-entry?", e) == JANK_TRUE);
  CHECK(CALL("map-entry?", VEC(I(1), I(2))) == JANK_FALSE);
  CHECK(CALL("vector?", e) == JANK_TRUE);
  CHECK(CALL("empty", e) == JANK_NIL);
  THROWS("ClassCastException", NULL, "key", VEC(I(1), I(2)));
  THROWS("ClassCastException", NULL, "keys", VEC(VEC(I(1), I(2))));
  EQ(CALL("keys", map1(I(1), I(2))), LIST(I(1)));
  EQ(CALL("vals", map1(I(1), I(2))), LIST(I(2)));
  CHECK(CALL("keys", map_empty) == JANK_NIL);
}

/* ---- Seqs ---------------------------------------------------------------------- */

static int thunk_calls;
static O self_nested(O self) { /* 100,000 lazy seqs, one in the other */
  if (++thunk_calls > 100000)
    return LIST(I(7));
  return seqs_lazy(self);
}
static O throw_once(O self) {
  if (thunk_calls++ == 0)
    error_throw("IllegalStateException", "once");
  return LIST(I(1));
}

static void lazy_seqs(void) {
  O lazy = seqs_lazy(native("0", (void *)self_nested));
  CHECK(CALL("realized?", lazy) == JANK_FALSE);
  EQ(CALL("first", lazy), I(7));
  CHECK(CALL("realized?", lazy) == JANK_TRUE);
  thunk_calls = 0;
  lazy = seqs_lazy(native("0", (void *)throw_once));
  THROWS("IllegalStateException", "once", "first", lazy);
  EQ(CALL("first", lazy), I(1));
  EQ(CALL("first", lazy), I(1));
  CHECK(thunk_calls == 2);
  EQ(CALL("meta", CALL("with-meta", lazy, map1(I(1), I(2)))), map1(I(1), I(2)));
  THROWS("ClassCastException", NULL, "realized?", I(1));
}

static void ranges(void) {
  O quarter = jank_box_double(0.25);
  EQ(CALL("range", I(10), I(0), I(-3)), LIST(I(10), I(7), I(4), I(1)));
  EQ(CALL("count", CALL("range", I(10), I(0), I(-3))), I(4));
  EQ(CALL("range", I(0), I(1), quarter),
     LIST(I(0), quarter, jank_box_double(0.5), jank_box_double(0.75)));
  EQ(CALL("count", CALL("range", I(0), I(1), jank_box_double(0.1))), I(11));
  CHECK(CALL("range", I(0), I(0), I(0)) == list_empty);
  EQ(CALL("nth", CALL("range", I(5), I(0), I(0)), I(9)), I(5));
  EQ(CALL("nth", call("range", 0, NULL), I(1000)), I(1000));
  O big = CALL("range", jank_box_integer(JANK_FIXNUM_MAX - 1),
               jank_box_integer(JANK_FIXNUM_MAX + 3));
  EQ(CALL("count", big), I(4));
  EQ(CALL("nth", big, I(3)), jank_box_integer(JANK_FIXNUM_MAX + 2));
  EQ(CALL("reduce", core("+"), CALL("range", I(1000))), I(499500));
  CHECK(CALL("range", I(-1)) == list_empty);
  THROWS("ClassCastException", NULL, "range", text("a"));
  THROWS("ClassCastException", NULL, "range", I(1), JANK_NIL);
}

static void strings(void) {
  O s = text("a\xc3\xa9\xf0\x9f\x98\x80"); /* a, e acute, a surrogate pair */
  EQ(CALL("count", CALL("next", s)), I(3));
  EQ(CALL("vec", s), VEC(make_char('a'), make_char(0xe9), make_char(0xd83d),
                         make_char(0xde00)));
  EQ(CALL("get", s, I(1)), make_char(0xe9));
  CHECK(CALL("get", s, I(9)) == JANK_NIL);
  CHECK(CALL("contains?", s, I(0)) == JANK_TRUE);
  THROWS("IllegalArgumentException", "contains? not supported on type: String",
         "contains?", s, key("a"));
  CHECK(CALL("seq", text("")) == JANK_NIL);
}

static void access(void) {
  O v = VEC(I(1), I(2)), list = LIST(I(1), I(2));
  THROWS("IllegalArgumentException",
         "Don't know how to create ISeq from: java.lang.Long", "seq", I(1));
  THROWS("UnsupportedOperationException",
         "count not supported on this type: Keyword", "count", key("a"));
  THROWS("UnsupportedOperationException", NULL, "nth", set_empty, I(0));
  THROWS("IndexOutOfBoundsException", NULL, "nth", v, I(5));
  THROWS("IndexOutOfBoundsException", NULL, "nth", list, I(5));
  THROWS("IndexOutOfBoundsException", NULL, "nth", v, I(-1));
  EQ(CALL("nth", list, I(5), key("d")), key("d"));
  CHECK(CALL("nth", JANK_NIL, I(3)) == JANK_NIL);
  EQ(CALL("nth", JANK_NIL, I(3), key("d")), key("d"));
  CHECK(CALL("get", v, jank_box_double(0)) == JANK_NIL);
  CHECK(CALL("get", list, I(0)) == JANK_NIL);
  EQ(CALL("get", I(1), I(1), I(2)), I(2));
  EQ(CALL("get", vector_transient(v), I(1)), I(2));
  EQ(CALL("get", map_transient(map1(I(1), I(2))), I(1)), I(2));
  CHECK(CALL("contains?", CALL("transient", CALL("conj", set_empty, I(1))),
             I(1)) == JANK_TRUE);
  EQ(CALL("count", map_transient(map1(I(1), I(2)))), I(1));
  THROWS("IndexOutOfBoundsException", NULL, "assoc", v, I(3), I(1));
  THROWS("IllegalArgumentException", "Key must be integer", "assoc", v,
         key("a"), I(1));
  THROWS("ClassCastException", NULL, "assoc", list, I(0), I(1));
  EQ(CALL("assoc", JANK_NIL, I(1), I(2)), map1(I(1), I(2)));
  EQ(CALL("find", v, I(0)), VEC(I(0), I(1)));
  THROWS("IllegalArgumentException", NULL, "find", set_empty, I(1));
}

static void building(void) {
  EQ(CALL("conj", JANK_NIL, I(1)), LIST(I(1)));
  EQ(CALL("conj", LIST(I(1)), I(2), I(3)), LIST(I(3), I(2), I(1)));
  EQ(CALL("conj", map_empty, VEC(I(1), I(2)), JANK_NIL, map1(I(3), I(4))),
     map_assoc(map1(I(1), I(2)), I(3), I(4)));
  THROWS("IllegalArgumentException", "Vector arg to map conj must be a pair",
         "conj", map_empty, VEC(I(1)));
  THROWS("ClassCastException", NULL, "conj", map_empty, LIST(VEC(I(1), I(2))));
  EQ(CALL("conj", map_empty, LIST(entry(I(1), I(2)))), map1(I(1), I(2)));
  THROWS("ClassCastException", NULL, "conj", I(1), I(2));
  EQ(CALL("into", map_empty, VEC(VEC(I(1), I(2)), JANK_NIL)), map1(I(1), I(2)));
  THROWS("IllegalArgumentException", "Vector arg to map conj must be a pair",
         "into", map_empty, VEC(VEC(I(1), I(2), I(3))));
  EQ(CALL("into", list_empty, VEC(I(1), I(2))), LIST(I(2), I(1)));
  EQ(CALL("into", JANK_NIL, VEC(I(1), I(2))), LIST(I(2), I(1)));
  CHECK(CALL("list?", CALL("cons", I(1), JANK_NIL)) == JANK_TRUE);
  CHECK(CALL("list?", CALL("cons", I(1), list_empty)) == JANK_FALSE);
  THROWS("IllegalArgumentException", NULL, "cons", I(1), I(2));
  EQ(CALL("vec", map1(I(1), I(2))), VEC(VEC(I(1), I(2))));
  EQ(CALL("count", CALL("to-array", text("ab"))), I(2));
}

static O add_pair(O self, O acc, O k, O v) {
  return vector_conj(acc, VEC(k, v));
}
static O stop_at_3(O self, O acc, O x) {
  return value_equal(x, I(3)) ? CALL("reduced", acc) : jank_add(acc, x);
}

static void reductions(void) {
  O plus = core("+"), stop = native("2", (void *)stop_at_3);
  O pairs = native("3", (void *)add_pair);
  O four = VEC(I(1), I(2), I(3), I(4));
  EQ(CALL("reduce", plus, vector_empty), I(0));
  EQ(CALL("reduce", plus, VEC(I(5))), I(5));
  EQ(CALL("reduce", plus, I(10), four), I(20));
  EQ(CALL("reduce", stop, four), I(3));
  EQ(CALL("reduce", stop, CALL("range", I(1), I(9))), I(3));
  EQ(CALL("reduce", stop, CALL("rseq", VEC(I(9), I(3), I(2), I(1)))), I(3));
  EQ(CALL("reduce", stop, LIST(I(1), I(2), I(3), I(9))), I(3));
  EQ(CALL("reduce-kv", pairs, vector_empty, map1(I(1), I(2))),
     VEC(VEC(I(1), I(2))));
  EQ(CALL("reduce-kv", pairs, vector_empty, VEC(key("a"), key("b"))),
     VEC(VEC(I(0), key("a")), VEC(I(1), key("b"))));
  EQ(CALL("reduce-kv", pairs, vector_empty, CALL("seq", map1(I(1), I(2)))),
     VEC(VEC(I(1), I(2))));
  CHECK(CALL("reduce-kv", pairs, vector_empty, JANK_NIL) == vector_empty);
  THROWS("ClassCastException", NULL, "reduce-kv", pairs, vector_empty,
         LIST(I(1)));
}

static void metadata(void) {
  O meta = map1(key("m"), I(1));
  O objects[] = {LIST(I(1)),
                 list_empty,
                 VEC(I(1)),
                 map_empty,
                 set_empty,
                 CALL("seq", map1(I(1), I(2))),
                 CALL("seq", VEC(I(1))),
                 CALL("range", I(3)),
                 CALL("seq", text("a")),
                 jank_make_symbol(NULL, "s"),
                 CALL("cons", I(1), list_empty)};
  for (size_t i = 0; i < sizeof objects / sizeof *objects; i++) {
    O copy = CALL("with-meta", objects[i], meta);
    EQ(copy, objects[i]);
    EQ(CALL("meta", copy), meta);
    CHECK(CALL("meta", objects[i]) == JANK_NIL);
  }
  O f = CALL("with-meta", core("+"), meta);
  EQ(CALL("meta", f), meta);
  EQ(jank_call2(f, I(1), I(2)), I(3));
  O list = CALL("with-meta", LIST(I(1)), meta);
  EQ(CALL("meta", CALL("conj", list, I(2))), meta);
  EQ(CALL("meta", CALL("pop", list)), meta);
  EQ(CALL("meta", CALL("empty", list)), meta);
  CHECK(CALL("meta", CALL("rest", list)) == JANK_NIL);
  EQ(CALL("meta", CALL("sort", CALL("with-meta", VEC(I(2), I(1)), meta))),
     meta);
  EQ(CALL("meta",
          CALL("into", CALL("with-meta", vector_empty, meta), VEC(I(1)))),
     meta);
  CHECK(CALL("meta", CALL("persistent!",
                          CALL("transient", CALL("with-meta", vector_empty,
                                                 meta)))) == JANK_NIL);
  THROWS("ClassCastException", NULL, "with-meta", I(1), meta);
  THROWS("ClassCastException", NULL, "with-meta", vector_empty, I(1));
}

static void sorting(void) {
  EQ(CALL("sort", core(">"), VEC(I(1), I(3), I(2))), LIST(I(3), I(2), I(1)));
  EQ(CALL("sort", core("-"), VEC(I(3), I(1), I(2))), LIST(I(1), I(2), I(3)));
  CHECK(CALL("sort", JANK_NIL) == list_empty);
  EQ(CALL("sort-by", core("first"),
          VEC(VEC(I(2), key("a")), VEC(I(1), key("b")), VEC(I(2), key("c")))),
     LIST(VEC(I(1), key("b")), VEC(I(2), key("a")), VEC(I(2), key("c"))));
  THROWS("ClassCastException", NULL, "sort", VEC(I(1), key("a")));
  O v = vector_empty;
  for (int i = 0; i < 1000; i++)
    v = vector_conj(v, I(i * 7919 % 1000));
  EQ(CALL("sort", v), CALL("range", I(1000)));
}

static const struct test tests[] = {
    TEST(vectors),  TEST(entries), TEST(lazy_seqs), TEST(ranges),
    TEST(strings),  TEST(access),  TEST(building),  TEST(reductions),
    TEST(metadata), TEST(sorting),
};

static O run(void *context) {
  start_values();
  start_builtins();
  RUN_TESTS(tests);
  return JANK_NIL;
}

int main(int argc, char **argv) {
  test_begin(argc, argv);
  O result = JANK_NIL, exception = JANK_NIL;
  start_memory();
  if (!throw_catch(run, NULL, &result, &exception)) {
    exception_object *e = (exception_object *)exception;
    fprintf(stderr, "%s: %s\n", e->class_name->text,
            ((string_object *)e->message)->text);
    test_failed++;
  }
  return test_report();
}
