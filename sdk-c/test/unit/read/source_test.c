/* The source under the reader: characters one by one with lines and columns, what
 * ends a token; errors as exceptions with a place; places as metadata, told apart
 * from what the program wrote. */
#include "collection/list.h"
#include "collection/map.h"
#include "collection/vector.h"
#include "read/source.h"
#include "reader_test.h"
#include "value/equal.h"
#include "value/word.h"
#include <ctype.h>

static reader reader_of(const char *source, size_t size) {
  reader r;
  reader_init(&r, source, size, "test.jank", 3);
  return r;
}

static void characters_are_taken_with_their_place(void) {
  reader r = reader_of("a\xc3\xa9\n\0z", 6);
  static const int expected[][3] = {/* what, and where then */
                                    {'a', 3, 2},  {0xc3, 3, 3}, {0xa9, 3, 3},
                                    {'\n', 4, 1}, {0, 4, 2},    {'z', 4, 3}};
  CHECK(source_here(&r).line == 3 && source_here(&r).column == 1);
  for (size_t i = 0; i < COUNT(expected); i++) {
    CHECK(source_peek(&r) == expected[i][0]);
    CHECK(source_peek_at(&r, 0) == expected[i][0]);
    CHECK(source_take(&r) == expected[i][0]);
    CHECK(source_here(&r).line == expected[i][1] &&
          source_here(&r).column == expected[i][2]);
  }
  for (int i = 0; i < 3; i++)
    CHECK(source_peek(&r) == -1 && source_take(&r) == -1 && r.offset == 6);
  CHECK(source_peek_at(&r, 1000) == -1);
}

static void one_may_look_ahead_up_to_the_end(void) {
  reader r = reader_of("abc", 3);
  CHECK(source_peek_at(&r, 2) == 'c' && source_peek_at(&r, 3) == -1);
  source_take(&r);
  CHECK(source_peek_at(&r, 1) == 'c' && source_peek_at(&r, 2) == -1);
  reader none = reader_of("", 0);
  CHECK(source_peek(&none) == -1);
}

static void characters_are_of_kinds(void) {
  for (int ch = 0; ch < 256; ch++) {
    bool is_space = ch == ',' || (ch < 128 && isspace(ch));
    CHECK(source_is_space(ch) == is_space);
    CHECK(source_is_digit(ch) == (ch >= '0' && ch <= '9'));
    bool ends = is_space || (ch && strchr("\"();@[]\\^`{}~", ch));
    CHECK(ch == 0 || source_ends_token(ch) == ends);
  }
  CHECK(source_ends_token(-1) && !source_is_space(-1) && !source_is_digit(-1));
}

static void a_line_is_skipped_up_to_its_end(void) {
  reader r = reader_of("abc\nd", 5);
  source_skip_line(&r);
  CHECK(source_peek(&r) == '\n');
  source_skip_line(&r); /* it is there already */
  CHECK(source_peek(&r) == '\n' && source_take(&r) == '\n');
  source_skip_line(&r);
  CHECK(source_peek(&r) == -1);
}

static O fail_long(void *format) {
  reader r = reader_of("x", 1);
  context c = {.r = &r, .pending = JANK_NIL, .gensyms = JANK_NIL};
  char name[1000];
  memset(name, 'x', sizeof name - 1);
  name[sizeof name - 1] = 0;
  source_fail(&c, (place){5, 9}, format, name);
}

static void an_error_names_file_line_and_column(void) {
  CHECK(is_at(thrown(fail_long, "it is %.3s"), 5, 9, "it is xxx"));
  O e = thrown(fail_long, "%s");
  CHECK(is_at(e, 5, 9, "xxx") && strlen(message_of(e)) < 300);
}

static void a_form_gets_its_place_beside_what_was_written(void) {
  reader r = reader_of("12345", 5);
  context c = {.r = &r, .pending = JANK_NIL, .gensyms = JANK_NIL};
  source_take(&r);
  O doc = jank_make_map(1, (O[]){keyword("doc"), text("it")});
  O form = jank_with_meta(symbol("a"), doc);
  O placed = source_with_place(&c, form, (place){2, 7});
  CHECK(spans(placed, 2, 7, 3, 2) && value_equal(placed, form));
  CHECK(value_equal(source_own_meta(placed), doc));
  CHECK(meta_of(form) == doc);
  O bare = source_with_place(&c, symbol("a"), (place){2, 7});
  CHECK(source_own_meta(bare) == JANK_NIL && map_count(meta_of(bare)) == 4);
  CHECK(source_own_meta(symbol("a")) == JANK_NIL);
  CHECK(source_own_meta(fixnum(1)) == JANK_NIL);
}

static void lists_are_made_of_items(void) {
  O a = fixnum(1), b = fixnum(2), c = fixnum(3);
  CHECK(value_equal(source_list2(a, b), jank_make_list(2, (O[]){a, b})));
  CHECK(value_equal(source_list3(a, b, c), jank_make_list(3, (O[]){a, b, c})));
  O vector = jank_make_vector(3, (O[]){a, b, c});
  CHECK(value_equal(source_list(vector), vector));
  CHECK(is_type(source_list(vector), JANK_TYPE_LIST));
  CHECK(source_list(vector_empty) == list_empty);
  CHECK(symbol_is(source_symbol("x"), NULL, "x"));
  CHECK(symbol_is(source_core_symbol("x"), "clojure.core", "x"));
  CHECK(source_keyword("x") == keyword("x"));
}

static const struct test tests[] = {
    TEST(characters_are_taken_with_their_place),
    TEST(one_may_look_ahead_up_to_the_end),
    TEST(characters_are_of_kinds),
    TEST(a_line_is_skipped_up_to_its_end),
    TEST(an_error_names_file_line_and_column),
    TEST(a_form_gets_its_place_beside_what_was_written),
    TEST(lists_are_made_of_items),
};

MAIN(start_reader, tests)
