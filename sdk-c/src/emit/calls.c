/* calls.c - calls and their arguments.
 *
 * Values must be computed in order, and the collector may run in each of them.
 * So items up to the last one that makes a call wait in temporaries; what comes
 * after is computed when it is pushed. A var's callee is always a function
 * object, so a call through a var is two loads and a call_indirect. What this
 * patch itself binds is called directly, for as long as the var still has it.
 */
#include "emit/calls.h"
#include "analyze/ast.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "emit/function.h"
#include "emit/imports.h"
#include "emit/live.h"
#include "emit/notes.h"
#include "emit/wasm.h"
#include "value/word.h"

/* ---- Arguments ----------------------------------------------------------- */

#define NOT_HELD UINT32_MAX

bool calls_hot_after(const function *f, node *const *items, int from,
                     int count) {
  for (int i = from; i < count; i++)
    if (!live_is_direct(&f->e->notes, items[i]) &&
        function_note(f, items[i])->calls == CALLS_HOT)
      return true;
  return false;
}

/* Evaluates, in order, the items up to the last one that makes a call; they
 * wait in temporaries (wasm's own stack would hide them from the collector).
 * The others can be evaluated when they are pushed. With `last_inline` so can
 * that last one: nothing but items is pushed before. */
static uint32_t *hold(function *f, node *const *items, int count,
                      bool last_inline) {
  uint32_t *held =
      arena_alloc(f->e->p->arena, ((size_t)count + 1) * sizeof *held);
  int last = count - 1;
  while (last >= 0 && (live_is_direct(&f->e->notes, items[last]) ||
                       function_note(f, items[last])->calls == CALLS_NONE))
    last--;
  for (int i = 0; i < count; i++) {
    held[i] = NOT_HELD;
    if (i > last || live_is_direct(&f->e->notes, items[i]) ||
        (i == last && last_inline))
      continue;
    function_value(f, items[i]);
    held[i] = function_pop_to_temp(f, calls_hot_after(f, items, i + 1, count));
  }
  return held;
}

static void push(function *f, node *const *items, const uint32_t *held,
                 int count) {
  for (int i = 0; i < count; i++)
    if (held[i] == NOT_HELD)
      function_value(f, items[i]);
    else
      function_read(f, held[i]);
}

void calls_push_args(function *f, node *const *items, int count) {
  mark m = function_mark_temps(f);
  push(f, items, hold(f, items, count, true), count);
  function_release(f, m);
}

/* The words are in the frame, so what was computed first is safe while the rest
 * is computed. The caller releases them after the call. */
void calls_push_array(function *f, node *const *items, int count, int number) {
  uint32_t first = function_take_words(f, (uint32_t)count);
  for (int i = 0; i < count; i++) {
    function_read(f, f->fp);
    function_value(f, items[i]);
    wasm_store(f->code, 4 * (first + (uint32_t)i));
  }
  function_i32(f, number);
  function_read(f, f->fp);
  function_i32(f, (int32_t)(4 * first));
  function_op(f, WASM_I32_ADD);
}

/* ---- Operands: read again and again -------------------------------------- */

void calls_push_operand(function *f, operand x) {
  if (x.constant)
    function_i32(f, x.word);
  else
    function_read(f, x.local);
}

operand calls_make_operand(function *f, const node *n, bool hot_follows) {
  if (n->kind == NODE_WORD)
    return (operand){true, (int32_t)(uint32_t)(uintptr_t)n->word, 0};
  if (n->kind == NODE_LOCAL && n->local->kind != LOCAL_CAPTURE &&
      function_local(f, n->local)->type == VALUE_WORD)
    return (operand){.local = live_index(n->local)};
  function_value(f, n);
  bool store = hot_follows && !live_is_direct(&f->e->notes, n);
  return (operand){.local = function_pop_to_temp(f, store)};
}

/* ---- Calls --------------------------------------------------------------- */

/* Stack: function object, arguments. Calls the entry of `callee`, a local. */
static void call_entry(function *f, uint32_t callee, int argc) {
  function_read(f, callee);
  wasm_load(f->code, JANK_FN_CODE);
  wasm_load(f->code, JANK_CODE_ENTRIES + 4 * (uint32_t)argc);
  function_call_indirect(f, imports_word_type(f->e, argc + 1));
}

/* What this patch itself binds to the var, for so many arguments; NULL: nothing. */
static const method *bound_method(const function *f, int var_index, int argc) {
  const program *p = f->e->p;
  for (int i = 0; i < p->definition_count; i++) {
    const definition *d = &p->definitions[i];
    if ((jank_object *)d->var != p->pool[var_index].value)
      continue;
    for (int j = 0; j < d->fn->method_count; j++)
      if (d->fn->methods[j]->required == argc && !d->fn->methods[j]->variadic)
        return d->fn->methods[j];
  }
  return NULL;
}

/* As call_entry. While the var still has this patch's function, that is called
 * directly, which engines do faster. */
static void call_guarded(function *f, uint32_t callee, int argc,
                         const method *target) {
  uint32_t type = imports_word_type(f->e, argc + 1),
           entry = function_new_temp(f);
  function_read(f, callee);
  wasm_load(f->code, JANK_FN_CODE);
  wasm_load(f->code, JANK_CODE_ENTRIES + 4 * (uint32_t)argc);
  function_op_u(f, WASM_LOCAL_TEE, entry);
  function_op_u(f, WASM_GLOBAL_GET, f->e->module.table_base);
  function_i32(f, target->index);
  function_op(f, WASM_I32_ADD);
  function_op(f, WASM_I32_EQ);
  function_op(f, WASM_IF);
  buffer_sleb(&f->code->bytes, type); /* takes the arguments */
  function_call_function(f, target->index);
  function_op(f, WASM_ELSE);
  function_read(f, entry);
  function_call_indirect(f, type);
  function_op(f, WASM_END);
}

