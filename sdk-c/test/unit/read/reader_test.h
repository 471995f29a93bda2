/* reader_test.h - what tests of the reader's files share: a text read with nothing of
 * the core library, what it prints as, and where what is wrong with it is. */
#ifndef JANK_TEST_READER_H
#define JANK_TEST_READER_H

#include "collection/coll.h"
#include "read/reader.h"
#include "read/source.h"
#include "runtime/ns.h"
#include "value/meta.h"
#include "values.h"

static inline void start_reader(void) {
  start_values();
  start_builtins();
  ns_set_current(ns_from_name("user"));
}

typedef struct {
  const char *source;
  size_t size;
  O forms; /* all of them: a vector */
} reading;

static inline O read_all(void *context) {
  reading *reading = context;
  reader r;
  span where;
  O form = JANK_NIL, forms = jank_make_vector(0, NULL);
  reader_init(&r, reading->source, reading->size, "test.jank", 1);
  while (reader_read(&r, &form, &where))
    forms = coll_conj(forms, form);
  return forms;
}

/* The vector of forms; JANK_UNBOUND and *exception: none. */
static inline O read_text(const char *source, size_t size, O *exception) {
  reading all = {.source = source, .size = size};
  O forms = JANK_UNBOUND;
  *exception = JANK_NIL;
  throw_catch(read_all, &all, &forms, exception);
  return forms;
}

/* The first form; nil and a message: there is none. */
static inline O read_one(const char *source) {
  O exception, forms = read_text(source, strlen(source), &exception);
  if (forms == JANK_UNBOUND)
    fprintf(stderr, "%s\n  threw: %s\n", source, message_of(exception));
  return forms == JANK_UNBOUND ? JANK_NIL : coll_nth(forms, 0, JANK_NIL, true);
}

/* Whether the text's forms print so, with spaces between. */
static inline bool reads(const char *source, const char *printed) {
  O exception, forms = read_text(source, strlen(source), &exception);
  const char *shown = forms == JANK_UNBOUND ? message_of(exception)
                                            : jank_to_code_string(forms);
  size_t n = strlen(shown);
  bool same = forms != JANK_UNBOUND && n == strlen(printed) + 2 &&
              memcmp(shown + 1, printed, n - 2) == 0;
  if (!same)
    fprintf(stderr, "%s\n  reads as %s\n  not     [%s]\n", source, shown,
            printed);
  return same;
}

static inline int64_t number_at(O map, const char *key) {
  O n = coll_get(map, jank_make_keyword(NULL, key), JANK_NIL);
  return is_fixnum(n) ? fixnum_value(n) : -1;
}

/* Whether it is a ReaderException that has this in its message, of that place in
 * test.jank. */
static inline bool is_at(O exception, int line, int column, const char *says) {
  if (!is_exception(exception, "ReaderException", says))
    return false;
  O data = ((exception_object *)exception)->data;
  bool same = number_at(data, "line") == line &&
              number_at(data, "column") == column &&
              is_text(coll_get(data, jank_make_keyword(NULL, "file"), JANK_NIL),
                      "test.jank");
  if (!same)
    fprintf(stderr, "  %s: is at %s\n", message_of(exception),
            jank_to_code_string(data));
  return same;
}

static inline bool fails_of(const char *source, size_t size, int line,
                            int column, const char *says) {
  O exception, forms = read_text(source, size, &exception);
  bool fails = forms == JANK_UNBOUND && is_at(exception, line, column, says);
  if (!fails)
    fprintf(stderr, "%s\n  does not fail at %d:%d with %s\n", source, line,
            column, says);
  return fails;
}

static inline bool fails(const char *source, int line, int column,
                         const char *says) {
  return fails_of(source, strlen(source), line, column, says);
}

/* Whether the form's metadata has that place. */
static inline bool spans(O form, int line, int column, int end_line,
                         int end_column) {
  O meta = meta_of(form);
  return number_at(meta, "line") == line &&
         number_at(meta, "column") == column &&
         number_at(meta, "end-line") == end_line &&
         number_at(meta, "end-column") == end_column;
}

#endif
