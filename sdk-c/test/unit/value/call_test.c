/* Calls from C: a function gets its arguments in their order, up to as many as there
 * may be; other values do what their type says; what cannot be called says so, and
 * by what it looks like. */
#include "collection/list.h"
#include "collection/map.h"
#include "collection/set.h"
#include "collection/vector.h"
#include "runtime/fn.h"
#include "runtime/var.h"
#include "value/arity.h"
#include "value/call.h"
#include "value/word.h"
#include "values.h"

/* A function of n arguments gives the list of them. */
static O listed(O self, int argc, O *args) {
  return jank_make_list((size_t)argc, args);
}

#define X(n) STUB(listed, n)
COUNTS(X)
#undef X
static O listed_21(O self PARAMS_21) {
  O args[] = {JANK_NIL NAMES_20, a20};
  return jank_make_list(21, args + 1);
}
static void *const entries[] = {
#define X(n) (void *)listed_##n,
    COUNTS(X)
#undef X
        (void *) listed_21,
};

static O arguments[JANK_MAX_ARITY + 2];

static bool is_list_of(O list, int n) {
  for (int i = 0; i < n; i++) {
    const cons_object *cell = (cons_object *)list;
    if (!is_type(list, JANK_TYPE_LIST) || cell->first != fixnum(i + 1))
      return false;
    list = cell->rest;
  }
  return list == list_empty;
}

static void fill_arguments(void) {
  for (int i = 0; i < JANK_MAX_ARITY + 1; i++)
    arguments[i] = fixnum(i + 1);
}

static code_object *code(void) {
  return fn_code_make(string_make("test/f", 6), JANK_NIL);
}

static O function(const char *signature, void *entry) {
  code_object *c = code();
  CHECK(fn_code_add_arity(c, signature, entry));
  return &fn_make(c, 0)->header;
}

static void a_pointer_gets_its_arguments_in_their_order(void) {
  fill_arguments();
  for (int n = 0; n <= JANK_MAX_ARITY + 1; n++)
    CHECK(is_list_of(call_pointer(entries[n], JANK_NIL, n, arguments), n));
}

static void a_function_is_called_by_its_entry_for_so_many(void) {
  fill_arguments();
  code_object *c = code();
  char signature[16];
  for (int n = 0; n <= JANK_MAX_ARITY; n++) {
    snprintf(signature, sizeof signature, "%d", n);
    CHECK(fn_code_add_arity(c, signature, entries[n]));
  }
  fn_object *f = fn_make(c, 0);
  O o = &f->header, *a = arguments;
  for (int n = 0; n <= JANK_MAX_ARITY; n++) {
    CHECK(is_list_of(call_invoke(f, n, a), n));
    CHECK(is_list_of(jank_call_n(o, n, a), n));
    CHECK(is_list_of(call_value(o, n, a), n));
  }
  CHECK(is_list_of(jank_call0(o), 0) && is_list_of(jank_call1(o, a[0]), 1));
  CHECK(is_list_of(jank_call2(o, a[0], a[1]), 2));
  CHECK(is_list_of(jank_call3(o, a[0], a[1], a[2]), 3));
  CHECK(is_list_of(jank_call4(o, a[0], a[1], a[2], a[3]), 4));
}

static O self_of(O self) { return self; }

static void a_function_gets_itself_for_its_captures(void) {
  code_object *c = code();
  fn_code_add_arity(c, "0", (void *)self_of);
  fn_object *f = fn_make(c, 2);
  f->captures[1] = fixnum(7);
  fn_object *got = (fn_object *)jank_call0(&f->header);
  CHECK(got == f && got->captures[1] == fixnum(7) && got->header.aux == 2);
}

static O rest_of(O self, O a, O rest) {
  return jank_make_vector(2, (O[]){a, rest});
}

static void a_variadic_one_gets_the_rest_as_a_seq_or_nil(void) {
  fill_arguments();
  O f = function("1&", (void *)rest_of);
  CHECK(vector_nth(jank_call1(f, fixnum(1)), 1) == JANK_NIL);
  O many = jank_call_n(f, JANK_MAX_ARITY, arguments);
  CHECK(vector_nth(many, 0) == fixnum(1));
  O rest = vector_nth(many, 1);
  int n = 1;
  while (rest != JANK_NIL && rest != list_empty) {
    CHECK(((cons_object *)rest)->first == fixnum(++n));
    rest = ((cons_object *)rest)->rest;
  }
  CHECK(n == JANK_MAX_ARITY);
  /* More than are passed one by one. */
  O beyond = jank_call_n(f, JANK_MAX_ARITY + 1, arguments);
  CHECK(vector_nth(beyond, 0) == fixnum(1));
}

