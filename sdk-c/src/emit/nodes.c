/* nodes.c - the code of one function.
 *
 * In: a method, annotated by emit_live.c. Out: its wasm code. A value is one
 * i32. Wasm local 0 is the function object, 1 + n slot n, then the frame
 * pointer, an i64 for products, and temporaries.
 *
 * The collector does not see wasm locals. What lives across a hot call is
 * stored in the function's frame on the linear-memory stack when it is set; what
 * lives across a slow path only, when that path is entered. Operands that wait
 * for others to be evaluated are in temporaries, stored by the same rule. A
 * function without hot calls has no frame but during a slow path.
 */
#include "emit/nodes.h"
#include "analyze/ast.h"
#include "base/buffer.h"
#include "emit/live.h"
#include "emit/module.h"
#include "emit/types.h"
#include "emit/wasm.h"
#include "host/host.h"
#include "value/word.h"
#include <string.h>

#define MAX_FRAME 16384
#define MAX_SHADOWS 4

typedef struct {
  emitter *e;
  method *m;
  wasm_code *code;
  local_set spilled;
  bool hot;             /* has a frame */
  uint32_t depth;       /* of open blocks */
  uint32_t round, poll; /* labels of the method's own loop */
  uint32_t fp, first_temp;
  uint32_t count;   /* i32: rounds until loops poll; at the start, a limit */
  uint32_t counted; /* open loops that have it */
  uint32_t wide, left, right, real; /* scratch: three i64, one f64 */
  uint32_t shadows[MAX_SHADOWS];    /* i64: of invariants of a loop */
  uint32_t longs, doubles;          /* wasm locals of these types */
  uint32_t temps, most_temps;
  uint32_t words, most_words; /* of the frame */
  size_t framed, released;    /* where the code begins and ends to have one */
  uint32_t line, placed; /* of the node at hand; that the code is known to be
                            in */
  uint32_t *home;        /* of a local or temporary: 1 + frame word; 0 */
  uint32_t home_capacity;
} function;

static void value(function *f, node *n);
static void test(function *f, node *n);
static void raw(function *f, node *n);
static void box(function *f, value_type type, local_set live);
static bool raw_compare(function *f, node *n);
static bool constant_long(const function *f, const node *n, int64_t *value);

static value_type type_of(const function *f, const node *n) {
  return types_of(f->e->p, n);
}
static bool is_raw(value_type t) {
  return t == VALUE_LONG || t == VALUE_DOUBLE;
}
/* The block type of a value of that type. */
static enum wasm_value_type block_type(value_type t) {
  return t == VALUE_LONG ? WASM_I64 : t == VALUE_DOUBLE ? WASM_F64 : WASM_I32;
}

/* ---- Instructions --------------------------------------------------------------------- */

static void op(function *f, enum wasm_op o) { wasm_op(f->code, o); }
static void op_u(function *f, enum wasm_op o, uint32_t x) {
  wasm_op_u(f->code, o, x);
}
static void i32(function *f, int32_t n) { wasm_i32(f->code, n); }
static void read(function *f, uint32_t index) {
  op_u(f, WASM_LOCAL_GET, index);
}
static void word(function *f, jank_object *w) {
  i32(f, (int32_t)(uint32_t)(uintptr_t)w);
}
/* A call follows: a stack that is taken in it has the line. */
static void place(function *f) {
  if (f->line == f->placed)
    return;
  wasm_line(f->code, f->line);
  f->placed = f->line;
}
static void call(function *f, enum runtime_function r) {
  place(f);
  emit_runtime_call(f->e, f->code, r);
}
static void call_function(function *f, int index) {
  place(f);
  wasm_call_function(f->code, (uint32_t)index);
}
static void call_indirect(function *f, uint32_t type) {
  place(f);
  wasm_call_indirect(f->code, type);
}

/* Opens a block; the result is its label. */
static uint32_t open(function *f, enum wasm_op o, enum wasm_value_type type) {
  op_u(f, o, type);
  return ++f->depth;
}
static void close(function *f) {
  op(f, WASM_END);
  f->depth--;
}
static void branch(function *f, enum wasm_op o, uint32_t label) {
  op_u(f, o, f->depth - label);
}

/* The constant pool[index]. */
static void constant(function *f, int index) {
  op_u(f, WASM_GLOBAL_GET, f->e->module.memory_base);
  wasm_load(f->code, f->e->words_offset + 4 * (uint32_t)index);
}

/* ---- The frame -------------------------------------------------------------------------- */

