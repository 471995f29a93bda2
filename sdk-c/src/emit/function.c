/* function.c - one function while it is emitted: instructions, its frame,
 * temporaries, slow paths.
 *
 * The frame is words on the linear-memory stack, at `fp`. A local that lives
 * across a hot call has a word there from where it is set (its home); a
 * temporary that waits across one has it for as long as it waits. What a slow
 * path needs saved is stored when it is entered. nodes.c decides what is
 * emitted.
 */
#include "emit/function.h"
#include "analyze/ast.h"
#include "base/arena.h"
#include "emit/imports.h"
#include "emit/live.h"
#include "emit/notes.h"
#include "emit/types.h"
#include "emit/wasm.h"
#include "value/word.h"
#include <string.h>

#define MAX_FRAME 16384

void function_value(function *f, const node *n) { f->nodes->value(f, n); }
void function_test(function *f, const node *n) { f->nodes->test(f, n); }
void function_raw(function *f, const node *n) { f->nodes->raw(f, n); }

value_type function_type_of(const function *f, const node *n) {
  return types_of(&f->e->notes, n);
}

bool function_is_raw(value_type t) {
  return t == VALUE_LONG || t == VALUE_DOUBLE;
}

enum wasm_value_type function_block_type(value_type t) {
  return t == VALUE_LONG ? WASM_I64 : t == VALUE_DOUBLE ? WASM_F64 : WASM_I32;
}

/* ---- Instructions -------------------------------------------------------- */

void function_op(function *f, enum wasm_op o) { wasm_op(f->code, o); }

void function_op_u(function *f, enum wasm_op o, uint32_t x) {
  wasm_op_u(f->code, o, x);
}

void function_i32(function *f, int32_t n) { wasm_i32(f->code, n); }

void function_read(function *f, uint32_t index) {
  function_op_u(f, WASM_LOCAL_GET, index);
}

void function_word(function *f, jank_object *w) {
  function_i32(f, (int32_t)(uint32_t)(uintptr_t)w);
}

/* A call follows: a stack that is taken in it has the line. */
static void place(function *f) {
  if (f->line == f->placed)
    return;
  wasm_line(f->code, f->line);
  f->placed = f->line;
}

void function_call(function *f, enum runtime_function r) {
  place(f);
  imports_call(f->e, f->code, r);
}

void function_call_function(function *f, int index) {
  place(f);
  wasm_call_function(f->code, (uint32_t)index);
}

void function_call_indirect(function *f, uint32_t type) {
  place(f);
  wasm_call_indirect(f->code, type);
}

uint32_t function_open(function *f, enum wasm_op o, enum wasm_value_type type) {
  function_op_u(f, o, type);
  return ++f->depth;
}

void function_close(function *f) {
  function_op(f, WASM_END);
  f->depth--;
}

void function_branch(function *f, enum wasm_op o, uint32_t label) {
  function_op_u(f, o, f->depth - label);
}

void function_constant(function *f, int index) {
  function_op_u(f, WASM_GLOBAL_GET, f->e->module.memory_base);
  wasm_load(f->code, f->e->words_offset + 4 * (uint32_t)index);
}

/* ---- The frame ----------------------------------------------------------- */

uint32_t function_take_words(function *f, uint32_t n) {
  uint32_t first = f->words;
  f->words += n;
  if (f->words > f->most_words)
    f->most_words = f->words;
  if (f->most_words > MAX_FRAME / 4)
    ast_error(f->e->p->file, f->m->body->where,
              "the form is too large: it needs more than %d bytes of "
              "stack",
              MAX_FRAME);
  return first;
}

void function_store_word(function *f, uint32_t index, uint32_t frame_word) {
  function_read(f, f->fp);
  function_read(f, index);
  wasm_store(f->code, 4 * frame_word);
}

uint32_t *function_home_of(function *f, uint32_t index) {
  if (index >= f->home_capacity) {
    uint32_t capacity = index * 2 + 16;
    uint32_t *grown = arena_alloc(f->e->p->arena, capacity * sizeof *grown);
    if (f->home)
      memcpy(grown, f->home, f->home_capacity * sizeof *grown);
    f->home = grown;
    f->home_capacity = capacity;
  }
  return &f->home[index];
}

/* Gives the local a place in the frame, for as long as f->words says. That of a
 * temporary is forgotten by function_new_temp, when its number is used again. */
static void store_home(function *f, uint32_t index) {
  uint32_t *home = function_home_of(f, index);
  if (!*home)
    *home = 1 + function_take_words(f, 1);
  function_store_word(f, index, *function_home_of(f, index) - 1);
}

void function_set_local(function *f, const local *l) {
  if (function_local(f, l)->type != VALUE_WORD) {
    function_op_u(f, WASM_LOCAL_SET, function_local(f, l)->raw);
    return;
  }
  uint32_t index = live_index(l);
  function_op_u(f, WASM_LOCAL_SET, index);
  if (live_has(f->spilled, index))
    store_home(f, index);
}

/* ---- Temporaries: a stack ------------------------------------------------ */

mark function_mark_temps(const function *f) {
  return (mark){f->temps, f->words};
}

void function_release(function *f, mark m) {
  f->temps = m.temps;
  f->words = m.words;
}

