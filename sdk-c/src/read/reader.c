/* reader.c - source text to forms.
 *
 * One form per call. Nothing is allocated outside the collector's heap, so an
 * error may leave at any point; it names the file, line and column. Positions
 * of lists and symbols are kept in their metadata.
 */
#include "read/reader.h"
#include "base/buffer.h"
#include "collection/array.h"
#include "collection/list.h"
#include "collection/map.h"
#include "collection/seq.h"
#include "collection/set.h"
#include "collection/vector.h"
#include "number/number.h"
#include "read/special.h"
#include "runtime/var.h"
#include "value/error.h"
#include "value/gc.h"
#include "value/regex.h"
#include "value/string.h"
#include "value/symbol.h"
#include "value/throw.h"
#include "value/word.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What is not a form. */
#define SKIPPED ((O)(uintptr_t)0x22) /* a comment, or nothing to read */
#define CLOSED ((O)(uintptr_t)0x32)  /* the expected closing delimiter */
#define ENDED ((O)(uintptr_t)0x42)   /* the end of the text */

#define MAX_DEPTH 1000
#define MAX_LITERAL_ARGS 20

typedef struct {
  int line, column;
} place;

typedef struct {
  reader *r;
  O pending;          /* items of #?@( ) that come next: a seq */
  O gensyms;          /* map of name# in the innermost syntax-quote, or nil */
  array_object *args; /* of the innermost #( ): [0] the rest, [n] %n */
  int most_args;
  bool suppressed; /* in a branch of #? that is not taken */
} context;

static O read_form(context *c, int closing, bool end_allowed);
static O read_required(context *c, const char *after, place start);

/* ---- Characters ------------------------------------------------------------------ */

static int peek_at(const reader *r, size_t ahead) {
  return r->offset + ahead < r->size
             ? (unsigned char)r->source[r->offset + ahead]
             : -1;
}
static int peek(const reader *r) { return peek_at(r, 0); }

