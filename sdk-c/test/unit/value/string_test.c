/* Strings: text of any origin becomes one form, so that equal strings have equal
 * bytes; indices count UTF-16 units, wherever one begins to look; a part may split a
 * pair, and what is put together again is whole. */
#include "base/buffer.h"
#include "value/equal.h"
#include "value/gc.h"
#include "value/string.h"
#include "value/word.h"
#include "values.h"

#define EURO "\xe2\x82\xac"
#define SMILE "\xf0\x9f\x98\x80"
#define HIGH "\xed\xa0\xbd" /* d83d, the first half of it */
#define LOW "\xed\xb8\x80"  /* de00 */
#define WRONG "\xef\xbf\xbd"

/* ---- One form -------------------------------------------------------------------- */

static bool is_bytes(string_object *s, const char *bytes, size_t n,
                     uint32_t units) {
  return s->bytes == n && memcmp(s->text, bytes, n) == 0 && !s->text[n] &&
         s->units == units;
}

#define BECOMES(in, out, units)                                                \
  CHECK(is_bytes(string_make(in, sizeof(in) - 1), out, sizeof(out) - 1, units))

static void text_of_any_origin_has_one_form(void) {
  BECOMES("", "", 0);
  BECOMES("abc", "abc", 3);
  BECOMES("a\0b", "a\0b", 3);
  BECOMES(EURO "x" SMILE, EURO "x" SMILE, 4);
  BECOMES(HIGH LOW, SMILE, 2);
  BECOMES("a" HIGH LOW HIGH, "a" SMILE HIGH, 4);
  BECOMES(HIGH HIGH LOW, HIGH SMILE, 3);
  BECOMES(LOW HIGH, LOW HIGH, 2);
  BECOMES(HIGH "a" LOW, HIGH "a" LOW, 3);
  BECOMES("\xff", WRONG, 1);
  BECOMES("a\xc3", "a" WRONG, 2);
  BECOMES("\xe2\x82", WRONG WRONG, 2);
  BECOMES("\xf0\x9f\x98\x80\x80", SMILE WRONG, 3);
  BECOMES("\xc0\x80", WRONG WRONG, 2);
  BECOMES(WRONG, WRONG, 1);
  CHECK(value_equal(jank_make_string(HIGH LOW), jank_make_string(SMILE)));
}

static void random_bytes_become_text(void) {
  uint32_t seed = 7, wrong = 0;
  for (int round = 0; round < SCALED(5000); round++) {
    char bytes[24];
    size_t n = (size_t)round % sizeof bytes;
    for (size_t i = 0; i < n; i++) {
      seed = seed * 1664525u + 1013904223u;
      bytes[i] = (char)(seed >> 24 | (seed >> 8 & 0x80));
    }
    string_object *s = string_make(bytes, n);
    string_object *again = string_make(s->text, s->bytes);
    wrong += !is_bytes(again, s->text, s->bytes, s->units);
    wrong += string_count_units(s->text, s->bytes) != s->units;
  }
  CHECK(wrong == 0);
}

static void a_buffer_becomes_a_string_and_is_freed(void) {
  buffer b = {0};
  string_append_unit(&b, 'a');
  string_append_unit(&b, 0xd83d);
  string_append_unit(&b, 0xde00); /* joined */
  string_append_unit(&b, 0xde00);
  string_append_unit(&b, 0x20ac);
  string_object *s = string_from_buffer(&b);
  CHECK(is_bytes(s, "a" SMILE LOW EURO, 11, 5));
  CHECK(b.data == NULL && b.size == 0 && b.capacity == 0);
  CHECK(is_bytes(string_from_buffer(&b), "", 0, 0));
}

static O make_huge(void *context) {
  static char byte = 'a';
  return &string_bytes(string_make(&byte, 1), 0, UINT32_MAX)->header;
}

static void a_string_that_is_too_long_is_refused(void) {
  CHECK(throws(make_huge, NULL, "OutOfMemoryError", ""));
}

/* ---- Indices --------------------------------------------------------------------- */

static void a_unit_is_found_wherever_one_looked_before(void) {
  string_object *s = string_make("a" EURO SMILE "b" HIGH, 12);
  static const uint32_t units[] = {'a', 0x20ac, 0xd83d, 0xde00, 'b', 0xd83d};
  static const size_t offsets[] = {0, 1, 4, 4, 8, 9, 12};
  CHECK(s->units == 6 && s->bytes == 12);
  uint32_t seed = 1;
  for (int i = 0; i < 500; i++) {
    seed = seed * 1664525u + 1013904223u;
    uint32_t at = (seed >> 16) % 7;
    CHECK(at == 6 || string_unit(s, at) == units[at]);
    CHECK(string_byte_offset(s, at) == offsets[at]);
    if (i % 50 == 0)
      gc_collect(false);
  }
  string_object *ascii = string_make("xyz", 3);
  CHECK(string_unit(ascii, 2) == 'z' && string_byte_offset(ascii, 3) == 3);
}

static void a_part_may_split_a_pair(void) {
  string_object *s = string_make("a" SMILE "b", 6);
  CHECK(string_sub(s, 0, 4) == s);
  CHECK(is_bytes(string_sub(s, 1, 3), SMILE, 4, 2));
  CHECK(is_bytes(string_sub(s, 0, 2), "a" HIGH, 4, 2));
  CHECK(is_bytes(string_sub(s, 2, 4), LOW "b", 4, 2));
  CHECK(is_bytes(string_sub(s, 2, 3), LOW, 3, 1));
  CHECK(is_bytes(string_sub(s, 2, 2), "", 0, 0));
  CHECK(is_bytes(string_sub(s, 4, 4), "", 0, 0));
  CHECK(is_bytes(string_sub(string_make("hello", 5), 1, 3), "el", 2, 2));
  CHECK(is_bytes(string_bytes(s, 1, 5), SMILE, 4, 2));
  CHECK(is_bytes(string_bytes(string_make("hello", 5), 2, 5), "llo", 3, 3));
}

static void text_is_found_from_a_place_on(void) {
  string_object *s = string_make("abcabc\0abd", 10);
  CHECK(string_find(s, "abc", 3, 0) == 0 && string_find(s, "abc", 3, 1) == 3);
  CHECK(string_find(s, "abc", 3, 4) == UINT32_MAX);
  CHECK(string_find(s, "abd", 3, 0) == 7 && string_find(s, "d", 1, 9) == 9);
  CHECK(string_find(s, "\0", 1, 0) == 6 &&
        string_find(s, "bd", 2, 9) == UINT32_MAX);
  CHECK(string_find(s, "", 0, 0) == 0 && string_find(s, "", 0, 10) == 10);
  CHECK(string_find(s, "", 0, 11) == UINT32_MAX);
  CHECK(string_find(s, "a", 1, 10) == UINT32_MAX);
  CHECK(string_find(s, "abcabc\0abdx", 11, 0) == UINT32_MAX);
  CHECK(string_find(string_make("", 0), "a", 1, 0) == UINT32_MAX);
}

static const struct test tests[] = {
    TEST(text_of_any_origin_has_one_form),
    TEST(random_bytes_become_text),
    TEST(a_buffer_becomes_a_string_and_is_freed),
    TEST(a_string_that_is_too_long_is_refused),
    TEST(a_unit_is_found_wherever_one_looked_before),
    TEST(a_part_may_split_a_pair),
    TEST(text_is_found_from_a_place_on),
};

MAIN(start_values, tests)
