/* unboxed.c - numbers whose type is known, in i64 and f64 locals: operations,
 * comparisons, and the ways from words and back.
 *
 * Arithmetic means the same as on words: an i64 that goes over throws. Only the
 * way back to a word can allocate.
 */
#include "emit/unboxed.h"
#include "analyze/ast.h"
#include "emit/calls.h"
#include "emit/function.h"
#include "emit/imports.h"
#include "emit/notes.h"
#include "emit/wasm.h"
#include "value/word.h"

void unboxed_box(function *f, value_type type, local_set live) {
  bool is_long = type == VALUE_LONG;
  uint32_t held = is_long ? f->wide : f->real;
  function_op_u(f, WASM_LOCAL_SET, held);
  /* A small one needs no object: n + 2^30 is below 2^31, as an unsigned number. */
  if (is_long) {
    function_read(f, f->wide);
    wasm_i64(f->code, -JANK_FIXNUM_MIN);
    function_op(f, WASM_I64_ADD);
    wasm_i64(f->code, INT64_C(1) << 31);
    function_op(f, WASM_I64_LT_U);
    function_open(f, WASM_IF, WASM_I32);
    function_read(f, f->wide);
    function_op(f, WASM_I32_WRAP_I64);
    function_i32(f, 1);
    function_op(f, WASM_I32_SHL);
    function_i32(f, 1);
    function_op(f, WASM_I32_OR);
    function_op(f, WASM_ELSE);
  }
  slow_path slow = function_enter_slow(f, live, f->temps);
  function_read(f, held);
  function_call(f, is_long ? RT_jank_box_integer : RT_jank_box_double);
  function_leave_slow(f, slow);
  if (is_long)
    function_close(f);
}

/* Leaves the node's number as a double. */
static void raw_double(function *f, const node *n) {
  function_raw(f, n);
  if (function_type_of(f, n) == VALUE_LONG)
    function_op(f, WASM_F64_CONVERT_I64_S);
}

/* Throws when the condition on the stack holds. */
static void throw_overflow(function *f) {
  function_open(f, WASM_IF, WASM_VOID);
  function_call(f, RT_jank_integer_overflow);
  function_op(f, WASM_UNREACHABLE);
  function_close(f);
}

/* x + c: it went over when it moved the wrong way. */
static void raw_add_constant(function *f, enum wasm_op o, int64_t c) {
  bool grows = (o == WASM_I64_ADD) == (c > 0);
  function_op_u(f, WASM_LOCAL_TEE, f->left);
  wasm_i64(f->code, c);
  function_op(f, o);
  function_op_u(f, WASM_LOCAL_TEE, f->wide);
  function_read(f, f->left);
  function_op(f, grows ? WASM_I64_LT_S : WASM_I64_GT_S);
  throw_overflow(f);
  function_read(f, f->wide);
}

static void pop_operands(function *f) {
  function_op_u(f, WASM_LOCAL_SET, f->right);
  function_op_u(f, WASM_LOCAL_SET, f->left);
}

static void xor_locals(function *f, uint32_t a, uint32_t b) {
  function_read(f, a);
  function_read(f, b);
  function_op(f, WASM_I64_XOR);
}

/* As check_overflow of integers.c, in 64 bits. */
static void raw_add(function *f, enum wasm_op o) {
  pop_operands(f);
  function_read(f, f->left);
  function_read(f, f->right);
  function_op(f, o);
  function_op_u(f, WASM_LOCAL_SET, f->wide);
  xor_locals(f, f->left, f->wide);
  xor_locals(f, o == WASM_I64_ADD ? f->wide : f->left, f->right);
  function_op(f, WASM_I64_AND);
  wasm_i64(f->code, 0);
  function_op(f, WASM_I64_LT_S);
  throw_overflow(f);
  function_read(f, f->wide);
}

/* Factors of 32 bits cannot go over. */
static void raw_mul(function *f) {
  pop_operands(f);
  for (int i = 0; i < 2; i++) {
    uint32_t x = i ? f->right : f->left;
    function_read(f, x);
    function_read(f, x);
    function_op(f, WASM_I32_WRAP_I64);
    function_op(f, WASM_I64_EXTEND_I32_S);
    function_op(f, WASM_I64_EQ);
  }
  function_op(f, WASM_I32_AND);
  function_open(f, WASM_IF, WASM_I64);
  function_read(f, f->left);
  function_read(f, f->right);
  function_op(f, WASM_I64_MUL);
  function_op(f, WASM_ELSE);
  function_read(f, f->left);
  function_read(f, f->right);
  function_call(f, RT_jank_raw_mul);
  function_close(f);
}

void unboxed_long_op(function *f, const node *n) {
  int64_t c;
  bool sum = n->op == OP_ADD || n->op == OP_SUB;
  enum wasm_op o = n->op == OP_ADD ? WASM_I64_ADD : WASM_I64_SUB;
  function_raw(f, n->items[0]);
  if (sum && function_constant_long(f, n->items[1], &c) && c != 0) {
    if (n->op == OP_ADD && c == 1 && n->items[0]->kind == NODE_LOCAL &&
        function_local(f, n->items[0]->local)->below) {
      wasm_i64(f->code, 1);
      function_op(f, WASM_I64_ADD);
      return;
    }
    raw_add_constant(f, o, c);
    return;
  }
  function_raw(f, n->items[1]);
  switch (n->op) {
  case OP_ADD:
  case OP_SUB:
    raw_add(f, o);
    return;
  case OP_MUL:
    raw_mul(f);
    return;
  case OP_QUOT:
  case OP_REM:
    function_i32(f, n->op == OP_REM);
    function_call(f, RT_jank_raw_quot);
    return;
  case OP_BIT_AND:
    function_op(f, WASM_I64_AND);
    return;
  case OP_BIT_OR:
    function_op(f, WASM_I64_OR);
    return;
  case OP_BIT_XOR:
    function_op(f, WASM_I64_XOR);
    return;
  default: /* wasm takes the count modulo 64, as Java does */
    function_op(f, n->op == OP_SHIFT_LEFT ? WASM_I64_SHL : WASM_I64_SHR_S);
    return;
  }
}