static int take(reader *r) {
  int ch = peek(r);
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

static place here(const reader *r) { return (place){r->line, r->column}; }

static bool is_space(int ch) {
  return ch == ' ' || ch == ',' || (ch >= '\t' && ch <= '\r');
}
static bool is_digit(int ch) { return ch >= '0' && ch <= '9'; }
static bool ends_token(int ch) {
  return ch < 0 || is_space(ch) || strchr("\"();@[]\\^`{}~", ch);
}

/* ---- Errors -------------------------------------------------------------------------- */

static O keyword(const char *name) {
  return &symbol_keyword(NULL, name)->header;
}

static O number_entry(O map, const char *key, int n) {
  return map_assoc(map, keyword(key), fixnum(n));
}

static _Noreturn void fail(context *c, place at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void fail(context *c, place at, const char *format, ...) {
  char text[256];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  const char *file = c->r->file;
  O data =
      map_assoc(map_empty, keyword("file"), (O)string_make(file, strlen(file)));
  data = number_entry(data, "line", at.line);
  data = number_entry(data, "column", at.column);
  jank_throw(error_make("ReaderException", (O)string_make(text, strlen(text)),
                        data, JANK_NIL));
}

/* ---- Positions as metadata -------------------------------------------------------------- */

static O with_place(context *c, O form, place start) {
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

/* Metadata that the program wrote; nil: none. */
static O own_meta(O form) {
  O meta = meta_of(form), result = map_empty;
  for (O s = seq(meta); s != JANK_NIL; s = seq_next(s)) {
    O key = coll_nth(seq_first(s), 0, JANK_NIL, true);
    if (!is_place_key(key))
      result =
          map_assoc(result, key, coll_nth(seq_first(s), 1, JANK_NIL, true));
  }
  return map_count(result) ? result : JANK_NIL;
}

/* ---- Lists of items ------------------------------------------------------------------------ */

static O core_symbol(const char *name) {
  return &symbol_from("clojure.core", name)->header;
}
static O plain_symbol(const char *name) {
  return &symbol_from(NULL, name)->header;
}
static O list2(O a, O b) { return list_cons(a, list_cons(b, list_empty)); }
static O list3(O a, O b, O c) { return list_cons(a, list2(b, c)); }

/* A list of the vector's items. */
static O list_of(O v) {
  O list = list_empty;
  for (uint32_t i = vector_count(v); i > 0; i--)
    list = list_cons(vector_nth(v, i - 1), list);
  return list;
}

/* Everything up to `closing`, as a vector. */
static O read_items(context *c, int closing, place start, const char *what) {
  if (++c->r->depth > MAX_DEPTH)
    fail(c, start, "the form is nested too deeply");
  O items = vector_empty;
  for (;;) {
    O form;
    if (c->pending != JANK_NIL) {
      form = seq_first(c->pending);
      c->pending = seq_next(c->pending);
    } else {
      form = read_form(c, closing, true);
    }
    if (form == CLOSED)
      break;
    if (form == ENDED)
      fail(c, here(c->r), "EOF while reading, %s started at line %d, column %d",
           what, start.line, start.column);
    if (form != SKIPPED)
      items = vector_conj(items, form);
  }
  c->r->depth--;
  return items;
}

static O read_list(context *c, place start) {
  return with_place(c, list_of(read_items(c, ')', start, "list")), start);
}

static _Noreturn void duplicate_key(context *c, place start, O key) {
  fail(c, start, "Duplicate key: %s", jank_to_code_string(key));
}

static O map_of(context *c, O items, place start) {
  uint32_t n = vector_count(items);
  if (n % 2)
    fail(c, start, "Map literal must contain an even number of forms");
  O map = map_empty;
  for (uint32_t i = 0; i < n; i += 2) {
    if (!c->suppressed && coll_contains(map, vector_nth(items, i)))
      duplicate_key(c, start, vector_nth(items, i));
    map = map_assoc(map, vector_nth(items, i), vector_nth(items, i + 1));
  }
  return map;
}

static O read_map(context *c, place start) {
  return map_of(c, read_items(c, '}', start, "map"), start);
}

static O read_set(context *c, place start) {
  O items = read_items(c, '}', start, "set"), set = set_empty;
  for (uint32_t i = 0; i < vector_count(items); i++) {
    if (!c->suppressed && set_contains(set, vector_nth(items, i)))
      duplicate_key(c, start, vector_nth(items, i));
    set = set_conj(set, vector_nth(items, i));
  }
  return set;
}

/* ---- Strings, characters, regular expressions -------------------------------------------------- */

static int hex_digit(int ch) {
  return is_digit(ch)             ? ch - '0'
         : ch >= 'a' && ch <= 'f' ? ch - 'a' + 10
         : ch >= 'A' && ch <= 'F' ? ch - 'A' + 10
                                  : -1;
}

/* A buffer that is freed when what fills it throws. */
typedef struct {
  context *c;
  place start;
  buffer text;
  void (*fill)(context *, place, buffer *);
} text_reading;

static O run_reading(void *argument) {
  text_reading *t = argument;
  t->fill(t->c, t->start, &t->text);
  return JANK_NIL;
}

static string_object *read_text(context *c, place start,
                                void (*fill)(context *, place, buffer *)) {
  text_reading t = {.c = c, .start = start, .fill = fill};
  O result = JANK_NIL, exception = JANK_NIL;
  bool ok = throw_catch(run_reading, &t, &result, &exception);
  string_object *s =
      ok ? string_make(t.text.size ? t.text.data : "", t.text.size) : NULL;
  buffer_free(&t.text);
  if (!ok)
    jank_throw(exception);
  return s;
}

static uint32_t read_hex4(context *c, place at) {
  uint32_t unit = 0;
  for (int i = 0; i < 4; i++) {
    int d = hex_digit(peek(c->r));
    if (d < 0)
      fail(c, at, "Invalid unicode escape: \\u needs four hexadecimal digits");
    unit = unit * 16 + (uint32_t)d;
    take(c->r);
  }
  return unit;
}

static void read_escape(context *c, buffer *out) {
  static const char letters[] = "tnr\\\"bf", meant[] = "\t\n\r\\\"\b\f";
  place at = here(c->r);
  int ch = take(c->r);
  const char *letter = ch > 0 ? strchr(letters, ch) : NULL;
  if (letter) {
    buffer_byte(out, meant[letter - letters]);
  } else if (ch == 'u') {
    string_append_unit(out, read_hex4(c, at));
  } else if (ch >= '0' && ch <= '7') {
    uint32_t n = (uint32_t)(ch - '0');
    for (int i = 0; i < 2 && peek(c->r) >= '0' && peek(c->r) <= '7'; i++)
      n = n * 8 + (uint32_t)(take(c->r) - '0');
    if (n > 0377)
      fail(c, at, "Octal escape sequence must be in range [0, 377]");
    string_append_unit(out, n);
  } else {
    fail(c, at, "Unsupported escape character: \\%c", ch < 0x80 ? ch : '?');
  }
}

static void fill_string(context *c, place start, buffer *out) {
  for (;;) {
    int ch = take(c->r);
    if (ch < 0)
      fail(c, start, "EOF while reading string");
    if (ch == '"')
      return;
    if (ch == '\\')
      read_escape(c, out);
    else
      buffer_byte(out, ch);
  }
}

static void fill_regex(context *c, place start, buffer *out) {
  for (;;) {
    int ch = take(c->r);
    if (ch < 0)
      fail(c, start, "EOF while reading regex");
    if (ch == '"')
      return;
    buffer_byte(out, ch);
    if (ch == '\\')
      buffer_byte(out, take(c->r));
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

static O read_char(context *c, place start) {
  reader *r = c->r;
  if (peek(r) < 0)
    fail(c, start, "EOF while reading character");
  const char *text = r->source + r->offset;
  uint32_t length;
  uint32_t code = utf8_decode(text, r->size - r->offset, &length);
  size_t n = length;
  while (!ends_token(peek_at(r, n)))
    n++;
  for (size_t i = 0; i < n; i++)
    take(r);
  if (n == length)
    return make_char(code);
  O found = named_char(text, n);
  if (!found)
    found = coded_char(text, n);
  if (!found)
    fail(c, start, "Unsupported character: \\%.*s", n < 40 ? (int)n : 40, text);
  return found;
}

/* ---- Tokens ----------------------------------------------------------------------------------------- */

typedef struct {
  const char *text;
  size_t n;
} token;

static token read_token(reader *r) {
  token t = {r->source + r->offset, 0};
  while (!ends_token(peek(r))) {
    take(r);
    t.n++;
  }
  return t;
}

static bool token_is(token t, const char *text) {
  return strlen(text) == t.n && memcmp(t.text, text, t.n) == 0;
}

static _Noreturn void bad_token(context *c, place at, token t) {
  fail(c, at, "Invalid token: %.*s", t.n < 80 ? (int)t.n : 80, t.text);
}

/* Splits at the first slash; "/" alone is a name. */
static void split(context *c, place at, token whole, token t,
                  string_object **ns, string_object **name) {
  const char *slash = t.n > 1 ? memchr(t.text, '/', t.n) : NULL;
  size_t before = slash ? (size_t)(slash - t.text) : 0;
  bool bad = !t.n || t.text[t.n - 1] == ':' || (slash && before == 0) ||
             (slash && before + 1 == t.n) ||
             (slash && t.n - before > 2 &&
              memchr(slash + 1, '/', t.n - before - 1) && slash[1] != '/');
  if (bad)
    bad_token(c, at, whole);
  *ns = slash ? string_make(t.text, before) : NULL;
  *name = slash ? string_make(slash + 1, t.n - before - 1)
                : string_make(t.text, t.n);
}

static O read_keyword(context *c, place at, token t) {
  bool automatic = t.n > 1 && t.text[1] == ':';
  token rest_of = {t.text + 1 + automatic, t.n - 1 - automatic};
  string_object *ns = NULL, *name = NULL;
  if (rest_of.n && rest_of.text[0] == ':')
    bad_token(c, at, t);
  split(c, at, t, rest_of, &ns, &name);
  if (automatic && !ns) {
    ns = c->r->ns->name->name;
  } else if (automatic) {
    O alias = map_get(c->r->ns->aliases, (O)symbol_make(NULL, ns), JANK_NIL);
    namespace_object *found = alias != JANK_NIL
                                  ? (namespace_object *)alias
                                  : ns_find(symbol_make(NULL, ns));
    if (!found && !c->suppressed)
      bad_token(c, at, t);
    ns = found ? found->name->name : ns;
  }
  return jank_keyword_intern((O)ns, (O)name);
}

/* %, %n, %& in #( ). */
static O read_arg(context *c, place at, token t) {
  int n = 0;
  if (token_is(t, "%&")) {
    n = 0;
  } else if (t.n == 1) {
    n = 1;
  } else {
    for (size_t i = 1; i < t.n && n <= MAX_LITERAL_ARGS; i++)
      n = is_digit(t.text[i]) ? n * 10 + t.text[i] - '0' : 1000;
    if (n < 1 || n > MAX_LITERAL_ARGS)
      fail(c, at, "arg literal must be %%, %%& or %%1 to %%%d",
           MAX_LITERAL_ARGS);
  }
  if (n > c->most_args)
    c->most_args = n;
  return c->args->items[n];
}

static O read_symbol(context *c, place at, token t) {
  if (token_is(t, "nil"))
    return JANK_NIL;
  if (token_is(t, "true"))
    return JANK_TRUE;
  if (token_is(t, "false"))
    return JANK_FALSE;
  if (t.text[0] == '%' && c->args)
    return read_arg(c, at, t);
  string_object *ns = NULL, *name = NULL;
  split(c, at, t, t, &ns, &name);
  return with_place(c, (O)symbol_make(ns, name), at);
}

static O read_atom(context *c, place at) {
  token t = read_token(c->r);
  int ch = (unsigned char)t.text[0];
  bool sign = (ch == '+' || ch == '-') && t.n > 1 && is_digit(t.text[1]);
  if (is_digit(ch) || sign) {
    O n = number_parse(t.text, t.n);
    if (!n)
      fail(c, at, "Invalid number: %.*s", t.n < 80 ? (int)t.n : 80, t.text);
    return n;
  }
  return ch == ':' ? read_keyword(c, at, t) : read_symbol(c, at, t);
}

/* ---- Syntax-quote ------------------------------------------------------------------------------------- */

static O syntax_quote(context *c, O form);

static O quoted(O form) { return list2(plain_symbol("quote"), form); }

static O gensym_for(context *c, symbol_object *s) {
  static unsigned counter;
  O key = &s->name->header, found = map_get(c->gensyms, key, JANK_NIL);
  if (found != JANK_NIL)
    return found;
  buffer b = {0};
  buffer_add(&b, s->name->text, s->name->bytes - 1);
  buffer_format(&b, "__%u__auto__", ++counter);
  O symbol = (O)symbol_make(NULL, string_from_buffer(&b));
  c->gensyms = map_assoc(c->gensyms, key, symbol);
  return symbol;
}

static O quote_symbol(context *c, symbol_object *s) {
  const string_object *name = s->name;
  char last = name->bytes ? name->text[name->bytes - 1] : 0;
  if (special_is(&s->header) || (!s->ns && name->text[0] == '.'))
    return quoted((O)symbol_make(s->ns, s->name));
  if (!s->ns && last == '#')
    return quoted(gensym_for(c, s));
  var_object *var = var_resolve(c->r->ns, s);
  if (var)
    return quoted((O)symbol_make(var->ns->name->name, var->name->name));
  string_object *ns = s->ns ? s->ns : c->r->ns->name->name;
  if (s->ns) {
    O alias = map_get(c->r->ns->aliases, (O)symbol_make(NULL, s->ns), JANK_NIL);
    if (alias != JANK_NIL)
      ns = ((namespace_object *)alias)->name->name;
  }
  return quoted((O)symbol_make(ns, s->name));
}

static bool is_call(O form, const char *name) {
  return is_type(form, JANK_TYPE_LIST) &&
         symbol_is(seq_first(form), "clojure.core", name);
}

/* What a syntax-quoted form is known to be without evaluating it. */
static bool is_constant(O form, O *value) {
  bool is_quote = is_type(form, JANK_TYPE_LIST) &&
                  symbol_is(seq_first(form), NULL, "quote");
  *value = is_quote ? seq_first(seq_next(form)) : form;
  return is_quote || !is_heap(form) ||
         (form->type != JANK_TYPE_SYMBOL && form->type != JANK_TYPE_LIST &&
          form->type != JANK_TYPE_VECTOR && form->type != JANK_TYPE_MAP &&
          form->type != JANK_TYPE_SET);
}

static O quote_each(context *c, O items, bool *constant, O *values) {
  O parts = vector_empty;
  *constant = true;
  *values = vector_empty;
  for (O s = seq(items); s != JANK_NIL; s = seq_next(s)) {
    O part = syntax_quote(c, seq_first(s)), value;
    *constant &= is_constant(part, &value);
    parts = vector_conj(parts, part);
    *values = vector_conj(*values, value);
  }
  return parts;
}

static bool splices(O items) {
  for (O s = seq(items); s != JANK_NIL; s = seq_next(s))
    if (is_call(seq_first(s), "unquote-splicing"))
      return true;
  return false;
}

static O list_call(O parts) {
  return list_cons(core_symbol("list"), list_of(parts));
}

/* (seq (concat (list a b) spliced (list c))). */
static O quote_spliced(context *c, O items) {
  O groups = vector_empty, group = vector_empty;
  for (O s = seq(items); s != JANK_NIL; s = seq_next(s)) {
    O item = seq_first(s);
    if (!is_call(item, "unquote-splicing")) {
      group = vector_conj(group, syntax_quote(c, item));
      continue;
    }
    if (vector_count(group))
      groups = vector_conj(groups, list_call(group));
    groups = vector_conj(groups, seq_first(seq_next(item)));
    group = vector_empty;
  }
  if (vector_count(group))
    groups = vector_conj(groups, list_call(group));
  return list2(core_symbol("seq"),
               list_cons(core_symbol("concat"), list_of(groups)));
}

/* A form that makes the list: a constant, if all of it is. */
static O quote_items(context *c, O items) {
  if (splices(items))
    return quote_spliced(c, items);
  bool constant;
  O values, parts = quote_each(c, items, &constant, &values);
  return constant ? quoted(list_of(values)) : list_call(parts);
}

static O quote_as(context *c, const char *make, O items) {
  if (splices(items))
    return list3(core_symbol("apply"), core_symbol(make),
                 quote_spliced(c, items));
  bool constant;
  O values, parts = quote_each(c, items, &constant, &values);
  return list_cons(core_symbol(make), list_of(parts));
}

static O flat_pairs(O map) {
  O items = vector_empty;
  for (O s = seq(map); s != JANK_NIL; s = seq_next(s)) {
    items = vector_conj(items, coll_nth(seq_first(s), 0, JANK_NIL, true));
    items = vector_conj(items, coll_nth(seq_first(s), 1, JANK_NIL, true));
  }
  return items;
}

static O quote_coll(context *c, O form) {
  switch (form->type) {
  case JANK_TYPE_VECTOR:
    return quote_as(c, "vector", form);
  case JANK_TYPE_MAP:
    return quote_as(c, "hash-map", flat_pairs(form));
  case JANK_TYPE_SET:
    return quote_as(c, "hash-set", form);
  case JANK_TYPE_EMPTY_LIST:
    return list_cons(core_symbol("list"), list_empty);
  default:
    return quote_items(c, form);
  }
}

static O syntax_quote(context *c, O form) {
  if (is_type(form, JANK_TYPE_SYMBOL))
    return quote_symbol(c, (symbol_object *)form);
  if (is_call(form, "unquote"))
    return seq_first(seq_next(form));
  if (is_call(form, "unquote-splicing"))
    fail(c, here(c->r), "splice not in list");
  bool coll = is_type(form, JANK_TYPE_LIST) || is_type(form, JANK_TYPE_CONS) ||
              is_type(form, JANK_TYPE_EMPTY_LIST) ||
              is_type(form, JANK_TYPE_VECTOR) || is_type(form, JANK_TYPE_MAP) ||
              is_type(form, JANK_TYPE_SET);
  if (!coll)
    return form;
  O meta = own_meta(form), result = quote_coll(c, form);
  return meta == JANK_NIL
             ? result
             : list3(core_symbol("with-meta"), result, syntax_quote(c, meta));
}

static O read_syntax_quote(context *c, place start) {
  O outer = c->gensyms;
  c->gensyms = map_empty;
  O form = read_required(c, "`", start);
  O result = syntax_quote(c, form);
  c->gensyms = outer;
  return is_type(result, JANK_TYPE_LIST) ? with_place(c, result, start)
                                         : result;
}

/* ---- Reader macros ---------------------------------------------------------------------------------------- */

static O read_wrapped(context *c, O head, const char *after, place start) {
  return with_place(c, list2(head, read_required(c, after, start)), start);
}

static O read_unquote(context *c, place start) {
  bool splicing = peek(c->r) == '@';
  if (splicing)
    take(c->r);
  return read_wrapped(c, core_symbol(splicing ? "unquote-splicing" : "unquote"),
                      "~", start);
}

static O read_meta(context *c, place start) {
  O given = read_required(c, "^", start), meta = map_empty;
  if (is_type(given, JANK_TYPE_KEYWORD))
    meta = map_assoc(meta, given, JANK_TRUE);
  else if (is_type(given, JANK_TYPE_SYMBOL) || is_type(given, JANK_TYPE_STRING))
    meta = map_assoc(meta, keyword("tag"), given);
  else if (is_type(given, JANK_TYPE_VECTOR))
    meta = map_assoc(meta, keyword("param-tags"), given);
  else if (is_type(given, JANK_TYPE_MAP))
    meta = given;
  else
    fail(c, start, "Metadata must be a keyword, symbol, string, vector or map");
  O form = read_required(c, "^", start);
  bool can =
      is_heap(form) &&
      (form->type == JANK_TYPE_SYMBOL || form->type == JANK_TYPE_LIST ||
       form->type == JANK_TYPE_EMPTY_LIST || form->type == JANK_TYPE_VECTOR ||
       form->type == JANK_TYPE_MAP || form->type == JANK_TYPE_SET);
  if (!can)
    fail(c, start, "Metadata can only be applied to symbols and collections");
  O all = meta_of(form) == JANK_NIL ? map_empty : meta_of(form);
  for (O s = seq(meta); s != JANK_NIL; s = seq_next(s))
    all = map_assoc(all, coll_nth(seq_first(s), 0, JANK_NIL, true),
                    coll_nth(seq_first(s), 1, JANK_NIL, true));
  return jank_with_meta(form, all);
}

static void make_args(context *c) {
  size_t n = MAX_LITERAL_ARGS + 1;
  array_object *args =
      gc_alloc(JANK_TYPE_ARRAY, sizeof *args + n * sizeof *args->items);
  args->count = (uint32_t)n;
  static unsigned counter;
  counter++;
  for (size_t i = 0; i < n; i++) {
    char text[48];
    snprintf(text, sizeof text, i ? "p%zu__%u#" : "rest%zu__%u#", i, counter);
    args->items[i] = plain_symbol(text);
  }
  c->args = args;
  c->most_args = 0;
}

static bool mentions(O form, O symbol) {
  if (form == symbol)
    return true;
  if (is_type(form, JANK_TYPE_MAP))
    form = flat_pairs(form);
  if (!seq_is_sequential(form) && !is_type(form, JANK_TYPE_SET))
    return false;
  for (O s = seq(form); s != JANK_NIL; s = seq_next(s))
    if (mentions(seq_first(s), symbol))
      return true;
  return false;
}

static O read_fn(context *c, place start) {
  if (c->args)
    fail(c, start, "Nested #()s are not allowed");
  make_args(c);
  O body = read_list(c, start), params = vector_empty;
  for (int i = 1; i <= c->most_args; i++)
    params = vector_conj(params, c->args->items[i]);
  if (mentions(body, c->args->items[0])) {
    params = vector_conj(params, plain_symbol("&"));
    params = vector_conj(params, c->args->items[0]);
  }
  c->args = NULL;
  return with_place(c, list3(plain_symbol("fn*"), params, body), start);
}

static O read_discard(context *c, place start) {
  bool outer = c->suppressed;
  c->suppressed = true;
  read_required(c, "#_", start);
  c->suppressed = outer;
  return SKIPPED;
}

static O read_symbolic(context *c, place start) {
  token t = read_token(c->r);
  if (token_is(t, "Inf"))
    return jank_box_double(__builtin_inf());
  if (token_is(t, "-Inf"))
    return jank_box_double(-__builtin_inf());
  if (token_is(t, "NaN"))
    return jank_box_double(__builtin_nan(""));
  fail(c, start, "Unknown symbolic value: ##%.*s", t.n < 40 ? (int)t.n : 40,
       t.text);
}

/* The form of the first branch whose feature this is; SKIPPED: none. */
static O read_branches(context *c, place start) {
  O chosen = SKIPPED;
  bool outer = c->suppressed;
  for (;;) {
    O feature = read_form(c, ')', true);
    if (feature == CLOSED)
      break;
    if (feature == SKIPPED)
      continue;
    if (feature == ENDED)
      fail(c, start, "EOF while reading a reader conditional");
    if (!is_type(feature, JANK_TYPE_KEYWORD))
      fail(c, start, "Feature should be a keyword: %s",
           jank_to_code_string(feature));
    bool taken = chosen == SKIPPED && (symbol_is(feature, NULL, "jank") ||
                                       symbol_is(feature, NULL, "default"));
    c->suppressed = outer || !taken;
    O form = read_required(c, "#?", start);
    c->suppressed = outer;
    if (taken)
      chosen = form;
  }
  return chosen;
}

static O spliced(O items, O more) {
  O all = vector_empty;
  for (O s = seq(items); s != JANK_NIL; s = seq_next(s))
    all = vector_conj(all, seq_first(s));
  for (O s = seq(more); s != JANK_NIL; s = seq_next(s))
    all = vector_conj(all, seq_first(s));
  return seq(all);
}

static O read_conditional(context *c, place start) {
  bool splicing = peek(c->r) == '@';
  if (splicing)
    take(c->r);
  while (is_space(peek(c->r)))
    take(c->r);
  if (take(c->r) != '(')
    fail(c, start, "a reader conditional needs a list: #?(:jank ...)");
  O form = read_branches(c, start);
  if (!splicing || form == SKIPPED)
    return form;
  if (c->r->depth == 0)
    fail(c, start, "Reader conditional splicing not allowed at the top level");
  if (!seq_is_sequential(form))
    fail(c, start,
         "Spliced form list in read-cond-splicing must be sequential");
  if (seq(form) != JANK_NIL)
    c->pending = spliced(form, c->pending);
  return SKIPPED;
}

static O qualified_key(O key, string_object *ns) {
  bool kw = is_type(key, JANK_TYPE_KEYWORD);
  if (!kw && !is_type(key, JANK_TYPE_SYMBOL))
    return key;
  symbol_object *s = (symbol_object *)key;
  if (s->ns && strcmp(s->ns->text, "_") != 0)
    return key;
  string_object *space = s->ns ? NULL : ns;
  return kw ? jank_keyword_intern((O)space, (O)s->name)
            : (O)symbol_make(space, s->name);
}

/* #:ns{...}, #::{...}, #::alias{...}; the #: is behind us. */
static O read_namespaced_map(context *c, place start) {
  bool automatic = peek(c->r) == ':';
  if (automatic)
    take(c->r);
  token t = read_token(c->r);
  string_object *ns = c->r->ns->name->name;
  if (t.n && automatic) {
    symbol_object *alias = symbol_make(NULL, string_make(t.text, t.n));
    O found = map_get(c->r->ns->aliases, (O)alias, JANK_NIL);
    if (found == JANK_NIL)
      fail(c, start, "Unknown auto-resolved namespace alias: %s",
           alias->name->text);
    ns = ((namespace_object *)found)->name->name;
  } else if (t.n) {
    ns = string_make(t.text, t.n);
  } else if (!automatic) {
    fail(c, start, "Namespaced map must specify a namespace");
  }
  while (is_space(peek(c->r)))
    take(c->r);
  if (take(c->r) != '{')
    fail(c, start, "Namespaced map must specify a map");
  O items = read_items(c, '}', start, "map");
  for (uint32_t i = 0; i + 1 < vector_count(items); i += 2)
    items = vector_assoc(items, i, qualified_key(vector_nth(items, i), ns));
  return map_of(c, items, start);
}

/* *data-readers*, then default-data-readers, then *default-data-reader-fn*: vars
 * of core.jank. */
static O core_value(const char *name) {
  var_object *var = var_resolve(ns_core, symbol_from(NULL, name));
  return var && var->root != JANK_UNBOUND ? var->root : JANK_NIL;
}

typedef struct {
  O function, tag, form;
} tagged;

static O call_reader(void *call) {
  tagged *t = call;
  return t->tag == JANK_NIL ? jank_call1(t->function, t->form)
                            : jank_call2(t->function, t->tag, t->form);
}

static O apply_reader(context *c, O tag, O form, place start) {
  tagged t = {coll_get(core_value("*data-readers*"), tag, JANK_NIL), JANK_NIL,
              form};
  if (t.function == JANK_NIL)
    t.function = coll_get(core_value("default-data-readers"), tag, JANK_NIL);
  if (t.function == JANK_NIL) {
    t.function = core_value("*default-data-reader-fn*");
    t.tag = tag;
  }
  if (t.function == JANK_NIL)
    fail(c, start, "No reader function for tag %s", jank_to_code_string(tag));
  O result = JANK_NIL, exception = JANK_NIL;
  bool ok = throw_catch(call_reader, &t, &result, &exception);
  if (!ok && error_is_interrupt(exception))
    jank_throw(exception);
  if (!ok)
    fail(c, start, "#%s: %s", jank_to_code_string(tag),
         is_type(exception, JANK_TYPE_EXCEPTION) &&
                 is_type(((exception_object *)exception)->message,
                         JANK_TYPE_STRING)
             ? ((string_object *)((exception_object *)exception)->message)->text
             : "the reader function failed");
  return result;
}

static O read_tagged(context *c, place start) {
  O tag = read_required(c, "#", start);
  if (!is_type(tag, JANK_TYPE_SYMBOL))
    fail(c, start, "Reader tag must be a symbol");
  O form = read_required(c, "a reader tag", start);
  if (c->suppressed)
    return JANK_NIL;
  if (symbol_is(tag, NULL, "js")) {
    O items[] = {&symbol_from("clojure.core", "js-literal*")->header, form};
    return list_from_array(2, items);
  }
  return apply_reader(c, tag, form, start);
}

static void skip_line(reader *r) {
  while (peek(r) >= 0 && peek(r) != '\n')
    take(r);
}

static O read_dispatch(context *c, place start) {
  int ch = peek(c->r);
  if (ch < 0)
    fail(c, start, "EOF while reading dispatch character");
  if (!strchr("{(\"'_^#?:!<=", ch))
    return read_tagged(c, start);
  take(c->r);
  switch (ch) {
  case '{':
    return read_set(c, start);
  case '(':
    return read_fn(c, start);
  case '"': {
    string_object *source = read_text(c, start, fill_regex);
    return c->suppressed ? (O)source : regex_make(source);
  }
  case '\'':
    return read_wrapped(c, plain_symbol("var"), "#'", start);
  case '_':
    return read_discard(c, start);
  case '^':
    return read_meta(c, start);
  case '#':
    return read_symbolic(c, start);
  case '?':
    return read_conditional(c, start);
  case ':':
    return read_namespaced_map(c, start);
  case '!':
    skip_line(c->r);
    return SKIPPED;
  default:
    fail(c, start, "Unreadable form: #%c", ch);
  }
}

/* ---- Forms -------------------------------------------------------------------------------------------------- */

static O read_at(context *c, int ch, place start) {
  reader *r = c->r;
  switch (ch) {
  case '(':
    take(r);
    return read_list(c, start);
  case '[':
    take(r);
    return read_items(c, ']', start, "vector");
  case '{':
    take(r);
    return read_map(c, start);
  case ')':
  case ']':
  case '}':
    fail(c, start, "Unmatched delimiter: %c", ch);
  case '"':
    take(r);
    return &read_text(c, start, fill_string)->header;
  case '\\':
    take(r);
    return read_char(c, start);
  case ';':
    skip_line(r);
    return SKIPPED;
  case '\'':
    take(r);
    return read_wrapped(c, plain_symbol("quote"), "'", start);
  case '`':
    take(r);
    return read_syntax_quote(c, start);
  case '~':
    take(r);
    return read_unquote(c, start);
  case '@':
    take(r);
    return read_wrapped(c, core_symbol("deref"), "@", start);
  case '^':
    take(r);
    return read_meta(c, start);
  case '#':
    take(r);
    return read_dispatch(c, start);
  default:
    return read_atom(c, start);
  }
}

/* A form, or SKIPPED, CLOSED (at `closing`) or ENDED. */
static O read_form(context *c, int closing, bool end_allowed) {
  while (is_space(peek(c->r)))
    take(c->r);
  int ch = peek(c->r);
  if (ch < 0) {
    if (!end_allowed)
      fail(c, here(c->r), "EOF while reading");
    return ENDED;
  }
  if (ch == closing) {
    take(c->r);
    return CLOSED;
  }
  volatile char guard[128];
  guard[0] = 0;
  if ((uintptr_t)&guard[0] < jank_stack_limit())
    fail(c, here(c->r), "the form is nested too deeply");
  return read_at(c, ch, here(c->r));
}

static O read_required(context *c, const char *after, place start) {
  for (;;) {
    if (c->pending != JANK_NIL) {
      O form = seq_first(c->pending);
      c->pending = seq_next(c->pending);
      return form;
    }
    O form = read_form(c, 0, true);
    if (form == ENDED)
      fail(c, start, "EOF while reading what follows %s", after);
    if (form != SKIPPED)
      return form;
  }
}

/* ---- The interface ---------------------------------------------------------------------------------------------- */

void reader_init(reader *r, const char *source, size_t size, const char *file,
                 int line) {
  *r = (reader){.source = source,
                .size = size,
                .file = file,
                .line = line,
                .column = 1,
                .ns = ns_current()};
}

static void check_utf8(context *c) {
  reader *r = c->r;
  reader at = *r;
  for (size_t i = 0; i < r->size;) {
    uint32_t length, code = utf8_decode(r->source + i, r->size - i, &length);
    if (code == 0xfffd && length == 1) {
      while (at.offset < i)
        take(&at);
      fail(c, here(&at), "the source is not UTF-8");
    }
    i += length;
  }
}

int reader_read(reader *r, O *form, span *where) {
  context c = {.r = r, .pending = JANK_NIL, .gensyms = JANK_NIL};
  r->depth = 0;
  if (r->offset == 0)
    check_utf8(&c);
  for (;;) {
    while (is_space(peek(r)))
      take(r);
    place start = here(r);
    r->start = r->offset;
    *where = (span){start.line, start.column, start.line, start.column};
    O result = read_form(&c, 0, true);
    if (result == ENDED)
      return 0;
    if (result == SKIPPED)
      continue;
    *form = result;
    *where = (span){start.line, start.column, r->line, r->column};
    return 1;
  }
}

bool reader_is_done(const reader *r) {
  size_t ahead = 0;
  while (is_space(peek_at(r, ahead)))
    ahead++;
  return peek_at(r, ahead) < 0;
}

static O read_string(O self, O text) {
  if (text == JANK_NIL)
    return JANK_NIL;
  string_object *s = error_want_string("read-string", text);
  reader r;
  O form = JANK_NIL;
  span where;
  reader_init(&r, s->text, s->bytes, "string", 1);
  if (!reader_read(&r, &form, &where)) {
    context c = {.r = &r};
    fail(&c, here(&r), "EOF while reading");
  }
  return form;
}

/* As read-string; at the end the value of read-edn-end*. */
static O read_edn(O self, O text) {
  string_object *s = error_want_string("read-string", text);
  reader r;
  O form = JANK_NIL;
  span where;
  reader_init(&r, s->text, s->bytes, "edn", 1);
  return reader_read(&r, &form, &where) ? form : core_value("read-edn-end*");
}

/* (read-all* text): all forms, a vector. */
static O read_all(O self, O text) {
  string_object *s = error_want_string("load-string", text);
  reader r;
  O form = JANK_NIL, all = vector_empty;
  span where;
  reader_init(&r, s->text, s->bytes, "string", 1);
  while (reader_read(&r, &form, &where))
    all = vector_conj(all, form);
  return all;
}

const struct patch_symbol reader_builtins[] = {
    {"clojure.core/read-edn*", "1", (void *)read_edn},
    {"clojure.core/read-all*", "1", (void *)read_all},
    {"clojure.core/read-string", "1", (void *)read_string},
    {0},
};
