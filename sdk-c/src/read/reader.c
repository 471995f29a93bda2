/* reader.c - source text to forms.
 *
 * One form per call. Nothing is allocated outside the collector's heap, so an
 * error may leave at any point; it names the file, line and column. Positions
 * of lists and symbols are kept in their metadata.
 */
#include "read/reader.h"
#include "base/utf8.h"
#include "collection/array.h"
#include "collection/coll.h"
#include "collection/list.h"
#include "collection/map.h"
#include "collection/seq.h"
#include "collection/set.h"
#include "collection/vector.h"
#include "read/source.h"
#include "read/syntax_quote.h"
#include "read/text.h"
#include "read/token.h"
#include "runtime/ns.h"
#include "runtime/var.h"
#include "value/error.h"
#include "value/gc.h"
#include "value/meta.h"
#include "value/regex.h"
#include "value/string.h"
#include "value/symbol.h"
#include "value/throw.h"
#include "value/word.h"
#include <stdio.h>
#include <string.h>

/* What is not a form. The words are none that a value can be, and no objects: the
 * collector passes them by. */
#define SKIPPED ((O)(uintptr_t)0x22) /* a comment, or nothing to read */
#define CLOSED ((O)(uintptr_t)0x32)  /* the expected closing delimiter */
#define ENDED ((O)(uintptr_t)0x42)   /* the end of the text */

#define MAX_DEPTH 1000

/* ---- Lists of items ------------------------------------------------------ */

static O read_form(context *c, int closing, bool end_allowed);

/* Everything up to `closing`, as a vector. */
static O read_items(context *c, int closing, place start, const char *what) {
  if (++c->r->depth > MAX_DEPTH)
    source_fail(c, start, "the form is nested too deeply");
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
      source_fail(c, source_here(c->r),
                  "EOF while reading, %s started at line %d, column %d", what,
                  start.line, start.column);
    if (form != SKIPPED)
      items = vector_conj(items, form);
  }
  c->r->depth--;
  return items;
}

static O read_list(context *c, place start) {
  return source_with_place(c, source_list(read_items(c, ')', start, "list")),
                           start);
}

static _Noreturn void duplicate_key(context *c, place start, O key) {
  source_fail(c, start, "Duplicate key: %s", error_shown(key));
}

static O map_of(context *c, O items, place start) {
  uint32_t n = vector_count(items);
  if (n % 2)
    source_fail(c, start, "Map literal must contain an even number of forms");
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

/* ---- Syntax-quote -------------------------------------------------------- */

static O read_required(context *c, const char *after, place start);

static O read_syntax_quote(context *c, place start) {
  O outer = c->gensyms;
  c->gensyms = map_empty;
  O form = read_required(c, "`", start);
  O result = syntax_quote(c, form);
  c->gensyms = outer;
  return is_type(result, JANK_TYPE_LIST) ? source_with_place(c, result, start)
                                         : result;
}

/* ---- Reader macros ------------------------------------------------------- */

static O read_wrapped(context *c, O head, const char *after, place start) {
  return source_with_place(
      c, source_list2(head, read_required(c, after, start)), start);
}

static O read_unquote(context *c, place start) {
  bool splicing = source_peek(c->r) == '@';
  if (splicing)
    source_take(c->r);
  return read_wrapped(
      c, source_core_symbol(splicing ? "unquote-splicing" : "unquote"), "~",
      start);
}

static O read_meta(context *c, place start) {
  O given = read_required(c, "^", start), meta = map_empty;
  if (is_type(given, JANK_TYPE_KEYWORD))
    meta = map_assoc(meta, given, JANK_TRUE);
  else if (is_type(given, JANK_TYPE_SYMBOL) || is_type(given, JANK_TYPE_STRING))
    meta = map_assoc(meta, source_keyword("tag"), given);
  else if (is_type(given, JANK_TYPE_VECTOR))
    meta = map_assoc(meta, source_keyword("param-tags"), given);
  else if (is_type(given, JANK_TYPE_MAP))
    meta = given;
  else
    source_fail(c, start,
                "Metadata must be a keyword, symbol, string, vector or map");
  O form = read_required(c, "^", start);
  bool can =
      is_heap(form) &&
      (form->type == JANK_TYPE_SYMBOL || form->type == JANK_TYPE_LIST ||
       form->type == JANK_TYPE_EMPTY_LIST || form->type == JANK_TYPE_VECTOR ||
       form->type == JANK_TYPE_MAP || form->type == JANK_TYPE_SET);
  if (!can)
    source_fail(c, start,
                "Metadata can only be applied to symbols and collections");
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
    args->items[i] = source_symbol(text);
  }
  c->args = args;
  c->most_args = 0;
}

