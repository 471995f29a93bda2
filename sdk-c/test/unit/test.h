/* test.h - all that a unit test needs. CHECK counts. A test is a function, listed
 * in its file's table, by whose name it is chosen:
 *
 *   static const struct test tests[] = {TEST(grows), TEST(shrinks)};
 *
 *   int main(int argc, char **argv) {
 *     test_begin(argc, argv);
 *     RUN_TESTS(tests);
 *     return test_report();
 *   }
 *
 * The program's arguments are the names of the tests to run; without any, all
 * are. --list prints their names, and runs none. */
#ifndef JANK_TEST_H
#define JANK_TEST_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct test {
  const char *name;
  void (*run)(void);
};

#define TEST(function) {#function, function}
#define RUN_TESTS(tests) test_run(tests, sizeof tests / sizeof *tests)

static int test_passed, test_failed;
static char **test_chosen; /* as argv, up to its NULL */
static bool test_list;

#define CHECK(condition)                                                       \
  do {                                                                         \
    if (condition) {                                                           \
      test_passed++;                                                           \
    } else {                                                                   \
      test_failed++;                                                           \
      fprintf(stderr, "%s:%d: %s: failed: %s\n", __FILE__, __LINE__, __func__, \
              #condition);                                                     \
    }                                                                          \
  } while (0)

static inline void test_begin(int argc, char **argv) {
  test_chosen = argv + (argc > 0);
  test_list = *test_chosen && strcmp(*test_chosen, "--list") == 0;
}

static inline bool test_is_chosen(const char *name) {
  if (!*test_chosen)
    return true;
  for (char **each = test_chosen; *each; each++)
    if (strcmp(*each, name) == 0)
      return true;
  return false;
}

static inline void test_run(const struct test *tests, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (test_list)
      puts(tests[i].name);
    else if (test_is_chosen(tests[i].name))
      tests[i].run();
}

/* The program's exit status. */
static inline int test_report(void) {
  if (!test_list)
    printf("%d passed, %d failed\n", test_passed, test_failed);
  return test_failed != 0;
}

#endif