typedef struct {
  O f;
  int argc;
} attempt;

static O call_attempt(void *context) {
  attempt *a = context;
  return jank_call_n(a->f, a->argc, arguments);
}

static bool fails(O f, int argc, const char *class_name, const char *says) {
  attempt a = {f, argc};
  return throws(call_attempt, &a, class_name, says);
}

static void a_wrong_number_of_arguments_says_what_is_taken(void) {
  fill_arguments();
  O one = function("1", entries[1]), rest = function("1&", (void *)rest_of);
  const char *e = "ArityException";
  CHECK(fails(one, 0, e, "f takes 1 argument, got 0"));
  CHECK(fails(one, 2, e, "f takes 1 argument, got 2"));
  CHECK(fails(one, JANK_MAX_ARITY, e, "got 20"));
  CHECK(fails(one, JANK_MAX_ARITY + 1, e, "got 21"));
  CHECK(fails(rest, 0, e, "f takes at least 1 argument, got 0"));
  code_object *c = code();
  fn_code_add_arity(c, "0", entries[0]);
  fn_code_add_arity(c, "2", entries[2]);
  fn_code_add_arity(c, "4", entries[4]);
  CHECK(
      fails(&fn_make(c, 0)->header, 3, e, "takes 0, 2 or 4 arguments, got 3"));
}

static void a_value_does_what_its_type_says(void) {
  O key = keyword("a"), items[] = {key, fixnum(5)};
  O map = jank_make_map(1, items), vector = jank_make_vector(2, items);
  O set = jank_make_set(2, items);
  CHECK(jank_call1(key, map) == fixnum(5));
  CHECK(jank_call2(key, map_empty, fixnum(6)) == fixnum(6));
  CHECK(jank_call1(map, key) == fixnum(5));
  CHECK(jank_call1(vector, fixnum(1)) == fixnum(5));
  CHECK(jank_call1(set, key) == key);
  CHECK(jank_call1(set, fixnum(9)) == JANK_NIL);
  fill_arguments();
  O listed = jank_var_intern_c("test", "listed");
  code_object *c = code();
  fn_code_add_arity(c, "0", entries[0]);
  fn_code_add_arity(c, "3", entries[3]);
  jank_var_bind_root(listed, &fn_make(c, 0)->header);
  CHECK(jank_call0(listed) == list_empty);
  CHECK(is_list_of(jank_call3(listed, fixnum(1), fixnum(2), fixnum(3)), 3));
  O var = jank_var_intern_c("test", "v");
  jank_var_bind_root(var, key);
  CHECK(jank_call1(var, map) == fixnum(5));
}

static void what_cannot_be_called_is_shown(void) {
  const char *e = "ClassCastException";
  CHECK(fails(JANK_NIL, 0, e, "nil (nil) cannot be called as a function"));
  CHECK(fails(fixnum(1), 1, e, "1 (Long) cannot be called as a function"));
  CHECK(fails(text("f"), 3, e, "\"f\" (String) cannot"));
  CHECK(fails(JANK_TRUE, 20, e, "true (Boolean) cannot"));
  CHECK(fails(make_char('c'), 2, e, "\\c (Character) cannot"));
  CHECK(fails(list_cons(fixnum(1), list_empty), 4, e, "(1) (PersistentList)"));
  CHECK(fails(jank_box_double(1), JANK_MAX_ARITY + 1, e, "1.0 (Double)"));
  CHECK(fails(vector_empty, 0, "ArityException", "takes 1 argument, got 0"));
  CHECK(fails(keyword("a"), 3, "ArityException", ":a takes 1 or 2 arguments"));
}

static const struct test tests[] = {
    TEST(a_pointer_gets_its_arguments_in_their_order),
    TEST(a_function_is_called_by_its_entry_for_so_many),
    TEST(a_function_gets_itself_for_its_captures),
    TEST(a_variadic_one_gets_the_rest_as_a_seq_or_nil),
    TEST(a_wrong_number_of_arguments_says_what_is_taken),
    TEST(a_value_does_what_its_type_says),
    TEST(what_cannot_be_called_is_shown),
};

MAIN(start_values, tests)
