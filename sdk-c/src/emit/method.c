/* method.c - a method becomes one wasm function.
 *
 * In: a method. Out: its local declarations and code. First the passes: types,
 * liveness; then the body, into scratch, because only then it is known how many
 * locals and how large a frame it needs; then the pieces are put together
 * around the frame's making. Wasm local 0 is the function object, 1 + n slot n,
 * then the frame pointer, the counter of rounds, scratch and unboxed numbers,
 * temporaries.
 */
#include "emit/method.h"
#include "analyze/ast.h"
#include "base/buffer.h"
#include "emit/function.h"
#include "emit/imports.h"
#include "emit/live.h"
#include "emit/loops.h"
#include "emit/nodes.h"
#include "emit/notes.h"
#include "emit/types.h"
#include "emit/wasm.h"
#include "value/word.h"

/* At least what the engine's own frame may take, so that the linear stack, which can
 * be checked, ends first: measured (see STACK_BUDGET in start.c). */
static uint32_t frame_size(const function *f) {
  uint32_t locals = f->first_temp + f->most_temps;
  uint32_t params = (uint32_t)(f->m->required + f->m->variadic);
  uint32_t least = 24 + 2 * locals + 4 * params, used = 4 * f->most_words;
  return ((least > used ? least : used) + 15) & ~UINT32_C(15);
}

static void declare_locals(const function *f, wasm_code *c) {
  uint32_t params = (uint32_t)(f->m->required + f->m->variadic);
  buffer_uleb(&c->bytes, 4);
  buffer_uleb(&c->bytes, f->count - params);
  buffer_byte(&c->bytes, WASM_I32);
  buffer_uleb(&c->bytes, f->longs);
  buffer_byte(&c->bytes, WASM_I64);
  buffer_uleb(&c->bytes, f->doubles);
  buffer_byte(&c->bytes, WASM_F64);
  buffer_uleb(&c->bytes, f->most_temps);
  buffer_byte(&c->bytes, WASM_I32);
}

static void body(function *f, const node *n) {
  if (!f->m->recurs) {
    function_value(f, n);
    return;
  }
  loops_open_rounds(f, WASM_I32, &f->round, &f->poll);
  function_value(f, n);
  loops_close_rounds(f);
}

/* No word of the frame is left from others: it would keep garbage alive. Homes are
 * given in the order of locals, so those of self and parameters are the first words,
 * which the prologue stores into at once: whole pairs of them are left out. */
static void clear_frame(function *f, uint32_t size) {
  uint32_t params = (uint32_t)(f->m->required + f->m->variadic), stored = 0;
  for (uint32_t i = 0; i <= params; i++)
    stored += live_has(f->spilled, i);
  for (uint32_t offset = stored / 2 * 8; offset < size; offset += 8) {
    function_read(f, f->fp);
    wasm_i64(f->code, 0);
    wasm_store_wide(f->code, offset);
  }
}

/* Makes the frame unless it would end below the limit, which rises with each
 * call: then the runtime says whether to go on. Addresses fit signed. */
static void prologue(function *f, uint32_t size) {
  function_op_u(f, WASM_GLOBAL_GET, f->e->stack_pointer);
  function_i32(f, (int32_t)size);
  function_op(f, WASM_I32_SUB);
  function_op_u(f, WASM_LOCAL_TEE, f->fp);
  function_op_u(f, WASM_GLOBAL_GET, f->e->module.memory_base);
  wasm_load(f->code, f->e->limit_offset);
  function_op_u(f, WASM_LOCAL_TEE, f->count);
  function_op(f, WASM_I32_LT_S);
  function_open(f, WASM_IF, WASM_VOID);
  function_read(f, f->fp);
  function_call(f, RT_jank_check_stack);
  function_op_u(f, WASM_LOCAL_SET, f->count);
  function_close(f);
  function_op_u(f, WASM_GLOBAL_GET, f->e->module.memory_base);
  function_read(f, f->count);
  function_i32(f, JANK_CALL_COST);
  function_op(f, WASM_I32_ADD);
  wasm_store(f->code, f->e->limit_offset);
  function_read(f, f->fp);
  function_op_u(f, WASM_GLOBAL_SET, f->e->stack_pointer);
  clear_frame(f, size);
  for (uint32_t i = 0; i <= (uint32_t)(f->m->required + f->m->variadic); i++)
    if (live_has(f->spilled, i))
      function_store_word(f, i, *function_home_of(f, i) - 1);
}

static bool is_hot(const function *f, const node *n) {
  return !live_is_direct(&f->e->notes, n) &&
         function_note(f, n)->calls == CALLS_HOT;
}

/* As before the frame is made: what a slow path needs saved is saved there. */
static void frameless(function *f, const node *n, leave_result leave) {
  local_set spilled = f->spilled;
  f->hot = false;
  f->spilled = NULL;
  leave(f, n);
  f->spilled = spilled;
  f->hot = true;
}

