/* The special forms by name: each is found by its symbol, and by nothing that only
 * looks like it; its shape says how many arguments it takes. */
#include "read/special.h"
#include "value/symbol.h"
#include "value/word.h"
#include "values.h"

static void each_is_found_by_its_name(void) {
  for (int i = 0; i < SPECIAL_COUNT; i++) {
    O head = symbol(special_shapes[i].name);
    CHECK((int)special_find(head) == i && special_is(head));
  }
  CHECK(special_find(symbol("if")) == SPECIAL_if);
  CHECK(special_find(symbol(".")) == SPECIAL_dot);
  CHECK(special_find(symbol("exception-is*")) == SPECIAL_exception_is);
}

static void names_are_told_apart(void) {
  for (int i = 0; i < SPECIAL_COUNT; i++)
    for (int k = 0; k < i; k++)
      CHECK(strcmp(special_shapes[i].name, special_shapes[k].name) != 0);
}

static void what_only_looks_like_one_is_none(void) {
  O others[] = {symbol("iff"),
                symbol("i"),
                symbol(""),
                symbol("IF"),
                symbol("let"),
                symbol("fn"),
                jank_make_symbol("clojure.core", "if"),
                keyword("if"),
                text("if"),
                JANK_NIL,
                fixnum(1)};
  for (size_t i = 0; i < COUNT(others); i++)
    CHECK(special_find(others[i]) == SPECIAL_NONE && !special_is(others[i]));
}

static void catch_finally_and_ampersand_are_left_alone_too(void) {
  static const char *const names[] = {"catch", "finally", "&"};
  for (size_t i = 0; i < COUNT(names); i++) {
    CHECK(special_is(symbol(names[i])));
    CHECK(special_find(symbol(names[i])) == SPECIAL_NONE);
    CHECK(!special_is(jank_make_symbol("n", names[i])));
  }
  CHECK(!special_is(text("catch")) && !special_is(JANK_NIL));
}

static void a_shape_has_its_bounds(void) {
  for (int i = 0; i < SPECIAL_COUNT; i++) {
    const special_shape *s = &special_shapes[i];
    CHECK(s->name[0] && s->least >= 0 &&
          (s->most == -1 || s->most >= s->least));
  }
  CHECK(special_shapes[SPECIAL_if].least == 2 &&
        special_shapes[SPECIAL_if].most == 3);
  CHECK(special_shapes[SPECIAL_quote].most == 1);
  CHECK(special_shapes[SPECIAL_do].least == 0 &&
        special_shapes[SPECIAL_do].most == -1);
}

static const struct test tests[] = {
    TEST(each_is_found_by_its_name),
    TEST(names_are_told_apart),
    TEST(what_only_looks_like_one_is_none),
    TEST(catch_finally_and_ampersand_are_left_alone_too),
    TEST(a_shape_has_its_bounds),
};

MAIN(start_values, tests)
