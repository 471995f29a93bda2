/* Numbers as objects: what fits a word is a word, with its limits; what does not is
 * boxed whole; and what is a number of which kind. */
#include "number/text.h"
#include "value/box.h"
#include "value/word.h"
#include "values.h"
#include <math.h>

static const int64_t integers[] = {0,
                                   1,
                                   -1,
                                   JANK_FIXNUM_MAX,
                                   JANK_FIXNUM_MIN,
                                   JANK_FIXNUM_MAX + 1,
                                   JANK_FIXNUM_MIN - 1,
                                   INT32_MAX,
                                   INT32_MIN,
                                   INT64_C(1) << 32,
                                   -(INT64_C(1) << 32) - 1,
                                   INT64_MAX,
                                   INT64_MIN};

static void an_integer_comes_back_whole_and_fits_a_word_up_to_31_bits(void) {
  for (size_t i = 0; i < COUNT(integers); i++) {
    int64_t n = integers[i];
    O o = jank_box_integer(n);
    bool fits = n >= JANK_FIXNUM_MIN && n <= JANK_FIXNUM_MAX;
    CHECK(is_fixnum(o) == fits && is_heap(o) == !fits);
    CHECK(fits || o->type == JANK_TYPE_LONG);
    CHECK(box_integer_value(o) == n && jank_unbox_integer(o) == n);
    CHECK(box_is_integer(o) && box_is_number(o) && !box_is_double(o));
  }
}

static void an_integer_passes_in_halves(void) {
  for (size_t i = 0; i < COUNT(integers); i++) {
    uint64_t n = (uint64_t)integers[i];
    O o = jank_box_integer_halves((uint32_t)n, (int32_t)(n >> 32));
    int32_t high = 0;
    uint32_t low = jank_unbox_integer_halves(o, &high);
    CHECK(box_integer_value(o) == integers[i]);
    CHECK(low == (uint32_t)n && high == (int32_t)(n >> 32));
  }
}

static void a_double_keeps_its_bits(void) {
  const double doubles[] = {0.0, -0.0, 1.5, -INFINITY, 5e-324, 1.7e308};
  for (size_t i = 0; i < COUNT(doubles); i++) {
    O o = jank_box_double(doubles[i]);
    double d = box_double_value(o);
    CHECK(memcmp(&d, &doubles[i], sizeof d) == 0);
    CHECK(box_is_double(o) && box_is_number(o) && !box_is_integer(o));
  }
  CHECK(isnan(box_double_value(jank_box_double(NAN))));
}

static void what_is_no_number_is_none(void) {
  O others[] = {JANK_NIL,  JANK_TRUE,      JANK_FALSE,  JANK_UNBOUND,
                text("1"), keyword("one"), symbol("1"), make_char('1')};
  for (size_t i = 0; i < COUNT(others); i++)
    CHECK(!box_is_number(others[i]) && !box_is_integer(others[i]) &&
          !box_is_double(others[i]) && !box_is_tower(others[i], integer(1)));
}

static void the_tower_is_of_exact_numbers_beyond_64_bits(void) {
  O big = number_parse("12N", 3), one = integer(1);
  O big_long = integer(INT64_MAX), half = jank_box_double(0.5);
  CHECK(box_is_number(big) && !box_is_integer(big) && !box_is_double(big));
  CHECK(box_is_tower(big, one) && box_is_tower(one, big));
  CHECK(box_is_tower(big, big_long) && box_is_tower(big, big));
  CHECK(!box_is_tower(one, big_long) && !box_is_tower(big, half) &&
        !box_is_tower(half, big) && !box_is_tower(big, JANK_NIL));
}

static O unbox(void *o) { return integer(jank_unbox_integer(o)); }
static O unbox_double(void *o) { return jank_box_double(jank_unbox_double(o)); }

static void what_is_no_integer_cannot_be_unboxed(void) {
  CHECK(throws(unbox, JANK_NIL, "ClassCastException", "an integer, got nil"));
  CHECK(throws(unbox, text("1"), "ClassCastException", "got String: \"1\""));
  CHECK(throws(unbox, jank_box_double(1), "ClassCastException", "Double: 1.0"));
  CHECK(throws(unbox_double, JANK_TRUE, "ClassCastException",
               "a number, got Boolean: true"));
  CHECK(jank_unbox_double(integer(3)) == 3.0);
}

static void only_nil_and_false_are_not_true(void) {
  CHECK(!jank_truthy(jank_nil_value()) && !jank_truthy(jank_false_value()));
  CHECK(jank_truthy(jank_true_value()) && jank_truthy(integer(0)));
  CHECK(jank_truthy(text("")) && jank_truthy(jank_box_double(NAN)));
  CHECK(jank_truthy(make_char(0)));
}

/* ---- Words ----------------------------------------------------------------------- */

static void every_word_is_of_one_kind(void) {
  O words[] = {JANK_NIL,  JANK_TRUE,           JANK_FALSE,
               fixnum(0), fixnum(-1),          JANK_UNBOUND,
               text("x"), make_char(0x10ffff), make_char(0)};
  for (size_t i = 0; i < COUNT(words); i++) {
    O o = words[i];
    int kinds = (o == JANK_NIL) + is_boolean(o) + is_fixnum(o) + is_char(o) +
                is_heap(o) + (o == JANK_UNBOUND);
    CHECK(kinds == 1);
  }
  CHECK(fixnum_value(fixnum(JANK_FIXNUM_MIN)) == JANK_FIXNUM_MIN);
  CHECK(fixnum_value(fixnum(JANK_FIXNUM_MAX)) == JANK_FIXNUM_MAX);
  CHECK(char_value(make_char(0x10ffff)) == 0x10ffff);
  CHECK(boolean(true) == JANK_TRUE && boolean(false) == JANK_FALSE);
}

static const struct test tests[] = {
    TEST(an_integer_comes_back_whole_and_fits_a_word_up_to_31_bits),
    TEST(an_integer_passes_in_halves),
    TEST(a_double_keeps_its_bits),
    TEST(what_is_no_number_is_none),
    TEST(the_tower_is_of_exact_numbers_beyond_64_bits),
    TEST(what_is_no_integer_cannot_be_unboxed),
    TEST(only_nil_and_false_are_not_true),
    TEST(every_word_is_of_one_kind),
};

MAIN(start_values, tests)
