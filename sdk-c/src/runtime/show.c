/* show.c - see show.h. Printing runs under a handler and within limits; when that
 * ends early, the value is printed again with nothing of the program running, and if
 * memory or stack are used up, its class alone is told. */
#include "runtime/show.h"
#include "base/buffer.h"
#include "base/utf8.h"
#include "runtime/print.h"
#include "value/error.h"
#include "value/poll.h"
#include "value/throw.h"
#include "value/word.h"
#include <string.h>

enum { SHORT_BYTES = 57, SHORT_ITEMS = 12, SHORT_LEVEL = 4 };
enum { LONG_ITEMS = 1000, LONG_LEVEL = 32, LONG_POLLS = 64 };

/* Within the memory that it has: this must not throw. */
static void cut(buffer *out, size_t size) {
  static const char dots[] = "...";
  if (out->size <= size)
    return;
  if (size > out->size - strlen(dots))
    size = out->size - strlen(dots);
  while (size && utf8_is_continuation(out->data + size))
    size--;
  out->size = size;
  buffer_text(out, dots);
}

/* nil, or what was thrown: the text so far is there in any case. */
static O print_some(buffer *out, O value, const print_limits *limits) {
  size_t start = out->size;
  print_limits within = *limits;
  within.size += start;
  O exception = print_within(out, value, &within);
  cut(out, start + limits->size);
  return exception;
}

typedef struct {
  buffer *out;
  O value;
} shown;

static O print_type(void *context) {
  const shown *s = context;
  buffer_format(s->out, "#object[%s]", error_type_name(s->value));
  return JANK_NIL;
}

/* Nothing of the program runs. */
static void print_still(buffer *out, O value, print_limits limits) {
  size_t start = out->size;
  limits.is_still = true;
  limits.meta = false; /* a type's own `meta` */
  if (print_some(out, value, &limits) == JANK_NIL)
    return;
  out->size = start;
  shown s = {out, value};
  O result, exception;
  if (!throw_catch(print_type, &s, &result, &exception))
    out->size = start; /* there is no memory for it */
}

void show_short(buffer *out, O value) {
  print_still(out, value,
              (print_limits){.length = SHORT_ITEMS,
                             .level = SHORT_LEVEL,
                             .size = SHORT_BYTES});
}

void show_still(buffer *out, O value, size_t bytes) {
  print_still(
      out, value,
      (print_limits){.length = LONG_ITEMS, .level = LONG_LEVEL, .size = bytes});
}

static print_limits long_limits(size_t bytes) {
  print_limits limits = print_own_limits();
  limits.size = bytes;
  if (limits.length == INT64_MAX)
    limits.length = LONG_ITEMS;
  if (limits.level > LONG_LEVEL)
    limits.level = LONG_LEVEL;
  return limits;
}

O show_try(buffer *out, O value, size_t bytes) {
  print_limits limits = long_limits(bytes);
  return print_some(out, value, &limits);
}

void show_long(buffer *out, O value, size_t bytes) {
  size_t start = out->size;
  poll_budget budget;
  poll_begin_budget(&budget, LONG_POLLS);
  O exception = show_try(out, value, bytes);
  poll_end_budget(&budget);
  if (exception == JANK_NIL)
    return;
  out->size = start;
  print_still(out, value, long_limits(bytes));
}
