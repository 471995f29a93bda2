/* live.c - liveness: which locals live across which calls.
 *
 * The collector sees the linear-memory stack, not the engine's locals. So the
 * emitter must store what a call could otherwise lose, and nothing else: stores
 * are what makes spilling cost. Two passes over a method's tree: `scan`
 * forwards, for the calls below each node and what every loop uses; `live`
 * backwards in the order of evaluation, with the set of locals that are still
 * needed.
 */
#include "emit/live.h"
#include "analyze/ast.h"
#include "base/arena.h"
#include "emit/notes.h"
#include "value/word.h"
#include <string.h>

typedef struct loop_scope {
  const node *loop; /* NULL: the method itself */
  local_set uses;
  struct loop_scope *outer;
} loop_scope;

typedef struct {
  const notes *k;
  size_t words;
  loop_scope *loops;
  local_set spilled;
  local_set head; /* live at a recur to the method */
} pass;

/* ---- Sets ---------------------------------------------------------------- */

static local_set set_make(pass *c) {
  return arena_alloc(c->k->p->arena, c->words * sizeof(uint32_t));
}
static local_set set_copy(pass *c, local_set set) {
  return memcpy(set_make(c), set, c->words * sizeof(uint32_t));
}
static void set_assign(pass *c, local_set to, local_set from) {
  memcpy(to, from, c->words * sizeof(uint32_t));
}
static void set_union(pass *c, local_set to, local_set from) {
  for (size_t i = 0; i < c->words; i++)
    to[i] |= from[i];
}
static void set_add(local_set set, uint32_t index) {
  set[index / 32] |= UINT32_C(1) << (index % 32);
}
static void set_remove(local_set set, uint32_t index) {
  set[index / 32] &= ~(UINT32_C(1) << (index % 32));
}
bool live_has(local_set set, uint32_t index) {
  return set && set[index / 32] >> (index % 32) & 1;
}

uint32_t live_index(const local *l) {
  bool in_self = l->kind == LOCAL_SELF || l->kind == LOCAL_CAPTURE;
  return in_self ? 0 : (uint32_t)l->slot + 1;
}

bool live_is_direct(const notes *k, const node *n) {
  return n->kind == NODE_WORD || n->kind == NODE_CONSTANT ||
         (n->kind == NODE_LOCAL &&
          notes_local(k, n->local)->type == VALUE_WORD) ||
         (n->kind == NODE_FN && n->fn->capture_count == 0);
}

bool live_is_word(const program *p, const node *n) {
  return n->kind == NODE_WORD ||
         (n->kind == NODE_CONSTANT &&
          is_type(p->pool[n->index].value, JANK_TYPE_KEYWORD));
}

static bool is_identity(const program *p, const node *n) {
  return live_is_word(p, n) && !(n->kind == NODE_WORD && is_fixnum(n->word));
}

/* ---- Forwards: calls and uses -------------------------------------------- */

static call_level op_calls(const program *p, const node *n) {
  switch (n->op) {
  case OP_IDENTICAL:
  case OP_NIL_P:
  case OP_NOT:
    return CALLS_NONE;
  case OP_EQUAL: /* 1 and 1N are equal: an integer's word does not tell */
    return is_identity(p, n->items[0]) || is_identity(p, n->items[1])
               ? CALLS_NONE
               : CALLS_COLD;
  case OP_ADD:
  case OP_SUB:
  case OP_MUL:
  case OP_LT:
  case OP_LTE:
  case OP_GT:
  case OP_GTE:
  case OP_NUM_EQUAL:
  case OP_LONG:
  case OP_DOUBLE:
  case OP_DIVIDE:
  case OP_QUOT:
  case OP_REM:
  case OP_BIT_AND:
  case OP_BIT_OR:
  case OP_BIT_XOR:
  case OP_SHIFT_LEFT:
  case OP_SHIFT_RIGHT:
  case OP_FIELD:
  case OP_EXCEPTION_IS:
  case OP_COUNT:
    break;
  }
  return CALLS_COLD;
}

static call_level case_calls(const program *p, const node *n) {
  for (int i = 0; i < n->count; i++)
    if (!live_is_word(p, n->items[i]))
      return CALLS_COLD;
  return CALLS_NONE;
}

static call_level own_calls(const notes *k, const node *n) {
  switch (n->kind) {
  case NODE_INVOKE:
  case NODE_DEF:
  case NODE_SET:
  case NODE_TRY:
  case NODE_VECTOR:
  case NODE_SET_LITERAL:
  case NODE_MAP:
  case NODE_WITH_META:
    return CALLS_HOT;
  case NODE_THROW:
    return CALLS_COLD; /* nothing is live after it */
  case NODE_FN:
    return n->fn->capture_count ? CALLS_HOT : CALLS_NONE;
  case NODE_OP:
    return op_calls(k->p, n);
  case NODE_CASE:
    return case_calls(k->p, n);
  case NODE_LOCAL: /* as a word, an unboxed one is boxed */
    return notes_local(k, n->local)->type == VALUE_WORD ? CALLS_NONE
                                                        : CALLS_COLD;
  case NODE_WORD:
  case NODE_CONSTANT:
  case NODE_VAR:
  case NODE_IF:
  case NODE_DO:
  case NODE_LET:
  case NODE_LOOP:
  case NODE_RECUR:
  case NODE_LETFN:
    break;
  }
  return CALLS_NONE;
}