/* The frame is made where the first hot call comes after: not in a branch that
 * has none. Its size is known later: here is noted where it belongs.
 *
 * Why a late frame is sound. On the way down only tests of `if`s were run, without a
 * hot call; their slow paths made small frames and undid them. So when the frame is
 * made, no temporary waits, and of the locals only self and parameters are alive: what
 * a test bound is dead behind it. The prologue stores those of them that are spilled.
 * There is one such place, as one branch alone is hot at each step, and it is run once
 * at most: a method with a recur to its head is no candidate. Every way out of the hot
 * part is its end, where the frame is released, or a throw, which resets the stack
 * pointer anyway. */
static void framed(function *f, const node *n) {
  bool late = n->kind == NODE_IF && !f->m->recurs && !is_hot(f, n->a) &&
              is_hot(f, n->b) != is_hot(f, n->c);
  if (!late) {
    f->framed = f->code->bytes.size;
    body(f, n);
    f->released = f->code->bytes.size;
    return;
  }
  frameless(f, n->a, function_test);
  function_open(f, WASM_IF, WASM_I32);
  is_hot(f, n->b) ? framed(f, n->b) : frameless(f, n->b, function_value);
  function_op(f, WASM_ELSE);
  is_hot(f, n->c) ? framed(f, n->c) : frameless(f, n->c, function_value);
  function_close(f);
}

/* Frame words of the locals that are always in memory. Nothing releases them. */
static void place_locals(function *f) {
  for (uint32_t i = 0; i <= (uint32_t)f->m->slots; i++)
    if (live_has(f->spilled, i))
      *function_home_of(f, i) = 1 + function_take_words(f, 1);
}

/* Unboxed locals: two wasm locals each, the i64 ones first. */
static void count_numbers(function *f, const node *n, value_type type,
                          uint32_t *next) {
  if (n->kind == NODE_LET || n->kind == NODE_LOOP)
    for (int i = 0; i < n->count; i++)
      if (function_local(f, n->locals[i])->type == type) {
        if (n->kind == NODE_LOOP && type == VALUE_LONG &&
            !function_note(f, n)->last)
          function_note(f, n)->last = (*next)++;
        function_local(f, n->locals[i])->raw = (*next)++;
        function_local(f, n->locals[i])->fresh =
            n->kind == NODE_LOOP ? (*next)++ : 0;
      }
  const node *child;
  for (int i = 0; (child = ast_child(n, i)); i++)
    count_numbers(f, child, type, next);
}

/* Which scratch locals the code of the node may use. */
typedef struct {
  bool longs, loops, doubles;
} scratch_needs;

static void count_scratch(const function *f, const node *n,
                          scratch_needs *needs) {
  bool binds = n->kind == NODE_LET || n->kind == NODE_LOOP;
  for (int i = 0; binds && i < n->count; i++) {
    needs->longs |= function_local(f, n->locals[i])->type == VALUE_LONG;
    needs->doubles |= function_local(f, n->locals[i])->type == VALUE_DOUBLE;
  }
  needs->longs |= n->kind == NODE_OP;
  needs->doubles |=
      n->kind == NODE_OP && function_type_of(f, n) == VALUE_DOUBLE;
  needs->loops |= n->kind == NODE_LOOP;
  const node *child;
  for (int i = 0; (child = ast_child(n, i)); i++)
    count_scratch(f, child, needs);
}

static void place_numbers(function *f) {
  scratch_needs needs = {0};
  count_scratch(f, f->m->body, &needs);
  f->count = f->fp + (f->hot || f->m->recurs || needs.loops);
  uint32_t next = f->count + 1;
  f->wide = next;
  f->left = next + 1;
  f->right = next + 2;
  next += needs.longs ? 3 : 0;
  for (int i = 0; i < MAX_SHADOWS; i++)
    f->shadows[i] = next + (uint32_t)i;
  next += needs.loops ? MAX_SHADOWS : 0;
  count_numbers(f, f->m->body, VALUE_LONG, &next);
  f->longs = next - (f->count + 1);
  f->real = next;
  next += needs.doubles;
  count_numbers(f, f->m->body, VALUE_DOUBLE, &next);
  f->doubles = next - (f->count + 1) - f->longs;
  f->first_temp = next;
}

void emit_method(emitter *e, const method *m, wasm_code *out) {
  function f = {.e = e, .m = m, .nodes = &nodes_emitters, .code = &e->scratch};
  wasm_code_clear(&e->scratch);
  types_infer(&e->notes, m);
  f.spilled = live_analyze(&e->notes, m);
  f.hot = notes_node(&f.e->notes, m->body)->calls == CALLS_HOT;
  f.line = (uint32_t)m->line;
  f.fp = (uint32_t)m->slots + 1;
  place_numbers(&f);
  place_locals(&f);
  f.hot ? framed(&f, m->body) : body(&f, m->body);
  f.code = out;
  f.placed = 0;
  declare_locals(&f, out);
  wasm_append(out, &e->scratch, 0, f.framed);
  if (f.hot)
    prologue(&f, frame_size(&f));
  wasm_append(out, &e->scratch, f.framed, f.released);
  if (f.hot)
    function_move_stack(&f, WASM_I32_ADD, frame_size(&f));
  wasm_append(out, &e->scratch, f.released, e->scratch.bytes.size);
  function_op(&f, WASM_END);
}
