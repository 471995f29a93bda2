/* nodes.c - what each kind of node becomes: as a value, as a test, as a number.
 *
 * In: a node, with what live.c and types.c noted of it. Out: its code. A value
 * is one i32.
 *
 * The collector does not see wasm locals. What lives across a hot call is
 * stored in the function's frame on the linear-memory stack when it is set;
 * what lives across a slow path only, when that path is entered. Operands that
 * wait for others to be evaluated are in temporaries, stored by the same rule.
 * A function without hot calls has no frame but during a slow path.
 */
#include "emit/nodes.h"
#include "analyze/ast.h"
#include "emit/calls.h"
#include "emit/function.h"
#include "emit/imports.h"
#include "emit/integers.h"
#include "emit/live.h"
#include "emit/loops.h"
#include "emit/notes.h"
#include "emit/unboxed.h"
#include "emit/wasm.h"
#include "value/word.h"

/* ---- Control ------------------------------------------------------------- */

static void if_node(function *f, const node *n, leave_result leave) {
  function_test(f, n->a);
  local *below = loops_below_by(f, n->a);
  function_open(f, WASM_IF, loops_left_by(f, n, leave));
  if (below)
    function_local(f, below)->below = true;
  leave(f, n->b);
  if (below)
    function_local(f, below)->below = false;
  function_op(f, WASM_ELSE);
  leave(f, n->c);
  function_close(f);
}

static void do_node(function *f, const node *n, leave_result leave) {
  for (int i = 0; i < n->count - 1; i++) {
    function_value(f, n->items[i]);
    function_op(f, WASM_DROP);
  }
  leave(f, n->items[n->count - 1]);
}

static void let_node(function *f, const node *n, leave_result leave) {
  function_bind(f, n);
  leave(f, n->a);
}

static void letfn(function *f, const node *n) {
  for (int i = 0; i < n->count; i++) {
    function_create_fn(f, n->items[i]->fn);
    function_set_local(f, n->locals[i]);
  }
  for (int i = 0; i < n->count; i++)
    function_fill_captures(f, live_index(n->locals[i]), n->items[i]->fn);
  function_value(f, n->a);
}

static void case_test(function *f, const node *n, const node *item, operand x,
                      uint32_t kept) {
  if (live_is_word(f->e->p, item)) {
    calls_push_operand(f, x);
    function_value(f, item);
    function_op(f, WASM_I32_EQ);
    return;
  }
  slow_path slow = function_enter_slow(f, function_note(f, n)->live, kept);
  function_value(f, item);
  calls_push_operand(f, x);
  function_call(f, RT_jank_equal);
  function_leave_slow(f, slow);
}

static void case_node(function *f, const node *n, leave_result leave) {
  mark m = function_mark_temps(f);
  operand x = calls_make_operand(f, n->a, false);
  for (int i = 0; i < n->count; i++) {
    case_test(f, n, n->items[i], x, f->temps);
    function_open(f, WASM_IF, WASM_I32);
    leave(f, n->thens[i]);
    function_op(f, WASM_ELSE);
  }
  leave(f, n->b);
  for (int i = 0; i < n->count; i++)
    function_close(f);
  function_release(f, m);
}

static void try_node(function *f, const node *n) {
  node nil = {.kind = NODE_WORD, .word = JANK_NIL};
  node *parts[] = {n->a, n->b ? n->b : &nil, n->c ? n->c : &nil};
  calls_push_args(f, parts, 3);
  function_call(f, RT_jank_try);
}

/* ---- Definitions and collections ----------------------------------------- */

static void def(function *f, const node *n) {
  function_constant(f, n->index);
  if (n->a) {
    function_value(f, n->a);
    function_call(f, RT_jank_var_bind_root);
  }
  if (n->meta >= 0) {
    function_constant(f, n->meta);
    function_call(f, RT_jank_var_reset_meta);
  }
}

static void set_var(function *f, const node *n) {
  function_constant(f, n->index);
  function_value(f, n->a);
  function_call(f, RT_jank_var_set);
}

static void collection(function *f, const node *n) {
  mark m = function_mark_temps(f);
  calls_push_array(f, n->items, n->count,
                   n->kind == NODE_MAP ? n->count / 2 : n->count);
  function_call(f, n->kind == NODE_VECTOR        ? RT_jank_make_vector
                   : n->kind == NODE_SET_LITERAL ? RT_jank_make_set
                                                 : RT_jank_make_map);
  function_release(f, m);
}

static void with_meta(function *f, const node *n) {
  node *parts[] = {n->a, n->b};
  calls_push_args(f, parts, 2);
  function_call(f, RT_jank_with_meta);
}

/* ---- Nodes --------------------------------------------------------------- */

static void leaf(function *f, const node *n) {
  if (n->kind == NODE_WORD) {
    function_word(f, n->word);
  } else if (n->kind != NODE_LOCAL) {
    function_constant(f, n->index);
    if (n->kind == NODE_VAR)
      wasm_load(f->code, JANK_VAR_ROOT);
  } else if (function_local(f, n->local)->type == VALUE_WORD) {
    function_read_local(f, n->local);
  } else {
    function_raw(f, n);
    unboxed_box(f, function_local(f, n->local)->type,
                function_note(f, n)->live);
  }
}

