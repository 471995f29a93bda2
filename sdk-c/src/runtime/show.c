/* show.c - see show.h. Printing runs under a handler and within limits; when that
 * ends early, the value is printed again with nothing of the program running, and if
 * memory or stack are used up, its class alone is told. */
#include "runtime/show.h"
#include "base/buffer.h"
#include "runtime/print.h"
#include "value/error.h"
#include "value/poll.h"
#include "value/word.h"

enum { SHORT_BYTES = 57, SHORT_ITEMS = 12, SHORT_LEVEL = 4 };
enum { LONG_ITEMS = 1000, LONG_LEVEL = 32, LONG_POLLS = 64 };

static void cut(buffer *out, size_t size) {
  if (out->size <= size)
    return;
  while (size && ((unsigned char)out->data[size] & 0xc0) == 0x80)
    size--;
  out->size = size;
  buffer_text(out, "...");
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

/* Nothing of the program runs. */
static void print_still(buffer *out, O value, print_limits limits) {
  size_t start = out->size;
  limits.is_still = true;
  if (print_some(out, value, &limits) == JANK_NIL)
    return;
  out->size = start;
  buffer_format(out, "#object[%s]", error_type_name(value));
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
  int outer = poll_set_budget(LONG_POLLS);
  O exception = print_some(out, value, &limits);
  poll_set_budget(outer);
  return exception;
}

void show_long(buffer *out, O value, size_t bytes) {
  size_t start = out->size;
  if (show_try(out, value, bytes) == JANK_NIL)
    return;
  out->size = start;
  print_still(out, value, long_limits(bytes));
}
