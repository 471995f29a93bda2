/* jank_hot.h - functions of a C or C++ program that are replaced while it runs.
 *
 *   JANK_HOT(int, ggg, (int v)) { return v + 48; }     in one source file
 *   JANK_HOT_DECLARE(int, ggg, (int v));               where others call it
 *   ggg(10)                                            as any function
 *   (c/ggg 10)                                         from jank
 *
 * `jank-hot bundle native.c` makes the program, `jank-hot watch native.c` sends
 * what is saved. A call goes through a pointer, with plain C types. A program
 * that is built in any other way runs as if the macros were not there.
 *
 * A patch is the whole file, compiled again. What becomes of the rest of it:
 *   - Variables (file-scope, static in functions, global) stay where they are
 *     and keep their values. One that the program does not have is made by the
 *     patch, with its initial value, and kept by later ones. One whose size
 *     changed is refused: what is in it would be lost.
 *   - Constants, text and functions without JANK_HOT are the patch's own, and
 *     serve its functions. A function whose address the file takes (a callback,
 *     a virtual method) is replaced for those who have the address, too.
 *   - A function with JANK_HOT keeps its signature for as long as the program
 *     runs: its callers are compiled.
 *
 * From jank, arguments and results are converted: integers (checked against the
 * range of their type), float, double, bool; const char * is a string or nil,
 * copied on its way back; other pointers are integers, NULL as an argument also
 * nil. A struct by value cannot be passed. A value of jank (jank_object *) that
 * C keeps across a call has to be where the collector looks: see JANK_VALUE.
 */
#ifndef JANK_HOT_H
#define JANK_HOT_H

#include "jank.h"

#ifdef __cplusplus
extern "C" {
#endif

struct jank_hot_function {
  const char *name;  /* "ggg" */
  const char *kinds; /* of the result and each parameter: JANK_HOT_KIND_LIST */
  const char *text;  /* "int ggg(int v)" */
  const char *file;
  uint32_t line;
  void *pointer; /* the variable that callers call through */
};
/* Before jank_runtime_init: `c/name` is made then. The constructor that
 * JANK_HOT leaves in the program calls it. The record must stay. */
JANK_API void jank_hot_register(const struct jank_hot_function *function);

/* What patches find in the program by name: its variables (size: in bytes), and
 * its functions (0). `jank-hot bundle` writes the table, which must stay. */
struct jank_native_symbol {
  const char *key; /* "count", static: "native.c:count"; "other(id)i" */
  void *address;
  uint32_t size;
};
JANK_API void jank_native_register(const struct jank_native_symbol *symbols,
                                   uint32_t count);

#ifdef __cplusplus
}
#endif

/* A local variable that holds a value of jank across calls, in C that is
 * patched: the collector sees memory, not the engine's registers. */
#define JANK_VALUE(name)                                                       \
  jank_object *name = 0;                                                       \
  __asm__ volatile("" : : "r"(&(name)) : "memory")

/* ---- Kinds of types ------------------------------------------------------ */

/* C: by the type of a function that has the parameter, so that its name does not
 * matter. '?' is anything else: a pointer when its text has a * or [, as a rule. */
#define JANK_HOT_KIND_LIST(X)                                                  \
  X(_Bool, 'b')                                                                \
  X(char, 'a')                                                                 \
  X(signed char, 'a')                                                          \
  X(unsigned char, 'h')                                                        \
  X(short, 's')                                                                \
  X(unsigned short, 't')                                                       \
  X(int, 'i')                                                                  \
  X(unsigned, 'u')                                                             \
  X(long, 'i')                                                                 \
  X(unsigned long, 'u')                                                        \
  X(long long, 'l')                                                            \
  X(unsigned long long, 'm')                                                   \
  X(float, 'f')                                                                \
  X(double, 'd')                                                               \
  X(const char *, 'z')                                                         \
  X(void, 'v')

#ifdef __cplusplus

#define _Bool bool
struct jank_hot_kinds {
  char text[24];
};
template <class T> struct jank_hot_kind {
  static constexpr char value = __is_enum(T) ? 'i' : 'x';
};
template <class T> struct jank_hot_kind<T *> {
  static constexpr char value = 'p';
};
template <class T> struct jank_hot_kind<T &> {
  static constexpr char value = 'p';
};
#define JANK_HOT_KIND_OF(type, kind)                                           \
  template <> struct jank_hot_kind<type> {                                     \
    static constexpr char value = kind;                                        \
  };
JANK_HOT_KIND_LIST(JANK_HOT_KIND_OF)
#undef JANK_HOT_KIND_OF
#undef _Bool
template <class F> struct jank_hot_signature;
template <class R, class... A> struct jank_hot_signature<R(A...)> {
  static_assert(sizeof...(A) <= 20, "JANK_HOT: 20 parameters at most");
  static constexpr jank_hot_kinds kinds() {
    return {{jank_hot_kind<R>::value, jank_hot_kind<A>::value..., 0}};
  }
};
#define JANK_HOT_KINDS(result, name, params)                                   \
  static constexpr jank_hot_kinds name##_jank_kinds =                          \
      jank_hot_signature<result params>::kinds();
#define JANK_HOT_KINDS_OF(name) name##_jank_kinds.text

#else

