/* values.h - what tests of the runtime share: values made in a word, what is thrown
 * and what it says, a main in which a test that throws has failed. */
#ifndef JANK_TEST_VALUES_H
#define JANK_TEST_VALUES_H

#include "start.h"
#include "test.h"
#include "value/error.h"
#include "value/string.h"
#include "value/throw.h"
#include "value/word.h"
#include <stdio.h>
#include <string.h>

/* Collecting at every allocation takes its time. */
#ifdef JANK_GC_STRESS
#define SCALED(n) ((n) / 10)
#else
#define SCALED(n) (n)
#endif

#define COUNT(array) (sizeof(array) / sizeof *(array))

static inline O text(const char *s) { return jank_make_string(s); }
static inline O integer(int64_t n) { return jank_box_integer(n); }
static inline O keyword(const char *name) {
  return jank_make_keyword(NULL, name);
}
static inline O symbol(const char *name) {
  return jank_make_symbol(NULL, name);
}
static inline bool is_text(O o, const char *s) {
  return is_type(o, JANK_TYPE_STRING) &&
         ((string_object *)o)->bytes == strlen(s) &&
         strcmp(((string_object *)o)->text, s) == 0;
}

/* ---- What is thrown -------------------------------------------------------------- */

/* What body(context) throws; JANK_UNBOUND: nothing. */
static inline O thrown(O (*body)(void *), void *context) {
  O result = JANK_NIL, exception = JANK_NIL;
  return throw_catch(body, context, &result, &exception) ? JANK_UNBOUND
                                                         : exception;
}

static inline const char *message_of(O exception) {
  if (!is_type(exception, JANK_TYPE_EXCEPTION))
    return exception == JANK_UNBOUND ? "nothing was thrown" : "no exception";
  O message = ((exception_object *)exception)->message;
  return is_type(message, JANK_TYPE_STRING) ? ((string_object *)message)->text
                                            : "no message";
}

/* Whether it is of that class, and its message has that part. */
static inline bool is_exception(O exception, const char *class_name,
                                const char *part) {
  bool is_it = is_type(exception, JANK_TYPE_EXCEPTION) &&
               strcmp(((exception_object *)exception)->class_name->text,
                      class_name) == 0 &&
               strstr(message_of(exception), part);
  if (!is_it)
    fprintf(stderr, "  thrown: %s\n", message_of(exception));
  return is_it;
}

static inline bool throws(O (*body)(void *), void *context,
                          const char *class_name, const char *part) {
  return is_exception(thrown(body, context), class_name, part);
}

/* ---- main ------------------------------------------------------------------------ */

static inline O run_one_test(void *context) {
  test_run(context, 1);
  return JANK_NIL;
}

/* `start` may throw too. */
static inline O run_start(void *context) {
  (*(void (**)(void))context)();
  return JANK_NIL;
}

static inline bool runs(O (*body)(void *), void *context, const char *what) {
  O exception = thrown(body, context);
  if (exception == JANK_UNBOUND)
    return true;
  fprintf(stderr, "%s: threw: %s\n", what, message_of(exception));
  test_failed++;
  return false;
}

static inline int run_values(int argc, char **argv, void (*start)(void),
                             const struct test *tests, size_t count) {
  test_begin(argc, argv);
  start_memory();
  if (runs(run_start, &start, "the start"))
    for (size_t i = 0; i < count; i++)
      runs(run_one_test, (void *)&tests[i], tests[i].name);
  return test_report();
}

/* A main that runs `tests` after start(). */
#define MAIN(start, tests)                                                     \
  int main(int argc, char **argv) {                                            \
    return run_values(argc, argv, start, tests, COUNT(tests));                 \
  }

#endif