static void use(pass *c, const local *l) {
  if (notes_local(c->k, l)->type != VALUE_WORD)
    return;
  for (loop_scope *s = c->loops; s; s = s->outer)
    set_add(s->uses, live_index(l));
}

/* A local that is defined inside a loop is not live at its head. */
static void forget(pass *c, const node *n) {
  for (int i = 0; i < n->count; i++)
    for (loop_scope *s = c->loops; s; s = s->outer)
      set_remove(s->uses, live_index(n->locals[i]));
}

static void scan(pass *c, const node *n);

static void scan_child(pass *c, const node *parent, const node *child) {
  if (!child)
    return;
  scan(c, child);
  if (notes_node(c->k, child)->calls > notes_node(c->k, parent)->calls)
    notes_node(c->k, parent)->calls = notes_node(c->k, child)->calls;
}

static void scan_children(pass *c, const node *n) {
  const node *child;
  for (int i = 0; (child = ast_child(n, i)); i++)
    scan_child(c, n, child);
}

static void scan_loop(pass *c, const node *n) {
  for (int i = 0; i < n->count; i++)
    scan_child(c, n, n->items[i]);
  loop_scope scope = {n, set_make(c), c->loops};
  c->loops = &scope;
  scan_child(c, n, n->a);
  forget(c, n);
  c->loops = scope.outer;
  notes_node(c->k, n)->live = scope.uses;
}

static void scan(pass *c, const node *n) {
  notes_node(c->k, n)->calls = own_calls(c->k, n);
  if (n->kind == NODE_LOOP) {
    scan_loop(c, n);
    return;
  }
  scan_children(c, n);
  if (n->kind == NODE_LOCAL)
    use(c, n->local);
  if (n->kind == NODE_FN)
    for (int i = 0; i < n->fn->capture_count; i++)
      use(c, n->fn->captures[i]);
  if (n->kind == NODE_LET || n->kind == NODE_LETFN)
    forget(c, n);
}

/* ---- Backwards: what is live --------------------------------------------- */

static void live(pass *c, const node *n, local_set set);

static void hot_call(pass *c, local_set set) { set_union(c, c->spilled, set); }

static void use_captures(local_set set, const node *n) {
  if (n->kind == NODE_FN)
    for (int i = 0; i < n->fn->capture_count; i++)
      set_add(set, live_index(n->fn->captures[i]));
}

/* Arguments of a call: direct ones are read when it is made. */
static void live_args(pass *c, node *const *items, int count, local_set set) {
  for (int i = 0; i < count; i++)
    if (items[i]->kind == NODE_LOCAL && live_is_direct(c->k, items[i]))
      set_add(set, live_index(items[i]->local));
  for (int i = count; i-- > 0;)
    if (!live_is_direct(c->k, items[i]))
      live(c, items[i], set);
}

/* Backwards: a local is not live before it is bound, but what its value needs
 * is. */
static void live_bindings(pass *c, const node *n, local_set set) {
  for (int i = n->count; i-- > 0;) {
    set_remove(set, live_index(n->locals[i]));
    live(c, n->items[i], set);
  }
}

static void live_if(pass *c, const node *n, local_set set) {
  local_set other = set_copy(c, set);
  live(c, n->c, other);
  live(c, n->b, set);
  set_union(c, set, other);
  live(c, n->a, set);
}

/* At a recur everything is live that the next round, or what follows the loop,
 * may need. The next round is not known yet, going backwards; in its place stands all
 * that the loop uses anywhere (scan): too much rather than too little, and one pass is
 * enough. */
static void live_loop(pass *c, const node *n, local_set set) {
  set_union(c, notes_node(c->k, n)->live, set);
  local_set uses = notes_node(c->k, n)->live;
  live(c, n->a, set);
  set_union(c, set, uses);
  live_bindings(c, n, set);
}

/* Closures are all made before any is filled: each making lets the collector
 * run while the earlier ones, and all that any will capture, must stay. */
static void live_letfn(pass *c, const node *n, local_set set) {
  live(c, n->a, set);
  for (int i = 0; i < n->count; i++) {
    use_captures(set, n->items[i]);
    set_add(set, live_index(n->locals[i]));
  }
  for (int i = n->count; i-- > 0;) {
    set_remove(set, live_index(n->locals[i]));
    if (n->items[i]->fn->capture_count)
      hot_call(c, set);
  }
}

