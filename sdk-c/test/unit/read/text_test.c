/* Strings, patterns and characters of a source: every escape, what is no escape with
 * the place of it, and what ends before its time; a buffer that was filled so far is
 * freed when it fails. */
#include "read/text.h"
#include "reader_test.h"
#include "value/regex.h"
#include "value/string.h"
#include "value/word.h"

static bool reads_text(const char *source, const char *bytes, size_t n) {
  O s = read_one(source);
  bool same = is_type(s, JANK_TYPE_STRING) &&
              ((string_object *)s)->bytes == n &&
              memcmp(((string_object *)s)->text, bytes, n) == 0;
  if (!same)
    fprintf(stderr, "%s reads as %s\n", source, jank_to_code_string(s));
  return same;
}

#define TEXT(source, expected)                                                 \
  CHECK(reads_text(source, expected, sizeof(expected) - 1))

static void a_string_has_every_escape(void) {
  TEXT("\"\"", "");
  TEXT("\"abc\"", "abc");
  TEXT("\"\\t\\n\\r\\\\\\\"\\b\\f\"", "\t\n\r\\\"\b\f");
  TEXT("\"\\u0041\\u20AC\\u20ac\"", "A\xe2\x82\xac\xe2\x82\xac");
  TEXT("\"\\u0000x\"", "\0x");
  TEXT("\"\\uD83D\\uDE00\"", "\xf0\x9f\x98\x80");
  TEXT("\"\\uDE00\\uD83D\"", "\xed\xb8\x80\xed\xa0\xbd");
  TEXT("\"\\0\\7\\101\\377\"", "\0\7A\xc3\xbf");
  TEXT("\"\\1012\\08\"", "A2\0008");
  TEXT("\"\xc3\xa9\n\xf0\x9f\x98\x80\"", "\xc3\xa9\n\xf0\x9f\x98\x80");
  TEXT("\"a;b(c\"", "a;b(c");
}

static void an_escape_that_is_none_is_told_where_it_is(void) {
  CHECK(fails("\"ab\\x\"", 1, 5, "Unsupported escape character: \\x"));
  CHECK(fails("\"a\n b\\8\"", 2, 4, "Unsupported escape character: \\8"));
  CHECK(fails("\"\\\xc3\xa9\"", 1, 3, "Unsupported escape character"));
  CHECK(fails("\"\\u12\"", 1, 3, "\\u needs four hexadecimal digits"));
  CHECK(fails("\"\\u12G4\"", 1, 3, "four hexadecimal"));
  CHECK(fails("\"\\400\"", 1, 3, "must be in range [0, 377]"));
  CHECK(fails("\"\\777\"", 1, 3, "in range"));
  CHECK(fails("\"\\N\"", 1, 3, "\\N"));
}

static void what_ends_before_its_time_began_somewhere(void) {
  CHECK(fails(" \"abc", 1, 2, "EOF while reading string"));
  CHECK(fails("\"abc\\\"", 1, 1, "EOF while reading string"));
  CHECK(fails("\"", 1, 1, "EOF while reading string"));
  CHECK(fails(" #\"abc", 1, 2, "EOF while reading regex"));
  CHECK(fails("#\"abc\\\"", 1, 1, "EOF while reading regex"));
  CHECK(fails("#\"\\", 1, 1, "EOF while reading regex"));
  CHECK(fails("\\", 1, 1, "EOF while reading character"));
  CHECK(fails("\"abc\\", 1, 6, "Unsupported escape character"));
}

static bool reads_pattern(const char *source, const char *expected) {
  O re = read_one(source);
  return is_type(re, JANK_TYPE_REGEX) &&
         is_text((O)((regex_object *)re)->text, expected);
}

static void a_pattern_keeps_its_escapes(void) {
  CHECK(reads_pattern("#\"\"", "") && reads_pattern("#\"a\"", "a"));
  CHECK(reads_pattern("#\"\\d+\\\"\\\\\"", "\\d+\\\"\\\\"));
  CHECK(reads_pattern("#\"\\u0041\"", "\\u0041"));
  CHECK(reads_pattern("#\"\xc3\xa9\n\"", "\xc3\xa9\n"));
}

