/* types.c - type inference within a method.
 *
 * A literal, arithmetic on known numbers and (long x), (double x) have a known
 * type; so has a let local that is bound to such, and a loop local whose every
 * recur gives it the type that it began with. Those are kept unboxed in wasm
 * locals of their own. What a closure captures stays a word: closures hold words.
 * Arithmetic on known types means the same as on words: it is checked, and throws.
 */
#include "emit/types.h"
#include "analyze/ast.h"
#include "value/word.h"

static value_type join(value_type a, value_type b) {
  return a == VALUE_NONE ? b : b == VALUE_NONE || a == b ? a : VALUE_WORD;
}

static bool is_numeric(value_type t) {
  return t == VALUE_LONG || t == VALUE_DOUBLE;
}

bool types_known(const program *p, const node *op) {
  for (int i = 0; i < op->count; i++)
    if (!is_numeric(types_of(p, op->items[i])))
      return false;
  return true;
}

static value_type type_of_op(const program *p, const node *n) {
  switch (n->op) {
  case OP_LONG:
    return VALUE_LONG;
  case OP_DOUBLE:
    return VALUE_DOUBLE;
  case OP_ADD:
  case OP_SUB:
  case OP_MUL: {
    value_type a = types_of(p, n->items[0]), b = types_of(p, n->items[1]);
    if (!is_numeric(a) || !is_numeric(b))
      return VALUE_WORD;
    return a == VALUE_DOUBLE || b == VALUE_DOUBLE ? VALUE_DOUBLE : VALUE_LONG;
  }
  case OP_DIVIDE:
    return types_known(p, n) && join(types_of(p, n->items[0]),
                                     types_of(p, n->items[1])) != VALUE_LONG
               ? VALUE_DOUBLE
               : VALUE_WORD;
  case OP_QUOT:
  case OP_REM:
  case OP_BIT_AND:
  case OP_BIT_OR:
  case OP_BIT_XOR:
  case OP_SHIFT_LEFT:
  case OP_SHIFT_RIGHT:
    return types_of(p, n->items[0]) == VALUE_LONG &&
                   types_of(p, n->items[1]) == VALUE_LONG
               ? VALUE_LONG
               : VALUE_WORD;
  default:
    return VALUE_WORD;
  }
}

value_type types_of(const program *p, const node *n) {
  switch (n->kind) {
  case NODE_WORD:
    return is_fixnum(n->word) ? VALUE_LONG : VALUE_WORD;
  case NODE_CONSTANT:
    return is_type(p->pool[n->index].value, JANK_TYPE_LONG)     ? VALUE_LONG
           : is_type(p->pool[n->index].value, JANK_TYPE_DOUBLE) ? VALUE_DOUBLE
                                                                : VALUE_WORD;
  case NODE_LOCAL:
    return n->local->shadowed ? VALUE_LONG : n->local->type;
  case NODE_OP:
    return type_of_op(p, n);
  case NODE_IF:
    return join(types_of(p, n->b), types_of(p, n->c));
  case NODE_DO:
    return types_of(p, n->items[n->count - 1]);
  case NODE_LET:
  case NODE_LOOP:
    return types_of(p, n->a);
  case NODE_RECUR:
  case NODE_THROW:
    return VALUE_NONE;
  default:
    return VALUE_WORD;
  }
}

/* ---- Locals --------------------------------------------------------------------------- */

typedef struct {
  const program *p;
  bool changed;
} pass;

static void each_child(node *n, void (*visit)(pass *, node *), pass *c) {
  for (int i = 0; i < n->count; i++) {
    if (n->items)
      visit(c, n->items[i]);
    if (n->thens)
      visit(c, n->thens[i]);
  }
  if (n->a)
    visit(c, n->a);
  if (n->b)
    visit(c, n->b);
  if (n->c)
    visit(c, n->c);
}