static void throw_node(function *f, const node *n) {
  function_value(f, n->a);
  function_call(f, RT_jank_throw);
  function_op(f, WASM_UNREACHABLE);
}

static void op_node(function *f, const node *n) {
  integers_op(f, n);
  if (!integers_is_truth(n))
    return;
  function_i32(f, 2); /* 0 becomes false, 1 true */
  function_op(f, WASM_I32_SHL);
  function_word(f, JANK_FALSE);
  function_op(f, WASM_I32_OR);
}

/* Runs `leave` in the node's line. */
static void in_line(function *f, const node *n, leave_result leave) {
  uint32_t outer = f->line;
  if (n->where.line > 0)
    f->line = (uint32_t)n->where.line;
  leave(f, n);
  f->line = outer;
}

static void leave_value(function *f, const node *n) {
  switch (n->kind) {
  case NODE_WORD:
  case NODE_CONSTANT:
  case NODE_LOCAL:
  case NODE_VAR:
    leaf(f, n);
    return;
  case NODE_DEF:
    def(f, n);
    return;
  case NODE_SET:
    set_var(f, n);
    return;
  case NODE_IF:
    if_node(f, n, function_value);
    return;
  case NODE_DO:
    do_node(f, n, function_value);
    return;
  case NODE_LET:
    let_node(f, n, function_value);
    return;
  case NODE_LOOP:
    loops_loop(f, n, function_value);
    return;
  case NODE_RECUR:
    loops_recur(f, n);
    return;
  case NODE_LETFN:
    letfn(f, n);
    return;
  case NODE_FN:
    function_closure(f, n->fn);
    return;
  case NODE_INVOKE:
    calls_invoke(f, n);
    return;
  case NODE_OP:
    op_node(f, n);
    return;
  case NODE_THROW:
    throw_node(f, n);
    return;
  case NODE_TRY:
    try_node(f, n);
    return;
  case NODE_CASE:
    case_node(f, n, function_value);
    return;
  case NODE_VECTOR:
  case NODE_SET_LITERAL:
  case NODE_MAP:
    collection(f, n);
    return;
  case NODE_WITH_META:
    with_meta(f, n);
    return;
  }
}

static void value(function *f, const node *n) { in_line(f, n, leave_value); }

static void leave_test(function *f, const node *n) {
  switch (n->kind) {
  case NODE_IF:
    if_node(f, n, function_test);
    return;
  case NODE_DO:
    do_node(f, n, function_test);
    return;
  case NODE_LET:
    let_node(f, n, function_test);
    return;
  case NODE_LOOP:
    loops_loop(f, n, function_test);
    return;
  case NODE_CASE:
    case_node(f, n, function_test);
    return;
  case NODE_OP:
    if (integers_is_truth(n)) {
      integers_op(f, n);
      return;
    }
    break;
  case NODE_WORD:
  case NODE_CONSTANT:
  case NODE_LOCAL:
  case NODE_VAR:
  case NODE_DEF:
  case NODE_SET:
  case NODE_RECUR:
  case NODE_LETFN:
  case NODE_FN:
  case NODE_INVOKE:
  case NODE_THROW:
  case NODE_TRY:
  case NODE_VECTOR:
  case NODE_SET_LITERAL:
  case NODE_MAP:
  case NODE_WITH_META:
    break;
  }
  function_value(f, n);
  function_i32(f, ~2);
  function_op(f, WASM_I32_AND);
}

static void test(function *f, const node *n) { in_line(f, n, leave_test); }

/* ---- Unboxed numbers ----------------------------------------------------- */

static void leave_raw(function *f, const node *n) {
  int64_t whole;
  if (function_type_of(f, n) == VALUE_NONE) { /* recur, throw: of any type */
    function_value(f, n);
    function_op(f, WASM_UNREACHABLE);
    return;
  }
  switch (n->kind) {
  case NODE_LOCAL:
    function_read(f, function_local(f, n->local)->raw);
    return;
  case NODE_OP:
    if (n->op == OP_LONG || n->op == OP_DOUBLE)
      unboxed_unbox(f, n);
    else if (function_type_of(f, n) == VALUE_LONG)
      unboxed_long_op(f, n);
    else
      unboxed_double_op(f, n);
    return;
  case NODE_IF:
    if_node(f, n, function_raw);
    return;
  case NODE_DO:
    do_node(f, n, function_raw);
    return;
  case NODE_LET:
    let_node(f, n, function_raw);
    return;
  case NODE_LOOP:
    loops_loop(f, n, function_raw);
    return;
  case NODE_WORD:
  case NODE_CONSTANT:
    if (function_constant_long(f, n, &whole))
      wasm_i64(f->code, whole);
    else
      wasm_f64(f->code, jank_unbox_double(f->e->p->pool[n->index].value));
    return;
  case NODE_VAR:
  case NODE_DEF:
  case NODE_SET:
  case NODE_RECUR:
  case NODE_LETFN:
  case NODE_FN:
  case NODE_INVOKE:
  case NODE_THROW:
  case NODE_TRY:
  case NODE_CASE:
  case NODE_VECTOR:
  case NODE_SET_LITERAL:
  case NODE_MAP:
  case NODE_WITH_META:
    function_value(f, n);
    return;
  }
}

static void raw(function *f, const node *n) { in_line(f, n, leave_raw); }

const node_emitters nodes_emitters = {value, test, raw};
