/* token.c - tokens: numbers, symbols, keywords, and the arguments of #( ).
 *
 * A token is what stands up to the next space or delimiter; it borrows the
 * source. ::kw is resolved here, by the namespace in which the text is read.
 */
#include "read/token.h"
#include "collection/map.h"
#include "number/text.h"
#include "read/reader.h"
#include "read/source.h"
#include "runtime/ns.h"
#include "value/string.h"
#include "value/symbol.h"
#include "value/word.h"
#include <string.h>

token token_read(reader *r) {
  token t = {r->source + r->offset, 0};
  while (!source_ends_token(source_peek(r))) {
    source_take(r);
    t.n++;
  }
  return t;
}

bool token_is(token t, const char *text) {
  return strlen(text) == t.n && memcmp(t.text, text, t.n) == 0;
}

static _Noreturn void bad_token(context *c, place at, token t) {
  source_fail(c, at, "Invalid token: %.*s", t.n < 80 ? (int)t.n : 80, t.text);
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
      n = source_is_digit(t.text[i]) ? n * 10 + t.text[i] - '0' : 1000;
    if (n < 1 || n > MAX_LITERAL_ARGS)
      source_fail(c, at, "arg literal must be %%, %%& or %%1 to %%%d",
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
  return source_with_place(c, (O)symbol_make(ns, name), at);
}

O token_read_atom(context *c, place at) {
  token t = token_read(c->r);
  int ch = (unsigned char)t.text[0];
  bool sign = (ch == '+' || ch == '-') && t.n > 1 && source_is_digit(t.text[1]);
  if (source_is_digit(ch) || sign) {
    O n = number_parse(t.text, t.n);
    if (!n)
      source_fail(c, at, "Invalid number: %.*s", t.n < 80 ? (int)t.n : 80,
                  t.text);
    return n;
  }
  return ch == ':' ? read_keyword(c, at, t) : read_symbol(c, at, t);
}
