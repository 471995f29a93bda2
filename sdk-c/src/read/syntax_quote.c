/* syntax_quote.c - syntax-quote: a form becomes one that makes it.
 *
 * In: a form as the reader has it, in which ~ and ~@ are calls of
 * clojure.core's unquote and unquote-splicing. Out: calls of list, concat,
 * vector ..., or a quoted constant where nothing in the form is evaluated.
 * Symbols are resolved in the namespace that reads, name# is the same new
 * symbol in all of one syntax-quote, and special forms stay as they are.
 */
#include "read/syntax_quote.h"
#include "base/buffer.h"
#include "collection/coll.h"
#include "collection/list.h"
#include "collection/map.h"
#include "collection/seq.h"
#include "collection/vector.h"
#include "read/source.h"
#include "read/special.h"
#include "runtime/ns.h"
#include "runtime/var.h"
#include "value/string.h"
#include "value/symbol.h"
#include "value/word.h"

static O quoted(O form) { return source_list2(source_symbol("quote"), form); }

/* The same symbol for the same name# in one syntax-quote. */
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

/* Qualified as it would be resolved here: by its var, else by its alias, else by the
 * namespace that reads. Methods (.x) and special forms stay. */
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

/* Each part as a form that makes it; *constant: none has anything to evaluate, and
 * *values are what they make. */
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
  return list_cons(source_core_symbol("list"), source_list(parts));
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
  return source_list2(
      source_core_symbol("seq"),
      list_cons(source_core_symbol("concat"), source_list(groups)));
}

/* A form that makes the list: a constant, if all of it is. */
static O quote_items(context *c, O items) {
  if (splices(items))
    return quote_spliced(c, items);
  bool constant;
  O values, parts = quote_each(c, items, &constant, &values);
  return constant ? quoted(source_list(values)) : list_call(parts);
}

static O quote_as(context *c, const char *make, O items) {
  if (splices(items))
    return source_list3(source_core_symbol("apply"), source_core_symbol(make),
                        quote_spliced(c, items));
  bool constant;
  O values, parts = quote_each(c, items, &constant, &values);
  return list_cons(source_core_symbol(make), source_list(parts));
}

O syntax_quote_flat(O map) {
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
    return quote_as(c, "hash-map", syntax_quote_flat(form));
  case JANK_TYPE_SET:
    return quote_as(c, "hash-set", form);
  case JANK_TYPE_EMPTY_LIST:
    return list_cons(source_core_symbol("list"), list_empty);
  default:
    return quote_items(c, form);
  }
}

O syntax_quote(context *c, O form) {
  if (is_type(form, JANK_TYPE_SYMBOL))
    return quote_symbol(c, (symbol_object *)form);
  if (is_call(form, "unquote"))
    return seq_first(seq_next(form));
  if (is_call(form, "unquote-splicing"))
    source_fail(c, source_here(c->r), "splice not in list");
  bool coll = is_type(form, JANK_TYPE_LIST) || is_type(form, JANK_TYPE_CONS) ||
              is_type(form, JANK_TYPE_EMPTY_LIST) ||
              is_type(form, JANK_TYPE_VECTOR) || is_type(form, JANK_TYPE_MAP) ||
              is_type(form, JANK_TYPE_SET);
  if (!coll)
    return form;
  O meta = source_own_meta(form), result = quote_coll(c, form);
  return meta == JANK_NIL ? result
                          : source_list3(source_core_symbol("with-meta"),
                                         result, syntax_quote(c, meta));
}
