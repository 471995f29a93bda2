/* loops.c - loops and recur.
 *
 * Every loop can be interrupted, and pays next to nothing for it: rounds are
 * counted down in a local, and loops over integers are cut into strips that are
 * counted ahead. A loop that compares its integers with words is emitted twice,
 * for small integers and for anything.
 */
#include "emit/loops.h"
#include "analyze/ast.h"
#include "base/arena.h"
#include "emit/calls.h"
#include "emit/function.h"
#include "emit/imports.h"
#include "emit/live.h"
#include "emit/notes.h"
#include "emit/types.h"
#include "emit/wasm.h"
#include "value/word.h"

/* ---- What a loop leaves, and what its test says -------------------------- */

enum wasm_value_type loops_left_by(const function *f, const node *n,
                                   leave_result leave) {
  return leave == function_raw ? function_block_type(function_type_of(f, n))
                               : WASM_I32;
}

local *loops_below_by(const function *f, const node *test) {
  if (test->kind != NODE_OP || (test->op != OP_LT && test->op != OP_GT) ||
      function_type_of(f, test->items[0]) != VALUE_LONG ||
      function_type_of(f, test->items[1]) != VALUE_LONG)
    return NULL;
  const node *less = test->items[test->op == OP_GT];
  return less->kind == NODE_LOCAL ? less->local : NULL;
}

/* ---- Polling ------------------------------------------------------------- */

/* Rounds are counted, and when they are used up the runtime is called from a loop
 * around the loop: a call within that would have registers saved for it. What is
 * left is in a wasm local, and between loops in the patch's data, so that many
 * short loops poll as well. */

static void read_rounds(function *f) {
  if (f->counted++)
    return;
  function_op_u(f, WASM_GLOBAL_GET, f->e->module.memory_base);
  wasm_load(f->code, f->e->rounds_offset);
  function_op_u(f, WASM_LOCAL_SET, f->count);
}

static void write_rounds(function *f) {
  if (--f->counted)
    return;
  function_op_u(f, WASM_GLOBAL_GET, f->e->module.memory_base);
  function_read(f, f->count);
  wasm_store(f->code, f->e->rounds_offset);
}

static void poll_when_used_up(function *f) {
  function_read(f, f->count);
  function_i32(f, 0);
  function_op(f, WASM_I32_LE_S);
  function_open(f, WASM_IF, WASM_VOID);
  function_call(f, RT_jank_poll);
  function_i32(f, JANK_POLL_LOOPS);
  function_op_u(f, WASM_LOCAL_SET, f->count);
  function_close(f);
}

void loops_open_rounds(function *f, enum wasm_value_type type, uint32_t *round,
                       uint32_t *poll) {
  read_rounds(f);
  *poll = function_open(f, WASM_LOOP, type);
  poll_when_used_up(f);
  *round = function_open(f, WASM_LOOP, type);
}

void loops_close_rounds(function *f) {
  function_close(f);
  function_close(f);
  write_rounds(f);
}

/* Inside a strip the rounds are paid for already: poll is 0, label 0 being
 * none. */
static void next_round(function *f, const node *loop) {
  uint32_t round = loop ? function_note(f, loop)->round : f->round;
  uint32_t poll = loop ? function_note(f, loop)->poll : f->poll;
  if (poll) {
    function_read(f, f->count);
    function_i32(f, 1);
    function_op(f, WASM_I32_SUB);
    function_op_u(f, WASM_LOCAL_TEE, f->count);
    function_branch(f, WASM_BR_IF, round);
    round = poll;
  }
  function_branch(f, WASM_BR, round);
}

/* A loop over integers up to an end: (loop [i 0] (if (< i end) ... (inc i))). It
 * is cut into strips that are counted before they run: its rounds are free. */
typedef struct {
  local *i;
  const node *end;
} strips;

