/* jank_patch.h - the patch ABI: the one contract of emitters and loader.
 *
 * A patch is a WebAssembly dynamic library (tool-conventions DynamicLinking.md)
 * that exports one entry, `jank_patch_symbols_<ID>`. The entry resolves the
 * patch's constants, and returns a table of what it defines. It changes no var:
 * the loader checks the whole table, then binds all of it, then calls the
 * record whose signature is "init".
 *
 * Calling convention. A compiled function is a C function that takes the
 * function object first (for its captures), then one word per argument, and
 * returns one word. A variadic one takes its required arguments, then the rest
 * as a seq or nil. A callee keeps what it needs across a call where the
 * collector finds it: on the linear-memory stack.
 */
#ifndef JANK_PATCH_H
#define JANK_PATCH_H

#include "jank.h"
#include "jank_hot.h"

#define JANK_PATCH_ABI 3
#define JANK_PATCH_ENTRY_PREFIX "jank_patch_symbols_"
#define JANK_PATCH_SECTION "jank.patch"
/* The lines of the code, for stacks: (offset:uleb line:sleb)*, each as the
 * difference to the one before. What begins at that offset in the module was
 * written in that line. */
#define JANK_PATCH_LINES "jank.lines"
/* Of a patch that was compiled from C: see load/native.c. */
#define JANK_PATCH_NATIVE "jank.native"
#define JANK_PATCH_MAX_SIZE (4u << 20)
/* Arguments that are passed one by one; more go through jank_call_n. */
#define JANK_MAX_ARITY 20
/* With so many, C of a unit has functions for its cold calls: jank_aot.h. */
#define JANK_COLD_ARITY 8

struct patch_symbol {
  const char *qualified_name; /* "eita/ggg"; for "init" the namespace */
  /* "1": one argument; "2&": two and more; "meta": the var's metadata; "init":
   * what runs after all is bound, at most one and the last. */
  const char *signature;
  void *fn; /* jank_object *(*)(jank_object *self, ...); init: (self); meta: the
               number of a constant */
};
typedef struct patch_symbol *(*patch_entry_fn)(int *count);

/* What an emitted side module has at __memory_base: the table in its data, as
 * offsets from here. Its entry is jank_patch_open(__memory_base, __table_base,
 * count); the loader calls that itself, and so needs no code of the patch to
 * bind it. */
struct jank_patch_header {
  uint32_t pool, pool_size;
  uint32_t words; /* room for the decoded constants */
  uint32_t limit; /* room for the stack limit */
  uint32_t records, record_count;
};
struct jank_patch_record { /* a patch_symbol; value: function or constant */
  uint32_t name, signature, value;
};
/* Fills in the constants and the stack limit; the table that it gives is the
 * loader's. Throws when no patch is being loaded, or the header or pool is bad. */
JANK_API struct patch_symbol *jank_patch_open(struct jank_patch_header *header,
                                              uintptr_t table_base, int *count);

/* The constant pool, decoded once per load into words of the patch's own data:
 *   pool    := count:uleb constant*  [count:uleb definition*]
 *   string  := 2 * length + 1:uleb, UTF-8 bytes: where it is used first
 *            | 2 * number:uleb: the number-th string of the pool, from 1
 *            | 0: the empty string; as a namespace, none
 *   arities := count:uleb (2 * required + variadic:uleb function:sleb)*
 *              A function is told by how far its number is from that of the
 *              function before it in the pool; the first one, from 0.
 *   definition := var:sleb arities meta:sleb
 *              The number of a VAR among the constants, by how far it is from
 *              that of the definition before; and how far its metadata is from
 *              it, 0: none. In pools of C only: a side module has records.
 *   place   := file:string line:sleb column:uleb; lines as functions are told
 *   X(tag, byte)                         payload                              */
#define JANK_POOL_TAGS(X)                                                      \
  X(NIL, 0)                                                                    \
  X(TRUE, 1)                                                                   \
  X(FALSE, 2)                                                                  \
  X(INTEGER, 3)   /* sleb64 */                                                 \
  X(DOUBLE, 4)    /* 8 bytes, little-endian IEEE 754 */                        \
  X(CHARACTER, 5) /* uleb */                                                   \
  X(STRING, 6)                                                                 \
  X(KEYWORD, 7)    /* ns name */                                               \
  X(SYMBOL, 8)     /* ns name */                                               \
  X(VAR, 9)        /* ns name: interned when it is missing */                  \
  X(LIST, 10)      /* count constant* */                                       \
  X(VECTOR, 11)    /* count constant* */                                       \
  X(MAP, 12)       /* pairs (key value)* */                                    \
  X(SET, 13)       /* count constant* */                                       \
  X(WITH_META, 14) /* value meta */                                            \
  X(CODE, 15)      /* ns name suffix arities: of ns/name--suffix */            \
  X(FN, 16)        /* as CODE: a function without captures */                  \
  X(REGEX, 17)                                                                 \
  X(BIGNUM, 18)   /* literal text, with its suffix: "12N", "1.5M", "1/2" */    \
  X(CLASS, 19)    /* name of a class of the host: "java.lang.String" */        \
  X(INSTANCE, 20) /* of one: name, count, constant* : its fields */            \
  X(PLACED, 21)   /* kinds:u8, what those say, place: metadata of a var */

