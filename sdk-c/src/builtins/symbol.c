/* symbol.c - keyword, symbol, name, namespace, gensym, and their predicates. */
#include "value/symbol.h"
#include "base/buffer.h"
#include "builtins/builtin.h"
#include "builtins/tables.h"
#include "runtime/ns.h"
#include "runtime/var.h"
#include "value/error.h"
#include "value/string.h"
#include "value/word.h"
#include <string.h>

/* "a/b" is a namespace and a name; "/" is a name. */
static O from_text(string_object *s, bool keyword) {
  const char *slash = s->bytes > 1 ? memchr(s->text, '/', s->bytes) : NULL;
  if (slash == s->text)
    slash = NULL;
  string_object *ns = NULL, *name = s;
  if (slash && slash[1]) {
    size_t n = (size_t)(slash - s->text);
    ns = string_make(s->text, n);
    name = string_make(slash + 1, s->bytes - n - 1);
  }
  return keyword ? &symbol_intern(ns, name)->header
                 : &symbol_make(ns, name)->header;
}

static symbol_object *named(O o) {
  return is_type(o, JANK_TYPE_SYMBOL) || is_type(o, JANK_TYPE_KEYWORD)
             ? (symbol_object *)o
             : NULL;
}

static O keyword1(O self, O x) {
  if (is_type(x, JANK_TYPE_KEYWORD))
    return x;
  if (is_type(x, JANK_TYPE_STRING))
    return from_text((string_object *)x, true);
  symbol_object *s = named(x);
  return s ? &symbol_intern(s->ns, s->name)->header : JANK_NIL;
}

static O keyword2(O self, O ns, O name) {
  return jank_keyword_intern(ns, name);
}

static O symbol1(O self, O x) {
  if (is_type(x, JANK_TYPE_SYMBOL))
    return x;
  if (is_type(x, JANK_TYPE_STRING))
    return from_text((string_object *)x, false);
  symbol_object *s = named(x);
  if (s)
    return &symbol_make(s->ns, s->name)->header;
  if (is_type(x, JANK_TYPE_VAR)) {
    var_object *v = (var_object *)x;
    return &symbol_make(v->ns->name->name, v->name->name)->header;
  }
  error_type("symbol", "a string, keyword, symbol or var", x);
}

static O symbol2(O self, O ns, O name) {
  if (!is_type(name, JANK_TYPE_STRING))
    error_type("symbol", "a string", name);
  if (ns != JANK_NIL && !is_type(ns, JANK_TYPE_STRING))
    error_type("symbol", "a string", ns);
  return &symbol_make((string_object *)ns, (string_object *)name)->header;
}

static O core_name(O self, O x) {
  if (is_type(x, JANK_TYPE_STRING))
    return x;
  symbol_object *s = named(x);
  if (!s)
    error_type("name", "a string, keyword or symbol", x);
  return &s->name->header;
}

static O core_namespace(O self, O x) {
  symbol_object *s = named(x);
  if (!s)
    error_type("namespace", "a keyword or symbol", x);
  return (O)s->ns;
}

static O gensym1(O self, O prefix) {
  static unsigned counter;
  O text = core_name(self, prefix);
  buffer b = {0};
  buffer_add(&b, ((string_object *)text)->text, ((string_object *)text)->bytes);
  buffer_format(&b, "%u", ++counter);
  return &symbol_make(NULL, string_from_buffer(&b))->header;
}

static O gensym0(O self) { return gensym1(self, (O)string_make("G__", 3)); }

static O keyword_p(O self, O x) {
  return boolean(is_type(x, JANK_TYPE_KEYWORD));
}

static O symbol_p(O self, O x) { return boolean(is_type(x, JANK_TYPE_SYMBOL)); }

const struct patch_symbol symbol_builtins[] = {
    CORE("keyword", "[name]", keyword1,
         "The keyword of that name, and namespace; of a string, symbol or "
         "keyword. nil for anything else."),
    CORE("keyword", "[ns name]", keyword2),
    CORE("symbol", "[name]", symbol1,
         "The symbol of that name, and namespace; of a string, symbol, keyword "
         "or var."),
    CORE("symbol", "[ns name]", symbol2),
    CORE("name", "[x]", core_name,
         "The name of a keyword or symbol, without its namespace; a string as "
         "it is."),
    CORE("namespace", "[x]", core_namespace,
         "The namespace of a keyword or symbol, as a string; nil when it has "
         "none."),
    CORE(
        "gensym", "[]", gensym0,
        "A new symbol whose name no other has: the prefix (G__) and a number."),
    CORE("gensym", "[prefix-string]", gensym1),
    CORE("keyword?", "[x]", keyword_p, "True when x is a keyword."),
    CORE("symbol?", "[x]", symbol_p, "True when x is a symbol."),
    {0},
};
