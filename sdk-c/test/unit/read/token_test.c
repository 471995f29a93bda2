/* Tokens: numbers, keywords, symbols and what they are split into; nil, true and
 * false; %1 in a function's body; what is none of them is named, shortly, with its
 * place. */
#include "collection/map.h"
#include "read/token.h"
#include "reader_test.h"
#include "runtime/ns.h"
#include "value/equal.h"
#include "value/gc.h"
#include "value/symbol.h"
#include "value/word.h"

static void a_token_ends_where_nothing_of_it_can_follow(void) {
  static const char *const ends[] = {" ", ",",  "\n", "(", ")", "[", "]", "{",
                                     "}", "\"", ";",  "@", "^", "`", "~", "\\"};
  for (size_t i = 0; i < COUNT(ends); i++) {
    char source[16];
    int n = snprintf(source, sizeof source, "a#b'%s1", ends[i]);
    reader r;
    reader_init(&r, source, (size_t)n, "test.jank", 1);
    token t = token_read(&r);
    CHECK(token_is(t, "a#b'") && r.offset == 4 && r.column == 5);
    CHECK(!token_is(t, "a#b") && !token_is(t, "a#b'1"));
  }
  reader r;
  reader_init(&r, "", 0, "test.jank", 1);
  CHECK(token_is(token_read(&r), ""));
}

static bool is_name(O o, enum jank_type type, const char *ns,
                    const char *name) {
  return is_type(o, type) && symbol_is(o, ns, name);
}

static void a_symbol_is_split_at_its_first_slash(void) {
  static const char *const cases[][3] = {
      {"a", NULL, "a"},           {"a/b", "a", "b"},
      {"/", NULL, "/"},           {"a//", "a", "/"},
      {"a.b/c.d", "a.b", "c.d"},  {"+", NULL, "+"},
      {"-", NULL, "-"},           {"-a", NULL, "-a"},
      {"a#", NULL, "a#"},         {"a'", NULL, "a'"},
      {"*a*", NULL, "*a*"},       {"%", NULL, "%"},
      {"%1", NULL, "%1"},         {"nil?", NULL, "nil?"},
      {"truest", NULL, "truest"}, {"a:b", NULL, "a:b"},
      {".a", NULL, ".a"},         {"\xc3\xa9/\xc3\xa8", "\xc3\xa9", "\xc3\xa8"},
  };
  for (size_t i = 0; i < COUNT(cases); i++)
    CHECK(is_name(read_one(cases[i][0]), JANK_TYPE_SYMBOL, cases[i][1],
                  cases[i][2]));
  CHECK(fails("+1a/b", 1, 1, "Invalid number: +1a/b"));
}

static void a_keyword_may_be_of_a_namespace_or_this_or_an_alias(void) {
  namespace_object *ns = ns_current();
  ns->aliases =
      map_assoc(ns->aliases, symbol("al"), &ns_from_name("other.ns")->header);
  gc_write(&ns->header);
  static const char *const cases[][3] = {
      {":a", NULL, "a"},
      {":n/a", "n", "a"},
      {"::a", "user", "a"},
      {"::al/a", "other.ns", "a"},
      {"::other.ns/a", "other.ns", "a"},
      {":1", NULL, "1"},
      {":/", NULL, "/"},
      {":a.b/c", "a.b", "c"},
      {":nil", NULL, "nil"},
  };
  for (size_t i = 0; i < COUNT(cases); i++)
    CHECK(is_name(read_one(cases[i][0]), JANK_TYPE_KEYWORD, cases[i][1],
                  cases[i][2]));
  CHECK(read_one(":a") == keyword("a"));
}

static void what_is_no_name_is_told(void) {
  static const char *const bad[] = {
      ":",   "a/",   "/a",    "a:", "::",   ":a:", ":/a",
      ":a/", ":::a", "a/b/c", "//", "a/b:", "::a/"};
  for (size_t i = 0; i < COUNT(bad); i++) {
    char source[32], says[64];
    snprintf(source, sizeof source, "\n (%s)", bad[i]);
    snprintf(says, sizeof says, "Invalid token: %s", bad[i]);
    CHECK(fails(source, 2, 3, says));
  }
}

static void a_number_begins_with_a_digit_or_a_sign_and_a_digit(void) {
  static const char *const cases[][2] = {
      {"1", "1"},
      {"+1", "1"},
      {"-1", "-1"},
      {"0x1F", "31"},
      {"010", "8"},
      {"2r101", "5"},
      {"1.5", "1.5"},
      {"1e3", "1000.0"},
      {"1/2", "1/2"},
      {"3N", "3N"},
      {"1.5M", "1.5M"},
      {"-0.0", "-0.0"},
      {"9223372036854775807", "9223372036854775807"},
      {"9223372036854775808", "9223372036854775808N"},
  };
  for (size_t i = 0; i < COUNT(cases); i++)
    CHECK(reads(cases[i][0], cases[i][1]));
  static const char *const bad[] = {"1a",    "0x", "08",  "1..2", "1/", "37r1",
                                    "1.5.1", "1e", "+1-", "0xG",  "1N2"};
  for (size_t i = 0; i < COUNT(bad); i++) {
    char source[32], says[64];
    snprintf(source, sizeof source, "  %s", bad[i]);
    snprintf(says, sizeof says, "Invalid number: %s", bad[i]);
    CHECK(fails(source, 1, 3, says));
  }
}

static void constants_have_names(void) {
  CHECK(read_one("nil") == JANK_NIL && read_one("true") == JANK_TRUE &&
        read_one("false") == JANK_FALSE);
  CHECK(is_name(read_one("n/nil"), JANK_TYPE_SYMBOL, "n", "nil"));
}

static void a_long_token_is_named_by_its_beginning(void) {
  char source[1000];
  for (int k = 0; k < 2; k++) {
    memset(source, 'x', sizeof source);
    source[0] = k ? '1' : ':';
    source[sizeof source - 1] = ':';
    O exception, forms = read_text(source, sizeof source, &exception);
    CHECK(forms == JANK_UNBOUND && is_at(exception, 1, 1, "Invalid"));
    CHECK(strlen(message_of(exception)) < 120);
  }
}

static const struct test tests[] = {
    TEST(a_token_ends_where_nothing_of_it_can_follow),
    TEST(a_symbol_is_split_at_its_first_slash),
    TEST(a_keyword_may_be_of_a_namespace_or_this_or_an_alias),
    TEST(what_is_no_name_is_told),
    TEST(a_number_begins_with_a_digit_or_a_sign_and_a_digit),
    TEST(constants_have_names),
    TEST(a_long_token_is_named_by_its_beginning),
};

MAIN(start_reader, tests)
