/* Symbols and keywords: two keywords that are equal are one word, for the life of the
 * runtime, frozen or not; symbols are equal by their text, and have metadata. */
#include "collection/list.h"
#include "collection/map.h"
#include "value/equal.h"
#include "value/gc.h"
#include "value/symbol.h"
#include "value/word.h"
#include "values.h"

static void equal_keywords_are_one_word(void) {
  CHECK(keyword("a") == keyword("a") && keyword("a") != keyword("b"));
  O qualified = jank_make_keyword("n", "a");
  CHECK(qualified == jank_make_keyword("n", "a") && qualified != keyword("a"));
  CHECK(jank_make_keyword("", "a") == keyword("a"));
  CHECK((O)symbol_intern(string_make("", 0), string_make("a", 1)) ==
        keyword("a"));
  CHECK(jank_keyword_intern(text("n"), text("a")) == qualified);
  CHECK(jank_keyword_intern(JANK_NIL, text("a")) == keyword("a"));
  CHECK(jank_make_keyword("a", "b/c") != jank_make_keyword("a/b", "c"));
  CHECK(keyword("") == keyword("") && keyword("") != JANK_NIL);
  O with_nul = jank_keyword_intern(JANK_NIL, jank_make_string_n("a\0b", 3));
  CHECK(with_nul != keyword("a"));
  CHECK(with_nul ==
        jank_keyword_intern(JANK_NIL, jank_make_string_n("a\0b", 3)));
}

static O numbered(int i) {
  char name[32];
  snprintf(name, sizeof name, "k%d", i);
  return jank_make_keyword(i % 3 ? "some.ns" : NULL, name);
}

enum { MANY = SCALED(20000) };

static void a_keyword_stays_the_same_word(void) {
  static O words[MANY]; /* no root: the table keeps them */
  uint32_t wrong = 0;
  for (int i = 0; i < MANY; i++) {
    words[i] = numbered(i);
    if (i == MANY / 2) {
      gc_freeze();
      symbol_freeze();
    }
    if (i % (MANY / 10) == 0)
      gc_collect(i % 4 == 0);
  }
  gc_collect(true);
  for (int i = 0; i < MANY; i++)
    wrong += numbered(i) != words[i] || !is_type(words[i], JANK_TYPE_KEYWORD);
  CHECK(wrong == 0);
}

static void a_symbol_has_its_parts_and_is_its_own(void) {
  symbol_object *s = symbol_from("n", "a");
  CHECK(is_type(&s->header, JANK_TYPE_SYMBOL));
  CHECK(is_text(&s->ns->header, "n") && is_text(&s->name->header, "a"));
  CHECK(strcmp(symbol_text(&s->header), "a") == 0 && s->meta == JANK_NIL);
  CHECK(s != symbol_from("n", "a"));
  CHECK(value_equal(&s->header, jank_make_symbol("n", "a")));
  CHECK(symbol_from("", "a")->ns == NULL && symbol_from(NULL, "a")->ns == NULL);
  CHECK(symbol_make(string_make("", 0), string_make("a", 1))->ns == NULL);
}

static void a_name_is_asked_with_its_namespace(void) {
  O plain = symbol("a"), qualified = jank_make_symbol("n", "a");
  CHECK(symbol_is(plain, NULL, "a") && !symbol_is(plain, "n", "a"));
  CHECK(symbol_is(qualified, "n", "a") && !symbol_is(qualified, NULL, "a"));
  CHECK(!symbol_is(qualified, "m", "a") && !symbol_is(qualified, "n", "ab"));
  CHECK(!symbol_is(plain, NULL, "") && !symbol_is(symbol("ab"), NULL, "a"));
  CHECK(symbol_is(keyword("a"), NULL, "a"));
  CHECK(!symbol_is(text("a"), NULL, "a") && !symbol_is(JANK_NIL, NULL, ""));
  CHECK(!symbol_is(fixnum(1), NULL, "1"));
}

static void metadata_is_a_copys(void) {
  O s = jank_make_symbol("n", "a");
  O meta = map_assoc(map_empty, keyword("doc"), text("it"));
  O with = symbol_with_meta(s, meta);
  gc_collect(true);
  CHECK(symbol_meta(with) == meta && symbol_meta(s) == JANK_NIL);
  CHECK(value_equal(s, with) && value_hash(s) == value_hash(with));
}

typedef struct {
  O ns, name;
} attempt;

static O intern(void *context) {
  attempt *a = context;
  return jank_keyword_intern(a->ns, a->name);
}

static void what_is_no_text_makes_no_keyword(void) {
  attempt attempts[] = {{JANK_NIL, JANK_NIL},
                        {JANK_NIL, fixnum(1)},
                        {keyword("n"), text("a")},
                        {JANK_TRUE, text("a")}};
  for (size_t i = 0; i < COUNT(attempts); i++)
    CHECK(throws(intern, &attempts[i], "ClassCastException",
                 "keyword: expected a string, got "));
}

static const struct test tests[] = {
    TEST(equal_keywords_are_one_word),
    TEST(a_symbol_has_its_parts_and_is_its_own),
    TEST(a_name_is_asked_with_its_namespace),
    TEST(metadata_is_a_copys),
    TEST(what_is_no_text_makes_no_keyword),
    TEST(a_keyword_stays_the_same_word),
};

MAIN(start_values, tests)