static bool reads_char(const char *source, uint32_t code) {
  O c = read_one(source);
  return is_char(c) && char_value(c) == code;
}

static void a_character_is_itself_or_has_a_name_or_a_code(void) {
  CHECK(reads_char("\\a", 'a') && reads_char("\\( ", '('));
  CHECK(reads_char("\\\\", '\\') && reads_char("\\\"", '"'));
  CHECK(reads_char("\\;", ';') && reads_char("\\ ", ' '));
  CHECK(reads_char("\\newline", '\n') && reads_char("\\space", ' '));
  CHECK(reads_char("\\tab", '\t') && reads_char("\\return", '\r'));
  CHECK(reads_char("\\backspace", '\b') && reads_char("\\formfeed", '\f'));
  CHECK(reads_char("\\u0041", 'A') && reads_char("\\uffff", 0xffff));
  CHECK(reads_char("\\uD83D", 0xd83d));
  CHECK(reads_char("\\o0", 0) && reads_char("\\o101", 'A'));
  CHECK(reads_char("\\o377", 0377) && reads_char("\\o7", 7));
  CHECK(reads_char("\\u", 'u') && reads_char("\\o", 'o'));
  CHECK(reads_char("\\\xc3\xa9", 0xe9));
  CHECK(reads_char("\\\xf0\x9f\x98\x80", 0x1f600));
  CHECK(reads_char("\\a()", 'a') && reads_char("\\1", '1'));
}

static void a_character_that_is_none_is_told(void) {
  CHECK(fails(" \\ab", 1, 2, "Unsupported character: \\ab"));
  CHECK(fails("\\newlines", 1, 1, "\\newlines") &&
        fails("\\Tab", 1, 1, "\\Tab"));
  CHECK(fails("\\u004", 1, 1, "\\u004") && fails("\\u00411", 1, 1, "\\u00411"));
  CHECK(fails("\\u00g1", 1, 1, "\\u00g1") && fails("\\u-041", 1, 1, "\\u-041"));
  CHECK(fails("\\o400", 1, 1, "\\o400") && fails("\\o8", 1, 1, "\\o8"));
  CHECK(fails("\\o0101", 1, 1, "\\o0101"));
  char long_one[200];
  memset(long_one, 'x', sizeof long_one);
  long_one[0] = '\\';
  O exception, forms = read_text(long_one, sizeof long_one, &exception);
  CHECK(forms == JANK_UNBOUND && is_at(exception, 1, 1, "Unsupported") &&
        strlen(message_of(exception)) < 80);
}

/* ---- A buffer that is filled ----------------------------------------------------- */

static void fill_some(context *c, place start, buffer *out) {
  for (int i = 0; i < 1000; i++)
    buffer_text(out, "filled ");
  if (start.line == 0)
    source_fail(c, start, "not filled");
}

static O fill(void *line) {
  reader r;
  reader_init(&r, "", 0, "test.jank", 1);
  context c = {.r = &r, .pending = JANK_NIL, .gensyms = JANK_NIL};
  place start = {line ? 1 : 0, 1};
  return &text_read(&c, start, fill_some)->header;
}

static void what_was_filled_in_is_a_string_or_freed(void) {
  int line = 1;
  O s = fill(&line);
  CHECK(is_type(s, JANK_TYPE_STRING) && ((string_object *)s)->bytes == 7000);
  CHECK(is_at(thrown(fill, NULL), 0, 1, "not filled")); /* or LeakSanitizer */
}

static const struct test tests[] = {
    TEST(a_string_has_every_escape),
    TEST(an_escape_that_is_none_is_told_where_it_is),
    TEST(what_ends_before_its_time_began_somewhere),
    TEST(a_pattern_keeps_its_escapes),
    TEST(a_character_is_itself_or_has_a_name_or_a_code),
    TEST(a_character_that_is_none_is_told),
    TEST(what_was_filled_in_is_a_string_or_freed),
};

MAIN(start_reader, tests)
