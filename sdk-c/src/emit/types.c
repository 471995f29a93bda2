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
#include "emit/notes.h"
#include "value/word.h"

static value_type join(value_type a, value_type b) {
  return a == VALUE_NONE ? b : b == VALUE_NONE || a == b ? a : VALUE_WORD;
}

static bool is_numeric(value_type t) {
  return t == VALUE_LONG || t == VALUE_DOUBLE;
}

bool types_known(const notes *k, const node *op) {
  for (int i = 0; i < op->count; i++)
    if (!is_numeric(types_of(k, op->items[i])))
      return false;
  return true;
}

static value_type type_of_op(const notes *k, const node *n) {
  switch (n->op) {
  case OP_LONG:
    return VALUE_LONG;
  case OP_DOUBLE:
    return VALUE_DOUBLE;
  case OP_ADD:
  case OP_SUB:
  case OP_MUL: {
    value_type a = types_of(k, n->items[0]), b = types_of(k, n->items[1]);
    if (!is_numeric(a) || !is_numeric(b))
      return VALUE_WORD;
    return a == VALUE_DOUBLE || b == VALUE_DOUBLE ? VALUE_DOUBLE : VALUE_LONG;
  }
  case OP_DIVIDE:
    return types_known(k, n) && join(types_of(k, n->items[0]),
                                     types_of(k, n->items[1])) != VALUE_LONG
               ? VALUE_DOUBLE
               : VALUE_WORD;
  case OP_QUOT:
  case OP_REM:
  case OP_BIT_AND:
  case OP_BIT_OR:
  case OP_BIT_XOR:
  case OP_SHIFT_LEFT:
  case OP_SHIFT_RIGHT:
    return types_of(k, n->items[0]) == VALUE_LONG &&
                   types_of(k, n->items[1]) == VALUE_LONG
               ? VALUE_LONG
               : VALUE_WORD;
  case OP_LT:
  case OP_LTE:
  case OP_GT:
  case OP_GTE:
  case OP_NUM_EQUAL:
  case OP_EQUAL:
  case OP_IDENTICAL:
  case OP_NIL_P:
  case OP_NOT:
  case OP_FIELD:
  case OP_EXCEPTION_IS:
  case OP_COUNT:
    break;
  }
  return VALUE_WORD;
}

value_type types_of(const notes *k, const node *n) {
  switch (n->kind) {
  case NODE_WORD:
    return is_fixnum(n->word) ? VALUE_LONG : VALUE_WORD;
  case NODE_CONSTANT:
    return is_type(k->p->pool[n->index].value, JANK_TYPE_LONG) ? VALUE_LONG
           : is_type(k->p->pool[n->index].value, JANK_TYPE_DOUBLE)
               ? VALUE_DOUBLE
               : VALUE_WORD;
  case NODE_LOCAL:
    return notes_local(k, n->local)->shadowed ? VALUE_LONG
                                              : notes_local(k, n->local)->type;
  case NODE_OP:
    return type_of_op(k, n);
  case NODE_IF:
    return join(types_of(k, n->b), types_of(k, n->c));
  case NODE_DO:
    return types_of(k, n->items[n->count - 1]);
  case NODE_LET:
  case NODE_LOOP:
    return types_of(k, n->a);
  case NODE_RECUR:
  case NODE_THROW:
    return VALUE_NONE;
  case NODE_VAR:
  case NODE_DEF:
  case NODE_SET:
  case NODE_LETFN:
  case NODE_FN:
  case NODE_INVOKE:
  case NODE_TRY:
  case NODE_CASE:
  case NODE_VECTOR:
  case NODE_SET_LITERAL:
  case NODE_MAP:
  case NODE_WITH_META:
    break;
  }
  return VALUE_WORD;
}

/* ---- Locals -------------------------------------------------------------- */

typedef struct {
  const notes *k;
  bool changed;
} pass;

