/* Metadata: of what can have it, as it was given, on a copy; nil of all else; what
 * cannot have it, and what is none, is an error that says so. */
#include "collection/list.h"
#include "collection/map.h"
#include "collection/set.h"
#include "collection/vector.h"
#include "value/equal.h"
#include "value/meta.h"
#include "value/word.h"
#include "values.h"

static O some_meta(void) {
  return map_assoc(map_empty, keyword("doc"), text("it"));
}

static void a_copy_has_it_and_what_was_copied_has_not(void) {
  O meta = some_meta(), one = fixnum(1);
  O values[] = {symbol("s"),  jank_make_symbol("n", "s"),
                vector_empty, jank_make_vector(1, &one),
                list_empty,   jank_make_list(1, &one),
                map_empty,    set_empty};
  for (size_t i = 0; i < COUNT(values); i++) {
    O with = jank_with_meta(values[i], meta);
    CHECK(meta_of(with) == meta && meta_of(values[i]) == JANK_NIL);
    CHECK(with != values[i] && value_equal(with, values[i]));
    O without = jank_with_meta(with, JANK_NIL);
    CHECK(meta_of(without) == JANK_NIL && meta_of(with) == meta);
  }
}

static void what_cannot_have_metadata_has_none(void) {
  O values[] = {JANK_NIL,   JANK_TRUE,         fixnum(1),    make_char('a'),
                text("s"),  JANK_UNBOUND,      keyword("k"), jank_box_double(1),
                JANK_FALSE, integer(INT64_MAX)};
  for (size_t i = 0; i < COUNT(values); i++)
    CHECK(meta_of(values[i]) == JANK_NIL);
}

typedef struct {
  O o, meta;
} attempt;

static O try_meta(void *context) {
  attempt *a = context;
  return jank_with_meta(a->o, a->meta);
}

static bool fails(O o, O meta, const char *says) {
  attempt a = {o, meta};
  return throws(try_meta, &a, "ClassCastException", says);
}

static void what_cannot_have_it_and_what_is_none_is_an_error(void) {
  O meta = some_meta();
  const char *no =
      "with-meta: expected an object that can carry metadata, got ";
  CHECK(fails(text("s"), meta, no) && fails(fixnum(1), JANK_NIL, no));
  CHECK(fails(JANK_NIL, meta, "metadata, got nil: nil"));
  CHECK(fails(keyword("k"), meta, "metadata, got Keyword: :k"));
  const char *no_map = "with-meta: expected a map or nil, got ";
  CHECK(fails(vector_empty, vector_empty, no_map));
  CHECK(fails(vector_empty, fixnum(1), no_map));
  CHECK(fails(fixnum(1), fixnum(1), no_map));
}

static const struct test tests[] = {
    TEST(a_copy_has_it_and_what_was_copied_has_not),
    TEST(what_cannot_have_metadata_has_none),
    TEST(what_cannot_have_it_and_what_is_none_is_an_error),
};

MAIN(start_values, tests)
