/* source.c - the reader's hands: the next character and its place, errors with
 * that place, and small forms. It knows nothing of syntax but what ends a
 * token. */
#include "read/source.h"
#include "collection/coll.h"
#include "collection/list.h"
#include "collection/map.h"
#include "collection/seq.h"
#include "collection/vector.h"
#include "read/reader.h"
#include "value/error.h"
#include "value/meta.h"
#include "value/string.h"
#include "value/symbol.h"
#include "value/word.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- Characters ---------------------------------------------------------- */

int source_peek_at(const reader *r, size_t ahead) {
  return r->offset + ahead < r->size
             ? (unsigned char)r->source[r->offset + ahead]
             : -1;
}

int source_peek(const reader *r) { return source_peek_at(r, 0); }

int source_take(reader *r) {
  int ch = source_peek(r);
  if (ch < 0)
    return ch;
  r->offset++;
  if (ch == '\n') {
    r->line++;
    r->column = 1;
  } else if ((ch & 0xc0) != 0x80) {
    r->column++;
  }
  return ch;
}

place source_here(const reader *r) { return (place){r->line, r->column}; }

bool source_is_space(int ch) {
  return ch == ' ' || ch == ',' || (ch >= '\t' && ch <= '\r');
}

bool source_is_digit(int ch) { return ch >= '0' && ch <= '9'; }

bool source_ends_token(int ch) {
  return ch < 0 || source_is_space(ch) || strchr("\"();@[]\\^`{}~", ch);
}

/* ---- Errors -------------------------------------------------------------- */

O source_keyword(const char *name) {
  return &symbol_keyword(NULL, name)->header;
}

static O number_entry(O map, const char *key, int n) {
  return map_assoc(map, source_keyword(key), fixnum(n));
}

void source_fail(context *c, place at, const char *format, ...) {
  char text[256];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  const char *file = c->r->file;
  O data = map_assoc(map_empty, source_keyword("file"),
                     (O)string_make(file, strlen(file)));
  data = number_entry(data, "line", at.line);
  data = number_entry(data, "column", at.column);
  jank_throw(error_make("ReaderException", (O)string_make(text, strlen(text)),
                        data, JANK_NIL));
}

/* ---- Positions as metadata ----------------------------------------------- */

O source_with_place(context *c, O form, place start) {
  O meta = meta_of(form);
  if (meta == JANK_NIL)
    meta = map_empty;
  meta = number_entry(meta, "line", start.line);
  meta = number_entry(meta, "column", start.column);
  meta = number_entry(meta, "end-line", c->r->line);
  meta = number_entry(meta, "end-column", c->r->column);
  return jank_with_meta(form, meta);
}

static bool is_place_key(O key) {
  static const char *const names[] = {"line", "column", "end-line",
                                      "end-column"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (is_type(key, JANK_TYPE_KEYWORD) && symbol_is(key, NULL, names[i]))
      return true;
  return false;
}

O source_own_meta(O form) {
  O meta = meta_of(form), result = map_empty;
  for (O s = seq(meta); s != JANK_NIL; s = seq_next(s)) {
    O key = coll_nth(seq_first(s), 0, JANK_NIL, true);
    if (!is_place_key(key))
      result =
          map_assoc(result, key, coll_nth(seq_first(s), 1, JANK_NIL, true));
  }
  return map_count(result) ? result : JANK_NIL;
}

/* ---- Small forms --------------------------------------------------------- */

O source_core_symbol(const char *name) {
  return &symbol_from("clojure.core", name)->header;
}

O source_symbol(const char *name) { return &symbol_from(NULL, name)->header; }

O source_list2(O a, O b) { return list_cons(a, list_cons(b, list_empty)); }

O source_list3(O a, O b, O c) { return list_cons(a, source_list2(b, c)); }

O source_list(O v) {
  O list = list_empty;
  for (uint32_t i = vector_count(v); i > 0; i--)
    list = list_cons(vector_nth(v, i - 1), list);
  return list;
}

/* ---- Comments ------------------------------------------------------------ */

void source_skip_line(reader *r) {
  while (source_peek(r) >= 0 && source_peek(r) != '\n')
    source_take(r);
}
