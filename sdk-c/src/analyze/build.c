/* build.c - small builders: nodes, forms, and where a form stands in its
 * source.
 *
 * They put together what the rest of the analyzer has decided; nothing here
 * knows what a form means.
 */
#include "analyze/build.h"
#include "analyze/ast.h"
#include "collection/coll.h"
#include "collection/list.h"
#include "collection/map.h"
#include "read/reader.h"
#include "runtime/ns.h"
#include "runtime/var.h"
#include "value/meta.h"
#include "value/symbol.h"
#include "value/word.h"

/* ---- Errors and positions ------------------------------------------------ */

enum { LINE, COLUMN, END_LINE, END_COLUMN, PLACE_KEYS };

/* Keywords live for ever. */
static O place_key(int i) {
  static const char *const names[] = {"line", "column", "end-line",
                                      "end-column"};
  static O keys[PLACE_KEYS];
  if (!keys[i])
    keys[i] = &symbol_keyword(NULL, names[i])->header;
  return keys[i];
}

static int meta_number(O meta, int key, int otherwise) {
  O n = map_get(meta, place_key(key), JANK_NIL);
  return is_fixnum(n) ? (int)fixnum_value(n) : otherwise;
}

span build_span(O form, span otherwise) {
  if (!is_type(form, JANK_TYPE_LIST) && !is_type(form, JANK_TYPE_SYMBOL))
    return otherwise;
  O meta = meta_of(form);
  if (!is_type(meta, JANK_TYPE_MAP))
    return otherwise;
  return (span){meta_number(meta, LINE, otherwise.line),
                meta_number(meta, COLUMN, otherwise.column),
                meta_number(meta, END_LINE, otherwise.end_line),
                meta_number(meta, END_COLUMN, otherwise.end_column)};
}

/* ---- Small builders ------------------------------------------------------ */

node *build_node(analyzer *a, node_kind kind) {
  return ast_node(a->p, kind, a->where);
}

void build_add(analyzer *a, node *n, node *item) {
  n->items = ast_grow(a->p, n->items, n->count, sizeof *n->items);
  n->items[n->count++] = item;
}

node *build_constant(analyzer *a, O value) {
  node *n = build_node(a, is_heap(value) ? NODE_CONSTANT : NODE_WORD);
  if (is_heap(value))
    n->index = ast_constant(a->p, value);
  else
    n->word = value;
  return n;
}

node *build_op(analyzer *a, ast_op op, node *x, node *y) {
  node *n = build_node(a, NODE_OP);
  n->op = op;
  build_add(a, n, x);
  if (y)
    build_add(a, n, y);
  return n;
}

node *build_var(analyzer *a, var_object *var) {
  node *n = build_node(a, NODE_VAR);
  n->index = ast_constant(a->p, &var->header);
  return n;
}

node *build_core_call(analyzer *a, const char *name) {
  node *n = build_node(a, NODE_INVOKE);
  n->a = build_var(a, var_intern(ns_core, symbol_from(NULL, name)));
  return n;
}

O build_symbol(const char *name) { return &symbol_from(NULL, name)->header; }

O build_list(int n, O a, O b, O c) {
  O items[] = {a, b, c};
  return list_from_array((size_t)n, items);
}

/* ---- Forms --------------------------------------------------------------- */

int build_arg_count(O form) { return (int)coll_count(form) - 1; }

O build_arg(O form, int i) { return coll_nth(form, i + 1, JANK_NIL, true); }

bool build_is_list(O form) {
  return is_type(form, JANK_TYPE_LIST) || is_type(form, JANK_TYPE_CONS);
}