static bool mentions(O form, O symbol) {
  if (form == symbol)
    return true;
  if (is_type(form, JANK_TYPE_MAP))
    form = syntax_quote_flat(form);
  if (!seq_is_sequential(form) && !is_type(form, JANK_TYPE_SET))
    return false;
  for (O s = seq(form); s != JANK_NIL; s = seq_next(s))
    if (mentions(seq_first(s), symbol))
      return true;
  return false;
}

/* #( ): the arguments are made first, for all that could be named; those up to the
 * highest that was, and the rest when it was, become parameters. */
static O read_fn(context *c, place start) {
  if (c->args)
    source_fail(c, start, "Nested #()s are not allowed");
  make_args(c);
  O body = read_list(c, start), params = vector_empty;
  for (int i = 1; i <= c->most_args; i++)
    params = vector_conj(params, c->args->items[i]);
  if (mentions(body, c->args->items[0])) {
    params = vector_conj(params, source_symbol("&"));
    params = vector_conj(params, c->args->items[0]);
  }
  c->args = NULL;
  return source_with_place(c, source_list3(source_symbol("fn*"), params, body),
                           start);
}

static O read_discard(context *c, place start) {
  bool outer = c->suppressed;
  c->suppressed = true;
  read_required(c, "#_", start);
  c->suppressed = outer;
  return SKIPPED;
}