static void find_captured(pass *c, node *n) {
  if (n->kind == NODE_FN)
    for (int i = 0; i < n->fn->capture_count; i++)
      n->fn->captures[i]->captured = true;
  each_child(n, find_captured, c);
}

/* Optimistic: as the first values are. A constant double stays the object that
 * it is. */
static void assume(pass *c, node *n) {
  if (n->kind == NODE_LET || n->kind == NODE_LOOP)
    for (int i = 0; i < n->count; i++) {
      if (n->kind == NODE_LET)
        assume(c, n->items[i]);
      value_type t = types_of(c->p, n->items[i]);
      bool keeps = n->kind == NODE_LET && n->items[i]->kind == NODE_CONSTANT;
      n->locals[i]->type =
          is_numeric(t) && !keeps && !n->locals[i]->captured ? t : VALUE_WORD;
    }
  each_child(n, assume, c);
}

static void check(pass *c, node *n) {
  each_child(n, check, c);
  bool binds = n->kind == NODE_LET || n->kind == NODE_LOOP;
  if (!binds && (n->kind != NODE_RECUR || !n->loop))
    return;
  for (int i = 0; i < n->count; i++) {
    local *l = n->locals[i];
    if (l->type != VALUE_WORD && types_of(c->p, n->items[i]) != l->type) {
      l->type = VALUE_WORD;
      c->changed = true;
    }
  }
}

void types_infer(const program *p, method *m) {
  pass c = {p, true};
  find_captured(&c, m->body);
  assume(&c, m->body);
  while (c.changed) {
    c.changed = false;
    check(&c, m->body);
  }
}

/* ---- Invariants of a loop ---------------------------------------------------------------- */

typedef struct {
  const program *p;
  node *loop;
  local **found;
  int count, most, nodes;
  bool nested;
} search;

enum { LARGE_LOOP = 300 };

static bool binds_local(const node *n, const local *l) {
  if (n->kind == NODE_LET || n->kind == NODE_LOOP || n->kind == NODE_LETFN)
    for (int i = 0; i < n->count; i++)
      if (n->locals[i] == l)
        return true;
  for (int i = 0; i < n->count; i++)
    if ((n->items && binds_local(n->items[i], l)) ||
        (n->thens && binds_local(n->thens[i], l)))
      return true;
  return (n->a && binds_local(n->a, l)) || (n->b && binds_local(n->b, l)) ||
         (n->c && binds_local(n->c, l));
}

static void add_invariant(search *s, const node *word, const node *number) {
  if (word->kind != NODE_LOCAL || word->local->type != VALUE_WORD ||
      word->local->shadowed || types_of(s->p, number) != VALUE_LONG ||
      number->kind == NODE_WORD || number->kind == NODE_CONSTANT ||
      word->local->kind == LOCAL_SELF || word->local->kind == LOCAL_CAPTURE)
    return;
  for (int i = 0; i < s->count; i++)
    if (s->found[i] == word->local)
      return;
  if (s->count < s->most && !binds_local(s->loop, word->local))
    s->found[s->count++] = word->local;
}

static void look(search *s, node *n) {
  s->nodes++;
  s->nested |= n->kind == NODE_LOOP && n != s->loop;
  if (n->kind == NODE_OP && n->count == 2 && n->op <= OP_EQUAL) {
    add_invariant(s, n->items[0], n->items[1]);
    add_invariant(s, n->items[1], n->items[0]);
  }
  for (int i = 0; i < n->count; i++) {
    if (n->items)
      look(s, n->items[i]);
    if (n->thens)
      look(s, n->thens[i]);
  }
  node *others[] = {n->a, n->b, n->c};
  for (int i = 0; i < 3; i++)
    if (others[i])
      look(s, others[i]);
}

int types_invariants(const program *p, node *loop, local **found, int most) {
  search s = {.p = p, .loop = loop, .found = found, .most = most};
  look(&s, loop);
  return s.nested || s.nodes > LARGE_LOOP ? 0 : s.count;
}