static uint32_t take_words(function *f, uint32_t n) {
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

static void store_word(function *f, uint32_t index, uint32_t frame_word) {
  read(f, f->fp);
  read(f, index);
  wasm_store(f->code, 4 * frame_word);
}

static uint32_t *home_of(function *f, uint32_t index) {
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

/* Gives the local a place in the frame, for as long as f->words says. */
static void store_home(function *f, uint32_t index) {
  uint32_t *home = home_of(f, index);
  if (!*home)
    *home = 1 + take_words(f, 1);
  store_word(f, index, *home_of(f, index) - 1);
}

static void set_local(function *f, const local *l) {
  if (l->type != VALUE_WORD) {
    op_u(f, WASM_LOCAL_SET, l->raw);
    return;
  }
  uint32_t index = live_index(l);
  op_u(f, WASM_LOCAL_SET, index);
  if (live_has(f->spilled, index))
    store_home(f, index);
}

/* ---- Temporaries: a stack ------------------------------------------------------------------ */

typedef struct {
  uint32_t temps, words;
} mark;

static mark mark_temps(const function *f) { return (mark){f->temps, f->words}; }
static void release(function *f, mark m) {
  f->temps = m.temps;
  f->words = m.words;
}
static uint32_t new_temp(function *f) {
  uint32_t t = f->first_temp + f->temps++;
  if (f->temps > f->most_temps)
    f->most_temps = f->temps;
  *home_of(f, t) = 0;
  return t;
}
static uint32_t pop_to_temp(function *f, bool store) {
  uint32_t t = new_temp(f);
  op_u(f, WASM_LOCAL_SET, t);
  if (store)
    store_home(f, t);
  return t;
}

/* ---- Slow paths ------------------------------------------------------------------------------ */

/* Collects what lives across a slow path and is not in memory: locals that the
 * analysis names, and temporaries below `kept`. */
static uint32_t unsaved(function *f, local_set live, uint32_t kept,
                        uint32_t *locals) {
  uint32_t n = 0;
  for (uint32_t i = 0; i <= (uint32_t)f->m->slots; i++)
    if (live_has(live, i) && !live_has(f->spilled, i))
      locals[n++] = i;
  for (uint32_t t = f->first_temp; t < f->first_temp + kept; t++)
    if (!*home_of(f, t))
      locals[n++] = t;
  return n;
}

static void move_stack(function *f, enum wasm_op o, uint32_t bytes) {
  if (o == WASM_I32_SUB)
    op_u(f, WASM_GLOBAL_GET, f->e->stack_pointer);
  else
    read(f, f->fp);
  i32(f, (int32_t)bytes);
  op(f, o);
  if (o == WASM_I32_SUB)
    op_u(f, WASM_LOCAL_TEE, f->fp);
  op_u(f, WASM_GLOBAL_SET, f->e->stack_pointer);
}

typedef struct {
  uint32_t bytes; /* of a frame that was made for the slow path; 0: none */
} slow_path;

static slow_path enter_slow(function *f, local_set live, uint32_t kept) {
  uint32_t room = (uint32_t)f->m->slots + 1 + kept;
  uint32_t *locals = arena_alloc(f->e->p->arena, room * sizeof *locals);
  uint32_t n = unsaved(f, live, kept, locals);
  slow_path slow = {f->hot || !n ? 0 : (n * 4 + 15) & ~UINT32_C(15)};
  if (slow.bytes)
    move_stack(f, WASM_I32_SUB, slow.bytes);
  uint32_t words = f->words;
  uint32_t first = f->hot ? take_words(f, n) : 0;
  for (uint32_t i = 0; i < n; i++)
    store_word(f, locals[i], first + i);
  f->words = words;
  return slow;
}

static void leave_slow(function *f, slow_path slow) {
  if (slow.bytes)
    move_stack(f, WASM_I32_ADD, slow.bytes);
}

/* ---- Locals, constants, closures ---------------------------------------------------------------- */

static void read_local(function *f, const local *l) {
  read(f, live_index(l));
  if (l->kind == LOCAL_CAPTURE)
    wasm_load(f->code, JANK_FN_CAPTURES + 4 * (uint32_t)l->slot);
}

static void fill_captures(function *f, uint32_t closure, const fn_node *fn) {
  for (int i = 0; i < fn->capture_count; i++) {
    read(f, closure);
    read_local(f, fn->captures[i]);
    wasm_store(f->code, JANK_FN_CAPTURES + 4 * (uint32_t)i);
  }
}

static void create_fn(function *f, const fn_node *fn) {
  constant(f, fn->constant);
  if (fn->capture_count) {
    i32(f, fn->capture_count);
    call(f, RT_jank_fn_create);
  }
}

static void closure(function *f, const fn_node *fn) {
  create_fn(f, fn);
  if (!fn->capture_count)
    return;
  mark m = mark_temps(f);
  uint32_t t = pop_to_temp(f, false);
  fill_captures(f, t, fn);
  read(f, t);
  release(f, m);
}

/* ---- Arguments -------------------------------------------------------------------------------------- */

#define NOT_HELD UINT32_MAX

static bool hot_after(node **items, int from, int count) {
  for (int i = from; i < count; i++)
    if (!live_is_direct(items[i]) && items[i]->note->calls == CALLS_HOT)
      return true;
  return false;
}

/* Evaluates, in order, the items up to the last one that makes a call; they wait
 * in temporaries. The others can be evaluated when they are pushed. With
 * `last_inline` so can that last one: nothing but items is pushed before. */
static uint32_t *hold(function *f, node **items, int count, bool last_inline) {
  uint32_t *held =
      arena_alloc(f->e->p->arena, ((size_t)count + 1) * sizeof *held);
  int last = count - 1;
  while (last >= 0 && (live_is_direct(items[last]) ||
                       items[last]->note->calls == CALLS_NONE))
    last--;
  for (int i = 0; i < count; i++) {
    held[i] = NOT_HELD;
    if (i > last || live_is_direct(items[i]) || (i == last && last_inline))
      continue;
    value(f, items[i]);
    held[i] = pop_to_temp(f, hot_after(items, i + 1, count));
  }
  return held;
}

static void push(function *f, node **items, const uint32_t *held, int count) {
  for (int i = 0; i < count; i++)
    if (held[i] == NOT_HELD)
      value(f, items[i]);
    else
      read(f, held[i]);
}

static void push_args(function *f, node **items, int count) {
  mark m = mark_temps(f);
  push(f, items, hold(f, items, count, true), count);
  release(f, m);
}

/* Stores the items in the frame and pushes their number and address. */
static void push_array(function *f, node **items, int count, int number) {
  uint32_t first = take_words(f, (uint32_t)count);
  for (int i = 0; i < count; i++) {
    read(f, f->fp);
    value(f, items[i]);
    wasm_store(f->code, 4 * (first + (uint32_t)i));
  }
  i32(f, number);
  read(f, f->fp);
  i32(f, (int32_t)(4 * first));
  op(f, WASM_I32_ADD);
}

/* ---- Operands: read again and again --------------------------------------------------------------------- */

typedef struct {
  bool constant;
  int32_t word;
  uint32_t local;
} operand;

static void push_operand(function *f, operand x) {
  if (x.constant)
    i32(f, x.word);
  else
    read(f, x.local);
}

/* Evaluates into something that can be read again and again. */
static operand make_operand(function *f, node *n, bool hot_follows) {
  if (n->kind == NODE_WORD)
    return (operand){true, (int32_t)(uint32_t)(uintptr_t)n->word, 0};
  if (n->kind == NODE_LOCAL && n->local->kind != LOCAL_CAPTURE &&
      n->local->type == VALUE_WORD)
    return (operand){.local = live_index(n->local)};
  value(f, n);
  bool store = hot_follows && !live_is_direct(n);
  return (operand){.local = pop_to_temp(f, store)};
}

/* ---- Calls ----------------------------------------------------------------------------------------------- */

/* Stack: function object, arguments. Calls the entry of `callee`, a local. */
static void call_entry(function *f, uint32_t callee, int argc) {
  read(f, callee);
  wasm_load(f->code, JANK_FN_CODE);
  wasm_load(f->code, JANK_CODE_ENTRIES + 4 * (uint32_t)argc);
  call_indirect(f, emit_word_type(f->e, argc + 1));
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
  uint32_t type = emit_word_type(f->e, argc + 1), entry = new_temp(f);
  read(f, callee);
  wasm_load(f->code, JANK_FN_CODE);
  wasm_load(f->code, JANK_CODE_ENTRIES + 4 * (uint32_t)argc);
  op_u(f, WASM_LOCAL_TEE, entry);
  op_u(f, WASM_GLOBAL_GET, f->e->module.table_base);
  i32(f, target->index);
  op(f, WASM_I32_ADD);
  op(f, WASM_I32_EQ);
  op(f, WASM_IF);
  buffer_sleb(&f->code->bytes, type); /* takes the arguments */
  call_function(f, target->index);
  op(f, WASM_ELSE);
  read(f, entry);
  call_indirect(f, type);
  op(f, WASM_END);
}

/* As call_entry, of a var that this very function is bound to as a rule. */
static void call_recursive(function *f, uint32_t callee, int argc,
                           const method *target) {
  uint32_t type = emit_word_type(f->e, argc + 1);
  read(f, callee);
  read(f, 0);
  op(f, WASM_I32_EQ);
  op(f, WASM_IF);
  buffer_sleb(&f->code->bytes, type); /* takes the arguments */
  call_function(f, target->index);
  op(f, WASM_ELSE);
  call_entry(f, callee, argc);
  op(f, WASM_END);
}

static void forget(function *f, uint32_t index) {
  uint32_t home = *home_of(f, index);
  if (!home)
    return;
  read(f, f->fp);
  i32(f, 0);
  wasm_store(f->code, 4 * (home - 1));
}

/* Pushes the arguments of a call. What is in the frame for them alone goes: the
 * callee may let go of a long seq's head, and so must we. */
static void hand_over(function *f, node *n, const uint32_t *held) {
  push(f, n->items, held, n->count);
  for (int i = 0; i < n->count; i++) {
    const node *item = n->items[i];
    if (held[i] != NOT_HELD)
      forget(f, held[i]);
    else if (item->kind == NODE_LOCAL && item->local->kind != LOCAL_CAPTURE &&
             live_has(f->spilled, live_index(item->local)) &&
             !live_has(n->note->live, live_index(item->local)))
      forget(f, live_index(item->local));
  }
}

static void invoke_var(function *f, node *n) {
  const method *target = bound_method(f, n->a->index, n->count);
  uint32_t *held = hold(f, n->items, n->count, false);
  constant(f, n->a->index);
  wasm_load(f->code, JANK_VAR_CALLEE);
  uint32_t callee = new_temp(f);
  op_u(f, WASM_LOCAL_TEE, callee);
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

static void invoke_self(function *f, node *n) {
  const method *target = own_method(f, n->count);
  uint32_t *held = hold(f, n->items, n->count, true);
  read(f, 0);
  hand_over(f, n, held);
  if (target)
    call_function(f, target->index);
  else
    call_entry(f, 0, n->count);
}

/* Whether the local holds a function: then its type says so. What is no object
 * is not looked at; at address 0 there is no type. */
static void is_function(function *f, uint32_t index) {
  read(f, index);
  i32(f, 7);
  op(f, WASM_I32_AND);
  open(f, WASM_IF, WASM_I32);
  i32(f, 0);
  op(f, WASM_ELSE);
  read(f, index);
  wasm_load_byte(f->code, 0);
  i32(f, JANK_FN_TYPE);
  op(f, WASM_I32_EQ);
  close(f);
}

/* A function is called here; keywords, maps and so on by the runtime. */
static void invoke_few(function *f, node *n) {
  static const enum runtime_function calls[] = {RT_jank_call0, RT_jank_call1,
                                                RT_jank_call2, RT_jank_call3,
                                                RT_jank_call4};
  operand callee = make_operand(f, n->a, hot_after(n->items, 0, n->count));
  uint32_t *held = hold(f, n->items, n->count, false);
  if (callee.constant) {
    push_operand(f, callee);
    hand_over(f, n, held);
    call(f, calls[n->count]);
    return;
  }
  is_function(f, callee.local);
  open(f, WASM_IF, WASM_I32);
  read(f, callee.local);
  hand_over(f, n, held);
  call_entry(f, callee.local, n->count);
  op(f, WASM_ELSE);
  read(f, callee.local);
  hand_over(f, n, held);
  call(f, calls[n->count]);
  close(f);
}

static void invoke_any(function *f, node *n) {
  if (n->count <= 4) {
    invoke_few(f, n);
    return;
  }
  if (live_is_direct(n->a)) {
    value(f, n->a);
  } else {
    value(f, n->a);
    read(f, pop_to_temp(f, hot_after(n->items, 0, n->count)));
  }
  push_array(f, n->items, n->count, n->count);
  call(f, RT_jank_call_n);
}

static void invoke(function *f, node *n) {
  mark m = mark_temps(f);
  bool few = n->count <= JANK_MAX_ARITY;
  if (n->a->kind == NODE_VAR && few)
    invoke_var(f, n);
  else if (n->a->kind == NODE_LOCAL && n->a->local->kind == LOCAL_SELF && few)
    invoke_self(f, n);
  else
    invoke_any(f, n);
  release(f, m);
}

/* ---- Operations on small integers --------------------------------------------------------------------- */

/* Leaves the innermost block unless both are small integers. */
static void check_tags(function *f, operand x, operand y) {
  if (x.constant && y.constant && (x.word & y.word & 1))
    return;
  if (x.constant || y.constant) {
    push_operand(f, x.constant ? y : x);
    i32(f, (x.constant ? x : y).word & 1);
  } else {
    push_operand(f, x);
    push_operand(f, y);
    op(f, WASM_I32_AND);
    i32(f, 1);
  }
  op(f, WASM_I32_AND);
  op(f, WASM_I32_EQZ);
  branch(f, WASM_BR_IF, f->depth);
}

/* Leaves the innermost block when the sum or difference in local s, of x and
 * the constant n, went over the edge. */
static void check_overflow_constant(function *f, uint32_t s, operand x,
                                    bool grows) {
  read(f, s);
  push_operand(f, x);
  op(f, grows ? WASM_I32_LT_S : WASM_I32_GT_S);
  branch(f, WASM_BR_IF, f->depth);
}

static void xor_operands(function *f, operand x, operand y) {
  push_operand(f, x);
  push_operand(f, y);
  op(f, WASM_I32_XOR);
}

static void check_overflow(function *f, operand s, operand x, operand y,
                           bool subtract) {
  xor_operands(f, s, x);
  xor_operands(f, subtract ? x : s, y);
  op(f, WASM_I32_AND);
  i32(f, 0);
  op(f, WASM_I32_LT_S);
  branch(f, WASM_BR_IF, f->depth);
}

/* Words are 2n + 1: the tag of one side is taken off. */
static void fast_add(function *f, operand x, operand y) {
  if (x.constant && !y.constant) {
    fast_add(f, y, x);
    return;
  }
  push_operand(f, x);
  if (y.constant) {
    i32(f, y.word - 1);
  } else {
    i32(f, 1);
    op(f, WASM_I32_SUB);
    push_operand(f, y);
  }
  op(f, WASM_I32_ADD);
  uint32_t s = pop_to_temp(f, false);
  if (y.constant)
    check_overflow_constant(f, s, x, y.word > 0);
  else
    check_overflow(f, (operand){.local = s}, x, y, false);
  read(f, s);
}

static void fast_sub(function *f, operand x, operand y) {
  push_operand(f, x);
  if (y.constant) {
    i32(f, y.word - 1);
    op(f, WASM_I32_SUB);
  } else {
    push_operand(f, y);
    op(f, WASM_I32_SUB);
    i32(f, 1);
    op(f, WASM_I32_ADD);
  }
  uint32_t s = pop_to_temp(f, false);
  if (y.constant)
    check_overflow_constant(f, s, x, y.word < 0);
  else
    check_overflow(f, (operand){.local = s}, x, y, true);
  read(f, s);
}

static void fast_mul(function *f, operand x, operand y) {
  push_operand(f, x);
  i32(f, 1);
  op(f, WASM_I32_SHR_S);
  op(f, WASM_I64_EXTEND_I32_S);
  push_operand(f, y);
  i32(f, 1);
  op(f, WASM_I32_SUB);
  op(f, WASM_I64_EXTEND_I32_S);
  op(f, WASM_I64_MUL);
  op_u(f, WASM_LOCAL_TEE, f->wide);
  op(f, WASM_I32_WRAP_I64);
  op(f, WASM_I64_EXTEND_I32_S);
  read(f, f->wide);
  op(f, WASM_I64_NE);
  branch(f, WASM_BR_IF, f->depth);
  read(f, f->wide);
  op(f, WASM_I32_WRAP_I64);
  i32(f, 1);
  op(f, WASM_I32_OR);
}

static void fast_compare(function *f, operand x, operand y, enum wasm_op o) {
  push_operand(f, x);
  push_operand(f, y);
  op(f, o);
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

static void slow_op(function *f, node *n, operand x, operand y, uint32_t kept) {
  slow_path slow = enter_slow(f, n->note->live, kept);
  push_operand(f, x);
  push_operand(f, y);
  call(f, op_functions[n->op]);
  leave_slow(f, slow);
}

static bool is_pointer(operand x) { return x.constant && !(x.word & 1); }

static bool has_fast_path(ast_op o) {
  return o == OP_ADD || o == OP_SUB || o == OP_MUL ||
         (o >= OP_LT && o <= OP_EQUAL);
}

/* Fast path in an inner block that is left when the operands are not for it. */
static void arithmetic(function *f, node *n, operand x, operand y,
                       uint32_t kept) {
  if (!has_fast_path(n->op) || is_pointer(x) || is_pointer(y)) {
    slow_op(f, n, x, y, kept);
    return;
  }
  uint32_t done = open(f, WASM_BLOCK, WASM_I32);
  open(f, WASM_BLOCK, WASM_VOID);
  check_tags(f, x, y);
  fast_op(f, n->op, x, y);
  branch(f, WASM_BR, done);
  close(f);
  slow_op(f, n, x, y, kept);
  close(f);
}

/* The same word is equal; two different small integers are not. */
static void equality(function *f, node *n, operand x, operand y,
                     uint32_t kept) {
  fast_compare(f, x, y, WASM_I32_EQ);
  open(f, WASM_IF, WASM_I32);
  i32(f, 1);
  op(f, WASM_ELSE);
  uint32_t done = open(f, WASM_BLOCK, WASM_I32);
  open(f, WASM_BLOCK, WASM_VOID);
  check_tags(f, x, y);
  i32(f, 0);
  branch(f, WASM_BR, done);
  close(f);
  slow_op(f, n, x, y, kept);
  close(f);
  close(f);
}

static void binary_op(function *f, node *n) {
  mark m = mark_temps(f);
  bool by_word = n->op == OP_IDENTICAL || n->note->live == NULL;
  if (by_word) {
    push_args(f, n->items, 2);
    op(f, WASM_I32_EQ);
    return;
  }
  operand x = make_operand(f, n->items[0], hot_after(n->items, 1, 2));
  operand y = make_operand(f, n->items[1], false);
  if (n->op == OP_EQUAL)
    equality(f, n, x, y, m.temps);
  else
    arithmetic(f, n, x, y, m.temps);
  release(f, m);
}

static void unary_op(function *f, node *n) {
  mark m = mark_temps(f);
  operand x = make_operand(f, n->items[0], false);
  slow_path slow = enter_slow(f, n->note->live, m.temps);
  push_operand(f, x);
  call(f, op_functions[n->op]);
  leave_slow(f, slow);
  release(f, m);
}

/* Leaves the result of an operation: a word, or raw truth. */
static void operation(function *f, node *n) {
  if (raw_compare(f, n))
    return;
  if (is_raw(type_of(f, n))) {
    raw(f, n);
    box(f, type_of(f, n), n->note->live);
  } else if (n->op == OP_NIL_P) {
    value(f, n->items[0]);
    op(f, WASM_I32_EQZ);
  } else if (n->op == OP_NOT) {
    test(f, n->items[0]);
    op(f, WASM_I32_EQZ);
  } else if (n->count == 1) {
    unary_op(f, n);
  } else {
    binary_op(f, n);
  }
}

static bool is_truth(const node *n) {
  static const char results[] = {
#define X(name, core, argc, runtime, result) result,
      AST_OPS(X)
#undef X
  };
  return n->kind == NODE_OP && results[n->op] == 'b';
}

/* ---- Control ------------------------------------------------------------------------------------------------ */

typedef void (*leave_result)(function *, node *); /* value or test */

static void bind(function *f, node *n) {
  for (int i = 0; i < n->count; i++) {
    (n->locals[i]->type == VALUE_WORD ? value : raw)(f, n->items[i]);
    set_local(f, n->locals[i]);
  }
}

/* What `leave` leaves of n. */
static enum wasm_value_type left_by(const function *f, const node *n,
                                    leave_result leave) {
  return leave == raw ? block_type(type_of(f, n)) : WASM_I32;
}

/* The local that is below another integer when the test holds; NULL: none. */
static local *below_by(const function *f, const node *test) {
  if (test->kind != NODE_OP || (test->op != OP_LT && test->op != OP_GT) ||
      type_of(f, test->items[0]) != VALUE_LONG ||
      type_of(f, test->items[1]) != VALUE_LONG)
    return NULL;
  node *less = test->items[test->op == OP_GT];
  return less->kind == NODE_LOCAL ? less->local : NULL;
}

static void if_node(function *f, node *n, leave_result leave) {
  test(f, n->a);
  local *below = below_by(f, n->a);
  open(f, WASM_IF, left_by(f, n, leave));
  if (below)
    below->below = true;
  leave(f, n->b);
  if (below)
    below->below = false;
  op(f, WASM_ELSE);
  leave(f, n->c);
  close(f);
}

static void do_node(function *f, node *n, leave_result leave) {
  for (int i = 0; i < n->count - 1; i++) {
    value(f, n->items[i]);
    op(f, WASM_DROP);
  }
  leave(f, n->items[n->count - 1]);
}

static void let_node(function *f, node *n, leave_result leave) {
  bind(f, n);
  leave(f, n->a);
}

/* ---- Loops poll -----------------------------------------------------------------
 * Rounds are counted, and when they are used up the runtime is called from a loop
 * around the loop: a call within that would have registers saved for it. What is
 * left is in a wasm local, and between loops in the patch's data, so that many
 * short loops poll as well. */

static void read_rounds(function *f) {
  if (f->counted++)
    return;
  op_u(f, WASM_GLOBAL_GET, f->e->module.memory_base);
  wasm_load(f->code, f->e->rounds_offset);
  op_u(f, WASM_LOCAL_SET, f->count);
}

static void write_rounds(function *f) {
  if (--f->counted)
    return;
  op_u(f, WASM_GLOBAL_GET, f->e->module.memory_base);
  read(f, f->count);
  wasm_store(f->code, f->e->rounds_offset);
}

static void poll_when_used_up(function *f) {
  read(f, f->count);
  i32(f, 0);
  op(f, WASM_I32_LE_S);
  open(f, WASM_IF, WASM_VOID);
  call(f, RT_jank_poll);
  i32(f, JANK_POLL_LOOPS);
  op_u(f, WASM_LOCAL_SET, f->count);
  close(f);
}

/* Opens a loop: `*round` is for the next round, `*poll` for when they are used
 * up. */
static void open_rounds(function *f, enum wasm_value_type type, uint32_t *round,
                        uint32_t *poll) {
  read_rounds(f);
  *poll = open(f, WASM_LOOP, type);
  poll_when_used_up(f);
  *round = open(f, WASM_LOOP, type);
}

static void close_rounds(function *f) {
  close(f);
  close(f);
  write_rounds(f);
}

static void next_round(function *f, const node *loop) {
  uint32_t round = loop ? loop->note->round : f->round;
  uint32_t poll = loop ? loop->note->poll : f->poll;
  if (poll) {
    read(f, f->count);
    i32(f, 1);
    op(f, WASM_I32_SUB);
    op_u(f, WASM_LOCAL_TEE, f->count);
    branch(f, WASM_BR_IF, round);
    round = poll;
  }
  branch(f, WASM_BR, round);
}

/* A loop over integers up to an end: (loop [i 0] (if (< i end) ... (inc i))). It
 * is cut into strips that are counted before they run: its rounds are free. */
typedef struct {
  local *i;
  node *end;
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
           constant_long(f, x->items[1], &c) && c == 1;
  }
  for (int i = 0; i < n->count; i++)
    if ((n->items && !goes_by_one(f, n->items[i], loop, at)) ||
        (n->thens && !goes_by_one(f, n->thens[i], loop, at)))
      return false;
  const node *others[] = {n->a, n->b, n->c};
  for (int i = 0; i < 3; i++)
    if (others[i] && !goes_by_one(f, others[i], loop, at))
      return false;
  return true;
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
  s->i = below_by(f, test);
  if (!s->i || place_of(n, s->i) < 0)
    return false;
  s->end = test->items[test->op == OP_LT];
  int64_t c;
  bool fixed = s->end->kind == NODE_LOCAL ? place_of(n, s->end->local) < 0
                                          : constant_long(f, s->end, &c);
  return fixed && goes_by_one(f, n->a, n, place_of(n, s->i));
}

/* Leaves whether i is before the strips' end. */
static void is_before(function *f, const strips *s) {
  read(f, s->i->raw);
  raw(f, s->end);
  op(f, WASM_I64_LT_S);
}

/* Sets the local `last` to where the next strip ends, and counts its rounds. */
static void next_strip(function *f, const strips *s, uint32_t last) {
  is_before(f, s);
  open(f, WASM_IF, WASM_I64);
  raw(f, s->end);
  read(f, s->i->raw);
  op(f, WASM_I64_SUB);
  op_u(f, WASM_LOCAL_TEE, last);
  wasm_i64(f->code, JANK_POLL_LOOPS);
  op(f, WASM_I64_LT_U);
  open(f, WASM_IF, WASM_I64);
  read(f, last);
  op(f, WASM_ELSE);
  wasm_i64(f->code, JANK_POLL_LOOPS);
  close(f);
  op(f, WASM_ELSE);
  wasm_i64(f->code, 0);
  close(f);
  op_u(f, WASM_LOCAL_SET, last);
  read(f, f->count);
  read(f, last);
  op(f, WASM_I32_WRAP_I64);
  op(f, WASM_I32_SUB);
  op_u(f, WASM_LOCAL_SET, f->count);
  read(f, last);
  read(f, s->i->raw);
  op(f, WASM_I64_ADD);
  op_u(f, WASM_LOCAL_SET, last);
}

static void strips_loop(function *f, node *n, const strips *s,
                        leave_result leave) {
  enum wasm_value_type type = left_by(f, n, leave);
  uint32_t last = n->note->last;
  read_rounds(f);
  uint32_t strip = open(f, WASM_LOOP, type);
  next_strip(f, s, last);
  poll_when_used_up(f);
  n->note->poll = 0;
  n->note->round = open(f, WASM_LOOP, type);
  read(f, s->i->raw);
  read(f, last);
  op(f, WASM_I64_LT_S);
  open(f, WASM_IF, type);
  s->i->below = true;
  leave(f, n->a->b);
  s->i->below = false;
  op(f, WASM_ELSE);
  is_before(f, s);
  branch(f, WASM_BR_IF, strip);
  leave(f, n->a->c);
  close(f);
  close_rounds(f);
}

static void plain_loop(function *f, node *n, leave_result leave) {
  strips s;
  if (has_strips(f, n, &s)) {
    strips_loop(f, n, &s, leave);
    return;
  }
  open_rounds(f, left_by(f, n, leave), &n->note->round, &n->note->poll);
  leave(f, n->a);
  close_rounds(f);
}

/* The words that a loop compares its integers with are small integers as a
 * rule. It is emitted twice: once for that, with their numbers at hand and no
 * calls that registers would have to be saved around, and once for anything. */
static void loop_node(function *f, node *n, leave_result leave) {
  local *words[MAX_SHADOWS];
  bind(f, n);
  int count = types_invariants(f->e->p, n, words, MAX_SHADOWS);
  if (!count) {
    plain_loop(f, n, leave);
    return;
  }
  for (int i = 0; i < count; i++) {
    read(f, live_index(words[i]));
    if (i)
      op(f, WASM_I32_AND);
  }
  i32(f, 1);
  op(f, WASM_I32_AND);
  open(f, WASM_IF, left_by(f, n, leave));
  for (int i = 0; i < count; i++) {
    read(f, live_index(words[i]));
    i32(f, 1);
    op(f, WASM_I32_SHR_S);
    op(f, WASM_I64_EXTEND_I32_S);
    op_u(f, WASM_LOCAL_SET, f->shadows[i]);
    words[i]->raw = f->shadows[i];
    words[i]->shadowed = true;
  }
  plain_loop(f, n, leave);
  for (int i = 0; i < count; i++)
    words[i]->shadowed = false;
  op(f, WASM_ELSE);
  plain_loop(f, n, leave);
  close(f);
}

/* New values wait: words in temporaries, numbers in locals of their own. */
static void recur_unboxed(function *f, node *n) {
  mark m = mark_temps(f);
  uint32_t *held = arena_alloc(f->e->p->arena, (size_t)n->count * sizeof *held);
  for (int i = 0; i < n->count; i++) {
    local *l = n->locals[i];
    if (l->type == VALUE_WORD) {
      value(f, n->items[i]);
      held[i] = pop_to_temp(f, hot_after(n->items, i + 1, n->count));
    } else {
      raw(f, n->items[i]);
      op_u(f, WASM_LOCAL_SET, l->fresh);
    }
  }
  for (int i = 0; i < n->count; i++) {
    local *l = n->locals[i];
    read(f, l->type == VALUE_WORD ? held[i] : l->fresh);
    set_local(f, l);
  }
  release(f, m);
}

/* All new values are on the stack before the first local changes. */
static void recur(function *f, node *n) {
  bool unboxed = false;
  for (int i = 0; i < n->count; i++)
    unboxed |= n->locals[i]->type != VALUE_WORD;
  if (unboxed) {
    recur_unboxed(f, n);
  } else {
    push_args(f, n->items, n->count);
    for (int i = n->count; i-- > 0;)
      set_local(f, n->locals[i]);
  }
  next_round(f, n->loop);
}

static void letfn(function *f, node *n) {
  for (int i = 0; i < n->count; i++) {
    create_fn(f, n->items[i]->fn);
    set_local(f, n->locals[i]);
  }
  for (int i = 0; i < n->count; i++)
    fill_captures(f, live_index(n->locals[i]), n->items[i]->fn);
}

static void case_test(function *f, node *n, node *item, operand x,
                      uint32_t kept) {
  if (live_is_word(f->e->p, item)) {
    push_operand(f, x);
    value(f, item);
    op(f, WASM_I32_EQ);
    return;
  }
  slow_path slow = enter_slow(f, n->note->live, kept);
  value(f, item);
  push_operand(f, x);
  call(f, RT_jank_equal);
  leave_slow(f, slow);
}

static void case_node(function *f, node *n, leave_result leave) {
  mark m = mark_temps(f);
  operand x = make_operand(f, n->a, false);
  for (int i = 0; i < n->count; i++) {
    case_test(f, n, n->items[i], x, f->temps);
    open(f, WASM_IF, WASM_I32);
    leave(f, n->thens[i]);
    op(f, WASM_ELSE);
  }
  leave(f, n->b);
  for (int i = 0; i < n->count; i++)
    close(f);
  release(f, m);
}

static void try_node(function *f, node *n) {
  node nil = {.kind = NODE_WORD, .word = JANK_NIL};
  node *parts[] = {n->a, n->b ? n->b : &nil, n->c ? n->c : &nil};
  push_args(f, parts, 3);
  call(f, RT_jank_try);
}

/* ---- Definitions and collections --------------------------------------------------------------------------------- */

static void def(function *f, node *n) {
  constant(f, n->index);
  if (n->a) {
    value(f, n->a);
    call(f, RT_jank_var_bind_root);
  }
  if (n->meta >= 0) {
    constant(f, n->meta);
    call(f, RT_jank_var_reset_meta);
  }
}

static void set_var(function *f, node *n) {
  constant(f, n->index);
  value(f, n->a);
  call(f, RT_jank_var_set);
}

static void collection(function *f, node *n, enum runtime_function make,
                       int number) {
  mark m = mark_temps(f);
  push_array(f, n->items, n->count, number);
  call(f, make);
  release(f, m);
}

static void with_meta(function *f, node *n) {
  node *parts[] = {n->a, n->b};
  push_args(f, parts, 2);
  call(f, RT_jank_with_meta);
}

/* ---- Nodes --------------------------------------------------------------------------------------------------------- */

static void boxed_truth(function *f, node *n) {
  operation(f, n);
  i32(f, 2); /* 0 becomes false, 1 true */
  op(f, WASM_I32_SHL);
  word(f, JANK_FALSE);
  op(f, WASM_I32_OR);
}

/* Runs `leave` in the node's line. */
static void in_line(function *f, node *n, leave_result leave) {
  uint32_t outer = f->line;
  if (n->where.line > 0)
    f->line = (uint32_t)n->where.line;
  leave(f, n);
  f->line = outer;
}

static void leave_value(function *f, node *n) {
  switch (n->kind) {
  case NODE_WORD:
    word(f, n->word);
    return;
  case NODE_CONSTANT:
    constant(f, n->index);
    return;
  case NODE_LOCAL:
    if (n->local->type == VALUE_WORD) {
      read_local(f, n->local);
    } else {
      raw(f, n);
      box(f, n->local->type, n->note->live);
    }
    return;
  case NODE_VAR:
    constant(f, n->index);
    wasm_load(f->code, JANK_VAR_ROOT);
    return;
  case NODE_DEF:
    def(f, n);
    return;
  case NODE_SET:
    set_var(f, n);
    return;
  case NODE_IF:
    if_node(f, n, value);
    return;
  case NODE_DO:
    do_node(f, n, value);
    return;
  case NODE_LET:
    let_node(f, n, value);
    return;
  case NODE_LOOP:
    loop_node(f, n, value);
    return;
  case NODE_RECUR:
    recur(f, n);
    return;
  case NODE_LETFN:
    letfn(f, n);
    value(f, n->a);
    return;
  case NODE_FN:
    closure(f, n->fn);
    return;
  case NODE_INVOKE:
    invoke(f, n);
    return;
  case NODE_OP:
    if (is_truth(n))
      boxed_truth(f, n);
    else
      operation(f, n);
    return;
  case NODE_THROW:
    value(f, n->a);
    call(f, RT_jank_throw);
    op(f, WASM_UNREACHABLE);
    return;
  case NODE_TRY:
    try_node(f, n);
    return;
  case NODE_CASE:
    case_node(f, n, value);
    return;
  case NODE_VECTOR:
    collection(f, n, RT_jank_make_vector, n->count);
    return;
  case NODE_SET_LITERAL:
    collection(f, n, RT_jank_make_set, n->count);
    return;
  case NODE_MAP:
    collection(f, n, RT_jank_make_map, n->count / 2);
    return;
  case NODE_WITH_META:
    with_meta(f, n);
    return;
  }
}

/* Leaves the node's value. */
static void value(function *f, node *n) { in_line(f, n, leave_value); }

static void leave_test(function *f, node *n) {
  switch (n->kind) {
  case NODE_IF:
    if_node(f, n, test);
    return;
  case NODE_DO:
    do_node(f, n, test);
    return;
  case NODE_LET:
    let_node(f, n, test);
    return;
  case NODE_LOOP:
    loop_node(f, n, test);
    return;
  case NODE_CASE:
    case_node(f, n, test);
    return;
  case NODE_OP:
    if (is_truth(n)) {
      operation(f, n);
      return;
    }
    break;
  default:
    break;
  }
  value(f, n);
  i32(f, ~2);
  op(f, WASM_I32_AND);
}

/* Leaves zero when the node's value is nil or false, else something else. */
static void test(function *f, node *n) { in_line(f, n, leave_test); }

/* ---- Unboxed numbers ------------------------------------------------------------------------------------------------- */

/* The number on the stack becomes a word. */
static void box(function *f, value_type type, local_set live) {
  bool is_long = type == VALUE_LONG;
  uint32_t held = is_long ? f->wide : f->real;
  op_u(f, WASM_LOCAL_SET, held);
  if (is_long) { /* a small one needs no object */
    read(f, f->wide);
    wasm_i64(f->code, -JANK_FIXNUM_MIN);
    op(f, WASM_I64_ADD);
    wasm_i64(f->code, INT64_C(1) << 31);
    op(f, WASM_I64_LT_U);
    open(f, WASM_IF, WASM_I32);
    read(f, f->wide);
    op(f, WASM_I32_WRAP_I64);
    i32(f, 1);
    op(f, WASM_I32_SHL);
    i32(f, 1);
    op(f, WASM_I32_OR);
    op(f, WASM_ELSE);
  }
  slow_path slow = enter_slow(f, live, f->temps);
  read(f, held);
  call(f, is_long ? RT_jank_box_integer : RT_jank_box_double);
  leave_slow(f, slow);
  if (is_long)
    close(f);
}

/* Leaves the node's number as a double. */
static void raw_double(function *f, node *n) {
  raw(f, n);
  if (type_of(f, n) == VALUE_LONG)
    op(f, WASM_F64_CONVERT_I64_S);
}

/* Throws when the condition on the stack holds. */
static void throw_overflow(function *f) {
  open(f, WASM_IF, WASM_VOID);
  call(f, RT_jank_integer_overflow);
  op(f, WASM_UNREACHABLE);
  close(f);
}

static bool constant_long(const function *f, const node *n, int64_t *value) {
  if (type_of(f, n) != VALUE_LONG ||
      (n->kind != NODE_WORD && n->kind != NODE_CONSTANT))
    return false;
  *value = n->kind == NODE_WORD
               ? fixnum_value(n->word)
               : jank_unbox_integer(f->e->p->pool[n->index].value);
  return true;
}

/* x + c: it went over when it moved the wrong way. */
static void raw_add_constant(function *f, enum wasm_op o, int64_t c) {
  bool grows = (o == WASM_I64_ADD) == (c > 0);
  op_u(f, WASM_LOCAL_TEE, f->left);
  wasm_i64(f->code, c);
  op(f, o);
  op_u(f, WASM_LOCAL_TEE, f->wide);
  read(f, f->left);
  op(f, grows ? WASM_I64_LT_S : WASM_I64_GT_S);
  throw_overflow(f);
  read(f, f->wide);
}

static void pop_operands(function *f) {
  op_u(f, WASM_LOCAL_SET, f->right);
  op_u(f, WASM_LOCAL_SET, f->left);
}

static void xor_locals(function *f, uint32_t a, uint32_t b) {
  read(f, a);
  read(f, b);
  op(f, WASM_I64_XOR);
}

static void raw_add(function *f, enum wasm_op o) {
  pop_operands(f);
  read(f, f->left);
  read(f, f->right);
  op(f, o);
  op_u(f, WASM_LOCAL_SET, f->wide);
  xor_locals(f, f->left, f->wide);
  xor_locals(f, o == WASM_I64_ADD ? f->wide : f->left, f->right);
  op(f, WASM_I64_AND);
  wasm_i64(f->code, 0);
  op(f, WASM_I64_LT_S);
  throw_overflow(f);
  read(f, f->wide);
}

/* Factors of 32 bits cannot go over. */
static void raw_mul(function *f) {
  pop_operands(f);
  for (int i = 0; i < 2; i++) {
    uint32_t x = i ? f->right : f->left;
    read(f, x);
    read(f, x);
    op(f, WASM_I32_WRAP_I64);
    op(f, WASM_I64_EXTEND_I32_S);
    op(f, WASM_I64_EQ);
  }
  op(f, WASM_I32_AND);
  open(f, WASM_IF, WASM_I64);
  read(f, f->left);
  read(f, f->right);
  op(f, WASM_I64_MUL);
  op(f, WASM_ELSE);
  read(f, f->left);
  read(f, f->right);
  call(f, RT_jank_raw_mul);
  close(f);
}

static void raw_long_op(function *f, node *n) {
  int64_t c;
  bool sum = n->op == OP_ADD || n->op == OP_SUB;
  enum wasm_op o = n->op == OP_ADD ? WASM_I64_ADD : WASM_I64_SUB;
  raw(f, n->items[0]);
  if (sum && constant_long(f, n->items[1], &c) && c != 0) {
    if (n->op == OP_ADD && c == 1 && n->items[0]->kind == NODE_LOCAL &&
        n->items[0]->local->below) {
      wasm_i64(f->code, 1);
      op(f, WASM_I64_ADD);
      return;
    }
    raw_add_constant(f, o, c);
    return;
  }
  raw(f, n->items[1]);
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
    i32(f, n->op == OP_REM);
    call(f, RT_jank_raw_quot);
    return;
  case OP_BIT_AND:
    op(f, WASM_I64_AND);
    return;
  case OP_BIT_OR:
    op(f, WASM_I64_OR);
    return;
  case OP_BIT_XOR:
    op(f, WASM_I64_XOR);
    return;
  default: /* wasm takes the count modulo 64, as Java does */
    op(f, n->op == OP_SHIFT_LEFT ? WASM_I64_SHL : WASM_I64_SHR_S);
    return;
  }
}

static void raw_double_op(function *f, node *n) {
  raw_double(f, n->items[0]);
  raw_double(f, n->items[1]);
  op(f, n->op == OP_ADD   ? WASM_F64_ADD
        : n->op == OP_SUB ? WASM_F64_SUB
        : n->op == OP_MUL ? WASM_F64_MUL
                          : WASM_F64_DIV);
}

/* (long x): a small integer's word tells at once. */
static void unbox(function *f, node *n) {
  node *x = n->items[0];
  value_type from = type_of(f, x);
  if (from == VALUE_LONG || (from == VALUE_DOUBLE && n->op == OP_DOUBLE)) {
    (n->op == OP_DOUBLE ? raw_double : raw)(f, x);
    return;
  }
  mark m = mark_temps(f);
  operand w = make_operand(f, x, false);
  if (n->op == OP_LONG) {
    push_operand(f, w);
    i32(f, 1);
    op(f, WASM_I32_AND);
    open(f, WASM_IF, WASM_I64);
    push_operand(f, w);
    i32(f, 1);
    op(f, WASM_I32_SHR_S);
    op(f, WASM_I64_EXTEND_I32_S);
    op(f, WASM_ELSE);
  }
  slow_path slow = enter_slow(f, n->note->live, m.temps);
  push_operand(f, w);
  call(f, n->op == OP_LONG ? RT_jank_raw_long : RT_jank_raw_double);
  leave_slow(f, slow);
  if (n->op == OP_LONG)
    close(f);
  release(f, m);
}

static void leave_raw(function *f, node *n) {
  int64_t whole;
  if (type_of(f, n) == VALUE_NONE) { /* recur, throw: of any type */
    value(f, n);
    op(f, WASM_UNREACHABLE);
    return;
  }
  switch (n->kind) {
  case NODE_LOCAL:
    read(f, n->local->raw);
    return;
  case NODE_OP:
    if (n->op == OP_LONG || n->op == OP_DOUBLE)
      unbox(f, n);
    else if (type_of(f, n) == VALUE_LONG)
      raw_long_op(f, n);
    else
      raw_double_op(f, n);
    return;
  case NODE_IF:
    if_node(f, n, raw);
    return;
  case NODE_DO:
    do_node(f, n, raw);
    return;
  case NODE_LET:
    let_node(f, n, raw);
    return;
  case NODE_LOOP:
    loop_node(f, n, raw);
    return;
  case NODE_WORD:
  case NODE_CONSTANT:
    if (constant_long(f, n, &whole))
      wasm_i64(f->code, whole);
    else
      wasm_f64(f->code, jank_unbox_double(f->e->p->pool[n->index].value));
    return;
  default:
    value(f, n);
    return;
  }
}

/* Leaves the node's number; its type is LONG or DOUBLE, or it has no value. */
static void raw(function *f, node *n) { in_line(f, n, leave_raw); }

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
static void compare_with_word(function *f, node *n, int at) {
  mark m = mark_temps(f);
  bool hot = n->items[at]->note->calls == CALLS_HOT;
  operand w = make_operand(f, n->items[1 - at], hot);
  raw(f, n->items[at]);
  op_u(f, WASM_LOCAL_SET, f->left);
  push_operand(f, w);
  i32(f, 1);
  op(f, WASM_I32_AND);
  open(f, WASM_IF, WASM_I32);
  for (int i = 0; i < 2; i++)
    if (i == at) {
      read(f, f->left);
    } else {
      push_operand(f, w);
      i32(f, 1);
      op(f, WASM_I32_SHR_S);
      op(f, WASM_I64_EXTEND_I32_S);
    }
  op(f, compare_op(n->op, false));
  op(f, WASM_ELSE);
  slow_path slow = enter_slow(f, n->note->live, m.temps);
  read(f, f->left);
  push_operand(f, w);
  i32(f, at ? mirrored(n->op) : (int32_t)n->op - OP_LT);
  call(f, RT_jank_raw_compare);
  leave_slow(f, slow);
  close(f);
  release(f, m);
}

/* A comparison of which both sides, or one, are unboxed; false: no such. */
static bool raw_compare(function *f, node *n) {
  if (n->op < OP_LT || n->op > OP_EQUAL)
    return false;
  value_type a = type_of(f, n->items[0]), b = type_of(f, n->items[1]);
  if (is_raw(a) && is_raw(b) && (n->op != OP_EQUAL || a == b)) {
    bool doubles = a == VALUE_DOUBLE || b == VALUE_DOUBLE;
    for (int i = 0; i < 2; i++)
      (doubles ? raw_double : raw)(f, n->items[i]);
    op(f, compare_op(n->op, doubles));
    return true;
  }
  bool unboxed[2];
  for (int i = 0; i < 2; i++)
    unboxed[i] = type_of(f, n->items[i]) == VALUE_LONG &&
                 n->items[i]->kind != NODE_WORD &&
                 n->items[i]->kind != NODE_CONSTANT;
  if (n->op == OP_EQUAL || unboxed[0] == unboxed[1] ||
      type_of(f, n->items[unboxed[0] ? 1 : 0]) != VALUE_WORD)
    return false;
  compare_with_word(f, n, unboxed[0] ? 0 : 1);
  return true;
}

/* ---- The function --------------------------------------------------------------------------------------------------- */

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

static void body(function *f, node *n) {
  if (!f->m->recurs) {
    value(f, n);
    return;
  }
  open_rounds(f, WASM_I32, &f->round, &f->poll);
  value(f, n);
  close_rounds(f);
}

/* No word of the frame is left from others: it would keep garbage alive. */
static void clear_frame(function *f, uint32_t size) {
  uint32_t params = (uint32_t)(f->m->required + f->m->variadic), stored = 0;
  for (uint32_t i = 0; i <= params; i++)
    stored += live_has(f->spilled, i);
  for (uint32_t offset = stored / 2 * 8; offset < size; offset += 8) {
    read(f, f->fp);
    wasm_i64(f->code, 0);
    wasm_store_wide(f->code, offset);
  }
}

/* Makes the frame unless it would end below the limit, which rises with each
 * call: then the runtime says whether to go on. Addresses fit signed. */
static void prologue(function *f, uint32_t size) {
  op_u(f, WASM_GLOBAL_GET, f->e->stack_pointer);
  i32(f, (int32_t)size);
  op(f, WASM_I32_SUB);
  op_u(f, WASM_LOCAL_TEE, f->fp);
  op_u(f, WASM_GLOBAL_GET, f->e->module.memory_base);
  wasm_load(f->code, f->e->limit_offset);
  op_u(f, WASM_LOCAL_TEE, f->count);
  op(f, WASM_I32_LT_S);
  open(f, WASM_IF, WASM_VOID);
  read(f, f->fp);
  call(f, RT_jank_check_stack);
  op_u(f, WASM_LOCAL_SET, f->count);
  close(f);
  op_u(f, WASM_GLOBAL_GET, f->e->module.memory_base);
  read(f, f->count);
  i32(f, JANK_CALL_COST);
  op(f, WASM_I32_ADD);
  wasm_store(f->code, f->e->limit_offset);
  read(f, f->fp);
  op_u(f, WASM_GLOBAL_SET, f->e->stack_pointer);
  clear_frame(f, size);
  for (uint32_t i = 0; i <= (uint32_t)(f->m->required + f->m->variadic); i++)
    if (live_has(f->spilled, i))
      store_word(f, i, *home_of(f, i) - 1);
}

static bool is_hot(const node *n) {
  return !live_is_direct(n) && n->note->calls == CALLS_HOT;
}

/* As before the frame is made: what a slow path needs saved is saved there. */
static void frameless(function *f, node *n, leave_result leave) {
  local_set spilled = f->spilled;
  f->hot = false;
  f->spilled = NULL;
  leave(f, n);
  f->spilled = spilled;
  f->hot = true;
}

/* The frame is made where the first hot call comes after: not in a branch that
 * has none. Its size is known later: here is noted where it belongs. */
static void framed(function *f, node *n) {
  bool late = n->kind == NODE_IF && !f->m->recurs && !is_hot(n->a) &&
              is_hot(n->b) != is_hot(n->c);
  if (!late) {
    f->framed = f->code->bytes.size;
    body(f, n);
    f->released = f->code->bytes.size;
    return;
  }
  frameless(f, n->a, test);
  open(f, WASM_IF, WASM_I32);
  is_hot(n->b) ? framed(f, n->b) : frameless(f, n->b, value);
  op(f, WASM_ELSE);
  is_hot(n->c) ? framed(f, n->c) : frameless(f, n->c, value);
  close(f);
}

/* Frame words of the locals that are always in memory. */
static void place_locals(function *f) {
  for (uint32_t i = 0; i <= (uint32_t)f->m->slots; i++)
    if (live_has(f->spilled, i))
      *home_of(f, i) = 1 + take_words(f, 1);
}

/* Unboxed locals: two wasm locals each, the i64 ones first. */
static void count_numbers(function *f, const node *n, value_type type,
                          uint32_t *next) {
  if (n->kind == NODE_LET || n->kind == NODE_LOOP)
    for (int i = 0; i < n->count; i++)
      if (n->locals[i]->type == type) {
        if (n->kind == NODE_LOOP && type == VALUE_LONG && !n->note->last)
          n->note->last = (*next)++;
        n->locals[i]->raw = (*next)++;
        n->locals[i]->fresh = n->kind == NODE_LOOP ? (*next)++ : 0;
      }
  for (int i = 0; i < n->count; i++) {
    if (n->items)
      count_numbers(f, n->items[i], type, next);
    if (n->thens)
      count_numbers(f, n->thens[i], type, next);
  }
  const node *others[] = {n->a, n->b, n->c};
  for (int i = 0; i < 3; i++)
    if (others[i])
      count_numbers(f, others[i], type, next);
}

/* Which scratch locals the code of the node may use. */
typedef struct {
  bool longs, loops, doubles;
} scratch_needs;

static void count_scratch(const function *f, const node *n,
                          scratch_needs *needs) {
  bool binds = n->kind == NODE_LET || n->kind == NODE_LOOP;
  for (int i = 0; binds && i < n->count; i++) {
    needs->longs |= n->locals[i]->type == VALUE_LONG;
    needs->doubles |= n->locals[i]->type == VALUE_DOUBLE;
  }
  needs->longs |= n->kind == NODE_OP;
  needs->doubles |= n->kind == NODE_OP && type_of(f, n) == VALUE_DOUBLE;
  needs->loops |= n->kind == NODE_LOOP;
  for (int i = 0; i < n->count; i++) {
    if (n->items)
      count_scratch(f, n->items[i], needs);
    if (n->thens)
      count_scratch(f, n->thens[i], needs);
  }
  const node *others[] = {n->a, n->b, n->c};
  for (int i = 0; i < 3; i++)
    if (others[i])
      count_scratch(f, others[i], needs);
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

void emit_method(emitter *e, method *m, wasm_code *out) {
  function f = {.e = e, .m = m, .code = &e->scratch};
  wasm_code_clear(&e->scratch);
  types_infer(e->p, m);
  f.spilled = live_analyze(e->p, m);
  f.hot = m->body->note->calls == CALLS_HOT;
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
    move_stack(&f, WASM_I32_ADD, frame_size(&f));
  wasm_append(out, &e->scratch, f.released, e->scratch.bytes.size);
  op(&f, WASM_END);
}