static O read_symbolic(context *c, place start) {
  token t = token_read(c->r);
  if (token_is(t, "Inf"))
    return jank_box_double(__builtin_inf());
  if (token_is(t, "-Inf"))
    return jank_box_double(-__builtin_inf());
  if (token_is(t, "NaN"))
    return jank_box_double(__builtin_nan(""));
  source_fail(c, start, "Unknown symbolic value: ##%.*s",
              t.n < 40 ? (int)t.n : 40, t.text);
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
      source_fail(c, start, "EOF while reading a reader conditional");
    if (!is_type(feature, JANK_TYPE_KEYWORD))
      source_fail(c, start, "Feature should be a keyword: %s",
                  error_shown(feature));
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

/* #?( ) and #?@( ). Branches that are not taken are read all the same, for their end,
 * with what could throw in them suppressed: other platforms' tags and aliases. */
static O read_conditional(context *c, place start) {
  bool splicing = source_peek(c->r) == '@';
  if (splicing)
    source_take(c->r);
  while (source_is_space(source_peek(c->r)))
    source_take(c->r);
  if (source_take(c->r) != '(')
    source_fail(c, start, "a reader conditional needs a list: #?(:jank ...)");
  O form = read_branches(c, start);
  if (!splicing || form == SKIPPED)
    return form;
  if (c->r->depth == 0)
    source_fail(c, start,
                "Reader conditional splicing not allowed at the top level");
  if (!seq_is_sequential(form))
    source_fail(c, start,
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
  bool automatic = source_peek(c->r) == ':';
  if (automatic)
    source_take(c->r);
  token t = token_read(c->r);
  string_object *ns = c->r->ns->name->name;
  if (t.n && automatic) {
    symbol_object *alias = symbol_make(NULL, string_make(t.text, t.n));
    O found = map_get(c->r->ns->aliases, (O)alias, JANK_NIL);
    if (found == JANK_NIL)
      source_fail(c, start, "Unknown auto-resolved namespace alias: %s",
                  alias->name->text);
    ns = ((namespace_object *)found)->name->name;
  } else if (t.n) {
    ns = string_make(t.text, t.n);
  } else if (!automatic) {
    source_fail(c, start, "Namespaced map must specify a namespace");
  }
  while (source_is_space(source_peek(c->r)))
    source_take(c->r);
  if (source_take(c->r) != '{')
    source_fail(c, start, "Namespaced map must specify a map");
  O items = read_items(c, '}', start, "map");
  for (uint32_t i = 0; i + 1 < vector_count(items); i += 2)
    items = vector_assoc(items, i, qualified_key(vector_nth(items, i), ns));
  return map_of(c, items, start);
}

O reader_core_value(const char *name) {
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
  tagged t = {coll_get(reader_core_value("*data-readers*"), tag, JANK_NIL),
              JANK_NIL, form};
  if (t.function == JANK_NIL)
    t.function =
        coll_get(reader_core_value("default-data-readers"), tag, JANK_NIL);
  if (t.function == JANK_NIL) {
    t.function = reader_core_value("*default-data-reader-fn*");
    t.tag = tag;
  }
  if (t.function == JANK_NIL)
    source_fail(c, start, "No reader function for tag %s", error_shown(tag));
  O result = JANK_NIL, exception = JANK_NIL;
  bool ok = throw_catch(call_reader, &t, &result, &exception);
  if (!ok && error_is_interrupt(exception))
    jank_throw(exception);
  if (!ok)
    source_fail(
        c, start, "#%s: %s", error_shown(tag),
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
    source_fail(c, start, "Reader tag must be a symbol");
  O form = read_required(c, "a reader tag", start);
  if (c->suppressed)
    return JANK_NIL;
  if (symbol_is(tag, NULL, "js")) {
    O items[] = {&symbol_from("clojure.core", "js-literal*")->header, form};
    return list_from_array(2, items);
  }
  return apply_reader(c, tag, form, start);
}

static O read_dispatch(context *c, place start) {
  int ch = source_peek(c->r);
  if (ch < 0)
    source_fail(c, start, "EOF while reading dispatch character");
  if (!strchr("{(\"'_^#?:!<=", ch))
    return read_tagged(c, start);
  source_take(c->r);
  switch (ch) {
  case '{':
    return read_set(c, start);
  case '(':
    return read_fn(c, start);
  case '"': {
    string_object *source = text_read(c, start, text_fill_regex);
    return c->suppressed ? (O)source : regex_make(source);
  }
  case '\'':
    return read_wrapped(c, source_symbol("var"), "#'", start);
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
    source_skip_line(c->r);
    return SKIPPED;
  default:
    source_fail(c, start, "Unreadable form: #%c", ch);
  }
}

/* ---- Forms --------------------------------------------------------------- */

static O read_at(context *c, int ch, place start) {
  reader *r = c->r;
  switch (ch) {
  case '(':
    source_take(r);
    return read_list(c, start);
  case '[':
    source_take(r);
    return read_items(c, ']', start, "vector");
  case '{':
    source_take(r);
    return read_map(c, start);
  case ')':
  case ']':
  case '}':
    source_fail(c, start, "Unmatched delimiter: %c", ch);
  case '"':
    source_take(r);
    return &text_read(c, start, text_fill_string)->header;
  case '\\':
    source_take(r);
    return text_read_char(c, start);
  case ';':
    source_skip_line(r);
    return SKIPPED;
  case '\'':
    source_take(r);
    return read_wrapped(c, source_symbol("quote"), "'", start);
  case '`':
    source_take(r);
    return read_syntax_quote(c, start);
  case '~':
    source_take(r);
    return read_unquote(c, start);
  case '@':
    source_take(r);
    return read_wrapped(c, source_core_symbol("deref"), "@", start);
  case '^':
    source_take(r);
    return read_meta(c, start);
  case '#':
    source_take(r);
    return read_dispatch(c, start);
  default:
    return token_read_atom(c, start);
  }
}

/* A form, or SKIPPED, CLOSED (at `closing`) or ENDED. */
static O read_form(context *c, int closing, bool end_allowed) {
  while (source_is_space(source_peek(c->r)))
    source_take(c->r);
  int ch = source_peek(c->r);
  if (ch < 0) {
    if (!end_allowed)
      source_fail(c, source_here(c->r), "EOF while reading");
    return ENDED;
  }
  if (ch == closing) {
    source_take(c->r);
    return CLOSED;
  }
  volatile char guard[128];
  guard[0] = 0;
  if ((uintptr_t)&guard[0] < jank_stack_limit())
    source_fail(c, source_here(c->r), "the form is nested too deeply");
  return read_at(c, ch, source_here(c->r));
}

/* One form, past comments. Spliced items that wait come first. */
static O read_required(context *c, const char *after, place start) {
  for (;;) {
    if (c->pending != JANK_NIL) {
      O form = seq_first(c->pending);
      c->pending = seq_next(c->pending);
      return form;
    }
    O form = read_form(c, 0, true);
    if (form == ENDED)
      source_fail(c, start, "EOF while reading what follows %s", after);
    if (form != SKIPPED)
      return form;
  }
}

/* ---- The interface ------------------------------------------------------- */

void reader_init(reader *r, const char *source, size_t size, const char *file,
                 int line) {
  *r = (reader){.source = source,
                .size = size,
                .file = file,
                .line = line,
                .column = 1,
                .ns = ns_current()};
}

/* Once for each text, so that nobody behind it has to mind. */
static void check_utf8(context *c) {
  reader *r = c->r;
  reader at = *r;
  for (size_t i = 0; i < r->size;) {
    uint32_t length, code = utf8_decode(r->source + i, r->size - i, &length);
    if (code == 0xfffd && length == 1) {
      while (at.offset < i)
        source_take(&at);
      source_fail(c, source_here(&at), "the source is not UTF-8");
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
    while (source_is_space(source_peek(r)))
      source_take(r);
    place start = source_here(r);
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
  while (source_is_space(source_peek_at(r, ahead)))
    ahead++;
  return source_peek_at(r, ahead) < 0;
}