/* As call_entry, of a var that this very function is bound to as a rule: then its
 * value is the function object that is running. */
static void call_recursive(function *f, uint32_t callee, int argc,
                           const method *target) {
  uint32_t type = imports_word_type(f->e, argc + 1);
  function_read(f, callee);
  function_read(f, 0);
  function_op(f, WASM_I32_EQ);
  function_op(f, WASM_IF);
  buffer_sleb(&f->code->bytes, type); /* takes the arguments */
  function_call_function(f, target->index);
  function_op(f, WASM_ELSE);
  call_entry(f, callee, argc);
  function_op(f, WASM_END);
}

static void forget(function *f, uint32_t index) {
  uint32_t home = *function_home_of(f, index);
  if (!home)
    return;
  function_read(f, f->fp);
  function_i32(f, 0);
  wasm_store(f->code, 4 * (home - 1));
}

/* Pushes the arguments of a call. What is in the frame for them alone goes: the
 * callee may let go of a long seq's head, and so must we. That is a temporary in any
 * case, and a local that is not live after the call (live_invoke notes it). Until the
 * callee has stored what it needs, nothing collects and goes on. */
static void hand_over(function *f, const node *n, const uint32_t *held) {
  push(f, n->items, held, n->count);
  for (int i = 0; i < n->count; i++) {
    const node *item = n->items[i];
    if (held[i] != NOT_HELD)
      forget(f, held[i]);
    else if (item->kind == NODE_LOCAL && item->local->kind != LOCAL_CAPTURE &&
             live_has(f->spilled, live_index(item->local)) &&
             !live_has(function_note(f, n)->live, live_index(item->local)))
      forget(f, live_index(item->local));
  }
}

static void invoke_var(function *f, const node *n) {
  const method *target = bound_method(f, n->a->index, n->count);
  uint32_t *held = hold(f, n->items, n->count, false);
  function_constant(f, n->a->index);
  wasm_load(f->code, JANK_VAR_CALLEE);
  uint32_t callee = function_new_temp(f);
  function_op_u(f, WASM_LOCAL_TEE, callee);
  hand_over(f, n, held);
  if (target && target->fn == f->m->fn)
    call_recursive(f, callee, n->count, target);
  else if (target)
    call_guarded(f, callee, n->count, target);
  else
    call_entry(f, callee, n->count);
}

static const method *own_method(const function *f, int argc) {
  const fn_node *fn = f->m->fn;
  for (int i = 0; i < fn->method_count; i++)
    if (fn->methods[i]->required == argc && !fn->methods[i]->variadic)
      return fn->methods[i];
  return NULL;
}

static void invoke_self(function *f, const node *n) {
  const method *target = own_method(f, n->count);
  uint32_t *held = hold(f, n->items, n->count, true);
  function_read(f, 0);
  hand_over(f, n, held);
  if (target)
    function_call_function(f, target->index);
  else
    call_entry(f, 0, n->count);
}

/* Whether the local holds a function: then its type says so. What is no object
 * is not looked at; at address 0 there is no type. */
static void is_function(function *f, uint32_t index) {
  function_read(f, index);
  function_i32(f, 7);
  function_op(f, WASM_I32_AND);
  function_open(f, WASM_IF, WASM_I32);
  function_i32(f, 0);
  function_op(f, WASM_ELSE);
  function_read(f, index);
  wasm_load_byte(f->code, 0);
  function_i32(f, JANK_FN_TYPE);
  function_op(f, WASM_I32_EQ);
  function_close(f);
}

/* A function is called here; keywords, maps and so on by the runtime. */
static void invoke_few(function *f, const node *n) {
  static const enum runtime_function calls[] = {RT_jank_call0, RT_jank_call1,
                                                RT_jank_call2, RT_jank_call3,
                                                RT_jank_call4};
  operand callee =
      calls_make_operand(f, n->a, calls_hot_after(f, n->items, 0, n->count));
  uint32_t *held = hold(f, n->items, n->count, false);
  if (callee.constant) {
    calls_push_operand(f, callee);
    hand_over(f, n, held);
    function_call(f, calls[n->count]);
    return;
  }
  is_function(f, callee.local);
  function_open(f, WASM_IF, WASM_I32);
  function_read(f, callee.local);
  hand_over(f, n, held);
  call_entry(f, callee.local, n->count);
  function_op(f, WASM_ELSE);
  function_read(f, callee.local);
  hand_over(f, n, held);
  function_call(f, calls[n->count]);
  function_close(f);
}

static void invoke_any(function *f, const node *n) {
  if (n->count <= 4) {
    invoke_few(f, n);
    return;
  }
  if (live_is_direct(&f->e->notes, n->a)) {
    function_value(f, n->a);
  } else {
    function_value(f, n->a);
    function_read(
        f, function_pop_to_temp(f, calls_hot_after(f, n->items, 0, n->count)));
  }
  calls_push_array(f, n->items, n->count, n->count);
  function_call(f, RT_jank_call_n);
}

void calls_invoke(function *f, const node *n) {
  mark m = function_mark_temps(f);
  bool few = n->count <= JANK_MAX_ARITY;
  if (n->a->kind == NODE_VAR && few)
    invoke_var(f, n);
  else if (n->a->kind == NODE_LOCAL && n->a->local->kind == LOCAL_SELF && few)
    invoke_self(f, n);
  else
    invoke_any(f, n);
  function_release(f, m);
}
