/* out.c - a program's output: with-out-str keeps it, nested; else the host has
 * it. Buffers of captures are kept for the next one. */
#include "value/out.h"
#include "base/buffer.h"
#include "host/host.h"
#include "value/word.h"

#define MAX_CAPTURES 64
static buffer captures[MAX_CAPTURES];
static int capture_count;

void out_write(const char *text, size_t n) {
  if (capture_count)
    buffer_add(&captures[capture_count - 1], text, n);
  else
    host_write(1, text, n);
}

bool out_begin_capture(void) {
  if (capture_count == MAX_CAPTURES)
    return false;
  buffer_clear(&captures[capture_count++]);
  return true;
}

const buffer *out_end_capture(void) {
  return capture_count ? &captures[--capture_count] : NULL;
}
