/* scope.c - locals: what a name is bound to here, and what closures capture.
 *
 * A name that is found in an outer function is captured by each function in
 * between, so that a closure is made from what its maker has at hand. A
 * captured field is its instance, captured.
 */
#include "analyze/scope.h"
#include "analyze/ast.h"
#include "analyze/build.h"
#include "base/arena.h"
#include "value/error.h"
#include "value/symbol.h"
#include "value/word.h"
#include <string.h>

/* ---- Locals -------------------------------------------------------------- */

void scope_bind(analyzer *a, local *l) {
  binding *b = arena_alloc(a->p->arena, sizeof *b);
  *b = (binding){.local = l, .next = a->scope->env};
  a->scope->env = b;
}

const char *scope_local_name(analyzer *a, O form, const char *who) {
  if (!is_type(form, JANK_TYPE_SYMBOL))
    FAIL("%s: a binding name must be a symbol, got %s", who, error_shown(form));
  if (((symbol_object *)form)->ns)
    FAIL("%s: can't bind a qualified name: %s", who, error_shown(form));
  return symbol_text(form);
}

local *scope_new_local(analyzer *a, const char *name, local_kind kind) {
  return ast_local(a->p, name, kind, a->scope->method->slots++);
}

/* The function's own local for it, made when it is asked for first. `inner` has the
 * newest first, fn->captures the oldest: they are walked in opposite directions. */
static local *capture(analyzer *a, scope *s, local *outer) {
  int i = 0;
  binding *b = s->inner;
  for (; i < s->fn->capture_count; i++, b = b->next)
    if (s->fn->captures[s->fn->capture_count - 1 - i] == outer)
      return b->local;
  fn_node *fn = s->fn;
  fn->captures =
      ast_grow(a->p, fn->captures, fn->capture_count, sizeof *fn->captures);
  fn->captures[fn->capture_count] = outer;
  b = arena_alloc(a->p->arena, sizeof *b);
  *b = (binding){
      .local = ast_local(a->p, outer->name, LOCAL_CAPTURE, fn->capture_count++),
      .next = s->inner};
  s->inner = b;
  return b->local;
}

/* What a name is bound to. A closure captures the instance, not the field. */
static bool find_binding(analyzer *a, scope *s, const char *name,
                         binding *found) {
  if (!s)
    return false;
  for (binding *b = s->env; b; b = b->next)
    if (strcmp(b->field ? b->field : b->local->name, name) == 0) {
      *found = *b;
      return true;
    }
  if (!find_binding(a, s->outer, name, found))
    return false;
  found->local = capture(a, s, found->local);
  return true;
}

bool scope_find(analyzer *a, O form, binding *found) {
  return !((symbol_object *)form)->ns &&
         find_binding(a, a->scope, symbol_text(form), found);
}

bool scope_is_local(analyzer *a, O form) {
  binding found;
  return scope_find(a, form, &found);
}

/* ---- Nodes --------------------------------------------------------------- */

node *scope_local_node(analyzer *a, local *l) {
  node *n = build_node(a, NODE_LOCAL);
  n->local = l;
  return n;
}

node *scope_bound_node(analyzer *a, binding b) {
  node *n = scope_local_node(a, b.local);
  return b.field ? build_op(a, OP_FIELD, n, build_constant(a, fixnum(b.number)))
                 : n;
}
