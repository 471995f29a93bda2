/* integers.c - operations on words: small integers inline, all else by the
 * runtime.
 *
 * Both operands' tags are tested at once, then the operation runs on the words
 * as they are. A word is 2n + 1, so sums, differences and comparisons need no
 * shifting, and the word goes over 32 bits just when the integer goes over 31.
 * Then the runtime does it, with the operands, which are still at hand.
 */
#include "emit/integers.h"
#include "analyze/ast.h"
#include "emit/calls.h"
#include "emit/function.h"
#include "emit/imports.h"
#include "emit/unboxed.h"
#include "emit/wasm.h"
#include "value/word.h"

/* Leaves the innermost block unless both are small integers. */
static void check_tags(function *f, operand x, operand y) {
  if (x.constant && y.constant && (x.word & y.word & 1))
    return;
  if (x.constant || y.constant) {
    calls_push_operand(f, x.constant ? y : x);
    function_i32(f, (x.constant ? x : y).word & 1);
  } else {
    calls_push_operand(f, x);
    calls_push_operand(f, y);
    function_op(f, WASM_I32_AND);
    function_i32(f, 1);
  }
  function_op(f, WASM_I32_AND);
  function_op(f, WASM_I32_EQZ);
  function_branch(f, WASM_BR_IF, f->depth);
}

/* Leaves the innermost block when the sum or difference in local s, of x and
 * the constant n, went over the edge. */
static void check_overflow_constant(function *f, uint32_t s, operand x,
                                    bool grows) {
  function_read(f, s);
  calls_push_operand(f, x);
  function_op(f, grows ? WASM_I32_LT_S : WASM_I32_GT_S);
  function_branch(f, WASM_BR_IF, f->depth);
}

static void xor_operands(function *f, operand x, operand y) {
  calls_push_operand(f, x);
  calls_push_operand(f, y);
  function_op(f, WASM_I32_XOR);
}

/* The same for two operands: it went over when the result's sign differs from both
 * (a sum), or from x's while x and y differ (a difference). */
static void check_overflow(function *f, operand s, operand x, operand y,
                           bool subtract) {
  xor_operands(f, s, x);
  xor_operands(f, subtract ? x : s, y);
  function_op(f, WASM_I32_AND);
  function_i32(f, 0);
  function_op(f, WASM_I32_LT_S);
  function_branch(f, WASM_BR_IF, f->depth);
}

/* Words are 2n + 1: the tag of one side is taken off. */
static void fast_add(function *f, operand x, operand y) {
  if (x.constant && !y.constant) {
    fast_add(f, y, x);
    return;
  }
  calls_push_operand(f, x);
  if (y.constant) {
    function_i32(f, y.word - 1);
  } else {
    function_i32(f, 1);
    function_op(f, WASM_I32_SUB);
    calls_push_operand(f, y);
  }
  function_op(f, WASM_I32_ADD);
  uint32_t s = function_pop_to_temp(f, false);
  if (y.constant)
    check_overflow_constant(f, s, x, y.word > 0);
  else
    check_overflow(f, (operand){.local = s}, x, y, false);
  function_read(f, s);
}

static void fast_sub(function *f, operand x, operand y) {
  calls_push_operand(f, x);
  if (y.constant) {
    function_i32(f, y.word - 1);
    function_op(f, WASM_I32_SUB);
  } else {
    calls_push_operand(f, y);
    function_op(f, WASM_I32_SUB);
    function_i32(f, 1);
    function_op(f, WASM_I32_ADD);
  }
  uint32_t s = function_pop_to_temp(f, false);
  if (y.constant)
    check_overflow_constant(f, s, x, y.word < 0);
  else
    check_overflow(f, (operand){.local = s}, x, y, true);
  function_read(f, s);
}

/* n * 2m is 2nm in 64 bits; when its lower half is the whole, nm fits 31 bits, and
 * with the tag it is the word. */
static void fast_mul(function *f, operand x, operand y) {
  calls_push_operand(f, x);
  function_i32(f, 1);
  function_op(f, WASM_I32_SHR_S);
  function_op(f, WASM_I64_EXTEND_I32_S);
  calls_push_operand(f, y);
  function_i32(f, 1);
  function_op(f, WASM_I32_SUB);
  function_op(f, WASM_I64_EXTEND_I32_S);
  function_op(f, WASM_I64_MUL);
  function_op_u(f, WASM_LOCAL_TEE, f->wide);
  function_op(f, WASM_I32_WRAP_I64);
  function_op(f, WASM_I64_EXTEND_I32_S);
  function_read(f, f->wide);
  function_op(f, WASM_I64_NE);
  function_branch(f, WASM_BR_IF, f->depth);
  function_read(f, f->wide);
  function_op(f, WASM_I32_WRAP_I64);
  function_i32(f, 1);
  function_op(f, WASM_I32_OR);
}

static void fast_compare(function *f, operand x, operand y, enum wasm_op o) {
  calls_push_operand(f, x);
  calls_push_operand(f, y);
  function_op(f, o);
}