/* Entries of PLACED that come before :file, :line, :column, :name and :ns, in
 * their order. */
enum jank_placed {
  JANK_PLACED_ARGLISTS =
      1,                   /* count (count (string, of a symbol | 0 constant)*)*
                             */
  JANK_PLACED_MACRO = 2,   /* true */
  JANK_PLACED_PRIVATE = 4, /* true */
  JANK_PLACED_DOC = 8,     /* string */
  JANK_PLACED_MAP = 16,    /* other ones: pairs (key value)* */
  JANK_PLACED_NAMED = 32   /* name ns after the place; else those of the VAR
                               that was last in the pool */
};

enum jank_pool_tag {
#define X(tag, byte) JANK_POOL_##tag = byte,
  JANK_POOL_TAGS(X)
#undef X
};

/* What the entry of emitted C calls: decodes `pool` into words[0 .. count - 1],
 * registers them as roots for as long as the patch lives, and has the loader
 * bind the definitions. Function number i is functions[i]. */
JANK_API void jank_patch_link(const uint8_t *pool, size_t size,
                              jank_object **words, void *const *functions,
                              uint32_t function_count);

/* ---- Runtime functions that emitted code calls --------------------------- */

/* X(name, wasm parameters, wasm result): i = i32 or a word, d = f64, l = i64,
 * v = none. The emitter makes its imports from this table. */
#define JANK_RUNTIME_FUNCTIONS(X)                                              \
  X(jank_patch_open, "iii", 'i')                                               \
  X(jank_call0, "i", 'i')                                                      \
  X(jank_call1, "ii", 'i')                                                     \
  X(jank_call2, "iii", 'i')                                                    \
  X(jank_call3, "iiii", 'i')                                                   \
  X(jank_call4, "iiiii", 'i')                                                  \
  X(jank_call_n, "iii", 'i')                                                   \
  X(jank_fn_create, "ii", 'i')                                                 \
  X(jank_box_integer, "l", 'i')                                                \
  X(jank_box_double, "d", 'i')                                                 \
  X(jank_make_list, "ii", 'i')                                                 \
  X(jank_make_vector, "ii", 'i')                                               \
  X(jank_make_map, "ii", 'i')                                                  \
  X(jank_make_set, "ii", 'i')                                                  \
  X(jank_var_bind_root, "ii", 'i')                                             \
  X(jank_var_set, "ii", 'i')                                                   \
  X(jank_var_reset_meta, "ii", 'i')                                            \
  X(jank_with_meta, "ii", 'i')                                                 \
  X(jank_throw, "i", 'v')                                                      \
  X(jank_try, "iii", 'i')                                                      \
  X(jank_exception_is, "ii", 'i')                                              \
  X(jank_field, "ii", 'i')                                                     \
  X(jank_stack_overflow, "", 'v')                                              \
  X(jank_check_stack, "i", 'i')                                                \
  X(jank_poll, "", 'v')                                                        \
  X(jank_long, "i", 'i')                                                       \
  X(jank_double, "i", 'i')                                                     \
  X(jank_divide, "ii", 'i')                                                    \
  X(jank_quot, "ii", 'i')                                                      \
  X(jank_rem, "ii", 'i')                                                       \
  X(jank_bit_and, "ii", 'i')                                                   \
  X(jank_bit_or, "ii", 'i')                                                    \
  X(jank_bit_xor, "ii", 'i')                                                   \
  X(jank_shift_left, "ii", 'i')                                                \
  X(jank_shift_right, "ii", 'i')                                               \
  X(jank_raw_long, "i", 'l')                                                   \
  X(jank_raw_double, "i", 'd')                                                 \
  X(jank_raw_mul, "ll", 'l')                                                   \
  X(jank_raw_compare, "lii", 'i')                                              \
  X(jank_raw_quot, "lli", 'l')                                                 \
  X(jank_integer_overflow, "", 'v')                                            \
  X(jank_add, "ii", 'i')                                                       \
  X(jank_sub, "ii", 'i')                                                       \
  X(jank_mul, "ii", 'i')                                                       \
  X(jank_lt, "ii", 'i')                                                        \
  X(jank_lte, "ii", 'i')                                                       \
  X(jank_gt, "ii", 'i')                                                        \
  X(jank_gte, "ii", 'i')                                                       \
  X(jank_num_equal, "ii", 'i')                                                 \
  X(jank_equal, "ii", 'i')