uint32_t function_new_temp(function *f) {
  uint32_t t = f->first_temp + f->temps++;
  if (f->temps > f->most_temps)
    f->most_temps = f->temps;
  *function_home_of(f, t) = 0;
  return t;
}

uint32_t function_pop_to_temp(function *f, bool store) {
  uint32_t t = function_new_temp(f);
  function_op_u(f, WASM_LOCAL_SET, t);
  if (store)
    store_home(f, t);
  return t;
}

/* ---- Slow paths ---------------------------------------------------------- */

/* Collects what lives across a slow path and is not in memory: locals that the
 * analysis names, and temporaries below `kept`. Number 0 is the function object, which
 * holds the captures. */
static uint32_t unsaved(function *f, local_set live, uint32_t kept,
                        uint32_t *locals) {
  uint32_t n = 0;
  for (uint32_t i = 0; i <= (uint32_t)f->m->slots; i++)
    if (live_has(live, i) && !live_has(f->spilled, i))
      locals[n++] = i;
  for (uint32_t t = f->first_temp; t < f->first_temp + kept; t++)
    if (!*function_home_of(f, t))
      locals[n++] = t;
  return n;
}

void function_move_stack(function *f, enum wasm_op o, uint32_t bytes) {
  if (o == WASM_I32_SUB)
    function_op_u(f, WASM_GLOBAL_GET, f->e->stack_pointer);
  else
    function_read(f, f->fp);
  function_i32(f, (int32_t)bytes);
  function_op(f, o);
  if (o == WASM_I32_SUB)
    function_op_u(f, WASM_LOCAL_TEE, f->fp);
  function_op_u(f, WASM_GLOBAL_SET, f->e->stack_pointer);
}

/* What is live here, and why it is enough.
 *
 * A slow path is a call of the runtime that the usual run jumps over, so
 * nothing may be stored for it in advance. Across it live: locals that code
 * after it reads (`live`, from live.c), and temporaries that wait for a use
 * after it, the first `kept`. Those in f->spilled, and temporaries with a home,
 * are in the frame already. The operands of the call itself need no store: they
 * are arguments, and C code keeps what it needs on the stack.
 *
 * With a frame, free words of it take the stores; they stay valid until the
 * path is left, since nothing is taken meanwhile. Without one, the stack is
 * moved down for a frame of just these words, which the collector scans from
 * there on. A word that is left may keep a dead object for a while; a live
 * object is never without a word.
 */
slow_path function_enter_slow(function *f, local_set live, uint32_t kept) {
  uint32_t room = (uint32_t)f->m->slots + 1 + kept;
  uint32_t *locals = arena_alloc(f->e->p->arena, room * sizeof *locals);
  uint32_t n = unsaved(f, live, kept, locals);
  slow_path slow = {f->hot || !n ? 0 : (n * 4 + 15) & ~UINT32_C(15)};
  if (slow.bytes)
    function_move_stack(f, WASM_I32_SUB, slow.bytes);
  uint32_t words = f->words;
  uint32_t first = f->hot ? function_take_words(f, n) : 0;
  for (uint32_t i = 0; i < n; i++)
    function_store_word(f, locals[i], first + i);
  f->words = words;
  return slow;
}

void function_leave_slow(function *f, slow_path slow) {
  if (slow.bytes)
    function_move_stack(f, WASM_I32_ADD, slow.bytes);
}

/* ---- Locals, constants, closures ----------------------------------------- */

void function_read_local(function *f, const local *l) {
  function_read(f, live_index(l));
  if (l->kind == LOCAL_CAPTURE)
    wasm_load(f->code, JANK_FN_CAPTURES + 4 * (uint32_t)l->slot);
}

/* No write barrier: nothing was allocated since the closure was, but for letfn,
 * whose closures are in the frame, and so are looked into. */
void function_fill_captures(function *f, uint32_t closure, const fn_node *fn) {
  for (int i = 0; i < fn->capture_count; i++) {
    function_read(f, closure);
    function_read_local(f, fn->captures[i]);
    wasm_store(f->code, JANK_FN_CAPTURES + 4 * (uint32_t)i);
  }
}

void function_create_fn(function *f, const fn_node *fn) {
  function_constant(f, fn->constant);
  if (fn->capture_count) {
    function_i32(f, fn->capture_count);
    function_call(f, RT_jank_fn_create);
  }
}

void function_closure(function *f, const fn_node *fn) {
  function_create_fn(f, fn);
  if (!fn->capture_count)
    return;
  mark m = function_mark_temps(f);
  uint32_t t = function_pop_to_temp(f, false);
  function_fill_captures(f, t, fn);
  function_read(f, t);
  function_release(f, m);
}

/* ---- Bindings ------------------------------------------------------------ */

void function_bind(function *f, const node *n) {
  for (int i = 0; i < n->count; i++) {
    (function_local(f, n->locals[i])->type == VALUE_WORD
         ? function_value
         : function_raw)(f, n->items[i]);
    function_set_local(f, n->locals[i]);
  }
}

/* ---- Known numbers ------------------------------------------------------- */

bool function_constant_long(const function *f, const node *n, int64_t *value) {
  if (function_type_of(f, n) != VALUE_LONG ||
      (n->kind != NODE_WORD && n->kind != NODE_CONSTANT))
    return false;
  *value = n->kind == NODE_WORD
               ? fixnum_value(n->word)
               : jank_unbox_integer(f->e->p->pool[n->index].value);
  return true;
}
