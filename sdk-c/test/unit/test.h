/* test.h - all that a unit test needs: CHECK counts, test_report tells. */
#ifndef JANK_TEST_H
#define JANK_TEST_H

#include <stdio.h>

static int test_passed, test_failed;

#define CHECK(condition)                                                       \
  do {                                                                         \
    if (condition) {                                                           \
      test_passed++;                                                           \
    } else {                                                                   \
      test_failed++;                                                           \
      fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition);  \
    }                                                                          \
  } while (0)

/* The program's exit status. */
static inline int test_report(void) {
  printf("%d passed, %d failed\n", test_passed, test_failed);
  return test_failed != 0;
}

#endif
