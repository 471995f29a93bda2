/* Syntax-quote: a form that makes the form when it is evaluated, with names that mean
 * what they mean here; what is constant is quoted as it is, what is spliced becomes
 * a concat; name# is one new symbol in one syntax-quote. */
#include "collection/list.h"
#include "collection/map.h"
#include "collection/seq.h"
#include "collection/vector.h"
#include "read/syntax_quote.h"
#include "reader_test.h"
#include "runtime/ns.h"
#include "runtime/var.h"
#include "value/equal.h"
#include "value/word.h"

static void names_are_qualified(void) {
  static const char *const cases[][2] = {
      {"`a", "(quote user/a)"},
      {"`first", "(quote clojure.core/first)"},
      {"`n/a", "(quote n/a)"},
      {"`al/a", "(quote other.ns/a)"},
      {"`mine", "(quote user/mine)"},
      {"`if", "(quote if)"},
      {"`&", "(quote &)"},
      {"`catch", "(quote catch)"},
      {"`.method", "(quote .method)"},
      {"`n/.x", "(quote n/.x)"},
      {"`/", "(quote clojure.core//)"},
  };
  jank_var_intern_c("user", "mine");
  namespace_object *ns = ns_current();
  ns->aliases =
      map_assoc(ns->aliases, symbol("al"), &ns_from_name("other.ns")->header);
  gc_write(&ns->header);
  for (size_t i = 0; i < COUNT(cases); i++)
    CHECK(reads(cases[i][0], cases[i][1]));
}

static void what_is_constant_is_quoted_or_itself(void) {
  static const char *const cases[][2] = {
      {"`1", "1"},
      {"`nil", "nil"},
      {"`:k", ":k"},
      {"`\"s\"", "\"s\""},
      {"`\\c", "\\c"},
      {"`(a 1)", "(quote (user/a 1))"},
      {"`()", "(clojure.core/list)"},
      {"`[]", "(clojure.core/vector)"},
      {"`(a (b))", "(quote (user/a (user/b)))"},
      {"`[a 1]", "(clojure.core/vector (quote user/a) 1)"},
      {"`{:a b}", "(clojure.core/hash-map :a (quote user/b))"},
      {"`#{a}", "(clojure.core/hash-set (quote user/a))"},
  };
  for (size_t i = 0; i < COUNT(cases); i++)
    CHECK(reads(cases[i][0], cases[i][1]));
}

static void what_is_unquoted_is_left_to_be_evaluated(void) {
  static const char *const cases[][2] = {
      {"`~a", "a"},
      {"`(~a)", "(clojure.core/list a)"},
      {"`(f ~a)", "(clojure.core/list (quote user/f) a)"},
      {"`[~a]", "(clojure.core/vector a)"},
      {"`(~@a)", "(clojure.core/seq (clojure.core/concat a))"},
      {"`(f ~@a b)", "(clojure.core/seq (clojure.core/concat "
                     "(clojure.core/list (quote user/f)) a "
                     "(clojure.core/list (quote user/b))))"},
      {"`[~@a]", "(clojure.core/apply clojure.core/vector (clojure.core/seq "
                 "(clojure.core/concat a)))"},
      {"`{~k ~v}", "(clojure.core/hash-map k v)"},
      {"`#{~@a}", "(clojure.core/apply clojure.core/hash-set "
                  "(clojure.core/seq (clojure.core/concat a)))"},
      {"`(~'a ~'b)", "(quote (a b))"}, /* constant after all */
  };
  for (size_t i = 0; i < COUNT(cases); i++)
    CHECK(reads(cases[i][0], cases[i][1]));
  CHECK(reads("``a", "(quote (quote user/a))"));
}

static O item(O form, int i) { return coll_nth(form, i, JANK_NIL, true); }

static void a_gensym_is_one_symbol_in_one_syntax_quote(void) {
  O form = item(read_one("`(a# b# (a#))"), 1);
  O a = item(form, 0), b = item(form, 1), inner = item(item(form, 2), 0);
  CHECK(value_equal(a, inner) && !value_equal(a, b));
  CHECK(!((symbol_object *)a)->ns);
  CHECK(strncmp(symbol_text(a), "a__", 3) == 0);
  CHECK(strstr(symbol_text(a), "__auto__") != NULL);
  O again = item(item(read_one("`(a#)"), 1), 0);
  CHECK(!value_equal(a, again));
  O nested = read_one("`(x# ~`(x#))");
  O inner_quote = item(item(item(nested, 2), 1), 0);
  CHECK(!value_equal(item(item(nested, 1), 1), inner_quote));
}

static void metadata_that_was_written_is_kept(void) {
  O form = read_one("`^:a (f ~x)");
  CHECK(symbol_is(item(form, 0), "clojure.core", "with-meta"));
  CHECK(strstr(jank_to_code_string(item(form, 2)), ":a true") != NULL);
  CHECK(!strstr(jank_to_code_string(item(form, 2)), ":line"));
  CHECK(!symbol_is(item(read_one("`(f ~x)"), 0), "clojure.core", "with-meta"));
}

static void a_splice_needs_a_collection_around_it(void) {
  CHECK(fails("`~@a", 1, 5, "splice not in list"));
  CHECK(fails("\n`~@(a)", 2, 7, "splice not in list"));
}

static void a_map_is_flattened_to_keys_and_values(void) {
  O items[] = {keyword("a"), fixnum(1), keyword("b"), fixnum(2)};
  O flat = syntax_quote_flat(jank_make_map(2, items));
  CHECK(value_equal(flat, jank_make_vector(4, items)));
  CHECK(syntax_quote_flat(map_empty) == vector_empty);
}

static const struct test tests[] = {
    TEST(names_are_qualified),
    TEST(what_is_constant_is_quoted_or_itself),
    TEST(what_is_unquoted_is_left_to_be_evaluated),
    TEST(a_gensym_is_one_symbol_in_one_syntax_quote),
    TEST(metadata_that_was_written_is_kept),
    TEST(a_splice_needs_a_collection_around_it),
    TEST(a_map_is_flattened_to_keys_and_values),
};

MAIN(start_reader, tests)
