/* Ranges of the function table: the first free one that is large enough is taken, what
 * is given back is cleared and joins its neighbours, the table grows only when
 * nothing fits, and when it cannot there is none. */
#include "host/host.h"
#include "load/slots.h"
#include "test.h"
#include <stdlib.h>

/* ---- A table --------------------------------------------------------------------- */

#define MOST 20000
static uint32_t table_size = 100,
                table_limit = 5000; /* the program's own come first */
static uint8_t in_use[MOST];
static uint32_t cleared_first, cleared_n, clears;
static uint32_t gap; /* that someone else takes before the next growth */

uint32_t host_table_grow(uint32_t n) {
  if (n > table_limit || table_size + gap > table_limit - n)
    return 0;
  uint32_t first = table_size + gap;
  table_size = first + n;
  gap = 0;
  return first;
}

void host_table_clear(uint32_t first, uint32_t n) {
  cleared_first = first;
  cleared_n = n;
  clears++;
}

/* ---- Taking with a look at whether they are free ----------------------------------- */

static uint32_t overlaps;

static uint32_t take(uint32_t n) {
  uint32_t first = slots_take(n);
  for (uint32_t i = first; first && i < first + n; i++) {
    overlaps += in_use[i] || i >= table_size || i < 100;
    in_use[i] = 1;
  }
  return first;
}

static void give(uint32_t first, uint32_t n) {
  for (uint32_t i = first; i < first + n; i++)
    in_use[i] = 0;
  slots_free(first, n);
}

static void nothing_is_no_range(void) {
  uint32_t total = slots_total(), before = clears;
  CHECK(slots_take(0) == 0 && slots_total() == total);
  slots_free(0, 10);
  slots_free(100, 0);
  CHECK(slots_unused() <= slots_total() && clears == before);
}

static void the_table_grows_in_steps_when_nothing_fits(void) {
  uint32_t before = slots_total();
  uint32_t a = take(10), b = take(10);
  CHECK(a >= 100 && b == a + 10);
  CHECK(slots_total() > before && slots_total() - slots_unused() >= 20);
  uint32_t total = slots_total(), large = take(1000);
  CHECK(large && slots_total() >= total + 1000 - 256);
  give(large, 1000);
  give(a, 10);
  give(b, 10);
  CHECK(slots_unused() == slots_total() && overlaps == 0);
}

static void what_is_given_back_is_cleared(void) {
  uint32_t a = take(7), before = clears;
  give(a, 7);
  CHECK(clears == before + 1 && cleared_first == a && cleared_n == 7);
}

static void the_first_range_that_is_large_enough_is_taken(void) {
  uint32_t parts[6];
  for (int i = 0; i < 6; i++)
    parts[i] = take(10);
  for (int i = 1; i < 6; i++)
    CHECK(parts[i] == parts[i - 1] + 10);
  give(parts[1], 10);
  give(parts[3], 10);
  uint32_t small = take(4), other = take(4), rest = take(2), next = take(3);
  CHECK(small == parts[1] && other == parts[1] + 4 && rest == parts[1] + 8);
  CHECK(next == parts[3]);
  uint32_t larger = take(8); /* 7 are left there */
  CHECK(larger != parts[3] + 3 && larger > parts[5]);
  give(small, 4), give(other, 4), give(rest, 2), give(next, 3);
  give(larger, 8);
  give(parts[0], 10), give(parts[2], 10), give(parts[4], 10),
      give(parts[5], 10);
  CHECK(slots_unused() == slots_total() && overlaps == 0);
}

static void neighbours_are_joined_in_any_order(void) {
  static const int orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                  {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
  for (int i = 0; i < 6; i++) {
    uint32_t a = take(5), parts[] = {a, take(5), take(5)}, end = take(1);
    CHECK(parts[1] == a + 5 && parts[2] == a + 10);
    for (int k = 0; k < 3; k++)
      give(parts[orders[i][k]], 5);
    uint32_t whole = take(15);
    CHECK(whole == a);
    give(whole, 15);
    give(end, 1);
  }
  CHECK(slots_unused() == slots_total() && overlaps == 0);
}

static void a_part_may_be_given_back_before_the_rest(void) {
  uint32_t a = take(20);
  give(a + 5, 5);
  CHECK(take(5) == a + 5);
  give(a + 5, 5);
  give(a, 5);
  give(a + 10, 10);
  CHECK(take(20) == a);
  give(a, 20);
}

static void growth_that_does_not_follow_is_not_joined(void) {
  uint32_t all = slots_unused(), whole = take(all);
  CHECK(whole && slots_unused() == 0);
  gap = 3; /* dlopen has taken some */
  uint32_t a = take(256);
  CHECK(a >= whole + all + 3 && slots_unused() == 0);
  give(whole, all);
  give(a, 256);
  uint32_t large = take(all + 1); /* which no one range has */
  CHECK(large && large != whole);
  give(large, all + 1);
  CHECK(overlaps == 0);
}

static void a_table_that_is_full_has_none_until_some_is_given_back(void) {
  CHECK(slots_take(UINT32_MAX) == 0 && slots_take(table_limit) == 0);
  uint32_t taken[MOST], n = 0, slot;
  while (n < MOST && (slot = take(1)))
    taken[n++] = slot;
  CHECK(n > 4000 && slots_unused() == 0);
  CHECK(slots_take(1) == 0 && slots_take(100) == 0);
  give(taken[n / 2], 1);
  CHECK(slots_take(2) == 0);
  CHECK(take(1) == taken[n / 2] && take(1) == 0);
  while (n)
    give(taken[--n], 1);
  CHECK(slots_unused() == slots_total() && overlaps == 0);
}

static void at_random_none_is_given_twice_and_none_is_lost(void) {
  enum { HELD = 100 };
  static struct {
    uint32_t first, n;
  } held[HELD];
  uint32_t seed = 5, in_total = 0, wrong = 0;
  for (int step = 0; step < 20000; step++) {
    seed = seed * 1664525u + 1013904223u;
    uint32_t i = (seed >> 8) % HELD, n = 1 + (seed >> 20) % 40;
    if (held[i].first) {
      give(held[i].first, held[i].n);
      in_total -= held[i].n;
      held[i].first = 0;
    } else if ((held[i].first = take(n))) {
      held[i].n = n;
      in_total += n;
    }
    wrong += slots_total() - slots_unused() != in_total;
  }
  for (int i = 0; i < HELD; i++)
    give(held[i].first, held[i].first ? held[i].n : 0);
  CHECK(wrong == 0 && overlaps == 0);
  CHECK(slots_unused() == slots_total() && slots_total() < MOST);
}

static const struct test tests[] = {
    TEST(nothing_is_no_range),
    TEST(the_table_grows_in_steps_when_nothing_fits),
    TEST(what_is_given_back_is_cleared),
    TEST(the_first_range_that_is_large_enough_is_taken),
    TEST(neighbours_are_joined_in_any_order),
    TEST(a_part_may_be_given_back_before_the_rest),
    TEST(growth_that_does_not_follow_is_not_joined),
    TEST(at_random_none_is_given_twice_and_none_is_lost),
    TEST(a_table_that_is_full_has_none_until_some_is_given_back),
};

int main(int argc, char **argv) {
  test_begin(argc, argv);
  RUN_TESTS(tests);
  return test_report();
}