static void fast_op(function *f, ast_op o, operand x, operand y) {
  switch (o) {
  case OP_ADD:
    fast_add(f, x, y);
    return;
  case OP_SUB:
    fast_sub(f, x, y);
    return;
  case OP_MUL:
    fast_mul(f, x, y);
    return;
  case OP_LT:
    fast_compare(f, x, y, WASM_I32_LT_S);
    return;
  case OP_LTE:
    fast_compare(f, x, y, WASM_I32_LE_S);
    return;
  case OP_GT:
    fast_compare(f, x, y, WASM_I32_GT_S);
    return;
  case OP_GTE:
    fast_compare(f, x, y, WASM_I32_GE_S);
    return;
  default: /* NUM_EQUAL, EQUAL */
    fast_compare(f, x, y, WASM_I32_EQ);
    return;
  }
}

#define RT_NULL RT_COUNT
static const enum runtime_function op_functions[] = {
#define X(name, core, argc, runtime, result) RT_##runtime,
    AST_OPS(X)
#undef X
};

static void slow_op(function *f, const node *n, operand x, operand y,
                    uint32_t kept) {
  slow_path slow = function_enter_slow(f, function_note(f, n)->live, kept);
  calls_push_operand(f, x);
  calls_push_operand(f, y);
  function_call(f, op_functions[n->op]);
  function_leave_slow(f, slow);
}

static bool is_pointer(operand x) { return x.constant && !(x.word & 1); }

static bool has_fast_path(ast_op o) {
  return o == OP_ADD || o == OP_SUB || o == OP_MUL ||
         (o >= OP_LT && o <= OP_EQUAL);
}

/* Fast path in an inner block that is left when the operands are not for it, or the
 * result is too large: nothing has changed by then, so the runtime may begin anew. */
static void arithmetic(function *f, const node *n, operand x, operand y,
                       uint32_t kept) {
  if (!has_fast_path(n->op) || is_pointer(x) || is_pointer(y)) {
    slow_op(f, n, x, y, kept);
    return;
  }
  uint32_t done = function_open(f, WASM_BLOCK, WASM_I32);
  function_open(f, WASM_BLOCK, WASM_VOID);
  check_tags(f, x, y);
  fast_op(f, n->op, x, y);
  function_branch(f, WASM_BR, done);
  function_close(f);
  slow_op(f, n, x, y, kept);
  function_close(f);
}

/* The same word is equal; two different small integers are not. */
static void equality(function *f, const node *n, operand x, operand y,
                     uint32_t kept) {
  fast_compare(f, x, y, WASM_I32_EQ);
  function_open(f, WASM_IF, WASM_I32);
  function_i32(f, 1);
  function_op(f, WASM_ELSE);
  uint32_t done = function_open(f, WASM_BLOCK, WASM_I32);
  function_open(f, WASM_BLOCK, WASM_VOID);
  check_tags(f, x, y);
  function_i32(f, 0);
  function_branch(f, WASM_BR, done);
  function_close(f);
  slow_op(f, n, x, y, kept);
  function_close(f);
  function_close(f);
}

static void binary_op(function *f, const node *n) {
  mark m = function_mark_temps(f);
  bool by_word = n->op == OP_IDENTICAL || function_note(f, n)->live == NULL;
  if (by_word) {
    calls_push_args(f, n->items, 2);
    function_op(f, WASM_I32_EQ);
    return;
  }
  operand x =
      calls_make_operand(f, n->items[0], calls_hot_after(f, n->items, 1, 2));
  operand y = calls_make_operand(f, n->items[1], false);
  if (n->op == OP_EQUAL)
    equality(f, n, x, y, m.temps);
  else
    arithmetic(f, n, x, y, m.temps);
  function_release(f, m);
}

static void unary_op(function *f, const node *n) {
  mark m = function_mark_temps(f);
  operand x = calls_make_operand(f, n->items[0], false);
  slow_path slow = function_enter_slow(f, function_note(f, n)->live, m.temps);
  calls_push_operand(f, x);
  function_call(f, op_functions[n->op]);
  function_leave_slow(f, slow);
  function_release(f, m);
}

void integers_op(function *f, const node *n) {
  if (unboxed_compare(f, n))
    return;
  if (function_is_raw(function_type_of(f, n))) {
    function_raw(f, n);
    unboxed_box(f, function_type_of(f, n), function_note(f, n)->live);
  } else if (n->op == OP_NIL_P) {
    function_value(f, n->items[0]);
    function_op(f, WASM_I32_EQZ);
  } else if (n->op == OP_NOT) {
    function_test(f, n->items[0]);
    function_op(f, WASM_I32_EQZ);
  } else if (n->count == 1) {
    unary_op(f, n);
  } else {
    binary_op(f, n);
  }
}

bool integers_is_truth(const node *n) {
  static const char results[] = {
#define X(name, core, argc, runtime, result) result,
      AST_OPS(X)
#undef X
  };
  return n->kind == NODE_OP && results[n->op] == 'b';
}