/* Whether the loop goes on with the local number `at` plus one, always. */
static bool goes_by_one(const function *f, const node *n, const node *loop,
                        int at) {
  if (n->kind == NODE_RECUR && n->loop == loop) {
    const node *x = n->items[at];
    int64_t c;
    return x->kind == NODE_OP && x->op == OP_ADD &&
           x->items[0]->kind == NODE_LOCAL &&
           x->items[0]->local == loop->locals[at] &&
           function_constant_long(f, x->items[1], &c) && c == 1;
  }
  const node *child;
  for (int i = 0; (child = ast_child(n, i)); i++)
    if (!goes_by_one(f, child, loop, at))
      return false;
  return true;
}

/* Whether a round may end in this part of the loop. */
static bool goes_on(const node *n, const node *loop) {
  if (n->kind == NODE_RECUR)
    return n->loop == loop;
  const node *child;
  for (int i = 0; (child = ast_child(n, i)); i++)
    if (goes_on(child, loop))
      return true;
  return false;
}

static int place_of(const node *loop, const local *l) {
  int i = loop->count - 1;
  while (i >= 0 && loop->locals[i] != l)
    i--;
  return i;
}

static bool has_strips(const function *f, const node *n, strips *s) {
  const node *test = n->a->a;
  if (n->a->kind != NODE_IF)
    return false;
  s->i = loops_below_by(f, test);
  if (!s->i || place_of(n, s->i) < 0)
    return false;
  s->end = test->items[test->op == OP_LT];
  int64_t c;
  bool fixed = s->end->kind == NODE_LOCAL
                   ? place_of(n, s->end->local) < 0
                   : function_constant_long(f, s->end, &c);
  /* Past the end no strip would count the rounds. */
  return fixed && goes_by_one(f, n->a, n, place_of(n, s->i)) &&
         !goes_on(n->a->c, n);
}

/* Leaves whether i is before the strips' end. */
static void is_before(function *f, const strips *s) {
  function_read(f, function_local(f, s->i)->raw);
  function_raw(f, s->end);
  function_op(f, WASM_I64_LT_S);
}

/* Sets the local `last` to where the next strip ends, and counts its rounds.
 *
 * The length is end - i, at most JANK_POLL_LOOPS; 0 when i is not before the end. As
 * an unsigned number the difference is right, however far they are apart. So i + length
 * neither goes over nor passes the end, and `+ 1` inside needs no check
 * (local_note.below). */
static void next_strip(function *f, const strips *s, uint32_t last) {
  is_before(f, s);
  function_open(f, WASM_IF, WASM_I64);
  function_raw(f, s->end);
  function_read(f, function_local(f, s->i)->raw);
  function_op(f, WASM_I64_SUB);
  function_op_u(f, WASM_LOCAL_TEE, last);
  wasm_i64(f->code, JANK_POLL_LOOPS);
  function_op(f, WASM_I64_LT_U);
  function_open(f, WASM_IF, WASM_I64);
  function_read(f, last);
  function_op(f, WASM_ELSE);
  wasm_i64(f->code, JANK_POLL_LOOPS);
  function_close(f);
  function_op(f, WASM_ELSE);
  wasm_i64(f->code, 0);
  function_close(f);
  function_op_u(f, WASM_LOCAL_SET, last);
  function_read(f, f->count);
  function_read(f, last);
  function_op(f, WASM_I32_WRAP_I64);
  function_op(f, WASM_I32_SUB);
  function_op_u(f, WASM_LOCAL_SET, f->count);
  function_read(f, last);
  function_read(f, function_local(f, s->i)->raw);
  function_op(f, WASM_I64_ADD);
  function_op_u(f, WASM_LOCAL_SET, last);
}