/* A function object for `code` (a CODE constant) with room for `captures`
 * words, all nil; the emitter fills them in. */
JANK_API jank_object *jank_fn_create(jank_object *code, uint32_t captures);
/* `set!` of a dynamic var; throws when it has no thread binding. */
JANK_API jank_object *jank_var_set(jank_object *var, jank_object *value);
/* In place of what it had: a map or nil, which also says whether the var is dynamic,
 * private, a macro ... The result is `var`. */
JANK_API jank_object *jank_var_reset_meta(jank_object *var, jank_object *meta);
/* A copy of `value` with that metadata, a map or nil; ClassCastException when it
 * cannot have any. */
JANK_API jank_object *jank_with_meta(jank_object *value, jank_object *meta);
/* Raw C truth (0 or 1): does `exception` match the symbol of a catch clause? */
JANK_API int jank_exception_is(jank_object *exception, jank_object *symbol);
/* A field of an instance, by number (a small integer); throws for any other
 * value. */
JANK_API jank_object *jank_field(jank_object *o, jank_object *number);
JANK_API _Noreturn void jank_stack_overflow(void); /* StackOverflowError */
/* The lowest stack pointer at which a compiled function may still start. */
JANK_API uintptr_t jank_stack_limit(void);
/* Compiled code compares its stack pointer with a limit of its own, which it
 * raises by JANK_CALL_COST at each call: so it comes here when the stack ends,
 * and now and then. Throws StackOverflowError; polls; the result is the limit to
 * go on with. */
JANK_API uintptr_t jank_check_stack(uintptr_t stack_pointer);
#define JANK_CALL_COST 16
/* Asks the host whether to go on, and throws InterruptedException when not:
 * value/poll.c. Loops call it once in JANK_POLL_LOOPS rounds. */
JANK_API void jank_poll(void);
#define JANK_POLL_LOOPS 4096 /* a power of two */
/* (long x) and (double x): boxed, and raw. */
JANK_API jank_object *jank_long(jank_object *x);
JANK_API jank_object *jank_double(jank_object *x);
JANK_API int64_t jank_raw_long(jank_object *x);
JANK_API double jank_raw_double(jank_object *x);
/* Checked: they throw ArithmeticException. quot; with `remainder` rem. */
JANK_API int64_t jank_raw_mul(int64_t a, int64_t b);
JANK_API int64_t jank_raw_quot(int64_t a, int64_t b, int remainder);
/* x < y (operation 0), <=, >, >=, == (4), as jank_lt and the like. */
JANK_API int jank_raw_compare(int64_t x, jank_object *y, int operation);
/* ArithmeticException. */
JANK_API _Noreturn void jank_integer_overflow(void);
/* Of any numbers, as clojure.core's functions of these names: ClassCastException for
 * what is none, ArithmeticException when an integer goes over or is divided by 0.
 * Bits are those of integers. */
JANK_API jank_object *jank_divide(jank_object *a, jank_object *b);
JANK_API jank_object *jank_quot(jank_object *a, jank_object *b);
JANK_API jank_object *jank_rem(jank_object *a, jank_object *b);
JANK_API jank_object *jank_bit_and(jank_object *a, jank_object *b);
JANK_API jank_object *jank_bit_or(jank_object *a, jank_object *b);
JANK_API jank_object *jank_bit_xor(jank_object *a, jank_object *b);
JANK_API jank_object *jank_shift_left(jank_object *x, jank_object *n);
JANK_API jank_object *jank_shift_right(jank_object *x, jank_object *n);
JANK_API jank_object *jank_add(jank_object *a, jank_object *b);
JANK_API jank_object *jank_sub(jank_object *a, jank_object *b);
JANK_API jank_object *jank_mul(jank_object *a, jank_object *b);
/* Raw C truth (0 or 1). */
JANK_API int jank_lt(jank_object *a, jank_object *b);
JANK_API int jank_lte(jank_object *a, jank_object *b);
JANK_API int jank_gt(jank_object *a, jank_object *b);
JANK_API int jank_gte(jank_object *a, jank_object *b);
JANK_API int jank_num_equal(jank_object *a, jank_object *b);
JANK_API int jank_equal(jank_object *a, jank_object *b);

/* ---- Object layout that emitted wasm code relies on (wasm32, bytes) ------ */

/* Checked by static assertions in value/call.h and runtime/var.h. */
#define JANK_VAR_ROOT 8    /* the value */
#define JANK_VAR_CALLEE 12 /* always a function object: see runtime/var.h */
#define JANK_FN_TYPE 1     /* the first byte of a function object */
#define JANK_FN_CODE 8
#define JANK_FN_CAPTURES 16
#define JANK_CODE_ENTRIES 24 /* entry for n arguments: + 4 * n */

#endif