void unboxed_double_op(function *f, const node *n) {
  raw_double(f, n->items[0]);
  raw_double(f, n->items[1]);
  function_op(f, n->op == OP_ADD   ? WASM_F64_ADD
                 : n->op == OP_SUB ? WASM_F64_SUB
                 : n->op == OP_MUL ? WASM_F64_MUL
                                   : WASM_F64_DIV);
}

void unboxed_unbox(function *f, const node *n) {
  const node *x = n->items[0];
  value_type from = function_type_of(f, x);
  if (from == VALUE_LONG || (from == VALUE_DOUBLE && n->op == OP_DOUBLE)) {
    (n->op == OP_DOUBLE ? raw_double : function_raw)(f, x);
    return;
  }
  mark m = function_mark_temps(f);
  operand w = calls_make_operand(f, x, false);
  if (n->op == OP_LONG) {
    calls_push_operand(f, w);
    function_i32(f, 1);
    function_op(f, WASM_I32_AND);
    function_open(f, WASM_IF, WASM_I64);
    calls_push_operand(f, w);
    function_i32(f, 1);
    function_op(f, WASM_I32_SHR_S);
    function_op(f, WASM_I64_EXTEND_I32_S);
    function_op(f, WASM_ELSE);
  }
  slow_path slow = function_enter_slow(f, function_note(f, n)->live, m.temps);
  calls_push_operand(f, w);
  function_call(f, n->op == OP_LONG ? RT_jank_raw_long : RT_jank_raw_double);
  function_leave_slow(f, slow);
  if (n->op == OP_LONG)
    function_close(f);
  function_release(f, m);
}

static enum wasm_op compare_op(ast_op o, bool doubles) {
  switch (o) {
  case OP_LT:
    return doubles ? WASM_F64_LT : WASM_I64_LT_S;
  case OP_LTE:
    return doubles ? WASM_F64_LE : WASM_I64_LE_S;
  case OP_GT:
    return doubles ? WASM_F64_GT : WASM_I64_GT_S;
  case OP_GTE:
    return doubles ? WASM_F64_GE : WASM_I64_GE_S;
  default:
    return doubles ? WASM_F64_EQ : WASM_I64_EQ;
  }
}

/* w < x is x > w: the number of the comparison for jank_raw_compare. */
static int32_t mirrored(ast_op o) {
  switch (o) {
  case OP_LT:
    return OP_GT - OP_LT;
  case OP_LTE:
    return OP_GTE - OP_LT;
  case OP_GT:
    return 0;
  case OP_GTE:
    return OP_LTE - OP_LT;
  default:
    return OP_NUM_EQUAL - OP_LT;
  }
}

/* A long and a word, which is a small integer as a rule. */
static void compare_with_word(function *f, const node *n, int at) {
  mark m = function_mark_temps(f);
  bool hot = function_note(f, n->items[at])->calls == CALLS_HOT;
  operand w = calls_make_operand(f, n->items[1 - at], hot);
  function_raw(f, n->items[at]);
  function_op_u(f, WASM_LOCAL_SET, f->left);
  calls_push_operand(f, w);
  function_i32(f, 1);
  function_op(f, WASM_I32_AND);
  function_open(f, WASM_IF, WASM_I32);
  for (int i = 0; i < 2; i++)
    if (i == at) {
      function_read(f, f->left);
    } else {
      calls_push_operand(f, w);
      function_i32(f, 1);
      function_op(f, WASM_I32_SHR_S);
      function_op(f, WASM_I64_EXTEND_I32_S);
    }
  function_op(f, compare_op(n->op, false));
  function_op(f, WASM_ELSE);
  slow_path slow = function_enter_slow(f, function_note(f, n)->live, m.temps);
  function_read(f, f->left);
  calls_push_operand(f, w);
  function_i32(f, at ? mirrored(n->op) : (int32_t)n->op - OP_LT);
  function_call(f, RT_jank_raw_compare);
  function_leave_slow(f, slow);
  function_close(f);
  function_release(f, m);
}

bool unboxed_compare(function *f, const node *n) {
  if (n->op < OP_LT || n->op > OP_EQUAL)
    return false;
  value_type a = function_type_of(f, n->items[0]),
             b = function_type_of(f, n->items[1]);
  if (function_is_raw(a) && function_is_raw(b) &&
      (n->op != OP_EQUAL || a == b)) {
    bool doubles = a == VALUE_DOUBLE || b == VALUE_DOUBLE;
    for (int i = 0; i < 2; i++)
      (doubles ? raw_double : function_raw)(f, n->items[i]);
    function_op(f, compare_op(n->op, doubles));
    return true;
  }
  bool unboxed[2];
  for (int i = 0; i < 2; i++)
    unboxed[i] = function_type_of(f, n->items[i]) == VALUE_LONG &&
                 n->items[i]->kind != NODE_WORD &&
                 n->items[i]->kind != NODE_CONSTANT;
  if (n->op == OP_EQUAL || unboxed[0] == unboxed[1] ||
      function_type_of(f, n->items[unboxed[0] ? 1 : 0]) != VALUE_WORD)
    return false;
  compare_with_word(f, n, unboxed[0] ? 0 : 1);
  return true;
}