static void each_child(const node *n, void (*visit)(pass *, const node *),
                       pass *c) {
  const node *child;
  for (int i = 0; (child = ast_child(n, i)); i++)
    visit(c, child);
}

static void find_captured(pass *c, const node *n) {
  if (n->kind == NODE_FN)
    for (int i = 0; i < n->fn->capture_count; i++)
      notes_local(c->k, n->fn->captures[i])->captured = true;
  each_child(n, find_captured, c);
}

/* Optimistic: as the first values are. A constant double stays the object that
 * it is. */
static void assume(pass *c, const node *n) {
  if (n->kind == NODE_LET || n->kind == NODE_LOOP)
    for (int i = 0; i < n->count; i++) {
      if (n->kind == NODE_LET)
        assume(c, n->items[i]);
      local_note *l = notes_local(c->k, n->locals[i]);
      value_type t = types_of(c->k, n->items[i]);
      bool keeps = n->kind == NODE_LET && n->items[i]->kind == NODE_CONSTANT;
      l->type = is_numeric(t) && !keeps && !l->captured ? t : VALUE_WORD;
    }
  each_child(n, assume, c);
}

/* A local that does not get its assumed type everywhere becomes a word, which
 * can make others words. Types only go that way, so it ends; and when nothing
 * changes, every assignment agrees with what was assumed. */
static void check(pass *c, const node *n) {
  each_child(n, check, c);
  bool binds = n->kind == NODE_LET || n->kind == NODE_LOOP;
  if (!binds && (n->kind != NODE_RECUR || !n->loop))
    return;
  for (int i = 0; i < n->count; i++) {
    local_note *l = notes_local(c->k, n->locals[i]);
    if (l->type != VALUE_WORD && types_of(c->k, n->items[i]) != l->type) {
      l->type = VALUE_WORD;
      c->changed = true;
    }
  }
}

void types_infer(const notes *k, const method *m) {
  pass c = {k, true};
  find_captured(&c, m->body);
  assume(&c, m->body);
  while (c.changed) {
    c.changed = false;
    check(&c, m->body);
  }
}

/* ---- Invariants of a loop ------------------------------------------------ */

typedef struct {
  const notes *k;
  const node *loop;
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
  const node *child;
  for (int i = 0; (child = ast_child(n, i)); i++)
    if (binds_local(child, l))
      return true;
  return false;
}

/* A word local that the loop does not bind, beside a number that is no
 * constant: reading it as a small integer, once before the loop, is worth a
 * second copy of the loop. */
static void add_invariant(search *s, const node *word, const node *number) {
  if (word->kind != NODE_LOCAL ||
      notes_local(s->k, word->local)->type != VALUE_WORD ||
      notes_local(s->k, word->local)->shadowed ||
      types_of(s->k, number) != VALUE_LONG || number->kind == NODE_WORD ||
      number->kind == NODE_CONSTANT || word->local->kind == LOCAL_SELF ||
      word->local->kind == LOCAL_CAPTURE)
    return;
  for (int i = 0; i < s->count; i++)
    if (s->found[i] == word->local)
      return;
  if (s->count < s->most && !binds_local(s->loop, word->local))
    s->found[s->count++] = word->local;
}

static void look(search *s, const node *n) {
  s->nodes++;
  s->nested |= n->kind == NODE_LOOP && n != s->loop;
  if (n->kind == NODE_OP && n->count == 2 && n->op <= OP_EQUAL) {
    add_invariant(s, n->items[0], n->items[1]);
    add_invariant(s, n->items[1], n->items[0]);
  }
  const node *child;
  for (int i = 0; (child = ast_child(n, i)); i++)
    look(s, child);
}

int types_invariants(const notes *k, const node *loop, local **found,
                     int most) {
  search s = {.k = k, .loop = loop, .found = found, .most = most};
  look(&s, loop);
  return s.nested || s.nodes > LARGE_LOOP ? 0 : s.count;
}
