/* text.c - strings, regular expressions and characters, with their escapes.
 *
 * The text is gathered in a buffer that is owned while it is filled, since an
 * error may leave at any character. A regular expression keeps its backslashes:
 * they are its own.
 */
#include "read/text.h"
#include "base/buffer.h"
#include "base/utf8.h"
#include "read/reader.h"
#include "read/source.h"
#include "value/string.h"
#include "value/throw.h"
#include "value/word.h"
#include <string.h>

static int hex_digit(int ch) {
  return source_is_digit(ch)      ? ch - '0'
         : ch >= 'a' && ch <= 'f' ? ch - 'a' + 10
         : ch >= 'A' && ch <= 'F' ? ch - 'A' + 10
                                  : -1;
}

string_object *text_read(context *c, place start,
                         void (*fill)(context *, place, buffer *)) {
  buffer text = {0};
  throw_owner owner;
  throw_own(&owner, buffer_release, &text);
  fill(c, start, &text);
  string_object *s = string_make(text.size ? text.data : "", text.size);
  throw_release(&owner);
  return s;
}

static uint32_t read_hex4(context *c, place at) {
  uint32_t unit = 0;
  for (int i = 0; i < 4; i++) {
    int d = hex_digit(source_peek(c->r));
    if (d < 0)
      source_fail(c, at,
                  "Invalid unicode escape: \\u needs four hexadecimal digits");
    unit = unit * 16 + (uint32_t)d;
    source_take(c->r);
  }
  return unit;
}

static void read_escape(context *c, buffer *out) {
  static const char letters[] = "tnr\\\"bf", meant[] = "\t\n\r\\\"\b\f";
  place at = source_here(c->r);
  int ch = source_take(c->r);
  const char *letter = ch > 0 ? strchr(letters, ch) : NULL;
  if (letter) {
    buffer_byte(out, meant[letter - letters]);
  } else if (ch == 'u') {
    string_append_unit(out, read_hex4(c, at));
  } else if (ch >= '0' && ch <= '7') {
    uint32_t n = (uint32_t)(ch - '0');
    for (int i = 0;
         i < 2 && source_peek(c->r) >= '0' && source_peek(c->r) <= '7'; i++)
      n = n * 8 + (uint32_t)(source_take(c->r) - '0');
    if (n > 0377)
      source_fail(c, at, "Octal escape sequence must be in range [0, 377]");
    string_append_unit(out, n);
  } else {
    source_fail(c, at, "Unsupported escape character: \\%c",
                ch < 0x80 ? ch : '?');
  }
}

void text_fill_string(context *c, place start, buffer *out) {
  for (;;) {
    int ch = source_take(c->r);
    if (ch < 0)
      source_fail(c, start, "EOF while reading string");
    if (ch == '"')
      return;
    if (ch == '\\')
      read_escape(c, out);
    else
      buffer_byte(out, ch);
  }
}

void text_fill_regex(context *c, place start, buffer *out) {
  for (;;) {
    int ch = source_take(c->r);
    if (ch < 0)
      source_fail(c, start, "EOF while reading regex");
    if (ch == '"')
      return;
    buffer_byte(out, ch);
    if (ch == '\\')
      buffer_byte(out, source_take(c->r));
  }
}

static O named_char(const char *text, size_t n) {
  static const struct {
    const char *name;
    uint32_t c;
  } names[] = {{"newline", '\n'}, {"space", ' '},      {"tab", '\t'},
               {"return", '\r'},  {"backspace", '\b'}, {"formfeed", '\f'}};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strlen(names[i].name) == n && memcmp(names[i].name, text, n) == 0)
      return make_char(names[i].c);
  return NULL;
}

static O coded_char(const char *text, size_t n) {
  unsigned base = text[0] == 'u' ? 16 : text[0] == 'o' ? 8 : 0;
  if (n < 2 || !base || (base == 16 && n != 5) || (base == 8 && n > 4))
    return NULL;
  uint32_t code = 0;
  for (size_t i = 1; i < n; i++) {
    int d = hex_digit((unsigned char)text[i]);
    if (d < 0 || (unsigned)d >= base)
      return NULL;
    code = code * base + (uint32_t)d;
  }
  return base == 8 && code > 0377 ? NULL : make_char(code);
}

O text_read_char(context *c, place start) {
  reader *r = c->r;
  if (source_peek(r) < 0)
    source_fail(c, start, "EOF while reading character");
  const char *text = r->source + r->offset;
  uint32_t length;
  uint32_t code = utf8_decode(text, r->size - r->offset, &length);
  size_t n = length;
  while (!source_ends_token(source_peek_at(r, n)))
    n++;
  for (size_t i = 0; i < n; i++)
    source_take(r);
  if (n == length)
    return make_char(code);
  O found = named_char(text, n);
  if (!found)
    found = coded_char(text, n);
  if (!found)
    source_fail(c, start, "Unsupported character: \\%.*s", n < 40 ? (int)n : 40,
                text);
  return found;
}
