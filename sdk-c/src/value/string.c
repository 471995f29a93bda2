/* string.c - strings and characters.
 *
 * In: text of any origin. Out: string objects that hold WTF-8 in its one form:
 * two surrogates that make a pair are always joined, and what was not UTF-8 has
 * become U+FFFD. So strings are equal when their bytes are. Indices count
 * UTF-16 units; in ASCII text these are bytes, in other text the last place
 * looked up is remembered, so that walking along a string is linear.
 */
#include "value/string.h"
#include "base/buffer.h"
#include "base/utf8.h"
#include "value/gc.h"
#include "value/throw.h"
#include "value/word.h"
#include <string.h>

enum { MAX_STRING = 1 << 29 };

/* ---- Code points --------------------------------------------------------- */

static bool is_high(uint32_t c) { return c >= 0xd800 && c < 0xdc00; }

static bool is_low(uint32_t c) { return c >= 0xdc00 && c < 0xe000; }

/* Of text that is in its one form. */
static uint32_t unit_bytes(const char *s) {
  unsigned char c = (unsigned char)*s;
  return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

uint32_t string_count_units(const char *s, size_t n) {
  uint32_t units = 0;
  for (const char *end = s + n; s < end; s += unit_bytes(s))
    units += unit_bytes(s) == 4 ? 2 : 1;
  return units;
}

void string_append_unit(buffer *b, uint32_t unit) {
  if (is_low(unit) && b->size >= 3) {
    uint32_t length;
    uint32_t before = utf8_decode(b->data + b->size - 3, 3, &length);
    if (is_high(before) && length == 3) {
      b->size -= 3;
      unit = 0x10000 + ((before - 0xd800) << 10) + (unit - 0xdc00);
    }
  }
  utf8_encode(b, unit);
}

/* ---- Making strings ------------------------------------------------------ */

static string_object *counted(const char *text, size_t bytes, uint32_t units) {
  if (bytes > MAX_STRING)
    throw_out_of_memory();
  string_object *s = gc_alloc(JANK_TYPE_STRING, sizeof *s + bytes + 1);
  s->bytes = (uint32_t)bytes;
  s->units = units;
  if (bytes)
    memcpy(s->text, text, bytes);
  return s;
}

static string_object *repaired(const char *text, size_t bytes) {
  buffer b = {0};
  for (size_t i = 0; i < bytes;) {
    uint32_t length;
    string_append_unit(&b, utf8_decode(text + i, bytes - i, &length));
    i += length;
  }
  string_object *s =
      counted(b.data, b.size, string_count_units(b.data, b.size));
  buffer_free(&b);
  return s;
}

/* One look tells whether the text is in its one form and counts its units; only text
 * that is not is copied twice. */
string_object *string_make(const char *utf8, size_t bytes) {
  uint32_t units = 0, before = 0;
  for (size_t i = 0; i < bytes;) {
    if ((unsigned char)utf8[i] < 0x80) {
      units++;
      before = 0;
      i++;
      continue;
    }
    uint32_t length, c = utf8_decode(utf8 + i, bytes - i, &length);
    if ((c == 0xfffd && length == 1) || (is_low(c) && is_high(before)))
      return repaired(utf8, bytes);
    units += c >= 0x10000 ? 2 : 1;
    before = c;
    i += length;
  }
  return counted(utf8, bytes, units);
}

string_object *string_from_buffer(buffer *b) {
  throw_owner owner;
  throw_own(&owner, buffer_release, b);
  string_object *s = string_make(b->size ? b->data : "", b->size);
  throw_release(&owner);
  return s;
}

O jank_make_string_n(const char *utf8, size_t bytes) {
  return &string_make(utf8, bytes)->header;
}

O jank_make_string(const char *utf8) {
  return &string_make(utf8, strlen(utf8))->header;
}

O jank_make_character(uint32_t code_unit) { return make_char(code_unit); }

/* ---- Indices ------------------------------------------------------------- */

static struct {
  const string_object *string;
  text_place at;
} last;

/* Called by every collection: the address may be another string's after it. */
static void forget_last(void) { last.string = NULL; }

static void remember(const string_object *s, text_place at) {
  static bool registered;
  if (!registered) {
    gc_add_marker(forget_last);
    registered = true;
  }
  last.string = s;
  last.at = at;
}

/* The start of the code point that holds unit `index`, or the end. */
static text_place place_of(const string_object *s, uint32_t index) {
  if (s->units == s->bytes)
    return (text_place){index, index};
  text_place p = {0, 0};
  if (last.string == s && last.at.unit <= index)
    p = last.at;
  while (p.byte < s->bytes) {
    uint32_t size = unit_bytes(s->text + p.byte), units = size == 4 ? 2 : 1;
    if (p.unit + units > index)
      break;
    p.unit += units;
    p.byte += size;
  }
  remember(s, p);
  return p;
}

uint32_t string_unit(string_object *s, uint32_t index) {
  if (s->units == s->bytes)
    return (unsigned char)s->text[index];
  text_place p = place_of(s, index);
  uint32_t length;
  uint32_t c = utf8_decode(s->text + p.byte, s->bytes - p.byte, &length);
  if (c < 0x10000)
    return c;
  return p.unit == index ? 0xd800 + ((c - 0x10000) >> 10)
                         : 0xdc00 + ((c - 0x10000) & 0x3ff);
}

size_t string_byte_offset(string_object *s, uint32_t unit_index) {
  return place_of(s, unit_index).byte;
}

string_object *string_bytes(string_object *s, uint32_t from, uint32_t to) {
  if (s->units == s->bytes)
    return counted(s->text + from, to - from, to - from);
  return counted(s->text + from, to - from,
                 string_count_units(s->text + from, to - from));
}

string_object *string_sub(string_object *s, uint32_t from, uint32_t to) {
  if (from == 0 && to == s->units)
    return s;
  text_place a = place_of(s, from), z = place_of(s, to);
  if (a.unit == from && z.unit == to)
    return string_bytes(s, a.byte, z.byte);
  buffer b = {0};
  for (uint32_t i = from; i < to; i++)
    string_append_unit(&b, string_unit(s, i));
  return string_from_buffer(&b);
}

/* Bytes: in UTF-8 the start of a character is no part of another. */
uint32_t string_find(string_object *s, const char *what, uint32_t bytes,
                     uint32_t from) {
  if (bytes == 0)
    return from <= s->bytes ? from : UINT32_MAX;
  for (uint32_t i = from; i < s->bytes && s->bytes - i >= bytes; i++) {
    const char *hit = memchr(s->text + i, *what, s->bytes - bytes - i + 1);
    if (!hit)
      break;
    i = (uint32_t)(hit - s->text);
    if (memcmp(hit, what, bytes) == 0)
      return i;
  }
  return UINT32_MAX;
}
