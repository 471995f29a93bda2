/* jank_aot.h - what the C that the compiler emits is written in: calls through
 * vars, small integers, truth. For generated code only.
 *
 * The structs are the heads of the runtime's own objects (static assertions in
 * value/call.h and runtime/var.h), so that a call costs two loads, as in emitted
 * WebAssembly.
 */
#ifndef JANK_AOT_H
#define JANK_AOT_H

#include "jank_patch.h"

struct jank_aot_header {
  uint8_t type, flags;
  uint16_t aux;
  uint32_t hash;
};
struct jank_aot_code {
  struct jank_aot_header header;
  jank_object *patch;
  void *name;
  int32_t required;
  void *variadic;
  void *entries[JANK_MAX_ARITY + 1];
};
struct jank_aot_fn {
  struct jank_aot_header header;
  struct jank_aot_code *code;
  jank_object *meta;
  jank_object *captures[];
};
struct jank_aot_var {
  struct jank_aot_header header;
  jank_object *root;
  jank_object *callee;
};

#define JANK_O jank_object *
/* The collector finds values on the linear stack. In a patch that a C compiler
 * builds, each local is made to live there; what is linked into the main module
 * (JANK_LINKED) is spilled by its build, and a native stack has all. */
#if defined(__wasm__) && !defined(JANK_LINKED)
#define JANK_KEEP(x) __asm__ volatile("" : : "r"(&(x)) : "memory")
#else
#define JANK_KEEP(x) (void)(x)
#endif
#define JANK_LOCAL(x)                                                          \
  jank_object *x = 0;                                                          \
  JANK_KEEP(x)
#define JANK_WORD(bits) ((JANK_O)(uintptr_t)(bits))
#define JANK_INT(n) ((JANK_O)((intptr_t)(n) * 2 + 1))
#define JANK_BOOL(c) ((c) ? JANK_WORD(6) : JANK_WORD(2))
#define JANK_TRUTHY(o) (((uintptr_t)(o) & ~(uintptr_t)2) != 0)
#define JANK_ROOT(var) (((struct jank_aot_var *)(var))->root)
#define JANK_CALLEE(var) (((struct jank_aot_var *)(var))->callee)
#define JANK_CAPTURE(fn, i) (((struct jank_aot_fn *)(fn))->captures[i])
#define JANK_ENTRY(fn, argc) (((struct jank_aot_fn *)(fn))->code->entries[argc])

/* Ends a recursion that is too deep. In WebAssembly the frame is what the
 * function spills; natively it is the machine's own. */
#ifdef __EMSCRIPTEN__
static inline uintptr_t jank_stack_pointer(void) {
  uintptr_t pointer;
  __asm__(".globaltype __stack_pointer, i32\n"
          "global.get __stack_pointer\n"
          "local.set %0"
          : "=r"(pointer));
  return pointer;
}
#define JANK_STACK_POINTER() jank_stack_pointer()
#else
#define JANK_STACK_POINTER() ((uintptr_t)__builtin_frame_address(0))
#endif
#define JANK_CHECK_STACK(limit)                                                \
  do {                                                                         \
    if (JANK_STACK_POINTER() < (limit))                                        \
      (limit) = jank_check_stack(JANK_STACK_POINTER());                        \
    (limit) += JANK_CALL_COST;                                                 \
  } while (0)
/* At each round of a loop; `rounds` counts those of the unit. */
#define JANK_POLL(rounds)                                                      \
  do {                                                                         \
    if ((++(rounds) & (JANK_POLL_LOOPS - 1)) == 0)                             \
      jank_poll();                                                             \
  } while (0)

#define JANK_BOTH_INT(a, b) ((uintptr_t)(a) & (uintptr_t)(b) & 1)
#define JANK_IN_RANGE(n) ((n) >= -(INT64_C(1) << 30) && (n) < INT64_C(1) << 30)

static inline JANK_O jank_aot_add(JANK_O a, JANK_O b) {
  int64_t n = ((int64_t)(intptr_t)a >> 1) + ((int64_t)(intptr_t)b >> 1);
  return JANK_BOTH_INT(a, b) && JANK_IN_RANGE(n) ? JANK_INT(n) : jank_add(a, b);
}
static inline JANK_O jank_aot_sub(JANK_O a, JANK_O b) {
  int64_t n = ((int64_t)(intptr_t)a >> 1) - ((int64_t)(intptr_t)b >> 1);
  return JANK_BOTH_INT(a, b) && JANK_IN_RANGE(n) ? JANK_INT(n) : jank_sub(a, b);
}
static inline JANK_O jank_aot_mul(JANK_O a, JANK_O b) {
  if (JANK_BOTH_INT(a, b)) {
    int64_t n = ((int64_t)(intptr_t)a >> 1) * ((int64_t)(intptr_t)b >> 1);
    if (JANK_IN_RANGE(n))
      return JANK_INT(n);
  }
  return jank_mul(a, b);
}
#define JANK_COMPARISON(name, operator)                                        \
  static inline int jank_aot_##name(JANK_O a, JANK_O b) {                      \
    return JANK_BOTH_INT(a, b) ? (intptr_t)a operator(intptr_t) b              \
                               : jank_##name(a, b);                            \
  }