#define JANK_HOT_PARAMETER(type, kind) void (*)(type) : kind,
#define JANK_HOT_RESULT(type, kind) type (*)(void) : kind,
#define JANK_HOT_KIND(parameter)                                               \
  _Generic((void (*)(parameter))0,                                             \
      JANK_HOT_KIND_LIST(JANK_HOT_PARAMETER) default: '?')
#define JANK_HOT_KIND_OF_RESULT(result)                                        \
  _Generic((result(*)(void))0, JANK_HOT_KIND_LIST(JANK_HOT_RESULT) default: '?')
#define JANK_HOT_KINDS(result, name, params)                                   \
  static const char name##_jank_kinds[] = {JANK_HOT_KIND_OF_RESULT(result),    \
                                           JANK_HOT_EACH params 0};
#define JANK_HOT_KINDS_OF(name) name##_jank_kinds

#define JANK_HOT_COUNT(p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, p12, p13, \
                       p14, p15, p16, p17, p18, p19, p20, n, ...)              \
  n
#define JANK_HOT_EACH(...)                                                     \
  JANK_HOT_COUNT(__VA_ARGS__, JANK_HOT_20, JANK_HOT_19, JANK_HOT_18,           \
                 JANK_HOT_17, JANK_HOT_16, JANK_HOT_15, JANK_HOT_14,           \
                 JANK_HOT_13, JANK_HOT_12, JANK_HOT_11, JANK_HOT_10,           \
                 JANK_HOT_9, JANK_HOT_8, JANK_HOT_7, JANK_HOT_6, JANK_HOT_5,   \
                 JANK_HOT_4, JANK_HOT_3, JANK_HOT_2, JANK_HOT_1, )             \
  (__VA_ARGS__)
#define JANK_HOT_1(p) JANK_HOT_KIND(p),
#define JANK_HOT_2(p, ...) JANK_HOT_KIND(p), JANK_HOT_1(__VA_ARGS__)
#define JANK_HOT_3(p, ...) JANK_HOT_KIND(p), JANK_HOT_2(__VA_ARGS__)
#define JANK_HOT_4(p, ...) JANK_HOT_KIND(p), JANK_HOT_3(__VA_ARGS__)
#define JANK_HOT_5(p, ...) JANK_HOT_KIND(p), JANK_HOT_4(__VA_ARGS__)
#define JANK_HOT_6(p, ...) JANK_HOT_KIND(p), JANK_HOT_5(__VA_ARGS__)
#define JANK_HOT_7(p, ...) JANK_HOT_KIND(p), JANK_HOT_6(__VA_ARGS__)
#define JANK_HOT_8(p, ...) JANK_HOT_KIND(p), JANK_HOT_7(__VA_ARGS__)
#define JANK_HOT_9(p, ...) JANK_HOT_KIND(p), JANK_HOT_8(__VA_ARGS__)
#define JANK_HOT_10(p, ...) JANK_HOT_KIND(p), JANK_HOT_9(__VA_ARGS__)
#define JANK_HOT_11(p, ...) JANK_HOT_KIND(p), JANK_HOT_10(__VA_ARGS__)
#define JANK_HOT_12(p, ...) JANK_HOT_KIND(p), JANK_HOT_11(__VA_ARGS__)
#define JANK_HOT_13(p, ...) JANK_HOT_KIND(p), JANK_HOT_12(__VA_ARGS__)
#define JANK_HOT_14(p, ...) JANK_HOT_KIND(p), JANK_HOT_13(__VA_ARGS__)
#define JANK_HOT_15(p, ...) JANK_HOT_KIND(p), JANK_HOT_14(__VA_ARGS__)
#define JANK_HOT_16(p, ...) JANK_HOT_KIND(p), JANK_HOT_15(__VA_ARGS__)
#define JANK_HOT_17(p, ...) JANK_HOT_KIND(p), JANK_HOT_16(__VA_ARGS__)
#define JANK_HOT_18(p, ...) JANK_HOT_KIND(p), JANK_HOT_17(__VA_ARGS__)
#define JANK_HOT_19(p, ...) JANK_HOT_KIND(p), JANK_HOT_18(__VA_ARGS__)
#define JANK_HOT_20(p, ...) JANK_HOT_KIND(p), JANK_HOT_19(__VA_ARGS__)

#endif

/* ---- The macros ---------------------------------------------------------- */

/* In a patch (JANK_HOT_PATCH), the record is what its linker looks for; in the
 * program, a constructor registers it. */
#ifdef JANK_HOT_PATCH
#define JANK_HOT_USED __attribute__((used))
#define JANK_HOT_START(name)
#else
#define JANK_HOT_USED
#define JANK_HOT_START(name)                                                   \
  __attribute__((constructor)) static void name##_jank_start(void) {           \
    jank_hot_register(&name##_jank_hot_record);                                \
  }
#endif

#define JANK_HOT(result, name, params)                                         \
  static result name##_jank_hot params;                                        \
  extern result(*name) params;                                                 \
  result(*name) params = name##_jank_hot;                                      \
  JANK_HOT_KINDS(result, name, params)                                         \
  JANK_HOT_USED static const struct jank_hot_function name##_jank_hot_record = \
      {#name,                                                                  \
       JANK_HOT_KINDS_OF(name),                                                \
       #result " " #name #params,                                              \
       __FILE__,                                                               \
       __LINE__,                                                               \
       (void *)&name};                                                         \
  JANK_HOT_START(name)                                                         \
  static result name##_jank_hot params

#define JANK_HOT_DECLARE(result, name, params) extern result(*name) params

#endif
