/* stack.c - where an exception was made: the frames of compiled code.
 *
 * The host keeps its own stack as an error object (value/error.c asks for one), and
 * gives its frames as text when they are asked for. A patch's functions carry
 * their name, file and first line in the name section, in every engine; the line
 * of the call itself comes from the patch's jank.lines section, where the engine
 * tells an offset (JavaScriptCore does not).
 */
#include "runtime/stack.h"
#include "base/buffer.h"
#include "collection/vector.h"
#include "host/host.h"
#include "runtime/js.h"
#include "value/error.h"
#include "value/string.h"
#include "value/symbol.h"
#include "value/word.h"
#include <stdlib.h>
#include <string.h>

/* ---- Lines --------------------------------------------------------------- */

static int64_t leb(const uint8_t **at, const uint8_t *end, bool is_signed) {
  int64_t value = 0;
  unsigned shift = 0;
  uint8_t b = 0x80;
  while (b & 0x80 && *at < end && shift < 35) {
    b = *(*at)++;
    value |= (int64_t)(b & 0x7f) << shift;
    shift += 7;
  }
  return is_signed && b & 0x40 ? value - (INT64_C(1) << shift) : value;
}

int stack_line(const uint8_t *lines, size_t size, uint32_t offset) {
  const uint8_t *end = lines + size;
  int64_t place = 0, line = 0, found = 0;
  while (lines < end) {
    place += leb(&lines, end, false);
    line += leb(&lines, end, true);
    if (place > offset)
      break;
    found = line;
  }
  return found > 0 && found < INT32_MAX ? (int)found : 0;
}

static stack_line_function line_of;

void stack_init(stack_line_function function) { line_of = function; }

/* ---- Frames -------------------------------------------------------------- */

/* "eita/ggg--1--step" is what the compiler calls an inner function. */
static O shown_name(const char *name) {
  buffer shown = {0};
  for (const char *p = name; *p; p++) {
    bool inner = p > name && p[0] == '-' && p[1] == '-' && p[2];
    if (!inner) {
      buffer_byte(&shown, *p);
      continue;
    }
    buffer_byte(&shown, '/');
    p++;
    if (p[1] >= '0' && p[1] <= '9') {
      buffer_text(&shown, "fn");
      while (p[1] >= '0' && p[1] <= '9')
        p++;
    }
  }
  return &symbol_make(NULL, string_from_buffer(&shown))->header;
}

/* "name\tfile\tline\toffset", cut up in place; nil: it is not that. */
static O frame(char *text) {
  char *parts[4] = {text};
  for (int i = 1; i < 4; i++) {
    char *tab = strchr(parts[i - 1], '\t');
    if (!tab)
      return JANK_NIL;
    *tab = 0;
    parts[i] = tab + 1;
  }
  long offset = strtol(parts[3], NULL, 10);
  int line = offset < 0 ? 0 : line_of(parts[0], (uint32_t)offset);
  O items[] = {shown_name(parts[0]), jank_make_string(parts[1]),
               fixnum(line ? line : strtol(parts[2], NULL, 10))};
  return jank_make_vector(3, items);
}

O stack_frames(O exception) {
  O frames = vector_empty;
  if (!is_type(exception, JANK_TYPE_EXCEPTION))
    return frames;
  O trace = ((exception_object *)exception)->trace;
  char *text = is_type(trace, JANK_TYPE_JS)
                   ? host_trace_frames(((js_object *)trace)->handle)
                   : NULL;
  for (char *line = text, *after; line && *line; line = after) {
    char *end = strchr(line, '\n');
    after = end ? end + 1 : NULL;
    if (end)
      *end = 0;
    O found = frame(line);
    if (found != JANK_NIL)
      frames = vector_conj(frames, found);
  }
  free(text);
  return frames;
}

/* ---- As text ------------------------------------------------------------- */

static const char *text_of(O part) { return ((string_object *)part)->text; }

void stack_write_json(buffer *out, O frames) {
  buffer_byte(out, '[');
  for (uint32_t i = 0; i < vector_count(frames); i++) {
    O f = vector_nth(frames, i), file = vector_nth(f, 1);
    const string_object *name = ((symbol_object *)vector_nth(f, 0))->name;
    buffer_text(out, i ? ",{\"name\":" : "{\"name\":");
    buffer_json_string(out, name->text, name->bytes);
    buffer_text(out, ",\"file\":");
    buffer_json_string(out, text_of(file), ((string_object *)file)->bytes);
    buffer_format(out, ",\"line\":%d}", (int)fixnum_value(vector_nth(f, 2)));
  }
  buffer_byte(out, ']');
}

O stack_text(O exception) {
  O frames = stack_frames(exception);
  buffer out = {0};
  for (uint32_t i = 0; i < vector_count(frames); i++) {
    O f = vector_nth(frames, i);
    buffer_format(&out, "%s    at %s (%s:%d)", i ? "\n" : "",
                  ((symbol_object *)vector_nth(f, 0))->name->text,
                  text_of(vector_nth(f, 1)),
                  (int)fixnum_value(vector_nth(f, 2)));
  }
  return &string_from_buffer(&out)->header;
}