JANK_COMPARISON(lt, <)
JANK_COMPARISON(lte, <=)
JANK_COMPARISON(gt, >)
JANK_COMPARISON(gte, >=)
JANK_COMPARISON(num_equal, ==)
static inline int jank_aot_equal(JANK_O a, JANK_O b) {
  return a == b || (!JANK_BOTH_INT(a, b) && jank_equal(a, b));
}
#define jank_aot_exception_is jank_exception_is
#define jank_aot_field jank_field
#define jank_aot_long jank_long
#define jank_aot_double jank_double
#define jank_aot_divide jank_divide
#define jank_aot_quot jank_quot
#define jank_aot_rem jank_rem
#define jank_aot_bit_and jank_bit_and
#define jank_aot_bit_or jank_bit_or
#define jank_aot_bit_xor jank_bit_xor
#define jank_aot_shift_left jank_shift_left
#define jank_aot_shift_right jank_shift_right

/* Functions of n arguments, besides self. */
typedef JANK_O (*jank_fn0)(JANK_O);
typedef JANK_O (*jank_fn1)(JANK_O, JANK_O);
typedef JANK_O (*jank_fn2)(JANK_O, JANK_O, JANK_O);
typedef JANK_O (*jank_fn3)(JANK_O, JANK_O, JANK_O, JANK_O);
typedef JANK_O (*jank_fn4)(JANK_O, JANK_O, JANK_O, JANK_O, JANK_O);
typedef JANK_O (*jank_fn5)(JANK_O, JANK_O, JANK_O, JANK_O, JANK_O, JANK_O);
#define JANK_O5 JANK_O, JANK_O, JANK_O, JANK_O, JANK_O
typedef JANK_O (*jank_fn6)(JANK_O5, JANK_O, JANK_O);
typedef JANK_O (*jank_fn7)(JANK_O5, JANK_O, JANK_O, JANK_O);
typedef JANK_O (*jank_fn8)(JANK_O5, JANK_O, JANK_O, JANK_O, JANK_O);
typedef JANK_O (*jank_fn9)(JANK_O5, JANK_O5);
typedef JANK_O (*jank_fn10)(JANK_O5, JANK_O5, JANK_O);
typedef JANK_O (*jank_fn11)(JANK_O5, JANK_O5, JANK_O, JANK_O);
typedef JANK_O (*jank_fn12)(JANK_O5, JANK_O5, JANK_O, JANK_O, JANK_O);
typedef JANK_O (*jank_fn13)(JANK_O5, JANK_O5, JANK_O, JANK_O, JANK_O, JANK_O);
typedef JANK_O (*jank_fn14)(JANK_O5, JANK_O5, JANK_O5);
typedef JANK_O (*jank_fn15)(JANK_O5, JANK_O5, JANK_O5, JANK_O);
typedef JANK_O (*jank_fn16)(JANK_O5, JANK_O5, JANK_O5, JANK_O, JANK_O);
typedef JANK_O (*jank_fn17)(JANK_O5, JANK_O5, JANK_O5, JANK_O, JANK_O, JANK_O);
typedef JANK_O (*jank_fn18)(JANK_O5, JANK_O5, JANK_O5, JANK_O, JANK_O, JANK_O,
                            JANK_O);
typedef JANK_O (*jank_fn19)(JANK_O5, JANK_O5, JANK_O5, JANK_O5);
typedef JANK_O (*jank_fn20)(JANK_O5, JANK_O5, JANK_O5, JANK_O5, JANK_O);

/* Calls of var number n of a unit, as functions: a call is small where it need
 * not be fast. They look at the stack in place of their callers. */
#define JANK_COLD_CALL(unit, argc, params, ...)                                \
  static __attribute__((noinline, unused)) JANK_O unit##_call##argc params {   \
    JANK_CHECK_STACK(unit##_limit);                                            \
    JANK_O f = JANK_CALLEE(unit##_words[n]);                                   \
    return ((jank_fn##argc)JANK_ENTRY(f, argc))(__VA_ARGS__);                  \
  }
#define JANK_COLD_CALLS(unit)                                                  \
  JANK_COLD_CALL(unit, 0, (int n), f)                                          \
  JANK_COLD_CALL(unit, 1, (int n, JANK_O a), f, a)                             \
  JANK_COLD_CALL(unit, 2, (int n, JANK_O a, JANK_O b), f, a, b)                \
  JANK_COLD_CALL(unit, 3, (int n, JANK_O a, JANK_O b, JANK_O c), f, a, b, c)   \
  JANK_COLD_CALL(unit, 4, (int n, JANK_O a, JANK_O b, JANK_O c, JANK_O d), f,  \
                 a, b, c, d)                                                   \
  JANK_COLD_CALL(unit, 5,                                                      \
                 (int n, JANK_O a, JANK_O b, JANK_O c, JANK_O d, JANK_O e), f, \
                 a, b, c, d, e)                                                \
  JANK_COLD_CALL(                                                              \
      unit, 6,                                                                 \
      (int n, JANK_O a, JANK_O b, JANK_O c, JANK_O d, JANK_O e, JANK_O g), f,  \
      a, b, c, d, e, g)                                                        \
  JANK_COLD_CALL(unit, 7,                                                      \
                 (int n, JANK_O a, JANK_O b, JANK_O c, JANK_O d, JANK_O e,     \
                  JANK_O g, JANK_O h),                                         \
                 f, a, b, c, d, e, g, h)                                       \
  JANK_COLD_CALL(unit, 8,                                                      \
                 (int n, JANK_O a, JANK_O b, JANK_O c, JANK_O d, JANK_O e,     \
                  JANK_O g, JANK_O h, JANK_O i),                               \
                 f, a, b, c, d, e, g, h, i)

#endif
