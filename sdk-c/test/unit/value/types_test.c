/* The table of types: the start sets it before the first value is made; every type
 * has a row with a name and a way to be printed, and rows that belong together agree
 * (what has metadata gives it, what is equal has a hash). */
#include "types.h"
#include "value/gc.h"
#include "value/types.h"
#include "value/word.h"
#include "values.h"

static void every_type_has_a_row_and_a_name(void) {
  CHECK(types == types_rows);
  for (int i = 0; i < JANK_TYPE_COUNT; i++) {
    const type_row *row = &types[i];
    CHECK(row->name && row->name[0] >= 'A' && row->name[0] <= 'Z');
    CHECK(row->print != NULL);
  }
}

static void what_is_equal_by_its_content_has_a_hash_by_it(void) {
  for (int i = 0; i < JANK_TYPE_COUNT; i++)
    CHECK(!types[i].equal || types[i].hash);
}

static void what_gets_metadata_gives_it(void) {
  /* These make a seq of another type, which has it. */
  static const int others[] = {JANK_TYPE_MAP_SEQ, JANK_TYPE_CHUNK_SEQ,
                               JANK_TYPE_TREE_SEQ, JANK_TYPE_MAP_ENTRY};
  for (int i = 0; i < JANK_TYPE_COUNT; i++) {
    bool is_other = false;
    for (size_t k = 0; k < COUNT(others); k++)
      is_other |= others[k] == i;
    CHECK(!types[i].with_meta || types[i].meta || is_other);
  }
}

static void what_is_taken_back_may_change(void) {
  for (int i = 0; i < JANK_TYPE_COUNT; i++)
    CHECK(!types[i].journal || types[i].changes != CHANGES_NEVER);
}

static void what_changes_has_words_to_look_for(void) {
  for (int i = 0; i < JANK_TYPE_COUNT; i++)
    CHECK(types[i].changes == CHANGES_NEVER || types[i].trace);
}

static void
an_object_of_any_type_may_be_looked_into_as_soon_as_it_is_made(void) {
  for (int i = 0; i < JANK_TYPE_COUNT; i++) {
    if (types[i].finalize) /* it is filled in at once */
      continue;
    O o = gc_alloc((enum jank_type)i, 1000); /* room for any; all zero */
    if (types[i].trace)
      types[i].trace(o);
    gc_collect(true);
    CHECK(o->type == i);
  }
}

static const struct test tests[] = {
    TEST(every_type_has_a_row_and_a_name),
    TEST(what_is_equal_by_its_content_has_a_hash_by_it),
    TEST(what_gets_metadata_gives_it),
    TEST(what_is_taken_back_may_change),
    TEST(what_changes_has_words_to_look_for),
    TEST(an_object_of_any_type_may_be_looked_into_as_soon_as_it_is_made),
};

MAIN(start_values, tests)