static void live_case(pass *c, const node *n, local_set set) {
  local_set after = set_copy(c, set), one = set_make(c);
  live(c, n->b, set);
  for (int i = 0; i < n->count; i++) {
    set_assign(c, one, after);
    live(c, n->thens[i], one);
    set_union(c, set, one);
  }
  if (n->a->kind == NODE_LOCAL && live_is_direct(c->k, n->a))
    set_add(set, live_index(n->a->local));
  notes_node(c->k, n)->live = set_copy(c, set);
  live(c, n->a, set);
}

static void live_op(pass *c, const node *n, local_set set) {
  if (own_calls(c->k, n) != CALLS_NONE)
    notes_node(c->k, n)->live = set_copy(c, set);
  live_args(c, n->items, n->count, set);
}

static void live_try(pass *c, const node *n, local_set set) {
  hot_call(c, set);
  node *parts[] = {n->a, n->b, n->c};
  for (int i = 3; i-- > 0;)
    if (parts[i])
      live(c, parts[i], set);
}

/* The set before the call's own parts are added is what lives after it:
 * hand_over needs it when an argument is a local. */
static void live_invoke(pass *c, const node *n, local_set set) {
  for (int i = 0; i < n->count && !notes_node(c->k, n)->live; i++)
    if (n->items[i]->kind == NODE_LOCAL)
      notes_node(c->k, n)->live = set_copy(c, set);
  hot_call(c, set);
  if (n->a->kind == NODE_LOCAL && live_is_direct(c->k, n->a))
    set_add(set, live_index(n->a->local));
  live_args(c, n->items, n->count, set);
  live(c, n->a, set);
}

static void live_local(pass *c, const node *n, local_set set) {
  if (notes_local(c->k, n->local)->type == VALUE_WORD)
    set_add(set, live_index(n->local));
  else
    notes_node(c->k, n)->live = set_copy(c, set);
}

static void live_do(pass *c, const node *n, local_set set) {
  for (int i = n->count; i-- > 0;)
    live(c, n->items[i], set);
}

static void live_recur(pass *c, const node *n, local_set set) {
  set_assign(c, set, n->loop ? notes_node(c->k, n->loop)->live : c->head);
  live_args(c, n->items, n->count, set);
}

/* Its captures are filled in after it is made. */
static void live_fn(pass *c, const node *n, local_set set) {
  use_captures(set, n);
  if (n->fn->capture_count)
    hot_call(c, set);
}

static void live_throw(pass *c, const node *n, local_set set) {
  memset(set, 0, c->words * sizeof *set);
  live(c, n->a, set);
}

/* One call of the runtime, after the parts. */
static void live_made(pass *c, node *const *parts, int count, local_set set) {
  hot_call(c, set);
  live_args(c, parts, count, set);
}

static void live(pass *c, const node *n, local_set set) {
  switch (n->kind) {
  case NODE_WORD:
  case NODE_CONSTANT:
  case NODE_VAR:
    return;
  case NODE_LOCAL:
    live_local(c, n, set);
    return;
  case NODE_IF:
    live_if(c, n, set);
    return;
  case NODE_DO:
    live_do(c, n, set);
    return;
  case NODE_LET:
    live(c, n->a, set);
    live_bindings(c, n, set);
    return;
  case NODE_LOOP:
    live_loop(c, n, set);
    return;
  case NODE_RECUR:
    live_recur(c, n, set);
    return;
  case NODE_LETFN:
    live_letfn(c, n, set);
    return;
  case NODE_FN:
    live_fn(c, n, set);
    return;
  case NODE_INVOKE:
    live_invoke(c, n, set);
    return;
  case NODE_OP:
    live_op(c, n, set);
    return;
  case NODE_THROW:
    live_throw(c, n, set);
    return;
  case NODE_TRY:
    live_try(c, n, set);
    return;
  case NODE_CASE:
    live_case(c, n, set);
    return;
  case NODE_DEF:
  case NODE_SET:
    live_made(c, &n->a, n->a != NULL, set);
    return;
  case NODE_VECTOR:
  case NODE_SET_LITERAL:
  case NODE_MAP:
    live_made(c, n->items, n->count, set);
    return;
  case NODE_WITH_META:
    live_made(c, (node *[]){n->a, n->b}, 2, set);
    return;
  }
}

local_set live_analyze(const notes *k, const method *m) {
  pass c = {.k = k, .words = (size_t)(m->slots + 1 + 31) / 32};
  c.spilled = set_make(&c);
  loop_scope head = {NULL, set_make(&c), NULL};
  c.loops = &head;
  scan(&c, m->body);
  c.head = head.uses;
  for (int i = 0; i < m->required + m->variadic; i++)
    set_remove(c.head, (uint32_t)m->params[i]->slot + 1);
  live(&c, m->body, set_make(&c));
  return c.spilled;
}