static void strips_loop(function *f, const node *n, const strips *s,
                        leave_result leave) {
  enum wasm_value_type type = loops_left_by(f, n, leave);
  uint32_t last = function_note(f, n)->last;
  read_rounds(f);
  uint32_t strip = function_open(f, WASM_LOOP, type);
  next_strip(f, s, last);
  poll_when_used_up(f);
  function_note(f, n)->poll = 0;
  function_note(f, n)->round = function_open(f, WASM_LOOP, type);
  function_read(f, function_local(f, s->i)->raw);
  function_read(f, last);
  function_op(f, WASM_I64_LT_S);
  function_open(f, WASM_IF, type);
  function_local(f, s->i)->below = true;
  leave(f, n->a->b);
  function_local(f, s->i)->below = false;
  function_op(f, WASM_ELSE);
  is_before(f, s);
  function_branch(f, WASM_BR_IF, strip);
  leave(f, n->a->c);
  function_close(f);
  loops_close_rounds(f);
}

static void plain_loop(function *f, const node *n, leave_result leave) {
  strips s;
  if (has_strips(f, n, &s)) {
    strips_loop(f, n, &s, leave);
    return;
  }
  loops_open_rounds(f, loops_left_by(f, n, leave), &function_note(f, n)->round,
                    &function_note(f, n)->poll);
  leave(f, n->a);
  loops_close_rounds(f);
}

void loops_loop(function *f, const node *n, leave_result leave) {
  local *words[MAX_SHADOWS];
  function_bind(f, n);
  int count = types_invariants(&f->e->notes, n, words, MAX_SHADOWS);
  if (!count) {
    plain_loop(f, n, leave);
    return;
  }
  for (int i = 0; i < count; i++) {
    function_read(f, live_index(words[i]));
    if (i)
      function_op(f, WASM_I32_AND);
  }
  function_i32(f, 1);
  function_op(f, WASM_I32_AND);
  function_open(f, WASM_IF, loops_left_by(f, n, leave));
  for (int i = 0; i < count; i++) {
    function_read(f, live_index(words[i]));
    function_i32(f, 1);
    function_op(f, WASM_I32_SHR_S);
    function_op(f, WASM_I64_EXTEND_I32_S);
    function_op_u(f, WASM_LOCAL_SET, f->shadows[i]);
    function_local(f, words[i])->raw = f->shadows[i];
    function_local(f, words[i])->shadowed = true;
  }
  plain_loop(f, n, leave);
  for (int i = 0; i < count; i++)
    function_local(f, words[i])->shadowed = false;
  function_op(f, WASM_ELSE);
  plain_loop(f, n, leave);
  function_close(f);
}

/* New values wait: words in temporaries, numbers in locals of their own. */
static void recur_unboxed(function *f, const node *n) {
  mark m = function_mark_temps(f);
  uint32_t *held = arena_alloc(f->e->p->arena, (size_t)n->count * sizeof *held);
  for (int i = 0; i < n->count; i++) {
    local *l = n->locals[i];
    if (function_local(f, l)->type == VALUE_WORD) {
      function_value(f, n->items[i]);
      held[i] = function_pop_to_temp(
          f, calls_hot_after(f, n->items, i + 1, n->count));
    } else {
      function_raw(f, n->items[i]);
      function_op_u(f, WASM_LOCAL_SET, function_local(f, l)->fresh);
    }
  }
  for (int i = 0; i < n->count; i++) {
    local *l = n->locals[i];
    function_read(f, function_local(f, l)->type == VALUE_WORD
                         ? held[i]
                         : function_local(f, l)->fresh);
    function_set_local(f, l);
  }
  function_release(f, m);
}

void loops_recur(function *f, const node *n) {
  bool unboxed = false;
  for (int i = 0; i < n->count; i++)
    unboxed |= function_local(f, n->locals[i])->type != VALUE_WORD;
  if (unboxed) {
    recur_unboxed(f, n);
  } else {
    calls_push_args(f, n->items, n->count);
    for (int i = n->count; i-- > 0;)
      function_set_local(f, n->locals[i]);
  }
  next_round(f, n->loop);
}
