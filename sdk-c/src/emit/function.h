/* function.h - the function that is being emitted, and the pieces that its code
 * is made of. Functions that push or pop mean wasm's value stack. */
#ifndef JANK_EMIT_FUNCTION_H
#define JANK_EMIT_FUNCTION_H

#include "analyze/ast.h"
#include "emit/imports.h"
#include "emit/notes.h"
#include "emit/wasm.h"
#include "value/word.h"

#define MAX_SHADOWS 4

typedef struct function function;

typedef void (*leave_result)(function *, const node *);

/* The three ways to emit a node; nodes.c has them. */
typedef struct {
  leave_result value; /* leaves the node's value */
  leave_result test;  /* zero when it is nil or false, else something else */
  leave_result raw; /* its number: the type is LONG or DOUBLE, or it has none */
} node_emitters;

/* A function that is being emitted. */
struct function {
  emitter *e;
  const node_emitters *nodes;
  const method *m;
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
  uint32_t *home; /* of a local or temporary: 1 + frame word; 0: it has none */
  uint32_t home_capacity;
};

typedef struct { /* temporaries and frame words that are taken */
  uint32_t temps, words;
} mark;

typedef struct {
  uint32_t bytes; /* of a frame that was made for the slow path; 0: none */
} slow_path;

/* As f->nodes does. Who passes one on as a leave_result compares it, too. */
void function_value(function *f, const node *n);
void function_test(function *f, const node *n);
void function_raw(function *f, const node *n);

static inline node_note *function_note(const function *f, const node *n) {
  return notes_node(&f->e->notes, n);
}
static inline local_note *function_local(const function *f, const local *l) {
  return notes_local(&f->e->notes, l);
}
value_type function_type_of(const function *f, const node *n);
bool function_is_raw(value_type t);
/* The block type of a value of that type. */
enum wasm_value_type function_block_type(value_type t);
void function_op(function *f, enum wasm_op o);
void function_op_u(function *f, enum wasm_op o, uint32_t x);
void function_i32(function *f, int32_t n);
void function_read(function *f, uint32_t index);
void function_word(function *f, jank_object *w);
void function_call(function *f, enum runtime_function r);
void function_call_function(function *f, int index);
void function_call_indirect(function *f, uint32_t type);
/* Opens a block; the result is its label. */
uint32_t function_open(function *f, enum wasm_op o, enum wasm_value_type type);
void function_close(function *f);
/* To the label: a block's end, a loop's head. */
void function_branch(function *f, enum wasm_op o, uint32_t label);
/* The constant pool[index]. */
void function_constant(function *f, int index);
/* Words of the frame, until the mark is released: the first one's number. Throws
 * CompilerException when the frame is too large. */
uint32_t function_take_words(function *f, uint32_t n);
void function_store_word(function *f, uint32_t index, uint32_t frame_word);
/* Where its home is kept; valid until the next call. */
uint32_t *function_home_of(function *f, uint32_t index);
/* Pops into the local, and into its home when it is always in memory. */
void function_set_local(function *f, const local *l);
mark function_mark_temps(const function *f);
void function_release(function *f, mark m);
uint32_t function_new_temp(function *f);
/* `store`: also into the frame, for a hot call comes while it waits. */
uint32_t function_pop_to_temp(function *f, bool store);
void function_move_stack(function *f, enum wasm_op o, uint32_t bytes);
/* Around a cold call: stores what lives across it, `live` and the first `kept`
 * temporaries. What the call itself takes is the callee's to keep. */
slow_path function_enter_slow(function *f, local_set live, uint32_t kept);
void function_leave_slow(function *f, slow_path slow);
void function_read_local(function *f, const local *l);
void function_fill_captures(function *f, uint32_t closure, const fn_node *fn);
void function_create_fn(function *f, const fn_node *fn);
void function_closure(function *f, const fn_node *fn);
/* Values into the locals of a let or loop. */
void function_bind(function *f, const node *n);
/* Is it an integer that is known? */
bool function_constant_long(const function *f, const node *n, int64_t *value);

#endif
